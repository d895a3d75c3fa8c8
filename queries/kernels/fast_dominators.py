"""The dominator tree, compiled; needs numba (the extra `fast`). The functions are those of `queries.kernels.dominators`."""

from __future__ import annotations

from numba import njit

from queries.kernels import dominators

_compiled = njit(nogil=True, cache=True)
STEPS = (
    _compiled(dominators.number_states),
    _compiled(dominators.settle),
    _compiled(dominators.add_below),
)
