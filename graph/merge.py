"""How the fragments that different calls say of one row become the row; pure.

Fragments come in the order of their coverage keys, so the sum depends on what is said and never on when.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain

from graph.model import Attachment, Edge, Node, Props, PropValue

REFERENCED = "referenced_only"
SETTINGS = "settings"
OWNER = ("owner", "owner_basis", "owner_known")
CREATOR = "creator"


def listed(fragment: Node) -> bool:
    """Whether the call lists the node, rather than only naming it from elsewhere."""
    return fragment.props.get(REFERENCED) is not True


def united(first: Props, second: Props) -> dict[str, PropValue]:
    """Both sets of properties, the second before the first; settings are united."""
    result = {**first, **second}
    old, new = first.get(SETTINGS), second.get(SETTINGS)
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        result[SETTINGS] = {**old, **new}
    return result


def merge_nodes(fragments: Sequence[Node]) -> Node:
    """The sum of fragments of one node.

    Fragments that only name the node come before those that list it, whatever their keys; of two values of a
    property the later stands. Settings add up name by name: each call tells a few of them. `referenced_only` stays
    only where every fragment says so. Whoever created the node is its owner only where no fragment names another.
    """
    ordered = sorted(fragments, key=listed)
    props: dict[str, PropValue] = {}
    for fragment in ordered:
        props = united(props, fragment.props)
    if props.get("owner_basis") == CREATOR:
        props |= _nearer_owner(ordered)
    if listed(ordered[-1]):
        props.pop(REFERENCED, None)
    return replace(
        ordered[-1],
        props=props,
        asserted_by=frozenset(chain.from_iterable(one.asserted_by for one in ordered)),
    )


def _nearer_owner(fragments: Sequence[Node]) -> dict[str, PropValue]:
    """The last owner whom a fragment names by more than having created the node; nothing where none does."""
    named = [one.props for one in fragments if one.props.get("owner_basis") not in {None, CREATOR}]
    return {name: named[-1][name] for name in OWNER if name in named[-1]} if named else {}


def merge_edges(fragments: Sequence[Edge]) -> Edge:
    """The sum of fragments of one edge.

    One call that shows the edge is enough: basis, certainty, conditions, cost and `indirect` are those of the
    surest fragment, of equals the last. Evidence and inputs add up; of two values of a property the later stands.
    """
    surest = min(reversed(fragments), key=lambda one: one.certainty)
    props: dict[str, PropValue] = {}
    for fragment in fragments:
        props.update(fragment.props)
    return replace(
        surest,
        props=props,
        evidence=tuple(dict.fromkeys(chain.from_iterable(one.evidence for one in fragments))),
        inputs=frozenset(chain.from_iterable(one.inputs for one in fragments)),
        asserted_by=frozenset(chain.from_iterable(one.asserted_by for one in fragments)),
    )


def merge_attachments(fragments: Sequence[Attachment]) -> Attachment:
    """The sum of fragments of one attachment: the last one, with the last document that any of them read."""
    read = [one.document for one in fragments if one.document is not None]
    return replace(
        fragments[-1],
        document=read[-1] if read else None,
        asserted_by=frozenset(chain.from_iterable(one.asserted_by for one in fragments)),
    )
