"""Rows against the schema; pure. A row that does not fit is refused before it reaches a store."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import NoReturn

from graph.errors import SchemaError
from graph.model import (
    Attachment,
    Batch,
    Conclusions,
    CoverageKey,
    Edge,
    Node,
    NodeId,
    Observation,
)
from graph.schema import EdgeKind, Prop, Schema, Written

KindOf = Callable[[NodeId], str | None]
Asserted = Node | Edge | Attachment | Observation

_UTC_OFFSET = timedelta(0)
_LONGEST_SHOWN = 200


class _Declared:
    """The declared properties of the kinds met in one check, by name."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.shapes: dict[
            tuple[str, str, str, bool], EdgeKind
        ] = {}  # of edges that were found to fit
        self._nodes: dict[str, Mapping[str, Prop]] = {}
        self._edges: dict[str, Mapping[str, Prop]] = {}

    def of_node(self, kind: str) -> Mapping[str, Prop]:
        """The properties of a node kind; `SchemaError` where it is not declared."""
        if kind not in self._nodes:
            self._nodes[kind] = self.schema.props_of(kind)
        return self._nodes[kind]

    def of_edge(self, kind: EdgeKind) -> Mapping[str, Prop]:
        """The properties of an edge kind."""
        if kind.name not in self._edges:
            self._edges[kind.name] = {prop.name: prop for prop in kind.props}
        return self._edges[kind.name]


def check_batch(
    batch: Batch,
    schema: Schema,
    *,
    kind_of: KindOf,
    said: Mapping[NodeId, str] = MappingProxyType({}),
) -> None:
    """Refuse a batch of facts with a row that does not fit.

    `kind_of` knows the nodes outside the batch; `said` are the kinds that the run gave to nodes so far, on which its
    calls must agree.
    """
    kinds: dict[NodeId, str] = {}
    props = _Declared(schema)
    for node in batch.nodes:
        _check_key(node)
        _check_node(node, props)
        if schema.node(node.kind).written is Written.CONCLUSION:
            _refuse(node, f"of kind `{node.kind}`, which only conclusions have")
        if kinds.setdefault(node.id, said.get(node.id, node.kind)) != node.kind:
            _refuse(node, f"both `{kinds[node.id]}` and `{node.kind}`")

    def known(end: NodeId) -> str | None:
        return kinds.get(end) or said.get(end) or kind_of(end)

    for edge in batch.edges:
        _check_key(edge)
        if _check_edge(edge, props, known).written is Written.CONCLUSION:
            _refuse(edge, "of a kind that only conclusions have")
    for row in batch.attachments:
        _check_key(row)
        if not row.holder:
            _refuse(row, "without a holder")
    for observation in batch.observations:
        _check_key(observation)
        _check_observation(observation, known)


def check_conclusions(conclusions: Conclusions, schema: Schema, *, kind_of: KindOf) -> None:
    """Refuse conclusions with a row that does not fit; `kind_of` knows the facts that they speak of."""
    kinds: dict[NodeId, str] = {}
    props = _Declared(schema)
    for node in conclusions.nodes:
        _check_node(node, props)
        _check_unasserted(node)
        if node.id in kinds:
            _refuse(node, "concluded twice")
        if kind_of(node.id) is not None:
            _refuse(node, "a fact, and no conclusion may take its place")
        kinds[node.id] = node.kind

    def known(end: NodeId) -> str | None:
        return kinds.get(end) or kind_of(end)

    for edge in conclusions.edges:
        _check_unasserted(edge)
        _check_edge(edge, props, known)


def shown(thing: object) -> str:
    """What the thing is called, on one line and not too long, for a message."""
    text = str(thing)
    plain = text if text.isprintable() else ascii(text)[1:-1]
    return plain if len(plain) <= _LONGEST_SHOWN else plain[:_LONGEST_SHOWN] + "..."


def title(row: Asserted) -> str:
    """The words that name a row in a message."""
    if isinstance(row, Node):
        return f"node `{shown(row.id)}`"
    if isinstance(row, Edge):
        return f"edge `{shown(row.source)}` {shown(row.kind)} `{shown(row.target)}`"
    if isinstance(row, Attachment):
        return f"attachment `{shown(row.name or row.policy or row.role)}` of `{shown(row.holder)}`"
    return f"observation `{shown(row.name)}` of `{shown(row.node)}`"


