"""What to take away: the Revocables along a path, or along many, with what each would end, recounted without it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace

import numpy as np

from access.decision import Need, Revocable, revocables
from graph.errors import QueryError
from graph.model import Capability, Node, NodeId
from graph.view import ArcArrays, Flag, Keep, Mask, View
from queries.kernels.lists import Longs
from queries.kernels.search import reached
from queries.paths import Path, cheapest_path
from queries.radii import actor_starts
from queries.revoke import Needs, without
from queries.sharing import sharing
from queries.walked import walked

_ALL = Keep()
_KEPT = frozenset(
    {"index", "texts", "counted", "everyone"}
)  # what of a view does not depend on its arcs
BEHIND = frozenset({"Group", "Person"})  # their members and accounts are what is counted


@dataclass(frozen=True, slots=True)
class Fix:
    """One Revocable and what its loss would do, recounted on the view without it.

    `pairs` is how many pairs of an identity and a target there are now, `left` how many would remain. `detour` is the
    cheapest way that would remain between the ends of the path (always None for a fix of many). `everybody` says that
    some target would be left with nobody who reaches it.
    """

    revocable: Revocable
    pairs: int
    left: int
    detour: Path | None = None
    everybody: bool = False

    @property
    def cut(self) -> int:
        """How many pairs it ends."""
        return self.pairs - self.left


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where the reasons of Grants come from: the Grant nodes, and what makes their needs concrete (`Explainer.needs`).

    `denies` says of a group whether leaving it would lift a Deny (`Explainer.denies`).
    """

    grants: Mapping[NodeId, Node]
    needs: Needs
    denies: Callable[[NodeId], bool] = lambda _group: False

    def without(self, view: View, revocable: Revocable) -> View:
        """The view without this Revocable."""
        return without(view, [revocable], grants=self.grants, needs=self.needs)


def path_fixes(
    view: View,
    path: Path,
    revocables_: Iterable[Revocable],
    evidence: Evidence,
    *,
    keep: Keep = _ALL,
) -> tuple[Fix, ...]:
    """These Revocables of a path, best first.

    Those that end every way between its ends come first, of these the ones that keep most other identities away, and
    last what would take the target from everybody: that is rarely what an owner means. What would lift a Deny is left
    out.
    """
    goal = (view.state(view.position(path.target), path.capability),)
    starts = people(view)
    view = towards(view, keep, goal)
    now = len(_arriving(view, keep, goal, starts))
    fixes: list[Fix] = []
    for revocable in filter(offered, revocables_):
        rest = evidence.without(view, revocable)
        left = len(_arriving(rest, keep, goal, starts))
        detour = cheapest_path(
            rest, path.source, path.target, start=path.start, capability=path.capability, keep=keep
        )
        fixes.append(Fix(revocable, now, left, detour, everybody=now > 0 and left == 0))
    return tuple(sorted(fixes, key=lambda fix: (fix.detour is not None, fix.everybody, -fix.cut)))


def first_fixes(
    view: View,
    targets: Collection[NodeId],
    evidence: Evidence,
    *,
    passed_over: Collection[NodeId] = (),
    proposals: int = 12,
    most: int = 5,
) -> tuple[Fix, ...]:
    """What ends most pairs of an identity and one of the targets, the best Revocable of each Grant.

    Proposed are the Grants that most cheapest ways to the targets use; what the loss of each of their Revocables ends is
    then counted exactly. `passed_over` are identities that count for nothing (administrators, who reach everything by
    design).
    """
    starts = people(view, passed_over)
    goals = {target: access_states(view, target) for target in targets}
    view = towards(view, _ALL, [state for states in goals.values() for state in states])
    now = {target: len(_arriving(view, _ALL, states, starts)) for target, states in goals.items()}

    def recounted(revocable: Revocable) -> Fix:
        rest = evidence.without(view, revocable)
        then = {t: len(_arriving(rest, _ALL, states, starts)) for t, states in goals.items()}
        alone = any(now[target] and not then[target] for target in goals)
        return Fix(revocable, sum(now.values()), sum(then.values()), everybody=alone)

    best: dict[NodeId, Fix] = {}
    for grant, target in _proposed(view, goals.values(), starts, proposals):
        chosen = filter(offered, revocables(_reasons(view, grant, target, evidence)))
        fixes = [fix for fix in map(recounted, chosen) if fix.cut]
        if fixes:
            fix = min(fixes, key=_worth)
            best.setdefault(fix.revocable.id, fix)
    return tuple(sorted(best.values(), key=_worth)[:most])


