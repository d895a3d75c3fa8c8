"""The graph as BloodHound OpenGraph reads it: nodes with kinds, and edges that say what one may do to another.

Grants are folded into edges from their holder to what they are on; sets and classes stay nodes, so that a grant on thousands
of assets stays one edge. Ids are digests, since BloodHound keeps ids in upper case and reads a colon as something of its own;
the platform's id stands beside. SOURCE: bloodhound.specterops.io, OpenGraph schema and custom nodes, read 2026-11-27.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from graph.model import Edge, Node, NodeId, digest
from graph.schema import Family, schema

SOURCE_KIND = "SGBase"
PREFIX = "SG"
_FOLDED = frozenset({"Grant", "Revocable"})
_LEFT_OUT = frozenset({"HOLDS", "ON", "BECAUSE"})
_VERBS: Mapping[str, str] = {
    "READ": "CanRead",
    "WRITE": "CanWrite",
    "INVOKE": "CanInvoke",
    "PROMOTE": "CanPromote",
    "CONTROL": "CanControl",
    "ADMIN": "CanAdminister",
    "DELEGATE": "CanDelegate",
    "HELD": "Holds",
}
# Names of Font Awesome's free icons.
_ICONS: Mapping[Family, tuple[str, str]] = {
    Family.IDENTITY: ("user-shield", "#4C78A8"),
    Family.COMPUTE: ("microchip", "#F58518"),
    Family.ARTEFACT: ("cube", "#B279A2"),
    Family.DATA: ("database", "#54A24B"),
    Family.SCOPE: ("building", "#9D9D9D"),
    Family.ACCESS: ("layer-group", "#BAB0AC"),
}
_SINGLE: Mapping[str, str] = {
    "User": "user",
    "Person": "user",
    "Role": "hat-cowboy",
    "Group": "users",
    "Public": "globe",
    "External": "arrow-up-right-from-square",
    "Notebook": "book",
    "Endpoint": "plug",
    "Agent": "robot",
    "Function": "bolt",
    "Job": "gears",
    "Key": "key",
    "Secret": "lock",
    "ModelVersion": "brain",
    "Model": "brain",
    "KnowledgeBase": "book-open",
    "Code": "code",
    "Image": "box",
}


def node_id(node: NodeId) -> str:
    """The id of a node in BloodHound."""
    return PREFIX + digest(node).upper()


def kind_name(kind: str) -> str:
    """The kind of a node: with a prefix, so that it overlaps with no kind of BloodHound's own."""
    return f"{PREFIX}_{kind}"


def edge_kind(kind: str) -> str:
    """The kind of an edge, in the way of BloodHound: `SG_MemberOf`."""
    return f"{PREFIX}_" + "".join(word.capitalize() for word in kind.split("_"))


def nodes(
    rows: Iterable[Node], measures: Mapping[NodeId, Mapping[str, object]]
) -> Iterator[dict[str, object]]:
    """The nodes that BloodHound is told of."""
    for node in rows:
        if node.kind not in _FOLDED:
            family = schema().node(node.kind).family.value.capitalize()
            said = {
                **node.props,
                **measures.get(node.id, {}),
                "platform_id": str(node.id),
                "present": node.present,
            }
            name = str(node.props.get("name", node.id))
            yield {
                "id": node_id(node.id),
                "kinds": [kind_name(node.kind), f"{PREFIX}_Family{family}"],
                "properties": {"name": name, "displayname": name, **dict(_flat(said))},
            }


def _flat(said: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Properties in lower case that are single values or texts in a row."""
    for name, value in sorted(said.items()):
        if name in {"name", "objectid"} or value is None:
            continue
        if isinstance(value, Mapping):
            yield name.lower(), [f"{key}={text}" for key, text in sorted(value.items())]
        else:
            yield name.lower(), list(value) if isinstance(value, tuple) else value


def edges(rows: Iterable[Edge], among: Iterable[Node]) -> Iterator[dict[str, object]]:
    """The edges that BloodHound is told of; a Grant is one from its holder to each thing that it is on."""
    grants = {node.id: node for node in among if node.kind in _FOLDED}
    holders: dict[NodeId, list[NodeId]] = defaultdict(list)
    targets: dict[NodeId, list[NodeId]] = defaultdict(list)
    for edge in rows:
        if edge.kind == "HOLDS":
            holders[edge.target].append(edge.source)
        elif edge.kind == "ON":
            targets[edge.source].append(edge.target)
        elif edge.kind not in _LEFT_OUT and not {edge.source, edge.target} & grants.keys():
            yield _edge(edge_kind(edge.kind), edge.source, edge.target, _own(edge))
    for grant, held in holders.items():
        props = grants[grant].props
        verb = f"{PREFIX}_{_VERBS[str(props['capability'])]}"
        conditions = props.get("conditions", ())
        said: dict[str, object] = {
            "how": props.get("how"),
            "certainty": props.get("certainty", "definite"),
            "conditions": list(conditions) if isinstance(conditions, tuple) else [],
        }
        for holder in held:
            for target in targets[grant]:
                yield _edge(verb, holder, target, said)


def _own(edge: Edge) -> dict[str, object]:
    return {
        "certainty": edge.certainty.label,
        "basis": edge.basis.value,
        "conditions": list(edge.conditions),
    }


def _edge(kind: str, start: NodeId, end: NodeId, said: Mapping[str, object]) -> dict[str, object]:
    return {
        "kind": kind,
        "start": {"match_by": "id", "value": node_id(start)},
        "end": {"match_by": "id", "value": node_id(end)},
        "properties": {name: value for name, value in said.items() if value not in (None, [])},
    }


def icons() -> dict[str, object]:
    """What BloodHound's `/api/v2/custom-nodes` takes: an icon and a colour for each kind."""
    told = {}
    for kind in schema().nodes.values():
        if kind.name not in _FOLDED:
            name, color = _ICONS[kind.family]
            icon = {"type": "font-awesome", "name": _SINGLE.get(kind.name, name), "color": color}
            told[kind_name(kind.name)] = {"icon": icon}
    return {"custom_types": told}
