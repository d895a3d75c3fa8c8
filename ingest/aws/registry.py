"""SageMaker's model registry: groups of packages with their policies, the packages, and the cards of models."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from graph.model import Edge, Node, NodeId, PropValue, Role
from ingest.aws.asset import listed, props, referenced
from ingest.aws.makers import made, maker_owner, maker_settings
from ingest.aws.names import Arn, account_of
from ingest.aws.sagemaker import ARN, node_of, region_call
from ingest.aws.sagemaker_models import artefacts, format_of
from ingest.aws.written import UnreadableDocumentError, attached
from ingest.fields import Json, member, moment, rows, string_map, text
from ingest.source import Answer, Feed, Link, Mention, Resource, Shaped, Skipped

GROUP = "sagemaker model package group"
PACKAGE = "sagemaker model package"
ARTEFACT = "artifact:"
"""What the settings of a package call its artefacts: `artifact:0`."""


def _set(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def shape_groups(answer: Answer) -> Iterator[Shaped]:
    """The model package groups of the account in the region."""
    word = "ModelPackageGroup"
    for row in answer.each(f"{word}SummaryList"):
        arn = text(row, f"{word}Arn")
        if arn is None:
            yield Skipped(str(answer.key), f"an item of `{word}SummaryList` has no `{word}Arn`")
            continue
        settings = _set(
            state=text(row, f"{word}Status"), description=text(row, f"{word}Description")
        )
        yield from listed(
            arn,
            "Model",
            account=answer.account,
            region=answer.region,
            name=text(row, f"{word}Name"),
            flavour=GROUP,
            registered=True,
            created=moment(row, "CreationTime"),
            settings=settings or None,
        )


def shape_group(answer: Answer) -> Iterator[Shaped]:
    """Who made the group; the rest of what it says is in the listing."""
    for page in answer.pages:
        arn = text(page, "ModelPackageGroupArn")
        node = NodeId(arn or node_of(answer, "model-package-group", answer.argument))
        yield Node(node, "Model", props(settings=maker_settings(page) or None, **maker_owner(page)))
        yield from made(node, page)


def shape_policy(answer: Answer) -> Iterator[Shaped]:
    """Who beyond the account may use the packages of a group; nobody where the answer has no pages."""
    node = node_of(answer, "model-package-group", answer.argument)
    for page in answer.pages:
        try:
            yield from attached(node, Role.RESOURCE, page.get("ResourcePolicy"))
        except UnreadableDocumentError as error:
            yield Skipped(f"policy of model package group `{answer.argument}`", str(error))


def _name(row: Json, arn: str) -> str:
    """A version is called after its group; the platform gives it no name of its own."""
    return text(row, "ModelPackageName") or arn.partition(":model-package/")[2] or arn


def _approval(row: Json) -> dict[str, PropValue]:
    """The approval that the registry holds, and whether the package is registered or only logged."""
    status, kind = text(row, "ModelApprovalStatus"), text(row, "ModelPackageRegistrationType")
    return props(
        approval=status,
        approved=None if status is None else status == "Approved",
        registered=kind != "Logged",
    )


def _life(row: Json) -> dict[str, str]:
    life = member(row, "ModelLifeCycle")
    return _set(
        state=text(row, "ModelPackageStatus"),
        stage=text(life, "Stage"),
        stage_status=text(life, "StageStatus"),
    )


def _version_of(answer: Answer, row: Json, node: NodeId) -> Iterator[Shaped]:
    """The group of a version, which lies beside it: versions are listed where their group is."""
    group = text(row, "ModelPackageGroupName")
    if group is None:
        return
    account = account_of(node) or answer.account
    target = node_of(answer, "model-package-group", group)
    if account != answer.account:
        target = NodeId(target.replace(f":{answer.account}:", f":{account}:", 1))
    yield referenced(
        target, "Model", account=account, region=answer.region, name=group, flavour=GROUP
    )
    yield Edge("VERSION_OF", node, target)


def shape_packages(answer: Answer) -> Iterator[Shaped]:
    """The packages of one group, or those of no group."""
    for row in answer.each("ModelPackageSummaryList"):
        arn = text(row, "ModelPackageArn")
        if arn is None:
            yield Skipped(
                str(answer.key), "an item of `ModelPackageSummaryList` has no `ModelPackageArn`"
            )
            continue
        settings = _life(row)
        version = row.get("ModelPackageVersion")
        if isinstance(version, int):
            settings["version"] = str(version)
        yield from listed(
            arn,
            "ModelVersion",
            account=answer.account,
            region=answer.region,
            name=_name(row, arn),
            flavour=PACKAGE,
            created=moment(row, "CreationTime"),
            settings=settings or None,
            **_approval(row),
        )
        yield from _version_of(answer, row, NodeId(arn))


def containers(page: Json) -> list[Json]:
    """The containers of a package: those that answer calls, then those of further specifications."""
    specifications = [member(page, "InferenceSpecification")]
    specifications += rows(page, "AdditionalInferenceSpecifications")
    return [container for held in specifications for container in rows(held, "Containers")]


def shape_package(answer: Answer) -> Iterator[Shaped]:
    """What the package holds and was made from, who made it, and how it was approved."""
    for page in answer.pages:
        node = NodeId(answer.argument)
        sources = list(rows(member(page, "SourceAlgorithmSpecification"), "SourceAlgorithms"))
        held = [*containers(page), *sources]
        places = list(dict.fromkeys(place for row in held for place in artefacts(row)))
        formats = {format_of(uri) for uri, _ in places}
        key = text(member(page, "SecurityConfig"), "KmsKeyId")
        yield Node(
            node,
            "ModelVersion",
            props(
                uri=places[0][0] if places else None,
                format=formats.pop() if len(formats) == 1 else None,
                cmk=False if key is None else None,
                last_changed=moment(page, "LastModifiedTime"),
                settings=_settings(page, held, [uri for uri, _ in places]) or None,
                **_approval(page),
                **maker_owner(page),
            ),
        )
        yield from _version_of(answer, page, node)
        yield from made(node, page)
        if key is not None:
            yield Mention(Link.KEY, node, key)
        for uri, form in places:
            yield Mention(Link.STORED_IN, node, uri, {"form": form})
        for source in (text(page, "SourceUri"), *(text(row, "AlgorithmName") for row in sources)):
            yield from _made_from(node, source or "")


def _settings(page: Json, held: list[Json], places: list[str]) -> dict[str, str]:
    card = member(page, "ModelCard")
    origin = string_map(page, "MetadataProperties")
    words = {
        "CommitId": "commit",
        "Repository": "repository",
        "GeneratedBy": "generated_by",
        "ProjectId": "project",
    }
    algorithms = (
        name
        for row in rows(member(page, "SourceAlgorithmSpecification"), "SourceAlgorithms")
        if (name := text(row, "AlgorithmName"))
    )
    found = _set(
        approval_description=text(page, "ApprovalDescription"),
        source=text(page, "SourceUri"),
        algorithms=",".join(algorithms),
        skips_validation=text(page, "SkipModelValidation"),
        card=text(card, "ModelCardStatus") or ("present" if text(card, "ModelCardContent") else ""),
        metrics="present" if member(page, "ModelMetrics") else "",
        validation_role=text(member(page, "ValidationSpecification"), "ValidationRole"),
        **{word: origin.get(name, "") for name, word in words.items()},
    )
    for at, row in enumerate(held):
        found |= _set(
            **{f"image:{at}": text(row, "Image"), f"digest:{at}": text(row, "ImageDigest")}
        )
    return (
        found | _life(page) | maker_settings(page)
        | {f"{ARTEFACT}{at}": uri for at, uri in enumerate(places)}
    )  # fmt: skip


def _made_from(node: NodeId, source: str) -> Iterator[Shaped]:
    """What the package was copied or registered from: another package, a model, or a place in S3."""
    if source.startswith("s3://"):
        yield Mention(Link.DERIVED_FROM, node, source, {"form": "folder"})
        return
    arn = Arn.parse(source)
    form = arn.resource.partition("/")[0] if arn is not None else ""
    if form in {"model-package", "model"} and source != node:
        name = source.partition("/")[2]
        yield referenced(source, "ModelVersion", account=account_of(source), name=name)
        yield Edge("DERIVED_FROM", node, NodeId(source))


def shape_card(answer: Answer) -> Iterator[Shaped]:
    """The model that a card documents, and the card's status; what else it says of the model is not kept.

    # SOURCE: SageMaker's model card JSON schema, members `model_overview` and `model_package_details` (check)
    """
    for page in answer.pages:
        name = text(page, "ModelCardName") or answer.argument
        try:
            content = json.loads(text(page, "Content") or "{}")
        except (ValueError, RecursionError):
            yield Skipped(f"model card `{name}`", "its content is no JSON")
            continue
        if not isinstance(content, Mapping):
            continue
        told = (
            text(member(content, "model_package_details"), "model_package_arn"),
            text(member(content, "model_overview"), "model_id"),
        )
        card = NodeId(text(page, "ModelCardArn") or node_of(answer, "model-card", name))
        status = text(page, "ModelCardStatus") or ""
        for model in dict.fromkeys(model for model in told if model):
            yield Mention(Link.CARD, card, model, {"name": name, "status": status})


_GROUPS = (
    Feed(
        "sagemaker.list_model_package_groups",
        "ModelPackageGroupSummaryList.ModelPackageGroupName",
    ),
)


RESOURCES = (
    Resource(
        "aws.model-groups",
        "The model package groups of the account.",
        region_call(
            "list_model_package_groups",
            "ListModelPackageGroups",
            items="ModelPackageGroupSummaryList",
            paginated=True,
        ),
        shape_groups,
    ),
    Resource(
        "aws.model-group-descriptions",
        "Who made a model package group.",
        region_call(
            "describe_model_package_group",
            "DescribeModelPackageGroup",
            params={"ModelPackageGroupName": "{item}"},
            subject=ARN.format(form="model-package-group"),
            feeds=_GROUPS,
        ),
        shape_group,
    ),
    Resource(
        "aws.model-group-policies",
        "Who beyond the account may use the packages of a group.",
        region_call(
            "get_model_package_group_policy",
            "GetModelPackageGroupPolicy",
            params={"ModelPackageGroupName": "{item}"},
            subject=ARN.format(form="model-package-group"),
            feeds=_GROUPS,
            # SOURCE: hashicorp/terraform-provider-aws, model package group policies: a ValidationException with
            # "Cannot find resource policy", read 2026-11-26
            known_none=frozenset({"ValidationException: cannot find resource policy"}),
        ),
        shape_policy,
    ),
    Resource(
        "aws.model-packages",
        "The packages of a model package group, and those of no group.",
        region_call(
            "list_model_packages",
            "ListModelPackages",
            # SOURCE: botocore 1.44.8, ListModelPackagesInput.ModelPackageType: without it, or a group, no versions.
            params={"{0}": "{1}"},
            items="ModelPackageSummaryList",
            paginated=True,
            feeds=(
                Feed(
                    "sagemaker.list_model_package_groups",
                    members=("=ModelPackageType", "=Unversioned"),
                ),
                Feed(
                    "sagemaker.list_model_package_groups",
                    "ModelPackageGroupSummaryList",
                    ("=ModelPackageGroupName", "ModelPackageGroupName"),
                ),
            ),
        ),
        shape_packages,
    ),
    Resource(
        "aws.model-package-descriptions",
        "The contents, maker and approval of a model package.",
        region_call(
            "describe_model_package",
            "DescribeModelPackage",
            params={"ModelPackageName": "{item}"},
            subject="{item}",
            feeds=(
                Feed("sagemaker.list_model_packages", "ModelPackageSummaryList.ModelPackageArn"),
            ),
            veils=(
                "InferenceSpecification.Containers.Environment",
                "AdditionalInferenceSpecifications.Containers.Environment",
                "ValidationSpecification.ValidationProfiles.TransformJobDefinition.Environment",
            ),
        ),
        shape_package,
    ),
    Resource(
        "aws.model-cards",
        "The model cards of the account, by name.",
        region_call(
            "list_model_cards", "ListModelCards", items="ModelCardSummaries", paginated=True
        ),
        lambda _answer: (),  # names and states only: each is described
    ),
    Resource(
        "aws.model-card-descriptions",
        "The model that a card documents.",
        region_call(
            "describe_model_card",
            "DescribeModelCard",
            params={"ModelCardName": "{item}"},
            subject=ARN.format(form="model-card"),
            feeds=(Feed("sagemaker.list_model_cards", "ModelCardSummaries.ModelCardName"),),
        ),
        shape_card,
    ),
)
