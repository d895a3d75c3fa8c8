"""One store of each sort for the tests that hold for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from neo4j_servers import HERE
from store_contract import CANDIDATES, Candidate

from graph.store import Store


@pytest.fixture(params=CANDIDATES, ids=lambda candidate: candidate.name)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store; a declared gap must fail, so that a closed one is noticed."""
    candidate: Candidate = request.param
    gap = candidate.gaps.get(request.node.originalname)
    if gap is not None:
        request.applymarker(pytest.mark.xfail(reason=gap, strict=True))
    opened = candidate.make(tmp_path)
    yield opened
    if gap is None:
        candidate.check(opened)
    opened.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test of the contract that runs against a server may speak to this machine."""
    for item in items:
        made = getattr(item, "callspec", None)
        if made is not None and any(
            isinstance(one, Candidate) and one.name != "sqlite" for one in made.params.values()
        ):
            item.add_marker(pytest.mark.allow_hosts(HERE))
