"""Choke points, against taking each thing away and counting again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

import numpy as np
from examples import RUN, share
from graph_strategies import Rows, estates, keeps
from graph_strategies import make as make_rows
from hypothesis import example, given
from hypothesis import strategies as st
from oracle.choke import always_passed, lost_with, nearest, pairs
from oracle.reach import Oracle, State
from oracle.revoke import states_without
from revocable_estates import Reasoned, make

from access.decision import Revocable, RevocableKind
from graph.model import Certainty, Edge, Node, NodeId
from graph.projection import project
from graph.schema import is_asset
from graph.view import Keep, View
from queries.attack_paths import goal_states
from queries.choke import ChokePoints, choke_points
from queries.fixes import Evidence, offered, people
from queries.kernels.dominators import hanging
from queries.kernels.sweep import has_numba

KERNELS = [False, *([True] if has_numba() else [])]
ALL = 10_000


def asked(rows: Rows, keep: Keep) -> tuple[Oracle, View, list[State], dict[NodeId, set[State]]]:
    """The twin, the view, where people start, and the content of every asset."""
    oracle = Oracle.of(rows.nodes, rows.edges, keep)
    view = project(rows.nodes, rows.edges, version=1)
    starts = [
        (view.nodes.ids[view.state_node[start]], view.capability(int(start)))
        for start in people(view)
    ]
    ends = {
        node.id: {(node.id, view.capability(state)) for state in goal_states(view, node.id)}
        for node in rows.nodes
        if is_asset(node)
    }
    return oracle, view, starts, ends


@share(0.5)
@given(fast=st.sampled_from(KERNELS), rows=estates(), keep=keeps(), data=st.data())
def test_who_hangs_below_a_state_has_it_on_every_way(
    fast: bool, rows: Rows, keep: Keep, data: st.DataObject
) -> None:
    oracle, view, starts, ends = asked(rows, keep)
    target = data.draw(st.sampled_from(sorted(ends)))
    walkers = np.zeros(view.size, dtype=np.int64)
    for node, capability in starts:
        walkers[view.state(view.position(node), capability)] += 1
    wanted = Counter(
        state for start in starts for state in always_passed(oracle, ends[target], start)
    )

    tree = hanging(view, keep, goal_states(view, target), walkers, fast=fast)

    named = [
        (view.nodes.ids[node], view.capability(state))
        for state, node in enumerate(view.state_node.tolist())
    ]
    assert {named[at]: int(tree.sums[at]) for at in np.flatnonzero(tree.sums)} == dict(wanted)
    assert {
        named[state]: named[above] if above >= 0 else None
        for state, above in enumerate(tree.above.tolist())
        if tree.leading[state]
    } == nearest(oracle, ends[target])
    RUN["dominators"] += 1


@share(0.5)
@given(rows=estates(), keep=keeps())
def test_a_node_that_is_counted_again_ends_what_its_removal_ends(rows: Rows, keep: Keep) -> None:
    oracle, view, starts, ends = asked(rows, keep)

    found = choke_points(view, list(ends), keep=keep, recount=ALL, most=ALL)

    assert found.pairs == len(pairs(oracle, starts, ends))
    for point in found.nodes:
        assert point.node is not None
        lost = lost_with(oracle, point.node, starts, ends)
        assert point.exact
        assert point.pairs == len(lost) > 0
        assert point.identities == len({identity for identity, _ in lost})
        assert point.targets == len({target for _, target in lost})
    RUN["recounts"] += 1


@share(0.5)
@given(rows=estates(), keep=keeps())
def test_a_bound_is_never_above_what_removal_ends(rows: Rows, keep: Keep) -> None:
    oracle, view, starts, ends = asked(rows, keep)

    found = choke_points(view, list(ends), keep=keep, recount=0, most=ALL)

    for point in found.nodes:
        assert point.node is not None
        assert not point.exact
        assert 0 < point.pairs <= len(lost_with(oracle, point.node, starts, ends))
    RUN["bounds"] += 1


@share(0.1)
@given(rows=estates(), keep=keeps())
@example(rows=make_rows(242, 5, 83), keep=Keep(certainty=Certainty.DEFINITE, indirect=False))
def test_what_stands_alone_on_every_way_of_somebody_is_proposed(rows: Rows, keep: Keep) -> None:
    oracle, view, starts, ends = asked(rows, keep)
    carrying = {"Grant", "AssetSet", "Revocable", "PrincipalClass", "Public"}
    alone = {
        state[0]
        for target, states in ends.items()
        for start in starts
        for state in always_passed(oracle, states, start)
        if start[0] not in {state[0], target} and state[0] not in ends
    }

    found = choke_points(view, list(ends), keep=keep, recount=0, most=ALL)

    told = {point.node for point in found.nodes}
    assert {
        node
        for node in alone
        if oracle.nodes[node].kind not in carrying and not oracle.nodes[node].props.get("potential")
    } <= told
    RUN["proposals"] += 1


# --- Revocables ----------------------------------------------------------------------------------------------------


def of_reasons(estate: Reasoned, **more: int) -> ChokePoints:
    view = project(estate.nodes, estate.edges, version=1)
    targets = [node.id for node in estate.nodes if node.kind == "Dataset"]
    return choke_points(
        view, targets, evidence=Evidence(estate.grants, estate.needs), most=ALL, **more
    )


def read_by(estate: Reasoned, gone: Collection[Revocable] = ()) -> set[tuple[NodeId, NodeId]]:
    """The pairs of an identity and a dataset that connect without these: each identity walked by itself."""
    return {
        (node.id, reached)
        for node in estate.nodes
        if node.kind in {"User", "Role"}
        for reached, capability in states_without(
            estate.nodes, estate.edges, gone, estate.needs, start=node.id
        )
        if reached.startswith("data ") and capability.value in {"READ", "WRITE"}
    }


@share(0.01)
@given(seed=st.integers(0, 2**32), grants=st.integers(3, 14))
@example(seed=196554, grants=3)  # a membership that no way leads along is a reason all the same
@example(seed=0, grants=3)  # an entry in the policy of the second dataset of a set
@example(seed=2, grants=5)  # an attachment of the second identity of a class
def test_every_revocable_that_ends_something_is_told_with_what_a_walk_without_it_ends(
    seed: int, grants: int
) -> None:
    estate = make(seed, grants)
    now = read_by(estate)
    left = {gone.id: read_by(estate, [gone]) for gone in estate.all_gone if offered(gone)}

    found = of_reasons(estate, recount=ALL)

    assert found.uncounted == 0
    assert all(point.exact for point in found.revocables)
    assert {point.id: point.pairs for point in found.revocables} == {
        id_: len(now - then) for id_, then in left.items() if then != now
    }
    for point in found.revocables:
        assert point.everybody == bool({t for _, t in now} - {t for _, t in left[point.id]})
    RUN["reasons"] += 1


@share(0.05)
@given(seed=st.integers(0, 2**32), grants=st.integers(3, 14))
@example(seed=21, grants=8)
def test_a_bound_of_a_revocable_is_never_above_what_it_ends(seed: int, grants: int) -> None:
    estate = make(seed, grants)

    now = read_by(estate)

    found = of_reasons(estate, recount=3)

    for point in found.revocables:
        assert point.revocable is not None
        if not point.exact:
            assert 0 < point.pairs <= len(now - read_by(estate, [point.revocable]))
    assert len({point.id for point in found.revocables}) == len(found.revocables)
    RUN["reason bounds"] += 1


# --- by hand -------------------------------------------------------------------------------------------------------


def some(id_: str, kind: str, **props: object) -> Node:
    return Node(NodeId(id_), kind, props)  # type: ignore[arg-type]  # plain values


def shared_role() -> View:
    """Four users who may become one role, which alone reads two datasets; one of them also reads one directly."""
    nodes = [
        *(some(f"u{n}", "User") for n in range(4)),
        some("role", "Role"),
        some("d1", "Dataset"),
        some("d2", "Dataset"),
        some("become", "Grant", capability="CONTROL", how="trust"),
        some("read", "Grant", capability="READ", how="s3:GetObject"),
        some("own", "Grant", capability="READ", how="s3:GetObject"),
        some("both", "AssetSet"),
        some("c", "PrincipalClass"),
    ]
    pairs_ = [("IN_CLASS", f"u{n}", "c") for n in range(4)]
    pairs_ += [("HOLDS", "c", "become"), ("ON", "become", "role"), ("HOLDS", "role", "read")]
    pairs_ += [("ON", "read", "both"), ("COVERS", "both", "d1"), ("COVERS", "both", "d2")]
    pairs_ += [("HOLDS", "u0", "own"), ("ON", "own", "d1")]
    edges = [Edge(kind, NodeId(a), NodeId(b)) for kind, a, b in pairs_]
    return project(nodes, sorted(edges, key=lambda e: (e.source, e.target)), version=1)


def test_a_role_that_all_pass_ends_all_but_who_has_another_way() -> None:
    found = choke_points(shared_role(), [NodeId("d1"), NodeId("d2")])

    # Ten pairs: four users and the role, two datasets. The role's own are no loss of another.
    (role,) = found.nodes
    assert (found.pairs, role.node, role.pairs, role.identities, role.targets) == (
        10,
        "role",
        7,
        4,
        2,
    )
    assert role.everybody  # of the others nobody reaches d2 any more


def test_who_is_no_entry_does_not_count() -> None:
    found = choke_points(shared_role(), [NodeId("d1")], entries=[NodeId("u1"), NodeId("u0")])

    assert (found.pairs, found.entries, [(p.node, p.pairs) for p in found.nodes]) == (
        2,
        2,
        [("role", 1)],
    )


def test_a_workload_that_a_technique_would_create_is_nothing_to_take_away() -> None:
    nodes = [some("u", "User"), some("role", "Role"), some("d", "Dataset")]
    nodes += [some("new", "Notebook", potential=True)]
    nodes += [some("make", "Grant", capability="CONTROL", how="sagemaker-001")]
    nodes += [some("read", "Grant", capability="READ", how="s3:GetObject")]
    pairs_ = [("HOLDS", "u", "make"), ("ON", "make", "new"), ("RUNS_AS", "new", "role")]
    pairs_ += [("HOLDS", "role", "read"), ("ON", "read", "d")]
    edges = [Edge(kind, NodeId(a), NodeId(b)) for kind, a, b in pairs_]
    view = project(nodes, sorted(edges, key=lambda e: (e.source, e.target)), version=1)

    found = choke_points(view, [NodeId("d")])

    assert (found.pairs, [point.node for point in found.nodes]) == (2, ["role"])


def test_without_evidence_no_revocable_is_told() -> None:
    assert choke_points(shared_role(), [NodeId("d1")]).revocables == ()


def one_group() -> View:
    """A user who reads two datasets through a group, and one who is in it twice: by herself and through another group."""
    nodes = [
        *(some(f"u{n}", "User") for n in range(2)),
        *(some(f"g{n}", "Group") for n in range(2)),
        *(some(f"d{n}", "Dataset") for n in range(2)),
        *(some(f"read{n}", "Grant", capability="READ", how="s3:GetObject") for n in range(2)),
    ]
    pairs_ = [("MEMBER_OF", "u0", "g0"), ("MEMBER_OF", "u1", "g0"), ("MEMBER_OF", "u1", "g1")]
    pairs_ += [("MEMBER_OF", "g1", "g0")]
    pairs_ += [
        (k, *e)
        for n in "01"
        for k, e in (("HOLDS", ("g0", f"read{n}")), ("ON", (f"read{n}", f"d{n}")))
    ]
    edges = [Edge(kind, NodeId(a), NodeId(b)) for kind, a, b in pairs_]
    return project(nodes, sorted(edges, key=lambda e: (e.source, e.target)), version=1)


def test_the_only_membership_of_an_identity_ends_its_pairs_and_one_of_two_ends_none() -> None:
    nothing = Evidence({NodeId(f"read{n}"): some(f"read{n}", "Grant") for n in "01"}, lambda *_: ())

    counted, bounds = (
        choke_points(
            one_group(), [NodeId("d0"), NodeId("d1")], evidence=nothing, recount=recount
        ).revocables
        for recount in (ALL, 0)
    )

    (membership,) = counted
    assert membership.revocable is not None
    assert membership.revocable.kind is RevocableKind.MEMBERSHIP
    assert (membership.name, membership.pairs) == ("membership of u0 in g0", 2)
    assert [(point.id, point.pairs, point.exact) for point in bounds] == [(membership.id, 2, False)]


def test_what_was_neither_counted_nor_has_a_bound_is_told_as_a_number() -> None:
    estate = make(5, 12)
    told = of_reasons(estate, recount=ALL).revocables

    found = of_reasons(estate, recount=0)

    assert 0 < len(told) <= len(found.revocables) + found.uncounted
    assert not any(point.exact for point in found.revocables)
