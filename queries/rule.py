"""Rules: each a value that names what it needs to read and asks the estate; their results know three answers and "none".

A rule that could not read what it needs answers `not assessed`: never a pass, and never a finding.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from functools import cache
from typing import TYPE_CHECKING

from graph.errors import SchemaError
from graph.model import NodeId, digest

if TYPE_CHECKING:
    from queries.inventory import Inventory


class Verdict(StrEnum):
    """What a rule says of one asset."""

    FAIL = "fail"
    NOT_ASSESSED = "not assessed"
    PASS = "pass"  # noqa: S105 - a verdict, no password
    NOT_APPLICABLE = "not applicable"


class Severity(IntEnum):
    """How much a finding matters."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def label(self) -> str:
        """The word shown to people and written to JSON."""
        return self.name.lower()

    @staticmethod
    def named(label: str) -> Severity:
        """The severity of this label."""
        return Severity[label.upper()]


class Kind(StrEnum):
    """How a rule looks at the estate."""

    FIELD = "field"  # at the asset's own properties
    GRAPH = "graph"  # along paths, joins and identities


class Reason(StrEnum):
    """The six states in which an asset is in the shadow."""

    UNMANAGED = "unmanaged"
    UNSANCTIONED = "unsanctioned"
    IDLE = "idle"
    ORPHANED = "orphaned"
    LINEAGE_LESS = "lineage-less"
    COPIED = "copied"


FAMILIES: Mapping[str, str] = {
    "NET": "network exposure and isolation",
    "ENC": "encryption and keys",
    "AUT": "authentication",
    "LP": "least privilege, escalation, blast radius",
    "EXP": "public or cross-boundary sharing",
    "SEC": "secrets in configuration",
    "LOG": "audit and telemetry",
    "SUP": "supply chain of models, data and images",
    "GOV": "ownership, approval, lineage, inventory",
    "GRD": "runtime guardrails",
    "SHA": "shadow, orphaned, copied, unsanctioned",
    "RES": "resilience, cost, idle",
    "VUL": "patch level",
}


@dataclass(frozen=True, slots=True, order=True)
class Unread:
    """A call that a result needed and that was not answered: where, how it ended (`never asked` too), what it lacked."""

    call: str
    scope: str = ""
    region: str = ""
    outcome: str = "never asked"
    permission: str = ""

    def __str__(self) -> str:
        place = "/".join(filter(None, (self.scope, self.region)))
        lacking = f", needs {self.permission}" if self.permission else ""
        return f"{self.call}{f' in {place}' if place else ''}: {self.outcome}{lacking}"

    def plain(self) -> dict[str, str]:
        """The call as plain types, for JSON."""
        return {
            "call": self.call,
            "scope": self.scope,
            "region": self.region,
            "outcome": self.outcome,
            "permission": self.permission,
        }


@dataclass(frozen=True, slots=True)
class Assessed:
    """What a rule says of one asset, and why.

    `why` is one sentence. `evidence` are labelled facts, in the order in which a reader wants them. `identity` are the
    values of the rule's identity fields, which tell apart several findings about one asset. `severity` None means the
    rule's own. `unread` says for `not assessed` which calls were missing; `lifts` what would clear the finding.
    """

    asset: NodeId
    verdict: Verdict
    why: str = ""
    evidence: tuple[tuple[str, str], ...] = ()
    identity: tuple[str, ...] = ()
    severity: Severity | None = None
    unread: tuple[Unread, ...] = ()
    lifts: str = ""
    related: tuple[NodeId, ...] = ()  # the other nodes that it speaks of: role, bucket, start


@dataclass(frozen=True, slots=True)
class Rule:
    """A declared rule. `ask` yields one result, or several failing ones, for every asset that the rule is about.

    `on` are the kinds of its assets, `needs` the operations that it reads, `identity` the names of its identity fields,
    `controls` what keeps it from false positives, a sentence each, `reason` the state of the shadow that it shows.
    """

    id: str
    ref: str
    title: str
    kind: Kind
    family: str
    severity: Severity
    on: tuple[str, ...]
    needs: tuple[str, ...]
    fix: str
    ask: Callable[[Inventory], Iterable[Assessed]] = field(repr=False)
    signals: str = ""
    identity: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    reason: Reason | None = None
    unknown: str = "report"  # what a gate does with `not assessed`: report or deny
    platforms: tuple[str, ...] = ("aws",)

    def finding_id(self, found: Assessed) -> str:
        """The id that this finding has in every run: of the rule, the asset and the identity fields."""
        return f"finding:{digest('finding', self.id, found.asset, *found.identity)}"

    def weight(self, found: Assessed) -> Severity:
        """How much the finding matters: as it says, else as the rule says."""
        return self.severity if found.severity is None else found.severity


@cache
def rules() -> tuple[Rule, ...]:
    """All rules, by id, collected by walking `queries.rules`; two of one id are refused."""
    package = importlib.import_module("queries.rules")
    found: dict[str, Rule] = {}
    for entry in sorted(pkgutil.iter_modules(package.__path__), key=lambda item: item.name):
        module = importlib.import_module(f"queries.rules.{entry.name}")
        for rule in _declared(module.__dict__):
            if rule.id in found:
                raise SchemaError(f"rule `{rule.id}` is declared twice")
            found[rule.id] = rule
    return tuple(found[name] for name in sorted(found))


def _declared(module: Mapping[str, object]) -> Iterator[Rule]:
    """The rules of a module: `RULE`, or `RULES` where one row of the catalogue needs several."""
    rule, several = module.get("RULE"), module.get("RULES", ())
    if isinstance(rule, Rule):
        yield rule
    if isinstance(several, tuple):
        yield from (one for one in several if isinstance(one, Rule))
