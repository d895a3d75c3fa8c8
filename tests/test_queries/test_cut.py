"""The smallest cut, against every set of what may go."""

from __future__ import annotations

from random import Random

from examples import RUN, share
from hypothesis import given
from hypothesis import strategies as st
from oracle.cut import Pair, hit, smallest, standing
from revocable_estates import Reasoned, make

from access.decision import Revocable, RevocableKind
from graph.model import Certainty, NodeId
from graph.projection import project
from graph.view import Keep
from queries.cut import Cut, Terms, revocations
from queries.fixes import Evidence
from queries.program import Program

MAY_GO = 6


def parts(estate: Reasoned, seed: int) -> tuple[list[NodeId], list[NodeId], list[Revocable]]:
    """Who starts, what is reached, and the few that may go."""
    pick = Random(seed)  # noqa: S311  # seeded on purpose
    starts = [node.id for node in estate.nodes if node.kind in {"User", "Role"}]
    targets = [node.id for node in estate.nodes if node.kind == "Dataset"]
    some = pick.sample(list(estate.all_gone), min(MAY_GO, len(estate.all_gone)))
    return starts, pick.sample(targets, pick.randint(1, len(targets))), some


def cost_of(revocable: Revocable) -> int:
    """Something uneven."""
    return 1 + len(revocable.holder + revocable.member) % 3


def asked(
    estate: Reasoned, seed: int, keep: Keep, *, time_left: float = float("inf"), frozen: bool = True
) -> Cut:
    starts, targets, free = parts(estate, seed)
    view = project(estate.nodes, estate.edges, version=1)
    others = frozenset(one.id for one in estate.all_gone) - {one.id for one in free}
    return revocations(
        view,
        targets,
        Evidence(estate.grants, estate.needs),
        entries=starts,
        keep=keep,
        terms=Terms(others if frozen else frozenset(), cost_of, lambda: time_left),
    )


estates = st.tuples(st.integers(0, 2**32), st.integers(3, 12))
keeps = st.sampled_from([Keep(), Keep(), Keep(certainty=Certainty.DEFINITE)])


@share(0.15)
@given(which=estates, keep=keeps)
def test_no_set_is_cheaper_and_what_cannot_be_cut_is_told(
    which: tuple[int, int], keep: Keep
) -> None:
    estate = make(*which)
    starts, targets, free = parts(estate, which[0])

    def left(gone: object) -> set[Pair]:
        return standing(estate, starts, targets, gone, keep)  # type: ignore[arg-type]  # Revocables

    least, never = smallest(free, cost_of, left)

    cut = asked(estate, which[0], keep)

    assert cut.proved
    assert (cut.cost, cut.bound) == (least, least)
    assert {(one.entry, one.target) for one in cut.uncut} == never
    assert left(cut.revocables) == never
    assert cut.pairs == len(left(()))
    assert cut.cut_pairs == cut.pairs - len(never)
    assert all(one in free for one in cut.revocables)
    RUN["cuts"] += 1


@share(0.05)
@given(which=estates, keep=keeps)
def test_what_would_do_instead_does(which: tuple[int, int], keep: Keep) -> None:
    estate = make(*which)
    starts, targets, _ = parts(estate, which[0])

    cut = asked(estate, which[0], keep)

    never = {(one.entry, one.target) for one in cut.uncut}
    for removal in cut.removals:
        rest = [one for one in cut.revocables if one != removal.revocable]
        for other in removal.instead:
            assert cost_of(other) <= removal.cost
            assert standing(estate, starts, targets, [*rest, other], keep) == never
    RUN["swaps"] += 1


@share(0.05)
@given(which=estates, keep=keeps)
def test_without_time_the_cut_still_cuts_and_tells_a_bound(
    which: tuple[int, int], keep: Keep
) -> None:
    estate = make(*which)
    starts, targets, _ = parts(estate, which[0])

    cut = asked(estate, which[0], keep, time_left=0.0)

    never = {(one.entry, one.target) for one in cut.uncut}
    assert standing(estate, starts, targets, cut.revocables, keep) == never
    assert cut.bound <= asked(estate, which[0], keep).cost <= cut.cost
    RUN["cuts without time"] += 1


@share(0.05)
@given(which=estates)
def test_with_nothing_frozen_the_cut_ends_every_pair_that_it_claims(which: tuple[int, int]) -> None:
    estate = make(*which)
    starts, targets, _ = parts(estate, which[0])

    cut = asked(estate, which[0], Keep(), frozen=False)

    left = standing(estate, starts, targets, cut.revocables, Keep())
    assert left == {(one.entry, one.target) for one in cut.uncut}
    assert cut.proved
    RUN["cuts of all"] += 1


@share(0.25)
@given(
    sets=st.frozensets(
        st.frozensets(st.sampled_from("abcdefg"), min_size=1, max_size=4), max_size=9
    ),
    seed=st.integers(0, 99),
)
def test_the_program_finds_what_trying_all_finds(
    sets: frozenset[frozenset[str]], seed: int
) -> None:
    named = frozenset(frozenset(map(NodeId, one)) for one in sets)
    costs = {NodeId(name): 1 + (at * seed) % 5 for at, name in enumerate("abcdefg")}

    solved = Program(named, costs).solve(time_left=float("inf"))

    assert all(one & set(solved.chosen) for one in named)
    assert sum(costs[one] for one in solved.chosen) == round(solved.bound) == hit(named, costs)
    RUN["programs"] += 1


def test_what_would_lift_a_deny_is_never_taken() -> None:
    lifting = Revocable(RevocableKind.MEMBERSHIP, holder="u", member="g", lifts_deny=True)

    assert not Terms().free(lifting)
