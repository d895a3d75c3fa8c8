"""How many classes, Grants, sets and ON edges `resolve` makes of a generated account, and what it costs.

    python -m benchmarks.resolve_sizes [--buckets 1000] [--roles 300]

What keeps the sum small are relative Revocables (one Grant for all roles that trust the account) and sets named by a
selector (one ON edge for all datasets that a role reads).
"""

from __future__ import annotations

import argparse
import resource
import time
from collections import Counter

from access.resolve import resolve
from benchmarks.account import START, Shape, account
from graph.model import Conclusions


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


def main() -> None:
    """Print the sizes, the sum per principal and asset, CPU seconds and peak memory."""
    parser, usual = argparse.ArgumentParser(description=__doc__), Shape()
    parser.add_argument("--roles", type=int, default=usual.roles)
    parser.add_argument("--buckets", type=int, default=usual.buckets)
    given = parser.parse_args()
    shape = Shape(roles=given.roles, buckets=given.buckets)
    facts = account(shape)
    before = time.process_time()
    conclusions = resolve(facts, instant=START)
    spent = time.process_time() - before
    found = sizes(conclusions)
    things = shape.roles + shape.datasets + shape.keys
    print(f"{shape.roles} roles, {shape.datasets} datasets, {shape.keys} keys")
    for name, count in found.items():
        print(f"  {name:14} {count:>8,}")
    total = sum(found[name] for name in ("classes", "Grants", "sets", "ON edges"))
    print(
        f"  classes + Grants + sets + ON edges = {total:,}: {total / things:.2f} per principal and asset"
    )
    print(
        f"  {spent:.1f} CPU s, peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB"
    )


if __name__ == "__main__":
    main()
