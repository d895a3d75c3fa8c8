"""Locations in object stores: every prefix that a fact or a policy names literally is a dataset of its own.

Objects are never listed. A prefix is known because something speaks of it: the S3 URI of a model, a job or a
capture, or a resource pattern of any policy document. Whoever names it asserts it.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from graph.model import Edge, Node, NodeId, Props, PropValue, Row
from ingest.aws.encryption import Seals
from ingest.estate import Estate, Keys
from ingest.source import Link, Mention, Oddity

TIES = {
    Link.STORED_IN: "STORED_IN",
    Link.TRAINED_ON: "TRAINED_ON",
    Link.GROUNDED_ON: "GROUNDED_ON",
    Link.DERIVED_FROM: "DERIVED_FROM",
}
"""The edge from a subject to the place that a mention of this link names."""

_URI = re.compile(r"s3://(?P<bucket>[^/:]+)(?:/(?P<key>.*))?", re.DOTALL)
_PATTERN = re.compile(r"arn:[^:*?]*:s3:::(?P<bucket>[^/*?$]+)/(?P<key>.+)", re.DOTALL)
_OPEN = re.compile(r"[*?]|\$\{")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A bucket, by name, and a prefix in it: empty for the whole bucket, else ending in a slash."""

    bucket: str
    prefix: str


def place_of(uri: str, form: str = "object") -> Place | None:
    """The place that an S3 URI names; None where it is no such URI.

    An object lies in what precedes its name. A `folder` is the prefix itself, with or without its last slash,
    unless its last part looks like a file: services take the name of one object as a prefix, too.
    """
    found = _URI.fullmatch(uri)
    if found is None:
        return None
    key = found["key"] or ""
    last = key.rpartition("/")[2]
    if form == "folder" and last and "." not in last:
        return Place(found["bucket"], f"{key}/")
    return Place(found["bucket"], key[: len(key) - len(last)])


def place_in(pattern: str) -> Place | None:
    """The place that a resource pattern names literally; None where it names a bucket at most.

    `b/data/file.csv`, `b/data/*` and `b/data/*.csv` all name `data/`; `b/pre*` names no prefix.
    """
    found = _PATTERN.fullmatch(pattern)
    if found is None:
        return None
    literal = _OPEN.split(found["key"], maxsplit=1)[0]
    prefix = literal[: literal.rfind("/") + 1]
    return Place(found["bucket"], prefix) if prefix else None


def places_of(document: str) -> frozenset[Place]:
    """The places that the statements of a policy document name, in whatever they allow or deny."""
    try:
        content = json.loads(document)
    except ValueError:
        return frozenset()
    statements = content.get("Statement") if isinstance(content, dict) else None
    found: set[Place] = set()
    for statement in statements if isinstance(statements, list) else [statements]:
        if not isinstance(statement, dict):
            continue
        for element in ("Resource", "NotResource"):
            value = statement.get(element)
            for pattern in value if isinstance(value, list) else [value]:
                place = place_in(pattern) if isinstance(pattern, str) else None
                if place is not None:
                    found.add(place)
    return frozenset(found)


