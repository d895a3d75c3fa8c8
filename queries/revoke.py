"""Revoking on the arrays: the view as it would be without some Revocables, with nothing resolved again.

A Grant falls for an identity and a target where one of its needs keeps no whole alternative. What a class, a group or a
set shares stays shared by all whom the loss does not concern. An identity that it does concern leaves what it shared: it
gets copies of the groups, classes and Grants that it entered, with exactly what is still whole for it. A copy carries
the id of what it was copied from, so that paths read the same.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TypeAlias

import numpy as np

from access.decision import Need, Revocable, RevocableKind, surest, whole
from graph.errors import QueryError
from graph.model import Node, NodeId
from graph.view import Mask, View
from queries.redraft import Weaker
from queries.redraw import Redrawing, Row
from queries.sharing import sharing
from queries.stored import Stored
from queries.touched import Touched, touched_grants

Needs: TypeAlias = Callable[[Node, NodeId, NodeId], tuple[Need, ...]]


def without(
    view: View, gone: Collection[Revocable], *, grants: Mapping[NodeId, Node], needs: Needs
) -> View:
    """The view without these concrete Revocables.

    `needs` gives a Grant's needs for one identity and target with every Revocable concrete (`Explainer.needs`);
    `grants` are the Grant nodes to hand to it. Only Grants that one of the Revocables can touch are asked about. A view
    is cut once: to take more away, start from the whole view with all of it.
    """
    loose = [revocable for revocable in gone if revocable.relative is not None]
    if loose:
        raise QueryError(
            f"`{loose[0].id}` is relative: only a concrete Revocable can be taken away"
        )
    if "cut" in view.memo:
        raise QueryError("a view can be cut once: start from the whole view with all Revocables")
    if not gone:
        return view
    loss = _Loss(view, gone, grants, needs)
    redrawn = Redrawing(view, fallen(view, gone), loss)
    leaving = loss.leaving()
    redrawn.narrow(loss.touched, apart=frozenset(leaving))
    for identity in leaving:
        redrawn.leave(identity)
    left = redrawn.view()
    left.memo["cut"] = True
    return left


def fallen(view: View, gone: Collection[Revocable]) -> Mask:
    """The arcs that fall by themselves: memberships, what a credential opens, what a trust entry lets vouch.

    Where another trust entry for the same principal stays, that one still vouches.
    """
    ids = {revocable.id for revocable in gone}
    still = {
        (text.member, text.holder)
        for text in view.reasons.texts
        if text.kind == RevocableKind.TRUST_ENTRY and text.holder and text.id not in ids
    }
    ends: dict[str, set[tuple[str, str]]] = {
        "MEMBER_OF": set(),
        "VOUCHES_FOR": set(),
        "OPENS": set(),
    }
    for revocable in gone:
        match revocable.kind:
            case RevocableKind.MEMBERSHIP:
                ends["MEMBER_OF"].add((revocable.holder, revocable.member))
            case RevocableKind.TRUST_ENTRY:
                ends["VOUCHES_FOR"] |= {(revocable.member, revocable.holder)} - still
            case RevocableKind.CREDENTIAL:
                ends["OPENS"].add((revocable.holder, revocable.member))
            case _:
                pass
    mask = np.zeros(len(view.arcs.edge), dtype=np.bool_)
    for kind, pairs in ends.items():
        mask |= _between(view, kind, pairs)
    return mask


def _between(view: View, kind: str, pairs: set[tuple[str, str]]) -> Mask:
    """The arcs of edges of this kind between these ends; an empty second end stands for any."""
    arcs, edges, count = view.arcs, view.edges, len(view.nodes.ids)
    places = [(view.find(first), view.find(last), last) for first, last in pairs]
    exact = [a * count + b for a, b, _ in places if a is not None and b is not None]
    loose = [a for a, _, last in places if a is not None and not last]
    source, target = edges.source[arcs.edge].astype(np.int64), edges.target[arcs.edge]
    found: Mask = np.isin(source * count + target, exact) | np.isin(source, loose)
    of_kind: Mask = arcs.kind == edges.kinds.index(kind)
    return found & of_kind


class _Loss:
    """What falls: for each touched Grant the targets that are left, for each identity that differs from others."""

    def __init__(
        self,
        view: View,
        gone: Collection[Revocable],
        grants: Mapping[NodeId, Node],
        needs: Needs,
    ) -> None:
        self._view = view
        self._ids = frozenset(revocable.id for revocable in gone)
        self._grants = grants
        self._needs = needs
        self._sharing = sharing(view)
        self._rows: dict[tuple[int, int], Row] = {}
        self._stored = Stored(view, gone, self._sharing)
        found = touched_grants(view, gone, self._sharing)
        self.touched: dict[int, Touched] = {touched.grant: touched for touched in found}

    def row(self, grant: int, identity: int) -> Row:
        """The targets that the Grant still gives the identity."""
        if (grant, identity) not in self._rows:
            left = dict(self._whole(grant, identity))
            self._rows[grant, identity] = Row(
                frozenset(left),
                frozenset((target, weak) for target, weak in left.items() if weak is not None),
            )
        return self._rows[grant, identity]

    def _whole(self, grant: int, identity: int) -> Iterator[tuple[int, Weaker | None]]:
        alone = self.touched[grant].targets
        alike: tuple[bool, Weaker | None] | None = None
        for target in self._sharing.targets(grant):
            if target in alone:
                stands, weak = self._stands(grant, identity, target)
            else:
                alike = alike or self._stands(grant, identity, target)
                stands, weak = alike
            if stands:
                yield target, weak

    def _stands(self, grant: int, identity: int, target: int) -> tuple[bool, Weaker | None]:
        """Whether the Grant still gives the target, and how surely where that is less than before."""
        ids = self._view.nodes.ids
        if self._view.kind_of(target) == "AssetSet":
            return self._stored.stands(grant, identity)
        asked = self._needs(self._grants[ids[grant]], ids[identity], ids[target])
        if not whole(asked, self._ids):
            return False, None
        before, after = surest(asked, frozenset()), surest(asked, self._ids)
        weaker = Weaker(int(after[0]), tuple(map(str, after[1])))
        # Equally sure on other conditions is another answer too.
        changed = after[0] > before[0] or set(weaker.conditions) != set(map(str, before[1]))
        return True, weaker if changed else None

    def rest(self, grant: int, holder: int) -> Row:
        """What the Grant still gives, through this holder, to those whom the loss does not concern."""
        entering = self._sharing.entering(holder)
        if grant not in self.touched or not entering:
            return Row(frozenset(self._sharing.targets(grant)))
        concerned = self.touched[grant].identities
        alike = tuple(identity for identity in entering if identity not in concerned)
        return self.row(grant, (alike or entering)[0])

    def left(self, grant: int, holder: int, identity: int) -> Row:
        """What the Grant still gives this identity through this holder."""
        alone = grant in self.touched and identity in self.touched[grant].identities
        if alone and self._view.kind_of(holder) == "PrincipalClass":
            return self.row(grant, identity)
        return self.rest(grant, holder)

    def leaving(self) -> tuple[int, ...]:
        """The identities that keep less, or more, than the others with whom they share a class."""
        found: set[int] = set()
        for grant, touched in self.touched.items():
            for holder in self._sharing.before("HOLDS", grant):
                if self._view.kind_of(holder) == "PrincipalClass":
                    rest = self.rest(grant, holder)
                    found.update(
                        identity
                        for identity in self._sharing.entering(holder)
                        if identity in touched.identities and self.row(grant, identity) != rest
                    )
        return tuple(sorted(found))
