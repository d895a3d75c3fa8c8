"""The values that cross layers: nodes, edges, documents, attachments, coverage, runs.

Facts (nodes, structural edges, documents, attachments, observations) are what a platform said. Conclusions
(classes, Grants, sets, Revocables and the edges among them) are computed from facts. Both use the same rows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import NewType, TypeAlias

NodeId = NewType("NodeId", str)
EdgeId = NewType("EdgeId", str)
DocumentHash = NewType("DocumentHash", str)
RunId = NewType("RunId", int)

PropValue: TypeAlias = bool | int | float | str | tuple[str, ...] | Mapping[str, str]
Props: TypeAlias = Mapping[str, PropValue]

GLOBAL_REGION = "global"


class Basis(StrEnum):
    """How a row is known."""

    DECLARED = "declared"  # a platform's configuration says so
    OBSERVED = "observed"  # a log shows it
    INFERRED = "inferred"  # concluded by a rule that can be wrong


class Certainty(IntEnum):
    """How sure an edge is; a path is as certain as its weakest edge (the highest value)."""

    DEFINITE = 0
    CONDITIONAL = 1  # holds if the named keys or unread parts turn out that way
    POSSIBLE = 2  # a technique or load that is not demonstrated

    @property
    def label(self) -> str:
        """The word shown to people and written to JSON."""
        return self.name.lower()


class Capability(StrEnum):
    """What an attacker can do at a node; a state of the analysis is (node, capability)."""

    READ = "READ"
    WRITE = "WRITE"
    INVOKE = "INVOKE"
    PROMOTE = "PROMOTE"
    CONTROL = "CONTROL"
    ADMIN = "ADMIN"
    DELEGATE = "DELEGATE"
    HELD = "HELD"


class Outcome(StrEnum):
    """How one call to a platform ended."""

    OK = "ok"
    DENIED = "denied"
    THROTTLED = "throttled"
    UNSUPPORTED = "unsupported"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, order=True)
class CoverageKey:
    """One call that was, or was not, answered: the unit in which facts are asserted and closed.

    `scope` is the account (or other scope) id as the platform writes it, `region` a region or `global`, `call`
    the operation with its argument where it is asked per item, e.g. `s3.get_bucket_policy/models-prod`.
    """

    platform: str
    scope: str
    region: str
    call: str

    @property
    def operation(self) -> str:
        """The call without its argument, e.g. `s3.get_bucket_policy`."""
        return self.call.partition("/")[0]

    def __str__(self) -> str:
        return f"{self.platform}/{self.scope}/{self.region}/{self.call}"

    @staticmethod
    def parse(text: str) -> CoverageKey:
        """The key that `str` wrote."""
        platform, scope, region, call = text.split("/", 3)
        return CoverageKey(platform, scope, region, call)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How the call behind a key ended in one run.

    `parent` is the listing call that named this item: where it was read completely in a run that did not ask for
    this item, the item is gone. `last_ok` is the start of the last run in which the call was `ok`.
    """

    key: CoverageKey
    outcome: Outcome
    items: int = 0
    missing_permission: str | None = None
    detail: str = ""
    parent: CoverageKey | None = None
    last_ok: datetime | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """A thing of the estate, or a conclusion about it.

    In a batch, a node is what *one* call says of it (a fragment); from a store it is the sum of its fragments.
    `present` is false for an end that a live edge still names although its source no longer lists it.
    """

    id: NodeId
    kind: str
    props: Props = field(default_factory=dict)
    present: bool = True
    asserted_by: frozenset[CoverageKey] = frozenset()

    @property
    def name(self) -> str:
        """The display name; the id where the platform gave none."""
        name = self.props.get("name")
        return name if isinstance(name, str) and name else str(self.id)


@dataclass(frozen=True, slots=True)
class Edge:
    """A relation; `discriminator` tells apart parallel edges of one kind between the same ends.

    `conditions` name the open keys or unread parts of a conditional edge, `inputs` the coverage keys that a
    conclusion depends on, `evidence` the document, statement or condition text that shows it.
    """

    kind: str
    source: NodeId
    target: NodeId
    discriminator: str = ""
    basis: Basis = Basis.DECLARED
    certainty: Certainty = Certainty.DEFINITE
    indirect: bool = False
    cost: int = 1
    conditions: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    props: Props = field(default_factory=dict)
    inputs: frozenset[CoverageKey] = frozenset()
    asserted_by: frozenset[CoverageKey] = frozenset()

    @property
    def id(self) -> EdgeId:
        """The hash of (kind, source, target, discriminator)."""
        return EdgeId(digest("edge", self.kind, self.source, self.target, self.discriminator))


@dataclass(frozen=True, slots=True)
class Document:
    """A policy document, content-addressed; `text` is the JSON as the platform gave it, keys in its order."""

    hash: DocumentHash
    text: str

    @staticmethod
    def of(content: object) -> Document:
        """The document with this parsed JSON content (a text that is not JSON stays as it is)."""
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        return Document(
            DocumentHash(
                "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
            ),
            text,
        )


