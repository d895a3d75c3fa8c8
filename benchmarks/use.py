"""Use from logs: how many events of real logs map to an action, by service, and what a million events cost.

`python -m benchmarks.use [FOLDER ...]` reads the log files at or below the folders (by default those of the tests) and
then streams generated events of 1,000 identities over 90 days through the counting that a load uses.

2026-11-26, 2 cores, Python 3.11.7, beside other work, over the logs in `tests/data/aws` (two simulated attacks and
Panther's tests), each event counted once:

- 1,637 events, 98.7 % map to an action, 89.9 % to one that the action list holds. The list holds the services that
  capabilities and techniques speak of; of those, every service maps to listed actions to 99 % or more (ec2 489 events,
  ssm 326, kms 203, iam 154, s3 106, sts 41, lambda 7) but secretsmanager (90.0 % of 160: its 16 events of a version's end are no calls).
- 1,000,000 generated events: 320,293 counted rows, 19.6 to 28.5 CPU s, peak 237 MiB (target 500).
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from access.aws.catalogue import known_actions
from ingest.aws.events import event_of, records_of
from ingest.aws.use import counted
from ingest.fields import Json
from ingest.files.trail import read_trail, trail_files

ROOT = Path(__file__).parents[1]
DEFAULT = (ROOT / "tests" / "data" / "aws",)
EVENTS, IDENTITIES, DAYS = 1_000_000, 1_000, 90
_CALLS = (
    ("sagemaker", "DescribeEndpoint", "endpointName"),
    ("sagemaker", "CreatePresignedNotebookInstanceUrl", "notebookInstanceName"),
    ("s3", "GetObject", "bucketName"),
    ("s3", "PutObject", "bucketName"),
    ("kms", "Decrypt", "keyId"),
    ("sts", "AssumeRole", "roleArn"),
    ("bedrock", "InvokeModel", "modelId"),
    ("iam", "GetRole", "roleName"),
)


@dataclass(slots=True)
class Share:
    """Of one service's events: how many there are, map to an action, and to none but actions that are listed."""

    events: int = 0
    mapped: int = 0
    listed: int = 0

    def add(self, actions: tuple[str, ...]) -> None:
        """Count one event by the actions that it shows."""
        self.events += 1
        self.mapped += bool(actions)
        self.listed += bool(actions) and all(one.lower() in _listed() for one in actions)


@cache
def _listed() -> frozenset[str]:
    return frozenset(action.lower() for action in known_actions())


def shares(folders: tuple[Path, ...]) -> dict[str, Share]:
    """The share of each service, every event counted once however many files hold it."""
    found: dict[str, Share] = defaultdict(Share)
    seen: set[str] = set()
    for path in (path for folder in folders for path in trail_files(folder)):
        for record in _records(path):
            event, number = event_of(record), str(record.get("eventID", ""))
            if event is None or number in seen:
                continue
            seen.update({number} - {""})
            found[event.service].add(event.actions)
    return dict(found)


def _records(path: Path) -> Iterator[Json]:
    """The records of a file; of one that holds something else, none."""
    try:
        content = read_trail(path)
    except Exception:  # noqa: BLE001 - folders of tests hold broken files on purpose
        return
    rows = content if isinstance(content, list) else [content]
    for row in rows:
        yield from (one for one in records_of(row) if "eventName" in one)
        if isinstance(row, dict) and "eventName" in row:
            yield row


def generated(count: int) -> Iterator[Json]:
    """Events as CloudTrail writes them, by so many identities on so many days; the same each time."""
    draw = random.Random(7)
    for _ in range(count):
        service, name, param = _CALLS[draw.randrange(len(_CALLS))]
        who = draw.randrange(IDENTITIES)
        day = 1 + draw.randrange(DAYS)
        yield {
            "eventName": name,
            "eventSource": f"{service}.amazonaws.com",
            "eventTime": f"2026-{8 + day // 31:02}-{1 + day % 28:02}T06:00:00Z",
            "awsRegion": "eu-west-1",
            "recipientAccountId": "111111111111",
            "eventType": "AwsApiCall",
            "userIdentity": {
                "type": "IAMUser",
                "arn": f"arn:aws:iam::111111111111:user/u{who}",
                "accountId": "111111111111",
            },
            "requestParameters": {param: f"thing-{draw.randrange(40)}"},
        }


def main() -> None:
    """Read, count and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, default=DEFAULT)
    parser.add_argument("--events", type=int, default=EVENTS)
    options = parser.parse_args()
    found = shares(tuple(options.folders))
    whole = Share(
        *(
            sum(getattr(one, name) for one in found.values())
            for name in ("events", "mapped", "listed")
        )
    )
    print(f"{'service':<28}{'events':>8}{'mapped':>8}{'listed':>8}")
    for service, share in [
        ("all", whole),
        *sorted(found.items(), key=lambda row: -row[1].events)[:20],
    ]:
        print(
            f"{service:<28}{share.events:>8,}{share.mapped / share.events:>8.1%}{share.listed / share.events:>8.1%}"
        )
    began = time.process_time()
    rows = sum(1 for _ in counted(generated(options.events), source="file", account="111111111111"))
    took = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        json.dumps(
            {
                "events": options.events,
                "rows": rows,
                "cpu_seconds": round(took, 1),
                "peak_mib": round(peak),
            }
        )
    )


if __name__ == "__main__":
    main()
