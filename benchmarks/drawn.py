"""A drawn estate as columns, for sizes where rows would take minutes and gigabytes: the same view, by numpy alone.

Seeded; the same numbers always give the same estate. Users are in about six groups each, a few groups hold most
members, two groups in five are nested and a hundredth of those backwards, sets of wildcards cover what brings the edges to
the wanted number, roles assume roles. Ids are numbers in front, so that id order is the order of the columns.

- `giant`: some groups and roles control users and roles of any account, so that many reach each other;
- `chain`: as many such edges, but only from roles to later ones, so that no way leads back;
- `segmented`: as `chain`, and what is controlled lies in the account of who controls it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from graph.model import Capability, Certainty, Edge, Node, NodeId
from graph.schema import schema

Longs: TypeAlias = NDArray[np.int64]

SHARES = {  # in the order of the columns
    "User": 0.22,
    "ServiceAccount": 0.03,
    "Role": 0.07,
    "Group": 0.05,
    "Notebook": 0.03,
    "Endpoint": 0.01,
    "Secret": 0.01,
    "ModelVersion": 0.03,
    "AssetSet": 0.03,
    "Dataset": 0.24,
    "Grant": 0.14,
    "Revocable": 0.14,
}
_SENSITIVE = ("Endpoint", "Secret", "ModelVersion", "Dataset")
_SENSITIVITY = (np.array([-1, 0, 1, 3, 10]), (0.35, 0.2, 0.3, 0.1, 0.05))
_MEMBERSHIPS = 6
_NEAR = {"giant": 0.97, "chain": 0.97, "segmented": 0.995}


class Regime(StrEnum):
    """How the estate hangs together."""

    GIANT = "giant"
    CHAIN = "chain"
    SEGMENTED = "segmented"


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Nodes by position and edges in store order; `gives` is a capability code of Grants, -1 elsewhere."""

    kinds: tuple[str, ...]
    kind: Longs
    account: Longs
    sensitivity: Longs
    gives: Longs
    edge_kinds: tuple[str, ...]
    source: Longs
    target: Longs
    edge_kind: Longs
    cost: Longs
    certainty: Longs

    def id(self, at: int) -> NodeId:
        """The id of the node at this position."""
        return NodeId(f"{at:08}/{self.kinds[self.kind[at]]}")

    def node(self, at: int) -> Node:
        """The node at this position as a row."""
        kind = self.kinds[self.kind[at]]
        props: dict[str, object] = {"name": str(self.id(at)), "account": str(self.account[at])}
        if self.sensitivity[at] >= 0:
            props["sensitivity"] = int(self.sensitivity[at])
        if kind == "AssetSet":
            props["of_kind"] = "Dataset"
        if kind == "Grant":
            capability = tuple(Capability)[self.gives[at]]
            props |= {"capability": str(capability), "how": f"action:{capability}"}
        return Node(self.id(at), kind, props)  # type: ignore[arg-type]  # plain values

    def edge(self, at: int) -> Edge:
        """The edge at this position as a row."""
        return Edge(
            self.edge_kinds[self.edge_kind[at]],
            self.id(int(self.source[at])),
            self.id(int(self.target[at])),
            cost=int(self.cost[at]),
            certainty=Certainty(int(self.certainty[at])),
        )

    def rows(self) -> tuple[list[Node], list[Edge]]:
        """All rows, in store order."""
        nodes = [self.node(at) for at in range(len(self.kind))]
        return nodes, [self.edge(at) for at in range(len(self.source))]


def drawn(nodes: int, regime: Regime, *, edges_per_node: float = 9.4, seed: int = 7) -> Drawn:
    """The estate of about so many nodes and edges."""
    return _Drawing(nodes, regime, np.random.default_rng(seed)).finished(edges_per_node)