class Role(StrEnum):
    """In what role a document is in force where it is attached."""

    IDENTITY = "identity"  # grants and denies to the holder
    BOUNDARY = "boundary"  # limits the holder
    TRUST = "trust"  # who may become the holder
    RESOURCE = "resource"  # who may use the holder (bucket, key, function ...)
    SCP = "scp"  # limits principals below the holder (root, unit, account)
    RCP = "rcp"  # limits access to resources below the holder
    GRANT = "grant"  # one use of the holder, given beside its policy; no policy document
    VERSION = "version"  # one version of the managed policy that the holder id names


@dataclass(frozen=True, slots=True)
class Attachment:
    """A fact row: one document, in one role, at one holder.

    `holder` is a node id, or for `VERSION` the id of a managed policy. `name` is the inline policy's name, the
    version's id, or empty. `policy` is the id of the managed policy that an `IDENTITY`, `BOUNDARY`, `SCP` or `RCP`
    attachment refers to; its content is then the `VERSION` attachment that is `in_force`. `document` is the
    content of inline documents; None where a managed policy is referred to, or where the content is unread.
    `vendor` marks policies that the platform's vendor manages. A `GRANT` holds what the platform says of it, as
    JSON. At a key: GrantId (also `name`), GranteePrincipal, Operations, Constraints, RetiringPrincipal, IssuingAccount.
    At a table, database or catalog, of Lake Formation: Principal, Resource, Permissions, PermissionsWithGrantOption,
    Condition.
    """

    holder: NodeId
    role: Role
    name: str = ""
    policy: str | None = None
    document: DocumentHash | None = None
    in_force: bool = True
    vendor: bool = False
    asserted_by: frozenset[CoverageKey] = frozenset()

    @property
    def id(self) -> str:
        """The hash of what identifies the row: holder, role, name and policy."""
        return digest("attachment", self.holder, self.role, self.name, self.policy or "")


@dataclass(frozen=True, slots=True)
class Observation:
    """A volatile or counted fact about a node, outside the change log."""

    node: NodeId
    name: str
    value: PropValue
    asserted_by: frozenset[CoverageKey] = frozenset()


Row: TypeAlias = Node | Edge | Attachment | Document | Observation


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that are written together."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    documents: tuple[Document, ...] = ()
    observations: tuple[Observation, ...] = ()

    @staticmethod
    def of(rows: Iterable[Row]) -> Batch:
        """The rows, sorted into their families."""
        kept: dict[type, list[Row]] = {
            kind: [] for kind in (Node, Edge, Attachment, Document, Observation)
        }
        for row in rows:
            kept[type(row)].append(row)
        return Batch(*(tuple(kept[kind]) for kind in kept))  # type: ignore[arg-type]  # sorted by class above


@dataclass(frozen=True, slots=True)
class Facts:
    """All live facts of the estate, and how complete they are: what `access.resolve` reads."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    documents: tuple[Document, ...] = ()
    coverage: tuple[Coverage, ...] = ()


@dataclass(frozen=True, slots=True)
class Conclusions:
    """What `access.resolve` concludes: nodes (classes, Grants, sets, Revocables, potential workloads) and edges."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One committed run; `version` is the store version that it made."""

    id: RunId
    started: datetime
    committed: datetime
    version: int
    tool_version: str
    schema_version: int


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the append-only log: a live row added, removed or changed by a run.

    `family` is `node`, `edge` or `attachment`; `before` and `after` are canonical JSON, None where absent.
    """

    run: RunId
    family: str
    row: str
    op: str  # added, removed, changed
    before: str | None
    after: str | None


class Status(StrEnum):
    """Where a finding stands, as the runs show it; that somebody accepted it is a decision, not a status."""

    OPEN = "open"  # the newest assessment shows it
    UNCONFIRMED = "unconfirmed"  # it was shown before, and could not be assessed since
    GONE = "gone"  # it was shown before, and the newest assessment shows that it is no more


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding over time.

    `id` is stable (rule, asset and identity fields). `first_run` is the first run that showed it, `opened_run` the one
    that it is open since (later than the first where it was gone between), `last_run` the newest that showed it, and
    `closed_run` the one that showed it gone. `payload` is canonical JSON of what the rule found when it was last shown.
    """

    id: str
    rule: str
    asset: NodeId
    first_run: RunId
    opened_run: RunId
    last_run: RunId
    status: Status
    payload: str
    closed_run: RunId | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided, for the record: it is never changed, a later decision on the same subject supersedes it.

    `subject` is the id of a finding or of a node, `what` the verdict (a word that `queries.decisions` knows), `value`
    what it sets where it sets something (an owner, a sensitivity). `number` is the place in the record, given by the store.
    """

    made: datetime
    person: str
    subject: str
    what: str
    reason: str
    value: str = ""
    expires: datetime | None = None
    number: int = 0


def digest(*parts: str) -> str:
    """A short stable id of the parts (20 hex digits of SHA-256 over their length-prefixed text)."""
    # a list is joined quicker than a generator, and every edge has an id
    body = "".join([f"{len(part)}:{part}" for part in parts])
    return hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def canonical(value: object) -> str:
    """JSON with sorted keys and no spaces: equal values give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
