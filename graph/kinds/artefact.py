"""Artefacts: what is built, registered, loaded and run."""

from graph.model import Capability
from graph.schema import ADMIN, INVOKE, PROMOTE, READ, WRITE, Family, NodeKind, Prop

LOCATION = Prop("uri", "str", "Where its content lies, as the platform writes it.")
FLAVOUR = Prop("flavour", "str", "The platform's own type.")
TEXT = Prop("settings", "map", "Settings that a precondition or a rule reads.")


def _kind(
    name: str, doc: str, caps: tuple[Capability, ...], start: Capability, *props: Prop
) -> NodeKind:
    return NodeKind(name, Family.ARTEFACT, doc, caps, start, (LOCATION, FLAVOUR, TEXT, *props))


NODES = (
    _kind(
        "Model",
        "A registered model or package group; carries aliases, stages and approval.",
        (READ, WRITE, PROMOTE, ADMIN),
        PROMOTE,
        Prop("aliases", "map", "Alias or stage to version."),
    ),
    _kind(
        "ModelVersion",
        "A version or package, SageMaker Model, custom or imported model.",
        (READ, WRITE, INVOKE, PROMOTE, ADMIN),
        WRITE,
        Prop("format", "str", "The format of the artefact, where known."),
        Prop("hash", "str", "The hash of the artefact, where known."),
        Prop("approval", "str", "The approval status the registry holds."),
    ),
    _kind(
        "Code",
        "A script, source archive, notebook file, repository, lifecycle configuration or init script.",
        (READ, WRITE, ADMIN),
        WRITE,
        Prop("hash", "str", "The hash of the content, where it was read."),
    ),
    _kind(
        "Image",
        "A container repository or image.",
        (READ, WRITE, ADMIN),
        WRITE,
        Prop(
            "last_used",
            "time",
            "When it was last pulled, as far as the platform tells.",
            volatile=True,
        ),
    ),
    _kind(
        "KnowledgeBase",
        "A retrieval store that agents are grounded on.",
        (READ, WRITE, ADMIN),
        WRITE,
    ),
    _kind("VectorIndex", "A vector index or search collection.", (READ, WRITE, ADMIN), WRITE),
    _kind("FeatureStore", "A feature group or feature store.", (READ, WRITE, ADMIN), WRITE),
    _kind("Guardrail", "A content guardrail or content filter policy.", (WRITE, ADMIN), WRITE),
)
