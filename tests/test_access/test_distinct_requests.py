"""The requests that decisions are timed on: distinct, of every effect, and answered alike by both ways of asking."""

from __future__ import annotations

from functools import cache

from access.aws.decide import decide, effect_of
from access.decision import Effect
from benchmarks.account import START, Shape, account
from benchmarks.requests import Asking, Question

SMALL = Shape(roles=60, keys=8, buckets=20, workloads=3)
COUNT = 4000


@cache
def drawn() -> tuple[Question, ...]:
    return Asking(account(SMALL), now=START, seed=7).draw(COUNT)


def test_no_request_comes_twice() -> None:
    assert len({question.key for question in drawn()}) == COUNT


def test_the_same_seed_draws_the_same_requests() -> None:
    again = Asking(account(SMALL), now=START, seed=7).draw(COUNT)
    assert [question.key for question in again] == [question.key for question in drawn()]


def test_every_effect_occurs() -> None:
    assert {effect_of(one.request, one.policies) for one in drawn()} == set(Effect)


def test_the_effect_alone_is_that_of_the_explained_answer() -> None:
    differing = [
        one.key
        for one in drawn()
        if effect_of(one.request, one.policies) is not decide(one.request, one.policies).effect
    ]
    assert differing == []
