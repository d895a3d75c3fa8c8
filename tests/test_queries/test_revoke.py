from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle.revoke import states_without
from revocable_estates import Reasoned, losses, make

from access.decision import Alternative, Condition, Need, Relative, Revocable, RevocableKind
from graph.errors import QueryError
from graph.model import Capability, Certainty, Edge, Node, NodeId
from graph.projection import Keep, View, project
from queries.hops import hops
from queries.paths import cheapest_path
from queries.reach import blast_radii, blast_radius
from queries.revoke import without

Loss = tuple[Reasoned, tuple[Revocable, ...]]


def view_of(estate: Reasoned) -> View:
    return project(estate.nodes, estate.edges, version=1)


def reached(view: View, start: NodeId, keep: Keep = Keep()) -> set[tuple[NodeId, Capability]]:  # noqa: B008 - frozen
    blast = blast_radius(view, start, keep=keep)
    return {(s.node, s.capability) for s in (*blast.states, *blast.latent)}


def shown(
    estate: Reasoned, states: set[tuple[NodeId, Capability]], start: NodeId
) -> set[tuple[NodeId, Capability]]:
    """Those of the states that a blast radius tells: access to things, and latent sets."""
    kinds = {node.id: node for node in estate.nodes}
    return {
        (node, capability)
        for node, capability in states
        if node != start
        and (
            kinds[node].props.get("latent")
            or (
                capability.value not in {"HELD", "DELEGATE"}
                and kinds[node].kind not in {"Grant", "PrincipalClass", "AssetSet"}
            )
        )
    }


def compare(estate: Reasoned, gone: tuple[Revocable, ...], keep: Keep) -> None:
    left = without(view_of(estate), gone, grants=estate.grants, needs=estate.needs)
    for node in estate.nodes:
        if node.kind in {"User", "Role"}:
            told = reached(left, node.id, keep)
            states = states_without(
                estate.nodes, estate.edges, gone, estate.needs, start=node.id, keep=keep
            )
            assert told == shown(estate, states, node.id), node.id


@settings(deadline=None, max_examples=200)
@given(losses(), st.sampled_from([*Certainty]))
def test_what_is_left_is_what_a_walk_that_asks_every_need_still_reaches(
    loss: Loss, certainty: Certainty
) -> None:
    compare(*loss, Keep(certainty=certainty))


def entry(holder: str, member: str) -> Revocable:
    return Revocable(RevocableKind.STATEMENT, holder=holder, member=member)


def named(estate: Reasoned, kind: RevocableKind) -> Revocable:
    return next(one for one in estate.all_gone if one.kind is kind)


@pytest.mark.parametrize("seed", range(5))
def test_taking_nothing_away_gives_the_same_view(seed: int) -> None:
    estate = make(seed, 8)
    view = view_of(estate)
    assert without(view, (), grants=estate.grants, needs=estate.needs) is view


def test_a_relative_revocable_cannot_be_taken_away() -> None:
    estate = make(1, 8)
    loose = Revocable(RevocableKind.ATTACHMENT, member="p", relative=Relative.ATTACHED)
    with pytest.raises(QueryError, match="is relative"):
        without(view_of(estate), (loose,), grants=estate.grants, needs=estate.needs)


def test_a_view_is_cut_once() -> None:
    estate = make(1, 8)
    gone = (named(estate, RevocableKind.MEMBERSHIP),)
    left = without(view_of(estate), gone, grants=estate.grants, needs=estate.needs)
    with pytest.raises(QueryError, match="cut once"):
        without(left, gone, grants=estate.grants, needs=estate.needs)


@settings(deadline=None, max_examples=100)
@given(losses())
def test_losing_never_adds_access(loss: Loss) -> None:
    estate, gone = loss
    view = view_of(estate)
    left = without(view, gone, grants=estate.grants, needs=estate.needs)
    for node in estate.nodes:
        if node.kind in {"User", "Role"}:
            assert reached(left, node.id) <= reached(view, node.id)


@settings(deadline=None, max_examples=100)
@given(losses())
def test_ids_are_found_as_before_and_every_identity_keeps_its_row(loss: Loss) -> None:
    estate, gone = loss
    view = view_of(estate)
    left = without(view, gone, grants=estate.grants, needs=estate.needs)
    assert [row.identity for row in blast_radii(left)] == [
        row.identity for row in blast_radii(view)
    ]
    assert all(left.position(node.id) == view.position(node.id) for node in estate.nodes)


@settings(deadline=None, max_examples=100)
@given(losses())
def test_a_path_that_is_left_costs_what_it_did(loss: Loss) -> None:
    estate, gone = loss
    view = view_of(estate)
    left = without(view, gone, grants=estate.grants, needs=estate.needs)
    for target in ("data 0", "data 1"):
        path = cheapest_path(left, NodeId("user 0"), NodeId(target))
        before = cheapest_path(view, NodeId("user 0"), NodeId(target))
        if path is not None:
            assert before is not None
            assert before.cost <= path.cost
            assert hops(left, path)


