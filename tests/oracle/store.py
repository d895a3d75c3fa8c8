"""The obvious store: dictionaries, everything recomputed in each run. The twin of every real one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from graph.model import (
    Attachment,
    Conclusions,
    Coverage,
    CoverageKey,
    Edge,
    Facts,
    Node,
    NodeId,
    Observation,
    Outcome,
    PropValue,
    Row,
)
from graph.rows import row_json
from graph.schema import schema

Fragment = Node | Edge | Attachment


@dataclass(frozen=True)
class Plan:
    """What one run is told."""

    started: datetime
    rows: tuple[Row, ...]
    coverage: tuple[Coverage, ...]
    closes: bool
    conclusions: Conclusions | None


@dataclass
class OracleStore:
    """What a store would hold after the runs that it was given."""

    claims: dict[tuple[str, str], dict[CoverageKey, Fragment]] = field(default_factory=dict)
    seen: dict[tuple[str, str, CoverageKey], tuple[int, PropValue]] = field(default_factory=dict)
    calls: dict[CoverageKey, Coverage] = field(default_factory=dict)
    facts_live: dict[str, Fragment] = field(default_factory=dict)
    concluded: dict[str, Node | Edge] = field(default_factory=dict)
    log: list[tuple[int, str, str | None, str | None]] = field(default_factory=list)
    runs: int = 0

    def run(self, plan: Plan) -> None:
        """Do the whole of one run."""
        before = self.texts()
        self.runs += 1
        said = {(*_place(row), _key(row)) for row in plan.rows if not isinstance(row, Observation)}
        observed = self._put(plan)
        asked = {row.key: row for row in plan.coverage}
        if plan.closes:
            spoke = {key for *_, key in said | observed}
            self._close(asked, spoke, said, observed)
        for key, row in asked.items():
            known = self.calls.get(key)
            last = plan.started if row.outcome is Outcome.OK else known and known.last_ok
            self.calls[key] = replace(row, last_ok=last)
        self._lift()
        if plan.conclusions is not None:
            rows = (*plan.conclusions.nodes, *plan.conclusions.edges)
            self.concluded = {row.id: row for row in rows}
        after = self.texts()
        self.log += [
            (self.runs, row, before.get(row), after.get(row))
            for row in before.keys() | after.keys()
            if before.get(row) != after.get(row)
        ]

    def _put(self, plan: Plan) -> set[tuple[str, str, CoverageKey]]:
        """Take in the rows; which observations were said."""
        observed: set[tuple[str, str, CoverageKey]] = set()

        def observe(node: str, name: str, key: CoverageKey, value: PropValue) -> None:
            observed.add((node, name, key))
            self.seen[node, name, key] = (self.runs, value)

        for row in plan.rows:
            if isinstance(row, Observation):
                observe(row.node, row.name, _key(row), row.value)
            elif isinstance(row, Node | Edge | Attachment):
                kept: Fragment = row
                if isinstance(row, Node):
                    volatile = {p.name for p in schema().props_of(row.kind).values() if p.volatile}
                    for name in volatile & row.props.keys():
                        observe(row.id, name, _key(row), row.props[name])
                    lasting = {n: v for n, v in row.props.items() if n not in volatile}
                    kept = replace(row, props=lasting)
                self.claims.setdefault(_place(row), {})[_key(row)] = kept
        return observed

    def _close(
        self,
        asked: dict[CoverageKey, Coverage],
        spoke: set[CoverageKey],
        said: set[tuple[str, str, CoverageKey]],
        observed: set[tuple[str, str, CoverageKey]],
    ) -> None:
        closing = {key for key, row in asked.items() if row.outcome is Outcome.OK}
        gone: set[CoverageKey] = set()
        while True:
            more = {
                key
                for key, row in self.calls.items()
                if key not in asked
                and key not in spoke
                and key not in gone
                and row.parent in closing | gone
            }
            if not more:
                break
            gone |= more
        for key in gone:
            del self.calls[key]
        for place, fragments in self.claims.items():
            for key in list(fragments):
                if key in closing | gone and (*place, key) not in said:
                    del fragments[key]
        for node, name, key in list(self.seen):
            if key in closing | gone and (node, name, key) not in observed:
                del self.seen[node, name, key]

    def _lift(self) -> None:
        """Work out the live facts from the claims."""
        live: dict[str, Fragment] = {}
        for (family, row), fragments in self.claims.items():
            parts = [fragments[key] for key in sorted(fragments)]
            if family != "node" and parts:
                live[row] = _sum(parts)
        named = {
            end
            for fact in live.values()
            for end in (
                (fact.source, fact.target)
                if isinstance(fact, Edge)
                else (fact.holder,)
                if isinstance(fact, Attachment)
                else ()
            )
        }
        for (family, row), fragments in self.claims.items():
            if family != "node":
                continue
            parts = [fragments[key] for key in sorted(fragments)]
            listing = [one for one in parts if not _mentions(one)]
            last = self.facts_live.get(row)
            was_listed = isinstance(last, Node) and not _mentions(last)
            if listing:
                live[row] = _sum([*(one for one in parts if _mentions(one)), *listing])
            elif was_listed and (parts or row in named):
                assert isinstance(last, Node)
                keys = frozenset(fragments)
                live[row] = replace(last, present=False, asserted_by=keys)
            elif parts:
                live[row] = _sum(parts)
            elif row in named and isinstance(last, Node):
                live[row] = replace(last, asserted_by=frozenset())
        self.facts_live = live
        self.concluded = {
            row: one
            for row, one in self.concluded.items()
            if row not in live
            and not (
                isinstance(one, Edge)
                and {one.source, one.target} - live.keys() - self.concluded.keys()
            )
        }

    # Reading.

    def rows(self) -> list[Fragment]:
        """All live rows."""
        return [*self.facts_live.values(), *self.concluded.values()]

    def texts(self) -> dict[str, str]:
        """The canonical JSON of each live row, by its id."""
        return {row.id: row_json(row) for row in self.rows()}

    def facts(self) -> Facts:
        """The live facts, without documents."""
        rows = self.facts_live.values()
        return Facts(
            tuple(sorted((row for row in rows if isinstance(row, Node)), key=lambda row: row.id)),
            tuple(sorted((row for row in rows if isinstance(row, Edge)), key=edge_order)),
            tuple(
                sorted((row for row in rows if isinstance(row, Attachment)), key=lambda row: row.id)
            ),
            (),
            tuple(self.calls[key] for key in sorted(self.calls)),
        )

    def observations(self) -> list[Observation]:
        """The newest value of each observation of a live node."""
        live = {row.id for row in self.rows()}
        names = sorted({(node, name) for node, name, _ in self.seen if node in live})
        found: list[Observation] = []
        for node, name in names:
            said = {
                key: value
                for (of, what, key), value in self.seen.items()
                if (of, what) == (node, name)
            }
            newest = max(said, key=lambda key: (said[key][0], key))
            found.append(Observation(NodeId(node), name, said[newest][1], frozenset(said)))
        return found

    def asserted(self, key: CoverageKey) -> int:
        """How many rows the key asserts."""
        return sum(key in fragments for fragments in self.claims.values())


def edge_order(edge: Edge) -> tuple[str, str, str, str]:
    """The order in which stores give edges."""
    return edge.source, edge.target, edge.kind, edge.discriminator


def _key(row: Row) -> CoverageKey:
    assert not hasattr(row, "text")
    (key,) = row.asserted_by  # type: ignore[union-attr]  # documents are not given to the oracle
    return key


def _place(row: Row) -> tuple[str, str]:
    assert isinstance(row, Node | Edge | Attachment)
    return type(row).__name__.lower(), row.id


def _mentions(row: Fragment) -> bool:
    return isinstance(row, Node) and row.props.get("referenced_only") is True


def _sum(parts: list[Fragment]) -> Fragment:
    """The parts in rising order of weight, one laid over the other."""
    keys = frozenset(key for part in parts for key in part.asserted_by)
    last = parts[-1]
    if len(parts) == 1:
        return last
    if isinstance(last, Node):
        props = _laid(part.props for part in parts if isinstance(part, Node))
        if not _mentions(last):
            props.pop("referenced_only", None)
        return replace(last, props=props, asserted_by=keys)
    if isinstance(last, Edge):
        edges = [part for part in parts if isinstance(part, Edge)]
        best = min(edge.certainty for edge in edges)
        chosen = [edge for edge in edges if edge.certainty == best][-1]
        evidence: list[str] = []
        for text in (text for edge in edges for text in edge.evidence):
            if text not in evidence:
                evidence.append(text)
        return replace(
            chosen,
            props=_laid(edge.props for edge in edges),
            evidence=tuple(evidence),
            inputs=frozenset(key for edge in edges for key in edge.inputs),
            asserted_by=keys,
        )
    documents = [part.document for part in parts if isinstance(part, Attachment) and part.document]
    return replace(last, document=documents[-1] if documents else None, asserted_by=keys)


def _laid(layers: Iterable[object]) -> dict[str, PropValue]:
    props: dict[str, PropValue] = {}
    for layer in layers:
        for name, value in dict(layer).items():  # type: ignore[call-overload]  # layers are properties
            held = props.get(name)
            both = name == "settings" and isinstance(held, Mapping) and isinstance(value, Mapping)
            props[name] = {**held, **value} if both else value
    return props
