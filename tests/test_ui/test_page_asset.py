"""The asset page: facts, access in and out, history and raw rows of any node."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from app_stores import HOSTILE, hostile, url
from builders import A
from small_estate import ACCOUNT, WHEN, write_snapshot
from small_estate import HOSTILE as HOSTILE_USER
from streamlit.testing.v1 import AppTest

from access.resolve import resolve
from graph.model import Capability, NodeId
from graph.schema import schema
from graph.stores import open_store
from graph.view import Keep
from ingest.load import load_snapshot
from queries.exposure import exposure
from queries.kernels.search import reached
from queries.paths import goals_of
from ui.completeness import completeness, grants_among
from ui.pagemodels.asset import AssetAsked, AssetModel, Tab, asked_of, build_model
from ui.pagemodels.asset_facts import FactsTab
from ui.pagemodels.asset_in import InTab
from ui.pagemodels.asset_out import OutTab
from ui.pagemodels.asset_words import EDGE_WORDS, strongest
from ui.pagemodels.filters import Filters
from ui.reading import Reading, open_reading
from ui.render.markdown import badge, plain

SAMPLE = Path(__file__).parents[2] / "sample" / "snapshot"
CLAIMS, MODELS = NodeId("arn:aws:s3:::claims"), NodeId("arn:aws:s3:::models")
PUBLISHER = NodeId(f"arn:aws:iam::{ACCOUNT}:role/publisher")
ANALYSTS = NodeId(f"arn:aws:iam::{ACCOUNT}:group/analysts")
ALICE = NodeId(f"arn:aws:iam::{ACCOUNT}:user/alice")
IRMA = NodeId("arn:aws:iam::111111111111:user/contractors/irma.falk")
HISTORY = NodeId("arn:aws:s3:::alderwick-prod-claims-history")
LEGAL = NodeId("arn:aws:s3:::alderwick-prod-legal-holds")
SCRIPT = """
import streamlit as st
from ui.navigation import page_objects
from ui.page import pages
from ui.shell import frame

