"""Our decision beside another's that may not have been told every key."""

import pytest

from access.decision import Effect
from queries.second_opinion import Standing, compared
from queries.verdicts import Answered

ALLOW, DENY, NOTHING, OPEN = (
    Effect.ALLOW,
    Effect.EXPLICIT_DENY,
    Effect.IMPLICIT_DENY,
    Effect.CONDITIONAL,
)
AGREES, DIFFERS, UNDECIDED = Standing.AGREES, Standing.DIFFERS, Standing.UNDECIDED


def ours(effect: Effect, *keys: str) -> Answered:
    return Answered(effect, right=True, why="", keys=frozenset(keys))


@pytest.mark.parametrize("effect", [ALLOW, DENY, NOTHING])
@pytest.mark.parametrize("partial", [True, False])
def test_the_same_effect_without_missing_keys_agrees(effect: Effect, *, partial: bool) -> None:
    found = compared(ours(effect), effect, (), partial=partial)

    assert (found.standing, found.theirs, found.why) == (AGREES, effect, "")


@pytest.mark.parametrize(
    ("mine", "theirs"), [(ALLOW, NOTHING), (NOTHING, ALLOW), (NOTHING, DENY), (DENY, NOTHING)]
)
def test_another_effect_differs_and_denials_are_told_apart(mine: Effect, theirs: Effect) -> None:
    assert compared(ours(mine), theirs, (), partial=False).standing is DIFFERS
    assert compared(ours(mine), theirs, (), partial=True).standing is DIFFERS


def test_a_key_that_the_question_says_is_absent_opens_nothing() -> None:
    missing = ("aws:SourceVpc",)

    assert compared(ours(NOTHING), NOTHING, missing, partial=False).standing is AGREES
    found = compared(ours(ALLOW), NOTHING, missing, partial=False)
    assert (found.standing, found.theirs, found.why) == (DIFFERS, NOTHING, "asks for aws:SourceVpc")


def test_a_conditional_answer_agrees_where_the_other_asks_for_each_of_its_keys() -> None:
    mine = ours(OPEN, "aws:sourcevpc")

    assert compared(mine, NOTHING, ("AWS:SourceVpc", "x:y"), partial=True).standing is AGREES
    found = compared(mine, NOTHING, ("x:y",), partial=True)
    assert (found.standing, found.why) == (DIFFERS, "does not ask for aws:sourcevpc")


def test_a_conditional_answer_differs_from_one_that_asks_for_nothing() -> None:
    mine = ours(OPEN, "aws:sourcevpc")

    assert compared(mine, ALLOW, (), partial=True).standing is DIFFERS


def test_a_definite_answer_is_not_confirmed_by_one_without_every_key() -> None:
    found = compared(ours(ALLOW), ALLOW, ("aws:SourceIp",), partial=True)

    assert (found.standing, found.theirs) == (UNDECIDED, OPEN)
    assert found.why.startswith("asks for aws:SourceIp, and does not say")


def test_a_definite_answer_is_contradicted_by_another_effect_without_the_keys() -> None:
    found = compared(ours(ALLOW), NOTHING, ("aws:SourceIp",), partial=True)

    assert (found.standing, found.theirs) == (DIFFERS, OPEN)
    assert found.why == "asks for aws:SourceIp; without, it says implicit_deny"
