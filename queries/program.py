"""The integer program of a cut: the cheapest Revocables of which every witness holds at least one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from graph.model import NodeId

_LONG = 1e7  # seconds: no limit at all


@dataclass(frozen=True, slots=True)
class Solved:
    """What was chosen, in id order, and what every choice costs at least."""

    chosen: tuple[NodeId, ...]
    bound: float


@dataclass(frozen=True, slots=True)
class Program:
    """Sets to hit, and what each member costs."""

    sets: frozenset[frozenset[NodeId]]
    costs: Mapping[NodeId, int]

    def solve(self, *, time_left: float) -> Solved:
        """The cheapest choice; where the time is up before it is proved, the best one known, or none."""
        from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415  # slow to load
        from scipy.sparse import csr_array  # noqa: PLC0415  # as above

        minimal = [one for one in self.sets if not any(other < one for other in self.sets)]
        rows = sorted(map(sorted, minimal))
        columns = sorted({id_ for row in rows for id_ in row})
        if not rows:
            return Solved((), 0.0)
        place = {id_: at for at, id_ in enumerate(columns)}
        line = [at for at, row in enumerate(rows) for _ in row]
        column = [place[id_] for row in rows for id_ in row]
        matrix = csr_array((np.ones(len(line)), (line, column)), shape=(len(rows), len(columns)))
        found = milp(
            np.array([float(self.costs[id_]) for id_ in columns]),
            constraints=LinearConstraint(matrix, lb=1.0),
            integrality=np.ones(len(columns), dtype=np.int64),
            bounds=Bounds(0, 1),
            options={"mip_rel_gap": 0.0, "time_limit": min(max(time_left, 0.1), _LONG)},
        )
        bound = 0.0 if found.mip_dual_bound is None else float(found.mip_dual_bound)
        if found.x is None:
            return Solved((), bound)
        return Solved(tuple(id_ for id_, x in zip(columns, found.x, strict=True) if x > 0.5), bound)
