"""Decisions on their way into the record: the subject is known, the words are right, and nobody reviews themselves."""

from __future__ import annotations

import json
from dataclasses import replace

from graph.errors import QueryError, with_advice
from graph.model import Decision, Node, NodeId
from graph.store import Store
from graph.view import View
from queries.campaigns import PREFIX, campaign_named
from queries.decisions import REVIEW, What, checked, own
from queries.selection import Selection
from ui.lookup import find


def decided_alike(
    store: Store, view: View, asked: Decision, subjects: tuple[str, ...]
) -> tuple[Decision, ...]:
    """The same decision on each of these subjects; `QueryError`, and none is kept, where it may not be made of one."""
    made = [checked(replace(asked, subject=_subject(store, view, one))) for one in subjects]
    for one in made:
        if one.what in REVIEW:
            _not_own(store, one)
    return tuple(map(store.decide, made))


def opened(store: Store, view: View, asked: Decision) -> Decision:
    """Open a campaign; `QueryError` where a share is no selection or selects nobody."""
    made = checked(asked)
    for reviewer, share in json.loads(made.value).items():
        if not Selection(share).nodes(view):
            raise with_advice(
                QueryError(f"the share of `{reviewer}` selects nobody: `{share}`"),
                "`shadowgraph paths --help` tells how a selection is written",
            )
    return store.decide(made)


def _subject(store: Store, view: View, named: str) -> str:
    if named.startswith(PREFIX):
        campaign_named(store.decisions(), named.removeprefix(PREFIX))
        return named
    if named.startswith("finding:"):
        if not any(row.id == named for row in store.findings()):
            raise with_advice(
                QueryError(f"no finding `{named}`"), "`shadowgraph check --all` lists them"
            )
        return named
    return str(find(view, named))


def _not_own(store: Store, made: Decision) -> None:
    """Refuse a review of one's own access, by name or address, of the identity or of the human behind it."""
    node = store.get(NodeId(made.subject))
    if node is None:
        raise QueryError(f"`{made.what}` is said of an identity, not of a finding")
    if own(made.person, node, humans(store, node.id)):
        raise with_advice(
            QueryError(f"`{made.person}` may not review their own access"),
            f"say `{What.NOT_MINE}` elsewhere, and let somebody else decide",
        )


def humans(store: Store, identity: NodeId) -> list[Node]:
    """The humans that the identity is an account of."""
    edges = store.edges(kinds=frozenset({"HAS_ACCOUNT"}), about=identity)
    found = (store.get(edge.source) for edge in edges if edge.target == identity)
    return [node for node in found if node is not None]
