"""The questions, asked of the sample: its stories are the paths that are told, and what is proposed ends them."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from resolved import Resolved
from sample_estate import DECOYS, SAMPLE, STORIES, Row, loaded

from access.decision import Revocable, RevocableKind
from access.patch import Patch, patches
from graph.model import Capability, NodeId
from graph.view import View
from queries.attack_paths import attack_paths
from queries.choke import choke_points
from queries.cut import Cut, revocations
from queries.fixes import Evidence
from queries.paths import cheapest_path
from queries.revoke import without

# Loading again takes seconds: one story in six by default, all of them where SHADOWGRAPH_THOROUGH is set.
AGAIN = list(STORIES) if os.environ.get("SHADOWGRAPH_THOROUGH") else list(STORIES)[::6]


def evidence(sample: Resolved) -> Evidence:
    return Evidence(sample.grants, sample.explainer.needs, sample.explainer.denies)


def ends(row: Row) -> tuple[list[NodeId], list[NodeId]]:
    return [NodeId(row["from"])], [NodeId(row["to"])]


def open_stories(view: View) -> set[str]:
    """The stories that are still there."""
    return {
        name
        for name, row in STORIES.items()
        if view.find(row["from"]) is not None
        and view.find(row["to"]) is not None
        and (
            path := cheapest_path(
                view,
                NodeId(row["from"]),
                NodeId(row["to"]),
                capability=Capability(row["capability"]),
            )
        )
        and (not path.public or path.source == row["from"])
    }


def smallest(sample: Resolved, row: Row) -> Cut:
    entries, targets = ends(row)
    return revocations(sample.view, targets, evidence(sample), entries=entries)


@pytest.mark.parametrize("name", STORIES)
def test_a_story_is_the_top_path_between_its_ends(sample: Resolved, name: str) -> None:
    row = STORIES[name]
    entries, targets = ends(row)

    found = attack_paths(sample.view, entries, targets, 1, capability=Capability(row["capability"]))

    (group,) = found.groups
    passed = {node for node, _ in group.path.states}
    assert [node for node in row["via"] if node not in passed] == []


@pytest.mark.parametrize("name", DECOYS)
def test_a_decoy_is_no_path(sample: Resolved, name: str) -> None:
    row = DECOYS[name]
    entries, targets = ends(row)
    if any(sample.view.find(node) is None for node in (*entries, *targets)):
        pytest.skip("one of its ends is not in the graph")

    found = attack_paths(sample.view, entries, targets, 1, capability=Capability(row["capability"]))

    assert found.groups == ()


@pytest.mark.parametrize("name", STORIES)
def test_the_smallest_cut_is_one_that_the_answer_key_names(sample: Resolved, name: str) -> None:
    row = STORIES[name]
    named = {
        (one["kind"], one["holder"], one["statement"], one["member"])
        for one in row["revocables"]
        if one["alone_cuts_all"]
    }

    cut = smallest(sample, row)

    assert cut.proved
    assert cut.uncut == ()
    if named and any(one["alone_cuts_all"] for one in row["revocables"]):
        (removal,) = cut.removals
        one = removal.revocable
        assert (one.kind.value, one.holder, one.statement, one.member) in named


@pytest.mark.parametrize("name", STORIES)
def test_what_cuts_a_story_is_among_its_choke_points(sample: Resolved, name: str) -> None:
    row = STORIES[name]
    entries, targets = ends(row)
    alone = {
        (one["kind"], one["holder"], one["statement"], one["member"])
        for one in row["revocables"]
        if one["alone_cuts_all"]
    }
    # What ends the story may leave another capability of the same target.
    whole = {
        (r.kind.value, r.holder, r.statement, r.member)
        for removal in smallest(sample, row).removals
        for r in (removal.revocable, *removal.instead)
    }

    found = choke_points(
        sample.view, targets, entries=entries, evidence=evidence(sample), recount=40
    )

    told = {
        (r.kind.value, r.holder, r.statement, r.member)
        for point in found.revocables
        if (r := point.revocable) is not None and point.exact and point.pairs == 1
    }
    assert alone & whole or not alone  # else the last line would hold of nothing
    assert alone & whole <= told


# --- patches of the raw answers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", AGAIN)
def test_the_patches_of_a_cut_close_exactly_the_stories_that_it_claims(
    sample: Resolved, name: str, tmp_path: Path
) -> None:
    cut = smallest(sample, STORIES[name])
    gone = cut.revocables
    claimed = open_stories(
        without(sample.view, gone, grants=sample.grants, needs=sample.explainer.needs)
    )
    snapshot = tmp_path / "snapshot"
    shutil.copytree(SAMPLE / "snapshot", snapshot)

    for patch in patches(sample.facts, gone):
        assert apply(snapshot, patch) == 1, patch.title

    after = loaded(snapshot, tmp_path)
    assert name not in claimed
    assert open_stories(after.view) == claimed


def apply(snapshot: Path, patch: Patch) -> int:
    """Make the change in the raw answers; how many places it was made in."""
    changed = 0
    for file in sorted(snapshot.glob("answers/**/*.json")):
        answer = json.loads(file.read_text("utf-8"))
        if made := sum(1 for _ in changes(answer, patch, within=str(file))):
            file.write_text(json.dumps(answer), "utf-8")
            changed += made
    return changed


def changes(value: Any, patch: Patch, *, within: str) -> Iterator[None]:
    """Change the value in place, where it is what the patch is about; `within` is the ARN or file that it stands in."""
    if isinstance(value, list):
        for one in value:
            yield from changes(one, patch, within=within)
    if not isinstance(value, dict):
        return
    here = str(value.get("Arn", within))
    if not patch.document:
        yield from other_changes(value, patch.removals[0], here)
    for key, one in value.items():
        if patch.document and (body := document(one)) is not None:
            name = str(value.get("PolicyName", ""))
            if body == json.loads(patch.before) and meant(here, name, patch):
                after = json.loads(patch.after)
                value[key] = json.dumps(after) if isinstance(one, str) else after
                yield None
        else:
            yield from changes(one, patch, within=here)


def meant(here: str, name: str, patch: Patch) -> bool:
    """Whether the document in this place is the one of the patch."""
    last = patch.holder.rpartition(":")[2].rpartition("/")[2]
    return (
        (here == patch.holder and name in {"", patch.document})
        or here == patch.document
        or last in here
    )


def document(value: Any) -> Any:
    """The policy document that the value is, as an object or as text."""
    if isinstance(value, str) and '"Statement"' in value:
        value = json.loads(value)
    return value if isinstance(value, dict) and "Statement" in value else None


def other_changes(value: dict[str, Any], gone: Revocable, here: str) -> Iterator[None]:
    if here != gone.holder:
        return
    if gone.kind is RevocableKind.MEMBERSHIP and "GroupList" in value:
        group = gone.member.rpartition("/")[2]
        value["GroupList"] = [name for name in value["GroupList"] if name != group]
        yield None
    if gone.kind is RevocableKind.ATTACHMENT and "AttachedManagedPolicies" in value:
        rows = value["AttachedManagedPolicies"]
        value["AttachedManagedPolicies"] = [r for r in rows if r["PolicyArn"] != gone.member]
        yield None
