"""A path as people read it: one hop per access, membership or move, a sentence each.

Classes, Grants and sets are how the graph keeps access small; a hop shows who gains what on what, and names the Grant,
whose `because` says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graph.kinds.edges import ACTORS
from graph.model import Capability, Certainty, NodeId
from graph.schema import Family, schema
from graph.view import View
from queries.paths import Path, Step
from queries.routes import is_technique

ACCESS = frozenset({"IN_CLASS", "HOLDS", "ON", "COVERS"})
ENTERING = frozenset({"IN_CLASS", "HOLDS"})  # steps that never end a hop


@dataclass(frozen=True, slots=True)
class Hop:
    """What a run of steps comes to: `holder` gains `capability` on `target`, as `sentence` says.

    `identity` is who entered: the identity that holds, or that is a member of the group that holds. `how` is the action
    or technique; `technique` whether it is one. Hops that are no access have no Grant.
    """

    kind: str  # access, or the edge's kind
    identity: NodeId
    holder: NodeId
    target: NodeId
    capability: Capability
    grant: NodeId | None
    how: str | None
    technique: bool
    certainty: Certainty
    conditions: tuple[str, ...]
    indirect: bool
    cost: int
    steps: tuple[Step, ...]
    sentence: str

    def plain(self) -> dict[str, object]:
        """The hop as plain types, for JSON."""
        return {
            "kind": self.kind,
            "identity": self.identity,
            "holder": self.holder,
            "target": self.target,
            "capability": self.capability.value,
            "grant": self.grant,
            "how": self.how,
            "technique": self.technique,
            "certainty": self.certainty.label,
            "conditions": list(self.conditions),
            "indirect": self.indirect,
            "cost": self.cost,
            "sentence": self.sentence,
        }


def hops(view: View, path: Path) -> tuple[Hop, ...]:
    """The hops of a path, in walking order; together they hold every step once."""
    made: list[Hop] = []
    identity = path.source
    for run in _runs(view, path.steps):
        first = run[0]
        if _acts(view, first.source):
            identity = first.source
        made.append(_hop(view, run, identity))
    return tuple(made)


def _acts(view: View, node: NodeId) -> bool:
    """Whether the node is an identity that acts by itself."""
    return view.kind_of(view.position(node)) in ACTORS


def _runs(view: View, steps: Sequence[Step]) -> list[tuple[Step, ...]]:
    """The steps, cut after each one that ends an access (on a thing, or a widened identity) or is none."""
    runs: list[tuple[Step, ...]] = []
    run: list[Step] = []
    for step in steps:
        run.append(step)
        kind = view.kind_of(view.position(step.target))
        inside = step.kind in ENTERING or (step.kind == "ON" and kind == "AssetSet")
        if not (step.kind in ACCESS and inside):
            runs.append(tuple(run))
            run = []
    return [*runs, tuple(run)] if run else runs


def _hop(view: View, run: tuple[Step, ...], identity: NodeId) -> Hop:
    first, last = run[0], run[-1]
    access = first.kind in ACCESS
    grant = next((step.grant for step in run if step.grant is not None), None)
    how = next((step.technique for step in reversed(run) if step.technique is not None), None)
    technique = how is not None and is_technique(how)
    return Hop(
        kind="access" if access else first.kind,
        identity=identity,
        holder=first.source,
        target=last.target,
        capability=last.gain,
        grant=grant,
        how=how,
        technique=technique,
        certainty=max(step.certainty for step in run),
        conditions=tuple(dict.fromkeys(name for step in run for name in step.conditions)),
        indirect=any(step.indirect for step in run),
        cost=sum(step.cost for step in run),
        steps=run,
        sentence=_sentence(view, run, how),
    )


_MAY = {
    Capability.READ: "may read",
    Capability.WRITE: "may change",
    Capability.INVOKE: "may use",
    Capability.PROMOTE: "may approve or deploy versions of",
    Capability.CONTROL: "may act as",
    Capability.ADMIN: "may change who has access to",
    Capability.DELEGATE: "may have a service use the access of",
    Capability.HELD: "has what is granted to",
}
_MOVES = {
    "HAS_ACCOUNT": "{a} signs in as {b}",
    "MEMBER_OF": "{a} is a member of {b}",
    "CONTAINS": "whoever administers {a} administers {b} in it",
    "PART_OF": "{b} is part of {a}",
    "RUNS_AS": "{a} runs as {b}",
    "OPENS": "{a} opens {b}",
    "VOUCHES_FOR": "{a} vouches for {b}",
    "EXECUTES": "{b} runs {a} when it starts",
    "TRIGGERS": "{a} starts {b}",
    "FOLLOWS": "{b} deploys what {a} points at",
    "TRAINED_ON": "{b} is trained again on {a}",
    "STORED_IN": "the content of {b} lies in {a}",
    "VERSION_OF": "{b} is a version of {a}",
    "CALLS": "{a} calls {b}",
}
_BOTH = {
    # (kind, capability gained): these edges are walked both ways
    ("SERVES", Capability.WRITE): "{b} answers with {a}",
    ("SERVES", Capability.INVOKE): "{a} answers with {b}",
    ("GROUNDED_ON", Capability.WRITE): "the answers of {b} draw on {a}",
    ("GROUNDED_ON", Capability.READ): "the answers of {a} draw on {b}",
}


def _sentence(view: View, run: tuple[Step, ...], how: str | None) -> str:
    first, last = run[0], run[-1]
    a, b = _called(view, first.source), _called(view, last.target)
    means = f" ({how})" if how else ""
    if first.kind not in ACCESS:
        if first.kind == "YIELDS":
            return f"whoever {_MAY[first.have]} {a} {_MAY[first.gain]} it{means}"
        words = _BOTH.get((first.kind, first.gain)) or _MOVES.get(first.kind)
        return (words or "{a} leads to {b}").format(a=a, b=b)
    if first.have is Capability.DELEGATE:
        return f"a service acting for {a} {_MAY[last.gain]} {b}{means}"
    if view.kind_of(view.position(last.target)) == "PrincipalClass":
        return f"{a} may gain what {b} has{means}"
    return f"{a} {_MAY[last.gain]} {b}{means}"


def _called(view: View, node: NodeId) -> str:
    """How a node is called in a sentence: its name, with its kind where that is no identity's."""
    position = view.position(node)
    kind, name = view.kind_of(position), view.nodes.names[position]
    family = schema().node(kind).family
    if family is Family.IDENTITY and kind in {"User", "Person"}:
        return f"`{name}`"
    return f"the {_WORDS.get(kind, kind.lower())} `{name}`"


_WORDS = {
    "ServiceAccount": "service account",
    "IdentityProvider": "identity provider",
    "PermissionSet": "permission set",
    "PrincipalClass": "class",
    "External": "outside principal",
    "AssetSet": "set",
    "ResourceGroup": "resource group",
    "VirtualMachine": "virtual machine",
    "ModelVersion": "model version",
    "KnowledgeBase": "knowledge base",
    "VectorIndex": "vector index",
    "FeatureStore": "feature store",
}