class _Drawing:
    """An estate while it is drawn: nodes lie by kind, then by account, so that those of both are a range."""

    def __init__(self, nodes: int, regime: Regime, pick: np.random.Generator) -> None:
        self.pick, self.regime = pick, regime
        self.accounts = max(3, nodes // 500)
        self.kinds = tuple(sorted(schema().nodes))
        counts = [max(3, int(nodes * share)) for share in SHARES.values()]
        self.begin = dict(zip(SHARES, np.concatenate(([0], np.cumsum(counts))), strict=False))
        self.count = dict(zip(SHARES, counts, strict=True))
        kind = [self.kinds.index(name) for name in SHARES]
        self.kind = np.repeat(np.array(kind), counts)
        self.account = np.concatenate(
            [np.sort(pick.integers(0, self.accounts, count)) for count in counts]
        )
        self.gives = np.full(len(self.kind), -1, dtype=np.int64)
        self.lines: list[tuple[str, Longs, Longs, int]] = []

    def of(self, kind: str) -> Longs:
        """The positions of a kind."""
        return np.arange(self.begin[kind], self.begin[kind] + self.count[kind])

    def any(self, kind: str, many: int, *, tail: int = 1) -> Longs:
        """So many nodes of the kind; the first are taken more often, the more so the longer the tail."""
        shift = self.count[kind] * self.pick.random(many) ** tail
        return self.begin[kind] + shift.astype(np.int64)

    def near(self, kind: str, nodes: Longs, *, tail: int = 3, near: float | None = None) -> Longs:
        """For each node one of this kind, mostly of its account."""
        near = _NEAR[self.regime] if near is None else near
        own = self.account[self.of(kind)]
        low = np.searchsorted(own, self.account[nodes])
        many = np.searchsorted(own, self.account[nodes], side="right") - low
        shift = (many * self.pick.random(len(nodes)) ** tail).astype(np.int64)
        far = (many == 0) | (self.pick.random(len(nodes)) > near)
        return np.where(far, self.any(kind, len(nodes), tail=6), self.begin[kind] + low + shift)

    def join(self, kind: str, source: Longs, target: Longs, cost: int) -> None:
        """These edges, without those from a node to itself."""
        apart = source != target
        self.lines.append((kind, source[apart], target[apart], cost))

    def finished(self, edges_per_node: float) -> Drawn:
        """The columns."""
        self._members()
        for kind in ("Notebook", "Endpoint"):
            self.join("RUNS_AS", self.of(kind), self.near("Role", self.of(kind)), 1)
        self.join("SERVES", self.of("Endpoint"), self.near("ModelVersion", self.of("Endpoint")), 1)
        models = self.of("ModelVersion")
        self.join("STORED_IN", models, self.near("Dataset", models), 1)
        self._grants()
        so_far = sum(len(source) for _, source, _, _ in self.lines)
        self._covers(int(len(self.kind) * edges_per_node) - so_far)
        return self._columns()

    def _members(self) -> None:
        people = np.repeat(self.of("User"), _MEMBERSHIPS)
        self.join("MEMBER_OF", people, self.near("Group", people, near=0.95), 0)
        groups = self.of("Group")
        nested = groups[self.pick.random(len(groups)) < 0.4]
        other = self.near("Group", nested)
        low, high = np.minimum(nested, other), np.maximum(nested, other)
        back = self.pick.random(len(nested)) < 0.01
        self.join("MEMBER_OF", np.where(back, high, low), np.where(back, low, high), 0)

    def _grants(self) -> None:
        """Each Grant has one holder, one target and one Revocable."""
        grants, revocables = self.of("Grant"), self.of("Revocable")
        many = len(grants)
        dice, holders = self.pick.random(many), self.pick.random(many)
        group, user = self.any("Group", many), self.any("User", many)
        role = self.any("Role", many)
        holder = np.select([holders < 0.5, holders < 0.85], [group, role], default=user)
        leads = [dice < 0.4, dice < 0.42, dice < 0.55]
        if self.regime is Regime.GIANT:
            targets = [
                self.any("User", many),
                self.near("Notebook", holder),
                self.any("Role", many),
            ]
        else:
            holder, ahead = self._later(holder, dice < 0.55)
            notebook = np.where(holders < 0.5, self.near("Notebook", holder), ahead)
            targets = [ahead, notebook, ahead]
        ends = [dice < 0.8, dice < 0.95]
        assets = [self.near("AssetSet", holder), self.near("Dataset", holder)]
        target = np.select([*leads, *ends], [*targets, *assets], self.near("Secret", holder))
        code = {cap: at for at, cap in enumerate(Capability)}
        read, write, admin = (code[Capability(name)] for name in ("READ", "WRITE", "ADMIN"))
        gives = self.pick.choice([read, read, write, admin], many)
        gives = np.where((dice < 0.8) & (gives == admin), read, gives)
        gives = np.where(dice >= 0.95, read, gives)
        self.gives[grants] = np.where(dice < 0.55, code[Capability.CONTROL], gives)
        self.join("HOLDS", holder, grants, 0)
        self.join("ON", grants, target, 1)
        self.join("BECAUSE", grants, revocables, 0)

    def _later(self, holder: Longs, leads: NDArray[np.bool_]) -> tuple[Longs, Longs]:
        """Holders and the roles that they control; of two roles the earlier holds, so that no way leads back."""
        chain = self.regime is Regime.CHAIN
        other = self.any("Role", len(holder)) if chain else self.near("Role", holder, tail=1)
        swapped = leads & (holder >= self.begin["Role"]) & (holder < self.begin["Group"])
        swapped &= other < holder
        return np.where(swapped, other, holder), np.where(swapped, holder, other)

    def _covers(self, wanted: int) -> None:
        """What the sets cover: few are large. A run of datasets each, as a prefix is."""
        sets = self.of("AssetSet")
        weights = 1 / (np.arange(len(sets)) + 5.0) ** 0.7
        self.pick.shuffle(weights)
        share = np.minimum(wanted * weights / weights.sum(), self.count["Dataset"])
        size = np.maximum(1, share.astype(np.int64))
        begin = self.near("Dataset", sets, tail=1) - self.begin["Dataset"]
        within = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
        place = (np.repeat(begin, size) + within) % self.count["Dataset"]
        self.join("COVERS", np.repeat(sets, size), self.begin["Dataset"] + place, 0)

    def _columns(self) -> Drawn:
        kinds = tuple(sorted(schema().edges))
        source, target = (np.concatenate([line[at] for line in self.lines]) for at in (1, 2))
        lengths = [len(line[1]) for line in self.lines]
        kind = np.repeat([kinds.index(line[0]) for line in self.lines], lengths)
        cost = np.repeat([line[3] for line in self.lines], lengths)
        size = len(self.kind)
        _, first = np.unique((source * size + target) * len(kinds) + kind, return_index=True)
        values, often = _SENSITIVITY
        rated = np.isin(self.kind, [self.kinds.index(name) for name in _SENSITIVE])
        sensitivity = np.where(rated, self.pick.choice(values, size, p=often), -1)
        unsure = self.pick.integers(0, len(Certainty), len(first))
        sure = self.pick.random(len(first)) < 0.9
        return Drawn(
            kinds=self.kinds,
            kind=self.kind,
            account=self.account,
            sensitivity=sensitivity,
            gives=self.gives,
            edge_kinds=kinds,
            source=source[first],
            target=target[first],
            edge_kind=kind[first],
            cost=cost[first],
            certainty=np.where(sure, int(Certainty.DEFINITE), unsure),
        )
