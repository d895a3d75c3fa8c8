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
_SAID = ("address", "kind", "account", "owner", "status", "approved_by", "expires", "left")


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of a record: what it lists, by ARN or by name and kind, where, and what it says of it.

    A row of a list of leavers names who left, by address, name or ARN, and the day.
    """

    address: str
    arn: str = ""
    name: str = ""
    kind: str = ""
    account: str = ""
    owner: str = ""
    status: str = ""
    approved_by: str = ""
    expires: str = ""
    left: str = ""


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
    def count(self) -> int:
        """How many rows were read; a row may name what it lists in two ways."""
        return len({row.address for row in self.rows})

    @property
    def coverage(self) -> Coverage:
        """How reading it ended; one with rows that could not be read closes nothing."""
        scope = self.node.removeprefix("file:")[:16]
        key = CoverageKey(PLATFORM, scope, GLOBAL_REGION, f"{_CALLS[self.flavour]}/{self.name}")
        outcome = Outcome.FAILED if self.skipped else Outcome.OK
        first = self.skipped[0] if self.skipped else ""
        return Coverage(key, outcome, items=self.count, detail=first)

    def shaped(self) -> Iterator[Shaped]:
        """The record, and what it says of each row."""
        props: dict[str, PropValue] = {
            "name": self.name,
            "platform": PLATFORM,
            "flavour": self.flavour,
            "settings": {"rows": str(self.count), **self.settings},
        }
        yield Node(self.node, "Registry", props)
        yield from map(self._mention, self.rows)
        yield from (Skipped(self.name, text) for text in self.skipped)
        yield from (Oddity(self.name, text) for text in self.odd)

    def _mention(self, row: Listed) -> Mention:
        """What the record says of one row; only the whole estate knows what that is."""
        said = {name: str(getattr(row, name)) for name in _SAID if getattr(row, name)}
        if row.arn:
            said["arn"] = row.arn
        link = Link.LEFT if self.flavour == LEAVERS else Link.LISTED
        return Mention(link, self.node, row.arn or row.name, said)
