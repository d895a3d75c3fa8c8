"""The dominator tree, compiled; needs numba (the extra `fast`). The functions are those of `queries.kernels.dominators`."""

from __future__ import annotations

from typing import Any

from numba import njit

from queries.kernels import dominators

_number_states = njit(nogil=True, cache=True)(dominators.number_states)
_settle = njit(nogil=True, cache=True)(dominators.settle)
_add_below = njit(nogil=True, cache=True)(dominators.add_below)


def hang(  # noqa: PLR0917  # as the plain form
    in_first: Any,
    in_state: Any,
    out_first: Any,
    out_state: Any,
    ends: Any,
    walkers: Any,
    numbers: Any,
    order: Any,
    stack: Any,
    place: Any,
    above: Any,
    counts: Any,
    sums: Any,
) -> None:
    """All three steps; the result is in `sums`."""
    count = _number_states(in_first, in_state, ends, numbers, order, stack, place)
    _settle(out_first, out_state, ends, numbers, order, count, above)
    _add_below(walkers, order, count, above, counts, sums)
