"""Who shares what: the groups, classes and Grants through which identities come to targets, looked up by position."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from graph.view import CAPABILITIES, PASSED, Flag, Ints, View
from queries.kernels.lists import Lists

CONTAINERS = frozenset({"Group", "PrincipalClass"})


def sharing(view: View) -> Sharing:
    """The lookups of this view, made once."""
    return view.remember("sharing", lambda: Sharing(view))


class Sharing:
    """Lookups over the arcs of one view (absent ends have none); every answer is sorted."""

    def __init__(self, view: View) -> None:
        self.view = view
        self._lists: dict[tuple[str, bool], Lists] = {}
        nodes = view.nodes
        group = nodes.kinds.index("Group") if "Group" in nodes.kinds else -1
        self._actors = ((nodes.flags & int(Flag.ACTOR)) != 0) & (nodes.kind != group)
        self.entering = cache(self._entering)
        self.targets = cache(self._targets)
        self.members = cache(self._members)

    def kind(self, node: int) -> str:
        """The kind of the node."""
        return self.view.kind_of(node)

    def is_actor(self, node: int) -> bool:
        """Whether the node is an identity that acts by itself."""
        return bool(self._actors[node])

    def next(self, kind: str, node: int) -> tuple[int, ...]:
        """The nodes to which edges of this kind lead from the node."""
        return self._ends(kind, node, inward=False)

    def before(self, kind: str, node: int) -> tuple[int, ...]:
        """The nodes from which edges of this kind lead to the node."""
        return self._ends(kind, node, inward=True)

    def _ends(self, kind: str, node: int, *, inward: bool) -> tuple[int, ...]:
        if (kind, inward) not in self._lists:
            near, far = self._edges(kind)
            if inward:
                near, far = far, near
            self._lists[kind, inward] = Lists.of(near, far, len(self.view.nodes.ids))
        lists = self._lists[kind, inward]
        return tuple(lists.values[lists.indptr[node] : lists.indptr[node + 1]].tolist())

    def _edges(self, kind: str) -> tuple[Ints, Ints]:
        """The ends of the edges of this kind; of kinds that make moves, only of edges that make some."""
        edges = self.view.edges
        of_kind: NDArray[np.bool_] = edges.kind == edges.kinds.index(kind)
        if kind not in {"PART_OF", "ENCRYPTED_BY"}:
            moving = np.zeros(len(of_kind), dtype=np.bool_)
            moving[self.view.arcs.edge] = True
            of_kind &= moving
        return edges.source[of_kind], edges.target[of_kind]

    def _members(self, group: int) -> tuple[int, ...]:
        """The group and all groups and identities in it, at any depth."""
        return self.around(group, ("MEMBER_OF",), inward=True)

    def around(self, node: int, kinds: tuple[str, ...], *, inward: bool = False) -> tuple[int, ...]:
        """The node and all that edges of these kinds lead to from it (inward: from which they lead to it)."""
        found, open_ends = {node}, [node]
        while open_ends:
            one = open_ends.pop()
            for kind in kinds:
                for other in self._ends(kind, one, inward=inward):
                    if other not in found:
                        found.add(other)
                        open_ends.append(other)
        return tuple(sorted(found))

    def _targets(self, grant: int) -> tuple[int, ...]:
        """What the Grant gives: its targets, sets replaced by their members (a set without members by itself)."""
        found: set[int] = set()
        for target in self.next("ON", grant):
            members = self.next("COVERS", target) if self.kind(target) == "AssetSet" else ()
            found.update(members or (target,))
        return tuple(sorted(found))

    def _entering(self, holder: int) -> tuple[int, ...]:
        """The identities that come to enjoy what the holder holds."""
        found: set[int] = set()
        seen, open_ends = {holder}, [holder]
        while open_ends:
            one = open_ends.pop()
            if self.is_actor(one):
                found.add(one)
                continue
            further: set[int] = set()
            further.update(self.before("MEMBER_OF", one), self.before("IN_CLASS", one))
            for grant in self.grants_on(one):
                further.update(self.before("HOLDS", grant))
            open_ends += further - seen
            seen |= further
        return tuple(sorted(found))

    def grants_on(self, node: int) -> set[int]:
        """The Grants that let one enjoy what the node, a group or class, holds."""
        found = set(self.before("ON", node))
        for of in self.before("COVERS", node):
            found.update(self.before("ON", of))
        return {grant for grant in found if self._widens(grant)}

    def leads_into(self, grant: int) -> bool:
        """Whether the Grant gives what a group or class holds, so that using it widens who one is."""
        return self._widens(grant) and any(
            self.kind(target) in CONTAINERS for target in self.targets(grant)
        )

    def _widens(self, grant: int) -> bool:
        code = int(self.view.nodes.capability[grant])
        return code >= 0 and CAPABILITIES[code] in PASSED
