"""Systems of record against an estate: what is matched, by what name, who owns it, who left, and what is gone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ingest_cases import case_folders
from ingest_snapshots import A, B, Made, identities, snapshot, unresolved, user

from graph.errors import SourceError
from graph.merge import merge_nodes
from graph.model import CoverageKey, Edge, Node, NodeId
from graph.store import Store
from graph.stores import open_store
from ingest.intake import record_intake
from ingest.joined import joined
from ingest.load import LoadReport, intake_of, load
from ingest.records import Found, kind_of

NOW = datetime(2026, 11, 2, 6, tzinfo=UTC)
JO = f"arn:aws:iam::{A}:user/jo"


def _arn(name: str, account: str = A) -> str:
    return f"arn:aws:sagemaker:eu-west-1:{account}:notebook-instance/{name}"


def _notebooks(*names: str, account: str = A) -> Made:
    rows = [{"NotebookInstanceName": name, "NotebookInstanceArn": _arn(name, account)} for name in names]  # fmt: skip
    page = {"NotebookInstances": rows}
    return Made("sagemaker.list_notebook_instances", pages=(page,), account=account)


class Loads:
    """Loads one snapshot or file after the other, a day apart."""

    def __init__(self, root: Path) -> None:
        self.root, self.day = root, 0
        self.store: Store = open_store(f"sqlite:///{root / 'estate.db'}", create=True)

    def clouds(self, *calls: Made) -> LoadReport:
        """A snapshot with these calls."""
        return self._load(snapshot(self.root / f"s{self.day}", calls))

    def file(self, name: str, text: str) -> LoadReport:
        """A file of this name and content."""
        (self.root / name).write_text(text, encoding="utf-8")
        return self._load(self.root / name)

    def _load(self, path: Path) -> LoadReport:
        self.day += 1
        now = NOW + timedelta(days=self.day)
        return load(path, self.store, resolve=unresolved, now=now)

    def node(self, name: str) -> Node:
        """The node of this id."""
        found = self.store.get(NodeId(name))
        assert found is not None, name
        return found

    def managed(self) -> list[Edge]:
        """The edges of records, by asset."""
        return sorted(self.store.edges(kinds=frozenset({"MANAGED_BY"})), key=lambda one: one.source)

    def left(self) -> dict[str, object]:
        """Who left, and when, as observed."""
        return {row.node: row.value for row in self.store.observations() if row.name == "left"}


@pytest.fixture
def loads(tmp_path: Path) -> Iterator[Loads]:
    made = Loads(tmp_path)
    yield made
    made.store.close()


def test_a_name_without_account_means_the_assets_of_all_accounts_and_says_so(loads: Loads) -> None:
    loads.clouds(_notebooks("n"), _notebooks("n", "other", account=B))
    report = loads.file("known.csv", "name,kind\nn,notebook\n")

    assert [edge.source for edge in loads.managed()] == [_arn("n"), _arn("n", B)]
    assert [row.what for row in report.oddities] == [
        "names 2 assets of this kind; all of them count as listed"
    ]
    assert report.records == (Found("known.csv", "inventory", 1, 1, 0, 0),)


def test_a_name_with_an_account_means_the_assets_of_that_account(loads: Loads) -> None:
    loads.clouds(_notebooks("n"), _notebooks("n", account=B))
    report = loads.file("known.csv", f"name,kind,account\nn,Notebook,{B}\n")

    assert [edge.source for edge in loads.managed()] == [_arn("n", B)]
    assert report.oddities == ()


def test_rows_are_counted_as_matched_absent_or_of_no_kind_that_is_kept(loads: Loads) -> None:
    loads.clouds(_notebooks("n"))
    vpc = f"arn:aws:ec2:eu-west-1:{A}:vpc/vpc-1"
    text = f"id\n{_arn('n')}\n{_arn('gone')}\n{vpc}\nnot-an-arn\n"
    report = loads.file("known.csv", text)

    assert report.records == (Found("known.csv", "inventory", 4, 1, 1, 2),)
    assert [(row.where, row.what) for row in report.oddities] == [
        ("`not-an-arn` of row 4", "nothing of this id is in the estate")
    ]


@pytest.mark.parametrize("row", [f"{_arn('n')},,", ",n,Notebook"])
def test_what_is_listed_and_gone_stays_as_absent_whatever_else_the_row_says(
    loads: Loads, row: str
) -> None:
    text = f"id,name,kind,owner\n{row},ml@example.com\n"
    loads.clouds(_notebooks("n"))
    loads.file("known.csv", text)
    loads.clouds(_notebooks())
    gone = loads.node(_arn("n"))
    report = loads.file("known.csv", text)

    assert (gone.present, loads.node(_arn("n")).present) == (False, False)
    assert [edge.source for edge in loads.managed()] == [_arn("n")]
    assert report.records == (Found("known.csv", "inventory", 1, 0, 1, 0),)


def test_the_owner_of_an_inventory_goes_when_the_inventory_drops_it(loads: Loads) -> None:
    loads.clouds(_notebooks("n", "m"))
    loads.file("known.csv", f"id,owner\n{_arn('n')},ml@example.com\n{_arn('m')},\n")
    owned = loads.node(_arn("n"))
    loads.file("known.csv", f"id,owner\n{_arn('m')},\n")
    freed = loads.node(_arn("n"))

    assert (owned.props["owner"], owned.props["owner_basis"]) == ("ml@example.com", "registry")
    assert "referenced_only" not in owned.props
    assert (freed.present, freed.props.get("owner")) == (True, None)


@pytest.mark.parametrize(
    ("basis", "wanted"), [("tag", "tagged"), ("platform field", "tagged"), ("creator", "listed")]
)
def test_a_record_names_the_owner_before_the_creator_and_after_a_tag(
    basis: str, wanted: str
) -> None:
    keys = [frozenset({CoverageKey("aws", A, "global", call)}) for call in ("a", "b")]
    told = {"owner": "tagged", "owner_basis": basis, "owner_known": True}
    said = {"owner": "listed", "owner_basis": "registry", "referenced_only": True}
    fragments = [
        Node(NodeId("n"), "Notebook", told, asserted_by=keys[0]),
        Node(NodeId("n"), "Notebook", said, asserted_by=keys[1]),
    ]

    for order in (fragments, fragments[::-1]):
        merged = merge_nodes(order)
        assert merged.props["owner"] == wanted
        assert "referenced_only" not in merged.props


def test_who_left_is_told_of_the_user_by_address_name_or_arn(loads: Loads) -> None:
    mail = [{"Key": "email", "Value": "Kim@Example.com"}]
    loads.clouds(identities(UserDetailList=[user("jo"), user("kim", Tags=mail), user("lee")]))
    text = f"email,user,left\nkim@example.com,,2026-09-30\n,{JO},2026-08-01T10:00:00Z\n,lee,2026-07-31\n,max,2026-07-31\n"
    report = loads.file("left.csv", text)

    assert loads.left() == {
        JO: "2026-08-01",
        f"arn:aws:iam::{A}:user/kim": "2026-09-30",
        f"arn:aws:iam::{A}:user/lee": "2026-07-31",
        "person:kim@example.com": "2026-09-30",
    }
    assert report.records == (Found("left.csv", "leavers", 4, 3, 1, 0),)
    assert loads.managed() == []


def test_who_is_on_the_list_no_longer_has_not_left(loads: Loads) -> None:
    loads.clouds(identities(UserDetailList=[user("jo")]))
    loads.file("left.csv", "user,left\njo,2026-09-30\n")
    before = loads.left()
    loads.file("left.csv", "user,left\n")

    assert (before, loads.left()) == ({JO: "2026-09-30"}, {})


def test_a_mere_name_of_users_in_two_accounts_is_nobody_and_is_told(loads: Loads) -> None:
    loads.clouds(
        identities(UserDetailList=[user("jo")]),
        identities(UserDetailList=[user("jo", account=B)], account=B),
    )
    report = loads.file("left.csv", "user,left\njo,2026-09-30\n")

    assert loads.left() == {}
    assert ["2 users go by this name" in row.what for row in report.oddities] == [True]


def test_two_files_that_are_one_record_are_not_joined(tmp_path: Path) -> None:
    paths = [tmp_path / place / "known.csv" for place in ("eu", "us")]
    for path in paths:
        path.parent.mkdir()
        path.write_text("id,owner\n", encoding="utf-8")
    clouds = intake_of(snapshot(tmp_path / "s", [_notebooks("n")]))

    with pytest.raises(SourceError, match="are one system of record"):
        joined(clouds, map(record_intake, paths))


def test_an_arn_names_the_kind_that_its_listing_gives_it_or_none() -> None:
    listed = {
        (identifier, row["kind"])
        for folder in case_folders()
        for identifier, row in json.loads((folder / "want.json").read_text())["nodes"].items()
        if identifier.startswith("arn:") and not row.get("referenced_only")
    }
    named = {(identifier, kind, kind_of(identifier)) for identifier, kind in listed}

    assert {row for row in named if row[2] not in {None, row[1]}} == set()
    # What is made by running something, and what comes with something else, stands in no record.
    assert {kind for _, kind, known in named if known} >= {
        "Agent", "Cluster", "Code", "Dataset", "Endpoint", "FeatureStore", "Function", "Guardrail", "Image", "Key",
        "KnowledgeBase", "Model", "ModelVersion", "Notebook", "Pipeline", "Role", "Schedule", "Secret", "User",
    }  # fmt: skip


def test_an_object_or_an_alias_in_a_state_makes_no_asset(loads: Loads) -> None:
    arns = ("arn:aws:s3:::b/script.py", f"arn:aws:lambda:eu-west-1:{A}:function:f:live")
    rows: list[dict[str, Any]] = [
        {
            "mode": "managed",
            "type": "t",
            "name": f"n{at}",
            "instances": [{"attributes": {"arn": arn}}],
        }
        for at, arn in enumerate(arns)
    ]
    state = {"version": 4, "serial": 1, "lineage": "l", "resources": rows}
    report = loads.file("prod.tfstate", json.dumps(state))

    assert [loads.store.get(NodeId(arn)) for arn in arns] == [None, None]
    assert report.records == (Found("prod.tfstate", "terraform state", 2, 0, 0, 2),)
