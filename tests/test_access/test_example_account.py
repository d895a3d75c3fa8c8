"""One whole account as published: its administrators, each difference to another tool's list explained, and its blast radii."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from access.aws.document import parse
from access.resolve import resolve
from graph.model import Certainty, Node, NodeId, Role
from graph.projection import view_of
from graph.store import Store
from graph.stores import open_store
from graph.view import View
from ingest.load import LoadReport, load_file
from queries.admins import Administrator, administrators
from queries.reach import blast_radii, blast_radius
from ui.cli import main

EXAMPLE = Path(__file__).parents[1] / "data" / "aws" / "example-account.json"
NOW = datetime(2026, 3, 1, 6, tzinfo=UTC)
MAIN, OTHER = "arn:aws:iam::200611803367:", "arn:aws:iam::012345678901:"
SSO_ADMIN = (
    f"{MAIN}role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_AdministratorAccess_dc6414f7f2ab04fc"
)

# Each with a first step by which it is one.
DEFINITE = {
    f"{OTHER}user/obama": "iam:*",
    f"{OTHER}user/userwithlotsofpermissions": "iam:*",
    f"{MAIN}role/AWS-QuickSetup-StackSet-Local-ExecutionRole": "iam:*",
    f"{MAIN}role/OrganizationAccountAccessRole": "iam:*",
    SSO_ADMIN: "iam:*",
    f"{MAIN}role/fn2-exploitableResourceConstraint-role": "iam-001",
    f"{MAIN}role/fn4-exploitableNotAction-role": "iam-005",
    f"{MAIN}role/privesc-AssumeRole-ending-role": "iam:*",
    f"{MAIN}role/privesc-high-priv-service-role": "iam:*",
    f"{MAIN}role/privesc-sre-role": "iam:*",
    f"{MAIN}role/privesc1-CreateNewPolicyVersion-role": "iam-001",
    f"{MAIN}role/privesc12-PutRolePolicy-role": "iam-005",
    f"{MAIN}role/privesc9-AttachRolePolicy-role": "iam-009",
    f"{MAIN}role/stacksets-exec-b5520cb2730c2f54b523d6375a319abb": "iam:*",
    f"{MAIN}user/fn2-exploitableResourceConstraint-user": "iam-001",
    f"{MAIN}user/fn4-exploitableNotAction-user": "iam-007",
    f"{MAIN}user/privesc-sre-user": "iam:*",
    f"{MAIN}user/privesc1-CreateNewPolicyVersion-user": "iam-001",
    f"{MAIN}user/privesc10-PutUserPolicy-user": "iam-007",
    f"{MAIN}user/privesc11-PutGroupPolicy-user": "iam-011",
    f"{MAIN}user/privesc13-AddUserToGroup-user": "iam-013",
    f"{MAIN}user/privesc7-AttachUserPolicy-user": "iam-008",
    f"{MAIN}user/privesc8-AttachGroupPolicy-user": "iam-010",
}

# What PMapper 1.1.5 prints for the same file, beside the ARNs that only one of the two lists holds.
OTHERS = 22
JOINS = "may join a group (iam-013) whose members may rewrite their own policies; membership is no right to the other tool"
ISSUED = "CreatePolicyVersion has a condition on aws:TokenIssueTime, an open key: conditional here, not met there"
OURS_ALONE = {
    f"{MAIN}user/privesc13-AddUserToGroup-user": JOINS,
    f"{MAIN}role/fn3-exploitableConditionConstraint-role": ISSUED,
    f"{MAIN}user/fn3-exploitableConditionConstraint-user": ISSUED,
    f"{MAIN}role/fp5-nonExploitableConditionConstraint-role": ISSUED,
    f"{MAIN}user/fp5-nonExploitableConditionConstraint-user": ISSUED,
}
THEIRS_ALONE: dict[str, str] = {}


@dataclass(frozen=True)
class Loaded:
    """The account in a store, asked once."""

    url: str
    store: Store
    report: LoadReport
    view: View
    nodes: dict[NodeId, Node]
    administrators: dict[str, Administrator]


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    url = f"sqlite:///{tmp_path_factory.mktemp('example')}/account.db"
    store = open_store(url, create=True)
    report = load_file(EXAMPLE, store, resolve=resolve, now=NOW)
    found = administrators(store.nodes(), store.edges())
    yield Loaded(
        url,
        store,
        report,
        view_of(store, cache=None),
        {node.id: node for node in store.nodes()},
        {row.identity: row for row in found},
    )
    store.close()


def allowing(account: Loaded, arn: str, action: str) -> list[tuple[str, ...]]:
    """The condition keys of each statement of the identity's managed policies that allows the action."""
    facts = account.store.facts()
    attached = {row.policy for row in facts.attachments if row.holder == arn and row.policy}
    texts = {document.hash: document.text for document in facts.documents}
    return [
        tuple(clause.key for clause in statement.conditions)
        for row in facts.attachments
        if row.role is Role.VERSION and row.in_force and row.holder in attached and row.document
        for statement in parse(texts[row.document]).statements
        if statement.allow and statement.speaks_of(action)
    ]


