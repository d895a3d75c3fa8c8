"""What is read and how it is understood: calls as data, answers, and the shapes that turn them into rows.

A `Resource` is one call and the pure function that reads its answer. The registry finds them by walking the
platform packages, so that a new one is one value in one file.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import cache
from types import ModuleType
from typing import Protocol, TypeAlias

from graph.errors import SchemaError
from graph.model import CoverageKey, Document, NodeId, Outcome, Row
from ingest.fields import Json, objects, pick, words

PLATFORMS = ("aws",)
"""The platform packages below `ingest` that declare resources."""


PART = "|"
"""What joins the parts of an argument that is made of several texts."""


@dataclass(frozen=True, slots=True)
class Feed:
    """Where the argument of a per-item call comes from: the answers of `operation`.

    Without `members` every text at the dotted `path` is one. With them `path` leads to objects (empty: the page
    itself), and the argument is made of their texts at these paths, joined by `|`: `^0` stands for part 0 of the feeding
    call's own argument, `=DRAFT` for the word itself, `.` for the text itself where `path` leads to texts. `carry` names further texts of the object that the call's params
    take and its key does not: what is new in every collection, such as the id of a report job. An object that lacks
    one of them is passed over, and so is one whose member at a path of `where` is none of the texts given there, or at
    a path of `unless` is one of them.
    """

    operation: str
    path: str = ""
    members: tuple[str, ...] = ()
    carry: tuple[str, ...] = ()
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unless: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Poll:
    """How to wait for an answer that the platform prepares: ask again while the text at `path` is one of `waiting`."""

    path: str
    waiting: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """One read operation of a platform's SDK, as data: enough to make it, page it and judge how it ended.

    `params` are its arguments by name. In their texts and names `{item}` stands for the argument, `{0}`, `{1}` for its parts,
    `{account}`, `{region}` and `{partition}` for where it is asked, `{since}` and `{now}` for the window of time that
    is asked about, and the names of a feed's `carry` for what it carries. A call without `feeds` and `choices` is made once per scope
    (and region, where it is regional), one with `choices` once per choice, one with `feeds` once per item that a
    feeding call named.
    """

    client: str
    method: str
    permission: str  # empty where none is needed
    regional: bool = False
    params: Mapping[str, object] = field(default_factory=dict)
    items: str = ""  # the list in the answer that its count of items is taken from
    paginated: bool = False
    token: tuple[str, str] | None = (
        None  # param and member of the next page, where the SDK has no paginator
    )
    feeds: tuple[Feed, ...] = ()
    choices: tuple[str, ...] = ()
    poll: Poll | None = None
    most_pages: int = 0  # stop after so many, the newest first; 0: the whole answer is wanted
    on_request: bool = (
        False  # made only where a collection was told to, with an argument of its own
    )
    known_none: frozenset[str] = (
        frozenset()
    )  # errors that mean "there is none": `Code`, or `Code: words of its text`
    organization: bool = (
        False  # answered in the management account or by a delegated administrator only
    )
    subject: str = ""  # the id of what it asks about, from {partition}, {region}, {account}, {item}, {part0}, {part1}
    tells_tags: bool = False  # its answer carries the tags of what it asks about
    lasting: bool = False  # it tells of a window of time: what its answer leaves out still stands
    veils: tuple[str, ...] = ()  # where in the answer secrets may stand: `ingest.veils`

    @property
    def operation(self) -> str:
        """The name in coverage keys and manifests, e.g. `s3.get_bucket_policy`."""
        return f"{self.client}.{self.method}"

    @property
    def per_item(self) -> bool:
        """Whether it is made once per item or choice."""
        return bool(self.feeds or self.choices or self.on_request)


@dataclass(frozen=True, slots=True)
class Item:
    """One argument that a feeding answer names, and what it carries beside it."""

    argument: str
    carried: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ask:
    """One call to make: where, about what, and after which listing."""

    call: Call
    scope: str
    region: str
    argument: str = ""
    carried: Mapping[str, str] = field(default_factory=dict)
    parent: str | None = None  # operation or operation/argument of the call that named the item

    @property
    def name(self) -> str:
        """The call as coverage keys name it."""
        return f"{self.call.operation}/{self.argument}" if self.argument else self.call.operation


@dataclass(frozen=True, slots=True)
class Reply:
    """How a call ended; `pages` are its parsed answers where it was answered, none where there is none of the thing."""

    outcome: Outcome
    pages: tuple[Json, ...] | None = None
    items: int = 0
    missing_permission: str | None = None
    detail: str = ""
    params: Mapping[str, object] = field(default_factory=dict)


class Client(Protocol):
    """What makes the calls of one platform: the only way to its network. It may be used by several threads."""

    def ask(self, ask: Ask) -> Reply:
        """Make the call and say how it ended; whatever goes wrong is a reply."""

    def release(self, region: str) -> None:
        """Forget what was kept for calls to this region: no more will come."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one call said: its pages as parsed, without the platform's own envelope.

    An answer without pages is the platform saying that there is none.
    """

    key: CoverageKey
    argument: str = ""
    pages: tuple[Json, ...] = ()
    params: Mapping[str, object] = field(default_factory=dict)
    started: datetime | None = None  # when it was asked; None where that is not known

    @property
    def account(self) -> str:
        """The account that was asked."""
        return self.key.scope

    @property
    def region(self) -> str:
        """The region that was asked, or `global`."""
        return self.key.region

    def each(self, path: str) -> Iterator[Json]:
        """The objects of this list of every page, in order."""
        for page in self.pages:
            value = page.get(path)
            if isinstance(value, list):
                yield from (item for item in value if isinstance(item, Mapping))


class Link(StrEnum):
    """What a mention is about, and so which step completes it."""

    STORED_IN = "stored in"  # the subject's content lies at this S3 URI
    TRAINED_ON = "trained on"  # the subject was trained on what lies at this S3 URI
    GROUNDED_ON = "grounded on"  # the subject's answers draw on what lies at this S3 URI
    DERIVED_FROM = "derived from"  # the subject was made from what lies at this S3 URI
    NAMES = "names"  # the subject names this S3 URI
    KEY = "key"  # the subject is encrypted with the key of this id, ARN or alias
    IMAGE = "image"  # the subject runs this container image
    LAST_USED = "last used"  # the subject was used at this time
    CARD = "card"  # the model card of this id documents the model or package of this name
    COMPONENT = "component"  # an inference component of the endpoint serves the model of this id
    CONFIG = "config"  # the endpoint configuration sets what stands in the props
    DEPLOYS = "deploys"  # the endpoint configuration deploys the model of this id
    CONFIG_ROLE = "config role"  # the endpoint configuration runs as this role
    CONFIG_KEY = "config key"  # the endpoint configuration's volumes are encrypted with this key
    NOTIFIES = "notifies"  # what happens in the bucket starts the function of this ARN
    SENSITIVE = "sensitive"  # a finding says how sensitive what lies in the bucket is
    POLICY = "policy"  # the organisation policy of this id has this ARN
    MODEL = "model"  # the subject answers with the model or profile of this id or ARN
    OFFERED = "offered"  # the vendor offers the subject, under this name, to whoever names it
    SOURCE_KEY = (
        "source key"  # a source of the subject is encrypted with this key; empty for the vendor's
    )
    MODEL_LOG = "model log"  # the account logs invocations of models in a region, or does not
    REPORTED = "reported"  # the credential report says this of the user
    PROFILE = "profile"  # the role stands in this instance profile
    TASK_ROLE = "task role"  # tasks of this ECS task definition run as this role
    TASK_IMAGE = "task image"  # tasks of this ECS task definition run this image
    FINDING = "finding"  # the access analyzer found this of the resource
    TARGET = "target"  # the organisation policy of this id is attached to this node
    CREATED_BY = "created by"  # the identity of this ARN, a session's included, created the subject
    STARTS = "starts"  # the schedule starts the job of this id
    STANDS_FOR = (
        "stands for"  # the subject, an entity of the lineage, is what lies at this URI or ARN
    )
    MANAGED = "managed"  # the stack manages what has this ARN, or this name and kind
    LISTED = "listed"  # the system of record lists what has this ARN, or this name and kind
    LEFT = "left"  # a list of leavers, the subject, says when who has this name or address left
    LED_TO = "led to"  # the subject, an entity of the lineage, came before the entity of this ARN


@dataclass(frozen=True, slots=True)
class Mention:
    """What one answer says of something that only the whole estate can identify."""

    link: Link
    subject: NodeId
    text: str
    props: Mapping[str, str] = field(default_factory=dict)
    asserted_by: frozenset[CoverageKey] = frozenset()


@dataclass(frozen=True, slots=True)
class Skipped:
    """An item of an answer that could not be read; its call then does not count as read completely."""

    where: str
    why: str


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something legal but unusual that a reader of the results may want to know."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Tally:
    """Something counted that a reader wants to know: `part` of `whole`, and the names of the rest."""

    about: str
    part: int
    whole: int
    rest: tuple[str, ...] = ()


Shaped: TypeAlias = Row | Mention | Skipped | Oddity | Tally
Shape: TypeAlias = Callable[[Answer], Iterable[Shaped]]


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing that is read: its call, and the pure function that says what the answer means."""

    id: str
    doc: str
    call: Call
    shape: Shape
    platform: str = "aws"