class Locations:
    """The named places of the estate, each with the calls that name it."""

    def __init__(self, estate: Estate, seals: Seals) -> None:
        self._estate = estate
        self._seals = seals.on_buckets()
        self._buckets = {
            node.name: node
            for node in estate.of_kind("Dataset")
            if node.props.get("flavour") == "bucket" and not node.props.get("referenced_only")
        }
        self._named: dict[Place, Keys] = defaultdict(frozenset)
        self._take_documents()
        self._take_standing()
        self._tied: list[tuple[Mention, Place]] = []
        self._odd: list[Oddity] = []
        self._take_mentions()

    def _take_documents(self) -> None:
        cached: dict[str, frozenset[Place]] = {}
        for row in self._estate.attachments:
            document = self._estate.documents.get(row.document) if row.document else None
            if document is None:
                continue
            if document.hash not in cached:
                cached[document.hash] = places_of(document.text)
            for place in cached[document.hash]:
                if place.bucket in self._buckets:
                    self._named[place] |= row.asserted_by

    def _take_standing(self) -> None:
        """Prefixes that calls named which this run did not ask."""
        for node in self._estate.of_kind("Dataset"):
            head, _, rest = str(node.id).partition(":s3:::")
            bucket, _, prefix = rest.partition("/")
            if head.startswith("arn:") and node.props.get("flavour") == "prefix":
                self._named[Place(bucket, prefix)] |= node.asserted_by

    def _take_mentions(self) -> None:
        for link in (*TIES, Link.NAMES):
            for mention in self._estate.mentions(link):
                place = place_of(mention.text, mention.props.get("form", "object"))
                if place is None:
                    self._odd.append(
                        Oddity(f"`{mention.subject}`", f"`{mention.text}` names no place in S3")
                    )
                    continue
                self._named[place] |= mention.asserted_by
                if link in TIES:
                    self._tied.append((mention, place))

    def node_at(self, uri: str) -> NodeId | None:
        """The dataset that an S3 URI of a fact names, read as a folder or else as an object."""
        places = (place_of(uri, "folder"), place_of(uri))
        return next(
            (self._id(place) for place in places if place is not None and place in self._named),
            None,
        )

    def _id(self, place: Place) -> NodeId:
        """The dataset of the place."""
        bucket = self._bucket_id(place.bucket)
        return NodeId(f"{bucket}/{place.prefix}") if place.prefix else bucket

    def _bucket_id(self, name: str) -> NodeId:
        listed = self._buckets.get(name)
        return listed.id if listed is not None else NodeId(f"arn:aws:s3:::{name}")

    def rows(self) -> Iterator[Row | Oddity]:
        """The datasets, what they lie in, what is stored in them, and their keys."""
        yield from self._odd
        for place, keys in sorted(self._named.items(), key=lambda item: item[0]):
            yield from self._dataset(place, keys)
        for mention, place in self._tied:
            yield Edge(
                TIES[mention.link],
                mention.subject,
                self._id(place),
                evidence=(mention.text,),
                asserted_by=mention.asserted_by,
            )

    def _dataset(self, place: Place, keys: Keys) -> Iterator[Row]:
        bucket = self._buckets.get(place.bucket)
        if bucket is None:
            yield Node(
                self._bucket_id(place.bucket),
                "Dataset",
                {
                    "name": place.bucket,
                    "platform": "aws",
                    "flavour": "bucket",
                    "referenced_only": True,
                },
                asserted_by=keys,
            )
        if not place.prefix:
            return
        node = self._id(place)
        yield Node(node, "Dataset", self._props(place, bucket), asserted_by=keys)
        yield Edge("PART_OF", node, self._id(self._around(place)), asserted_by=keys)
        seal = self._seals.get(bucket.id) if bucket is not None else None
        if seal is not None and seal.key is not None:
            # The bucket's answer says so, not whoever names the prefix.
            yield Edge("ENCRYPTED_BY", node, seal.key, asserted_by=seal.keys)

    def _props(self, place: Place, bucket: Node | None) -> Props:
        values: dict[str, PropValue] = {
            "name": f"{place.bucket}/{place.prefix}",
            "platform": "aws",
            "flavour": "prefix",
        }
        if bucket is None:
            return {**values, "referenced_only": True}
        for name in ("account", "region", "cmk"):
            if name in bucket.props:
                values[name] = bucket.props[name]
        if "sensitivity" in bucket.props:
            values["sensitivity"] = bucket.props["sensitivity"]
            values["sensitivity_basis"] = "inferred from the bucket"
        seal = self._seals.get(bucket.id)
        if seal is not None:
            values |= {} if seal.cmk is None else {"cmk": seal.cmk}
            values |= {} if seal.key is None else {"key": seal.key}
        return values

    def _around(self, place: Place) -> Place:
        """The nearest named place that holds this one; the bucket where no other prefix does."""
        prefix = place.prefix[:-1]
        while "/" in prefix:
            prefix = prefix.rpartition("/")[0]
            if Place(place.bucket, f"{prefix}/") in self._named:
                return Place(place.bucket, f"{prefix}/")
        return Place(place.bucket, "")
