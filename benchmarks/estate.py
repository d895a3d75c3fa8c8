"""A generated estate as rows: heavy-tailed groups, nesting with cycles, role chains, sets of wildcards, many accounts.

Seeded; the same numbers always give the same estate. Most edges stay in their account, but some holders control roles of
any, so that many identities reach each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from graph.model import Certainty, Edge, Node, NodeId

_SENSITIVITY = (None, 0, 1, 3, 10)
_OFTEN = (35, 20, 30, 10, 5)


@dataclass(frozen=True, slots=True)
class Size:
    """About how many nodes and edges; the shares of kinds follow."""

    nodes: int = 10_000
    edges_per_node: int = 10
    seed: int = 7

    @property
    def accounts(self) -> int:
        """The number of accounts."""
        return max(3, self.nodes // 500)


class Estate:
    """The rows of an estate of this size."""

    def __init__(self, size: Size) -> None:
        self._size = size
        self._random = Random(size.seed)
        self.nodes: list[Node] = []
        self.edges: dict[tuple[str, NodeId, NodeId], Edge] = {}
        self._of: dict[tuple[str, int], list[NodeId]] = {}
        self._all: dict[str, list[NodeId]] = {}
        self._populate()
        self._join()
        self._workloads()
        self._grant()
        self._cover()

    def rows(self) -> tuple[list[Node], list[Edge]]:
        """Nodes and edges in store order."""
        self.nodes.sort(key=lambda node: node.id)
        ordered = sorted(self.edges.values(), key=lambda e: (e.source, e.target, e.kind))
        return self.nodes, ordered

    def _make(self, kind: str, share: float, **props: object) -> None:
        for number in range(int(self._size.nodes * share)):
            account = self._random.randrange(self._size.accounts)
            id_ = NodeId(f"{kind.lower()}/{account:04}/{number:07}")
            sensitivity = self._random.choices(_SENSITIVITY, _OFTEN)[0]
            own: dict[str, object] = {"name": str(id_), "account": str(account), **props}
            if sensitivity is not None and kind in {
                "Dataset",
                "ModelVersion",
                "Secret",
                "Endpoint",
            }:
                own["sensitivity"] = sensitivity
            self.nodes.append(Node(id_, kind, own))  # type: ignore[arg-type]  # plain values
            self._of.setdefault((kind, account), []).append(id_)
            self._all.setdefault(kind, []).append(id_)

    def _populate(self) -> None:
        self._make("User", 0.25)
        self._make("Role", 0.08)
        self._make("Group", 0.05)
        self._make("Notebook", 0.04)
        self._make("Job", 0.02, reruns=True)
        self._make("Secret", 0.01)
        self._make("Endpoint", 0.01)
        self._make("ModelVersion", 0.04)
        self._make("Code", 0.02)
        self._make("Dataset", 0.3)
        self._make("AssetSet", 0.03, of_kind="Dataset")

    def _account(self, node: NodeId) -> int:
        return int(node.split("/")[1])

    def _near(self, kind: str, node: NodeId) -> NodeId:
        """A node of this kind, mostly of the same account, with a few that are taken far more often than others."""
        near = self._of.get((kind, self._account(node))) if self._random.random() < 0.97 else None
        pool = near or self._all[kind]
        return pool[int(len(pool) * self._random.random() ** 3)]

    def _edge(self, kind: str, source: NodeId, target: NodeId, cost: int = 1) -> None:
        sure = self._random.random() < 0.9
        certainty = Certainty.DEFINITE if sure else self._random.choice([*Certainty])
        self.edges[kind, source, target] = Edge(
            kind, source, target, cost=cost, certainty=certainty
        )

    def _join(self) -> None:
        for user in self._all["User"]:
            for _ in range(6):
                self._edge("MEMBER_OF", user, self._near("Group", user), 0)
        for group in self._all["Group"]:
            if self._random.random() < 0.4:
                other = self._near("Group", group)
                cyclic = self._random.random() < 0.01
                first, last = (max, min) if cyclic else (min, max)
                if other != group:
                    self._edge("MEMBER_OF", first(group, other), last(group, other), 0)

    def _workloads(self) -> None:
        for kind in ("Notebook", "Job", "Endpoint"):
            for workload in self._all[kind]:
                self._edge("RUNS_AS", workload, self._near("Role", workload))
                if kind == "Job":
                    self._edge("EXECUTES", workload, self._near("Code", workload), 2)
                if kind == "Endpoint":
                    self._edge("SERVES", workload, self._near("ModelVersion", workload))
        for kind in ("ModelVersion", "Code"):
            for artefact in self._all[kind]:
                self._edge("STORED_IN", artefact, self._near("Dataset", artefact))

    def _grant(self) -> None:
        """One Grant per remaining node: on a set, a single asset, a workload or a role."""
        for number in range(int(self._size.nodes * 0.15)):
            holder = self._holder()
            capability, target = self._effect(holder)
            grant = NodeId(f"grant/{self._account(holder):04}/{number:07}")
            how = "trust" if target.startswith("role/") else f"action:{capability}"
            props = {"name": str(grant), "capability": capability, "how": how}
            self.nodes.append(Node(grant, "Grant", props))
            self._edge("HOLDS", holder, grant, 0)
            self._edge("ON", grant, target)

    def _holder(self) -> NodeId:
        kind = self._random.choices(["Group", "Role", "User"], [50, 35, 15])[0]
        return self._random.choice(self._all[kind])

    def _effect(self, holder: NodeId) -> tuple[str, NodeId]:
        dice = self._random.random()
        if dice < 0.45:
            return self._random.choice(["READ", "READ", "WRITE"]), self._near("AssetSet", holder)
        if dice < 0.7:
            return self._random.choice(["READ", "WRITE", "ADMIN"]), self._near("Dataset", holder)
        if dice < 0.8:
            return "CONTROL", self._near("Notebook", holder)
        if dice < 0.85:
            return "READ", self._near("Secret", holder)
        if dice > 0.97:
            return "CONTROL", self._random.choice(self._all["Role"])
        return "CONTROL", self._near("Role", holder)

    def _cover(self) -> None:
        """The members of sets, as many as the wanted number of edges leaves, with a heavy tail."""
        wanted = self._size.nodes * self._size.edges_per_node
        sets = self._all["AssetSet"]
        for target_set, share in zip(sets, self._shares(len(sets)), strict=True):
            account = self._account(target_set)
            pool = self._of.get(("Dataset", account), self._all["Dataset"])
            if share * wanted > len(pool):
                pool = self._all["Dataset"]
            for member in self._random.sample(pool, min(len(pool), int(share * wanted) or 1)):
                self._edge("COVERS", target_set, member, 0)
            if len(self.edges) >= wanted:
                return

    def _shares(self, count: int) -> Iterator[float]:
        weights = [1 / (place + 5) ** 0.7 for place in range(count)]
        self._random.shuffle(weights)
        total = sum(weights)
        return (0.8 * weight / total for weight in weights)
