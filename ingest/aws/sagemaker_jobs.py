"""SageMaker training jobs: what they ran, as whom, on which data, and what came out."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Edge, Node, NodeId
from ingest.aws.asset import props
from ingest.aws.sagemaker import ARN, Listing, node_of, region_call, runs_as
from ingest.fields import Json, flag, member, rows, text, word
from ingest.source import Answer, Feed, Link, Mention, Resource, Shaped

TRAINING = "sagemaker training job"
ARCHIVE = "sagemaker source archive"
INPUT = "input:"
"""What the settings of a job call its input channels: `input:CHANNEL`."""

_FILES = frozenset({"ManifestFile", "AugmentedManifestFile"})


def shape_jobs(answer: Answer) -> Iterator[Shaped]:
    """The training jobs of the account in the region."""
    yield from Listing("TrainingJobSummaries", "TrainingJob", "Job", TRAINING).shape(answer)


def _channels(page: Json) -> Iterator[tuple[str, str, str]]:
    """The S3 inputs of the job: channel, URI, and `object` or `folder`."""
    for at, channel in enumerate(rows(page, "InputDataConfig")):
        place = member(member(channel, "DataSource"), "S3DataSource")
        if uri := text(place, "S3Uri"):
            form = "object" if text(place, "S3DataType") in _FILES else "folder"
            yield text(channel, "ChannelName") or str(at), uri, form


def _script(page: Json) -> str | None:
    """The S3 URI of the source archive; SDKs write it into the hyperparameters, some of them in quotes."""
    value = text(member(page, "HyperParameters"), "sagemaker_submit_directory")
    uri = value.strip().strip('"') if value else ""
    return uri if uri.startswith("s3://") else None


def shape_job(answer: Answer) -> Iterator[Shaped]:
    """The role, the code, the data and the result of the job."""
    for page in answer.pages:
        node = NodeId(
            text(page, "TrainingJobArn") or node_of(answer, "training-job", answer.argument)
        )
        state = text(page, "TrainingJobStatus")
        running = state == "InProgress"
        isolated = bool(flag(page, "EnableNetworkIsolation"))
        key = text(member(page, "ResourceConfig"), "VolumeKmsKeyId")
        yield Node(
            node,
            "Job",
            props(
                state=state,
                reruns=None
                if state is None
                else running,  # a job that ended is never started again
                private_only=bool(member(page, "VpcConfig")),
                cmk=False if key is None else None,
                settings=_settings(page) or None,
            ),
        )
        if (role := text(page, "RoleArn")) and not isolated:
            yield from runs_as(node, role)
        if key is not None:
            yield Mention(Link.KEY, node, key)
        if image := text(member(page, "AlgorithmSpecification"), "TrainingImage"):
            yield Mention(Link.IMAGE, node, image)
        yield from _code(page, node)
        yield from _places(page, node)


def _settings(page: Json) -> dict[str, str]:
    held = {
        "execution_role": text(page, "RoleArn"),
        "network_isolation": word(flag(page, "EnableNetworkIsolation")),
        "output": text(member(page, "OutputDataConfig"), "S3OutputPath"),
        "output_key": text(member(page, "OutputDataConfig"), "KmsKeyId"),
        "artifact": text(member(page, "ModelArtifacts"), "S3ModelArtifacts"),
        **{f"{INPUT}{name}": uri for name, uri, _ in _channels(page)},
    }
    return {name: value for name, value in held.items() if value}


def _code(page: Json, node: NodeId) -> Iterator[Shaped]:
    uri = _script(page)
    if uri is None:
        return
    code = NodeId(uri.rstrip("/"))
    yield Node(
        code,
        "Code",
        props(
            name=uri.rstrip("/").rpartition("/")[2],
            platform="aws",
            flavour=ARCHIVE,
            uri=uri,
        ),
    )
    yield Edge("EXECUTES", node, code)
    yield Mention(Link.STORED_IN, code, uri, {"form": "object"})


def _places(page: Json, node: NodeId) -> Iterator[Mention]:
    """The places in S3 that the job reads or writes."""
    for _, uri, form in _channels(page):
        yield Mention(Link.NAMES, node, uri, {"form": form})
    written = (
        text(member(page, "OutputDataConfig"), "S3OutputPath"),
        text(member(page, "CheckpointConfig"), "S3Uri"),
    )
    for place in written:
        if place is not None:
            yield Mention(Link.NAMES, node, place, {"form": "folder"})
    if artefact := text(member(page, "ModelArtifacts"), "S3ModelArtifacts"):
        yield Mention(Link.NAMES, node, artefact, {"form": "object"})


RESOURCES = (
    Resource(
        "aws.training-jobs",
        "The training jobs of the account.",
        region_call(
            "list_training_jobs", "ListTrainingJobs", items="TrainingJobSummaries", paginated=True
        ),
        shape_jobs,
    ),
    Resource(
        "aws.training-job-descriptions",
        "The role, code, data and result of a training job.",
        region_call(
            "describe_training_job",
            "DescribeTrainingJob",
            params={"TrainingJobName": "{item}"},
            subject=ARN.format(form="training-job"),
            feeds=(Feed("sagemaker.list_training_jobs", "TrainingJobSummaries.TrainingJobName"),),
        ),
        shape_job,
    ),
)