def _worth(fix: Fix) -> tuple[bool, int]:
    return fix.everybody, -fix.cut


def offered(revocable: Revocable) -> bool:
    """Whether it can be taken away by itself and without adding access."""
    return not revocable.lifts_deny and revocable.relative is None


def towards(view: View, keep: Keep, goals: Iterable[int]) -> View:
    """The view with only the arcs from which some of the goals is still reached: all that their loss could matter to.

    Memberships stay, and what runs as whom: reasons hang on them also where no way leads along them.
    """
    leading = reached(view, keep, goals, inward=True)
    kinds = [view.edges.kinds.index(kind) for kind in ("MEMBER_OF", "RUNS_AS")]
    return without_arcs(view, ~leading[view.arcs.target] & ~np.isin(view.arcs.kind, kinds))


def without_arcs(view: View, dead: Mask) -> View:
    """The view without these arcs."""
    arcs = ArcArrays(**{one.name: getattr(view.arcs, one.name)[~dead] for one in fields(ArcArrays)})
    return replace(view, arcs=arcs, memo={key: view.memo[key] for key in _KEPT & view.memo.keys()})


def access_states(view: View, node: NodeId) -> tuple[int, ...]:
    """The states of a target that are access to its content: reading or changing it, or using or being it."""
    telling = (Capability.READ, Capability.WRITE, Capability.INVOKE, Capability.CONTROL)
    states = view.states_of(view.position(node))
    return tuple(state for state in states if view.capability(state) in telling)


def arriving(view: View, node: NodeId, capability: Capability, *, keep: Keep = _ALL) -> int:
    """How many enabled identities reach this capability of the node."""
    goal = (view.state(view.position(node), capability),)
    return len(_arriving(view, keep, goal, people(view)))


def people(view: View, passed_over: Collection[NodeId] = ()) -> Longs:
    """The starts of enabled identities, of the estate and outside of it; groups, persons and everyone count for none."""
    starts = actor_starts(view)
    owner = view.state_node[starts]
    flags = view.nodes.flags[owner]
    named = (flags & int(Flag.PUBLIC | Flag.DISABLED)) == 0
    named &= ~np.isin(view.nodes.kind[owner], [view.nodes.kinds.index(kind) for kind in BEHIND])
    gone = [at for at in map(view.find, passed_over) if at is not None]
    kept: Longs = starts[named & ~np.isin(owner, gone)]
    return kept


def _arriving(view: View, keep: Keep, goals: Iterable[int], starts: Longs) -> Longs:
    """The starts from which some goal is reached, the target itself left out."""
    chosen = tuple(goals)
    mask = reached(view, keep, chosen, inward=True)
    own = np.isin(view.state_node[starts], view.state_node[list(chosen)])
    there: Longs = starts[mask[starts] & ~own]
    return there


def _proposed(
    view: View, goals: Iterable[tuple[int, ...]], starts: Longs, most: int
) -> Iterator[tuple[int, int]]:
    """The Grants that most cheapest ways use, each with where it leads on one of them."""
    found = walked(view, goals, starts)
    for node in np.argsort(-found.grants, kind="stable")[:most].tolist():
        if found.grants[node] and found.onward[node] >= 0:
            yield node, int(found.onward[node])


def _reasons(
    view: View,
    grant: int,
    target: int,
    evidence: Evidence,
) -> tuple[Need, ...]:
    """The needs of a Grant for this target and the first identity that holds it.

    Nothing where nobody holds it, or no reasons can be given: then nothing of it can be proposed.
    """
    shared = sharing(view)
    ids = view.nodes.ids
    entering = (one for holder in shared.before("HOLDS", grant) for one in shared.entering(holder))
    identity = next(entering, None)
    if identity is None:
        return ()
    try:
        return evidence.needs(evidence.grants[ids[grant]], ids[identity], ids[target])
    except QueryError:
        return ()
