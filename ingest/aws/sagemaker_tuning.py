"""SageMaker jobs that start other jobs: tuning, AutoML, and labelling."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from graph.model import Node, NodeId
from ingest.aws.asset import props
from ingest.aws.sagemaker import Listing, node_of
from ingest.aws.sagemaker_jobs import described_call, jobs_call, rerunning
from ingest.aws.sagemaker_work import (
    ARTIFACT,
    UNDER,
    Port,
    Work,
    archive_of,
    channels,
    environment,
    s3_form,
    systems,
    told,
)
from ingest.fields import Json, flag, member, rows, text
from ingest.source import Answer, Feed, Link, Mention, Resource, Shaped

TUNING = "sagemaker tuning job"
AUTOML = "sagemaker automl job"
LABELING = "sagemaker labeling job"


def shape_tuning_jobs(answer: Answer) -> Iterator[Shaped]:
    """The tuning jobs of the account in the region."""
    listing = Listing("HyperParameterTuningJobSummaries", "HyperParameterTuningJob", "Job", TUNING)
    yield from listing.shape(answer)


def _definitions(page: Json) -> list[tuple[str, Json]]:
    """The trainings that the job varies, each with how its channels' names start."""
    one = member(page, "TrainingJobDefinition")
    many = list(rows(page, "TrainingJobDefinitions"))
    return [
        *([("", one)] if one else []),
        *((f"{text(row, 'DefinitionName') or at}.", row) for at, row in enumerate(many)),
    ]


def _network(definitions: list[tuple[str, Json]]) -> dict[str, object]:
    """The network that all trainings share; what one of them lacks, the job lacks."""
    found: dict[str, object] = {}
    for name in ("EnableNetworkIsolation", "EnableInterContainerTrafficEncryption"):
        flags = [flag(row, name) for _, row in definitions]
        if flags and None not in flags:
            found[name] = all(flags)
    networks = [member(row, "VpcConfig") for _, row in definitions]
    if networks and all(networks):
        found["VpcConfig"] = networks[0]
    return found


def shape_tuning_job(answer: Answer) -> Iterator[Shaped]:
    """What the trainings of the job run, as whom, and on which data."""
    for page in answer.pages:
        node = text(page, "HyperParameterTuningJobArn") or node_of(
            answer, "hyper-parameter-tuning-job", answer.argument
        )
        state = text(page, "HyperParameterTuningJobStatus")
        definitions = _definitions(page)
        trainings = [row for _, row in definitions]
        keys = [_volume_key(row) for row in trainings]
        yield from Work(
            NodeId(node),
            "Job",
            state=state,
            reruns=rerunning(state),
            # A training that is cut off from the network does not act as its role.
            roles=tuple(
                role
                for row in trainings
                if (role := text(row, "RoleArn")) and not flag(row, "EnableNetworkIsolation")
            ),
            images=tuple(
                image
                for row in trainings
                if (image := text(member(row, "AlgorithmSpecification"), "TrainingImage"))
            ),
            volume_key=keys[0] if keys and all(keys) else None,
            network=_network(definitions),
            inputs=tuple(
                Port(f"{start}{port.name}", port.uri, port.form)
                for start, row in definitions
                for port in channels(row)
            ),
            outputs=tuple(
                Port(f"{start}model", uri)
                for start, row in definitions
                if (uri := text(member(row, "OutputDataConfig"), "S3OutputPath"))
            ),
            code=tuple(
                chain.from_iterable(
                    archive_of(member(row, "StaticHyperParameters")) for row in trainings
                )
            ),
            settings=_tuning_settings(page, definitions, answer),
            tells_network=bool(definitions),
            tells_key=bool(definitions),
        ).rows()
        for _, row in definitions:
            yield from (dataset for _, dataset, _ in systems(row, answer))


def _volume_key(training: Json) -> str | None:
    several = member(training, "HyperParameterTuningResourceConfig")
    return text(member(training, "ResourceConfig"), "VolumeKmsKeyId") or text(
        several, "VolumeKmsKeyId"
    )


def _tuning_settings(
    page: Json, definitions: list[tuple[str, Json]], answer: Answer
) -> dict[str, str | None]:
    name = text(page, "HyperParameterTuningJobName")
    held: dict[str, str | None] = {
        "strategy": text(member(page, "HyperParameterTuningJobConfig"), "Strategy"),
        "execution_role": ",".join(
            dict.fromkeys(role for _, row in definitions if (role := text(row, "RoleArn")))
        ),
        "best": text(member(page, "BestTrainingJob"), "TrainingJobArn"),
        "parents": ",".join(
            parent
            for row in rows(member(page, "WarmStartConfig"), "ParentHyperParameterTuningJobs")
            if (parent := text(row, "HyperParameterTuningJobName"))
        ),
    }
    for at, (start, row) in enumerate(definitions):
        output = member(row, "OutputDataConfig")
        where = text(output, "S3OutputPath")
        held[f"{start}output_key"] = text(output, "KmsKeyId")
        held[f"{start}environment"] = environment(row)
        # Its training jobs are named after it, and write below what they are named.
        held[f"{UNDER}:{at}"] = f"{where.rstrip('/')}/{name}-" if where and name else None
        for channel, dataset, path in systems(row, answer):
            held[f"input:{start}{channel}"] = str(dataset.id)
            held[f"path:{start}{channel}"] = path
    return held


def shape_automl_jobs(answer: Answer) -> Iterator[Shaped]:
    """The AutoML jobs of the account in the region."""
    yield from Listing("AutoMLJobSummaries", "AutoMLJob", "Job", AUTOML).shape(answer)


