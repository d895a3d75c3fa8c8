"""The arrays after a loss: shared ways narrowed for all, and copies for the identities that must leave them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from graph.view import Mask, View
from queries.kernels.lists import Lists
from queries.redraft import Draft, Weaker
from queries.sharing import CONTAINERS, sharing

_JOINING = frozenset({"MEMBER_OF", "IN_CLASS", "HOLDS"})


@dataclass(frozen=True, slots=True)
class Row:
    """The targets that a Grant still gives, and those of them that it gives less surely than before."""

    targets: frozenset[int]
    weaker: frozenset[tuple[int, Weaker]] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.targets)


class Left(Protocol):
    """What is left of each Grant."""

    def rest(self, grant: int, holder: int) -> Row:
        """What the Grant still gives, through this holder, to those whom the loss does not concern."""

    def left(self, grant: int, holder: int, identity: int) -> Row:
        """What the Grant still gives this identity through this holder."""


class Redrawing:
    """The view being redrawn; `fallen` are arcs that are gone by themselves."""

    def __init__(self, view: View, fallen: Mask, left: Left) -> None:
        self._view = view
        self._left = left
        self._sharing = sharing(view)
        self._draft = Draft(view)
        self._draft.strike(np.flatnonzero(fallen))
        self._fallen = fallen
        self._variants: dict[tuple[int, Row], int] = {}
        self._out: Lists = view.remember("out", lambda: _by_source(view))

    def view(self) -> View:
        """The view that is left."""
        return self._draft.view()

    def narrow(self, grants: Collection[int], *, apart: frozenset[int]) -> None:
        """Let each holder have of these Grants what is left for all; `apart` leave by themselves."""
        for grant in grants:
            for holder in self._sharing.before("HOLDS", grant):
                row = self._left.rest(grant, holder)
                leaves = holder in apart and self._sharing.leads_into(grant)
                if not leaves and row != self._all(grant):
                    self._narrow(grant, holder, row)

    def _narrow(self, grant: int, holder: int, row: Row) -> None:
        for state in self._view.states_of(holder):
            for arc in self._arcs(state):
                if self._node(arc) == grant:
                    self._draft.strike([arc])
                    if row:
                        self._draft.add(state, self._entry(grant, row, arc), arc)

    def leave(self, identity: int) -> None:
        """Replace the arcs from the identity into groups, classes and widening Grants by arcs into copies."""
        copies: dict[tuple[int, Row | None], int] = {}
        for state in self._view.states_of(identity):
            for arc in self._arcs(state):
                node = self._node(arc)
                shared = self._view.kind_of(node) in CONTAINERS or self._sharing.leads_into(node)
                if self._kind(arc) in _JOINING and shared:
                    self._draft.strike([arc])
                    self._follow(identity, state, arc, holder=identity, copies=copies)

    def _follow(
        self,
        identity: int,
        state: int,
        arc: int,
        *,
        holder: int,
        copies: dict[tuple[int, Row | None], int],
    ) -> None:
        """An arc like this one from `state`, to what is the identity's own of its target."""
        node = self._node(arc)
        place = int(self._view.arcs.target[arc]) - self._view.states_of(node).start
        if self._view.kind_of(node) in CONTAINERS:
            self._draft.add(state, self._copied(identity, node, None, copies) + place, arc)
        elif self._kind(arc) == "HOLDS":
            row = self._left.left(node, holder, identity)
            if row and self._sharing.leads_into(node):
                self._draft.add(state, self._copied(identity, node, row, copies) + place, arc)
            elif row:
                self._draft.add(state, self._entry(node, row, arc), arc)
        else:
            self._draft.add(state, int(self._view.arcs.target[arc]), arc)

    def _copied(
        self, identity: int, node: int, row: Row | None, copies: dict[tuple[int, Row | None], int]
    ) -> int:
        """The first state of the identity's own copy of a group, class, or widening Grant with these targets."""
        if (node, row) in copies:
            return copies[node, row]
        first = copies[node, row] = self._draft.copy(node)
        for at, state in enumerate(self._view.states_of(node)):
            if row is None:
                for arc in self._arcs(state):
                    self._follow(identity, first + at, arc, holder=node, copies=copies)
                continue
            for target, arc, beyond, weaker in self._effects(state, row):
                reached = int(self._view.state_node[target])
                if self._view.kind_of(reached) in CONTAINERS:
                    place = target - self._view.states_of(reached).start
                    target = self._copied(identity, reached, None, copies) + place  # noqa: PLW2901 - the own one instead
                self._draft.add(first + at, target, arc, beyond, weaker=weaker)
        return first

    def _entry(self, grant: int, row: Row, arc: int) -> int:
        """The state that the arc enters of a Grant with just these targets: the Grant's own, or a copy's."""
        begin = self._view.states_of(grant).start
        place = int(self._view.arcs.target[arc]) - begin
        if row == self._all(grant):
            return begin + place
        if (grant, row) not in self._variants:
            first = self._variants[grant, row] = self._draft.copy(grant)
            for at, state in enumerate(self._view.states_of(grant)):
                for target, first_arc, beyond, weaker in self._effects(state, row):
                    self._draft.add(first + at, target, first_arc, beyond, weaker=weaker)
        return self._variants[grant, row] + place

    def _effects(
        self, state: int, row: Row
    ) -> Iterator[tuple[int, int, int | None, Weaker | None]]:
        """The arcs from a Grant's state to these targets: (target state, arc, the set's arc or None, how sure)."""
        weaker = dict(row.weaker)
        for arc in self._arcs(state):
            target, node = int(self._view.arcs.target[arc]), self._node(arc)
            members = self._sharing.next("COVERS", node)
            if not members:
                if node in row.targets:
                    yield target, arc, None, weaker.get(node)
            elif self._as_a_set(members, row):
                yield target, arc, None, None
            else:
                for beyond in self._arcs(target):
                    member = self._node(beyond)
                    if member in row.targets:
                        yield int(self._view.arcs.target[beyond]), arc, beyond, weaker.get(member)

    def _as_a_set(self, members: tuple[int, ...], row: Row) -> bool:
        """Whether the set can stay whole: no member is lost, none is less sure, none is a container."""
        weak = {node for node, _weaker in row.weaker}
        return (
            row.targets.issuperset(members)
            and weak.isdisjoint(members)
            and not any(map(self._is_container, members))
        )

    def _is_container(self, node: int) -> bool:
        return self._view.kind_of(node) in CONTAINERS

    def _all(self, grant: int) -> Row:
        return Row(frozenset(self._sharing.targets(grant)))

    def _arcs(self, state: int) -> list[int]:
        """The arcs that leave the state in the whole view, without those that are gone by themselves."""
        places = self._out.values[self._out.indptr[state] : self._out.indptr[state + 1]]
        return [arc for arc in places.tolist() if not self._fallen[arc]]

    def _node(self, arc: int) -> int:
        """The node that the arc leads to."""
        return int(self._view.state_node[self._view.arcs.target[arc]])

    def _kind(self, arc: int) -> str:
        return self._view.edges.kinds[int(self._view.arcs.kind[arc])]


def _by_source(view: View) -> Lists:
    order = np.argsort(view.arcs.source, kind="stable")
    return Lists(np.searchsorted(view.arcs.source[order], np.arange(view.size + 1)), order)
