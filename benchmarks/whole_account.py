"""One whole published account, resolved by us and read by two peers: CPU seconds, ratios and what each of them finds.

    python -m benchmarks.whole_account [--rounds 3]

Ours concludes all capabilities and techniques of every identity, with the reasons of each and what each hangs on.
PMapper (AGPL) finds administrators and the edges between users and roles, by nine services, without reasons and
conditions; what it finds is set beside ours. cloudsplaining (BSD) reads each policy by itself for risky actions: no
principals, no resources, no Denies across policies. Both run as processes of their own, from a cache folder.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

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


def ours(rounds: int) -> float:
    """Print our time and findings; the CPU seconds of resolving."""
    reading, facts = timed(lambda: example_facts(START), 1)
    first, _ = timed(lambda: resolve(facts, instant=START), 1)
    seconds, found = timed(lambda: resolve(facts, instant=START), rounds)
    print(
        f"ours: {seconds:.2f} CPU s to resolve (first {first:.2f}), {reading:.2f} to load the file"
    )
    counting, lines = timed(lambda: findings(facts, found), 1)
    print(f"  {counting:.2f} CPU s to project and count:", *lines, sep="\n")
    return seconds


def findings(facts: Facts, found: Conclusions) -> list[str]:
    """What another tool would count, at each certainty."""
    nodes = sorted((*facts.nodes, *found.nodes), key=lambda node: node.id)
    edges = sorted((*facts.edges, *found.edges), key=lambda e: (e.source, e.target, e.kind))
    view = project(nodes, edges, version=1)
    rows = administrators(nodes, edges)
    lines = []
    for certainty in Certainty:
        admins = {row.identity for row in rows if row.certainty <= certainty}
        steps = takeovers(view, certainty)
        lines.append(
            f"    up to {certainty.label}: {len(admins)} administrators, {steps.pairs(admins)} takeovers"
            f" by others, {steps.escalating(admins)} that can escalate"
        )
    return lines


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


def main() -> None:
    """Resolve, run the peers, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    own = ours(parser.parse_args().rounds)
    graph = beside("principalmapper", "1.1.5", "pmapper_driver.py", own)
    if graph:
        print(
            f"  {graph['admins']} administrators, {graph['edges']} edges ({graph['pairs']} takeovers by others),"
            f" {graph['escalating']} that can escalate (a further {graph['search']:.2f} CPU s)"
        )
    scan = beside("cloudsplaining", "0.9.1", "cloudsplaining_driver.py", own)
    if scan:
        print(f"  {scan['escalating']} of {scan['policies']} policies that may escalate")


if __name__ == "__main__":
    main()
