"""SageMaker model monitoring: schedules, and the job definitions that they start."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from graph.model import Node, NodeId
from ingest.aws.asset import listed
from ingest.aws.sagemaker import ARN, Listing, node_of, region_call
from ingest.aws.sagemaker_work import Port, Work, count, environment
from ingest.fields import Json, member, moment, rows, text, texts
from ingest.source import Answer, Feed, Link, Mention, Resource, Shaped, Skipped

SCHEDULE = "sagemaker monitoring schedule"


@dataclass(frozen=True, slots=True)
class Definition:
    """One of the four families of monitoring job definitions, and how the platform spells it."""

    type: str  # as schedules name it
    word: str  # starts the names of its members
    method: str
    form: str  # in ARNs

    @property
    def flavour(self) -> str:
        """Our name of it."""
        return f"sagemaker {self.form.replace('-', ' ')}"


DEFINITIONS = (
    Definition("DataQuality", "DataQuality", "data_quality", "data-quality-job-definition"),
    Definition("ModelBias", "ModelBias", "model_bias", "model-bias-job-definition"),
    Definition(
        "ModelExplainability",
        "ModelExplainability",
        "model_explainability",
        "model-explainability-job-definition",
    ),
    Definition("ModelQuality", "ModelQuality", "model_quality", "model-quality-job-definition"),
)
FORMS = {row.type: row.form for row in DEFINITIONS}


def _code(app: Json) -> tuple[Port, ...]:
    """The scripts that are run before and after the analysis."""
    return tuple(
        Port(name, uri, "object")
        for name, member_name in (
            ("preprocessor", "RecordPreprocessorSourceUri"),
            ("postprocessor", "PostAnalyticsProcessorSourceUri"),
        )
        if (uri := text(app, member_name))
    )


def _inputs(sources: list[Json], base: Json, app: Json) -> tuple[Port, ...]:
    """What the monitoring compares: captures, ground truth, baselines and its configuration."""
    found = [
        ("capture", text(member(row, "BatchTransformInput"), "DataCapturedDestinationS3Uri"))
        for row in sources
    ]
    found += [("truth", text(member(row, "GroundTruthS3Input"), "S3Uri")) for row in sources]
    found.append(("constraints", text(member(base, "ConstraintsResource"), "S3Uri")))
    found.append(("statistics", text(member(base, "StatisticsResource"), "S3Uri")))
    found.append(("config", text(app, "ConfigUri")))
    objects = {"constraints", "statistics", "config"}
    return tuple(
        Port(name, uri, "object" if name in objects else "folder") for name, uri in found if uri
    )


def _outputs(config: Json) -> tuple[Port, ...]:
    return tuple(
        Port(str(at), uri)
        for at, row in enumerate(rows(config, "MonitoringOutputs"))
        if (uri := text(member(row, "S3Output"), "S3Uri"))
    )


def monitoring(
    node: NodeId, kind: str, held: Json, *, parts: tuple[str, str, str, str, str]
) -> Work:
    """The workload of a job definition whose parts are called so: app, inputs, outputs, resources, baseline."""
    app, source, output = (member(held, name) for name in parts[:3])
    sources = [*([source] if source else []), *rows(held, parts[1])]
    cluster = member(member(held, parts[3]), "ClusterConfig")
    base = member(held, parts[4])
    role, image = text(held, "RoleArn"), text(app, "ImageUri")
    endpoints = [text(member(row, "EndpointInput"), "EndpointName") for row in sources]
    return Work(
        node,
        kind,
        roles=(role,) if role else (),
        images=(image,) if image else (),
        volume_key=text(cluster, "VolumeKmsKeyId"),
        network=member(held, "NetworkConfig"),
        inputs=_inputs(sources, base, app),
        outputs=_outputs(output),
        code=_code(app),
        settings={
            "endpoint": ",".join(name for name in endpoints if name),
            "baseline_job": text(base, "BaseliningJobName"),
            "output_key": text(output, "KmsKeyId"),
            "entrypoint": " ".join(texts(app, "ContainerEntrypoint")),
            "environment": environment(app) or environment(held),
            "instance_type": text(cluster, "InstanceType"),
            "instance_count": count(cluster, "InstanceCount"),
        },
        tells_key=bool(cluster),
    )


def shape_schedules(answer: Answer) -> Iterator[Shaped]:
    """The monitoring schedules of the account in the region."""
    listing = Listing("MonitoringScheduleSummaries", "MonitoringSchedule", "Schedule", SCHEDULE)
    yield from listing.shape(answer)


def shape_schedule(answer: Answer) -> Iterator[Shaped]:
    """What the schedule starts, when, and what its own definition runs."""
    for page in answer.pages:
        node = NodeId(
            text(page, "MonitoringScheduleArn")
            or node_of(answer, "monitoring-schedule", answer.argument)
        )
        state = text(page, "MonitoringScheduleStatus")
        config = member(page, "MonitoringScheduleConfig")
        inline = member(config, "MonitoringJobDefinition")
        kind = text(config, "MonitoringType") or text(page, "MonitoringType") or ""
        name = text(config, "MonitoringJobDefinitionName")
        last = member(page, "LastMonitoringExecutionSummary")
        work = monitoring(
            node,
            "Schedule",
            inline,
            parts=(
                "MonitoringAppSpecification",
                "MonitoringInputs",
                "MonitoringOutputConfig",
                "MonitoringResources",
                "BaselineConfig",
            ),
        )
        settings = {
            **work.settings,
            "endpoint": text(page, "EndpointName") or work.settings["endpoint"],
            "expression": text(member(config, "ScheduleConfig"), "ScheduleExpression"),
            "type": kind,
            "definition": name,
        }
        reruns = None if state is None else state in {"Pending", "Scheduled"}
        # Where it names a definition, network and key are that one's.
        yield from replace(
            work,
            state=state,
            reruns=reruns,
            settings=settings,
            tells_network=bool(inline),
            tells_key=bool(inline),
        ).rows()
        if name is not None and kind in FORMS:
            target = node_of(answer, FORMS[kind], name)
            yield Mention(Link.STARTS, node, target, {"reruns": str(bool(reruns)).lower()})
        if when := moment(last, "ScheduledTime"):
            yield Node(node, "Schedule", {"last_active": when})


def _shape_definitions(row: Definition) -> Callable[[Answer], Iterator[Shaped]]:
    def shape(answer: Answer) -> Iterator[Shaped]:
        for item in answer.each("JobDefinitionSummaries"):
            identifier = text(item, "MonitoringJobDefinitionArn")
            if identifier is None:
                yield Skipped(str(answer.key), "a job definition has no ARN")
                continue
            yield from listed(
                identifier,
                "Job",
                account=answer.account,
                region=answer.region,
                name=text(item, "MonitoringJobDefinitionName"),
                flavour=row.flavour,
                created=moment(item, "CreationTime"),
            )

    return shape


def _shape_definition(row: Definition) -> Callable[[Answer], Iterator[Shaped]]:
    def shape(answer: Answer) -> Iterator[Shaped]:
        for page in answer.pages:
            node = text(page, "JobDefinitionArn") or node_of(answer, row.form, answer.argument)
            yield from monitoring(
                NodeId(node),
                "Job",
                page,
                parts=(
                    f"{row.word}AppSpecification",
                    f"{row.word}JobInput",
                    f"{row.word}JobOutputConfig",
                    "JobResources",
                    f"{row.word}BaselineConfig",
                ),
            ).rows()

    return shape


def _resources(row: Definition) -> Iterator[Resource]:
    """The listing and the description of one family."""
    words = row.form.replace("-", " ")
    yield Resource(
        f"aws.{row.form}s",
        f"The {words}s of the account.",
        region_call(
            f"list_{row.method}_job_definitions",
            f"List{row.word}JobDefinitions",
            items="JobDefinitionSummaries",
            paginated=True,
        ),
        _shape_definitions(row),
    )
    yield Resource(
        f"aws.{row.form}-descriptions",
        f"The role, image, data and network of a {words}.",
        region_call(
            f"describe_{row.method}_job_definition",
            f"Describe{row.word}JobDefinition",
            params={"JobDefinitionName": "{item}"},
            subject=ARN.format(form=row.form),
            feeds=(
                Feed(
                    f"sagemaker.list_{row.method}_job_definitions",
                    "JobDefinitionSummaries.MonitoringJobDefinitionName",
                ),
            ),
            veils=(f"{row.word}AppSpecification:secrets",),
        ),
        _shape_definition(row),
    )


RESOURCES = (
    Resource(
        "aws.monitoring-schedules",
        "The monitoring schedules of the account.",
        region_call(
            "list_monitoring_schedules",
            "ListMonitoringSchedules",
            items="MonitoringScheduleSummaries",
            paginated=True,
        ),
        shape_schedules,
    ),
    Resource(
        "aws.monitoring-schedule-descriptions",
        "What a monitoring schedule starts, and when.",
        region_call(
            "describe_monitoring_schedule",
            "DescribeMonitoringSchedule",
            params={"MonitoringScheduleName": "{item}"},
            subject=ARN.format(form="monitoring-schedule"),
            feeds=(
                Feed(
                    "sagemaker.list_monitoring_schedules",
                    "MonitoringScheduleSummaries.MonitoringScheduleName",
                ),
            ),
            veils=("MonitoringScheduleConfig.MonitoringJobDefinition:secrets",),
        ),
        shape_schedule,
    ),
    *(resource for row in DEFINITIONS for resource in _resources(row)),
)
