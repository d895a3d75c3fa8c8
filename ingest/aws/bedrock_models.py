"""Bedrock models: custom and imported ones, the jobs that make them, and the vendor's own that the estate names."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Edge, Node, NodeId
from ingest.aws.asset import listed, props, referenced
from ingest.aws.bedrock import (
    CUSTOM,
    DEPLOYMENT,
    IMPORTED,
    node_of,
    regional,
    s3_uri,
    sealed,
    told,
    word_at,
)
from ingest.aws.names import Arn, account_of
from ingest.fields import Json, member, moment, rows, text, words
from ingest.source import Answer, Feed, Link, Mention, Resource, Shaped, Skipped

JOB = "bedrock customization job"
FOLDER = {"form": "folder"}


def shape_customs(answer: Answer) -> Iterator[Shaped]:
    """The custom models of the account in the region, and those that others share with it."""
    for row in answer.each("modelSummaries"):
        arn = text(row, "modelArn")
        if arn is None:
            yield Skipped(str(answer.key), "a custom model has no `modelArn`")
            continue
        held = {
            "base_model": text(row, "baseModelArn"),
            "customization": text(row, "customizationType"),
            "owner_account": text(row, "ownerAccountId"),
            "state": text(row, "modelStatus"),
        }
        owner = held["owner_account"] or account_of(arn) or answer.account
        told_of = props(
            name=text(row, "modelName"),
            flavour=CUSTOM,
            created=moment(row, "creationTime"),
            settings=told(held),
        )
        if owner == answer.account:
            yield from listed(arn, "ModelVersion", account=owner, region=answer.region, **told_of)
        else:  # shared: its own account lists it, or nobody does
            yield referenced(arn, "ModelVersion", account=owner, region=answer.region, **told_of)
        yield from _derived(NodeId(arn), text(row, "baseModelArn"))


def _derived(model: NodeId, base: str | None) -> Iterator[Node | Edge]:
    """The customer's own model that this one was made from; what the vendor trained is in the settings only."""
    arn = Arn.parse(base or "")
    if base is None or arn is None or arn.resource.startswith("foundation-model/"):
        return
    yield referenced(base, "ModelVersion", account=account_of(base), name=arn.name)
    yield Edge("DERIVED_FROM", model, NodeId(base))


def shape_custom(answer: Answer) -> Iterator[Shaped]:
    """What a custom model was made from, by which job, and with which key it is encrypted."""
    for page in answer.pages:
        node = NodeId(text(page, "modelArn") or answer.argument)
        key = text(page, "modelKmsKeyArn")
        yield Node(
            node,
            "ModelVersion",
            props(cmk=False if key is None else None, settings=told(_made(page))),
        )
        yield from sealed(node, key)
        yield from _derived(node, text(page, "baseModelArn"))
        for uri in _read(page):
            yield Mention(Link.TRAINED_ON, node, uri, FOLDER)
        # What the job writes there are metrics; the weights stay with the service.
        # SOURCE: botocore 1.44.5, bedrock `OutputDataConfig`: "the output data"; user guide "Analyze a custom model".
        yield from _named(node, page)


def _made(page: Json) -> dict[str, str | None]:
    """How a model is or was made, as settings."""
    return {
        "job": text(page, "jobArn"),
        "base_model": text(page, "baseModelArn"),
        "customization": text(page, "customizationType"),
        "state": text(page, "modelStatus"),
        "teacher": word_at(
            page, "customizationConfig.distillationConfig.teacherModelConfig.teacherModelIdentifier"
        ),
        "grader": word_at(
            page, "customizationConfig.rftConfig.graderConfig.lambdaGrader.lambdaArn"
        ),
        "training_data": ",".join(_read(page)),
        "output": s3_uri(member(page, "outputDataConfig")),
    }


def _read(page: Json) -> tuple[str, ...]:
    """The S3 URIs of the training data: files of its own, or logs of earlier invocations."""
    data = member(page, "trainingDataConfig")
    logs = words(data, "invocationLogsConfig.invocationLogSource.s3Uri")
    return tuple(dict.fromkeys([*words(data, "s3Uri"), *logs]))


