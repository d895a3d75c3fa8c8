"""AWS decisions a second on distinct requests, effect only and explained, beside another public evaluator.

    python -m benchmarks.decisions [--requests 30000] [--rounds 5] [--sample 2000]

The requests are those of `benchmarks.requests`, so many about each of two accounts: the published example and the
generated one. Requests, policies and the index of statements by action are made before; each round asks every request
once. Ends with 1 where the effect alone and the explained answer differ on any request. The other evaluator gets a sample
of the same requests with its context filled in, and so do we, again; what it answers otherwise is printed.

2026-11-26, two cores shared with a load of 5, CPU seconds of one core, five rounds (in three runs within a third of it):

| a second | example account | generated account | aimed at |
|---|---|---|---|
| effect only | 94,400 | 79,700 | 50,000 |
| explained | 22,300 | 16,000 | 5,000 |
| effect only, request and policies put together anew each time | 40,300 | 36,200 | |
| the 2,000 requests that iam-simulate gets: effect only, explained | 99,200, 17,700 | (of both) | |
| iam-simulate 0.1.173 on them, which reads the policies with each | 3,300: 30 and 5 x slower | (of both) | |

Not all effects cost the same: a conditional one takes about 100 to 140 microseconds, as it is searched for; a denial for
want of an Allow 8. The shares are in the output. Of 4,357 answers of the other evaluator 11 differ from ours: ten on
assuming roles that do not exist, so that no trust policy stands against it, one on changing a service-linked role.
"""

from __future__ import annotations

import argparse
import gc
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import median

from access.aws.decide import decide, effect_of
from access.decision import Decision, Effect
from benchmarks.account import START, Shape, account
from benchmarks.published import example_facts
from benchmarks.requests import Asking, Question, compiled
from benchmarks.second_evaluator import Absent, Row, row_of, timed
from graph.model import Facts
from ingest.files.decisions import policies_of, request_of

AIMED = {"effect only": 50_000, "explained": 5_000}
SHOWN = 3  # of each kind of difference to the other evaluator


@dataclass(frozen=True, slots=True)
class Pace:
    """CPU seconds of each round over so many requests."""

    requests: int
    rounds: tuple[float, ...]

    @property
    def first(self) -> float:
        """Requests a second in the first round, in which what is alike in all requests is made."""
        return self.requests / self.rounds[0]

    @property
    def usual(self) -> float:
        """Requests a second in the middle round."""
        return self.requests / median(self.rounds)


def pace(ask: Callable[[Question], object], asked: Sequence[Question], rounds: int) -> Pace:
    """The CPU seconds of asking every request once, round after round."""
    spent = []
    for _ in range(rounds):
        begun = time.process_time()
        for question in asked:
            ask(question)
        spent.append(time.process_time() - begun)
    return Pace(len(asked), tuple(spent))


def effect(question: Question) -> Effect:
    """The effect alone."""
    return effect_of(question.request, question.policies)


def explained(question: Question) -> Decision:
    """The whole answer, with what must stand for it or what stands against it."""
    return decide(question.request, question.policies)


OURS: dict[str, Callable[[Question], object]] = {"effect only": effect, "explained": explained}


def anew(question: Question) -> Effect:
    """The effect alone, request and policies put together for it from what was compiled."""
    return effect_of(replace(question.request), replace(question.policies))


def drawn(name: str, facts: Facts, count: int) -> tuple[Asking, tuple[Question, ...]]:
    """The requests about one account, ready to be asked."""
    begun = time.process_time()
    asking = Asking(facts, now=START, seed=7)
    made = asking.draw(count)
    drawing = time.process_time() - begun
    begun = time.process_time()
    compiled(made)
    index = time.process_time() - begun
    print(f"{name}: {len(asking.callers)} callers, {len({one.key for one in made}):,} requests")
    print(
        f"  drawn, policies parsed and compiled in {drawing:.2f} CPU s; indexed in {index:.2f} CPU s"
    )
    return asking, made


def differing(asked: Sequence[Question]) -> int:
    """How many requests the two ways of asking answer differently; prints the shares of each effect."""
    answers = [(effect(one), explained(one).effect) for one in asked]
    shares = Counter(short for short, _long in answers)
    told = ", ".join(
        f"{kind.value} {count / len(asked):.1%}" for kind, count in shares.most_common()
    )
    print(f"  {told}")
    return sum(short is not long for short, long in answers)


