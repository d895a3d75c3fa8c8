"""One store of each sort for the tests that hold for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
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
    opened.close()
