"""Lineage: a model whose artefact a job wrote was trained on what the job read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from graph.model import Basis, Edge, NodeId, Row
from ingest.aws.sagemaker_jobs import INPUT
from ingest.estate import Estate
from ingest.locations import Locations

DESCRIBES_JOB = "sagemaker.describe_training_job"


def trained(estate: Estate, places: Locations) -> Iterator[Row]:
    """TRAINED_ON edges by the artefact's address, asserted by the job's own answer.

    A job that ran once retrains nothing: the edges carry lineage and make no move.
    """
    models: dict[str, list[NodeId]] = defaultdict(list)
    for model in estate.of_kind("ModelVersion"):
        uri = model.props.get("uri")
        if isinstance(uri, str):
            models[uri].append(model.id)
    for job in estate.of_kind("Job"):
        settings = job.props.get("settings")
        keys = frozenset(key for key in job.asserted_by if key.operation == DESCRIBES_JOB)
        if not isinstance(settings, Mapping) or not keys:
            continue
        for model_id in models.get(settings.get("artifact", ""), ()):
            for name, uri in sorted(settings.items()):
                data = places.node_at(uri) if name.startswith(INPUT) else None
                if data is not None:
                    yield Edge(
                        "TRAINED_ON",
                        model_id,
                        data,
                        basis=Basis.INFERRED,
                        evidence=(f"{job.name} read {uri}",),
                        asserted_by=keys,
                    )
