"""Administrators: identities that may grant themselves everything that Denies, boundaries and control policies leave.

An identity is one where it holds a Grant that widens it to everything: itself, through its class or a group, or as what
it makes of itself by joining a group, shedding its boundary, bringing back a policy's version or taking on a tag. It is a label; what an administrator reaches is what its Grants say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from graph.kinds.edges import ACTORS
from graph.model import Certainty, Edge, Node, NodeId

_ALL_OF_IAM = "iam:*"  # `how` of the Grant of who is allowed all of IAM on every resource
_OWN_LIMITS = ("Deny ", "boundary ")
_CHANGED = frozenset(
    {"joined", "unbounded", "versioned", "tagged"}
)  # an identity after a technique of its own
READ = frozenset({"IN_CLASS", "MEMBER_OF", "HOLDS", "ON"})
"""The kinds of edges that are looked at."""


@dataclass(frozen=True, slots=True, order=True)
class Widening:
    """One way to everything: the techniques taken in this order, and the Grant of the last of them.

    `holder` is who holds that Grant: the identity, its class or group, or what it has made of itself. `residual`
    names what remains forbidden on this way, and `assumptions` what was taken for granted, e.g. an unread SCP.
    """

    certainty: Certainty
    techniques: tuple[str, ...]
    holder: NodeId
    grant: NodeId
    conditions: tuple[str, ...] = ()
    residual: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()

    def plain(self) -> dict[str, object]:
        """The way as plain types, for JSON."""
        return {
            "certainty": self.certainty.label,
            "techniques": list(self.techniques),
            "holder": self.holder,
            "grant": self.grant,
            "conditions": list(self.conditions),
            "residual": list(self.residual),
            "assumptions": list(self.assumptions),
        }


@dataclass(frozen=True, slots=True)
class Administrator:
    """One identity with all its ways to everything, the surest first; certainty and residual are the first way's."""

    identity: NodeId
    name: str
    kind: str
    account: str
    ways: tuple[Widening, ...]

    @property
    def certainty(self) -> Certainty:
        """How sure it is that the identity is an administrator."""
        return self.ways[0].certainty

    @property
    def residual(self) -> tuple[str, ...]:
        """What the administrator still may not do, by the name of what forbids it."""
        return self.ways[0].residual

    @property
    def star_on_star(self) -> bool:
        """Whether its policies come to `*` on `*`, with no Deny and no boundary of its own.

        They do where they allow all of IAM on every resource. Narrower than being an administrator: who may do no more
        than rewrite its own policy is one, but has not been given everything.
        """
        return any(
            way.techniques == (_ALL_OF_IAM,)
            and way.certainty is Certainty.DEFINITE
            and not any(limit.startswith(_OWN_LIMITS) for limit in way.residual)
            for way in self.ways
        )

    def plain(self) -> dict[str, object]:
        """The administrator as plain types, for JSON."""
        return {
            "identity": self.identity,
            "name": self.name,
            "kind": self.kind,
            "account": self.account,
            "certainty": self.certainty.label,
            "residual": list(self.residual),
            "star_on_star": self.star_on_star,
            "ways": [way.plain() for way in self.ways],
        }


def administrators(nodes: Iterable[Node], edges: Iterable[Edge]) -> tuple[Administrator, ...]:
    """The administrators among the present identities of these live rows, surest first, then by account and id."""
    estate = _Rows({node.id: node for node in nodes})
    widening = [id_ for id_ in estate.nodes if estate.widens(id_)]
    if not widening:
        return ()
    for edge in edges:
        if edge.kind in READ:
            estate.out[edge.source].append(edge)
    leading = estate.leading_to(widening)
    for leaving in estate.out.values():
        leaving.sort(key=lambda edge: (edge.kind, edge.target, edge.discriminator))
    found = (
        Administrator(node.id, node.name, node.kind, str(node.props.get("account", "")), ways)
        for node in estate.nodes.values()
        if node.id in leading
        and node.kind in ACTORS
        and node.present
        and (ways := estate.ways(node.id))
    )
    return tuple(sorted(found, key=lambda row: (row.certainty, row.account, row.identity)))


