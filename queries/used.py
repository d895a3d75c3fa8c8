"""What observed use rests on: Revocables that a cut is not to take, because somebody would miss them.

For each use one way to have it is kept: of every need the first alternative. That every used pair stays reachable is a
harder question; this is the careful form of it, and it may keep more than is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graph.errors import QueryError
from graph.model import NodeId, Observation
from graph.view import View
from queries.fixes import Evidence
from queries.inventory import Inventory
from queries.logs import window_of
from queries.sharing import Sharing, sharing
from queries.use import Answer, seen, shows_as
from queries.witness import Access, membership

USED = "used"
"""How the names of observations of use begin: `used|SOURCE|ACTION|ASSET`."""


def used_revocables(
    view: View, observations: Iterable[Observation], evidence: Evidence
) -> frozenset[NodeId]:
    """The Revocables that the observed uses rest on."""
    holding = _by_action(view)
    found: set[NodeId] = set()
    for identity, action, asset in _uses(observations):
        for grant in holding.get(action, ()):
            found |= set(_resting(view, grant, identity, asset, evidence))
    return frozenset(found)


class Uses:
    """What is known of the use of single steps, looked up as they are asked for (`queries.cut.Terms.use`)."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self.window = window_of(inventory, inventory.context.windows.log)
        self.told: dict[Access, Answer] = {}

    def __call__(self, access: Access) -> Answer:
        """Whether the identity used the Grant on the target; use of a part is counted at the whole."""
        if access not in self.told:
            self.told[access] = self._answer(access)
        return self.told[access]

    def _answer(self, access: Access) -> Answer:
        view = self.inventory.view
        grant, target = view.position(access.grant), view.position(access.target)
        how = view.nodes.hows[int(view.nodes.how[grant])]
        whole = view.nodes.ids[int(view.nodes.anchor[target])]
        asset = self.inventory.nodes.get(access.target) or self.inventory.nodes.get(whole)
        who = self.inventory.nodes.get(access.identity)
        if who is None or asset is None or (action := shows_as(how, who)) is None:
            return Answer.NOT_OBSERVED
        return seen(self.inventory, who, action, asset, self.window).answer


def _uses(observations: Iterable[Observation]) -> Iterator[tuple[NodeId, str, NodeId]]:
    seen: set[tuple[NodeId, str, NodeId]] = set()
    for row in observations:
        word, _, rest = row.name.partition("|")
        _source, _, use = rest.partition("|")
        action, _, asset = use.partition("|")
        if word == USED and asset and (row.node, action, NodeId(asset)) not in seen:
            seen.add((row.node, action, NodeId(asset)))
            yield row.node, action, NodeId(asset)


def _by_action(view: View) -> dict[str, list[int]]:
    """The Grants by what they are called: the action that matters."""
    found: dict[str, list[int]] = {}
    kind = view.nodes.kinds.index("Grant")
    for node, how in enumerate(view.nodes.how.tolist()):
        if how >= 0 and view.nodes.kind[node] == kind:
            found.setdefault(view.nodes.hows[how], []).append(node)
    return found


def _resting(
    view: View, grant: int, identity: NodeId, asset: NodeId, evidence: Evidence
) -> Iterator[NodeId]:
    """The Revocables of one way by which the Grant gives the asset to the identity."""
    shared, who, what = sharing(view), view.find(identity), view.find(asset)
    if who is None or what is None:
        return
    holders = [one for one in shared.before("HOLDS", grant) if who in shared.entering(one)]
    # Use of objects is counted at the bucket: any part of it may be meant.
    parts = {target for target in shared.targets(grant) if int(view.nodes.anchor[target]) == what}
    if not holders:
        return
    for member, group in _route(shared, who, holders[0]):
        ids = view.nodes.ids
        yield membership(view, ids[member], ids[group], evidence.denies).id
    for target in sorted(parts | ({what} & set(shared.targets(grant)))):
        try:
            needs = evidence.needs(
                evidence.grants[view.nodes.ids[grant]], identity, view.nodes.ids[target]
            )
        except QueryError:
            continue  # it stands by nothing that could be kept
        for need in needs:
            if need.alternatives:
                yield from need.alternatives[0].ids


def _route(shared: Sharing, who: int, holder: int) -> list[tuple[int, int]]:
    """The memberships by which the identity is in the group that holds; none where it holds by itself or its class."""
    before: dict[int, int] = {who: who}
    todo = [who]
    while todo and holder not in before:
        member = todo.pop(0)
        for group in shared.next("MEMBER_OF", member):
            if group not in before:
                before[group] = member
                todo.append(group)
    route: list[tuple[int, int]] = []
    at = holder
    while at in before and before[at] != at:
        route.append((before[at], at))
        at = before[at]
    return route
