"""SageMaker pipelines: what their steps run, as whom, on which data; who made them, and who started them last."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from graph.model import Edge, Node, NodeId, Observation
from ingest.aws.asset import props, referenced
from ingest.aws.functions import function_node
from ingest.aws.names import Arn, account_of
from ingest.aws.pipeline_steps import Step, steps_of
from ingest.aws.sagemaker import ARN, Listing, node_of, region_call, runs_as
from ingest.aws.sagemaker_work import CODE, INPUT, OUTPUT, executes, told
from ingest.fields import Json, member, moment, text
from ingest.source import Answer, Feed, Link, Mention, Oddity, Resource, Shaped

PIPELINE = "sagemaker pipeline"
TRAINS, REGISTERS = "trains:", "registers:"
"""The settings that tell lineage what a pipeline trains on, and into which group a step registers."""
LAST = {"SortBy": "CreationTime", "SortOrder": "Descending", "MaxResults": 1}


def shape_pipelines(answer: Answer) -> Iterator[Shaped]:
    """The pipelines of the account in the region, and when each was last started."""
    yield from Listing("PipelineSummaries", "Pipeline", "Pipeline", PIPELINE).shape(answer)
    for row in answer.each("PipelineSummaries"):
        node = text(row, "PipelineArn")
        if node is None:
            continue
        if last := moment(row, "LastExecutionTime"):
            yield Node(NodeId(node), "Pipeline", {"last_active": last})
        if role := text(row, "RoleArn"):
            yield from runs_as(NodeId(node), role)


def shape_pipeline(answer: Answer) -> Iterator[Shaped]:
    """What the pipeline's steps do, as whom, and who made it."""
    for page in answer.pages:
        node = NodeId(text(page, "PipelineArn") or node_of(answer, "pipeline", answer.argument))
        state = text(page, "PipelineStatus")
        definition = text(page, "PipelineDefinition")
        steps = steps_of(definition) if definition is not None else ()
        if steps is None:
            # The service also takes a definition by its place; it then answers with what lies there.
            yield Oddity(f"pipeline `{node}`", "its definition is no JSON with steps")
        held = steps or ()
        digest = hashlib.sha256((definition or "").encode()).hexdigest()
        settings = {
            "execution_role": text(page, "RoleArn"),
            "definition_hash": f"sha256:{digest}" if definition else None,
            "description": text(page, "PipelineDescription"),
            "created_by": _who(member(page, "CreatedBy")),
            "changed_by": _who(member(page, "LastModifiedBy")),
            "steps": ",".join(f"{step.name}:{step.type}" for step in held),
        }
        for step in held:
            settings |= _step_settings(step)
        yield Node(
            node,
            "Pipeline",
            props(
                state=state,
                # Whoever may start it starts it again, as it is then defined.
                reruns=None if state is None else state == "Active",
                settings=told(settings) or None,
            ),
        )
        if role := text(page, "RoleArn"):
            yield from runs_as(node, role)
        yield from _by(node, page)
        for step in held:
            yield from _done(answer, node, step)


def _by(node: NodeId, page: Json) -> Iterator[Mention]:
    """Who created the pipeline, as far as the answer names an identity."""
    by = member(page, "CreatedBy")
    for name in (text(member(by, "IamIdentity"), "Arn"), text(by, "UserProfileArn")):
        if name is not None:
            yield Mention(Link.CREATED_BY, node, name)


def _who(by: Json) -> str | None:
    """The user profile or identity, in one text."""
    identity = member(by, "IamIdentity")
    return (
        text(by, "UserProfileArn")
        or text(identity, "Arn")
        or text(identity, "SourceIdentity")
        or text(identity, "PrincipalId")
        or text(by, "UserProfileName")
    )


def _step_settings(step: Step) -> dict[str, str | None]:
    held: dict[str, str | None] = {
        f"{name}:{step.name}": value for name, value in step.settings.items()
    }
    held |= {f"image:{step.name}.{at}": image for at, image in enumerate(step.images)}
    held |= {f"{INPUT}{step.name}.{port.name}": port.uri for port in step.inputs}
    held |= {f"{OUTPUT}{step.name}.{port.name}": port.uri for port in step.outputs}
    held |= {f"{CODE}{step.name}.{port.name}": port.uri for port in step.code}
    if step.type in {"Training", "Tuning", "AutoML"}:
        held |= {f"{TRAINS}{step.name}.{port.name}": port.uri for port in step.inputs}
    held[f"step_role:{step.name}"] = step.role
    held[f"calls:{step.name}"] = step.function
    held[f"{REGISTERS}{step.name}"] = step.registers
    return held