def shape_automl_job(answer: Answer) -> Iterator[Shaped]:
    """The data that the job searched a model for, as whom, and what it found."""
    for page in answer.pages:
        node = text(page, "AutoMLJobArn") or node_of(answer, "automl-job", answer.argument)
        state = text(page, "AutoMLJobStatus")
        role = text(page, "RoleArn")
        security = member(page, "SecurityConfig")
        written = text(member(page, "OutputDataConfig"), "S3OutputPath")
        yield from Work(
            NodeId(node),
            "Job",
            state=state,
            reruns=rerunning(state),
            roles=(role,) if role else (),
            volume_key=text(security, "VolumeKmsKeyId"),
            network=security,
            inputs=tuple(_automl_inputs(page)),
            outputs=(Port("model", written),) if written else (),
            settings=_automl_settings(page, written),
        ).rows()


def _automl_inputs(page: Json) -> Iterator[Port]:
    for at, channel in enumerate(rows(page, "AutoMLJobInputDataConfig")):
        place = member(member(channel, "DataSource"), "S3DataSource")
        if uri := text(place, "S3Uri"):
            yield Port(text(channel, "ChannelType") or str(at), uri, s3_form(place))


def _automl_settings(page: Json, written: str | None) -> dict[str, str | None]:
    best = member(page, "BestCandidate")
    name = text(page, "AutoMLJobName")
    problem = member(
        member(page, "AutoMLProblemTypeConfig"),
        f"{text(page, 'AutoMLProblemTypeConfigName') or ''}JobConfig",
    )
    artefacts = [text(row, "ModelDataUrl") for row in rows(best, "InferenceContainers")]
    return {
        "output_key": text(member(page, "OutputDataConfig"), "KmsKeyId"),
        "problem": text(page, "AutoMLProblemTypeConfigName"),
        "base_model": text(problem, "BaseModelName"),
        "best": text(best, "CandidateName"),
        "deploys": text(member(page, "ModelDeployResult"), "EndpointName"),
        **{f"{ARTIFACT}:{at}": uri for at, uri in enumerate(artefacts)},
        UNDER: f"{written.rstrip('/')}/{name}/" if written and name else None,
    }


def shape_labeling_jobs(answer: Answer) -> Iterator[Shaped]:
    """The labelling jobs of the account in the region: what is labelled, by which team, and where it ends up."""
    listing = Listing("LabelingJobSummaryList", "LabelingJob", "Job", LABELING)
    yield from listing.shape(answer)
    for row in answer.each("LabelingJobSummaryList"):
        node = text(row, "LabelingJobArn")
        if node is None:
            continue
        source = member(member(row, "InputConfig"), "DataSource")
        read = text(member(source, "S3DataSource"), "ManifestS3Uri")
        result = member(row, "LabelingJobOutput")
        written = text(result, "OutputDatasetS3Uri")
        state = text(row, "LabelingJobStatus")
        settings = {
            "workteam": text(row, "WorkteamArn"),
            "before": text(row, "PreHumanTaskLambdaArn"),
            "after": text(row, "AnnotationConsolidationLambdaArn"),
            "topic": text(member(source, "SnsDataSource"), "SnsTopicArn"),
            "learning_model": text(result, "FinalActiveLearningModelArn"),
            "input:manifest": read,
            "output:labels": written,
        }
        yield Node(
            NodeId(node),
            "Job",
            props(reruns=_labelling(state), settings=told(settings) or None),
        )
        for uri in (read, written):
            if uri is not None:
                yield Mention(Link.NAMES, NodeId(node), uri, {"form": "object"})


def _labelling(state: str | None) -> bool | None:
    return None if state is None else state in {"Initializing", "InProgress", "Stopping"}


RESOURCES = (
    Resource(
        "aws.tuning-jobs",
        "The hyperparameter tuning jobs of the account.",
        jobs_call(
            "list_hyper_parameter_tuning_jobs",
            "ListHyperParameterTuningJobs",
            "HyperParameterTuningJobSummaries",
        ),
        shape_tuning_jobs,
    ),
    Resource(
        "aws.tuning-job-descriptions",
        "The trainings of a tuning job: role, code and data.",
        described_call(
            "describe_hyper_parameter_tuning_job",
            "DescribeHyperParameterTuningJob",
            "HyperParameterTuningJobName",
            "hyper-parameter-tuning-job",
            Feed(
                "sagemaker.list_hyper_parameter_tuning_jobs",
                "HyperParameterTuningJobSummaries.HyperParameterTuningJobName",
            ),
            veils=(
                "TrainingJobDefinition:secrets",
                "TrainingJobDefinitions:secrets",
                "BestTrainingJob.TunedHyperParameters:secrets",
                "OverallBestTrainingJob.TunedHyperParameters:secrets",
            ),
        ),
        shape_tuning_job,
    ),
    Resource(
        "aws.automl-jobs",
        "The AutoML jobs of the account.",
        jobs_call("list_auto_ml_jobs", "ListAutoMLJobs", "AutoMLJobSummaries"),
        shape_automl_jobs,
    ),
    Resource(
        "aws.automl-job-descriptions",
        "The role, data and result of an AutoML job.",
        described_call(
            "describe_auto_ml_job_v2",
            "DescribeAutoMLJobV2",
            "AutoMLJobName",
            "automl-job",
            Feed("sagemaker.list_auto_ml_jobs", "AutoMLJobSummaries.AutoMLJobName"),
            veils=("BestCandidate:secrets",),
        ),
        shape_automl_job,
    ),
    Resource(
        "aws.labeling-jobs",
        "The labelling jobs of the account, with their data and team.",
        jobs_call("list_labeling_jobs", "ListLabelingJobs", "LabelingJobSummaryList"),
        shape_labeling_jobs,
    ),
)
