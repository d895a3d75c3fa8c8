"""Rows of a decision corpus as questions: the request and policies that one row stands for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from aws_asking import NOW, sourced

from access.aws.decide import decide, effect_of
from access.aws.policies import Policies, Policy
from access.aws.principals import Principal, PrincipalKind
from access.aws.request import Form, Mode, Request
from access.decision import Decision, Effect, Layer

Row = dict[str, Any]
OURS = Path(__file__).parent / "cases" / "decisions"
MEASURED = Path(__file__).parent / "data" / "aws" / "decisions-benkehoe.jsonl"
_FORMS = {"concrete": Form.CONCRETE, "existential": Form.SOME}
_KINDS = (
    (":user/", PrincipalKind.USER),
    (":role/", PrincipalKind.ROLE),
    (":assumed-role/", PrincipalKind.SESSION),
    (":root", PrincipalKind.ROOT),
)


def rows_of(path: Path) -> list[Row]:
    """The rows of one file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def our_rows() -> list[Row]:
    """The rows that we wrote, file by file."""
    return [row for path in sorted(OURS.glob("*.jsonl")) for row in rows_of(path)]


def principal_of(row: Row) -> Principal:
    """The caller of the row; a tag that its context does not carry is one that the caller does not have."""
    name = row["principal"]
    if isinstance(name, dict):
        return Principal(PrincipalKind.ANONYMOUS, "anonymous")
    if not name.startswith("arn:"):
        return Principal(PrincipalKind.SERVICE, name)
    kind = next(kind for part, kind in _KINDS if part in name)
    tags = None if row.get("context_is_partial") else {}
    role = _context(row).get("aws:principalarn") if kind is PrincipalKind.SESSION else None
    return Principal(kind, name, name.split(":")[4], role_arn=role[0] if role else None, tags=tags)


def request_of(row: Row) -> Request:
    """The row's question."""
    partial = bool(row.get("context_is_partial"))
    return Request(
        principal=principal_of(row),
        action=row["action"],
        resource=row["resource"],
        resource_account=row["resource_account"],
        now=NOW,
        context=_context(row),
        form=_FORMS[row["form"]],
        mode=Mode.PLAIN if partial else Mode.STRICT,
        wildcard_only=row["wildcard_only_action"],
        resource_tags=None if partial else {},
    )


def _context(row: Row) -> dict[str, tuple[str, ...]]:
    return {
        key.lower(): tuple(value) if isinstance(value, list) else (value,)
        for key, value in row["context"].items()
    }


def policies_of(row: Row) -> Policies:
    """The row's policies, layer by layer."""

    def stack(layer: Layer, documents: list[Any] | None) -> tuple[Policy, ...] | None:
        if documents is None:
            return None
        return tuple(sourced(one, layer, f"{layer.value} {i}") for i, one in enumerate(documents))

    def levels(
        layer: Layer, given: list[list[Any]] | None
    ) -> tuple[tuple[Policy, ...], ...] | None:
        return None if given is None else tuple(stack(layer, level) or () for level in given)

    resource = row["resource_policy"]
    return Policies(
        identity=stack(Layer.IDENTITY, row["identity"]) or (),
        boundary=stack(Layer.BOUNDARY, row["boundaries"]),
        scps=levels(Layer.SCP, row["scps"]),
        rcps=levels(Layer.RCP, row["rcps"]),
        resource=None if resource is None else sourced(resource, Layer.RESOURCE, "resource"),
        session=None if row["session"] is None else stack(Layer.SESSION, [row["session"]]),
        endpoint=stack(Layer.ENDPOINT, row["endpoint"]),
    )


def answer(row: Row) -> tuple[Decision, Effect]:
    """The evaluator's explained answer, and its short one."""
    asked, given = request_of(row), policies_of(row)
    return decide(asked, given), effect_of(asked, given)