def shared() -> Reasoned:
    """Two users of one class read two buckets by a policy that is attached to each; each bucket names the class too."""
    attached = Revocable(RevocableKind.ATTACHMENT, member="policy", relative=Relative.ATTACHED)
    by_bucket = Revocable(RevocableKind.STATEMENT, member="account", relative=Relative.RESOURCE)
    names = [("alice", "User"), ("bob", "User"), ("class", "PrincipalClass"), ("set", "AssetSet")]
    names += [("bucket 1", "Dataset"), ("bucket 2", "Dataset")]
    nodes = [Node(NodeId(name), kind) for name, kind in names]
    grant = Node(NodeId("grant"), "Grant", {"capability": "READ", "how": "s3:GetObject"})
    reasons = [
        Node(
            one.id,
            "Revocable",
            {"kind": one.kind, "relative": str(one.relative), "member": one.member},
        )
        for one in (attached, by_bucket)
    ]
    ends = [
        ("IN_CLASS", "alice", "class"),
        ("IN_CLASS", "bob", "class"),
        ("HOLDS", "class", "grant"),
        ("ON", "grant", "set"),
        ("COVERS", "set", "bucket 1"),
        ("COVERS", "set", "bucket 2"),
        *(("BECAUSE", "grant", str(reason.id)) for reason in reasons),
    ]
    edges = tuple(Edge(kind, NodeId(source), NodeId(target)) for kind, source, target in ends)
    sure = Certainty.DEFINITE
    templates = {grant.id: (((sure, (attached,)),), ((sure, (by_bucket,)),))}
    return Reasoned((*nodes, grant, *reasons), edges, templates, ())


def left_of(gone: Revocable) -> dict[str, list[str]]:
    estate = shared()
    left = without(view_of(estate), (gone,), grants=estate.grants, needs=estate.needs)
    return {
        name: sorted(node for node, _ in reached(left, NodeId(name))) for name in ("alice", "bob")
    }


def test_an_attachment_taken_from_one_of_a_class_leaves_the_others_alone() -> None:
    gone = Revocable(RevocableKind.ATTACHMENT, holder="alice", member="policy")
    assert left_of(gone) == {"alice": [], "bob": ["bucket 1", "bucket 2"]}


def test_a_bucket_that_no_longer_names_the_account_falls_alone_for_all() -> None:
    assert left_of(entry("bucket 1", "account")) == {"alice": ["bucket 2"], "bob": ["bucket 2"]}


def test_a_loss_elsewhere_changes_nothing() -> None:
    everything = ["bucket 1", "bucket 2"]
    assert left_of(entry("bucket 3", "account")) == {"alice": everything, "bob": everything}


def test_a_copy_is_told_by_the_id_of_what_it_was_copied_from() -> None:
    estate = shared()
    gone = (entry("bucket 1", "account"),)
    left = without(view_of(estate), gone, grants=estate.grants, needs=estate.needs)
    path = cheapest_path(left, NodeId("alice"), NodeId("bucket 2"))
    assert path is not None
    told = [(hop.sentence, hop.grant) for hop in hops(left, path)]
    assert told == [("`alice` may read the dataset `bucket 2` (s3:GetObject)", "grant")]


def test_only_touched_grants_are_asked_about() -> None:
    estate = shared()
    asked: list[tuple[NodeId, NodeId]] = []

    def needs(grant: Node, identity: NodeId, target: NodeId) -> tuple[Need, ...]:
        asked.append((identity, target))
        return estate.needs(grant, identity, target)

    without(view_of(estate), (entry("elsewhere", "other"),), grants=estate.grants, needs=needs)
    assert asked == []


def test_after_a_loss_the_conditions_of_what_is_left_are_told() -> None:
    estate = shared()
    (grant,) = estate.templates
    sure = Alternative((Revocable(RevocableKind.STATEMENT, holder="p", statement="sure"),))
    open_key = Condition("aws:SourceIp", "IpAddress", ("10.0.0.0/8",))
    unsure = Alternative(
        (Revocable(RevocableKind.STATEMENT, holder="p", statement="unsure"),),
        (open_key,),
        Certainty.CONDITIONAL,
    )
    gone = sure.revocables
    reason = Node(gone[0].id, "Revocable", {"kind": "statement"})
    because = Edge("BECAUSE", grant, reason.id, "0:0")
    estate = replace(estate, nodes=(*estate.nodes, reason), edges=(*estate.edges, because))

    def needs(*_: object) -> tuple[Need, ...]:
        return (Need("allowed", (sure, unsure)),)

    left = without(view_of(estate), gone, grants=estate.grants, needs=needs)
    path = cheapest_path(left, NodeId("alice"), NodeId("bucket 1"))
    assert path is not None
    assert (path.certainty, path.conditions) == (Certainty.CONDITIONAL, (str(open_key),))
