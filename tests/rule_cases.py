"""Cases of rules as data: a small estate, written by hand, and what the rule is to say of it.

A case is a file of `tests/cases/rules/RULE/`. `given` holds nodes, edges, observations, documents (attached policies, as
IAM writes them) and how calls ended; `context` settings; `want` every result, each with its asset and verdict.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from graph.model import (
    Attachment,
    Basis,
    Certainty,
    Coverage,
    CoverageKey,
    Decision,
    Document,
    Edge,
    Facts,
    Node,
    NodeId,
    Observation,
    Outcome,
    PropValue,
    Role,
)
from queries.again import Again
from queries.context import Context, Windows
from queries.inventory import Inventory, Rows
from queries.rule import Assessed, Rule

FOLDER = Path(__file__).parent / "cases" / "rules"
NOW = "2026-11-02T06:00:00+00:00"
ACCOUNT, REGION = "111111111111", "eu-west-1"


@dataclass(frozen=True)
class Case:
    """One case, as its file holds it."""

    rule: str
    name: str
    held: Mapping[str, Any]

    def inventory(self) -> Inventory:
        """The estate of the case, resolved."""
        given = self.held.get("given", {})
        now = datetime.fromisoformat(self.held.get("now", NOW))
        coverage = tuple(_coverage(given.get("coverage", {}), now))
        documents, attachments = _documents(given.get("documents", ()))
        facts = Facts(
            tuple(map(_node, given.get("nodes", ()))),
            tuple(map(_edge, given.get("edges", ()))),
            attachments,
            documents,
            coverage,
        )
        again = Again(facts, now)
        seen = (
            Observation(NodeId(one["node"]), one["name"], _value(one["value"]))
            for one in given.get("observations", ())
        )
        decided = map(_decision, self.held.get("decisions", ()))
        held = {row.hash: row.text for row in documents}
        rows = Rows(
            again.nodes, again.edges, tuple(seen), coverage, tuple(decided), attachments, held
        )
        return Inventory(again.view, rows, now=now, context=_context(self.held.get("context", {})))

    @property
    def want(self) -> list[dict[str, Any]]:
        """What the rule is to say, by asset."""
        wanted: list[dict[str, Any]] = self.held["want"]
        return wanted


def cases() -> Iterator[Case]:
    """All cases of all rules."""
    for path in sorted(FOLDER.glob("*/*.json")):
        yield Case(path.parent.name, path.stem, json.loads(path.read_text(encoding="utf-8")))


def said(rule: Rule, case: Case) -> list[dict[str, Any]]:
    """What the rule says of the case, in the words of `want`: only what the case asks about is told."""
    asked = {name for one in case.want for name in one}
    found = sorted(rule.ask(case.inventory()), key=lambda row: (row.asset, row.identity))
    return [_told(rule, row, asked) for row in found]


def _told(rule: Rule, row: Assessed, asked: set[str]) -> dict[str, Any]:
    whole = {
        "asset": row.asset,
        "verdict": row.verdict.value,
        "identity": list(row.identity),
        "severity": rule.weight(row).label,
        "why": row.why,
        "unread": sorted({gap.call for gap in row.unread}),
    }
    return {name: whole[name] for name in whole if name in asked}


def _value(value: Any) -> PropValue:
    return tuple(value) if isinstance(value, list) else value


def _key(text: str) -> CoverageKey:
    if text.startswith(("aws/", "files/")):
        return CoverageKey.parse(text)
    client = text.partition(".")[0]
    region = "global" if client in {"iam", "s3", "organizations", "sts"} else REGION
    return CoverageKey("aws", ACCOUNT, region, text)


def _coverage(given: Mapping[str, Any], now: datetime) -> Iterator[Coverage]:
    """How calls ended: a word, or an object with `outcome`, `missing_permission` and `parent`."""
    for text, ended in given.items():
        held = {"outcome": ended} if isinstance(ended, str) else ended
        outcome = Outcome(held["outcome"])
        yield Coverage(
            _key(text),
            outcome,
            missing_permission=held.get("missing_permission"),
            parent=_key(held["parent"]) if "parent" in held else None,
            last_ok=now if outcome is Outcome.OK else None,
        )


def _node(held: Mapping[str, Any]) -> Node:
    props = {"platform": "aws", "account": ACCOUNT, "region": REGION, **held.get("props", {})}
    return Node(
        NodeId(held["id"]),
        held["kind"],
        {name: _value(value) for name, value in props.items() if value is not None},
        present=held.get("present", True),
        asserted_by=frozenset(map(_key, held.get("by", ()))),
    )


def _edge(held: Mapping[str, Any]) -> Edge:
    return Edge(
        held["kind"],
        NodeId(held["from"]),
        NodeId(held["to"]),
        discriminator=held.get("discriminator", ""),
        basis=Basis(held.get("basis", "declared")),
        certainty=Certainty[held.get("certainty", "definite").upper()],
        evidence=tuple(held.get("evidence", ())),
        props=held.get("props", {}),
        asserted_by=frozenset(map(_key, held.get("by", ()))),
    )


def _documents(given: Any) -> tuple[tuple[Document, ...], tuple[Attachment, ...]]:
    made = [(one, Document.of(one["document"])) for one in given]
    attached = tuple(
        Attachment(
            NodeId(one["holder"]),
            Role(one.get("role", "identity")),
            one.get("name", "inline"),
            document=document.hash,
            asserted_by=frozenset({_key("iam.get_account_authorization_details")}),
        )
        for one, document in made
    )
    return tuple({document.hash: document for _, document in made}.values()), attached


def _decision(held: Mapping[str, Any]) -> Decision:
    ends = held.get("expires")
    return Decision(
        datetime.fromisoformat(held.get("made", NOW)),
        held["person"],
        held["subject"],
        held["what"],
        held["reason"],
        held.get("value", ""),
        None if ends is None else datetime.fromisoformat(ends),
        held.get("number", 1),
    )


def _context(held: Mapping[str, Any]) -> Context:
    """The settings: windows in days under `windows`, lists as lists."""
    said = {name: _value(value) for name, value in held.items() if name != "windows"}
    windows = {
        name: tuple(timedelta(days=day) for day in value)
        if isinstance(value, list)
        else timedelta(days=value)
        for name, value in held.get("windows", {}).items()
    }
    return dataclasses.replace(Context(**said), windows=Windows(**windows))
