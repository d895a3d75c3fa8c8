"""The facts tab of the asset page: every property with its meaning and basis, where it was read, and what it is tied to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from graph.model import Coverage, CoverageKey, Node, PropValue
from graph.schema import Prop, Written, schema
from graph.view import CERTAINTIES, View
from ui.pagemodels.asset_words import (
    Listed,
    Told,
    concluded,
    edge_words,
    kind_at,
    name_at,
    open_node,
)
from ui.pagemodels.sources_fix import fix_words
from ui.pagemodels.sources_unread import unread_about
from ui.pagemodels.words import instant, sensitivity
from ui.reading import Reading
from ui.render.sheet import Sheet, Value

MOST = 200
FACTS = ("Property", "Value", "Meaning", "Basis")
_BASIS_OF = {
    "owner": "owner_basis",
    "owner_known": "owner_basis",
    "environment": "environment_basis",
    "sensitivity": "sensitivity_basis",
}
_TOLD_BESIDE = frozenset(_BASIS_OF.values())


@dataclass(frozen=True, slots=True)
class FactsTab:
    """What is known of the node; `unread` says what is not, a pair of words and fix each."""

    told: Told
    meaning: str
    observed: Sheet
    calls: Sheet
    calls_in_all: int
    unread: tuple[tuple[str, str], ...]
    relations: Listed


def facts_tab(reading: Reading, node: Node) -> FactsTab:
    """The facts of a node of the newest run."""
    rows = tuple(_facts(node))
    calls = _calls(reading, node)
    unread = unread_about(reading, node.id)
    return FactsTab(
        told=Told(Sheet(FACTS, rows), rests_on=reading.known),
        meaning=schema().node(node.kind).doc,
        observed=_observed(reading, node),
        calls=Sheet(
            ("Call", "About", "Account", "Region", "How it ended", "Last answered"), calls[:MOST]
        ),
        calls_in_all=len(calls),
        unread=tuple(
            (f"{row.call} was not answered ({row.outcome})", fix_words(reading, (row,)))
            for row in unread
        ),
        relations=_relations(reading, node),
    )


def _facts(node: Node) -> Iterator[tuple[Value, ...]]:
    """A row per property in the order of the schema, then what the schema does not know; maps by their keys."""
    declared = schema().props_of(node.kind)
    known = [name for name in declared if name in node.props]
    for name in (*known, *sorted(set(node.props) - set(known))):
        if name in _TOLD_BESIDE and any(
            _BASIS_OF[one] == name for one in node.props.keys() & _BASIS_OF
        ):
            continue
        prop = declared.get(name)
        yield from _fact(node, name, prop)


def _fact(node: Node, name: str, prop: Prop | None) -> Iterator[tuple[Value, ...]]:
    value = node.props[name]
    doc = "" if prop is None else prop.doc.replace("`", "")
    basis = _basis(node, name)
    label = name.replace("_", " ")
    if isinstance(value, Mapping):
        if not value:
            yield label, "none", doc, basis
        for key, one in sorted(value.items()):
            yield f"{label}: {key}", str(one), doc, basis
        return
    yield label, told_value(name, value, prop), doc, basis


def _basis(node: Node, name: str) -> str:
    stated = node.props.get(_BASIS_OF.get(name, ""))
    if isinstance(stated, str) and stated:
        return stated
    if concluded(node.kind):
        return "worked out"
    return "as read" if node.asserted_by else "worked out"


def told_value(name: str, value: PropValue, prop: Prop | None) -> str:
    """A property's value as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "sensitivity" and isinstance(value, int):
        return f"{sensitivity(value)} ({value})"
    if isinstance(value, tuple):
        return "; ".join(value) or "none"
    if isinstance(value, Mapping):
        return json.dumps(dict(value), sort_keys=True)
    if prop is not None and prop.type == "time" and isinstance(value, str):
        return _time(value)
    return f"{value:,}" if isinstance(value, int) else str(value)


def _time(text: str) -> str:
    """A time as every page writes it; the text itself where it is none."""
    try:
        return instant(datetime.fromisoformat(text))
    except ValueError:
        return text


def _observed(reading: Reading, node: Node) -> Sheet:
    """What was seen of it and changes all the time, with the date of the answer that said so."""
    declared = schema().props_of(node.kind)
    answered = _answered(reading)
    rows = []
    for row in reading.store.observations(node.id):
        prop = declared.get(row.name)
        times = [when for key in row.asserted_by if (when := answered.get(key)) is not None]
        rows.append(
            (
                row.name.replace("_", " "),
                told_value(row.name, row.value, prop),
                "" if prop is None else prop.doc.replace("`", ""),
                instant(max(times)) if times else "not known",
            )
        )
    return Sheet(("Observed", "Value", "Meaning", "As read"), tuple(rows))


def _answered(reading: Reading) -> Mapping[CoverageKey, datetime | None]:
    return {key: row.last_ok for key, row in _by_key(reading).items()}


def _by_key(reading: Reading) -> Mapping[CoverageKey, Coverage]:
    return reading.remember("coverage by key", lambda: {row.key: row for row in reading.coverage})


def _calls(reading: Reading, node: Node) -> tuple[tuple[Value, ...], ...]:
    """The calls whose answers say that the node is there, or something of it."""
    found = _by_key(reading)
    return tuple(_call(reading, key, found.get(key)) for key in sorted(node.asserted_by))


def _call(reading: Reading, key: CoverageKey, row: Coverage | None) -> tuple[Value, ...]:
    return (
        key.operation,
        key.call.partition("/")[2],
        reading.account(key.scope),
        key.region,
        "not known" if row is None else row.outcome.value,
        "not known" if row is None else instant(row.last_ok),
    )


def _relations(reading: Reading, node: Node) -> Listed:
    """The facts that tie the node to others; for a conclusion, everything that it is made of."""
    view = reading.view
    at = view.find(node.id)
    if at is None:
        return Listed("What it is tied to", Sheet(("Relation",), ()))
    edges = view.edges
    here = (edges.source == at) | (edges.target == at)
    if not concluded(node.kind):
        facts = [
            number
            for number, kind in enumerate(edges.kinds)
            if schema().edge(kind).written is Written.FACT
        ]
        here &= np.isin(edges.kind, facts)
    found = np.flatnonzero(here)
    rows = tuple(_relation(view, int(edge), at) for edge in found[:MOST])
    return Listed(
        "What it is tied to",
        Sheet(("In words", "Other end", "Kind", "Account", "Certainty", "Id"), rows),
        tuple((open_node(reading, str(row[-1])),) for row in rows),
        len(found),
    )


def _relation(view: View, edge: int, at: int) -> tuple[Value, ...]:
    edges = view.edges
    source, target = int(edges.source[edge]), int(edges.target[edge])
    word = edge_words(edges.kinds[int(edges.kind[edge])])
    other = target if source == at else source
    ends = ["it" if end == at else name_at(view, end) for end in (source, target)]
    return (
        f"{ends[0]} {word} {ends[1]}",
        name_at(view, other),
        kind_at(view, other),
        view.account_of(other),
        CERTAINTIES[int(edges.certainty[edge])].label,
        view.nodes.ids[other],
    )
