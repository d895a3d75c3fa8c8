"""Cases of the foundation on other platforms, by hand-built facts and Grants: the schema carries them, the engine walks them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hand_built import Hand, held
from resolved import reach

from access.decision import Revocable, RevocableKind
from graph.model import Capability, Certainty, NodeId
from graph.projection import view_of
from graph.stores import open_store

READ, WRITE, INVOKE, CONTROL, ADMIN, PROMOTE = (
    Capability.READ,
    Capability.WRITE,
    Capability.INVOKE,
    Capability.CONTROL,
    Capability.ADMIN,
    Capability.PROMOTE,
)
ASSIGNMENT, PRIVILEGE, SETTING, BINDING = (
    RevocableKind.ASSIGNMENT,
    RevocableKind.PRIVILEGE,
    RevocableKind.SETTING,
    RevocableKind.BINDING_MEMBER,
)


# 1: three privileges over two groups


def two_groups() -> tuple[Hand, NodeId, NodeId, NodeId, list[Revocable]]:
    hand = Hand("databricks")
    both, one = hand.node("both", "User"), hand.node("one", "User")
    selecting, using = hand.node("selecting", "Group"), hand.node("using", "Group")
    table = hand.node("prod.crm.claims", "Dataset", flavour="table")
    select = held(PRIVILEGE, "SELECT on prod.crm.claims", selecting)
    catalog = held(PRIVILEGE, "USE CATALOG on prod", using)
    schema = held(PRIVILEGE, "USE SCHEMA on prod.crm", using)
    in_selecting, in_using = hand.member(both, selecting), hand.member(both, using)
    hand.member(one, selecting)
    hand.grant(
        both,
        READ,
        table,
        "SELECT",
        [[select, in_selecting]],
        [[catalog, in_using]],
        [[schema, in_using]],
    )
    return hand, both, one, table, [select, catalog, schema, in_selecting, in_using]


def test_a_table_is_read_by_three_privileges_over_two_groups_and_each_of_five_removals_cuts() -> (
    None
):
    hand, both, _one, table, five = two_groups()
    assert hand.reach(both) == {(table, READ): Certainty.DEFINITE}
    (needs,) = hand.because.values()
    assert len(needs) == 3
    assert {r for need in needs for a in need.alternatives for r in a.revocables} == set(five)
    for gone in five:
        assert hand.reach_without(both, gone) == {}, gone


def test_whoever_is_in_one_of_the_two_groups_only_reads_nothing() -> None:
    hand, _both, one, _table, _five = two_groups()
    assert hand.reach(one) == {}


# 9: Azure Owner


def owner(*, shared_keys: bool) -> tuple[Hand, NodeId, NodeId, Revocable, Revocable]:
    hand = Hand("azure")
    user = hand.node("entra:t/user/1", "User")
    group = hand.node("/subscriptions/s/resourcegroups/ml", "ResourceGroup")
    data = hand.node("/subscriptions/s/resourcegroups/ml/storage/data", "Dataset")
    hand.edge("CONTAINS", group, data)
    assignment = held(ASSIGNMENT, "Owner on ml", user)
    setting = held(SETTING, "allowSharedKeyAccess", data)
    hand.grant(user, ADMIN, group, "Owner", [[assignment]])
    if shared_keys:
        hand.grant(user, READ, data, "listKeys", [[assignment]], [[setting]])
    hand.yields(data, ADMIN, READ, "azure-data-role-assignment", cost=3)
    return hand, user, data, assignment, setting


def cost(hand: Hand, start: NodeId, target: NodeId) -> int:
    from queries.paths import cheapest_path

    path = cheapest_path(hand.view, start, target, capability=READ)
    assert path is not None
    return path.cost


def test_an_owner_reads_by_the_account_key_and_the_setting_ends_that_way_alone() -> None:
    hand, user, data, assignment, setting = owner(shared_keys=True)
    assert cost(hand, user, data) == 1
    assert (data, READ) in hand.reach_without(user, setting)  # by giving itself a data role
    assert (data, READ) not in hand.reach_without(user, assignment)


def test_an_owner_reads_without_account_keys_by_giving_itself_a_data_role_at_its_cost() -> None:
    hand, user, data, _assignment, _setting = owner(shared_keys=False)
    assert (data, READ) in hand.reach(user)
    assert cost(hand, user, data) > 1


def test_an_assignment_limited_to_giving_one_role_is_no_admin_and_reads_no_data() -> None:
    hand, _user, data, _assignment, _setting = owner(shared_keys=False)
    other = hand.node("entra:t/user/2", "User")
    image = hand.node("/subscriptions/s/resourcegroups/ml/registry", "Image")
    limited = held(ASSIGNMENT, "RBAC Administrator limited to AcrPull", other)
    hand.grant(other, READ, image, "azure-assign-acrpull", [[limited]])
    assert set(hand.reach(other)) == {(image, READ)}
    assert (data, READ) not in hand.reach(other)


# 10: Databricks workspace admins


def workspace(*, restricted: bool) -> tuple[Hand, NodeId, NodeId, Revocable]:
    hand = Hand("databricks")
    user, admins = hand.node("ana", "User"), hand.node("admins", "Group")
    hand.member(user, admins)
    space = hand.node("workspace", "Workspace")
    service = hand.node("etl", "ServiceAccount", flavour="service principal")
    book = hand.node("book", "Notebook")
    hand.edge("CONTAINS", space, service)
    hand.edge("CONTAINS", space, book)
    setting = held(SETTING, "RestrictWorkspaceAdmins", space)
    hand.grant(admins, ADMIN, space, "workspace admin", [[held(BINDING, "admins", space)]])
    if not restricted:
        hand.grant(admins, CONTROL, service, "dbx-run-as", [[setting]])
    return hand, user, service, setting


def test_a_restricted_workspace_admin_controls_no_service_principal() -> None:
    hand, user, service, _setting = workspace(restricted=True)
    reached = hand.reach(user)
    assert not [state for state in reached if state[0] == service]
    assert (NodeId("book"), ADMIN) in reached


def test_an_unrestricted_workspace_admin_controls_them_until_the_setting_is_made() -> None:
    hand, user, service, setting = workspace(restricted=False)
    assert (service, CONTROL) in hand.reach(user)
    assert (service, CONTROL) not in hand.reach_without(user, setting)


# 11: MANAGE without SELECT


def managing(*, chain: bool) -> tuple[Hand, NodeId, NodeId, list[Revocable]]:
    hand = Hand("databricks")
    user, table = hand.node("ana", "User"), hand.node("prod.crm.claims", "Dataset")
    manage = held(PRIVILEGE, "MANAGE", user)
    uses = [held(PRIVILEGE, what, user) for what in ("USE CATALOG", "USE SCHEMA")]
    hand.grant(user, ADMIN, table, "MANAGE", [[manage]])
    if chain:
        hand.grant(
            user, READ, table, "dbx-manage-select", [[manage]], *([[use]] for use in uses), cost=2
        )
    return hand, user, table, [manage, *uses]


def test_managing_a_table_without_the_chain_is_admin_and_no_read() -> None:
    hand, user, table, _needs = managing(chain=False)
    assert set(hand.reach(user)) == {(table, ADMIN)}


def test_managing_a_table_with_the_chain_reads_it_by_the_technique() -> None:
    hand, user, table, needs = managing(chain=True)
    assert (table, READ) in hand.reach(user)
    for gone in needs:
        assert (table, READ) not in hand.reach_without(user, gone)


# 15: what an endpoint follows


def promoting(*, follows: bool) -> tuple[Hand, NodeId, NodeId]:
    hand = Hand("mlflow")
    user, model = hand.node("ana", "User"), hand.node("fraud", "Model")
    version, endpoint = hand.node("fraud/7", "ModelVersion"), hand.node("scorer", "Endpoint")
    hand.edge("VERSION_OF", version, model)
    hand.edge("SERVES", endpoint, version)
    if follows:
        hand.edge("FOLLOWS", endpoint, model)
    hand.grant(user, PROMOTE, model, "set alias", [[held(ASSIGNMENT, "registry writer", user)]])
    return hand, user, endpoint


def test_promoting_in_a_registry_writes_the_endpoint_that_follows_its_alias() -> None:
    hand, user, endpoint = promoting(follows=True)
    assert (endpoint, WRITE) in hand.reach(user)


def test_promoting_in_a_registry_gives_nothing_of_an_endpoint_pinned_to_a_version() -> None:
    hand, user, endpoint = promoting(follows=False)
    assert not [state for state in hand.reach(user) if state[0] == endpoint]


# 21: an agent's default binding


def agents() -> tuple[Hand, NodeId, list[NodeId], list[Revocable]]:
    hand = Hand("gcp")
    user = hand.node("google:user:ana@example.com", "User")
    names = ("training", "serving")
    accounts = [hand.node(f"google:serviceAccount:{n}@p", "ServiceAccount") for n in names]
    role = held(BINDING, "aiplatform.user", user)
    default = held(BINDING, "custom-code service agent", "project p")
    workloads = [hand.potential(n, "Agent", "gcp-custom-code-agent", n) for n in accounts]
    hand.grant(user, CONTROL, workloads, "gcp-custom-code-agent", [[role]], [[default]])
    return hand, user, accounts, [role, default]


def test_a_user_of_the_platform_becomes_any_service_account_by_the_agents_default_binding() -> None:
    hand, user, accounts, _bindings = agents()
    assert {(account, CONTROL) for account in accounts} <= set(hand.reach(user))


def test_without_the_agents_default_binding_a_user_of_the_platform_becomes_nobody() -> None:
    hand, user, _accounts, bindings = agents()
    for gone in bindings:
        assert hand.reach_without(user, gone) == {}


# 22: owner of an application


def application() -> tuple[Hand, NodeId, NodeId, NodeId]:
    hand = Hand("azure")
    user = hand.node("entra:t/user/1", "User")
    app = hand.node("entra:t/application/1", "Application")
    service = hand.node("entra:t/serviceprincipal/1", "ServiceAccount")
    hand.edge("RUNS_AS", app, service)
    hand.edge("OWNED_BY", app, user)
    hand.yields(app, ADMIN, CONTROL, "entra-new-credential")
    return hand, user, app, service


def test_the_owner_of_an_application_becomes_it_by_a_new_credential() -> None:
    hand, user, app, service = application()
    owning = held(ASSIGNMENT, "owner", app)
    hand.grant(user, ADMIN, app, "owner", [[owning]])
    assert {(app, ADMIN), (app, CONTROL), (service, CONTROL)} == set(hand.reach(user))
    assert hand.reach_without(user, owning) == {}


def test_being_named_as_owner_moves_nothing_by_itself() -> None:
    hand, user, _app, _service = application()
    assert hand.reach(user) == {}


# 25: a view over a table that the caller may not read


def viewing() -> tuple[Hand, NodeId, NodeId, NodeId, list[Revocable]]:
    hand = Hand("databricks")
    user, author = hand.node("ana", "User"), hand.node("author", "User")
    table, view = hand.node("raw.claims", "Dataset"), hand.node("mart.claims", "Dataset")
    hand.edge("VIEW_OF", view, table)
    hand.edge("OWNED_BY", view, author)
    of_caller = [held(PRIVILEGE, f"{what} on mart", user) for what in ("SELECT", "USE")]
    of_author = [held(PRIVILEGE, f"{what} on raw", author) for what in ("SELECT", "USE")]
    needs = [*of_caller, *of_author]
    hand.grant(user, READ, view, "SELECT", *([[need]] for need in needs))
    hand.grant(author, READ, table, "SELECT", *([[need]] for need in of_author))
    return hand, user, view, table, needs


def test_a_view_is_read_by_the_callers_and_its_owners_privileges_together() -> None:
    hand, user, view, _table, needs = viewing()
    assert (view, READ) in hand.reach(user)
    for gone in needs:
        assert (view, READ) not in hand.reach_without(user, gone)


def test_reading_a_view_is_not_reading_the_table_below_it() -> None:
    hand, user, _view, table, _needs = viewing()
    assert (table, READ) not in hand.reach(user)


# The schema carries all of them.

ESTATES = {
    "privileges over two groups": (two_groups, "both"),
    "owner": (lambda: owner(shared_keys=True), "entra:t/user/1"),
    "workspace": (lambda: workspace(restricted=False), "ana"),
    "managing": (lambda: managing(chain=True), "ana"),
    "promoting": (lambda: promoting(follows=True), "ana"),
    "agents": (agents, "google:user:ana@example.com"),
    "application": (application, "entra:t/user/1"),
    "viewing": (viewing, "ana"),
}


@pytest.mark.parametrize("name", ESTATES)
def test_a_store_takes_the_rows_and_gives_the_same_reach_back(name: str, tmp_path: Path) -> None:
    make, start = ESTATES[name]
    hand = make()[0]
    store = open_store(str(tmp_path / "estate.db"), create=True)
    hand.commit(store)
    view = view_of(store, cache=None)
    store.close()
    assert reach(view, NodeId(start)) == hand.reach(NodeId(start))
