from __future__ import annotations

from examples import RUN, share
from graph_strategies import Rows, estates, keeps
from hypothesis import given
from hypothesis import strategies as st
from oracle.reach import Oracle

from graph.model import Capability, Edge, Node, NodeId
from graph.projection import Keep, View, project
from queries.exposure import exposure, exposures
from queries.routes import Route, is_technique

HIDDEN = {"HELD", "DELEGATE"}


def some(id_: str, kind: str, **props: object) -> Node:
    return Node(NodeId(id_), kind, props)  # type: ignore[arg-type]  # plain values


def edge(kind: str, source: str, target: str) -> Edge:
    return Edge(kind, NodeId(source), NodeId(target))


def reaching(oracle: Oracle, asset: NodeId) -> dict[NodeId, set[Capability]]:
    """Per identity the access that it gains on the asset by itself."""
    gains = {}
    for actor in oracle.actors:
        reach = oracle.from_state(oracle.start(actor))
        caps = {cap for node, cap in reach if node == asset and cap.value not in HIDDEN}
        if caps:
            gains[actor] = caps
    return gains


@share(1)
@given(estates(), keeps())
def test_every_asset_is_exposed_to_exactly_those_that_reach_it(rows: Rows, keep: Keep) -> None:
    view = project(rows.nodes, rows.edges, version=1)
    oracle = Oracle.of(rows.nodes, rows.edges, keep)
    for row in exposures(view, keep=keep, fast=False):
        gains = reaching(oracle, row.asset)
        disabled = {n for n in gains if oracle.nodes[n].props.get("enabled") is False}
        assert row.disabled == len(disabled)
        assert sum(number for _, number in row.by_kind) == len(gains) - len(disabled)
        assert row.everyone == any(oracle.nodes[n].kind == "Public" for n in gains)
    RUN["exposures"] += 1


@share(0.5)
@given(rows=estates(), keep=keeps(), data=st.data())
def test_the_exposure_of_one_asset_lists_who_reaches_it_and_what_they_gain(
    rows: Rows, keep: Keep, data: st.DataObject
) -> None:
    view = project(rows.nodes, rows.edges, version=1)
    oracle = Oracle.of(rows.nodes, rows.edges, keep)
    asset = data.draw(st.sampled_from([node.id for node in rows.nodes if node.kind == "Dataset"]))
    found = exposure(view, asset, keep=keep)
    told = {row.identity: set(row.capabilities) for row in (*found.identities, *found.disabled)}
    assert told == reaching(oracle, asset)
    RUN["exposure"] += 1


@share(0.1)
@given(rows=estates(), capability=st.sampled_from([Capability.READ, Capability.ADMIN]))
def test_rows_of_all_exposures_agree_with_one_exposure(rows: Rows, capability: Capability) -> None:
    view = project(rows.nodes, rows.edges, version=1)
    for row in exposures(view, capability=capability):
        if row.kind == "Dataset":
            one = exposure(view, row.asset, capability=capability)
            assert sum(number for _, number in row.by_kind) == len(one.identities)
            assert row.disabled == len(one.disabled)
    RUN["assets"] += 1


def estate() -> View:
    nodes = [
        *(some(name, "User") for name in ("direct", "member", "assumer", "widener", "poisoner")),
        some("off", "User", enabled=False),
        some("partner", "External"),
        some("team", "Group"),
        some("role", "Role"),
        some("code", "Code"),
        some("job", "Job", reruns=True),
        some("claims", "Dataset"),
        *(
            some(name, "Grant", capability="READ", how="s3:GetObject")
            for name in ("g1", "g2", "g3")
        ),
        some("trust", "Grant", capability="CONTROL", how="trust"),
        some("technique", "Grant", capability="CONTROL", how="iam-013"),
        some("write", "Grant", capability="WRITE", how="s3:PutObject"),
    ]
    edges = [
        *(edge("HOLDS", holder, "g1") for holder in ("direct", "off", "partner")),
        edge("ON", "g1", "claims"),
        edge("MEMBER_OF", "member", "team"),
        edge("HOLDS", "team", "g2"),
        edge("ON", "g2", "claims"),
        edge("HOLDS", "role", "g3"),
        edge("ON", "g3", "claims"),
        edge("HOLDS", "assumer", "trust"),
        edge("ON", "trust", "role"),
        edge("HOLDS", "widener", "technique"),
        edge("ON", "technique", "role"),
        edge("HOLDS", "poisoner", "write"),
        edge("ON", "write", "code"),
        edge("EXECUTES", "job", "code"),
        edge("RUNS_AS", "job", "role"),
    ]
    return project(nodes, edges, version=1)


def test_each_identity_is_told_with_the_plainest_route_that_it_has() -> None:
    found = exposure(estate(), NodeId("claims"))
    routes = {row.identity: row.route for row in found.identities}
    assert routes == {
        "direct": Route.DIRECT,
        "partner": Route.DIRECT,
        "role": Route.DIRECT,
        "member": Route.GROUP,
        "team": Route.DIRECT,
        "assumer": Route.ASSUMED,
        "widener": Route.ESCALATION,
        "poisoner": Route.SUPPLY_CHAIN,
    }


def test_disabled_identities_are_told_apart() -> None:
    found = exposure(estate(), NodeId("claims"))
    assert [row.identity for row in found.disabled] == ["off"]


def test_foreign_principals_are_marked() -> None:
    found = exposure(estate(), NodeId("claims"))
    assert [row.identity for row in found.identities if row.external] == ["partner"]


def test_a_technique_is_told_from_an_action_and_a_word() -> None:
    told = [
        how
        for how in ("iam-013", "sm-lifecycle-update", "s3:GetObject", "trust", "SELECT")
        if is_technique(how)
    ]
    assert told == ["iam-013", "sm-lifecycle-update"]
