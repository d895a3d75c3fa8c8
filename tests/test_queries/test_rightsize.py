"""Smaller policies: no recorded call is denied, nothing goes that nobody could have seen, and what is told is what is done."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import hcl2
import pytest
from examples import share
from hypothesis import given
from hypothesis import strategies as st
from oracle.privilege import allows
from rule_cases import NOW, Case

from access.aws.catalogue import known_actions, takes
from access.aws.document import parse
from access.aws.recorded import Recorded, recorded
from graph.model import Decision, NodeId
from queries.inventory import Inventory
from queries.logs import window_of
from queries.privilege.rightsize import RightSized, difference, right_sized
from queries.privilege.smaller import MANAGED_LIMIT
from queries.privilege.terraform import terraform
from queries.use import Answer, anywhere, seen

A, R = "111111111111", "eu-west-1"
AL = f"arn:aws:iam::{A}:user/al"
ROLE = f"arn:aws:iam::{A}:role/work"
LOOKUP = "cloudtrail.lookup_events"
DETAILS = "iam.get_account_authorization_details"
ADVISOR = "iam.get_service_last_accessed_details"
OLD = "2026-01-10T00:00:00+00:00"
NOTEBOOKS = tuple(f"arn:aws:sagemaker:{R}:{A}:notebook-instance/nb{n}" for n in range(3))
SECRETS = tuple(f"arn:aws:secretsmanager:{R}:{A}:secret:s{n}-abcdef" for n in range(2))
ENDPOINT = f"arn:aws:sagemaker:{R}:{A}:endpoint/churn"
BUCKET = "arn:aws:s3:::claims"
ASSETS = {
    **dict.fromkeys(NOTEBOOKS, "Notebook"),
    **dict.fromkeys(SECRETS, "Secret"),
    ENDPOINT: "Endpoint",
    BUCKET: "Dataset",
}
OPEN, SECRET = "sagemaker:CreatePresignedNotebookInstanceUrl", "secretsmanager:GetSecretValue"
Used = dict[tuple[str, str], dict[str, str]]


def day(ago: int) -> str:
    return (datetime.fromisoformat(NOW) - timedelta(days=ago)).isoformat()


def estate(
    statements: list[dict[str, Any]],
    used: Used | None = None,
    *,
    who: str = AL,
    read: str = "ok",
    never: tuple[str, ...] | None = None,
    young: tuple[str, ...] = (),
    props: dict[str, Any] | None = None,
) -> Inventory:
    """A user or role with these statements, some assets, a log read as `read` says, and the recorded use."""
    kind = "User" if ":user/" in who else "Role"
    nodes = [
        {"id": f"aws:account/{A}", "kind": "Account", "props": {"region": "global"}},
        {"id": who, "kind": kind, "by": [DETAILS], "props": {"name": who.rpartition("/")[2], "region": "global", "path": "/", "created": OLD, **(props or {})}},
        *(
            {"id": one, "kind": kind_, "props": {"created": day(3) if one in young else OLD}}
            for one, kind_ in ASSETS.items()
        ),
    ]  # fmt: skip
    window = {"since": day(90), "until": day(0), "cut": "false"}
    regions = ("us-east-1", R)
    seen_: list[dict[str, Any]] = [
        {"node": f"aws:account/{A}", "name": f"log_window|{LOOKUP}|{one}", "value": window}
        for one in regions
    ]
    seen_ += [
        {"node": who, "name": f"used|lookup|{action}|{asset}", "value": days}
        for (action, asset), days in (used or {}).items()
    ]
    coverage = {DETAILS: "ok", **{f"aws/{A}/{one}/{LOOKUP}": read for one in regions}}
    if never is not None:
        seen_.append({"node": who, "name": "never_used", "value": list(never)})
        coverage[f"{ADVISOR}/{who}"] = "ok"
    document = {"Version": "2012-10-17", "Statement": statements}
    given_ = {
        "nodes": nodes,
        "observations": seen_,
        "documents": [{"holder": who, "name": "work", "document": document}],
        "coverage": coverage,
    }
    return Case("none", "none", {"given": given_, "want": []}).inventory()


def allow(*actions: str, resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {"Sid": "Work", "Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


def made_for(inventory: Inventory, who: str = AL) -> RightSized:
    return right_sized(inventory, inventory.nodes[NodeId(who)])


def used(*calls: tuple[str, str], on: str = "2026-10-20", count: str = "3") -> Used:
    return {call: {on: count} for call in calls}


def statements_after(made: RightSized) -> list[dict[str, Any]]:
    (policy,) = made.policies
    return [one for text in policy.after for one in json.loads(text)["Statement"]]


PATTERNS = ("*", "sagemaker:*", "sagemaker:Describe*", OPEN, "sagemaker:CreateModel", "kms:*", "s3:Get*", "s3:ListBucket", SECRET, "secretsmanager:*", "iam:*", "lambda:InvokeFunction", "unknownservice:*", "s3:NewerThanTheList")  # fmt: skip
WHERE = st.one_of(
    st.just("*"),
    st.lists(st.sampled_from([*ASSETS, f"arn:aws:sagemaker:{R}:{A}:notebook-instance/*"]), min_size=1, max_size=3),
)  # fmt: skip
STATEMENT = st.builds(
    lambda actions, resource, effect: {
        "Effect": effect,
        "Action": sorted(actions),
        "Resource": resource,
    },
    st.sets(st.sampled_from(PATTERNS), min_size=1, max_size=3),
    WHERE,
    st.sampled_from(["Allow", "Allow", "Allow", "Deny"]),
)
CALL = st.tuples(
    st.sampled_from([OPEN, SECRET, "sagemaker:DescribeNotebookInstance", "sagemaker:CreateModel", "s3:GetBucketPolicy", "s3:GetObject", "kms:DescribeKey", "iam:PassRole"]),
    st.sampled_from([*ASSETS, ""]),
)  # fmt: skip
NEVER = st.one_of(st.none(), st.sets(st.sampled_from(["kms", "lambda", "iam", "secretsmanager", "rocketry"])).map(lambda held: tuple(sorted(held))))  # fmt: skip


@share(0.03)
@given(
    statements=st.lists(STATEMENT, min_size=1, max_size=3),
    calls=st.sets(CALL, max_size=4),
    never=NEVER,
    read=st.sampled_from(["ok", "ok", "ok", "denied"]),
    who=st.sampled_from([AL, ROLE]),
    young=st.sets(st.sampled_from(sorted(ASSETS)), max_size=2),
)
def test_no_recorded_call_is_denied_and_nothing_goes_that_nobody_could_have_seen(
    *,
    statements: list[dict[str, Any]],
    calls: set[tuple[str, str]],
    never: tuple[str, ...] | None,
    read: str,
    who: str,
    young: set[str],
) -> None:
    if never:  # the access advisor contradicts no log
        calls = {one for one in calls if one[0].partition(":")[0] not in never}
    old = json.dumps({"Statement": statements})
    inventory = estate(
        statements, used(*sorted(calls)), who=who, read=read, never=never, young=tuple(young)
    )
    made = made_for(inventory, who)
    new = json.dumps({"Statement": [one for policy in made.policies for text in policy.after for one in json.loads(text)["Statement"]]})  # fmt: skip
    assert made.replay.denied == ()
    if not made.policies:
        return
    identity, window = inventory.nodes[NodeId(who)], window_of(inventory, timedelta(days=90))

    for action, asset in calls:
        for place in [asset] if asset else [*ASSETS, "arn:aws:x:::y"]:
            assert allows(new, action, place) == allows(old, action, place)
    lost = {
        (action, place)
        for action in (*_some_actions(), *made.dropped[:20], "rocketry:Launch", "unknownservice:X", "s3:NewerThanTheList")
        for place in (*ASSETS, "arn:aws:x:::y")
        if allows(old, action, place) != allows(new, action, place)
    }  # fmt: skip
    assert lost or any(one["Effect"] == "Deny" for one in statements)
    recorded_ = {action for action, _ in calls}
    for action, place in lost:
        assert allows(old, action, place) is True
        if action not in recorded_:
            assert anywhere(inventory, identity, action, window).answer is Answer.UNUSED
        elif place in ASSETS and takes(action, place):  # or else it is no way to use it
            told = seen(inventory, identity, action, inventory.nodes[NodeId(place)], window)
            assert told.answer is Answer.UNUSED


def _some_actions() -> list[str]:
    """Every 25th known action, and those that the estates of these tests speak of."""
    known = sorted(known_actions())
    named = [one for one in PATTERNS if "*" not in one and one in known_actions()]
    return sorted({*known[::25], *named, "sagemaker:DescribeNotebookInstance", "iam:PassRole"})


@share(0.03)
@given(
    st.lists(STATEMENT, min_size=1, max_size=3),
    st.sets(CALL, max_size=3),
    NEVER,
    st.sampled_from([AL, ROLE]),
)
def test_a_proposal_is_a_policy_that_the_platform_and_terraform_take(
    statements: list[dict[str, Any]],
    calls: set[tuple[str, str]],
    never: tuple[str, ...] | None,
    who: str,
) -> None:
    made = made_for(estate(statements, used(*sorted(calls)), who=who, never=never), who)

    for policy in made.policies:
        assert policy.dropped or policy.narrowed
        for text in policy.after:
            held = parse(text)
            assert not held.unreadable
            assert not any(one.unknown for one in held.statements)
            assert len("".join(text.split())) <= MANAGED_LIMIT
        kept = [one for text in policy.after for one in json.loads(text)["Statement"]]
        denies = [one for one in statements if one["Effect"] == "Deny"]
        assert [one for one in kept if one["Effect"] == "Deny"] == denies
    assert _in_terraform(terraform(made.identity, made.policies)) == [
        json.loads(text) for policy in made.policies for text in policy.after
    ]


def _in_terraform(text: str) -> list[Any]:
    """The policies that Terraform would make, in order."""
    if not text.strip() or all(line.startswith("#") for line in text.splitlines() if line):
        return []
    found = []
    for block in hcl2.loads(text)["resource"]:
        for kind, named in block.items():
            for label, held in named.items():
                if "attachment" in kind:
                    assert held["policy_arn"] == f"${{aws_iam_policy.{label.strip(chr(34))}.arn}}"
                    continue
                body = held["policy"].strip('"').removeprefix("<<-POLICY\n")
                found.append(json.loads(body.rpartition("POLICY")[0]))
    return found


# By hand


def test_what_was_used_is_held_to_what_it_was_used_on() -> None:
    inventory = estate([allow(OPEN, SECRET)], used((OPEN, NOTEBOOKS[0]), (SECRET, SECRETS[1])))

    made = made_for(inventory)

    assert {tuple(one["Action"]): one["Resource"] for one in statements_after(made)} == {
        (OPEN,): [NOTEBOOKS[0]],
        (SECRET,): [SECRETS[1]],
    }
    assert (made.dropped, made.replay.calls, made.replay.denied) == ((), 6, ())


def test_conditions_stay_with_every_part_of_a_statement() -> None:
    only = {"Condition": {"StringEquals": {"aws:RequestedRegion": R}}}
    statement = allow(OPEN, "sagemaker:CreateModel", "sagemaker:DeleteModel", **only)

    made = made_for(estate([statement], used((OPEN, NOTEBOOKS[0]), ("sagemaker:CreateModel", ""))))

    kept = statements_after(made)
    assert made.dropped == ("sagemaker:DeleteModel",)
    assert [one["Condition"] for one in kept] == [only["Condition"]] * 2
    assert [one["Sid"] for one in kept] == ["Work", "Work2"]


@pytest.mark.parametrize(
    ("calls", "young"),
    [
        ([(OPEN, "")], ()),
        ([(OPEN, NOTEBOOKS[0]), (OPEN, "")], ()),
        ([(OPEN, f"arn:aws:sagemaker:{R}:{A}:notebook-instance/gone")], ()),
        ([(OPEN, ENDPOINT)], ()),
    ],
    ids=["no asset", "one without asset", "an asset that is gone", "an asset of another type"],
)
def test_use_that_names_no_asset_of_the_type_narrows_nothing(
    calls: list[tuple[str, str]], young: tuple[str, ...]
) -> None:
    inventory = estate([allow(OPEN, "sagemaker:DeleteModel")], used(*calls), young=young)

    (statement,) = statements_after(made_for(inventory))

    assert (statement["Action"], statement["Resource"]) == ([OPEN], "*")


def test_an_asset_too_young_to_have_been_seen_in_use_stays_allowed() -> None:
    inventory = estate([allow(OPEN)], used((OPEN, NOTEBOOKS[0])), young=(NOTEBOOKS[2],))

    (statement,) = statements_after(made_for(inventory))

    assert statement["Resource"] == [NOTEBOOKS[0], NOTEBOOKS[2]]


def test_actions_that_other_calls_ask_for_are_never_dropped() -> None:
    silent = ("iam:PassRole", "sts:TagSession", "s3:PutObjectAcl", "s3:GetObjectVersion")

    made = made_for(estate([allow(*silent, "iam:CreateUser")]))

    assert made.dropped == ("iam:CreateUser",)
    assert statements_after(made)[0]["Action"] == sorted(silent)
    assert made.policies[0].unobserved == tuple(sorted(silent))


def test_a_statement_about_everything_loses_what_is_unused_and_keeps_services_nobody_knows() -> (
    None
):
    made = made_for(estate([allow("*")], never=("lambda", "rocketry")))

    (statement,) = statements_after(made)
    assert "Action" not in statement
    assert {"lambda:*", "rocketry:*"} <= set(statement["NotAction"])
    assert not {"iam:*", "s3:*", "kms:*"} & set(statement["NotAction"])


def test_a_statement_about_everything_loses_whole_services_only_where_more_would_be_too_much() -> (
    None
):
    made = made_for(estate([allow("*")], used(("ec2:DescribeInstances", ""))))

    assert made.dropped
    assert all(one.partition(":")[0] != "ec2" for one in made.dropped)
    assert all(one.endswith(":*") for one in statements_after(made)[0]["NotAction"])


def test_what_another_statement_still_allows_is_not_told_as_gone() -> None:
    wide = allow("sagemaker:*", Condition={"Bool": {"aws:SecureTransport": "true"}})
    both = [allow("s3:GetBucketPolicy"), {"Sid": "All", "Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]  # fmt: skip

    assert made_for(estate([allow("sagemaker:CreateModel"), wide])).dropped
    assert made_for(estate(both)).policies == ()


def test_an_action_that_no_list_knows_stays() -> None:
    made = made_for(estate([allow("s3:NewerThanTheList", "s3:GetBucketPolicy")]))

    assert statements_after(made)[0]["Action"] == ["s3:NewerThanTheList"]


def test_a_pattern_stays_where_all_that_it_speaks_of_does() -> None:
    listing = sorted(one for one in known_actions() if one.startswith("kms:List"))
    inventory = estate([allow("kms:*")], used(*((one, "") for one in listing)))

    kept = {
        one for statement in statements_after(made_for(inventory)) for one in statement["Action"]
    }

    assert len(listing) >= 3
    assert "kms:List*" in kept


def test_inline_policies_that_would_be_too_long_become_policies_of_their_own() -> None:
    many = [allow("sagemaker:*")]
    kept = [one for one in sorted(known_actions()) if one.startswith("sagemaker:List")]
    calls = used(*((one, "") for one in kept[::2]))

    (of_user,) = made_for(estate(many, calls)).policies
    (of_role,) = made_for(estate(many, calls, who=ROLE), ROLE).policies

    assert (of_user.attached, of_role.attached) == (True, False)
    assert "aws_iam_user_policy_attachment" in terraform(made_for(estate(many, calls)).identity, [of_user])  # fmt: skip


def test_use_before_the_window_keeps_an_action_and_is_told() -> None:
    calls = {("sagemaker:CreateModel", ""): {"2026-03-01": "1"}}
    made = made_for(estate([allow("sagemaker:CreateModel", "sagemaker:DeleteModel")], calls))

    assert made.dropped == ("sagemaker:DeleteModel",)
    assert made.earlier == ("sagemaker:CreateModel",)
    assert made.replay.words() == "would have denied 0 of 1 observed calls in 246 days"


def test_a_proposal_says_how_sure_it_is_and_where_the_log_was_read() -> None:
    calls = used(("sagemaker:CreateModel", ""))
    sure = made_for(estate([allow("sagemaker:CreateModel", "sagemaker:DeleteModel")], calls))
    half = made_for(
        estate([allow("sagemaker:CreateModel", "sagemaker:DeleteModel", "s3:GetObject")], calls)
    )
    none = made_for(estate([allow("sagemaker:DeleteModel")]))  # fmt: skip

    assert [one.confidence[0] for one in (sure, half, none)] == ["high", "medium", "low"]
    assert sure.regions == (R, "us-east-1")


def test_how_to_apply_and_to_take_back_is_told_for_a_shell() -> None:
    inventory = estate([allow("sagemaker:CreateModel")], props={"name": "al; rm -rf"})
    told = made_for(inventory).plain()

    assert told["apply"] == [
        "aws iam delete-user-policy --user-name 'al; rm -rf' --policy-name work"
    ]
    assert told["rollback"] == [
        "aws iam put-user-policy --user-name 'al; rm -rf' --policy-name work --policy-document file://01-rollback.json"
    ]


def test_what_a_review_decided_is_told_with_the_proposal() -> None:
    inventory = estate([allow("sagemaker:CreateModel")])
    when = datetime.fromisoformat(NOW)
    row = Decision(when, "eve", AL, "keep", "quarterly job", "", when + timedelta(days=30), 1)
    rows = replace(inventory.rows, decisions=(row,))
    decided = Inventory(inventory.view, rows, now=inventory.now, context=inventory.context)

    assert made_for(inventory).plain()["review"] == ["to decide"]
    assert made_for(decided).plain()["review"] == ["keep", "eve", "quarterly job", "2026-12-02"]


def test_a_name_that_looks_like_a_template_is_none_in_terraform() -> None:
    inventory = estate(
        [allow("sagemaker:CreateModel", "s3:GetObject")], props={"name": 'a"${x}%{y}'}
    )
    made = made_for(inventory)

    text = terraform(made.identity, made.policies)

    assert "$${x}" in text
    assert hcl2.loads(text)


def test_what_the_platform_alone_may_change_and_break_glass_are_left_alone() -> None:
    statements = [allow("sagemaker:CreateModel")]
    linked = estate(statements, props={"reserved": "service-linked"})
    glass = estate(statements)
    context = replace(glass.context, break_glass=("al",))
    kept = Inventory(glass.view, glass.rows, now=glass.now, context=context)

    for inventory in (linked, kept):
        assert made_for(inventory).policies == ()
        assert made_for(inventory).why_not


def test_the_difference_shows_what_goes_line_by_line() -> None:
    (policy,) = made_for(estate([allow("sagemaker:CreateModel", "s3:GetObject")])).policies

    lines = difference(policy).splitlines()
    assert '-        "sagemaker:CreateModel",' in lines
    assert recorded("s3:GetObject") is Recorded.DATA
