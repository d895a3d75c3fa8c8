"""The sample estate, loaded and resolved: every story of its answer key is found, its cuts cut, and no decoy is."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import TypeAlias

import pytest
from oracle.removal import facts_without
from resolved import Resolved, view_of_rows
from sample_estate import DECOYS, NOW, STORIES, Row

from access.decision import Revocable, RevocableKind
from access.resolve import resolve
from graph.model import Capability, Certainty, NodeId
from graph.view import View
from queries.paths import Path as Route
from queries.paths import cheapest_path
from queries.revoke import without

CUTS = [
    pytest.param(story, number, id=f"{story['id']}-{row['kind']}-{row['statement'] or number}")
    for story in STORIES.values()
    for number, row in enumerate(story["revocables"])
]
# Resolving again takes seconds: one cut in five by default, all of them where SHADOWGRAPH_THOROUGH is set.
RESOLVED = CUTS if os.environ.get("SHADOWGRAPH_THOROUGH") else CUTS[::5]
Again: TypeAlias = Callable[[Revocable], View]


def route(view: View, row: Row) -> Route | None:
    """The way of a story or decoy; None also where an end is no longer in the graph."""
    ends = NodeId(row["from"]), NodeId(row["to"])
    if any(view.find(end) is None for end in ends):
        return None
    found = cheapest_path(view, *ends, capability=Capability(row["capability"]))
    # What everyone may do is no way of this start.
    return None if found is not None and found.public and found.source != ends[0] else found


def route_of(answer: Resolved, row: Row) -> Route | None:
    return route(answer.view, row)


def reasons(answer: Resolved, way: Route) -> Iterator[Revocable]:
    """Every concrete Revocable along the way."""
    actor = way.source
    grant: NodeId | None = None
    for step in way.steps:
        if step.kind == "MEMBER_OF":
            yield Revocable(
                RevocableKind.MEMBERSHIP, holder=str(step.source), member=str(step.target)
            )
        if step.kind == "ON":
            grant = step.source
        target = answer.nodes[step.target]
        if step.kind in {"ON", "COVERS"} and grant is not None and target.kind != "AssetSet":
            for need in answer.explainer.needs(answer.nodes[grant], actor, target.id):
                for alternative in need.alternatives:
                    yield from alternative.revocables
        if target.kind in {"User", "Role"} and step.gain is Capability.CONTROL:
            actor = target.id


def matches(row: Row, found: Revocable) -> bool:
    named = ("kind", "holder", "statement", "member")
    return all(str(getattr(found, name)) == row[name] for name in named)


@pytest.fixture(scope="session")
def again(sample: Resolved) -> Again:
    """Resolves the sample without a Revocable, each once."""

    @cache
    def resolved_without(gone: Revocable) -> View:
        left = facts_without(sample.facts, gone)
        concluded = resolve(left, instant=NOW)
        return view_of_rows((*left.nodes, *concluded.nodes), (*left.edges, *concluded.edges))

    return resolved_without


@pytest.mark.parametrize("name", STORIES)
def test_a_story_is_found_with_its_certainty(sample: Resolved, name: str) -> None:
    story = STORIES[name]
    way = route_of(sample, story)
    assert way is not None
    sure = sample.reach(NodeId(story["from"]))[NodeId(story["to"]), way.capability]
    assert sure is Certainty[story["expect"].upper()]


@pytest.mark.parametrize("name", STORIES)
def test_a_story_leads_through_its_nodes(sample: Resolved, name: str) -> None:
    way = route_of(sample, STORIES[name])
    assert way is not None
    passed = [node for node, _capability in way.states]
    assert [node for node in STORIES[name]["via"] if node not in passed] == []


@pytest.mark.parametrize("name", [n for n, s in STORIES.items() if s["conditions"]])
def test_a_conditional_story_names_what_it_depends_on(sample: Resolved, name: str) -> None:
    way = route_of(sample, STORIES[name])
    assert way is not None
    for named in STORIES[name]["conditions"]:
        assert any(named in condition for condition in way.conditions), way.conditions


@pytest.mark.parametrize(("story", "number"), CUTS)
def test_a_cut_of_a_story_is_among_the_reasons_of_its_way(
    sample: Resolved, again: Again, story: Row, number: int
) -> None:
    row = story["revocables"][number]
    way = route_of(sample, story)
    assert way is not None
    found = list(reasons(sample, way))
    if not row["alone_cuts_all"]:
        found += all_reasons(sample, again, story)
    assert any(matches(row, one) for one in found), sorted({str(one) for one in found})


def all_reasons(sample: Resolved, again: Again, story: Row) -> list[Revocable]:
    """The reasons of the way that is left when the first one is cut."""
    way = route_of(sample, story)
    assert way is not None
    first = next(one for one in reasons(sample, way))
    other = route(again(first), story)
    assert other is not None
    return list(reasons(sample, other))


@pytest.mark.parametrize(("story", "number"), CUTS)
def test_a_cut_of_a_story_ends_it_on_the_arrays(sample: Resolved, story: Row, number: int) -> None:
    row = story["revocables"][number]
    gone = as_revocable(sample, row)
    view = without(sample.view, [gone], grants=sample.grants, needs=sample.explainer.needs)
    left = route(view, story)
    assert (left is None) is row["alone_cuts_all"], left and left.states


@pytest.mark.parametrize(("story", "number"), RESOLVED)
def test_a_cut_of_a_story_ends_it_where_resolved_again(
    sample: Resolved, again: Again, story: Row, number: int
) -> None:
    row = story["revocables"][number]
    left = route(again(as_revocable(sample, row)), story)
    assert (left is None) is row["alone_cuts_all"], left and left.states


def as_revocable(sample: Resolved, row: Row) -> Revocable:
    """The Revocable of the answer key, with the document that it stands in today."""
    kind = RevocableKind(row["kind"])
    named = NodeId(row["member"] if kind is RevocableKind.MEMBERSHIP else row["holder"])
    account = named.split(":")[4] or str(sample.nodes[named].props["account"])
    words = (row["holder"], row["document"], row["statement"], row["member"])
    bare = Revocable(kind, *words, owner=account)
    if kind in {RevocableKind.MEMBERSHIP, RevocableKind.ATTACHMENT}:
        return bare
    if kind is RevocableKind.KEY_GRANT:
        rows = sample.facts.attachments
        (found,) = (one for one in rows if (one.holder, one.name) == (named, row["statement"]))
        return replace(bare, hash=found.document or "")
    texts = {document.hash: document.text for document in sample.facts.documents}
    for attached in sample.facts.attachments:
        if attached.holder == row["holder"] and attached.document is not None:
            statements = json.loads(texts[attached.document]).get("Statement", [])
            for position, statement in enumerate(statements):
                if statement.get("Sid") == row["statement"]:
                    return replace(bare, position=position, hash=attached.document)
    raise AssertionError(row)


@pytest.mark.parametrize("name", DECOYS)
def test_a_decoy_is_not_found(sample: Resolved, name: str) -> None:
    way = route_of(sample, DECOYS[name])
    assert way is None, [step.plain() for step in way.steps]
