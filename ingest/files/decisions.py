"""One row of a decision corpus as a question to the evaluator: the request, and all policies that bear on it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from access.aws.arns import account_of
from access.aws.document import parse
from access.aws.policies import Origin, Policies, Policy, Sourced, Stack
from access.aws.principals import Principal, PrincipalKind
from access.aws.request import Form, Mode, Request
from access.decision import Layer

_KINDS = {
    "role": PrincipalKind.ROLE,
    "assumed-role": PrincipalKind.SESSION,
    "federated-user": PrincipalKind.SESSION,
    "root": PrincipalKind.ROOT,
}
FORMS = {"concrete": Form.CONCRETE, "existential": Form.SOME}


def request_of(row: Mapping[str, Any], *, instant: datetime) -> Request:
    """The question of the row; `ValueError`, `KeyError` or `TypeError` where it is no row of this form.

    Where its context is partial, whatever key it leaves out is open; else the caller and the resource lack it.
    """
    partial = bool(row.get("context_is_partial"))
    resource = _text(row["resource"])
    context = _context(row)
    return Request(
        principal=replace(principal_of(row["principal"], context), tags=None if partial else {}),
        action=_text(row["action"]),
        resource=resource,
        now=instant,
        resource_account=row.get("resource_account") or account_of(resource) or None,
        context=context,
        form=FORMS[row.get("form", "concrete")],
        mode=Mode.PLAIN if partial else Mode.STRICT,
        wildcard_only=bool(row.get("wildcard_only_action")),
        resource_tags=None if partial else {},
    )


def policies_of(row: Mapping[str, Any]) -> Policies:
    """Everything that bears on the row's question, layer by layer; what the row leaves out does not apply."""
    resource = row.get("resource_policy")
    return Policies(
        identity=_stack(Layer.IDENTITY, row.get("identity") or ()),
        boundary=_maybe(Layer.BOUNDARY, row.get("boundaries")),
        scps=_levels(Layer.SCP, row.get("scps")),
        rcps=_levels(Layer.RCP, row.get("rcps")),
        resource=None
        if resource is None
        else _document(Layer.RESOURCE, "resource policy", resource),
        session=None if row.get("session") is None else _stack(Layer.SESSION, row["session"]),
        endpoint=_maybe(Layer.ENDPOINT, row.get("endpoint")),
    )


def principal_of(given: object, context: Mapping[str, tuple[str, ...]]) -> Principal:
    """The caller: an ARN, the name of a service, or an object with a `type`; its context names a session's role."""
    if isinstance(given, Mapping):
        return _typed(given, context)
    name = _text(given)
    if name.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        return Principal(PrincipalKind.SERVICE, name)
    parts = name.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn":
        raise ValueError(f"`principal` `{name}` is neither an ARN nor a service")
    account, (kind, _slash, rest) = parts[4], parts[5].partition("/")
    roles = {"role": (name,), "assumed-role": context.get("aws:principalarn", ())}
    return Principal(
        _KINDS.get(kind, PrincipalKind.USER),
        name,
        account,
        role_arn=next(iter(roles.get(kind, ())), None),
        name=rest.rpartition("/")[2],
        service_linked=kind == "role" and rest.startswith("aws-service-role/"),
    )


def _typed(given: Mapping[str, Any], context: Mapping[str, tuple[str, ...]]) -> Principal:
    kind = str(given.get("type", "")).lower()
    name = next((str(v) for k, v in sorted(given.items()) if k != "type"), "")
    if kind == "anonymous":
        return Principal(PrincipalKind.ANONYMOUS, "anonymous")
    if kind == "federated":
        return Principal(PrincipalKind.FEDERATED, name)
    if not name:
        raise ValueError(f"`principal` of type `{given.get('type')}` names nobody")
    return principal_of(name, context)


def _context(row: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    return {key.lower(): _values(value) for key, value in (row.get("context") or {}).items()}


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"`{value}` stands where a text is needed")
    return value


def _values(value: object) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value]
    return tuple(str(one).lower() if isinstance(one, bool) else str(one) for one in listed)


# Documents repeat from row to row: each is parsed once.


@lru_cache(maxsize=4096)
def _parsed(layer: Layer, name: str, text: str) -> Sourced:
    return Sourced(parse(text), Origin(layer, name))


def _document(layer: Layer, name: str, content: object) -> Policy:
    text = content if isinstance(content, str) else json.dumps(content, sort_keys=True)
    return _parsed(layer, name, text)


@lru_cache(maxsize=4096)
def _shared(policies: tuple[Policy, ...]) -> Stack:
    return Stack(policies)


def _stack(layer: Layer, documents: object) -> Stack:
    listed: Iterable[object] = documents if isinstance(documents, list | tuple) else (documents,)
    return _shared(
        tuple(
            _document(layer, f"{layer.value} policy {place + 1}", one)
            for place, one in enumerate(listed)
        )
    )


def _maybe(layer: Layer, documents: object) -> Stack | None:
    """The stack; None where the layer does not apply, which an empty list says as well."""
    return _stack(layer, documents) if documents else None


def _levels(layer: Layer, levels: object) -> tuple[Stack, ...] | None:
    if levels is None:
        return None
    if not isinstance(levels, list):
        raise TypeError(f"`{layer.value}s` is no list of levels")
    return tuple(_stack(layer, level) for level in levels)
