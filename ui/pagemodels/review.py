"""The page of access reviews: who holds what they do not use, what a smaller policy would be, and what was decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from graph.model import Decision, Node, NodeId
from queries.campaigns import Campaign, Item, campaigns, items
from queries.context import Context
from queries.decisions import What, standing
from queries.inventory import Inventory
from queries.privilege.excess import Excess, Ledger, excess, table
from queries.privilege.rightsize import RightSized, difference, right_sized
from ui.auditing import inventory_of
from ui.completeness import Completeness
from ui.pagemodels.filters import Filters
from ui.pagemodels.links import Link, Params, link, node_of
from ui.pagemodels.metric import Metric
from ui.reading import Reading
from ui.render.campaigns import Progress
from ui.render.privilege import percent
from ui.render.sheet import Sheet, Value
from ui.render.text import plural

COLUMNS = (
    "Index", "Observable", "Identity", "Kind", "Account", "Granted", "Used", "Unused", "Not observed", "Administrator",
    "Decision", "By", "Reason",
)  # fmt: skip
PARTS = ("Class of actions", "Pairs", "Unused", "Weight", "Of it unused")
PAIRS = ("Use", "Action", "Asset", "Gives", "Weight", "Calls", "Last", "Why")
MOST_PAIRS = 300
MOST = 200  # identities; the command line tells all


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One identity under review, told whole."""

    excess: Excess
    summary: tuple[str, ...]
    parts: Sheet
    pairs: Sheet
    left_out: int
    proposal: RightSized
    diff: str
    history: tuple[Decision, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Round:
    """The campaign that is looked at, and whose share of it."""

    progress: Progress
    reviewer: str  # empty for everybody's
    words: str

    @property
    def reviewers(self) -> tuple[str, ...]:
        """Everybody who has a share."""
        return tuple(self.progress.campaign.shares)


@dataclass(frozen=True, slots=True)
class ReviewModel:
    """Everything that the page shows."""

    metrics: tuple[Metric, ...]
    sheet: Sheet
    ids: tuple[NodeId, ...]
    rows: int
    done: int
    row: ReviewRow | None
    following: NodeId | None  # the next one that nobody has decided on
    rests_on: Completeness
    command: str
    checked: str
    left_out: str
    alike: tuple[NodeId, ...]  # who else in the queue holds and uses the same, undecided
    round: Round | None
    rounds: tuple[str, ...]  # the campaigns that are open
    nodes: Mapping[NodeId, Node]


def build_model(
    reading: Reading, params: Params, filters: Filters, context: Context, *, now: datetime
) -> ReviewModel:
    """The queue of identities that hold something unused, and the one that the address names."""
    inventory = reading.remember(("inventory", context.windows.log), lambda: inventory_of(reading.store, reading.view, context))  # fmt: skip
    everything, among, alike = reading.remember(
        ("privilege", context.windows.log), lambda: _table(inventory)
    )
    decisions = reading.store.decisions()
    held = campaigns(decisions)
    round_ = _round(held, inventory, decisions, params, context, now=now)
    queue = _queue(everything, inventory, round_)
    shown = [row for row in queue if filters.keeps(reading.view, row.identity)]
    made = _verdicts(shown, decisions, round_, now=now)
    open_ = [row.identity for row in shown if _open(made[row.identity])]
    asked = node_of(reading.view, params, "row")
    node = inventory.nodes.get(asked) if asked is not None else None
    told = node is not None and node.kind in {"User", "Role"}
    return ReviewModel(
        tuple(_metrics(everything, shown, len(open_))),
        Sheet(COLUMNS, tuple(_row(row, made[row.identity]) for row in shown)),
        tuple(row.identity for row in shown),
        len(queue),
        len(shown) - len(open_),
        _told(reading, inventory, node, decisions) if node is not None and told else None,
        next((one for one in open_ if one != asked), None),
        reading.known,
        f"shadowgraph privilege --identity {asked}" if told else "shadowgraph privilege",
        f"{plural(len(everything), 'identity', 'identities')} checked for what they hold and do not use",
        _left_out(len(everything), among),
        _alike(shown, alike, asked, frozenset(open_)),
        round_,
        tuple(one.name for one in held),
        inventory.nodes,
    )


def _queue(
    everything: tuple[Excess, ...], inventory: Inventory, round_: Round | None
) -> list[Excess]:
    """Who is to be reviewed, the weightiest first: whoever holds something unused, or is in the campaign's share."""
    share = None if round_ is None else {one.identity for one in _share(round_)}
    queue = [
        row
        for row in everything
        if (row.unused if share is None else row.identity in share)
        and not inventory.nodes[row.identity].props.get("reserved")
    ]
    queue.sort(
        key=lambda row: (-sum(part.unused_weight for part in row.parts), -row.index, row.name)
    )
    return queue


def _share(round_: Round) -> list[Item]:
    return [one for one in round_.progress.items if round_.reviewer in {"", one.reviewer}]


def _round(
    held: tuple[Campaign, ...],
    inventory: Inventory,
    decisions: tuple[Decision, ...],
    params: Params,
    context: Context,
    *,
    now: datetime,
) -> Round | None:
    """The campaign that the address names, if it is open."""
    found = next((one for one in held if one.name == params.get("campaign")), None)
    if found is None:
        return None
    reviewer = params.get("reviewer", "")
    known = reviewer if reviewer in found.shares else ""
    progress = Progress(found, items(found, inventory, decisions, crown=context.crown_jewels))
    words = (
        f"Campaign {found.name}, {progress.state(now)}: due {found.due:%Y-%m-%d}; {found.reason}"
    )
    return Round(progress, known, words)


def _verdicts(
    shown: list[Excess], decisions: tuple[Decision, ...], round_: Round | None, *, now: datetime
) -> dict[NodeId, Decision | None]:
    """What was decided of each: in the campaign, or whatever stands where there is none."""
    if round_ is not None:
        given = {one.identity: one.verdict for one in round_.progress.items}
        return {row.identity: given.get(row.identity) for row in shown}
    stands = standing(decisions, now=now)
    return {row.identity: stands.get((row.identity, "review")) for row in shown}


def _open(made: Decision | None) -> bool:
    return made is None or made.what == What.NOT_MINE


def _alike(
    shown: list[Excess],
    alike: Mapping[NodeId, object],
    asked: NodeId | None,
    open_: frozenset[NodeId],
) -> tuple[NodeId, ...]:
    if asked is None or asked not in alike:
        return ()
    same = alike[asked]
    rows = (row.identity for row in shown if alike[row.identity] == same)
    return tuple(one for one in rows if one != asked and one in open_)


def _table(inventory: Inventory) -> tuple[tuple[Excess, ...], int, Mapping[NodeId, object]]:
    """The identities that hold most Grants, as many as a page bears; how many there are; and what each is like.

    Who is like another holds the same Grants and used as much of them.
    """
    ledger = Ledger(inventory)
    everybody = tuple(inventory.listed("User", "Role"))
    held = sorted(everybody, key=lambda node: (-len(ledger.held.get(node.id, ())), node.id))
    rows = table(inventory, tuple(held[:MOST]), ledger)
    alike = {
        row.identity: (
            row.kind,
            row.account,
            tuple(sorted(ledger.held.get(row.identity, ()))) or row.identity,
            row.used,
            row.unused,
            row.hidden,
        )
        for row in rows
    }
    return rows, len(everybody), alike


def _left_out(told: int, among: int) -> str:
    """What to say where there are more identities than the page tells; empty where it tells all."""
    return (
        ""
        if told >= among
        else f"These are the {told:,} of {among:,} identities that hold most; the command line tells all."
    )


def _metrics(everything: tuple[Excess, ...], shown: list[Excess], left: int) -> list[Metric]:
    hidden = sum(row.hidden for row in everything)
    whole = sum(row.granted for row in everything)
    return [
        Metric("To review", f"{left:,}", "Identities that hold something unused, and that nobody has decided on."),
        Metric("Decided", f"{len(shown) - left:,}", "Of those that hold something unused, the ones with a decision that stands."),
        Metric("Unused pairs", f"{sum(row.unused for row in shown):,}", "Pairs of an action and an asset that were granted and not used, where use would show."),
        Metric("Observable", percent(1 - hidden / whole) if whole else "none", "The share of all granted pairs whose use would show in what was read."),
    ]  # fmt: skip


def _row(row: Excess, made: Decision | None) -> tuple[Value, ...]:
    return (
        row.index,
        percent(row.observability),
        row.name,
        row.kind,
        row.account,
        row.granted,
        row.used,
        row.unused,
        row.hidden,
        row.admin or "no",
        made.what if made else "to decide",
        made.person if made else "",
        made.reason if made else "",
    )


def _told(
    reading: Reading, inventory: Inventory, node: Node, decisions: tuple[Decision, ...]
) -> ReviewRow:
    one, proposal = reading.remember(
        ("review row", node.id), lambda: (excess(inventory, node, Ledger(inventory), whole=True), right_sized(inventory, node))
    )  # fmt: skip
    ordered = sorted(
        one.pairs,
        key=lambda pair: (pair.seen.answer != "unused", -pair.weight, pair.action, pair.asset),
    )
    names = {pair.asset: reading.name(pair.asset) for pair in ordered[:MOST_PAIRS]}
    pairs: tuple[tuple[Value, ...], ...] = tuple(
        (
            pair.seen.answer.value,
            pair.action,
            names[pair.asset],
            pair.capability.value,
            pair.weight,
            pair.seen.calls or None,
            pair.seen.last or None,
            pair.seen.why,
        )
        for pair in ordered[:MOST_PAIRS]
    )
    parts: tuple[tuple[Value, ...], ...] = tuple(
        (part.name, part.pairs, part.unused, part.weight, part.unused_weight) for part in one.parts
    )
    return ReviewRow(
        one,
        tuple(_summary(one, proposal)),
        Sheet(PARTS, parts),
        Sheet(PAIRS, pairs),
        len(ordered) - len(pairs),
        proposal,
        "\n".join(map(difference, proposal.policies)),
        tuple(row for row in decisions if row.subject == node.id),
        (
            link("asset", "All about the identity", id=node.id),
            link("blast", "What it reaches", id=node.id),
        ),
    )


def _summary(one: Excess, proposal: RightSized) -> list[str]:
    told = [
        f"Index {one.index} of 100 ({one.bucket}); {percent(one.observability)} of what it holds could be observed in {one.window} days.",
        f"Granted {one.granted:,}: used {one.used:,}, unused {one.unused:,}, not observed {one.hidden:,}.",
        f"Reaches {plural(one.reach or 0, 'asset')}; {one.reach_used or 0:,} without what is unused.",
    ]
    if one.admin:
        told.append(f"It {one.admin}.")
    if proposal.policies:
        told.append(
            f"A smaller policy takes {plural(len(proposal.dropped), 'action')} away and {proposal.replay.words()}."
        )
    else:
        told.append(f"No smaller policy is proposed: {proposal.why_not}.")
    return told