def _done(answer: Answer, node: NodeId, step: Step) -> Iterator[Shaped]:
    """The edges of one step."""
    if step.role and step.runs and not step.isolated and Arn.parse(step.role) is not None:
        yield from runs_as(node, step.role)
    for image in step.images:
        yield Mention(Link.IMAGE, node, image)
    for port in step.code:
        yield from executes(node, port)
    for port in (*step.inputs, *step.outputs):
        if port.uri.startswith("s3://"):
            yield Mention(Link.NAMES, node, port.uri, {"form": port.form})
    if step.function is not None:
        called = function_node(step.function, account=answer.account, region=answer.region)
        yield referenced(called, "Function", account=account_of(called), region=answer.region)
        yield Edge("CALLS", node, called)
    if step.registers is not None:
        group = (
            NodeId(step.registers)
            if Arn.parse(step.registers) is not None
            else node_of(answer, "model-package-group", step.registers)
        )
        yield referenced(
            group,
            "Model",
            account=account_of(group),
            region=answer.region,
            name=group.rpartition("/")[2],
        )
        yield Edge("MANAGED_BY", group, node)


def shape_executions(answer: Answer) -> Iterator[Shaped]:
    """The newest execution of the pipeline, and how it ended."""
    node = node_of(answer, "pipeline", answer.argument)
    for row in list(answer.each("PipelineExecutionSummaries"))[:1]:
        arn = text(row, "PipelineExecutionArn")
        # The ARN spells the pipeline's name as the platform does, in lower case.
        home = NodeId(arn.partition("/execution/")[0]) if arn and "/execution/" in arn else node
        if started := moment(row, "StartTime"):
            yield Node(home, "Pipeline", {"last_active": started})
        for name, value in (
            ("last_execution", arn),
            ("last_execution_status", text(row, "PipelineExecutionStatus")),
        ):
            if value is not None:
                yield Observation(home, name, value)


def shape_execution(answer: Answer) -> Iterator[Shaped]:
    """Who started the pipeline last, and as whom it then ran."""
    for page in answer.pages:
        arn = text(page, "PipelineArn") or answer.argument.partition("/execution/")[0]
        for name, value in (
            ("last_started_by", _who(member(page, "CreatedBy"))),
            ("last_execution_role", text(page, "RoleArn")),
        ):
            if value is not None:
                yield Observation(NodeId(arn), name, value)


RESOURCES = (
    Resource(
        "aws.pipelines",
        "The pipelines of the account.",
        region_call("list_pipelines", "ListPipelines", items="PipelineSummaries", paginated=True),
        shape_pipelines,
    ),
    Resource(
        "aws.pipeline-descriptions",
        "The steps, role and creator of a pipeline.",
        region_call(
            "describe_pipeline",
            "DescribePipeline",
            params={"PipelineName": "{item}"},
            subject=ARN.format(form="pipeline"),
            feeds=(Feed("sagemaker.list_pipelines", "PipelineSummaries.PipelineName"),),
            veils=("PipelineDefinition:json",),
        ),
        shape_pipeline,
    ),
    Resource(
        "aws.pipeline-executions",
        "The newest execution of a pipeline.",
        region_call(
            "list_pipeline_executions",
            "ListPipelineExecutions",
            params={"PipelineName": "{item}", **LAST},
            subject=ARN.format(form="pipeline"),
            items="PipelineExecutionSummaries",  # one page of one: older ones say nothing new
            feeds=(Feed("sagemaker.list_pipelines", "PipelineSummaries.PipelineName"),),
        ),
        shape_executions,
    ),
    Resource(
        "aws.pipeline-execution-descriptions",
        "Who started the newest execution of a pipeline.",
        region_call(
            "describe_pipeline_execution",
            "DescribePipelineExecution",
            params={"PipelineExecutionArn": "{item}"},
            subject="{item}",
            feeds=(
                Feed(
                    "sagemaker.list_pipeline_executions",
                    "PipelineExecutionSummaries.PipelineExecutionArn",
                ),
            ),
        ),
        shape_execution,
    ),
)
