"""Asking a server of tests: the collector's own client, with credentials that name the account they belong to."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from wire.canned import HOME, REGION, ROLE, WHEN, key_of
from wire.names import local_names
from wire.server import Wire

from graph.model import GLOBAL_REGION
from ingest.aws.client import Access, AwsClient
from ingest.aws.places import places
from ingest.collect import Collected, Recorder, collect
from ingest.snapshot import Snapshot, SnapshotWriter
from ingest.source import Ask, Call, Reply, Resource, by_operation

NOWHERE = str(Path(os.devnull))


def environment(account: str = HOME) -> dict[str, str]:
    """The variables that give the SDK credentials of the account, and nothing of this machine."""
    return {
        "AWS_ACCESS_KEY_ID": key_of(account),
        "AWS_SECRET_ACCESS_KEY": "s",
        "AWS_SESSION_TOKEN": "t",
        "AWS_CONFIG_FILE": NOWHERE,
        "AWS_SHARED_CREDENTIALS_FILE": NOWHERE,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@contextmanager
def signed(account: str = HOME) -> Iterator[None]:
    """This process holds credentials of the account, and knows every name below `localhost`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    with patch.dict(os.environ, {**kept, **environment(account)}, clear=True), local_names():
        yield


def client_of(wire: Wire, **access: Any) -> AwsClient:
    """The collector's client, pointed at the server."""
    settings = {"region": REGION, "role": ROLE, "tries": 2, **access}
    return AwsClient(Access(endpoint=wire.url, **settings), since=WHEN, sleep=lambda _: None)


def call_of(operation: str) -> Call:
    """The declared call of this operation."""
    return by_operation("aws")[operation].call


def ask(client: AwsClient, call: Call | str, argument: str = "", **rest: Any) -> Reply:
    """Make one call where it belongs."""
    made = call_of(call) if isinstance(call, str) else call
    region = REGION if made.regional else GLOBAL_REGION
    return client.ask(
        Ask(made, rest.pop("scope", client.home), rest.pop("region", region), argument, **rest)
    )


def chosen(*operations: str) -> Mapping[str, Resource]:
    """The declared resources of these operations."""
    held = by_operation("aws")
    return {name: held[name] for name in operations}


def gathered(
    client: AwsClient,
    folder: Path,
    resources: Mapping[str, Resource] | None = None,
    *,
    accounts: Sequence[str] = (),
    regions: Sequence[str] = (REGION,),
    finish: bool = True,
) -> Collected:
    """Collect into the folder, or go on with what it holds; without `finish` as if killed at the very end."""
    with SnapshotWriter(folder, tool="test", started=WHEN) as writer:
        recorder = Recorder(
            client, writer, platform="aws", clock=_now, held=writer.held, resources=resources
        )
        wanted = places(
            recorder, client.home, accounts=accounts, regions=regions, otherwise=client.region
        )
        done = collect(recorder, wanted, told=lambda *_: None)
        if finish:
            writer.finish(_now())
    return done


def ended(folder: Path) -> dict[str, Any]:
    """The calls of a snapshot by name."""
    return {call.key.call: call for call in Snapshot.read(folder).calls}


def _now() -> datetime:
    return datetime.now(UTC)