def _named(node: NodeId, page: Json) -> Iterator[Mention]:
    """The places of the validation data and of what the job writes."""
    for validator in rows(member(page, "validationDataConfig"), "validators"):
        if uri := s3_uri(validator):
            yield Mention(Link.NAMES, node, uri, FOLDER)
    if uri := s3_uri(member(page, "outputDataConfig")):
        yield Mention(Link.NAMES, node, uri, FOLDER)


def shape_importeds(answer: Answer) -> Iterator[Shaped]:
    """The imported models of the account in the region."""
    for row in answer.each("modelSummaries"):
        arn = text(row, "modelArn")
        if arn is None:
            yield Skipped(str(answer.key), "an imported model has no `modelArn`")
            continue
        yield from listed(
            arn,
            "ModelVersion",
            account=answer.account,
            region=answer.region,
            name=text(row, "modelName"),
            flavour=IMPORTED,
            created=moment(row, "creationTime"),
            settings=told({"architecture": text(row, "modelArchitecture")}),
        )


def shape_imported(answer: Answer) -> Iterator[Shaped]:
    """Where an imported model came from, by which job, and with which key it is encrypted."""
    for page in answer.pages:
        node = NodeId(text(page, "modelArn") or answer.argument)
        key = text(page, "modelKmsKeyArn")
        uri = s3_uri(member(member(page, "modelDataSource"), "s3DataSource"))
        held = {
            "job": text(page, "jobArn"),
            "architecture": text(page, "modelArchitecture"),
            "source": uri,
        }
        yield Node(
            node,
            "ModelVersion",
            props(cmk=False if key is None else None, uri=uri, settings=told(held)),
        )
        yield from sealed(node, key)
        if uri is not None:
            yield Mention(Link.STORED_IN, node, uri, FOLDER)


def shape_deployments(answer: Answer) -> Iterator[Shaped]:
    """The deployments of custom models for use on demand."""
    for row in answer.each("modelDeploymentSummaries"):
        arn = text(row, "customModelDeploymentArn")
        if arn is None:
            yield Skipped(str(answer.key), "a deployment has no `customModelDeploymentArn`")
            continue
        yield from listed(
            arn,
            "Endpoint",
            account=answer.account,
            region=answer.region,
            name=text(row, "customModelDeploymentName"),
            flavour=DEPLOYMENT,
            state=text(row, "status"),
            created=moment(row, "createdAt"),
            last_changed=moment(row, "lastUpdatedAt"),
            settings=told({"model": text(row, "modelArn")}),
        )
        if model := text(row, "modelArn"):
            yield Mention(Link.MODEL, NodeId(arn), model)


def shape_jobs(answer: Answer) -> Iterator[Shaped]:
    """The customization jobs of the account in the region."""
    for row in answer.each("modelCustomizationJobSummaries"):
        arn = text(row, "jobArn")
        if arn is None:
            yield Skipped(str(answer.key), "a job has no `jobArn`")
            continue
        yield from listed(
            arn,
            "Job",
            account=answer.account,
            region=answer.region,
            name=text(row, "jobName"),
            flavour=JOB,
            state=text(row, "status"),
            created=moment(row, "creationTime"),
            last_changed=moment(row, "lastModifiedTime"),
            settings=told({"output_model": text(row, "customModelArn")}),
        )


def shape_job(answer: Answer) -> Iterator[Shaped]:
    """The role, the data, the network and the result of a customization job.

    The service reads and writes data in the role's name and runs no code of the caller's: whoever changes the job
    does not act as the role, so the role is a setting and no edge.
    """
    for page in answer.pages:
        node = NodeId(text(page, "jobArn") or answer.argument)
        state = text(page, "status")
        key = text(page, "outputModelKmsKeyArn")
        held = _made(page) | {
            "job": None,
            "state": None,
            "execution_role": text(page, "roleArn"),
            "output_model": text(page, "outputModelArn"),
            "subnets": word_at(page, "vpcConfig.subnetIds"),
            "security_groups": word_at(page, "vpcConfig.securityGroupIds"),
        }
        yield Node(
            node,
            "Job",
            props(
                name=text(page, "jobName"),
                state=state,
                reruns=None if state is None else state == "InProgress",  # no job starts again
                private_only=bool(member(page, "vpcConfig")),
                cmk=False if key is None else None,
                settings=told(held),
            ),
        )
        yield from sealed(node, key)
        for uri in _read(page):
            yield Mention(Link.NAMES, node, uri, FOLDER)
        yield from _named(node, page)


