"""Auditing for commands, pages and loads: the inventory of a store, every rule asked, and the findings kept."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from graph.errors import StoreError, with_advice
from graph.model import RunRecord, canonical
from graph.store import Store, Told, cypher_store
from graph.view import View
from queries.audit import Audit, audit
from queries.context import Context
from queries.findings import Finding, findings_of, reconcile, trend_of
from queries.inventory import Inventory, Rows
from queries.measures import MEASURES, measures_of
from ui.loading import load_notes

RESULT = "audit"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Audited:
    """One audit of a store's newest version, and the findings after it."""

    inventory: Inventory
    audit: Audit
    findings: tuple[Finding, ...]


def newest(store: Store) -> RunRecord:
    """The newest run; one clear line where nothing was loaded."""
    runs = store.runs()
    if not runs:
        raise with_advice(
            StoreError("nothing was loaded that could be asked about"),
            "run `shadowgraph scan` first",
        )
    return runs[-1]


def inventory_of(store: Store, view: View, context: Context) -> Inventory:
    """The inventory of the newest version, at the instant when the platforms were last asked."""
    run = newest(store)
    asked = [note.read_until for note in load_notes(store) if note.read_until is not None]
    facts = store.facts()
    rows = Rows(
        tuple(store.nodes()),
        tuple(store.edges()),
        tuple(store.observations()),
        store.coverage(),
        store.decisions(),
        facts.attachments,
        {row.hash: row.text for row in facts.documents},
    )
    return Inventory(view, rows, now=max(asked, default=run.started), context=context)


def keep_audit(
    store: Store, view: View, context: Context, *, now: datetime, told: Told | None = None
) -> Audited:
    """Ask every rule, keep the findings and the counts beside the newest version, and give both back."""
    run = newest(store)
    inventory = inventory_of(store, view, context)
    made = audit(inventory, told=None if told is None else partial(told, "rules"))
    rows = reconcile(store.findings(), made, inventory, run=run.id)
    store.put_findings(rows)
    store.put_results(RESULT, canonical({"format": FORMAT, **trend_of(made, rows)}))
    found = kept_findings(store, now=now)
    _published(store, inventory, found, told=told)
    return Audited(inventory, made, found)


def publish(
    store: Store, view: View, context: Context, *, now: datetime, told: Told | None = None
) -> None:
    """Write what Cypher ranks by and walks over beside the newest version of a shared store."""
    inventory = inventory_of(store, view, context)
    _published(store, inventory, kept_findings(store, now=now), told=told)


def _published(
    store: Store, inventory: Inventory, findings: tuple[Finding, ...], *, told: Told | None
) -> None:
    if (shared := cypher_store(store)) is not None:
        measures = measures_of(inventory, findings)
        shared.publish(inventory.view, measures, tuple(MEASURES), told=told)


def kept_findings(store: Store, *, now: datetime) -> tuple[Finding, ...]:
    """The findings that were kept, with the decisions that stand now."""
    return findings_of(store.findings(), store.runs(), store.decisions(), now=now)


def kept_counts(store: Store, *, version: int | None = None) -> dict[str, Any] | None:
    """The counts kept with a version; None where it was not audited, or by another format."""
    payload = store.results(RESULT, version=version)
    if payload is None:
        return None
    held: dict[str, Any] = json.loads(payload)
    return held if held.get("format") == FORMAT else None
