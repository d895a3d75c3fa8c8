"""Use from logs: how many events of real logs map to an action, by service, and what a million events cost.

`python -m benchmarks.use [FOLDER ...]` reads the log files at or below the folders (by default those of the tests) and
then streams generated events of 1,000 identities over 90 days through the counting that a load uses.

2026-11-26, 2 cores, Python 3.11.7, beside other work:
FIGURES
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

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


def shares(folders: tuple[Path, ...]) -> dict[str, tuple[int, int]]:
    """Per service how many events map to an action, of how many."""
    mapped: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    for path in (path for folder in folders for path in trail_files(folder)):
        for record in _records(path):
            event = event_of(record)
            if event is not None:
                whole[event.service] += 1
                mapped[event.service] += bool(event.actions)
    return {service: (mapped[service], whole[service]) for service in sorted(whole)}


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
    mapped, whole = (sum(pair[at] for pair in found.values()) for at in (0, 1))
    print(f"real events: {mapped:,} of {whole:,} map to an action")
    for service, (part, count) in sorted(found.items(), key=lambda row: -row[1][1])[:15]:
        print(f"  {service}: {part:,} of {count:,}")
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
