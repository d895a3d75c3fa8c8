"""SageMaker processing, transform and compilation jobs: data made from data, by a script, a model or a compiler."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import NodeId
from ingest.aws.sagemaker import Listing, node_of
from ingest.aws.sagemaker_jobs import described_call, jobs_call, rerunning, started_by
from ingest.aws.sagemaker_work import (
    ARTIFACT,
    Port,
    Work,
    count,
    environment,
    processing_inputs,
    processing_outputs,
    s3_form,
)
from ingest.fields import Json, member, rows, text, texts
from ingest.source import Answer, Feed, Resource, Shaped

PROCESSING = "sagemaker processing job"
TRANSFORM = "sagemaker transform job"
COMPILATION = "sagemaker compilation job"


def shape_processing_jobs(answer: Answer) -> Iterator[Shaped]:
    """The processing jobs of the account in the region."""
    yield from Listing("ProcessingJobSummaries", "ProcessingJob", "Job", PROCESSING).shape(answer)


def shape_processing_job(answer: Answer) -> Iterator[Shaped]:
    """The role, the code, the data and the results of the job."""
    for page in answer.pages:
        node = text(page, "ProcessingJobArn") or node_of(answer, "processing-job", answer.argument)
        state = text(page, "ProcessingJobStatus")
        data, code = processing_inputs(page)
        role = text(page, "RoleArn")
        image = text(member(page, "AppSpecification"), "ImageUri")
        cluster = member(member(page, "ProcessingResources"), "ClusterConfig")
        yield from Work(
            NodeId(node),
            "Job",
            state=state,
            reruns=rerunning(state),
            roles=(role,) if role else (),
            images=(image,) if image else (),
            volume_key=text(cluster, "VolumeKmsKeyId"),
            network=member(page, "NetworkConfig"),
            inputs=data,
            outputs=processing_outputs(page),
            code=code,
            managers=started_by(
                page,
                (
                    ("MonitoringScheduleArn", "Schedule"),
                    ("AutoMLJobArn", "Job"),
                    ("TrainingJobArn", "Job"),
                ),
            ),
            settings=_processing_settings(page, cluster),
            tells_key=bool(cluster),
        ).rows()


def _processing_settings(page: Json, cluster: Json) -> dict[str, str | None]:
    app = member(page, "AppSpecification")
    output = member(page, "ProcessingOutputConfig")
    groups = {
        f"feature_group:{text(row, 'OutputName') or at}": text(
            member(row, "FeatureStoreOutput"), "FeatureGroupName"
        )
        for at, row in enumerate(rows(output, "Outputs"))
    }
    queries: dict[str, str | None] = {}
    for at, row in enumerate(rows(page, "ProcessingInputs")):
        name = text(row, "InputName") or str(at)
        asked = member(row, "DatasetDefinition")
        athena = member(asked, "AthenaDatasetDefinition")
        redshift = member(asked, "RedshiftDatasetDefinition")
        source = (athena and "athena") or (redshift and "redshift")
        if source:
            found = athena or redshift
            place = (text(found, "Catalog") or text(found, "ClusterId"), text(found, "Database"))
            queries[f"query:{name}"] = ".".join([str(source), *(part for part in place if part)])
            queries[f"query_role:{name}"] = text(redshift, "ClusterRoleArn")
    return {
        **groups,
        **queries,
        "output_key": text(output, "KmsKeyId"),
        # Arguments may carry secrets; the entry point is a command and its paths.
        "entrypoint": " ".join(texts(app, "ContainerEntrypoint")),
        "instance_type": text(cluster, "InstanceType"),
        "instance_count": count(cluster, "InstanceCount"),
        "environment": environment(page),
        "experiment": text(member(page, "ExperimentConfig"), "ExperimentName"),
    }


def shape_transform_jobs(answer: Answer) -> Iterator[Shaped]:
    """The transform jobs of the account in the region."""
    yield from Listing("TransformJobSummaries", "TransformJob", "Job", TRANSFORM).shape(answer)


def shape_transform_job(answer: Answer) -> Iterator[Shaped]:
    """The model that the job runs, what it reads and what it writes; its role and images are the model's."""
    for page in answer.pages:
        node = NodeId(
            text(page, "TransformJobArn") or node_of(answer, "transform-job", answer.argument)
        )
        state = text(page, "TransformJobStatus")
        model = text(page, "ModelName")
        place = member(member(member(page, "TransformInput"), "DataSource"), "S3DataSource")
        output = member(page, "TransformOutput")
        capture = member(page, "DataCaptureConfig")
        resources = member(page, "TransformResources")
        read, written = text(place, "S3Uri"), text(output, "S3OutputPath")
        captured = text(capture, "DestinationS3Uri")
        yield from Work(
            node,
            "Job",
            state=state,
            reruns=rerunning(state),
            volume_key=text(resources, "VolumeKmsKeyId"),
            inputs=(Port("data", read, s3_form(place)),) if read else (),
            outputs=(
                *((Port("result", written),) if written else ()),
                *((Port("capture", captured),) if captured else ()),
            ),
            managers=started_by(page, (("LabelingJobArn", "Job"), ("AutoMLJobArn", "Job"))),
            settings={
                "model": model,
                "output_key": text(output, "KmsKeyId"),
                "capture_key": text(capture, "KmsKeyId"),
                "instance_type": text(resources, "InstanceType"),
                "instance_count": count(resources, "InstanceCount"),
                "environment": environment(page),
                "experiment": text(member(page, "ExperimentConfig"), "ExperimentName"),
            },
            tells_network=False,  # its network is the model's
            tells_key=bool(resources),
        ).rows()


