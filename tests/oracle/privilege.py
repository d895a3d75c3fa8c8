"""The slow, obvious twin of what identities hold: walked edge by edge from each identity, without the arrays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from graph.model import Edge, Node, NodeId


def held(nodes: Iterable[Node], edges: Iterable[Edge]) -> dict[NodeId, set[tuple[str, NodeId]]]:
    """Per user and role the pairs of an action, or technique, and what it may be done to."""
    by_id = {node.id: node for node in nodes}
    out: dict[tuple[str, NodeId], list[NodeId]] = defaultdict(list)
    for edge in edges:
        out[edge.kind, edge.source].append(edge.target)
    people = [node for node in by_id.values() if node.kind in {"User", "Role"} and node.present]
    return {node.id: _pairs(node.id, by_id, out) for node in people}


def _pairs(
    identity: NodeId, by_id: dict[NodeId, Node], out: dict[tuple[str, NodeId], list[NodeId]]
) -> set[tuple[str, NodeId]]:
    enjoyed, todo = {identity}, [identity]
    found: set[tuple[str, NodeId]] = set()
    while todo:
        holder = todo.pop()
        further = [*out["MEMBER_OF", holder], *out["IN_CLASS", holder]]
        for grant in out["HOLDS", holder]:
            node = by_id[grant]
            targets = [end for on in out["ON", grant] for end in _ends(on, by_id, out)]
            if node.props["capability"] == "HELD":
                further += [
                    end for end in targets if by_id[end].kind in {"Group", "PrincipalClass"}
                ]
            else:
                found |= {(str(node.props["how"]), end) for end in targets if _is_there(by_id[end])}
        for other in further:
            if other not in enjoyed:
                enjoyed.add(other)
                todo.append(other)
    return found


def _ends(
    on: NodeId, by_id: dict[NodeId, Node], out: dict[tuple[str, NodeId], list[NodeId]]
) -> list[NodeId]:
    return out["COVERS", on] if by_id[on].kind == "AssetSet" else [on]


def _is_there(node: Node) -> bool:
    concluded = {"Grant", "AssetSet", "PrincipalClass", "Revocable"}
    return node.present and node.kind not in concluded and not node.props.get("potential")
