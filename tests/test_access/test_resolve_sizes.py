"""What `resolve` makes stays in proportion to what there is: sharing is what keeps it there."""

from __future__ import annotations

import pytest

from access.resolve import resolve
from benchmarks.account import START, Shape, account
from benchmarks.resolve_sizes import sizes

COUNTED = ("classes", "Grants", "sets", "ON edges")


@pytest.mark.timeout(300)
def test_conclusions_of_a_wildcard_heavy_account_stay_under_ten_per_principal_and_asset() -> None:
    shape = Shape(buckets=100)
    found = sizes(resolve(account(shape), instant=START))
    assert found["Grants"] > shape.roles
    assert sum(found[name] for name in COUNTED) < 10 * shape.things


@pytest.mark.timeout(300)
def test_more_datasets_of_the_same_sort_make_hardly_more_grants() -> None:
    small, large = Shape(roles=60, keys=8, buckets=20), Shape(roles=60, keys=8, buckets=80)
    before = sizes(resolve(account(small), instant=START))
    after = sizes(resolve(account(large), instant=START))
    assert large.datasets == 4 * small.datasets
    assert after["Grants"] < 2 * before["Grants"]