objects = page_objects()
st.navigation(list(objects.values()), position="hidden")
frame(next(page for page in pages() if page.url_path == "asset"), objects)
"""


def opened(address: str) -> Reading:
    reading = open_reading(address, cache=None).reading
    assert reading is not None
    return reading


def loaded(root: Path, snapshot: Path) -> Reading:
    store = open_store(url(root / "estate.db"), create=True)
    load_snapshot(snapshot, store, resolve=resolve, now=WHEN + timedelta(hours=1))
    store.close()
    return opened(url(root / "estate.db"))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    root = tmp_path_factory.mktemp("small")
    denied = ["s3.get_bucket_policy/claims"]
    return loaded(root, write_snapshot(root / "snapshot", denied=denied))


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    return loaded(tmp_path_factory.mktemp("sample"), SAMPLE)


def model(
    reading: Reading,
    node_id: str,
    filters: Filters = Filters(),  # noqa: B008  # a frozen value
    **params: str,
) -> AssetModel:
    return build_model(reading, asked_of(reading.view, {"id": node_id, **params}), filters)


def facts(reading: Reading, node_id: str) -> FactsTab:
    content = model(reading, node_id).content
    assert isinstance(content, FactsTab)
    return content


def access_in(reading: Reading, node_id: str, filters: Filters = Filters(), **params: str) -> InTab:  # noqa: B008  # frozen
    content = model(reading, node_id, filters, tab="in", **params).content
    assert isinstance(content, InTab)
    return content


def access_out(reading: Reading, node_id: str) -> OutTab:
    content = model(reading, node_id, tab="out").content
    assert isinstance(content, OutTab)
    return content


def badges(reading: Reading, node_id: str) -> list[str]:
    head = model(reading, node_id).head
    assert head is not None
    return [badge.words for badge in head.badges]


# Any node, any address.


@pytest.mark.parametrize("tab", Tab)
def test_every_tab_is_built_for_every_node_of_an_estate(small: Reading, tab: Tab) -> None:
    kinds = set()
    for found in small.store.nodes():
        told = build_model(small, AssetAsked(found.id, found.id, tab), Filters())
        assert told.head is not None
        assert told.head.id == found.id
        assert told.content is not None
        kinds.add(found.kind)
    assert {"User", "Role", "Group", "Dataset", "Account", "Grant", "Revocable"} <= kinds


@pytest.mark.parametrize("tab", Tab)
def test_every_kind_of_the_sample_has_every_tab(sample: Reading, tab: Tab) -> None:
    one = {found.kind: found for found in sample.store.nodes()}
    for found in one.values():
        told = build_model(sample, AssetAsked(found.id, found.id, tab), Filters())
        assert told.content is not None


def test_an_address_without_a_node_offers_the_most_sensitive_assets(small: Reading) -> None:
    told = build_model(small, asked_of(small.view, {}), Filters())

    assert told.head is None
    assert told.missing == ""
    assert told.suggestions[0].params == (("id", str(CLAIMS)),)
    assert told.suggestions[0].label == "claims (dataset, restricted)"


def test_an_unknown_node_is_told_as_unknown(small: Reading) -> None:
    told = model(small, "arn:aws:s3:::nobody", tab="in")

    assert told.head is None
    assert told.past is None
    assert "No run of this store" in told.missing


def test_parameters_that_cannot_be_chosen_are_passed_over(small: Reading) -> None:
    params = {"id": str(CLAIMS), "tab": "<b>", "cap": "INVOKE", "route": "x", "only": "y"}

    asked = asked_of(small.view, params)

    assert asked == AssetAsked(str(CLAIMS), CLAIMS)


# The head.


def test_the_head_says_how_sensitive_it_is_and_by_what(small: Reading) -> None:
    shown = badges(small, CLAIMS)

    assert "Restricted, by tag" in shown
    assert "No owner found" in shown


def test_an_identity_is_not_blamed_for_having_no_owner(small: Reading) -> None:
    assert badges(small, ALICE) == ["User"]


def test_an_owner_is_named_with_the_basis(sample: Reading) -> None:
    assert "Owner: legal@example.com, by tag" in badges(sample, LEGAL)


def test_everyone_and_outsiders_are_marked(sample: Reading) -> None:
    assert "Everyone on the internet" in badges(sample, "public:internet")
    assert "Outside the estate" in badges(sample, "aws:account/777777777777")


def test_links_lead_only_where_the_kind_can_start_or_end(small: Reading) -> None:
    grant = next(found for found in small.store.nodes() if found.kind == "Grant")
    told = {}
    for one in (ALICE, CLAIMS, grant.id):
        head = model(small, one).head
        assert head is not None
        told[one] = [(link.page, dict(link.params)) for link, _ in head.links]

    assert ("path", {"from": str(ALICE)}) in told[ALICE]
    assert ("path", {"to": str(CLAIMS)}) in told[CLAIMS]
    assert told[grant.id] == [("blast", {"id": str(grant.id)})]


def test_a_grant_is_named_by_what_it_gives(small: Reading) -> None:
    grant = next(one for one in small.grants.values() if one.props["how"] == "s3:GetObject")
    head = model(small, grant.id).head

    assert head is not None
    assert head.name == "Grant of READ by s3:GetObject"


# Facts.


def test_every_property_stands_with_meaning_and_basis(small: Reading) -> None:
    rows = {row[0]: row[1:] for row in facts(small, CLAIMS).told.sheet.rows}

    assert rows["sensitivity"] == (
        "restricted (10)",
        "0 none, 1 internal, 3 confidential, 10 restricted.",
        "tag",
    )
    assert rows["tags: sensitivity"][0] == "restricted"
    assert rows["cmk"][0] == "no"
    assert "sensitivity basis" not in rows


def test_no_property_of_any_node_is_left_out(sample: Reading) -> None:
    beside = {"sensitivity_basis", "environment_basis", "owner_basis"}
    for found in sample.store.nodes():
        told = {str(row[0]).partition(":")[0] for row in facts(sample, found.id).told.sheet.rows}
        assert told >= {name.replace("_", " ") for name in set(found.props) - beside}


def test_the_calls_that_say_it_is_there_are_named_with_their_outcome(small: Reading) -> None:
    rows = {row[0]: row for row in facts(small, CLAIMS).calls.rows}

    assert rows["s3.list_buckets"][4:] == ("ok", "01 Mar 2026 06:00 UTC")
    assert rows["s3.get_bucket_tagging"][1] == "claims"


def test_what_was_not_read_of_it_is_said_with_the_fix(small: Reading) -> None:
    ((what, fix),) = facts(small, CLAIMS).unread

    assert what == "s3.get_bucket_policy was not answered (denied)"
    assert "s3:GetBucketPolicy on bucket claims" in fix
    assert facts(small, MODELS).unread == ()


def test_observations_stand_apart_with_their_date(sample: Reading) -> None:
    role = "arn:aws:iam::111111111111:role/sagemaker/claims-triage-endpoint"
    (row,) = facts(sample, role).observed.rows

    assert (row[0], row[1]) == ("last used", "30 Oct 2026 15:33 UTC")
    assert row[3] == "01 Mar 2026 06:00 UTC"


def test_relations_are_sentences_that_lead_to_the_other_end(small: Reading) -> None:
    told = facts(small, ANALYSTS).relations
    rows = {row[0]: leads for row, leads in zip(told.sheet.rows, told.leads, strict=True)}

    (lead,) = rows["bob is a member of it"]
    assert dict(lead.params)["id"] == f"arn:aws:iam::{ACCOUNT}:user/bob"


def test_every_kind_of_edge_has_words() -> None:
    assert set(EDGE_WORDS) == set(schema().edges)


# Access in.


def test_who_reaches_it_are_the_rows_of_the_query(small: Reading) -> None:
    told = access_in(small, CLAIMS)
    found = exposure(small.view, CLAIMS)

    assert [row[-1] for row in told.sheet.rows] == [row.identity for row in found.identities]
    assert f"arn:aws:iam::{ACCOUNT}:user/bob" in {row[-1] for row in told.sheet.rows}
    assert sum(int(metric.value) for metric in told.metrics) == len(found.identities)


def test_the_answer_rests_on_what_the_command_line_says_it_rests_on(sample: Reading) -> None:
    keep = Keep()
    before = reached(sample.view, keep, goals_of(sample.view, HISTORY, None), inward=True)
    grants = grants_among(sample.view, np.flatnonzero(before).tolist())

    assert access_in(sample, HISTORY).told.rests_on == completeness(sample.store, grants=grants)


def test_a_row_leads_to_the_path_with_the_strongest_capability(sample: Reading) -> None:
    told = access_in(sample, HISTORY)
    at = next(at for at, row in enumerate(told.sheet.rows) if "ADMIN" in str(row[4]))
    path, asset, _ = told.leads[at]

    assert path.page == "path"
    assert dict(path.params) == {
        "from": told.sheet.rows[at][-1],
        "to": str(HISTORY),
        "cap": "ADMIN",
    }
    assert (asset.page, dict(asset.params)["id"]) == ("asset", told.sheet.rows[at][-1])


def test_the_strongest_of_no_capability_is_none() -> None:
    assert strongest([]) is None
    assert strongest([Capability.READ, Capability.WRITE]) is Capability.WRITE


def test_the_contractor_of_the_sample_reaches_the_claims_by_the_supply_chain(
    sample: Reading,
) -> None:
    rows = {row[-1]: row for row in access_in(sample, HISTORY, cap="READ").sheet.rows}

    assert rows[IRMA][3:6] == ("supply chain", "READ", "possible")


def test_only_definite_steps_leave_the_contractor_out(sample: Reading) -> None:
    told = access_in(sample, HISTORY, certainty="definite")

    assert IRMA not in {row[-1] for row in told.sheet.rows}
    assert "--certainty definite" in told.told.command


def test_a_route_narrows_the_rows_and_not_the_counts(sample: Reading) -> None:
    told = access_in(sample, HISTORY, route="supply chain")

    assert {row[3] for row in told.sheet.rows} == {"supply chain"}
    assert told.metrics == access_in(sample, HISTORY).metrics


def test_filters_apply_to_the_identities(sample: Reading) -> None:
    told = access_in(sample, HISTORY, Filters(account="999999999999"))

    assert len(told.sheet.rows) == told.told.shown == 1
    assert told.told.rows == len(access_in(sample, HISTORY).sheet.rows)


def test_what_everyone_gains_is_said_and_is_a_row_of_the_answer(small: Reading) -> None:
    public = f"{MODELS}/public/"
    told = access_in(small, public if small.view.find(public) is not None else MODELS)

    assert told.everyone.startswith("Everyone on the internet can read it")
    assert told.told.rows > len(told.sheet.rows)


def test_the_grants_on_a_node_are_those_on_it_and_on_its_sets(sample: Reading) -> None:
    told = access_in(sample, HISTORY).grants
    on = {edge.source for edge in sample.store.edges(about=HISTORY) if edge.kind == "ON"}
    for covers in sample.store.edges(kinds=frozenset({"COVERS"}), about=HISTORY):
        on |= {
            edge.source for edge in sample.store.edges(kinds=frozenset({"ON"}), about=covers.source)
        }

    assert {row[-1] for row in told.sheet.rows} == on
    assert told.of == len(told.sheet.rows)


def test_nobody_reaches_what_is_no_target(small: Reading) -> None:
    grant = next(iter(small.grants))

    assert access_in(small, grant).choices == ()


def test_the_question_on_the_command_line_is_quoted(small: Reading) -> None:
    hostile_user = f"arn:aws:iam::{ACCOUNT}:user/{HOSTILE_USER}"

    assert access_in(small, hostile_user).told.command == f"shadowgraph who '{hostile_user}'"


# Access out.


def test_what_a_role_reaches_is_listed_the_most_sensitive_first(sample: Reading) -> None:
    told = access_out(sample, "arn:aws:iam::111111111111:role/sagemaker/claims-triage-endpoint")
    levels = [row[3] for row in told.reached.sheet.rows]

    assert told.headline.startswith("Whoever can act as claims-triage-endpoint reaches ")
    assert levels[0] == "restricted"
    assert told.reached.sheet.rows[0][0] == "alderwick-prod-claims-history"


def test_data_behind_which_there_is_nothing_says_so(small: Reading) -> None:
    told = access_out(small, CLAIMS)

    assert told.headline == (
        "Whoever can change claims reaches nothing more by that, beside 1 node that everyone reaches"
    )
    assert {row[9] for row in told.reached.sheet.rows} == {"public"}


def test_the_grants_that_an_identity_holds_are_listed_with_what_they_are_on(
    small: Reading,
) -> None:
    rows = access_out(small, PUBLISHER).grants.sheet.rows
    held = {one.target for one in small.store.edges(kinds=frozenset({"HOLDS"}), about=PUBLISHER)}

    assert {row[-1] for row in rows} == held
    assert any(
        row[:2] == ("WRITE", "s3:PutObject") and "aws:SourceIp" in str(row[4]) for row in rows
    )


def test_policies_stand_with_their_text_trust_included(small: Reading) -> None:
    policies = access_out(small, PUBLISHER).policies
    texts = {policy.role.value: policy.text for policy in policies}

    assert set(texts) == {"identity", "trust"}
    assert json.loads(texts["identity"])["Statement"][0]["Sid"] == "WriteModels"
    assert json.loads(texts["trust"])["Statement"][0]["Sid"] == "AliceMayEnter"
    assert [policy.role.value for policy in access_in(small, PUBLISHER).policies] == ["trust"]


def test_a_managed_policy_is_shown_by_the_version_in_force(small: Reading) -> None:
    (policy,) = access_out(small, ANALYSTS).policies

    assert policy.title.endswith(f"arn:aws:iam::{ACCOUNT}:policy/read-claims")
    assert json.loads(policy.text)["Statement"][0]["Sid"] == "ReadClaims"


def test_a_policy_that_was_not_read_says_so(sample: Reading) -> None:
    bounded = "arn:aws:iam::111111111111:role/pricing/quote-sampler"
    unread = [one for one in access_out(sample, bounded).policies if not one.text]

    assert [one.note for one in unread] == ["Its content was not read."]
    assert "Permissions boundary" in unread[0].title


# The page.


@pytest.mark.parametrize("tab", Tab)
@pytest.mark.parametrize("named", [CLAIMS, ALICE, ANALYSTS, f"aws:account/{ACCOUNT}"])
def test_the_page_draws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tab: Tab, named: str
) -> None:
    loaded(tmp_path, write_snapshot(tmp_path / "snapshot"))

    at = visited(tmp_path, monkeypatch, id=named, tab=tab.value)

    assert not at.exception
    assert len(at.title) == 1
    assert "could not be drawn" not in "".join(element.value for element in at.error)


@pytest.mark.parametrize("tab", Tab)
def test_the_page_shows_no_hostile_text_as_markup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tab: Tab
) -> None:
    hostile(tmp_path / "estate.db")

    for name in HOSTILE[:2]:
        at = visited(tmp_path, monkeypatch, id=f"arn:aws:iam::{A}:user/{name}", tab=tab.value)

        kinds = ("title", "subheader", "markdown", "warning", "info", "error")
        sinks = [element.value for kind in kinds for element in at.get(kind)]
        sinks += [element.label for element in at.get("expander")]
        assert not at.exception
        assert at.title[0].value != "Asset", "the node is found"
        for text in sinks:
            assert not any(one in text for one in HOSTILE), text


@pytest.mark.parametrize("name", [*HOSTILE, "\\[x\\](y)", "]:red[z"])
def test_a_badge_holds_the_text_escaped_once(name: str) -> None:
    def drawn(words: str) -> None:
        import streamlit as st

        st.badge(words)

    at = AppTest.from_function(drawn, args=(badge(name),)).run()

    assert at.markdown[0].value == f":blue-badge[{plain(name)}]"


def test_the_page_of_an_unknown_node_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded(tmp_path, write_snapshot(tmp_path / "snapshot"))

    at = visited(tmp_path, monkeypatch, id="![x](http://attacker.test/x.png)")

    assert not at.exception
    assert "Not in the graph" in at.warning[0].value
    assert at.code[0].value == "![x](http://attacker.test/x.png)"


def visited(root: Path, monkeypatch: pytest.MonkeyPatch, **params: str) -> AppTest:
    for name in ("CACHE", "CONFIG", "LOG_LEVEL", "LOG_FORMAT", "DEBUG"):
        monkeypatch.delenv(f"SHADOWGRAPH_{name}", raising=False)
    monkeypatch.setenv("SHADOWGRAPH_STORE", url(root / "estate.db"))
    monkeypatch.setenv("SHADOWGRAPH_NOW", "2026-03-01T07:00:00+00:00")
    at = AppTest.from_string(SCRIPT, default_timeout=60)
    for name, value in params.items():
        at.query_params[name] = value
    return at.run()
