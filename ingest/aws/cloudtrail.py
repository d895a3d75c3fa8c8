"""CloudTrail: which trails log what, and the events that show who used what."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from itertools import pairwise

from graph.model import Node, Observation
from ingest.aws.asset import account_stub
from ingest.aws.events import records_of
from ingest.aws.names import account_node
from ingest.aws.use import counted
from ingest.fields import Json, flag, moment, rows, text, texts, word
from ingest.source import Answer, Call, Feed, Link, Mention, Resource, Shaped, Skipped

MOST_LOOKUPS = 400
"""Pages of 50 events: LookupEvents answers two requests a second, so more would take hours; the rest is in the trail."""

WINDOW = "log_window"
_SELECTORS = {"EventSelectors": "basic", "AdvancedEventSelectors": "advanced"}


def shape_trails(answer: Answer) -> Iterator[Shaped]:
    """The trails as settings of the account, and the bucket that each writes to."""
    for row in answer.each("trailList"):
        arn, bucket = text(row, "TrailARN"), text(row, "S3BucketName")
        if arn is None:
            yield Skipped(str(answer.key), "a trail has no ARN")
            continue
        told = {
            "bucket": bucket,
            "prefix": text(row, "S3KeyPrefix"),
            "all_regions": word(flag(row, "IsMultiRegionTrail")),
            "organization": word(flag(row, "IsOrganizationTrail")),
            "validated": word(flag(row, "LogFileValidationEnabled")),
            "key": text(row, "KmsKeyId"),
        }
        held = ";".join(f"{name}={value}" for name, value in told.items() if value)
        yield account_stub(answer.account)
        node = account_node(answer.account)
        yield Node(node, "Account", {"settings": {f"trail:{arn}": held}, "logging": True})
        if bucket is not None:
            prefix = (text(row, "S3KeyPrefix") or "").strip("/")
            uri = f"s3://{bucket}/{prefix}/AWSLogs/" if prefix else f"s3://{bucket}/AWSLogs/"
            yield Mention(Link.NAMES, node, uri, {"form": "folder"})


def shape_selectors(answer: Answer) -> Iterator[Shaped]:
    """Which events the trail logs beside management events: this decides whether "never used" can be said."""
    for page in answer.pages:
        trail = text(page, "TrailARN") or answer.argument
        held = [
            f"{form}={_selector(row)}"
            for name, form in _SELECTORS.items()
            for row in rows(page, name)
        ]
        yield account_stub(answer.account)
        settings = {f"selectors:{trail}": ";".join(held) or "none"}
        yield Node(account_node(answer.account), "Account", {"settings": settings})


def _selector(row: Json) -> str:
    """One selector in a few words: reads or writes, management events, and the types of data resources."""
    parts = [
        text(row, "ReadWriteType") or "",
        f"management:{word(flag(row, 'IncludeManagementEvents'))}",
    ]
    parts += [
        f"{text(data, 'Type')}:{','.join(texts(data, 'Values'))}"
        for data in rows(row, "DataResources")
    ]
    for field in rows(row, "FieldSelectors"):
        tests = [
            f"{name}={','.join(texts(field, name))}" for name in sorted(field) if name != "Field"
        ]
        parts.append(f"{text(field, 'Field')}[{' '.join(tests)}]")
    return " ".join(part for part in parts if part and not part.endswith(":None"))


def shape_events(answer: Answer) -> Iterator[Shaped]:
    """Who used what in the window, as far as management events show it."""
    found = [record for row in answer.each("Events") if (record := _record(row)) is not None]
    lost = sum(1 for _ in answer.each("Events")) - len(found)
    if lost:
        yield Skipped(str(answer.key), f"{lost} events hold no record that can be read")
    yield from counted(found, source="lookup", account=answer.account)
    yield account_stub(answer.account)
    yield from _window(answer, found)


def _record(row: Json) -> Json | None:
    try:
        record = json.loads(text(row, "CloudTrailEvent") or "")
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _window(answer: Answer, found: list[Json]) -> Iterator[Observation]:
    """The time that the events cover: the newest come first, so where pages were left the oldest one begins it."""
    cut = bool(answer.pages) and text(answer.pages[-1], "NextToken") is not None
    times = [when for record in found if (when := moment(record, "eventTime"))]
    since = min(times, default=None) if cut else moment(answer.params, "StartTime")
    until = moment({"until": answer.started.isoformat()}, "until") if answer.started else None
    told = {"since": since, "until": until, "cut": word(cut)}
    yield Observation(
        account_node(answer.account),
        f"{WINDOW}|{answer.key.operation}|{answer.region}",
        {name: value for name, value in told.items() if value},
    )


_PLACE = re.compile(r"AWSLogs/(?:o-[a-z0-9]+/)?(\d{12})/CloudTrail/([a-z0-9-]+)/")
_DAY_OF = re.compile(r"/(\d{4})/(\d{2})/(\d{2})/[^/]*$")


def shape_files(answer: Answer) -> Iterator[Shaped]:
    """From when on the files of a trail are there, and the longest time without one; each file is read by itself."""
    bucket, prefix = (str(answer.params.get(name, "")) for name in ("Bucket", "Prefix"))
    place, begin = _PLACE.search(prefix), _day_of(str(answer.params.get("StartAfter", "")) + "/")
    if place is None or begin is None or answer.started is None:
        return
    found = (_day_of(text(row, "Key") or "") for row in answer.each("Contents"))
    days = sorted({begin, answer.started.date(), *(day for day in found if day is not None)})
    gaps = [(later - day).days - 1 for day, later in pairwise(days)]
    yield account_stub(place[1])
    yield Observation(
        account_node(place[1]),
        f"{WINDOW}|{answer.key.operation}|{place[2]}|{bucket}",
        {
            "bucket": bucket,
            "listing": str(answer.key),
            "longest_gap": str(max(gaps, default=0)),
            "since": datetime.combine(begin, time(), UTC).isoformat(),
            "until": answer.started.isoformat(),
        },
    )


def _day_of(key: str) -> date | None:
    """The day in the path of a trail file; None where it names none."""
    named = _DAY_OF.search(key)
    try:
        return date(*map(int, named.groups())) if named is not None else None
    except ValueError:
        return None


def shape_file(answer: Answer) -> Iterator[Shaped]:
    """Who used what, as one trail file shows it."""
    for page in answer.pages:
        try:
            content = json.loads(text(page, "Body") or "")
        except ValueError:
            yield Skipped(str(answer.key), "the trail file is no JSON")
            continue
        yield from counted(records_of(content), source="trail", account=answer.account)


RESOURCES = (
    Resource(
        "aws.trails",
        "The trails that log the account's events, and where to.",
        Call(
            "cloudtrail",
            "describe_trails",
            "cloudtrail:DescribeTrails",
            regional=True,
            items="trailList",
        ),
        shape_trails,
    ),
    Resource(
        "aws.trail-selectors",
        "Which events a trail logs.",
        Call(
            "cloudtrail",
            "get_event_selectors",
            "cloudtrail:GetEventSelectors",
            regional=True,
            params={"TrailName": "{item}"},
            feeds=(Feed("cloudtrail.describe_trails", "trailList.TrailARN"),),
        ),
        shape_selectors,
    ),
    Resource(
        "aws.events",
        "The management events of the last days: who used what.",
        Call(
            "cloudtrail",
            "lookup_events",
            "cloudtrail:LookupEvents",
            regional=True,
            params={"StartTime": "{since}"},
            items="Events",
            paginated=True,
            most_pages=MOST_LOOKUPS,
            veils=("Events.CloudTrailEvent:json",),  # requests may carry environment variables
        ),
        shape_events,
    ),
    Resource(
        "aws.trail-file-names",
        "The names of the trail files of the last days, where a trail's bucket is set to be read.",
        Call(
            "s3",
            "list_objects_v2",
            "s3:ListBucket",
            params={"Bucket": "{0}", "Prefix": "{1}", "StartAfter": "{1}{since_day}"},
            items="Contents",
            paginated=True,
            on_request=True,
        ),
        shape_files,
    ),
    Resource(
        "aws.trail-files",
        "The events in a trail file: who used what, data events included where the trail logs them.",
        Call(
            "s3",
            "get_object",
            "s3:GetObject",
            params={"Bucket": "{0}", "Key": "{1}"},
            feeds=(Feed("s3.list_objects_v2", "Contents", ("^0", "Key")),),
            veils=("Body:json",),
        ),
        shape_file,
    ),
)
