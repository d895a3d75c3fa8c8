"""What an answer rests on: calls that were never made are looked for, and said."""

from datetime import UTC, datetime

from graph.model import Coverage, CoverageKey, Outcome, RunId, RunRecord
from ingest.source import resources
from ui.completeness import Completeness, Unasked, never_asked

ACCOUNT = ("aws", "111111111111")
RUN = RunRecord(
    RunId(3),
    datetime(2026, 3, 1, 6, tzinfo=UTC),
    datetime(2026, 3, 1, 6, 1, tzinfo=UTC),
    3,
    "0.1.0",
    1,
)


def listings(account: str) -> list[CoverageKey]:
    """The keys of every call that is made once per scope or choice, asked in one account."""
    return [
        CoverageKey(
            "aws",
            account,
            "global",
            f"{row.call.operation}/{choice}" if choice else row.call.operation,
        )
        for row in resources()
        if not row.call.feeds and not row.call.on_request
        for choice in row.call.choices or ("",)
    ]


def known(**parts: object) -> Completeness:
    whole: dict[str, object] = {"run": RUN, "calls": 7, "gaps": (), "unasked": (), "assumed": ()}
    return Completeness(**{**whole, **parts})  # type: ignore[arg-type]  # parts of the right types


def test_an_account_that_was_asked_everything_misses_nothing() -> None:
    assert never_asked(listings(ACCOUNT[1]), [ACCOUNT]) == ()


def test_an_account_that_was_never_asked_misses_every_listing_of_its_own() -> None:
    other = ("aws", "222222222222")

    missing = never_asked(listings(ACCOUNT[1]), [ACCOUNT, other])

    assert {row.scope for row in missing} == {"222222222222"}
    assert "iam.get_account_authorization_details" in {row.call for row in missing}


def test_the_organisation_is_asked_once_for_all_accounts() -> None:
    missing = never_asked(listings(ACCOUNT[1]), [ACCOUNT, ("aws", "222222222222")])

    assert not [row for row in missing if row.call.startswith("organizations.")]


def test_each_sort_of_control_policy_is_asked_for_by_itself() -> None:
    asked = [
        key for key in listings(ACCOUNT[1]) if not key.call.endswith("/RESOURCE_CONTROL_POLICY")
    ]

    assert never_asked(asked, [ACCOUNT]) == (
        Unasked(
            "aws",
            "organization",
            "organizations.list_policies/RESOURCE_CONTROL_POLICY",
            "organizations:ListPolicies",
        ),
    )


def test_without_accounts_nothing_is_missed() -> None:
    assert never_asked([], []) == ()


def test_everything_read_is_said_in_one_line() -> None:
    assert list(known().lines()) == ["data: run 3 of 2026-03-01 06:00 UTC, 7 calls, all answered"]


def test_nothing_loaded_is_not_complete() -> None:
    empty = known(run=None, calls=0)

    assert (empty.complete, list(empty.lines())) == (
        False,
        ["data: none, nothing was loaded yet"],
    )


def test_an_assumption_makes_an_answer_incomplete_and_is_said() -> None:
    assumed = known(assumed=(("SCP unread", 2),))

    assert (assumed.complete, list(assumed.lines())[1]) == (
        False,
        "assumed: SCP unread (2 Grants)",
    )


def test_many_unread_calls_are_summed_up() -> None:
    gaps = tuple(
        Coverage(CoverageKey("aws", "1", "global", f"s3.get_bucket_policy/{n}"), Outcome.DENIED)
        for n in range(30)
    )

    lines = list(known(gaps=gaps).unread())

    assert (len(lines), lines[-1]) == (11, "and 20 more (see `shadowgraph coverage`)")


def test_a_call_in_a_scope_without_answer_is_a_gap_with_its_permission() -> None:
    key = CoverageKey("aws", "1", "global", "s3.list_buckets")
    gap = Coverage(key, Outcome.DENIED, missing_permission="s3:ListAllMyBuckets")

    told = known(gaps=(gap,)).plain()["not_answered"]

    assert told == [
        {
            "platform": "aws",
            "scope": "1",
            "region": "global",
            "call": "s3.list_buckets",
            "outcome": "denied",
            "missing_permission": "s3:ListAllMyBuckets",
            "detail": "",
            "last_ok": None,
        }
    ]
