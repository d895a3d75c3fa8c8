"""Effects held as rows: Grants, sets, classes, Revocables and the edges among them, with stable ids."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from access.decision import Alternative, Need, Revocable, flat
from access.estate import Estate
from access.held import ClassRow, Held, Verdicts, YieldStep
from access.removal import command, words
from graph.model import (
    Basis,
    Certainty,
    Conclusions,
    CoverageKey,
    Edge,
    Node,
    NodeId,
    Props,
    PropValue,
    digest,
)

NO_KEYS: frozenset[CoverageKey] = frozenset()


@dataclass(frozen=True, slots=True)
class TargetSet:
    """The set that a Grant's several (or no) targets form."""

    id: NodeId
    kind: str
    scope: str
    selector: str
    members: tuple[NodeId, ...]


SetKey: TypeAlias = tuple[str, str, str, tuple[NodeId, ...], str]


def set_key(row: Held) -> SetKey:
    """What a Grant's set is looked up by."""
    return (
        row.of_kind,
        row.scope,
        row.selector,
        row.targets,
        f"{row.holder} {row.how} {outcome(row)}",
    )


def outcome(row: Held) -> str:
    """A hash of why and how surely the targets are held: what told them apart from others of the selector.

    Assumptions are no part of it: a call that is stale today would rename everything that depends on it.
    """
    needs = [
        (need.name, alternative.conditions, sorted(alternative.ids))
        for need in row.because
        for alternative in need.alternatives
    ]
    return digest(*map(str, (needs, row.notes, row.limits)))


def named_sets(held: Iterable[Held]) -> dict[SetKey, TargetSet]:
    """The set of each Grant with several (or no) targets, by `set_key`.

    The id hashes kind, scope and selector, so that a new member does not rename the set. Where one selector still has
    several memberships, words are added until they are told apart: what the answer hangs on, who asks, the members.
    """
    rows = [row for row in held if len(row.targets) != 1]
    found: dict[SetKey, TargetSet] = {}
    qualifiers: tuple[Callable[[Held], str], ...] = (
        lambda row: row.selector,
        lambda row: f"{row.selector}; answer {outcome(row)}",
        lambda row: f"{row.selector}; answer {outcome(row)}; as reached by {row.holder}",
        lambda row: f"{row.selector}; as reached by {row.holder}; {digest(*row.targets)}",
    )
    for qualify in qualifiers:
        memberships: dict[tuple[str, str, str], set[tuple[NodeId, ...]]] = defaultdict(set)
        for row in rows:
            memberships[row.of_kind, row.scope, qualify(row)].add(row.targets)
        left: list[Held] = []
        for row in rows:
            kind, scope, text = row.of_kind, row.scope, qualify(row)
            if len(memberships[kind, scope, text]) > 1:
                left.append(row)
            else:
                identifier = NodeId("set:" + digest(kind, scope, text))
                found[set_key(row)] = TargetSet(identifier, kind, scope, text, row.targets)
        rows = left
    return found


def merged_latent(held: Iterable[Held]) -> Iterator[Held]:
    """The same effects, latent ones joined: one per holder, scope and `because`."""
    latent: dict[tuple[NodeId, str, tuple[Need, ...]], list[Held]] = defaultdict(list)
    for row in held:
        if row.targets:
            yield row
        else:
            latent[row.holder, row.scope, row.because].append(row)
    for rows in latent.values():
        patterns = sorted({part for row in rows for part in _patterns(row.selector)})
        gives = tuple(sorted({word for row in rows for word in row.latent_of}))
        assumptions = tuple(dict.fromkeys(a for row in rows for a in row.assumptions))
        yield replace(
            rows[0],
            selector="names " + ", ".join(patterns),
            latent_of=gives,
            assumptions=assumptions,
            demonstrated=any(row.demonstrated for row in rows),
        )


def _patterns(selector: str) -> list[str]:
    return selector.removeprefix("names ").split(", ")


