"""The slow, obvious twin of what identities hold: walked edge by edge from each identity, without the arrays."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import Any

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


def allows(document: str, action: str, resource: str) -> bool | None:
    """Whether the text of a policy allows the action on the resource; None where a statement of it denies that."""
    statements = [
        one for one in json.loads(document)["Statement"] if _speaks(one, action, resource)
    ]
    if any(one["Effect"] == "Deny" for one in statements):
        return None
    return bool(statements)


def _speaks(statement: dict[str, Any], action: str, resource: str) -> bool:
    if "NotAction" in statement:
        named = not any(_fits(one, action.lower()) for one in _lower(statement["NotAction"]))
    else:
        named = any(_fits(one, action.lower()) for one in _lower(statement["Action"]))
    return named and any(_fits(one, resource) for one in _listed(statement["Resource"]))


def _lower(value: str | list[str]) -> list[str]:
    return [one.lower() for one in _listed(value)]


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


@cache
def _fits(pattern: str, text: str) -> bool:
    """Whether the text fits a pattern with `*`, letter by letter."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(_fits(pattern[1:], text[at:]) for at in range(len(text) + 1))
    return bool(text) and pattern[0] == text[0] and _fits(pattern[1:], text[1:])
