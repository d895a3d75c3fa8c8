"""The estate in a few figures, the paths to look at and what to fix first: worked out once per version, and kept.

It takes sweeps over the whole graph, so a load keeps it beside the version that it made, and pages read it from there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from itertools import islice

import numpy as np

from access.removal import command, words
from graph.model import Capability, Certainty, NodeId, canonical
from graph.store import Store
from graph.view import Flag, View
from queries.admins import READ, Administrator, administrators
from queries.exposure import Exposed as Row
from queries.exposure import exposure
from queries.fixes import BEHIND, Evidence, Fix, first_fixes
from queries.reach import blast_radii
from queries.routes import Route
from ui.desk import kernel_for
from ui.render.text import plural

RESULT = "outlook"
FORMAT = 1
MOST_TARGETS = 40
MOST_WAYS = 100
MOST_RANKED = 20
PROPOSALS = 12  # Grants whose Revocables are recounted as fixes
LARGE = 100_000  # states; above, fewer are
_BY_ROUTE = {
    "assumed": "as another identity",
    "escalation": "by escalation",
    "supply chain": "through the supply chain",
}
_STRONGEST = (Capability.READ, Capability.WRITE, Capability.CONTROL, Capability.INVOKE)


@dataclass(frozen=True, slots=True)
class Way:
    """One identity that reaches one sensitive asset by more than plain grants."""

    source: NodeId
    source_name: str
    source_kind: str
    target: NodeId
    target_name: str
    target_kind: str
    capability: Capability
    route: str
    certainty: str
    sensitivity: int
    outside: bool

    @property
    def sentence(self) -> str:
        """Who gains what, by what sort of route, and how sure."""
        verb = {"READ": "reads", "WRITE": "changes", "CONTROL": "acts as", "INVOKE": "uses"}
        gains = verb.get(self.capability, "reaches")
        by = _BY_ROUTE.get(self.route, f"by {self.route}")
        return f"{self.source_name} {gains} {self.target_name} {by}, {self.certainty}"


@dataclass(frozen=True, slots=True)
class Wide:
    """An identity with a wide reach."""

    node: NodeId
    name: str
    kind: str
    assets: int
    sensitivity: int

    @property
    def sentence(self) -> str:
        """Who reaches how much."""
        return (
            f"{self.name} ({self.kind}): {self.assets:,} assets, sensitivity {self.sensitivity:,}"
        )


@dataclass(frozen=True, slots=True)
class Exposed:
    """A sensitive asset, and how many identities reach it."""

    node: NodeId
    name: str
    kind: str
    identities: int
    outside: int

    @property
    def sentence(self) -> str:
        """What is reached by how many."""
        outside = f", {self.outside:,} from outside" if self.outside else ""
        return f"{self.name} ({self.kind}): {plural(self.identities, 'identity', 'identities')}{outside}"


@dataclass(frozen=True, slots=True)
class FirstFix:
    """One thing to take away, and how many pairs of an identity and a sensitive asset that ends."""

    words: str
    removal: str
    owner: str
    cut: int
    pairs: int
    everybody: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """The estate in numbers; all of them count what is present, and identities that are enabled."""

    identities: int = 0
    assets: int = 0
    grants: int = 0
    sensitive: int = 0  # assets of the highest level that anything is rated at
    level: int = -1
    exposed: int = 0  # pairs of an identity, administrators left out, and one of these
    outside: int = 0  # of these assets, those that somebody outside the estate reaches
    administrators: int = 0


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the overview shows; `ways` are the first of `ways_in_all`."""

    figures: Figures = Figures()
    ways: tuple[Way, ...] = ()
    ways_in_all: int = 0
    fixes: tuple[FirstFix, ...] = ()
    widest: tuple[Wide, ...] = ()
    exposed: tuple[Exposed, ...] = ()


def outlook_of(view: View, evidence: Evidence, admins: Iterable[Administrator]) -> Outlook:
    """The outlook of one version."""
    by_design = frozenset(admin.identity for admin in admins)
    targets, level = sensitive_assets(view)
    found = {target: _people(exposure(view, target).identities, by_design) for target in targets}
    ways = sorted(_ways(view, found, level), key=_rank)
    proposals = PROPOSALS if view.size <= LARGE else PROPOSALS // 3
    fixes = first_fixes(view, targets, evidence, passed_over=by_design, proposals=proposals)
    return Outlook(
        figures=Figures(
            identities=_count(view, Flag.ACTOR),
            assets=_count(view, Flag.ASSET),
            grants=int(np.count_nonzero(view.nodes.kind == view.nodes.kinds.index("Grant"))),
            sensitive=len(targets),
            level=level,
            exposed=sum(map(len, found.values())),
            outside=sum(any(map(_outside, rows)) for rows in found.values()),
            administrators=len(by_design),
        ),
        ways=tuple(ways[:MOST_WAYS]),
        ways_in_all=len(ways),
        fixes=tuple(map(_first, fixes)),
        widest=tuple(islice(_widest(view, by_design), MOST_RANKED)),
        exposed=tuple(sorted(_exposed(view, found), key=lambda row: (-row.identities, row.node))),
    )