def shape_foundations(answer: Answer) -> Iterator[Shaped]:
    """The vendor's models that the region offers: known as nodes only where the estate names them."""
    for row in answer.each("modelSummaries"):
        name = text(row, "modelId")
        arn = text(row, "modelArn")
        if name is None or (arn is not None and Arn.parse(arn) is None):
            yield Skipped(str(answer.key), "a foundation model has no id")
            continue
        partition = node_of(answer, "x", "x").split(":")[1]
        node = NodeId(arn or f"arn:{partition}:bedrock:{answer.region}::foundation-model/{name}")
        held = {
            "provider": text(row, "providerName"),
            "lifecycle": text(member(row, "modelLifecycle"), "status"),
        }
        yield Mention(Link.OFFERED, node, name, told(held) or {})


RESOURCES = (
    Resource(
        "aws.bedrock-custom-models",
        "The custom models of Bedrock.",
        regional(
            "bedrock",
            "list_custom_models",
            "ListCustomModels",
            items="modelSummaries",
            paginated=True,
        ),
        shape_customs,
    ),
    Resource(
        "aws.bedrock-custom-model-descriptions",
        "The data, job, base and key of a custom model.",
        regional(
            "bedrock",
            "get_custom_model",
            "GetCustomModel",
            params={"modelIdentifier": "{item}"},
            subject="{item}",
            feeds=(Feed("bedrock.list_custom_models", "modelSummaries.modelArn"),),
        ),
        shape_custom,
    ),
    Resource(
        "aws.bedrock-imported-models",
        "The imported models of Bedrock.",
        regional(
            "bedrock",
            "list_imported_models",
            "ListImportedModels",
            items="modelSummaries",
            paginated=True,
        ),
        shape_importeds,
    ),
    Resource(
        "aws.bedrock-imported-model-descriptions",
        "The source, job and key of an imported model.",
        regional(
            "bedrock",
            "get_imported_model",
            "GetImportedModel",
            params={"modelIdentifier": "{item}"},
            subject="{item}",
            feeds=(Feed("bedrock.list_imported_models", "modelSummaries.modelArn"),),
        ),
        shape_imported,
    ),
    Resource(
        "aws.bedrock-custom-model-deployments",
        "The deployments of custom models for use on demand.",
        regional(
            "bedrock",
            "list_custom_model_deployments",
            "ListCustomModelDeployments",
            items="modelDeploymentSummaries",
            paginated=True,
        ),
        shape_deployments,
    ),
    Resource(
        "aws.bedrock-customization-jobs",
        "The customization jobs of Bedrock.",
        regional(
            "bedrock",
            "list_model_customization_jobs",
            "ListModelCustomizationJobs",
            items="modelCustomizationJobSummaries",
            paginated=True,
        ),
        shape_jobs,
    ),
    Resource(
        "aws.bedrock-customization-job-descriptions",
        "The role, data, network and result of a customization job.",
        regional(
            "bedrock",
            "get_model_customization_job",
            "GetModelCustomizationJob",
            params={"jobIdentifier": "{item}"},
            subject="{item}",
            feeds=(
                Feed(
                    "bedrock.list_model_customization_jobs", "modelCustomizationJobSummaries.jobArn"
                ),
            ),
        ),
        shape_job,
    ),
    Resource(
        "aws.bedrock-foundation-models",
        "The vendor's models that the region offers.",
        regional(
            "bedrock", "list_foundation_models", "ListFoundationModels", items="modelSummaries"
        ),
        shape_foundations,
    ),
)
