"""Systems of record in files: what one of them lists, before the estate says what that is.

A record is a node of kind Registry; each of its rows leads to a MANAGED_BY edge from the asset that it lists. Nothing but
ids, names, types and addresses is taken from a file: attributes of resources may hold secrets.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from graph.model import GLOBAL_REGION, Coverage, CoverageKey, Node, NodeId, Outcome, PropValue
from ingest.source import Link, Mention, Oddity, Shaped, Skipped

PLATFORM = "files"
STATE, PLAN, INVENTORY, LEAVERS = "terraform state", "terraform plan", "inventory", "leavers"
_CALLS = {
    STATE: "files.terraform_state",
    PLAN: "files.terraform_plan",
    INVENTORY: "files.inventory",
    LEAVERS: "files.leavers",
}


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of a record: what it lists, by ARN or by name and kind, where, and what it says of it."""

    address: str
    arn: str = ""
    name: str = ""
    kind: str = ""
    account: str = ""
    owner: str = ""
    status: str = ""
    approved_by: str = ""
    expires: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """A file that lists what is managed, sanctioned or left.

    `anchor` is what identifies it over time, `name` what people call it. Rows that could not be read are `skipped`; what
    only a reader wants to know is `odd`.
    """

    flavour: str
    anchor: str
    name: str
    rows: tuple[Listed, ...]
    settings: Mapping[str, str] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()

    @property
    def node(self) -> NodeId:
        """The id of the record's node: the hash of what identifies it."""
        held = f"{self.flavour}\n{self.anchor}".encode("utf-8", "surrogatepass")
        return NodeId(f"file:{hashlib.sha256(held).hexdigest()}")

    @property
    def coverage(self) -> Coverage:
        """How reading it ended; one with rows that could not be read closes nothing."""
        scope = self.node.removeprefix("file:")[:16]
        key = CoverageKey(PLATFORM, scope, GLOBAL_REGION, f"{_CALLS[self.flavour]}/{self.name}")
        outcome = Outcome.FAILED if self.skipped else Outcome.OK
        first = self.skipped[0] if self.skipped else ""
        return Coverage(key, outcome, items=len(self.rows), detail=first)

    def shaped(self) -> Iterator[Shaped]:
        """The record, and what it says of each row."""
        props: dict[str, PropValue] = {
            "name": self.name,
            "platform": PLATFORM,
            "flavour": self.flavour,
            "settings": {"rows": str(len(self.rows)), **self.settings},
        }
        yield Node(self.node, "Registry", props)
        for row in self.rows:
            said = {
                name: str(getattr(row, name))
                for name in (
                    "address",
                    "kind",
                    "account",
                    "owner",
                    "status",
                    "approved_by",
                    "expires",
                )
                if getattr(row, name)
            }
            by_arn = {"arn": row.arn} if row.arn else {}
            yield Mention(Link.LISTED, self.node, row.arn or row.name, {**said, **by_arn})
        yield from (Skipped(self.name, text) for text in self.skipped)
        yield from (Oddity(self.name, text) for text in self.odd)
