"""Loading for commands: load, resolve, and keep what the load had to remark with the version it made."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graph.errors import SourceError, with_advice
from graph.model import canonical
from graph.store import Store, Told
from ui.desk import Desk
from ui.render.progress import progress

if TYPE_CHECKING:
    from ingest.intake import Intake
    from ingest.load import LoadReport

RESULT = "load"


@dataclass(frozen=True, slots=True, order=True)
class Remark:
    """Something that a load could not read, or found odd: `skipped` or `odd`, where, and what."""

    kind: str
    where: str
    what: str

    def plain(self) -> dict[str, str]:
        """The remark as plain types, for JSON."""
        return {"kind": self.kind, "where": self.where, "what": self.what}


def remarks_of(report: LoadReport) -> tuple[Remark, ...]:
    """What the load skipped and what it found odd, sorted."""
    skipped = (Remark("skipped", row.where, row.why) for row in report.skipped)
    odd = (Remark("odd", row.where, row.what) for row in report.oddities)
    return tuple(sorted((*skipped, *odd)))


@dataclass(frozen=True, slots=True)
class LoadNote:
    """What is known of one load beside the run that it made."""

    version: int  # of the store, as the load made it
    source: str  # the last part of its path; the rest is about the machine that loaded it
    sample: bool
    read_from: datetime | None  # when the platforms were asked; None where that is not known
    read_until: datetime | None
    remarks: int


@contextmanager
def loaded(
    desk: Desk,
    path: Path,
    named: str | None,
    *,
    sample: bool = False,
    records: Sequence[Intake] = (),
) -> Iterator[tuple[Store, LoadReport]]:
    """The store with the path loaded as one run, and its remarks kept beside the version that it made.

    The path is read before the store is opened: input that cannot be read makes no store and touches none. `sample`
    marks the load as one of invented data, for whoever looks at the store later. `records` are taken in beside the path;
    one of them that is older than what the store holds is left out and told.
    """
    from ingest.joined import current, joined  # noqa: PLC0415  # pages read the remarks of a load, and load nothing
    from ingest.load import intake_of  # noqa: PLC0415  # as above

    if not path.exists():
        raise with_advice(
            SourceError(f"no such file or folder `{path}`"),
            "give a snapshot folder, an exported file, logs, or a system of record",
        )
    with progress(desk) as told:
        intake = intake_of(path, progress=told)
        with desk.store(named, create=True) as store:
            if records:
                intake = current(joined(intake, records), store.get)
            source = str(path.resolve())
            yield store, taken_in(desk, store, named, intake, told, source=source, sample=sample)


def taken_in(
    desk: Desk,
    store: Store,
    named: str | None,
    intake: Intake,
    told: Told | None,
    *,
    source: str,
    sample: bool = False,
) -> LoadReport:
    """Write what was read as one run, and keep its remarks, the outlook and the findings beside the version it made."""
    from access.resolve import resolve  # noqa: PLC0415  # the policy data is read only where it is used
    from ingest.load import load_intake  # noqa: PLC0415  # pages read the remarks of a load, and load nothing
    from ui.auditing import keep_audit  # noqa: PLC0415  # as above
    from ui.outlook import keep_outlook  # noqa: PLC0415  # as above

    report = load_intake(intake, store, resolve=resolve, now=desk.now(), progress=told)
    store.put_results(RESULT, _kept(source, report, sample=sample))
    if told is not None:
        told("outlook", 0, 1)
    view = desk.view(store, named)
    keep_outlook(store, view)
    keep_audit(store, view, desk.settings.context, now=desk.now(), told=told)
    return report


def _kept(source: str, report: LoadReport, *, sample: bool) -> str:
    read_from, read_until = report.read or (None, None)
    return canonical(
        {
            "source": source,
            "sample": sample,
            "read_from": read_from and read_from.isoformat(),
            "read_until": read_until and read_until.isoformat(),
            "remarks": [remark.plain() for remark in remarks_of(report)],
        }
    )


def odd_remarks(store: Store) -> tuple[Remark, ...]:
    """What the policies of the store hold that no rule covers."""
    from access.odd import odd_policies  # noqa: PLC0415  # as above

    return tuple(Remark("odd", row.where, row.what) for row in odd_policies(store.facts()))


def kept_remarks(store: Store) -> tuple[Remark, ...]:
    """The remarks of the newest load of every source."""
    newest: dict[str, tuple[Remark, ...]] = {}
    for run in reversed(store.runs()):
        payload = store.results(RESULT, version=run.version)
        if payload is not None:
            kept = json.loads(payload)
            newest.setdefault(kept["source"], tuple(_remarks(kept["remarks"])))
    return tuple(sorted({remark for remarks in newest.values() for remark in remarks}))


def _remarks(kept: list[dict[str, str]]) -> Iterator[Remark]:
    return (Remark(row["kind"], row["where"], row["what"]) for row in kept)


def load_notes(store: Store) -> tuple[LoadNote, ...]:
    """What is known of every load of the store, oldest first; a run that was no load has none."""
    return tuple(
        _note(run.version, json.loads(payload))
        for run in store.runs()
        if (payload := store.results(RESULT, version=run.version)) is not None
    )


def _note(version: int, kept: Mapping[str, Any]) -> LoadNote:
    """The note of what was kept; stores of earlier versions kept less."""
    read = (kept.get("read_from"), kept.get("read_until"))
    began, ended = (datetime.fromisoformat(moment) if moment else None for moment in read)
    return LoadNote(
        version=version,
        source=Path(kept["source"]).name,
        sample=bool(kept.get("sample", False)),
        read_from=began,
        read_until=ended,
        remarks=len(kept["remarks"]),
    )
