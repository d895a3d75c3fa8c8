"""What IAM users sign in with: keys, passwords, second factors and keys of single services.

Never a secret: AWS hands those out once, when they are made. A key has no ARN; its node is named by the key's own
id, which no other key ever gets and which the audit log gives alone, too.
"""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import GLOBAL_REGION, Certainty, Edge, Node, NodeId, Observation, PropValue
from ingest.aws.asset import account_setting, lacking, listed, props, stated
from ingest.fields import Json, member, moment, text
from ingest.source import PART, Answer, Call, Feed, Resource, Shaped, Skipped

NONE = frozenset({"NoSuchEntity", "NoSuchEntityException"})
_USERS = Feed(
    "iam.get_account_authorization_details", "UserDetailList", members=("UserName", "Arn")
)


def key_node(identifier: str) -> NodeId:
    """The node of the access key with this id."""
    return NodeId(f"aws:access-key/{identifier}")


def service_credential_node(identifier: str) -> NodeId:
    """The node of the service-specific credential with this id."""
    return NodeId(f"aws:service-credential/{identifier}")


def user_of(answer: Answer) -> NodeId:
    """The user that an answer is about: the last part of its argument is the user's ARN."""
    return NodeId(answer.argument.rpartition(PART)[2])


def _whole(answer: Answer, name: str) -> bool:
    """Whether every page holds this list, so that its rows can be counted."""
    return bool(answer.pages) and all(isinstance(page.get(name), list) for page in answer.pages)


def _about(answer: Answer, **values: PropValue | None) -> Node:
    return Node(user_of(answer), "User", props(**values))


def _opens(key: NodeId, user: NodeId, *, enabled: bool | None) -> Edge:
    """Whoever has the key acts as the user; with one that is switched off only once it is on again."""
    off = enabled is False
    return Edge(
        "OPENS",
        key,
        user,
        "CONTROL",
        certainty=Certainty.CONDITIONAL if off else Certainty.DEFINITE,
        conditions=("enabled",) if off else (),
        props={"gain": "CONTROL"},
    )


def _enabled(row: Json) -> bool | None:
    status = text(row, "Status")
    return None if status is None else status == "Active"


def shape_keys(answer: Answer) -> Iterator[Shaped]:
    """The user's access keys, the disabled ones too: they count against the quota of two."""
    yield _about(answer)
    count = 0
    for row in answer.each("AccessKeyMetadata"):
        count += 1
        identifier = text(row, "AccessKeyId")
        if identifier is None:
            yield Skipped(str(answer.key), "an access key has no id")
            continue
        key, enabled = key_node(identifier), _enabled(row)
        yield from listed(
            key,
            "Credential",
            account=answer.account,
            region=GLOBAL_REGION,
            name=identifier,
            flavour="access key",
            enabled=enabled,
            created=moment(row, "CreateDate"),
            settings=stated(status=text(row, "Status")),
        )
        yield _opens(key, user_of(answer), enabled=enabled)
    if _whole(answer, "AccessKeyMetadata"):
        yield _about(answer, access_keys=count)


def shape_key_use(answer: Answer) -> Iterator[Shaped]:
    """When the key was last used, and for what; a key that never was has no time."""
    node = key_node(answer.argument.partition(PART)[0])
    for page in answer.pages:
        used = member(page, "AccessKeyLastUsed")
        when = moment(used, "LastUsedDate")
        yield Node(node, "Credential", props(last_used=when))
        if when is None:
            continue
        for name, told in (("ServiceName", "last_used_service"), ("Region", "last_used_region")):
            if value := text(used, name):
                yield Observation(node, told, value)


def shape_login(answer: Answer) -> Iterator[Shaped]:
    """Whether the user has a console password; there is none where the answer has no pages."""
    if not answer.pages:
        yield _about(answer, console_password=False)
        return
    if lost := lacking(answer, "LoginProfile"):
        yield lost
        return
    for page in answer.pages:
        yield _about(
            answer,
            console_password=True,
            settings=stated(password_created=moment(member(page, "LoginProfile"), "CreateDate")),
        )


