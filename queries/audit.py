"""An audit: every rule asked once of one inventory, its results counted, and what it could not evaluate kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from graph.model import Node, NodeId
from queries.inventory import Inventory
from queries.rule import Assessed, Rule, Severity, Verdict, rules


@dataclass(frozen=True, slots=True)
class Result:
    """What one rule said: its results, or the one line that says why it could not be asked."""

    rule: Rule
    assessed: tuple[Assessed, ...]
    failed: str = ""

    def count(self, verdict: Verdict) -> int:
        """How many assets got this verdict; an asset with several findings counts once."""
        return len({row.asset for row in self.assessed if row.verdict is verdict})

    @property
    def findings(self) -> Iterator[Assessed]:
        """The failing results."""
        return (row for row in self.assessed if row.verdict is Verdict.FAIL)

    def plain(self) -> dict[str, object]:
        """The rule with its counts as plain types, for JSON."""
        return {
            "rule": self.rule.id,
            "title": self.rule.title,
            "family": self.rule.family,
            "severity": self.rule.severity.label,
            "counts": {verdict.value: self.count(verdict) for verdict in Verdict},
            "not_evaluated": self.failed,
        }


@dataclass(frozen=True, slots=True)
class Audit:
    """The results of all rules, by rule id."""

    results: tuple[Result, ...]

    def of(self, rule: str) -> Result:
        """The result of this rule."""
        return next(one for one in self.results if one.rule.id == rule)

    @property
    def complete(self) -> bool:
        """Whether every rule could assess everything that it is about."""
        return not any(one.failed or one.count(Verdict.NOT_ASSESSED) for one in self.results)


Told = Callable[[int, int], None]


def audit(
    inventory: Inventory, asked: Iterable[Rule] | None = None, *, told: Told | None = None
) -> Audit:
    """Ask these rules, or all. A rule that raises is told as not evaluated, and the others go on."""
    chosen = rules() if asked is None else tuple(asked)
    results = []
    for done, rule in enumerate(chosen):
        if told is not None:
            told(done, len(chosen))
        results.append(_result(rule, inventory))
    if told is not None:
        told(len(chosen), len(chosen))
    return Audit(tuple(results))


def _result(rule: Rule, inventory: Inventory) -> Result:
    try:
        found = tuple(rule.ask(inventory))
    except Exception as error:  # noqa: BLE001 - one broken rule must not hide what the others find
        return Result(rule, (), f"{type(error).__name__}: {error}")
    return Result(rule, tuple(sorted(found, key=lambda row: (row.asset, row.identity))))


@dataclass(frozen=True, slots=True)
class Score:
    """What a finding weighs in a list: the state of the asset, how much the asset matters, who can reach it."""

    severity: Severity
    criticality: int  # 1 and the known sensitivity above it
    reach: int  # identities that reach the asset

    @property
    def value(self) -> int:
        """Severity times criticality times the order of magnitude of who reaches it: 1, 2 for ten, 3 for a hundred."""
        return (self.severity + 1) * self.criticality * len(str(max(self.reach, 1)))


def score(inventory: Inventory, rule: Rule, found: Assessed) -> Score:
    """The parts of the score of one finding."""
    node = inventory.nodes[found.asset]
    row = inventory.exposed(node.id)
    reach = 0 if row is None else row.identities + (1_000 if row.everyone else 0)
    return Score(rule.weight(found), 1 + max(inventory.sensitivity(node.id), 0), reach)


def named(nodes: Mapping[NodeId, Node], node: NodeId) -> str:
    """What people call the node; its id where it is not known."""
    return nodes[node].name if node in nodes else str(node)


def counted(results: Iterable[Result]) -> Mapping[Verdict, int]:
    """How many results there are of each verdict."""
    counts: Counter[Verdict] = Counter()
    for one in results:
        for verdict in Verdict:
            counts[verdict] += one.count(verdict)
    return counts
