"""Many short lists of integers in two arrays, and which of them are equal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

Longs: TypeAlias = NDArray[np.int64]
_MIX = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


N = TypeVar("N", bound=np.integer)


def distinct(values: NDArray[N]) -> NDArray[N]:
    """The distinct values in order: by sorting, which for integers is far faster than `np.unique` and its hash table."""
    ordered = np.sort(values)
    keep = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=keep[1:])
    return ordered[keep]


@dataclass(frozen=True, slots=True, eq=False)
class Lists:
    """List n is `values[indptr[n]:indptr[n + 1]]`, sorted and without repetitions."""

    indptr: Longs
    values: Longs

    @staticmethod
    def of(owner: NDArray[np.integer], value: NDArray[np.integer], size: int) -> Lists:
        """The lists of `size` owners from (owner, value) pairs."""
        span = int(value.max()) + 1 if len(value) else 1
        if size * span >= 1 << 63:
            raise OverflowError(f"{size} lists of values up to {span - 1} are too many for 64 bits")
        pairs = distinct(owner.astype(np.int64) * span + value)
        counts = np.bincount(pairs // span, minlength=size)
        return Lists(np.concatenate(([0], np.cumsum(counts))), pairs % span)

    def __len__(self) -> int:
        return len(self.indptr) - 1

    @property
    def lengths(self) -> Longs:
        """The length of each list."""
        return np.diff(self.indptr)

    @property
    def owners(self) -> Longs:
        """Per value the list that it stands in."""
        return np.repeat(np.arange(len(self)), self.lengths)

    def places(self, chosen: NDArray[np.integer]) -> Longs:
        """The places of the values of these lists, list after list."""
        begin, length = self.indptr[chosen], self.lengths[chosen]
        shift = np.repeat(begin - (np.cumsum(length) - length), length)
        places: Longs = np.arange(len(shift), dtype=np.int64) + shift
        return places

    def take(self, chosen: NDArray[np.integer]) -> Lists:
        """Only these lists, in this order."""
        lengths = self.lengths[chosen]
        return Lists(np.concatenate(([0], np.cumsum(lengths))), self.values[self.places(chosen)])

    def through(self, other: Lists) -> Lists:
        """Each value replaced by its list in `other`."""
        owners = np.repeat(self.owners, other.lengths[self.values])
        return Lists.of(owners, other.values[other.places(self.values)], len(self))


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Which lists are equal: the group of each, and one list of each group."""

    group: Longs
    first: Longs

    def __len__(self) -> int:
        return len(self.first)


def equal_lists(lists: Lists) -> Groups:
    """The groups of equal lists. Hashes propose, a comparison of the lists themselves decides."""
    _, first, group = np.unique(_hashes(lists), return_index=True, return_inverse=True)
    same = lists.take(first[group])
    if not (
        np.array_equal(same.indptr, lists.indptr) and np.array_equal(same.values, lists.values)
    ):
        return _compared(lists)
    return Groups(group, first)


def _hashes(lists: Lists) -> NDArray[np.uint64]:
    """A sum of well mixed values per list, and its length."""
    first, second, third = _MIX
    mixed = (lists.values.astype(np.uint64) + np.uint64(1)) * first
    mixed = (mixed ^ (mixed >> np.uint64(30))) * second
    mixed = (mixed ^ (mixed >> np.uint64(27))) * third
    mixed ^= mixed >> np.uint64(31)
    total = np.concatenate((np.zeros(1, dtype=np.uint64), np.cumsum(mixed, dtype=np.uint64)))
    sums: NDArray[np.uint64] = total[lists.indptr[1:]] - total[lists.indptr[:-1]]
    return sums + lists.lengths.astype(np.uint64) * third


def _compared(lists: Lists) -> Groups:
    """The groups by comparing every list: the way out where two different lists have one hash."""
    known: dict[bytes, int] = {}
    first: list[int] = []
    group = np.zeros(len(lists), dtype=np.int64)
    for at in range(len(lists)):
        body = lists.values[lists.indptr[at] : lists.indptr[at + 1]].tobytes()
        if body not in known:
            known[body] = len(first)
            first.append(at)
        group[at] = known[body]
    return Groups(group, np.array(first, dtype=np.int64))
