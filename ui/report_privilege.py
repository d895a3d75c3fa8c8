"""The report on excess privilege: identities with something unused, what became of them, and their index with its basis."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from graph.model import NodeId, RunRecord, canonical
from graph.projection import view_of
from graph.store import Store
from queries.context import Context
from queries.decisions import What, standing
from queries.privilege.excess import Excess, table
from queries.shadow import PARTS
from ui.auditing import inventory_of, newest
from ui.completeness import Completeness, completeness
from ui.loading import load_notes
from ui.render.privilege import percent
from ui.render.sheet import Sheet, Value

NAME = "privilege"
KEPT = "privilege held"
COLUMNS = (
    "part", "index", "observable", "identity", "kind", "account", "granted", "used", "unused", "not observed",
    "administrator", "decision", "id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One identity with something unused, or that had something in the report before."""

    identity: NodeId
    name: str
    became: str
    decision: str
    row: Excess | None  # None where it is no longer there

    def plain(self) -> dict[str, object]:
        """The identity as plain types, for JSON."""
        return {
            "identity": self.identity,
            "name": self.name,
            "became": self.became,
            "decision": self.decision,
            "excess": None if self.row is None else self.row.plain(),
        }


@dataclass(frozen=True, slots=True)
class PrivilegeReport:
    """The report on excess privilege of one version; see `ui.report.AnyReport` for what all reports have."""

    run: RunRecord
    after: RunRecord | None
    identities: tuple[Reviewed, ...]
    observed: float
    rests_on: Completeness
    read_until: datetime | None
    sample: bool
    name: str = NAME
    subject: str = "Unused privilege"

    def part(self, name: str) -> tuple[Reviewed, ...]:
        """The identities of one part: new, open, gone, unconfirmed, accepted."""
        return tuple(one for one in self.identities if one.became == name)

    @property
    def counts(self) -> dict[str, int]:
        """How many identities each part holds."""
        return {name: len(self.part(name)) for name in PARTS}

    @property
    def calls_for_action(self) -> int:
        """How many identities somebody has to look at."""
        return sum(self.counts[name] for name in ("new", "open", "unconfirmed"))

    @property
    def breakdown(self) -> str:
        """The identities by the height of their index, and what could be observed."""
        held = [one.row for one in self.identities if one.row is not None and one.became != "gone"]
        told = ", ".join(f"{name} {sum(row.bucket == name for row in held):,}" for name in ("high", "medium", "low"))  # fmt: skip
        return f"by index: {told}; {percent(self.observed)} of what is granted could be observed"

    def head(self) -> Iterator[str]:
        """The first lines of every form."""
        yield from self.rests_on.lines()
        compared = "nothing: this is the first report" if self.after is None else f"run {self.after.id} of {self.after.started:%Y-%m-%d}"  # fmt: skip
        yield f"compared with {compared}"
        yield "; ".join(f"{name}: {count:,}" for name, count in self.counts.items())
        yield self.breakdown

    def sheet(self) -> Sheet:
        """A row per identity, the parts in order, the weightiest first in each."""
        rows = tuple(_row(one) for name in PARTS for one in self.part(name))
        return Sheet(COLUMNS, rows, tuple(self.head()))

    def plain_rows(self) -> tuple[str, Iterator[dict[str, object]]]:
        """The identities as plain types, one at a time."""
        return "identities", (one.plain() for name in PARTS for one in self.part(name))

    def plain_head(self) -> dict[str, object]:
        """The report as plain types, for JSON, without its identities."""
        return {
            "report": self.name,
            "sample": self.sample,
            "run": int(self.run.id),
            "started": self.run.started.isoformat(),
            "compared_with": None if self.after is None else int(self.after.id),
            "completeness": self.rests_on.plain(),
            "counts": self.counts,
            "observability": round(self.observed, 4),
        }


def _row(one: Reviewed) -> tuple[Value, ...]:
    row = one.row
    told: tuple[Value, ...] = (None,) * 9
    if row is not None:
        told = (
            row.index,
            percent(row.observability),
            one.name,
            row.kind,
            row.account,
            row.granted,
            row.used,
            row.unused,
            row.hidden,
        )
    else:
        told = (None, "", one.name, "", "", None, None, None, None)
    return (one.became, *told, row.admin or "no" if row else "", one.decision, str(one.identity))


def privilege_report(
    store: Store, context: Context, after: RunRecord | None, *, now: datetime
) -> PrivilegeReport:
    """The report on the store's newest version, compared with what was kept with an earlier one."""
    inventory = inventory_of(store, view_of(store, cache=None), context)
    nodes = tuple(one for one in inventory.listed("User", "Role") if not one.props.get("reserved"))
    rows = {row.identity: row for row in table(inventory, nodes)}
    before = _held(store, after)
    stands = standing(store.decisions(), now=now)
    kept = {subject for (subject, about), one in stands.items() if about == "review" and one.what == What.KEEP}  # fmt: skip
    told = [
        Reviewed(id_, row.name, part, _decision(stands, id_), row)
        for id_, row in rows.items()
        if (part := _became(row, id_ in before, id_ in kept))
    ]
    told += [
        Reviewed(id_, name, "gone", _decision(stands, id_), None)
        for id_, name in before.items()
        if id_ not in rows
    ]
    told.sort(key=lambda one: (-_weight(one), one.name, one.identity))
    granted = sum(row.granted for row in rows.values())
    hidden = sum(row.hidden for row in rows.values())
    notes = load_notes(store)
    asked = [note.read_until for note in notes if note.read_until is not None]
    return PrivilegeReport(
        newest(store),
        after,
        tuple(told),
        1 - hidden / granted if granted else 1.0,
        completeness(store),
        max(asked, default=None),
        any(note.sample for note in notes),
    )


def _weight(one: Reviewed) -> int:
    return 0 if one.row is None else sum(part.unused_weight for part in one.row.parts)


def _decision(stands: Mapping[tuple[str, str], object], identity: NodeId) -> str:
    made = stands.get((identity, "review"))
    return str(getattr(made, "what", ""))


def _became(row: Excess, before: bool, kept: bool) -> str:
    """The part of an identity; empty where it has nothing unused and had nothing."""
    if row.unused:
        return "accepted" if kept else "open" if before else "new"
    if not before:
        return ""
    return "unconfirmed" if row.hidden else "gone"


def _held(store: Store, after: RunRecord | None) -> Mapping[NodeId, str]:
    """The identities, by id, that the earlier report told to have something unused."""
    payload = store.results(KEPT, version=after.version) if after is not None else None
    held: dict[str, str] = json.loads(payload) if payload else {}
    return {NodeId(id_): name for id_, name in held.items()}


def keep_held(store: Store, report: PrivilegeReport) -> None:
    """Keep who has something unused beside the version, for the next report."""
    held = {one.identity: one.name for one in report.identities if one.became != "gone"}
    store.put_results(KEPT, canonical(held))
