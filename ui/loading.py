"""Loading for commands: load, resolve, and keep what the load had to remark with the version it made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from graph.errors import SourceError, with_advice
from graph.model import canonical
from graph.store import Store
from ingest.load import LoadReport, intake_of, load_intake
from ui.desk import Desk
from ui.render.progress import progress

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


@contextmanager
def loaded(desk: Desk, path: Path, named: str | None) -> Iterator[tuple[Store, LoadReport]]:
    """The store with the path loaded as one run, and its remarks kept beside the version that it made.

    The path is read before the store is opened: input that cannot be read makes no store and touches none.
    """
    from access.resolve import resolve  # noqa: PLC0415  # the policy data is read only where it is used

    if not path.exists():
        raise with_advice(
            SourceError(f"no such file or folder `{path}`"),
            "give a snapshot folder, or the output of `aws iam get-account-authorization-details`",
        )
    with progress(desk) as told:
        intake = intake_of(path, progress=told)
        with desk.store(named, create=True) as store:
            report = load_intake(intake, store, resolve=resolve, now=desk.now(), progress=told)
            remarks = [remark.plain() for remark in remarks_of(report)]
            kept = canonical({"source": str(path.resolve()), "remarks": remarks})
            store.put_results(RESULT, kept)
            yield store, report


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
