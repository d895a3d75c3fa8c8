"""Jobs that owe what they run to something else: a transform to its model, a monitoring job to its schedule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graph.model import Edge, Node, NodeId, Row
from ingest.aws.asset import referenced
from ingest.aws.names import account_of, partition_of
from ingest.aws.serving import by_model, loads
from ingest.estate import Estate, Keys
from ingest.source import Link

DESCRIBES_TRANSFORM = "sagemaker.describe_transform_job"
MODEL = "sagemaker model"


def models_run(estate: Estate) -> dict[NodeId, NodeId]:
    """The model that each transform job runs, by the name it has in the job's account and region."""
    models = {
        (row.props.get("account"), row.props.get("region"), row.name): row.id
        for row in estate.of_kind("ModelVersion")
        if row.props.get("flavour") == MODEL
    }
    found: dict[NodeId, NodeId] = {}
    for job in estate.of_kind("Job"):
        settings = job.props.get("settings")
        name = settings.get("model") if isinstance(settings, Mapping) else None
        if name is not None and _keys(job):
            place = (job.props.get("account"), job.props.get("region"), name)
            found[job.id] = models.get(place) or _model_id(job, name)
    return found


def _keys(job: Node) -> Keys:
    return frozenset(key for key in job.asserted_by if key.operation == DESCRIBES_TRANSFORM)


def transformed(estate: Estate) -> Iterator[Row]:
    """What transform jobs run, and as whom: the model's role and images.

    The step to the model is asserted by the job's own answer, what follows from the model by the model's.
    """
    for job_id, model_id in models_run(estate).items():
        job = estate.nodes[job_id]
        yield from loads(job, model_id, _keys(job), estate)
        model = estate.nodes.get(model_id)
        if model is not None:
            yield from by_model(job, model, estate)


def _model_id(job: Node, name: str) -> NodeId:
    """The model of a job that nobody lists: deleted, or not read. ARNs of models spell names in lower case."""
    start = str(job.id).partition(":transform-job/")[0]
    if start == str(job.id):
        region, account = str(job.props.get("region", "")), str(job.props.get("account", ""))
        start = f"arn:{partition_of(region)}:sagemaker:{region}:{account}"
    return NodeId(f"{start}:model/{name.lower()}")


def started(estate: Estate) -> Iterator[Row]:
    """The jobs that schedules start: they run again as long as their schedule does."""
    for mention in estate.mentions(Link.STARTS):
        target = NodeId(mention.text)
        stub = referenced(target, "Job", account=account_of(target), name=target.rpartition("/")[2])
        yield Node(target, "Job", stub.props, asserted_by=mention.asserted_by)
        known = estate.nodes.get(target)
        if known is not None and not known.props.get("referenced_only"):
            again = {"reruns": True} if mention.props.get("reruns") == "true" else {}
            yield Node(target, "Job", again, asserted_by=mention.asserted_by)
        yield Edge("TRIGGERS", mention.subject, target, asserted_by=mention.asserted_by)