def _refuse(row: Asserted, why: str) -> NoReturn:
    raise SchemaError(f"{title(row)} is {why}")


def _check_key(row: Asserted) -> None:
    if len(row.asserted_by) != 1:
        _refuse(row, f"asserted by {len(row.asserted_by)} calls, not by one")
    check_coverage_keys(row.asserted_by)


@lru_cache(maxsize=4096)
def check_coverage_keys(keys: frozenset[CoverageKey]) -> None:
    """Refuse keys that their own text would not give back; few sets of keys assert many rows."""
    for key in keys:
        check_coverage_key(key)


def check_coverage_key(key: CoverageKey) -> None:
    """Refuse a key that its own text would not give back."""
    if not (key.platform and key.scope and key.region and key.call):
        raise SchemaError(f"coverage key `{shown(str(key))}` has an empty part")
    if "/" in key.platform or "/" in key.scope or "/" in key.region:
        raise SchemaError(f"coverage key `{shown(str(key))}` has a slash before its call")


def _check_unasserted(row: Node | Edge) -> None:
    if row.asserted_by:
        _refuse(row, "a conclusion, which no call asserts")


def _check_node(node: Node, props: _Declared) -> None:
    if not node.id:
        _refuse(node, f"of kind `{node.kind}` and without id")
    if not node.present:
        _refuse(node, "put as absent, which only a store may say")
    declared = props.of_node(node.kind)
    if node.props:
        _check_props(node, declared)


def _check_edge(edge: Edge, props: _Declared, kind_of: KindOf) -> EdgeKind:
    source, target = kind_of(edge.source), kind_of(edge.target)
    if source is None or target is None:
        end = edge.source if source is None else edge.target
        _refuse(edge, f"without its end `{shown(end)}`")
    shape = (edge.kind, source, target, edge.discriminator == "")
    kind = props.shapes.get(shape)
    if kind is None:
        kind = props.shapes[shape] = _check_shape(edge, source, target, props.schema)
    if edge.cost < 0:
        _refuse(edge, f"of cost `{edge.cost}`")
    if edge.props:
        _check_props(edge, props.of_edge(kind))
    if edge.inputs:
        check_coverage_keys(edge.inputs)
    return kind


def _check_shape(edge: Edge, source: str, target: str, schema: Schema) -> EdgeKind:
    kind = schema.edge(edge.kind)
    if source not in kind.sources or target not in kind.targets:
        _refuse(edge, f"not allowed to run `{source}` to `{target}`")
    if bool(kind.discriminator) != bool(edge.discriminator):
        wanted = f"in need of {kind.discriminator}" if kind.discriminator else "not in need"
        _refuse(edge, f"{wanted} as discriminator")
    return kind


def _check_observation(row: Observation, kind_of: KindOf) -> None:
    if kind_of(row.node) is None:
        _refuse(row, "without its node")
    if not any(fits(row.value) for fits in _FITS.values()):
        _refuse(row, "of a value that no property has")


def _check_props(row: Node | Edge, declared: Mapping[str, Prop]) -> None:
    for name, value in row.props.items():
        prop = declared.get(name)
        if prop is None:
            raise SchemaError(f"{title(row)} has property `{shown(name)}`, which is not declared")
        if not _FITS[prop.type](value):
            raise SchemaError(f"{title(row)} has property `{name}`, which is no {prop.type}")


def _is_time(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        return datetime.fromisoformat(value).utcoffset() == _UTC_OFFSET
    except ValueError:
        return False


def _is_map(value: object) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(key, str) and isinstance(item, str) for key, item in value.items()
    )


def _is_float(value: object) -> bool:
    return isinstance(value, int | float) and type(value) is not bool and math.isfinite(value)


_FITS: dict[str, Callable[[object], bool]] = {
    "str": lambda value: isinstance(value, str),
    "int": lambda value: isinstance(value, int) and type(value) is not bool,
    "float": _is_float,
    "bool": lambda value: isinstance(value, bool),
    "time": _is_time,
    "list": lambda value: isinstance(value, tuple) and all(isinstance(item, str) for item in value),
    "map": _is_map,
}
