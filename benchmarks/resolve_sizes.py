"""How many classes, Grants, sets and ON edges `resolve` makes of a generated account, and what it costs.

    python -m benchmarks.resolve_sizes [--buckets 1000] [--roles 300] [--workloads 40]
    python -m benchmarks.resolve_sizes --target    1,000 principals x 10,000 datasets beside what is aimed at

What keeps the sum small are relative Revocables (one Grant for all roles that trust the account) and sets named by a
selector (one ON edge for all datasets that a role reads).

2026-11-26, two cores shared with a test run, `--target`: 28.9 CPU s, 872 MiB, as aimed at; in the morning it had been 92 to
103 s. Most of what is left is finding the targets that are answered alike, and writing 1.5 million COVERS edges.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections import Counter

from access.resolve import resolve
from benchmarks.account import START, Shape, account
from graph.model import Conclusions

AIMED = Shape(roles=1000, buckets=2500, workloads=100)
SECONDS, MEMORY = 30, 2048


def sizes(conclusions: Conclusions) -> dict[str, int]:
    """Counts of what conclusions are made of."""
    nodes = Counter(node.kind for node in conclusions.nodes)
    edges = Counter(edge.kind for edge in conclusions.edges)
    return {
        "classes": nodes["PrincipalClass"],
        "Grants": nodes["Grant"],
        "sets": nodes["AssetSet"],
        "ON edges": edges["ON"],
        "HOLDS edges": edges["HOLDS"],
        "COVERS edges": edges["COVERS"],
        "BECAUSE edges": edges["BECAUSE"],
        "Revocables": nodes["Revocable"],
    }


def asked() -> Shape:
    """The size that the command line asks for."""
    parser, usual = argparse.ArgumentParser(description=__doc__), Shape()
    parser.add_argument("--roles", type=int, default=usual.roles)
    parser.add_argument("--buckets", type=int, default=usual.buckets)
    parser.add_argument("--workloads", type=int, default=usual.workloads)
    parser.add_argument("--target", action="store_true")
    given = parser.parse_args()
    if given.target:
        return AIMED
    return Shape(roles=given.roles, buckets=given.buckets, workloads=given.workloads)


def main() -> None:
    """Print the sizes, the sum per principal and asset, CPU seconds and peak memory."""
    shape = asked()
    facts = account(shape)
    before = time.process_time()
    conclusions = resolve(facts, instant=START)
    spent = time.process_time() - before
    found = sizes(conclusions)
    work = f"{shape.workloads} of each sort of workload"
    print(f"{shape.roles} roles, {shape.datasets} datasets, {shape.keys} keys, {work}")
    for name, count in found.items():
        print(f"  {name:14} {count:>8,}")
    total = sum(found[name] for name in ("classes", "Grants", "sets", "ON edges"))
    print(
        f"  classes + Grants + sets + ON edges = {total:,}: {total / shape.things:.2f} per principal and asset"
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    aim = f" (aimed at: {SECONDS} s, {MEMORY} MiB)" if shape == AIMED else ""
    print(f"  {spent:.1f} CPU s, peak {peak:.0f} MiB{aim}")


if __name__ == "__main__":
    main()
