"""Fixes: each is recounted without it, and that agrees with taking it out of the facts and asking again."""

from __future__ import annotations

from app_stores import CLAIMS, CONTRACTOR, land_of_story
from builders import NOW, A, Land, allow, trusts
from estate_strategies import lands
from hypothesis import given, settings
from oracle.removal import facts_without
from resolved import Resolved

from access.decision import Revocable, revocables
from graph.model import Capability, NodeId
from graph.view import Flag, Keep, View
from queries.fixes import BEHIND, Evidence, access_states, first_fixes, path_fixes
from queries.hops import hops
from queries.kernels.search import reached
from queries.paths import Path, cheapest_path
from queries.radii import actor_starts
from ui.outlook import sensitive_assets

KEEP = Keep()


def evidence_of(answer: Resolved) -> Evidence:
    grants = {node.id: node for node in answer.nodes.values() if node.kind == "Grant"}
    return Evidence(grants, answer.explainer.needs)


def parts_of(answer: Resolved, path: Path) -> list[Revocable]:
    """Every concrete Revocable of the Grants on the path."""
    needs = [
        need
        for hop in hops(answer.view, path)
        if hop.grant is not None
        for need in answer.explainer.needs(answer.nodes[hop.grant], hop.identity, hop.target)
    ]
    return list(revocables(needs))


def pairs(view: View, target: NodeId, passed_over: frozenset[NodeId] = frozenset()) -> set[NodeId]:
    """Who reaches the content of the target, walked from each identity by itself."""
    if view.find(target) is None:
        return set()
    goals = set(access_states(view, target))
    found = set()
    for start in actor_starts(view).tolist():
        node = int(view.state_node[start])
        flags = Flag(int(view.nodes.flags[node]))
        plain = view.kind_of(node) not in BEHIND and not flags & (Flag.PUBLIC | Flag.DISABLED)
        own = view.nodes.ids[node] == target or view.nodes.ids[node] in passed_over
        if plain and not own and any(reached(view, KEEP, (start,))[goal] for goal in goals):
            found.add(view.nodes.ids[node])
    return found


def test_every_part_of_the_only_path_ends_it() -> None:
    answer = Resolved(land_of_story().facts())
    path = cheapest_path(answer.view, CONTRACTOR, CLAIMS, capability=Capability.READ)
    assert path is not None

    fixes = path_fixes(answer.view, path, parts_of(answer, path), evidence_of(answer))

    assert {fix.revocable.statement for fix in fixes} >= {"ReadClaims", "OpenNotebook"}
    assert all(fix.detour is None for fix in fixes)
    assert fixes[0].revocable.statement == "OpenNotebook"
    assert (fixes[0].everybody, fixes[-1].everybody) == (False, True)


def test_a_fix_that_leaves_another_way_says_which() -> None:
    land = land_of_story()
    spare = land.role(
        "spare",
        allow("s3:GetObject", "arn:aws:s3:::claims/*", sid="Spare"),
        trust=[trusts("sagemaker.amazonaws.com")],
    )
    other = land.notebook("other", spare)
    land.inline(
        CONTRACTOR,
        "second",
        allow("sagemaker:CreatePresignedNotebookInstanceUrl", other, sid="OpenOther"),
    )
    answer = Resolved(land.facts())
    path = cheapest_path(answer.view, CONTRACTOR, CLAIMS, capability=Capability.READ)
    assert path is not None

    fixes = path_fixes(answer.view, path, parts_of(answer, path), evidence_of(answer))

    assert fixes
    assert all(fix.detour is not None for fix in fixes)


@settings(deadline=None, max_examples=30)
@given(lands())
def test_what_a_first_fix_ends_is_what_resolving_without_it_ends(land: Land) -> None:
    answer = Resolved(land.facts())
    targets, _ = sensitive_assets(answer.view)
    for fix in first_fixes(answer.view, targets, evidence_of(answer), proposals=3, most=3):
        after = Resolved(facts_without(answer.facts, fix.revocable), instant=NOW)
        now = sum(len(pairs(answer.view, target)) for target in targets)
        left = sum(len(pairs(after.view, target)) for target in targets)
        assert (fix.pairs, fix.left) == (now, left)
        assert fix.cut > 0


def test_administrators_count_for_no_fix() -> None:
    land = land_of_story()
    admin = land.user("admin", allow("*", sid="Everything"))
    answer = Resolved(land.facts())
    evidence = evidence_of(answer)

    found = first_fixes(answer.view, [CLAIMS], evidence, passed_over=[admin])

    assert {fix.revocable.statement for fix in found} <= {"ReadClaims", "OpenNotebook"}
    assert {fix.pairs for fix in found} == {len(pairs(answer.view, CLAIMS, frozenset({admin})))}
    assert A in CONTRACTOR


@settings(deadline=None, max_examples=30)
@given(lands())
def test_what_a_fix_of_a_path_leaves_is_what_resolving_without_it_leaves(land: Land) -> None:
    answer = Resolved(land.facts())
    for path in _paths(answer):
        fixes = path_fixes(answer.view, path, parts_of(answer, path), evidence_of(answer))
        for fix in fixes[:4]:
            after = Resolved(facts_without(answer.facts, fix.revocable), instant=NOW).view
            ends = after.find(path.source), after.find(path.target)
            left = (
                None
                if None in ends
                else cheapest_path(after, path.source, path.target, capability=path.capability)
            )
            assert (fix.detour is None) == (left is None)
            assert fix.detour is None or left is None or fix.detour.cost == left.cost


def _paths(answer: Resolved) -> list[Path]:
    """The cheapest paths of two hops or more to what is sensitive, a few."""
    targets, _ = sensitive_assets(answer.view)
    found = []
    for target in targets[:2]:
        for source in answer.view.where(Flag.ACTOR).tolist()[:3]:
            path = cheapest_path(
                answer.view, answer.view.nodes.ids[source], target, capability=Capability.READ
            )
            if path is not None and path.steps and not path.public:
                found.append(path)
    return found
