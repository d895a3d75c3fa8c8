"""Case folders of the ingestors: answers in `given.json`, the rows they make in `want.json`.

`python tests/ingest_cases.py` writes every `want.json` anew; the difference is then reviewed like code.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from graph.check import check_batch
from graph.merge import merge_attachments, merge_edges, merge_nodes
from graph.model import (
    Attachment,
    Batch,
    CoverageKey,
    Document,
    Edge,
    Facts,
    Node,
    Observation,
    PropValue,
)
from graph.rows import plain_props
from graph.schema import schema
from ingest.estate import Estate
from ingest.link import linked
from ingest.source import Answer, Oddity, Shaped, Skipped, Tally, read_answer

CASES = Path(__file__).parent / "cases" / "ingest"


def case_folders() -> list[Path]:
    """Every case, in order."""
    return sorted(path.parent for path in CASES.glob("*/*/given.json"))


def answers_of(given: dict[str, Any]) -> list[Answer]:
    """The answers of a case; account, region and argument have defaults."""
    found = []
    for row in given["answers"]:
        operation = row["operation"]
        wide = operation.partition(".")[0] in {"iam", "organizations", "s3", "s3control"}
        region = row.get("region", "global" if wide else "eu-west-1")
        argument = row.get("argument", "")
        call = f"{operation}/{argument}" if argument else operation
        key = CoverageKey("aws", row.get("account", "111111111111"), region, call)
        params, asked = row.get("params", {}), row.get("started")
        started = datetime.fromisoformat(asked) if asked else None
        found.append(Answer(key, argument, tuple(row["pages"]), params, started))
    return found


def rows_of(given: dict[str, Any]) -> list[Shaped]:
    """All rows of a case: shaped, stamped and linked."""
    shaped: list[Shaped] = []
    for answer in answers_of(given):
        shaped += read_answer(answer)
    estate = Estate(Facts(), shaped, frozenset())
    return [*linked(shaped, estate), *(row for row in shaped if isinstance(row, Skipped | Tally))]


def _merged(rows: list[Any], merge: Any) -> list[Any]:
    held: dict[str, list[Any]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: sorted(row.asserted_by)):
        held[row.id].append(row)
    return [merge(group) for group in held.values()]


def by_name(rows: list[Observation]) -> dict[tuple[str, str], list[Observation]]:
    """The observations of each node and name."""
    found: dict[tuple[str, str], list[Observation]] = defaultdict(list)
    for row in rows:
        found[row.node, row.name].append(row)
    return found


def plain_value(value: PropValue) -> Any:
    """The value of an observation as JSON holds it."""
    return dict(value) if isinstance(value, Mapping) else value


def _keys(row: Any) -> list[str]:
    return sorted(str(key).partition("/")[2] for key in row.asserted_by)


def _edge(edge: Edge) -> dict[str, Any]:
    plain = Edge(edge.kind, edge.source, edge.target)
    shown = {
        "basis": edge.basis.value if edge.basis != plain.basis else None,
        "certainty": edge.certainty.label if edge.certainty else None,
        "conditions": list(edge.conditions),
        "evidence": list(edge.evidence),
        "props": dict(edge.props),
        "by": _keys(edge),
    }
    return {name: value for name, value in shown.items() if value not in (None, [], {})}


def _attachment(row: Attachment, documents: dict[str, str]) -> dict[str, Any]:
    shown = {
        "name": row.name,
        "policy": row.policy,
        "document": json.loads(documents[row.document]) if row.document else None,
        "in_force": None if row.in_force else False,
        "vendor": row.vendor or None,
        "by": _keys(row),
    }
    return {name: value for name, value in shown.items() if value not in (None, "", [])}


def seen(given: dict[str, Any]) -> dict[str, Any]:
    """What the answers of a case come to, checked against the schema, as JSON."""
    rows = rows_of(given)
    facts = [row for row in rows if not isinstance(row, Oddity | Skipped | Tally)]
    check_batch(Batch.of(facts), schema(), kind_of=lambda _id: None)
    documents = {row.hash: row.text for row in facts if isinstance(row, Document)}
    nodes = _merged([row for row in facts if isinstance(row, Node)], merge_nodes)
    edges = _merged([row for row in facts if isinstance(row, Edge)], merge_edges)
    held = _merged([row for row in facts if isinstance(row, Attachment)], merge_attachments)
    attached: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in sorted(held, key=lambda row: (row.role, row.name, row.policy or "")):
        attached[f"{row.holder} {row.role.value}"].append(_attachment(row, documents))
    told = [row for row in facts if isinstance(row, Observation)]
    beside = {
        "observations": {
            f"{node} {name}": {
                "value": plain_value(found[-1].value),
                "by": sorted({key for row in found for key in _keys(row)}),
            }
            for (node, name), found in sorted(by_name(told).items())
        },
        "counted": {
            row.about: f"{row.part} of {row.whole}, not {', '.join(row.rest) or 'anything'}"
            for row in sorted(
                (row for row in rows if isinstance(row, Tally)), key=lambda row: row.about
            )
        },
    }
    return {
        **{name: value for name, value in beside.items() if value},
        "nodes": {
            node.id: {"kind": node.kind, **plain_props(node.props), "by": _keys(node)}
            for node in sorted(nodes, key=lambda node: node.id)
        },
        "edges": {
            f"{edge.source} {edge.kind} {edge.target}": _edge(edge)
            for edge in sorted(edges, key=lambda edge: (edge.source, edge.kind, edge.target))
        },
        "attachments": dict(sorted(attached.items())),
        "remarks": sorted(
            f"{row.where}: {row.why if isinstance(row, Skipped) else row.what}"
            for row in rows
            if isinstance(row, Skipped | Oddity)
        ),
    }


def main() -> None:
    """Write what every case comes to now."""
    for folder in case_folders():
        given = json.loads((folder / "given.json").read_text(encoding="utf-8"))
        body = json.dumps(seen(given), indent=1, ensure_ascii=True, sort_keys=True)
        (folder / "want.json").write_text(body + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