def shape_compilation_jobs(answer: Answer) -> Iterator[Shaped]:
    """The compilation jobs of the account in the region."""
    listing = Listing("CompilationJobSummaries", "CompilationJob", "Job", COMPILATION)
    yield from listing.shape(answer)


def shape_compilation_job(answer: Answer) -> Iterator[Shaped]:
    """The artefact that the job compiled, as whom, and what came out."""
    for page in answer.pages:
        node = text(page, "CompilationJobArn") or node_of(
            answer, "compilation-job", answer.argument
        )
        state = text(page, "CompilationJobStatus")
        role = text(page, "RoleArn")
        source = member(page, "InputConfig")
        output = member(page, "OutputConfig")
        read, written = text(source, "S3Uri"), text(output, "S3OutputLocation")
        made = text(member(page, "ModelArtifacts"), "S3ModelArtifacts")
        yield from Work(
            NodeId(node),
            "Job",
            state=state,
            reruns=rerunning(state),
            roles=(role,) if role else (),
            network=page,
            inputs=(Port("model", read, "object"),) if read else (),
            outputs=(
                *((Port("compiled", written),) if written else ()),
                *((Port("artifact", made, "object"),) if made else ()),
            ),
            settings={
                ARTIFACT: made,
                "source_package": text(page, "ModelPackageVersionArn"),
                "output_key": text(output, "KmsKeyId"),
                "framework": text(source, "Framework"),
                "target": text(output, "TargetDevice"),
                "inference_image": text(page, "InferenceImage"),
                "hash": text(member(page, "ModelDigests"), "ArtifactDigest"),
            },
            tells_key=False,  # it has no volume of its own
        ).rows()


RESOURCES = (
    Resource(
        "aws.processing-jobs",
        "The processing jobs of the account.",
        jobs_call("list_processing_jobs", "ListProcessingJobs", "ProcessingJobSummaries"),
        shape_processing_jobs,
    ),
    Resource(
        "aws.processing-job-descriptions",
        "The role, code, data and results of a processing job.",
        described_call(
            "describe_processing_job",
            "DescribeProcessingJob",
            "ProcessingJobName",
            "processing-job",
            Feed("sagemaker.list_processing_jobs", "ProcessingJobSummaries.ProcessingJobName"),
            veils=("Environment", "AppSpecification:secrets"),
        ),
        shape_processing_job,
    ),
    Resource(
        "aws.transform-jobs",
        "The batch transform jobs of the account.",
        jobs_call("list_transform_jobs", "ListTransformJobs", "TransformJobSummaries"),
        shape_transform_jobs,
    ),
    Resource(
        "aws.transform-job-descriptions",
        "The model, data and results of a transform job.",
        described_call(
            "describe_transform_job",
            "DescribeTransformJob",
            "TransformJobName",
            "transform-job",
            Feed("sagemaker.list_transform_jobs", "TransformJobSummaries.TransformJobName"),
            veils=("Environment",),
        ),
        shape_transform_job,
    ),
    Resource(
        "aws.compilation-jobs",
        "The jobs that compile models for a device.",
        jobs_call("list_compilation_jobs", "ListCompilationJobs", "CompilationJobSummaries"),
        shape_compilation_jobs,
    ),
    Resource(
        "aws.compilation-job-descriptions",
        "The role, source and result of a compilation job.",
        described_call(
            "describe_compilation_job",
            "DescribeCompilationJob",
            "CompilationJobName",
            "compilation-job",
            Feed("sagemaker.list_compilation_jobs", "CompilationJobSummaries.CompilationJobName"),
        ),
        shape_compilation_job,
    ),
)
