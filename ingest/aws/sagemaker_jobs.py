"""SageMaker training jobs: what they ran, as whom, on which data, and what came out."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Edge, NodeId
from ingest.aws.asset import referenced
from ingest.aws.names import account_of
from ingest.aws.sagemaker import ARN, Listing, node_of, region_call
from ingest.aws.sagemaker_work import (
    ARTIFACT,
    INPUT,
    UNDER,
    Port,
    Work,
    archive_of,
    channels,
    count,
    environment,
    systems,
)
from ingest.fields import Json, flag, member, rows, text, texts, word
from ingest.source import Answer, Call, Feed, Resource, Shaped

TRAINING = "sagemaker training job"
RUNNING = frozenset({"InProgress", "Stopping", "INPROGRESS", "STARTING", "STOPPING"})
MANAGERS = (("TuningJobArn", "Job"), ("AutoMLJobArn", "Job"), ("LabelingJobArn", "Job"))
WINDOW = {"LastModifiedTimeAfter": "{since}"}


def jobs_call(method: str, permission: str, items: str) -> Call:
    """A listing of jobs, which are never deleted: those that changed in the window are asked about."""
    return region_call(method, permission, items=items, paginated=True, params=WINDOW, lasting=True)


def described_call(
    method: str, permission: str, name: str, form: str, feed: Feed, *, veils: tuple[str, ...] = ()
) -> Call:
    """The description of one job by its name."""
    return region_call(
        method,
        permission,
        params={name: "{item}"},
        subject=ARN.format(form=form),
        feeds=(feed,),
        veils=veils,
    )


def rerunning(state: str | None) -> bool | None:
    """Whether a job runs on: one that ended is never started again."""
    return None if state is None else state in RUNNING


def started_by(page: Json, names: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """What started the job: kind and id, by the members that name it."""
    return tuple((kind, arn) for name, kind in names if (arn := text(page, name)))


def shape_jobs(answer: Answer) -> Iterator[Shaped]:
    """The training jobs of the account in the region."""
    yield from Listing("TrainingJobSummaries", "TrainingJob", "Job", TRAINING).shape(answer)


def shape_job(answer: Answer) -> Iterator[Shaped]:
    """The role, the code, the data and the result of the job."""
    for page in answer.pages:
        node = NodeId(
            text(page, "TrainingJobArn") or node_of(answer, "training-job", answer.argument)
        )
        state = text(page, "TrainingJobStatus")
        image = text(member(page, "AlgorithmSpecification"), "TrainingImage")
        role = text(page, "RoleArn")
        yield from Work(
            node,
            "Job",
            state=state,
            reruns=rerunning(state),
            roles=(role,) if role else (),
            images=(image,) if image else (),
            volume_key=text(member(page, "ResourceConfig"), "VolumeKmsKeyId"),
            network=page,
            inputs=tuple(channels(page)),
            outputs=tuple(_written(page)),
            code=archive_of(member(page, "HyperParameters")),
            managers=started_by(page, MANAGERS),
            settings=_settings(page, answer),
        ).rows()
        for _, dataset, _ in systems(page, answer):
            yield dataset
        yield from _packages(page)


def _packages(page: Json) -> Iterator[Shaped]:
    """The package that the job made from another one."""
    made = text(page, "OutputModelPackageArn")
    source = text(member(page, "ModelPackageConfig"), "SourceModelPackageArn")
    for package in (made, source):
        if package is not None:
            yield referenced(package, "ModelVersion", account=account_of(package))
    if made is not None and source is not None:
        yield Edge("DERIVED_FROM", NodeId(made), NodeId(source))


def _settings(page: Json, answer: Answer) -> dict[str, str | None]:
    algorithm = member(page, "AlgorithmSpecification")
    output = member(page, "OutputDataConfig")
    serverless = member(page, "ServerlessJobConfig")
    resources = member(page, "ResourceConfig")
    debug = member(page, "RemoteDebugConfig")
    channels_of = list(rows(page, "InputDataConfig"))
    read = {f"{INPUT}{channel}": str(dataset.id) for channel, dataset, _ in systems(page, answer)}
    paths = {f"path:{channel}": path for channel, _, path in systems(page, answer) if path}
    hub = {
        f"{INPUT}{text(row, 'ChannelName') or at}": text(
            member(member(row, "DataSource"), "DatasetSource"), "DatasetArn"
        )
        for at, row in enumerate(channels_of)
        if member(member(row, "DataSource"), "DatasetSource")
    }
    where = text(output, "S3OutputPath")
    name = text(page, "TrainingJobName")
    return {
        **read,
        **paths,
        **hub,
        "output": where,
        "output_key": text(output, "KmsKeyId"),
        ARTIFACT: text(member(page, "ModelArtifacts"), "S3ModelArtifacts"),
        UNDER: f"{where.rstrip('/')}/{name}/" if where and name else None,
        "package": text(page, "OutputModelPackageArn"),
        "registers": text(member(page, "ModelPackageConfig"), "ModelPackageGroupArn"),
        "base_model": text(serverless, "BaseModelArn"),
        "customization": text(serverless, "CustomizationTechnique"),
        "algorithm": text(algorithm, "AlgorithmName"),
        "entrypoint": " ".join(texts(algorithm, "ContainerEntrypoint")),
        "instance_type": text(resources, "InstanceType"),
        "instance_count": count(resources, "InstanceCount"),
        "environment": environment(page),
        "spot": word(flag(page, "EnableManagedSpotTraining")),
        "remote_debug": word(flag(debug, "EnableRemoteDebug")),
        "experiment": text(member(page, "ExperimentConfig"), "ExperimentName"),
        "mlflow": text(member(page, "MlflowConfig"), "MlflowResourceArn"),
    }


def _written(page: Json) -> Iterator[Port]:
    """The places in S3 that the job writes."""
    for name, uri, form in (
        ("model", text(member(page, "OutputDataConfig"), "S3OutputPath"), "folder"),
        ("artifact", text(member(page, "ModelArtifacts"), "S3ModelArtifacts"), "object"),
        ("checkpoints", text(member(page, "CheckpointConfig"), "S3Uri"), "folder"),
        ("debug", text(member(page, "DebugHookConfig"), "S3OutputPath"), "folder"),
        ("profile", text(member(page, "ProfilerConfig"), "S3OutputPath"), "folder"),
        ("tensorboard", text(member(page, "TensorBoardOutputConfig"), "S3OutputPath"), "folder"),
    ):
        if uri is not None:
            yield Port(name, uri, form)


RESOURCES = (
    Resource(
        "aws.training-jobs",
        "The training jobs of the account.",
        jobs_call("list_training_jobs", "ListTrainingJobs", "TrainingJobSummaries"),
        shape_jobs,
    ),
    Resource(
        "aws.training-job-descriptions",
        "The role, code, data and result of a training job.",
        described_call(
            "describe_training_job",
            "DescribeTrainingJob",
            "TrainingJobName",
            "training-job",
            Feed("sagemaker.list_training_jobs", "TrainingJobSummaries.TrainingJobName"),
            veils=("Environment", "HyperParameters:secrets", "AlgorithmSpecification:secrets"),
        ),
        shape_job,
    ),
)
