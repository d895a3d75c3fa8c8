"""Writes `docs/queries.md`: the saved queries, what each takes and answers, and the graph that they ask."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from queries.measures import MEASURES
from queries.saved import Saved, saved
from scripts.generated import ROOT, write_or_check

PAGE = ROOT / "docs" / "queries.md"


def written() -> dict[Path, str]:
    """The page with what it should hold."""
    return {PAGE: "\n".join(_lines()) + "\n"}


def _lines() -> Iterator[str]:
    yield "# Saved queries"
    yield ""
    yield "Written from `queries/cypher/` by `make docs`. They ask a shared store, on a Neo4j server, in Cypher:"
    yield "`shadowgraph query NAME -p KEY=VALUE`, or the page Query. A parameter that takes an id takes a name or the end of"
    yield "an id as well. Their answers are compared with the engine's, on the sample and on generated estates."
    yield ""
    yield "| query | answers |"
    yield "|---|---|"
    for one in saved().values():
        yield f"| [{one.name}](#{one.name}) | {one.question} |"
    for one in saved().values():
        yield ""
        yield from _query(one)
    yield ""
    yield "## What stands beside a node"
    yield ""
    yield "| property | says |"
    yield "|---|---|"
    for name, says in MEASURES.items():
        yield f"| `{name}` | {says} |"


def _query(one: Saved) -> Iterator[str]:
    yield f"## {one.name}"
    yield ""
    yield f"**{one.title}.** {one.question}"
    yield ""
    for parameter in one.parameters:
        yield f"- `{parameter.name}` ({parameter.sort.value}): {parameter.says}"
    yield f"- answers: {', '.join(one.columns)}"
    yield ""
    yield "```cypher"
    yield one.statement
    yield "```"


if __name__ == "__main__":
    write_or_check(written(), "Write the page of saved queries.")
