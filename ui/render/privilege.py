"""Excess privilege, as rows and sentences: the index never without the share that could be observed."""

from __future__ import annotations

from collections.abc import Sequence

from queries.privilege.excess import Excess
from queries.privilege.rightsize import RightSized
from ui.render.sheet import Sheet, Value
from ui.render.text import plural

COLUMNS = (
    "index", "observable", "identity", "kind", "account", "granted", "used", "unused", "not observed", "administrator",
    "wildcards", "peers",
)  # fmt: skip
PAIRS = ("use", "action", "asset", "capability", "weight", "days", "last", "why")


def percent(share: float) -> str:
    """A share as a whole percentage, never 100 for less than all or 0 for more than none."""
    rounded = round(100 * share)
    if rounded == 100 and share < 1:
        return "over 99 %"
    return "under 1 %" if rounded == 0 and share > 0 else f"{rounded} %"


def privilege_sheet(rows: Sequence[Excess], whole: int) -> Sheet:
    """A row per identity, the highest index first."""
    head = [f"{plural(whole, 'identity', 'identities')}; the index is the weight of what is unused over the weight of all that is granted"]  # fmt: skip
    head.append("what could not be observed counts as granted and never as unused: with little of it observable, the index is a lower bound")  # fmt: skip
    if len(rows) < whole:
        head.append(f"the first {len(rows):,}")
    return Sheet(COLUMNS, tuple(map(_row, rows)), tuple(head))


def _row(one: Excess) -> tuple[Value, ...]:
    return (
        one.index,
        percent(one.observability),
        one.name,
        one.kind,
        one.account,
        one.granted,
        one.used,
        one.unused,
        one.hidden,
        one.admin or "no",
        one.wildcards,
        None if one.peers is None else round(one.peers, 1),
    )


def identity_sheet(one: Excess, made: RightSized) -> Sheet:
    """A row for each pair of an action and an asset; above it the index with its parts and the proposal."""
    head = [
        f"{one.name} ({one.kind}, {one.account}): index {one.index} ({one.bucket}), {percent(one.observability)} of what it holds could be observed in {one.window} days",
        f"granted {one.granted:,}: used {one.used:,}, unused {one.unused:,}, not observed {one.hidden:,}",
        *(
            f"  {part.name}: {plural(part.pairs, 'pair')}, {part.unused:,} unused; weight {part.weight:,}, unused {part.unused_weight:,}"
            for part in one.parts
        ),
        f"reaches {plural(one.reach or 0, 'asset')}, {one.reach_used or 0:,} without what is unused",
    ]
    if one.admin:
        head.append(f"it {one.admin}")
    below = [f"no smaller policy is proposed: {made.why_not}"] if made.why_not else []
    if made.policies:
        below = [f"a smaller policy is proposed: {plural(len(made.dropped), 'action')} go, {made.replay.words()}"]  # fmt: skip
        below += [
            f"  {policy.name}: {plural(len(policy.dropped), 'action')} go, {plural(len(policy.unobserved), 'action')} kept because nobody could observe them"
            for policy in made.policies
        ]
    rows = tuple(
        (
            pair.seen.answer.value,
            pair.action,
            str(pair.asset),
            pair.capability.value,
            pair.weight,
            pair.seen.days or None,
            pair.seen.last or None,
            pair.seen.why,
        )
        for pair in sorted(one.pairs, key=lambda pair: (pair.seen.answer != "unused", -pair.weight, pair.action, pair.asset))
    )  # fmt: skip
    return Sheet(PAIRS, rows, tuple(head), tuple(below))
