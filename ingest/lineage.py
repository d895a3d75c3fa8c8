"""Lineage: a model whose artefact a job wrote was trained on what the job read, and data on data likewise."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graph.model import Basis, Certainty, Edge, Node, NodeId, Row
from ingest.aws.sagemaker_pipelines import REGISTERS, TRAINS
from ingest.aws.sagemaker_work import ARTIFACT, INPUT, OUTPUT, UNDER
from ingest.aws.started import models_run
from ingest.estate import Estate, Keys
from ingest.locations import Locations

TRAINING = frozenset(
    {
        "sagemaker.describe_auto_ml_job_v2",
        "sagemaker.describe_hyper_parameter_tuning_job",
        "sagemaker.describe_training_job",
    }
)
MAKING = frozenset(
    {
        "sagemaker.describe_compilation_job",
        "sagemaker.describe_processing_job",
        "sagemaker.describe_transform_job",
    }
)
PIPELINE = "sagemaker.describe_pipeline"
BELOW = "the artefact lies where the job wrote, under a name that it did not tell"
AGAIN = "the version was made by this pipeline, not by other means"
FAILED = "Failed"


@dataclass(frozen=True, slots=True)
class _Work:
    """A workload whose description stands, with the calls that assert it."""

    node: Node
    settings: Mapping[str, str]
    keys: Keys

    def under(self, start: str) -> Iterator[tuple[str, str]]:
        """The settings whose names start so: the rest of the name, and the value."""
        for name, value in sorted(self.settings.items()):
            if name.startswith(start):
                yield name.removeprefix(start), value

    def lineage(
        self,
        kind: str,
        made: NodeId,
        source: NodeId,
        uri: str,
        *,
        did: str = "read",
        only_if: str = "",
        retrains: bool = False,
    ) -> Edge:
        """The edge from what was made to what the workload read, or ran; possible only on the condition `only_if`."""
        return Edge(
            kind,
            made,
            source,
            basis=Basis.INFERRED,
            certainty=Certainty.POSSIBLE if only_if else Certainty.DEFINITE,
            conditions=(only_if,) if only_if else (),
            evidence=(f"{self.node.name} {did} {uri}",),
            props={"retrains": True} if retrains else {},
            asserted_by=self.keys,
        )


class _Models:
    """The model versions of the estate, by where their artefacts lie."""

    def __init__(self, estate: Estate) -> None:
        self._by_uri: dict[str, list[NodeId]] = defaultdict(list)
        for model in estate.of_kind("ModelVersion"):
            uri = model.props.get("uri")
            if isinstance(uri, str):
                self._by_uri[uri].append(model.id)
        self._uris = sorted(self._by_uri)

    def at(self, uri: str) -> tuple[NodeId, ...]:
        """The models whose artefact this is."""
        return tuple(self._by_uri.get(uri, ()))

    def below(self, prefix: str) -> Iterator[NodeId]:
        """The models whose artefact's address starts so; none for a whole bucket, which anyone may write to."""
        if not prefix.removeprefix("s3://").partition("/")[2]:
            return
        for at in range(bisect_left(self._uris, prefix), len(self._uris)):
            if not self._uris[at].startswith(prefix):
                return
            yield from self._by_uri[self._uris[at]]


def trained(estate: Estate, places: Locations) -> Iterator[Row]:
    """TRAINED_ON and DERIVED_FROM edges by addresses, asserted by the answers of the jobs and pipelines.

    A job that ran once retrains nothing: its edges carry lineage and make no move. A pipeline trains again.
    """
    models, data = _Models(estate), _Data(estate, places)
    ran = models_run(estate)
    for work in _works(estate, "Job", TRAINING | MAKING):
        made = dict(_made(work, models, estate))
        for model, sure in made.items():
            only_if = "" if sure else BELOW
            yield from _origins(work, model, models, data, estate, only_if=only_if)
        if any(key.operation in MAKING for key in work.keys):
            yield from _derived(work, models, data, ran.get(work.node.id))
    yield from _retrained(estate, models, data)


def _works(estate: Estate, kind: str, operations: frozenset[str]) -> Iterator[_Work]:
    for node in estate.of_kind(kind):
        settings = node.props.get("settings")
        keys = frozenset(key for key in node.asserted_by if key.operation in operations)
        if isinstance(settings, Mapping) and keys:
            yield _Work(node, settings, keys)


