"""Authorization details that people export: whole accounts, several of them, and every way to be none."""

import json
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from graph.errors import SourceError
from graph.model import Attachment, Edge, Node, Outcome, Role
from ingest.files.authorization_details import read_details
from ingest.intake import file_intake

EXAMPLE = Path(__file__).parents[1] / "data" / "aws" / "example-account.json"
EMPTY: dict[str, list[Any]] = {
    "UserDetailList": [],
    "GroupDetailList": [],
    "RoleDetailList": [],
    "Policies": [],
}
ALLOW = {
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/%20/*"}]
}


def _user(account: str = "111111111111", **rest: Any) -> dict[str, Any]:
    return {"UserName": "u", "Arn": f"arn:aws:iam::{account}:user/u", **rest}


def _file(tmp_path: Path, content: object) -> Path:
    path = tmp_path / "account.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_the_published_example_holds_the_identities_of_two_accounts() -> None:
    intake = file_intake(EXAMPLE)
    nodes = {row.id: row for row in intake.rows if isinstance(row, Node)}
    kinds = Counter(node.kind for node in nodes.values())
    assert (kinds["User"], kinds["Role"], kinds["Group"], kinds["Account"]) == (44, 78, 5, 2)
    assert [row.key.scope for row in intake.coverage] == ["012345678901", "200611803367"]
    assert {row.outcome for row in intake.coverage} == {Outcome.OK}
    assert not intake.skipped
    assert not intake.oddities


def test_every_version_of_the_example_is_kept_and_one_of_each_is_in_force() -> None:
    rows = {row.id: row for row in file_intake(EXAMPLE).rows if isinstance(row, Attachment)}
    versions = [row for row in rows.values() if row.role is Role.VERSION]
    assert len({row.holder for row in versions}) == 84
    assert Counter(row.holder for row in versions if row.in_force) == Counter(
        {row.holder: 1 for row in versions}
    )


def test_memberships_of_the_example_find_their_groups() -> None:
    edges = {row.id: row for row in file_intake(EXAMPLE).rows if isinstance(row, Edge)}
    assert Counter(edge.kind for edge in edges.values())["MEMBER_OF"] == 6


@pytest.mark.parametrize(
    "document",
    [ALLOW, json.dumps(ALLOW), quote(json.dumps(ALLOW)), "  " + json.dumps(ALLOW, indent=1)],
    ids=["object", "text", "url-encoded", "indented"],
)
def test_a_document_is_read_in_all_the_forms_it_comes_in(tmp_path: Path, document: object) -> None:
    policy = {"PolicyName": "p", "PolicyDocument": document}
    path = _file(tmp_path, {**EMPTY, "UserDetailList": [_user(UserPolicyList=[policy])]})
    details = read_details(path)[0]
    texts = [row.text for row in details.shaped(path) if hasattr(row, "text")]
    assert [json.loads(text) for text in texts] == [ALLOW]


def test_accounts_by_id_and_lists_of_outputs_are_read(tmp_path: Path) -> None:
    one = {**EMPTY, "UserDetailList": [_user()]}
    two = {**EMPTY, "UserDetailList": [_user("222222222222")]}
    by_id = _file(tmp_path, {"111111111111": one, "222222222222": two, "333333333333": EMPTY})
    assert [row.coverage.key.scope for row in read_details(by_id)] == [
        "111111111111",
        "222222222222",
        "333333333333",
    ]
    listed = _file(tmp_path, [one, two, one])
    assert [row.coverage.items for row in read_details(listed)] == [2, 1]


def test_a_policy_of_an_account_without_identities_closes_nothing_there(tmp_path: Path) -> None:
    policy = {"Arn": "arn:aws:iam::999999999999:policy/p", "PolicyVersionList": []}
    path = _file(tmp_path, {**EMPTY, "UserDetailList": [_user()], "Policies": [policy]})
    assert [row.coverage.key.scope for row in read_details(path)] == ["111111111111"]


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"RoleDetailList": None}, "the file holds no `RoleDetailList`"),
        ({"IsTruncated": True}, "one page of several"),
    ],
)
def test_a_part_of_an_account_does_not_count_as_read(
    tmp_path: Path, change: dict[str, Any], detail: str
) -> None:
    content = {**EMPTY, "UserDetailList": [_user()], **change}
    content = {name: value for name, value in content.items() if value is not None}
    coverage = read_details(_file(tmp_path, content))[0].coverage
    assert coverage.outcome is Outcome.FAILED
    assert detail in coverage.detail


BAD_USER = {
    "policy-text": _user(UserPolicyList=[{"PolicyName": "p", "PolicyDocument": "Allow all"}]),
    "policy-number": _user(UserPolicyList=[{"PolicyName": "p", "PolicyDocument": 7}]),
    "policy-list": _user(UserPolicyList=[{"PolicyName": "p", "PolicyDocument": [ALLOW]}]),
    "policy-missing": _user(UserPolicyList=[{"PolicyName": "p"}]),
    "policies-object": _user(UserPolicyList={"PolicyName": "p"}),
    "groups-text": _user(GroupList="admins"),
    "managed-text": _user(AttachedManagedPolicies=["arn:aws:iam::aws:policy/X"]),
    "managed-bare": _user(AttachedManagedPolicies=[{"PolicyName": "X"}]),
    "boundary-bare": _user(PermissionsBoundary="x"),
}


@pytest.mark.parametrize("name", sorted(BAD_USER))
def test_an_item_that_cannot_be_read_is_told_with_file_and_holder(
    tmp_path: Path, name: str
) -> None:
    path = _file(tmp_path, {**EMPTY, "UserDetailList": [BAD_USER[name]]})
    with pytest.raises(SourceError) as caught:
        file_intake(path)
    assert str(path) in str(caught.value)
    assert "user/u" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ('{"UserDetailList": [', r"is not JSON \(cut off\)"),
        ("{'UserDetailList': []}", "is not JSON"),
        ("7", "neither a snapshot nor account authorization details"),
        ({}, "neither a snapshot nor account authorization details"),
        ([], "holds an empty list"),
        ([7], r"\[0\] is neither"),
        ({"Statement": []}, "neither a snapshot nor account authorization details"),
        ({"111111111111": {}}, "`111111111111` holds no account authorization details"),
        (EMPTY, "names no account"),
        ({**EMPTY, "UserDetailList": {}}, "`UserDetailList` is no list"),
        ({**EMPTY, "UserDetailList": [7]}, r"UserDetailList\[0\] is no object with an `Arn`"),
        ({**EMPTY, "RoleDetailList": [{}]}, r"RoleDetailList\[0\] is no object with an `Arn`"),
        ({**EMPTY, "UserDetailList": [{"Arn": "x"}]}, "its ARN `x` names no account"),
        ({**EMPTY, "Policies": ["x"]}, r"Policies\[0\] is no object with an `Arn`"),
    ],
)
def test_what_is_no_export_is_refused(tmp_path: Path, content: object, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        file_intake(_file(tmp_path, content))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        file_intake(tmp_path / "none.json")


def test_advice_says_how_to_make_such_a_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        file_intake(_file(tmp_path, {}))
    assert "aws iam get-account-authorization-details" in caught.value.__notes__[0]