def sensitive_assets(view: View) -> tuple[tuple[NodeId, ...], int]:
    """The assets of the highest level that any is rated at, the most of a kind that are looked at, and that level."""
    flags = view.nodes.flags & int(Flag.ASSET | Flag.PRESENT)
    there = flags == int(Flag.ASSET | Flag.PRESENT)
    rated = np.where(there, view.nodes.sensitivity, -1)
    level = int(rated.max(initial=-1))
    if level <= 0:
        return (), -1
    chosen = np.flatnonzero(rated == level)[:MOST_TARGETS]
    return tuple(view.nodes.ids[at] for at in chosen.tolist()), level


def _widest(view: View, by_design: frozenset[NodeId]) -> Iterator[Wide]:
    radii = blast_radii(view, fast=kernel_for(view))
    for row in radii.top(len(radii)):
        plain = row.kind not in BEHIND and not (row.disabled or row.public)
        if plain and row.identity not in by_design and row.tally.sensitivity:
            tally = row.tally
            yield Wide(row.identity, row.name, row.kind, tally.total_assets, tally.sensitivity)


def _exposed(view: View, found: Mapping[NodeId, tuple[Row, ...]]) -> Iterator[Exposed]:
    for target, rows in found.items():
        at = view.position(target)
        outside = sum(map(_outside, rows))
        yield Exposed(target, view.nodes.names[at], view.kind_of(at), len(rows), outside)


def _people(rows: Iterable[Row], by_design: frozenset[NodeId]) -> tuple[Row, ...]:
    """Who counts: no group (its members do), no person (their users do), no administrator."""
    return tuple(row for row in rows if row.kind not in BEHIND and row.identity not in by_design)


def _outside(row: Row) -> bool:
    return row.external or row.public


def _ways(view: View, found: Mapping[NodeId, tuple[Row, ...]], level: int) -> Iterator[Way]:
    """The ways that plain grants do not explain: as another identity, by techniques, the supply chain, or from outside."""
    for target, rows in found.items():
        at = view.position(target)
        for row in rows:
            gains = [one for one in _STRONGEST if one in row.capabilities]
            if gains and (row.route >= Route.ASSUMED or _outside(row)):
                yield Way(
                    row.identity,
                    row.name,
                    row.kind,
                    target,
                    view.nodes.names[at],
                    view.kind_of(at),
                    gains[0],
                    row.route.label,
                    row.certainty.label,
                    level,
                    _outside(row),
                )


def _rank(way: Way) -> tuple[object, ...]:
    """Whoever is outside first, then people before roles, then what goes by more than other identities, then the surest."""
    sure = [one.label for one in Certainty].index(way.certainty)
    plain = way.route == Route.ASSUMED.label
    person = way.source_kind == "User"
    return (not way.outside, plain, not person, sure, way.source_name, way.target_name)


def _count(view: View, flag: Flag) -> int:
    wanted = int(flag | Flag.PRESENT)
    behind = [view.nodes.kinds.index(kind) for kind in BEHIND]
    return int(
        np.count_nonzero(
            ((view.nodes.flags & wanted) == wanted)
            & ((view.nodes.flags & int(Flag.DISABLED | Flag.PUBLIC)) == 0)
            & ~np.isin(view.nodes.kind, behind)
        )
    )


def _first(fix: Fix) -> FirstFix:
    one = fix.revocable
    return FirstFix(words(one), command(one), one.owner, fix.cut, fix.pairs, fix.everybody)


def administrators_of(store: Store) -> tuple[Administrator, ...]:
    """The administrators of the store's newest version."""
    return administrators(store.nodes(), store.edges(kinds=READ))


def keep_outlook(store: Store, view: View) -> Outlook:
    """Work the outlook out and keep it beside the store's newest version."""
    from access.explain import Explainer  # noqa: PLC0415  # the policy data is read only where reasons are asked

    explainer = Explainer(store.facts(), instant=store.runs()[-1].started)
    grants = {node.id: node for node in store.nodes(kinds=frozenset({"Grant"}))}
    made = outlook_of(
        view, Evidence(grants, explainer.needs, explainer.denies), administrators_of(store)
    )
    store.put_results(RESULT, canonical({"format": FORMAT, **asdict(made)}))
    return made


def kept_outlook(store: Store, *, version: int | None = None) -> Outlook | None:
    """The outlook that was kept with a version; None where there is none, or one of another format."""
    payload = store.results(RESULT, version=version)
    if payload is None:
        return None
    kept = json.loads(payload)
    if kept.get("format") != FORMAT:
        return None
    named = {one.name: kept["figures"][one.name] for one in fields(Figures)}
    return Outlook(
        Figures(**named),
        tuple(Way(**{**row, "capability": Capability(row["capability"])}) for row in kept["ways"]),
        kept["ways_in_all"],
        tuple(FirstFix(**row) for row in kept["fixes"]),
        tuple(Wide(**row) for row in kept["widest"]),
        tuple(Exposed(**row) for row in kept["exposed"]),
    )
