"""How many examples the evaluator is held against its slow twin with: one number for all tests that do so.

The suite takes 2,000; `SHADOWGRAPH_EXAMPLES` sets another number, as `make nightly` does.
"""

from __future__ import annotations

import os
from collections import Counter

from hypothesis import HealthCheck, settings

WANTED = int(os.environ.get("SHADOWGRAPH_EXAMPLES", "2000"))
RUN: Counter[str] = Counter()
"""Examples that were compared to the end, by test; what was drawn and left out is not among them."""


def share(part: float) -> settings:
    """This part of the examples; drawing large policies is slow, and is no fault of the test."""
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
    return settings(
        max_examples=max(1, round(WANTED * part)), deadline=None, suppress_health_check=slow
    )