def shape_factors(answer: Answer) -> Iterator[Shaped]:
    """Whether the user has a second factor, and which."""
    found = [text(row, "SerialNumber") for row in answer.each("MFADevices")]
    if not _whole(answer, "MFADevices"):
        return
    serials = ",".join(sorted(serial for serial in found if serial))
    yield _about(answer, mfa=bool(found), settings=stated(mfa_devices=serials))


def shape_service_credentials(answer: Answer) -> Iterator[Shaped]:
    """The user's keys of single services, such as API keys of Bedrock.

    Such a key is the user towards one service only. No capability says that much, so it belongs to the user without
    opening them: what is shown is less than what it gives, never more.
    """
    yield _about(answer)
    for row in answer.each("ServiceSpecificCredentials"):
        identifier = text(row, "ServiceSpecificCredentialId")
        if identifier is None:
            yield Skipped(str(answer.key), "a credential has no id")
            continue
        node = service_credential_node(identifier)
        yield from listed(
            node,
            "Credential",
            account=answer.account,
            region=GLOBAL_REGION,
            name=text(row, "ServiceCredentialAlias") or identifier,
            flavour="service-specific credential",
            enabled=_enabled(row),
            created=moment(row, "CreateDate"),
            expires=moment(row, "ExpirationDate"),
            settings=stated(
                status=text(row, "Status"),
                service=text(row, "ServiceName"),
                service_user=text(row, "ServiceUserName"),
                alias=text(row, "ServiceCredentialAlias"),
            ),
        )
        yield Edge("OWNED_BY", node, user_of(answer))


def shape_aliases(answer: Answer) -> Iterator[Shaped]:
    """The name that the account's sign-in page goes by."""
    if lost := lacking(answer, "AccountAliases"):
        yield lost
    for page in answer.pages:
        value = page.get("AccountAliases")
        names = [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
        if names:
            yield account_setting(answer.account, {"alias": ",".join(sorted(names))})


def _per_user(method: str, permission: str, **rest: object) -> Call:
    return Call(
        "iam",
        method,
        f"iam:{permission}",
        params={"UserName": "{0}"},
        feeds=(_USERS,),
        subject="{part1}",
        **rest,  # type: ignore[arg-type]  # the fields of Call by name
    )


RESOURCES = (
    Resource(
        "aws.access-keys",
        "The access keys of a user.",
        _per_user("list_access_keys", "ListAccessKeys", items="AccessKeyMetadata", paginated=True),
        shape_keys,
    ),
    Resource(
        "aws.access-key-use",
        "When an access key was last used.",
        Call(
            "iam",
            "get_access_key_last_used",
            "iam:GetAccessKeyLastUsed",
            params={"AccessKeyId": "{0}"},
            feeds=(Feed("iam.list_access_keys", "AccessKeyMetadata", ("AccessKeyId", "^1")),),
            subject="aws:access-key/{part0}",
        ),
        shape_key_use,
    ),
    Resource(
        "aws.login-profiles",
        "Whether a user has a console password.",
        _per_user("get_login_profile", "GetLoginProfile", known_none=NONE),
        shape_login,
    ),
    Resource(
        "aws.mfa-devices",
        "The second factors of a user.",
        _per_user("list_mfa_devices", "ListMFADevices", items="MFADevices", paginated=True),
        shape_factors,
    ),
    Resource(
        "aws.service-credentials",
        "The credentials of a user for a single service, such as API keys of Bedrock.",
        _per_user(
            "list_service_specific_credentials",
            "ListServiceSpecificCredentials",
            items="ServiceSpecificCredentials",
            token=("Marker", "Marker"),
        ),
        shape_service_credentials,
    ),
    Resource(
        "aws.account-aliases",
        "The alias of the account.",
        Call("iam", "list_account_aliases", "iam:ListAccountAliases", paginated=True),
        shape_aliases,
    ),
)
