"""Secrets Manager: secrets with their keys, rotation, last use, tags and policies; never a value."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import NodeId, Role
from ingest.aws.asset import listed, tag_props, told
from ingest.aws.written import UnreadableDocumentError, attached
from ingest.fields import Json, flag, member, moment, number, tag_map, text, word
from ingest.source import Answer, Call, Feed, Link, Mention, Resource, Shaped, Skipped

FLAVOUR = "secrets manager secret"


def shape_secrets(answer: Answer) -> Iterator[Shaped]:
    """The secrets of the account in the region."""
    for row in answer.each("SecretList"):
        arn = text(row, "ARN")
        if arn is None:
            yield Skipped(str(answer.key), "a secret has no ARN")
            continue
        key = text(row, "KmsKeyId")
        yield from listed(
            arn,
            "Secret",
            account=answer.account,
            region=answer.region,
            name=text(row, "Name"),
            flavour=FLAVOUR,
            created=moment(row, "CreatedDate"),
            last_changed=moment(row, "LastChangedDate"),
            last_used=moment(row, "LastAccessedDate"),
            last_rotated=moment(row, "LastRotatedDate"),
            # SOURCE: Secrets Manager API reference, SecretListEntry: no key id where it is the service's own.
            cmk=False if "KmsKeyId" not in row else None,
            settings=_settings(row) or None,
            # SOURCE: getmoto/moto pull request 7547, which follows the service: no list where there never was a tag.
            **(tag_props(tag_map(row, "Tags")) if isinstance(row.get("Tags", []), list) else {}),
        )
        if key is not None:
            yield Mention(Link.KEY, NodeId(arn), key)


def _settings(row: Json) -> dict[str, str]:
    rules = member(row, "RotationRules")
    days = number(rules, "AutomaticallyAfterDays")
    return told(
        rotation=word(flag(row, "RotationEnabled")),
        rotation_function=text(row, "RotationLambdaARN"),
        rotation_role=text(row, "ExternalSecretRotationRoleArn"),
        rotation_days=None if days is None else str(days),
        rotation_schedule=text(rules, "ScheduleExpression"),
        owning_service=text(row, "OwningService"),
        primary_region=text(row, "PrimaryRegion"),
        type=text(row, "Type"),
        deleted=moment(row, "DeletedDate"),
    )


def shape_policy(answer: Answer) -> Iterator[Shaped]:
    """Who else may use the secret; an answer without the policy says that there is none."""
    for page in answer.pages:
        if "ResourcePolicy" not in page:
            continue
        try:
            yield from attached(
                NodeId(text(page, "ARN") or answer.argument),
                Role.RESOURCE,
                page.get("ResourcePolicy"),
            )
        except UnreadableDocumentError as error:
            yield Skipped(f"policy of secret `{answer.argument}`", str(error))


RESOURCES = (
    Resource(
        "aws.secrets",
        "The secrets of the account, without their values.",
        Call(
            "secretsmanager",
            "list_secrets",
            "secretsmanager:ListSecrets",
            regional=True,
            items="SecretList",
            paginated=True,
            tells_tags=True,
        ),
        shape_secrets,
    ),
    Resource(
        "aws.secret-policies",
        "Who else may use a secret.",
        Call(
            "secretsmanager",
            "get_resource_policy",
            "secretsmanager:GetResourcePolicy",
            regional=True,
            params={"SecretId": "{item}"},
            feeds=(Feed("secretsmanager.list_secrets", "SecretList.ARN"),),
            subject="{item}",
        ),
        shape_policy,
    ),
)
