"""One whole published account, resolved by us and read by two peers: CPU seconds, ratios and what each of them finds.

    python -m benchmarks.whole_account [--rounds 3]

Ours concludes all capabilities and techniques of every identity, with the reasons of each and what each hangs on.
PMapper (AGPL) finds administrators and the edges between users and roles, by nine services, without reasons and
conditions; what it finds is set beside ours. cloudsplaining (BSD) reads each policy by itself for risky actions: no
principals, no resources, no Denies across policies. Both run as processes of their own, from a cache folder.

2026-11-26, two cores shared with a load of 5, CPU seconds of one run:

| | seconds | administrators | takeovers by others | can escalate |
|---|---|---|---|---|
| ours, up to definite | 2.7 | 23 | 154 | 25 |
| ours, up to conditional | (the same) | 27 | 402 | 34 |
| ours, up to possible | (the same) | 27 | 404 | 35 |
| PMapper 1.1.5 | 23.4 (8.7 x), searching a further 2.9 | 22 | 408 (414 edges) | 35 |
| cloudsplaining 0.9.1 | 3.0 (1.1 x) | | | 37 of 78 policies |

The sums are near each other by chance: 319 takeovers are in both lists. Of its 89 alone 64 lead from one account of the file
to the other, 20 to roles that are service-linked or reserved, and five through an instance that it takes for granted where
SSM may command one. Of our 85 alone 81 reset a console password, possible where there is one, which the file does not say;
four pass a role to Glue or Data Pipeline, which are not among its services. Administrators are compared one by one in
`test_example_account`.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import starmap
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

from access.aws.arns import account_of
from access.resolve import resolve
from benchmarks.account import START
from benchmarks.peer_environment import Absent, environment, told
from benchmarks.published import EXAMPLE, example_facts
from benchmarks.takeovers import takeovers
from graph.model import Certainty, Conclusions, Facts
from graph.projection import project
from queries.admins import administrators

_HERE = Path(__file__).parent
T = TypeVar("T")


def timed(work: Callable[[], T], rounds: int) -> tuple[float, T]:
    """CPU seconds of the middle round, and the result."""
    spent = []
    for _ in range(rounds):
        begun = time.process_time()
        result = work()
        spent.append(time.process_time() - begun)
    return median(spent), result


@dataclass(frozen=True, slots=True)
class Found:
    """What another tool would count, at one certainty."""

    administrators: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    escalating: frozenset[str]


def ours(rounds: int) -> tuple[float, dict[Certainty, Found]]:
    """Print our time and findings; the CPU seconds of resolving, and what was found."""
    reading, facts = timed(lambda: example_facts(START), 1)
    first, _ = timed(lambda: resolve(facts, instant=START), 1)
    seconds, concluded = timed(lambda: resolve(facts, instant=START), rounds)
    print(
        f"ours: {seconds:.2f} CPU s to resolve (first {first:.2f}), {reading:.2f} to load the file"
    )
    counting, found = timed(lambda: findings(facts, concluded), 1)
    print(f"  {counting:.2f} CPU s to project and count:")
    for certainty, one in found.items():
        print(
            f"    up to {certainty.label}: {len(one.administrators)} administrators, {len(one.pairs)}"
            f" takeovers by others, {len(one.escalating)} that can escalate"
        )
    return seconds, found


def findings(facts: Facts, concluded: Conclusions) -> dict[Certainty, Found]:
    """What another tool would count, by certainty."""
    nodes = sorted((*facts.nodes, *concluded.nodes), key=lambda node: node.id)
    edges = sorted((*facts.edges, *concluded.edges), key=lambda e: (e.source, e.target, e.kind))
    view = project(nodes, edges, version=1)
    rows = administrators(nodes, edges)
    found = {}
    for certainty in Certainty:
        admins = {row.identity for row in rows if row.certainty <= certainty}
        steps = takeovers(view, certainty)
        found[certainty] = Found(
            frozenset(admins),
            frozenset(steps.pairs(admins)),
            frozenset(steps.escalating(admins)),
        )
    return found


def beside(package: str, version: str, driver: str, own: float) -> dict[str, Any]:
    """Run the peer once and print its time against ours; empty where it is not there."""
    try:
        found = told(environment(package, version), _HERE / driver, str(EXAMPLE))
    except Absent as absent:
        print(f"{package}: {absent}")
        return {}
    seconds = float(found["seconds"])
    print(f"{package} {version}: {seconds:.2f} CPU s, {seconds / own:.1f} x ours")
    return found


def told_apart(graph: dict[str, Any], found: Found) -> None:
    """Print what PMapper found, and how much of it is ours as well."""
    pairs = {(start, end) for start, end in graph["pairs"]}
    escalating = set(graph["escalating"])
    print(
        f"  {graph['admins']} administrators, {graph['edges']} edges ({len(pairs)} takeovers by others),"
        f" {len(escalating)} that can escalate (a further {graph['search']:.2f} CPU s)"
    )
    mine = found.pairs
    print(
        f"  takeovers: {len(pairs & mine)} in both, {len(pairs - mine)} its alone, {len(mine - pairs)} ours alone"
    )
    for word, alone in (("its alone", pairs - mine), ("ours alone", mine - pairs)):
        for kind, count in Counter(starmap(kind_of, alone)).most_common():
            print(f"    {word}: {count} {kind}")
    both = escalating & found.escalating
    print(
        f"  that can escalate: {len(both)} in both, {len(escalating - both)} its alone,"
        f" {len(found.escalating - both)} ours alone"
    )


def kind_of(start: str, end: str) -> str:
    """What sort of takeover it is, as far as the names tell."""
    if account_of(start) != account_of(end):
        return "from one account of the file to the other"
    if "/aws-service-role/" in end or "/aws-reserved/" in end:
        return "of service-linked and reserved roles, which no policy lets anyone change"
    return f"by {start.rpartition('/')[2]}"


def main() -> None:
    """Resolve, run the peers, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    own, found = ours(parser.parse_args().rounds)
    graph = beside("principalmapper", "1.1.5", "pmapper_driver.py", own)
    if graph:
        told_apart(graph, found[Certainty.POSSIBLE])
    scan = beside("cloudsplaining", "0.9.1", "cloudsplaining_driver.py", own)
    if scan:
        print(f"  {scan['escalating']} of {scan['policies']} policies that may escalate")


if __name__ == "__main__":
    main()