class Rows:
    """Collects conclusion rows; every id is derived from what identifies the row."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        self._nodes: dict[NodeId, Node] = {}
        self._edges: dict[str, Edge] = {}

    def conclusions(self) -> Conclusions:
        """All rows, in id order."""
        return Conclusions(
            tuple(self._nodes[name] for name in sorted(self._nodes)),
            tuple(self._edges[name] for name in sorted(self._edges)),
        )

    def _node(self, identifier: NodeId, kind: str, props: dict[str, PropValue]) -> None:
        kept = {
            name: value
            for name, value in props.items()
            if value not in ((), "", None) and value is not False
        }
        self._nodes[identifier] = Node(identifier, kind, kept)

    def _edge(self, edge: Edge) -> None:
        self._edges[edge.id] = edge

    def write(self, verdicts: Verdicts) -> None:
        """Rows of everything that a platform's evaluator concluded."""
        held = self._distinct(merged_latent(verdicts.held))
        sets = named_sets(held)
        for row in verdicts.classes:
            self._class(row)
        for node in verdicts.nodes:
            self._nodes[node.id] = node
        for workload, role in verdicts.runs_as:
            self._edge(Edge("RUNS_AS", workload, role, basis=Basis.INFERRED))
        for target_set in {one.id: one for one in sets.values()}.values():  # one id, one membership
            self._set(target_set)
        for effect in held:
            self._grant(effect, sets)
        for step in verdicts.yields:
            self._yield(step)
        self._drop_unheld()

    def _drop_unheld(self) -> None:
        """Classes that hold nothing and lead nowhere are no rows."""
        holding = {edge.source for edge in self._edges.values() if edge.kind == "HOLDS"}
        targets = {edge.target for edge in self._edges.values() if edge.kind == "ON"}
        idle = {
            name
            for name, node in self._nodes.items()
            if node.kind == "PrincipalClass" and name not in holding and name not in targets
        }
        self._nodes = {name: node for name, node in self._nodes.items() if name not in idle}
        self._edges = {name: e for name, e in self._edges.items() if e.target not in idle}

    @staticmethod
    def _distinct(held: Iterable[Held]) -> list[Held]:
        """Effects with one id joined: the same holder, capability, how and targets."""
        found: dict[tuple[object, ...], Held] = {}
        for row in held:
            key = (
                row.holder,
                row.capability,
                row.how,
                row.targets or (row.scope, row.selector, row.because),
            )
            known = found.get(key)
            found[key] = row if known is None else _joined(known, row)
        return list(found.values())

    def _class(self, row: ClassRow) -> None:
        if len(row.members) <= 1 and not row.virtual:
            return
        props: dict[str, PropValue] = {
            "name": row.name,
            "platform": "aws",
            "account": row.account,
            "members": len(row.members),
            "virtual": row.virtual,
            "of": str(row.of) if row.of else "",
            "admin": row.virtual == "all",
            "residual_denies": row.residual,
        }
        self._node(row.id, "PrincipalClass", props)
        for member in row.members:
            self._edge(self._enabled(Edge("IN_CLASS", member, row.id, cost=0), member))

    def _enabled(self, edge: Edge, identity: NodeId) -> Edge:
        """A disabled identity enjoys what it holds only once it is enabled again."""
        node = self._estate.nodes.get(identity)
        if node is None or node.props.get("enabled") is not False:
            return edge
        return replace(edge, certainty=Certainty.CONDITIONAL, conditions=("enabled",))

    def _set(self, row: TargetSet) -> None:
        self._node(
            row.id,
            "AssetSet",
            {
                "name": f"{row.kind} in {row.scope.rpartition('/')[2]}: {row.selector}",
                "of_kind": row.kind,
                "scope": row.scope,
                "selector": row.selector,
                "latent": not row.members,
            },
        )
        for member in row.members:
            self._edge(Edge("COVERS", row.id, member, cost=0))

    def _grant(self, row: Held, sets: dict[SetKey, TargetSet]) -> None:
        single = len(row.targets) == 1
        target = row.targets[0] if single else sets[set_key(row)].id
        extra = (
            ""
            if row.targets
            else digest(*(r.id for n in row.because for a in n.alternatives for r in a.revocables))
        )
        identifier = NodeId("grant:" + digest(row.holder, row.capability, row.how, target, extra))
        conditions = tuple(str(condition) for condition in row.conditions)
        self._node(identifier, "Grant", self._grant_props(row, conditions))
        holds = Edge("HOLDS", row.holder, identifier, cost=0, inputs=row.inputs)
        self._edge(self._enabled(holds, row.holder))
        self._edge(
            Edge(
                "ON",
                identifier,
                target,
                basis=Basis.INFERRED if not row.demonstrated else Basis.DECLARED,
                certainty=row.certainty,
                cost=row.cost,
                conditions=conditions,
                inputs=row.inputs,
            )
        )
        for number, need in enumerate(row.because):
            for option, alternative in enumerate(need.alternatives):
                self._because(identifier, number, need, option, alternative)

    @staticmethod
    def _grant_props(row: Held, conditions: tuple[str, ...]) -> dict[str, PropValue]:
        relative = any(
            revocable.relative is not None
            for need in row.because
            for alternative in need.alternatives
            for revocable in alternative.revocables
        )
        return {
            "capability": row.capability.value,
            "how": row.how,
            "holder": str(row.holder),
            "certainty": row.certainty.label,
            "conditions": conditions,
            "assumptions": row.assumptions,
            "notes": row.notes,
            "limits": row.limits,
            "latent_of": row.latent_of,
            "principal_relative": relative,
            "self_widening": row.self_widening,
        }

    def _because(
        self, grant: NodeId, number: int, need: Need, option: int, alternative: Alternative
    ) -> None:
        for revocable in alternative.revocables:
            self._revocable(revocable)
            self._edge(
                Edge(
                    "BECAUSE",
                    grant,
                    revocable.id,
                    discriminator=f"{number}:{option}",
                    certainty=alternative.certainty,
                    cost=0,
                    conditions=tuple(str(condition) for condition in alternative.conditions),
                    props={"need": number, "alternative": option, "need_name": need.name},
                )
            )

    def _revocable(self, row: Revocable) -> None:
        if row.id not in self._nodes:
            self._node(row.id, "Revocable", revocable_props(row))

    def _yield(self, step: YieldStep) -> None:
        props: Props = {
            "have": step.have.value,
            "gain": step.gain.value,
            "technique": step.technique,
        }
        self._edge(
            Edge(
                "YIELDS",
                step.node,
                step.node,
                discriminator=f"{step.technique}:{step.have}:{step.gain}",
                basis=Basis.INFERRED,
                certainty=step.certainty,
                cost=step.cost,
                conditions=step.conditions,
                props=props,
                inputs=NO_KEYS,
            )
        )


def _joined(one: Held, other: Held) -> Held:
    """Two ways to the same effect as one: it stands where either does."""
    surest = min((one, other), key=lambda held: held.certainty)
    return replace(
        surest,
        because=(flat("either way", (one.because, other.because)),),
        notes=tuple(dict.fromkeys((*one.notes, *other.notes))),
        assumptions=tuple(dict.fromkeys((*one.assumptions, *other.assumptions))),
        limits=tuple(sorted({*one.limits, *other.limits})),
        inputs=one.inputs | other.inputs,
    )


def revocable_props(row: Revocable) -> dict[str, PropValue]:
    """The properties of a Revocable's node."""
    return {
        "kind": row.kind.value,
        "relative": row.relative.value if row.relative else "",
        "owner": row.owner,
        "document": row.document,
        "statement": row.statement,
        "position": row.position if row.position >= 0 else "",
        "holder": row.holder,
        "member": row.member,
        "hash": row.hash,
        "text": words(row),
        "removal": command(row),
        "lifts_deny": row.lifts_deny,
    }
