"""Collecting for commands: from settings and options to a snapshot folder, new or gone on with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from graph.model import Coverage, Outcome
from ingest.collect import Collected, Recorder, collect
from ingest.snapshot import MANIFEST, Snapshot, SnapshotWriter, interrupted
from ui.cloud import aws_access
from ui.desk import PROGRAM, Desk, tool_version
from ui.exits import Exit
from ui.render.progress import progress
from ui.settings import AwsSettings

if TYPE_CHECKING:
    from ingest.aws.client import AwsClient

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
    """The folder to write: the one named, else the newest where it was interrupted, else a new one named by the time.

    An older one is left alone: what it holds is older than what was collected since.
    """
    if named is not None:
        return named
    held = sorted(FOLDER.glob(f"*/{MANIFEST}"))
    if held and interrupted(held[-1].parent):
        return held[-1].parent
    return FOLDER / f"{desk.now():%Y-%m-%dT%H%M%SZ}"


def collected_aws(desk: Desk, folder: Path, aws: AwsSettings) -> Collection:
    """Read AWS into the folder; what an earlier collection there settled is not asked again."""
    access = aws_access(aws)
    from ingest.aws.client import AwsClient, Sessions  # noqa: PLC0415  # loads the SDK

    sessions = Sessions(access)  # asks who we are, before anything is written
    with SnapshotWriter(folder, tool=f"{PROGRAM} {tool_version()}", started=desk.now()) as writer:
        client = AwsClient(
            access, since=writer.started - aws.lookback, until=writer.started, sessions=sessions
        )
        try:
            return _collected(desk, writer, client, aws)
        except KeyboardInterrupt:
            desk.remark(
                f"stopped: `{folder}` is unfinished; the same command goes on with it, "
                "and asks nothing again that was answered"
            )
            raise typer.Exit(Exit.STOPPED) from None


def _collected(
    desk: Desk, writer: SnapshotWriter, client: AwsClient, aws: AwsSettings
) -> Collection:
    from ingest.aws.places import places, trail_requests  # noqa: PLC0415  # loads the readers of all answers

    with progress(desk) as told:
        recorder = Recorder(client, writer, platform="aws", clock=_clock, held=writer.held)
        wanted = places(
            recorder,
            client.home,
            accounts=aws.accounts,
            regions=aws.regions,
            otherwise=client.region,
        )
        requests = trail_requests(client.home, wanted, aws.trails)
        done = collect(recorder, wanted, told=told or _quiet, requests=requests)
        writer.finish(_clock())
    return Collection(
        writer.root,
        tuple(place.scope for place in wanted if place.whole),
        tuple(sorted({region for place in wanted for region in place.regions})),
        done,
        tuple(_unanswered(Snapshot.read(writer.root))),
    )


def _unanswered(snapshot: Snapshot) -> list[Coverage]:
    rows = [call.coverage for call in snapshot.calls if call.outcome is not Outcome.OK]
    return sorted(rows, key=lambda row: row.key)


def _clock() -> datetime:
    return datetime.now(UTC)


def _quiet(_stage: str, _done: int, _of: int) -> None:
    return
