"""A large estate's audit and report: `python -m benchmarks.reporting [--assets 200000]`.

The store holds generated notebooks, endpoints, models and buckets, a third of them in the shadow, and no access: what is
measured is the asking of every rule, the keeping of findings, and the writing of the report in all forms.

2026-11-26, 2 cores, Python 3.11.7, beside other work, 200,000 assets of which 66,667 are in the shadow:

- the report in all four forms 27.6 CPU s and 839 MiB (targets 60 and 1,024): its value 7.4 s, HTML 0.2 s, CSV 3.0 s
  (19 MB), XLSX 9.1 s (3 MB), JSON 7.9 s (200 MB, written asset by asset; as one text it took 12.8 s and 1,852 MiB).
- before it, once per load: the view 6.6 s, every rule asked and 133,334 findings kept 60 s and 1,968 MiB.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from graph.model import (
    Batch,
    Conclusions,
    Coverage,
    CoverageKey,
    Edge,
    Node,
    NodeId,
    Observation,
    Outcome,
    Row,
)
from graph.projection import view_of
from graph.store import Store
from graph.stores import open_store
from graph.stores.sqlite import SqliteStore
from queries.context import Context
from ui.auditing import keep_audit
from ui.render.reports import FORMS, write
from ui.report import report_of

NOW = datetime(2026, 11, 2, 6, tzinfo=UTC)
ACCOUNT, REGION = "111111111111", "eu-west-1"
LISTED = CoverageKey("aws", ACCOUNT, REGION, "sagemaker.list_endpoints")
STACKS = CoverageKey("aws", ACCOUNT, REGION, "cloudformation.describe_stacks")
_FORMS = (
    ("Endpoint", "sagemaker endpoint", "arn:aws:sagemaker:eu-west-1:111111111111:endpoint/e{0}"),
    ("Notebook", "sagemaker notebook instance", "arn:aws:sagemaker:eu-west-1:111111111111:notebook-instance/n{0}"),
    ("ModelVersion", "sagemaker model", "arn:aws:sagemaker:eu-west-1:111111111111:model/m{0}"),
    ("Dataset", "bucket", "arn:aws:s3:::bucket-{0}"),
)  # fmt: skip


def rows(assets: int) -> Iterator[Row]:
    """The assets, one in three without owner and record."""
    keys = frozenset({LISTED})
    account = NodeId(f"aws:account/{ACCOUNT}")
    held = {"name": "shop", "platform": "aws", "account": ACCOUNT, "region": "global"}
    yield Node(account, "Account", held, asserted_by=keys)
    for number in range(assets):
        kind, flavour, form = _FORMS[number % len(_FORMS)]
        node = NodeId(form.format(number))
        kept = number % 3 != 0
        props = {
            "name": node.rpartition("/")[2],
            "platform": "aws",
            "account": ACCOUNT,
            "region": REGION,
            "flavour": flavour,
            "created": "2025-01-01T00:00:00+00:00",
            "tags": {"owner": "ml", "aws:cloudformation:stack-name": "s"} if kept else {},
            **({"state": "InService"} if kind in {"Endpoint", "Notebook"} else {}),
            **({"owner": "ml", "owner_basis": "tag"} if kept else {"tagged": False}),
        }
        yield Node(node, kind, props, asserted_by=keys)
        yield Edge("CONTAINS", account, node, asserted_by=keys)
        if kind == "Endpoint":
            window = {"since": (NOW - timedelta(days=90)).isoformat(), "until": NOW.isoformat()}
            yield Observation(node, "invocations|v", {}, asserted_by=keys)
            yield Observation(node, "metric_window|v", window, asserted_by=keys)


def filled(folder: Path, assets: int) -> SqliteStore:
    """A store with these assets, as one run."""
    store = SqliteStore(folder / "estate.db", create=True)
    with store.begin(started=NOW, tool_version="bench") as run:
        held: list[Row] = []
        for row in rows(assets):
            held.append(row)
            if len(held) >= 20_000:
                run.put(Batch.of(held))
                held = []
        run.put(Batch.of(held))
        run.cover((Coverage(LISTED, Outcome.OK), Coverage(STACKS, Outcome.OK)))
        run.close_unseen()
        run.conclude(Conclusions())
        run.commit()
    return store


def reported(store: Store) -> None:
    """The report on what was kept, in every form."""
    whole = time.process_time()
    report = report_of(store, "shadow", since="last", now=NOW)
    took = time.process_time() - whole
    print(
        f"report, the value: {took:.1f} CPU s, {len(report.assets):,} assets, {_peak():,.0f} MiB",
        flush=True,
    )
    for form in FORMS:
        began = time.process_time()
        with tempfile.TemporaryDirectory() as folder:
            (path,) = write(report, Path(folder), (form,))
            size = path.stat().st_size
        took = time.process_time() - began
        print(f"  {form}: {took:.1f} CPU s, {size / 1e6:.1f} MB, {_peak():,.0f} MiB", flush=True)
    print(f"report: {time.process_time() - whole:.1f} CPU s, {_peak():,.0f} MiB", flush=True)


def _peak() -> float:
    """The most memory of this process in MiB; what a parent used does not count."""
    told = Path("/proc/self/status").read_text(encoding="ascii")
    return int(told.partition("VmHWM:")[2].split()[0]) / 1024


def audited(store: Store) -> None:
    """The view and the audit, kept in the store."""
    began = time.process_time()
    view = view_of(store, cache=None)
    print(f"view: {time.process_time() - began:.1f} CPU s", flush=True)
    began = time.process_time()
    made = keep_audit(store, view, Context(teams=("ml",)), now=NOW)
    took = time.process_time() - began
    print(
        f"audit: {took:.1f} CPU s, {len(made.findings):,} findings, {_peak():,.0f} MiB", flush=True
    )


def main() -> None:
    """Fill, ask, report, and tell what each took; the report in a process of its own, as a schedule runs it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--assets", type=int, default=200_000)
    parser.add_argument("--report", type=Path, help="only the report on this store")
    options = parser.parse_args()
    if options.report:
        with open_store(str(options.report)) as store:
            reported(store)
        return
    with tempfile.TemporaryDirectory() as folder:
        with filled(Path(folder), options.assets) as store:
            audited(store)
        place = str(Path(folder) / "estate.db")
        again = [sys.executable, "-m", "benchmarks.reporting", "--report", place]
        subprocess.run(again, check=True)


if __name__ == "__main__":
    main()