def shortfalls(answer: Answer, name: str) -> Iterator[Skipped]:
    """What is lost of the list that an answer is made of: absent, of another type, or holding no objects.

    Without pages the platform says that there is none; pages without the list say nothing at all.
    """
    if answer.pages and not any(name in page for page in answer.pages):
        yield Skipped(str(answer.key), f"it holds no `{name}`")
    for page in answer.pages:
        value = page.get(name, [])
        if not isinstance(value, list):
            yield Skipped(f"{answer.key} {name}", "it is no list")
            continue
        for at, item in enumerate(value):
            if not isinstance(item, Mapping):
                yield Skipped(f"{answer.key} {name}[{at}]", "it is no object")


def read_answer(answer: Answer) -> Iterator[Shaped]:
    """What an answer says, asserted by its call; `KeyError` where no resource reads the operation."""
    resource = by_operation(answer.key.platform)[answer.key.operation]
    if resource.call.items:
        yield from shortfalls(answer, resource.call.items)
    for row in resource.shape(answer):
        yield stamped(row, answer.key)


def stamped(shaped: Shaped, key: CoverageKey) -> Shaped:
    """The row, asserted by this call; documents are content-addressed and remarks are no facts."""
    if isinstance(shaped, Document | Skipped | Oddity | Tally):
        return shaped
    return replace(shaped, asserted_by=frozenset({key}))