def by_effect(asked: Sequence[Question], rounds: int) -> str:
    """Microseconds of each effect alone, in short."""
    apart: dict[Effect, list[Question]] = {}
    for one in asked:
        apart.setdefault(effect(one), []).append(one)
    return ", ".join(
        f"{kind.value} {1e6 / pace(effect, some, rounds).usual:.0f}" for kind, some in apart.items()
    )


def measured(asked: Sequence[Question], rounds: int) -> None:
    """Print both paces beside what is aimed at."""
    for name, ask in OURS.items():
        found = pace(ask, asked, rounds)
        print(
            f"  {name:<12}{found.usual:>9,.0f} /s   first round {found.first:,.0f} /s   aimed at {AIMED[name]:,} /s"
        )
    slow = pace(anew, asked, rounds).usual
    print(f"  effect only, request and policies put together anew each time {slow:,.0f} /s")
    print(f"  microseconds of the effect alone: {by_effect(asked, rounds)}")


def beside(rows: Sequence[Row], most: int, rounds: int) -> None:
    """Print our pace and the other evaluator's on the same rows, and where the answers differ."""
    try:
        theirs = timed(rows, most=most, rounds=rounds)
    except Absent as absent:
        print(f"no other evaluator: {absent}")
        return
    asked = {row["id"]: Question(request_of(row, instant=START), policies_of(row)) for row in rows}
    some = [asked[name] for name in asked if name in theirs.rows]
    ours = {name: pace(ask, some, rounds).usual for name, ask in OURS.items()}
    print(f"beside iam-simulate on {len(some):,} of them, strictly, every key of the context given")
    print(f"  ours: {', '.join(f'{name} {found:,.0f} /s' for name, found in ours.items())}")
    ratios = ", ".join(f"{name} {found / theirs.speed:.0f} x" for name, found in ours.items())
    print(f"  its: {theirs.speed:,.0f} /s   ours / its: {ratios}")
    reasons = Counter(theirs.refused.values()).most_common(3)
    told = "; ".join(f"{count} {why[:70]}" for why, count in reasons)
    print(f"  of {len(rows):,} it refuses {len(theirs.refused):,} as no question: {told}")
    differences([(row, asked[row["id"]], theirs.answers.get(row["id"], "")) for row in rows])


def differences(answers: Sequence[tuple[Row, Question, str]]) -> None:
    """Print how many answers differ from its, by what stands against ours, each kind with the first few."""
    kinds: dict[str, list[Row]] = {}
    for row, question, its in answers:
        mine = effect(question).value
        if its not in {"", mine}:
            why = "; ".join(
                reason.text or reason.layer.value for reason in explained(question).reasons
            )
            kinds.setdefault(f"ours {mine} ({why}), its {its}", []).append(row)
    count = sum(map(len, kinds.values()))
    print(f"  of {sum(bool(its) for _, _, its in answers):,} answers {count} differ")
    for kind, rows in kinds.items():
        print(f"    {len(rows)} x {kind}, such as")
        for row in rows[:SHOWN]:
            print(f"      {row['principal']} {row['action']} {row['resource']}")


def main() -> None:
    """Draw, compare, measure, print; end with 1 where the two ways of asking disagree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=30_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sample", type=int, default=2_000)
    given = parser.parse_args()
    wrong, rows = 0, list[Row]()
    for name, facts in (("example", example_facts(START)), ("generated", account(Shape()))):
        asking, asked = drawn(name, facts, given.requests)
        gc.freeze()  # the requests are no garbage of deciding
        measured(asked, given.rounds)
        wrong += differing(asked)
        some = asked[:: max(1, len(asked) // (2 * given.sample))]  # it refuses many
        rows += [row_of(f"{name}-{place}", one, asking.texts) for place, one in enumerate(some)]
    print(f"effect alone and explained answer differ on {wrong} of {2 * given.requests:,} requests")
    random.Random(7).shuffle(rows)
    beside(rows, given.sample, given.rounds)
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