@dataclass(frozen=True, slots=True)
class _Step:
    """How far a walk over what an identity enjoys has come."""

    node: NodeId
    certainty: Certainty = Certainty.DEFINITE
    conditions: tuple[str, ...] = ()
    techniques: tuple[str, ...] = ()

    def over(self, edge: Edge) -> _Step:
        """The step on to the edge's target: as sure as its weakest part."""
        return _Step(
            edge.target,
            max(self.certainty, edge.certainty),
            tuple(dict.fromkeys((*self.conditions, *edge.conditions))),
            self.techniques,
        )


@dataclass(frozen=True, slots=True)
class _Rows:
    """Live rows, indexed for walks from an identity."""

    nodes: Mapping[NodeId, Node]
    out: defaultdict[NodeId, list[Edge]] = field(default_factory=lambda: defaultdict(list))

    def widens(self, grant: NodeId) -> bool:
        """Whether the Grant widens its holder to everything."""
        return self._of(grant, "self_widening") is True

    def leading_to(self, grants: Iterable[NodeId]) -> set[NodeId]:
        """What any edge that is read leads from to these Grants: who else has no way to everything."""
        before: defaultdict[NodeId, list[NodeId]] = defaultdict(list)
        for source, leaving in self.out.items():
            for edge in leaving:
                before[edge.target].append(source)
        found, todo = set(grants), list(grants)
        while todo:
            for source in before[todo.pop()]:
                if source not in found:
                    found.add(source)
                    todo.append(source)
        return found

    def ways(self, identity: NodeId) -> tuple[Widening, ...]:
        """Every way to everything, one per Grant: the surest that leads to it."""
        best: dict[NodeId, Widening] = {}
        for step in self._enjoyed(identity):
            for grant, on in self._grants(step):
                if self.widens(grant):
                    way = self._way(step.node, grant, on)
                    best[grant] = min(best.get(grant, way), way)
        return tuple(sorted(best.values()))

    def _enjoyed(self, identity: NodeId) -> Iterator[_Step]:
        """The identity, its classes and groups, and what it makes of itself: each by its surest way."""
        seen: set[NodeId] = set()
        # In this order the first way to each node is its surest.
        waiting: dict[Certainty, list[_Step]] = {certainty: [] for certainty in sorted(Certainty)}
        waiting[Certainty.DEFINITE].append(_Step(identity))
        for steps in waiting.values():
            for step in steps:  # grows while it is walked
                if step.node in seen:
                    continue
                seen.add(step.node)
                yield step
                for after in (*self._inside(step), *self._changed(step, seen)):
                    waiting[after.certainty].append(after)

    def _inside(self, step: _Step) -> Iterator[_Step]:
        for edge in self.out[step.node]:
            if edge.kind in {"IN_CLASS", "MEMBER_OF"}:
                yield step.over(edge)

    def _changed(self, step: _Step, seen: set[NodeId]) -> Iterator[_Step]:
        """What it makes of itself by joining a group or by changing one thing; other identities are not it."""
        for grant, on in self._grants(step):
            own = NodeId(str(self._of(on.node, "of"))) in seen
            if own and self._of(on.node, "virtual") in _CHANGED:
                how = str(self._of(grant, "how"))
                yield _Step(on.node, on.certainty, on.conditions, (*step.techniques, how))

    def _grants(self, step: _Step) -> Iterator[tuple[NodeId, _Step]]:
        """Each Grant that the holder holds, with the step over it to its target."""
        for holds in self.out[step.node]:
            if holds.kind == "HOLDS":
                for on in self.out[holds.target]:
                    yield holds.target, step.over(holds).over(on)

    def _way(self, holder: NodeId, grant: NodeId, on: _Step) -> Widening:
        return Widening(
            on.certainty,
            (*on.techniques, str(self._of(grant, "how"))),
            holder,
            grant,
            on.conditions,
            self._texts(on.node, "residual_denies"),
            self._texts(grant, "assumptions"),
        )

    def _of(self, node: NodeId, name: str) -> object:
        found = self.nodes.get(node)
        return None if found is None else found.props.get(name)

    def _texts(self, node: NodeId, name: str) -> tuple[str, ...]:
        value = self._of(node, name)
        return tuple(map(str, value)) if isinstance(value, tuple) else ()