def arguments(
    call: Call, operation: str, pages: Iterable[Json], *, argument: str = ""
) -> tuple[str, ...]:
    """The arguments that an answer of `operation`, asked with `argument`, names for this call."""
    return tuple(item.argument for item in items_of(call, operation, pages, argument=argument))


def items_of(
    call: Call, operation: str, pages: Iterable[Json], *, argument: str = ""
) -> tuple[Item, ...]:
    """The items that an answer of `operation`, asked with `argument`, names for this call, each once."""
    held = tuple(pages)
    found: dict[str, Item] = {}
    for feed in call.feeds:
        if feed.operation == operation:
            for item in _fed(feed, held, argument):
                found.setdefault(item.argument, item)
    return tuple(found.values())


def _fed(feed: Feed, pages: tuple[Json, ...], argument: str) -> Iterator[Item]:
    if not feed.members and not feed.where and not feed.unless:
        yield from (Item(text) for text in pick(pages, feed.path))
        return
    if "." in feed.members:
        for text in pick(pages, feed.path):
            parts = [text if name == "." else _member(name, {}, argument) for name in feed.members]
            if all(parts):
                yield Item(PART.join(parts))
        return
    for row in objects(pages, feed.path):
        values = [_member(name, row, argument) for name in feed.members]
        carried = {name: _member(name, row, argument) for name in feed.carry}
        fits = all(set(allowed) & set(words(row, path)) for path, allowed in feed.where.items())
        fits = fits and not any(
            set(barred) & set(words(row, path)) for path, barred in feed.unless.items()
        )
        if fits and all(values) and all(carried.values()):
            yield Item(PART.join(values), carried)


def _member(name: str, row: Json, argument: str) -> str:
    """One part of an argument; empty where there is none."""
    if name.startswith("="):
        return name[1:]
    if name.startswith("^"):
        parts = argument.split(PART)
        at = int(name[1:])
        return parts[at] if at < len(parts) else ""
    return next(iter(words(row, name)), "")


def collect_resources(modules: Iterable[ModuleType]) -> tuple[Resource, ...]:
    """The resources of these modules, in id order; two of one id or one operation are refused."""
    found: dict[str, Resource] = {}
    operations: dict[tuple[str, str], str] = {}
    for module in modules:
        for resource in getattr(module, "RESOURCES", ()):
            if resource.id in found:
                raise SchemaError(f"resource `{resource.id}` is declared twice")
            operation = (resource.platform, resource.call.operation)
            if operation in operations:
                raise SchemaError(
                    f"operation `{operation[1]}` is read by `{operations[operation]}` and `{resource.id}`"
                )
            found[resource.id] = resource
            operations[operation] = resource.id
    return tuple(found[name] for name in sorted(found))


def _modules() -> Iterator[ModuleType]:
    for platform in PLATFORMS:
        package = importlib.import_module(f"ingest.{platform}")
        for entry in sorted(pkgutil.iter_modules(package.__path__), key=lambda item: item.name):
            if not entry.name.startswith("client"):  # the SDK is loaded only by who asks a network
                yield importlib.import_module(f"ingest.{platform}.{entry.name}")


@cache
def resources() -> tuple[Resource, ...]:
    """All declared resources of all platforms, in id order."""
    return collect_resources(_modules())


@cache
def tag_telling(platform: str) -> frozenset[str]:
    """The operations of a platform whose answers carry tags."""
    return frozenset(name for name, row in by_operation(platform).items() if row.call.tells_tags)


@cache
def by_operation(platform: str) -> Mapping[str, Resource]:
    """The resources of a platform, by the operation that they read."""
    return {row.call.operation: row for row in resources() if row.platform == platform}