def _made(work: _Work, models: _Models, estate: Estate) -> Iterator[tuple[NodeId, bool]]:
    """The models that the job made, and whether it told their very artefact or package; the sure ones last."""
    for name, prefix in work.under(UNDER):
        if not name or name.startswith(":"):
            yield from ((model, False) for model in models.below(prefix))
    if any(key.operation == "sagemaker.describe_processing_job" for key in work.keys):
        for _, uri in work.under(OUTPUT):
            yield from ((model, False) for model in models.below(f"{uri.rstrip('/')}/"))
    for name, uri in work.under(ARTIFACT):
        if not name or name.startswith(":"):
            yield from ((model, True) for model in models.at(uri))
    package = estate.nodes.get(NodeId(work.settings.get("package", "")))
    if package is not None and package.kind == "ModelVersion":
        yield package.id, True


def _origins(
    work: _Work,
    model: NodeId,
    models: _Models,
    data: _Data,
    estate: Estate,
    *,
    only_if: str,
) -> Iterator[Row]:
    """What the model was made from: every input of the job."""
    compiled = any(key.operation == "sagemaker.describe_compilation_job" for key in work.keys)
    for _, uri in work.under(INPUT):
        sources = [source for source in models.at(uri) if source != model]
        for source in sources:
            yield work.lineage("DERIVED_FROM", model, source, uri, only_if=only_if)
        kind = "DERIVED_FROM" if compiled else "TRAINED_ON"
        for place in () if sources and compiled else data.at(uri):
            yield work.lineage(kind, model, place, uri, only_if=only_if)
    for name in ("source_package", "base_model"):
        source_id = NodeId(work.settings.get(name, ""))
        known = estate.nodes.get(source_id)
        if known is not None and known.kind == "ModelVersion" and source_id != model:
            yield work.lineage("DERIVED_FROM", model, source_id, source_id, only_if=only_if)


class _Data:
    """What addresses of inputs and outputs name: places in S3, feature groups that keep theirs there, file systems."""

    def __init__(self, estate: Estate, places: Locations) -> None:
        self._places = places
        self._systems = {row.id for row in estate.of_kind("Dataset")}
        self._stores = [
            (uri.rstrip("/"), row.id)
            for row in estate.of_kind("FeatureStore")
            if isinstance(uri := row.props.get("uri"), str)
        ]

    def at(self, uri: str) -> tuple[NodeId, ...]:
        """The datasets and feature groups that the address names."""
        if NodeId(uri) in self._systems:
            return (NodeId(uri),)
        place = self._places.node_at(uri)
        found = [place] if place is not None else []
        found += [
            node for start, node in self._stores if f"{uri.rstrip('/')}/".startswith(f"{start}/")
        ]
        return tuple(found)


def _derived(work: _Work, models: _Models, data: _Data, ran: NodeId | None) -> Iterator[Row]:
    """What the job wrote was made from what it read and by the model that it ran; one that failed wrote nothing whole."""
    if str(work.node.props.get("state", "")).capitalize() == FAILED:
        return
    read = [
        (uri, source) for _, uri in work.under(INPUT) for source in (*data.at(uri), *models.at(uri))
    ]
    made = {place for _, uri in work.under(OUTPUT) for place in data.at(uri)}
    for target in sorted(made):
        for uri, source in read:
            if source not in made:
                yield work.lineage("DERIVED_FROM", target, source, uri)
        if ran is not None:
            yield work.lineage("DERIVED_FROM", target, ran, ran, did="ran")


def _retrained(estate: Estate, models: _Models, data: _Data) -> Iterator[Row]:
    """What pipelines train again: the versions below the places that they write, and those of the groups they register in."""
    members: dict[NodeId, list[NodeId]] = defaultdict(list)
    for edge in estate.edges:
        if edge.kind == "VERSION_OF":
            members[edge.target].append(edge.source)
    for work in _works(estate, "Pipeline", frozenset({PIPELINE})):
        registered = {
            version for group in _groups(work, estate) for version in members.get(group, ())
        }
        for name, uri in work.under(TRAINS):
            step = name.partition(".")[0]
            made = {
                model
                for _, place in work.under(f"{OUTPUT}{step}.")
                for model in models.below(f"{place.rstrip('/')}/")
            }
            for model in sorted(made | registered):
                for place_id in data.at(uri):
                    yield work.lineage(
                        "TRAINED_ON",
                        model,
                        place_id,
                        uri,
                        only_if=AGAIN,
                        retrains=True,
                    )


def _groups(work: _Work, estate: Estate) -> Iterator[NodeId]:
    """The package groups that the pipeline registers in."""
    if any(True for _ in work.under(REGISTERS)):
        for edge in estate.edges:
            if edge.kind == "MANAGED_BY" and edge.target == work.node.id:
                yield edge.source
