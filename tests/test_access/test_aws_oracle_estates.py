"""A resolved estate against the plain rules: groups, limits, bucket, access point, key with its grants, and trust."""

from __future__ import annotations

from functools import partial

from examples import RUN, share
from hypothesis import assume, given
from oracle.aws_policy import ALLOW
from policy_estates import Small, estates, told, truth, worlds_of

from graph.model import Certainty

MOST_WORLDS = 1_000


@share(0.05)
@given(estates())
def test_what_is_held_is_what_the_plain_rules_give(small: Small) -> None:
    worlds = worlds_of(small)
    assume(worlds.count <= MOST_WORLDS)
    for way, certainty in told(small).items():
        rows = worlds.results(partial(truth, small, way))
        if certainty is None:
            assert not any(ALLOW in row for row in rows), way
        elif certainty is Certainty.DEFINITE:
            assert all(ALLOW in row for row in rows), way
    RUN["estates"] += 1
