"""Collecting for commands: from settings and options to a snapshot folder, new or gone on with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

from graph.errors import ConfigError, with_advice
from graph.model import Coverage
from ingest.collect import Collected, Recorder, collect
from ingest.snapshot import MANIFEST, Snapshot, SnapshotWriter
from ui.desk import PROGRAM, Desk, tool_version
from ui.render.progress import progress
from ui.settings import AwsSettings

FOLDER = Path("snapshots")


@dataclass(frozen=True, slots=True)
class Collection:
    """A snapshot as it stands after a collection, and what the collection did."""

    folder: Path
    accounts: tuple[str, ...]
    regions: tuple[str, ...]
    collected: Collected
    unanswered: tuple[Coverage, ...]  # every call that did not end well, in order of key


def folder_for(desk: Desk, named: Path | None) -> Path:
    """The folder to write: the one named, else the newest that was interrupted, else a new one named by the time."""
    if named is not None:
        return named
    held = sorted(FOLDER.glob(f"*/{MANIFEST}"), reverse=True)
    unfinished = next(
        (path.parent for path in held if Snapshot.read(path.parent).interrupted), None
    )
    return unfinished or FOLDER / f"{desk.now():%Y-%m-%dT%H%M%SZ}"


def collected_aws(desk: Desk, folder: Path, aws: AwsSettings) -> Collection:
    """Read AWS into the folder; what an interrupted collection there finished is not asked again."""
    if find_spec("botocore") is None:
        raise with_advice(
            ConfigError("the SDK of AWS is not installed"), "pip install 'shadowgraph[aws]'"
        )
    from ingest.aws.client import Access, AwsClient  # noqa: PLC0415  # loads the SDK
    from ingest.aws.places import places, trail_requests  # noqa: PLC0415  # as above

    access = Access(
        profile=aws.profile,
        region=aws.regions[0] if aws.regions and aws.regions[0] != "all" else "",
        role=aws.role,
        external_id=aws.external_id,
        endpoint=aws.endpoint_url,
        ca_file=aws.ca_file,
        tries=aws.tries,
    )
    held = Snapshot.read(folder) if (folder / MANIFEST).exists() else None
    started = held.started if held is not None else desk.now()
    client = AwsClient(access, since=started - aws.lookback)
    with (
        SnapshotWriter(folder, tool=f"{PROGRAM} {tool_version()}", started=started) as writer,
        progress(desk) as told,
    ):
        recorder = Recorder(client, writer, platform="aws", clock=_clock, held=held)
        wanted = places(recorder, client.home, accounts=aws.accounts, regions=aws.regions)
        requests = trail_requests(client.home, wanted, aws.trails)
        done = collect(recorder, wanted, told=told or _quiet, requests=requests)
        writer.finish(_clock())
    return Collection(
        folder,
        tuple(place.scope for place in wanted),
        tuple(sorted({region for place in wanted for region in place.regions})),
        done,
        tuple(_unanswered(Snapshot.read(folder))),
    )


def _unanswered(snapshot: Snapshot) -> list[Coverage]:
    rows = (
        Coverage(
            call.key,
            call.outcome,
            items=call.items,
            missing_permission=call.missing_permission,
            detail=call.detail,
            parent=call.parent_key,
        )
        for call in snapshot.calls
    )
    return sorted((row for row in rows if row.outcome != "ok"), key=lambda row: row.key)


def _clock() -> datetime:
    return datetime.now(UTC)


def _quiet(_stage: str, _done: int, _of: int) -> None:
    return