def test_every_identity_of_the_file_is_there(account: Loaded) -> None:
    counts = Counter(node.kind for node in account.nodes.values())

    assert (counts["User"], counts["Role"], counts["Group"]) == (44, 78, 5)


def test_nothing_of_the_file_is_skipped_or_odd(account: Loaded) -> None:
    assert (account.report.complete, account.report.skipped, account.report.oddities) == (
        True,
        (),
        (),
    )


def test_each_identity_has_a_blast_radius(account: Loaded) -> None:
    rows = {row.identity: row for row in blast_radii(account.view)}
    asked = {node.id for node in account.nodes.values() if node.kind in {"User", "Role"}}

    assert asked <= set(rows)


def test_reach_without_members_is_counted_apart_from_reach(account: Loaded) -> None:
    blast = blast_radius(account.view, NodeId(f"{OTHER}user/obama"))

    # Neither a bucket nor a workload is in the file: what it may do to them is latent.
    assert blast.tally.latent > 0
    assert {row.kind for row in blast.states} & {"Dataset", "Notebook", "Endpoint"} == set()


def test_the_administrators_are_these(account: Loaded) -> None:
    definite = {
        arn for arn, row in account.administrators.items() if row.certainty is Certainty.DEFINITE
    }

    assert definite == set(DEFINITE)


@pytest.mark.parametrize(("arn", "technique"), sorted(DEFINITE.items()))
def test_each_is_one_by_this_technique(account: Loaded, arn: str, technique: str) -> None:
    ways = account.administrators[arn].ways

    assert technique in {way.techniques[0] for way in ways if way.certainty is Certainty.DEFINITE}


def test_those_that_depend_on_something_are_apart(account: Loaded) -> None:
    conditional = {
        arn for arn, row in account.administrators.items() if row.certainty is Certainty.CONDITIONAL
    }

    assert conditional == {arn for arn, why in OURS_ALONE.items() if why == ISSUED}


def test_the_other_tool_names_those_that_both_name_and_no_more(account: Loaded) -> None:
    assert len(set(account.administrators) - set(OURS_ALONE)) + len(THEIRS_ALONE) == OTHERS


@pytest.mark.parametrize("arn", [arn for arn, why in OURS_ALONE.items() if why == JOINS])
def test_who_is_one_by_joining_a_group_alone_is_ours_alone(account: Loaded, arn: str) -> None:
    ways = account.administrators[arn].ways

    assert all(way.techniques[0] == "iam-013" and len(way.techniques) > 1 for way in ways)


@pytest.mark.parametrize("arn", [arn for arn, why in OURS_ALONE.items() if why == ISSUED])
def test_who_needs_a_time_of_issue_is_ours_alone(account: Loaded, arn: str) -> None:
    assert allowing(account, arn, "iam:CreatePolicyVersion") == [("aws:TokenIssueTime",)]


@pytest.mark.parametrize("arn", [arn for arn, why in OURS_ALONE.items() if why == ISSUED])
def test_whose_time_of_issue_is_open_has_it_named(account: Loaded, arn: str) -> None:
    ways = account.administrators[arn].ways

    assert {key.split()[0] for way in ways for key in way.conditions} == {"aws:TokenIssueTime"}


def test_a_role_that_nobody_may_change_is_one_by_all_of_iam_alone(account: Loaded) -> None:
    assert account.nodes[NodeId(SSO_ADMIN)].props["reserved"] == "sso"
    assert [way.techniques for way in account.administrators[SSO_ADMIN].ways] == [("iam:*",)]


@pytest.mark.parametrize("case", ["fp1-allow-and-deny", "fp2-allow-and-deny-multiple-policies"])
@pytest.mark.parametrize("kind", ["role", "user"])
def test_who_is_allowed_and_denied_everything_is_none(
    account: Loaded, case: str, kind: str
) -> None:
    arn = f"{MAIN}{kind}/{case}-{kind}"

    assert (NodeId(arn) in account.nodes, arn in account.administrators) == (True, False)


@pytest.mark.parametrize("arn", sorted(DEFINITE))
def test_no_policy_of_organisations_was_read_and_each_says_so(account: Loaded, arn: str) -> None:
    assert all(way.assumptions == ("SCP unread",) for way in account.administrators[arn].ways)


def test_a_path_names_policy_and_statement_of_each_step(
    account: Loaded, capsys: pytest.CaptureFixture[str]
) -> None:
    source = f"{MAIN}user/privesc13-AddUserToGroup-user"
    target = f"{MAIN}role/privesc-high-priv-service-role"

    main(
        [
            *("paths", "--store", account.url, "--from", source, "--to", target),
            *("--explain", "--format", "json"),
        ]
    )

    hops = json.loads(capsys.readouterr().out)["result"]["path"]["hops"]
    named = [
        sorted(
            revocable["document"].rpartition("/")[2]
            for need in hop["needs"]
            for alternative in need["alternatives"]
            for revocable in alternative["revocables"]
            if revocable["kind"] == "statement"
        )
        for hop in hops
    ]
    assert [hop["how"] for hop in hops] == ["iam-013", "iam:UpdateAssumeRolePolicy"]
    assert named == [["privesc13-AddUserToGroup"], ["privesc-sre-admin-policy"]]
    assert all(source["marked"] for hop in hops for source in hop["sources"])
