"""How fast this machine reads rows of one cache line in random order: the limit of a sweep."""

from __future__ import annotations

import numpy as np
from numba import njit, uint64
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def gathered(table: NDArray[np.uint64], order: NDArray[np.int32]) -> np.uint64:
    """All rows joined, in this order."""
    a = b = c = d = e = f = g = h = uint64(0)
    for at in range(len(order)):
        row = order[at]
        a ^= table[row, 0]
        b ^= table[row, 1]
        c ^= table[row, 2]
        d ^= table[row, 3]
        e ^= table[row, 4]
        f ^= table[row, 5]
        g ^= table[row, 6]
        h ^= table[row, 7]
    return a ^ b ^ c ^ d ^ e ^ f ^ g ^ h
