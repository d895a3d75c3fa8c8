"""Short ways to ask the AWS evaluator: documents from JSON, callers by name, requests with defaults."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from access.aws.decide import decide
from access.aws.document import parse
from access.aws.policies import Origin, Policies, Policy, Sourced
from access.aws.principals import Principal, PrincipalKind
from access.aws.request import Request
from access.decision import Decision, Effect, Layer, Revocable, RevocableKind

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
HOME, AWAY = "111111111111", "222222222222"
USER_ARN = f"arn:aws:iam::{HOME}:user/ana"
ROLE_ARN = f"arn:aws:iam::{HOME}:role/team/worker"
SESSION_ARN = f"arn:aws:sts::{HOME}:assumed-role/worker/s1"
KEY = f"arn:aws:kms:eu-west-1:{HOME}:key/k1"
OBJECT = "arn:aws:s3:::models/llm/weights.bin"

USER = Principal(PrincipalKind.USER, USER_ARN, HOME, name="ana", tags={})
ROLE = Principal(PrincipalKind.ROLE, ROLE_ARN, HOME, name="worker", tags={})
SESSION = Principal(PrincipalKind.SESSION, SESSION_ARN, HOME, role_arn=ROLE_ARN, tags={})
ROOT = Principal(PrincipalKind.ROOT, f"arn:aws:iam::{HOME}:root", HOME)
SERVICE = Principal(PrincipalKind.SERVICE, "sagemaker.amazonaws.com")
ANONYMOUS = Principal(PrincipalKind.ANONYMOUS, "anonymous")


def document(*statements: dict[str, Any], version: str = "2012-10-17") -> dict[str, Any]:
    return {"Version": version, "Statement": list(statements)}


def allow(action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return allow(action, resource, **more) | {"Effect": "Deny"}


def when(operator: str, key: str, *values: Any) -> dict[str, Any]:
    return {operator: {key: list(values)}}


def sourced(content: Any, layer: Layer = Layer.IDENTITY, name: str = "p", **origin: Any) -> Sourced:
    return Sourced(parse(json.dumps(content)), Origin(layer, name, **origin))


def attached(content: Any, name: str = "p", *, holder: str = USER_ARN) -> Sourced:
    """A customer-managed policy attached to the holder: an attachment and its statements can be taken away."""
    way = (Revocable(RevocableKind.ATTACHMENT, holder=holder, member=name),)
    template = Revocable(RevocableKind.STATEMENT, holder=name, document=name)
    return sourced(content, name=name, ways=(way,), statement=template)


def resource_policy(
    *statements: dict[str, Any], name: str = "resource", version: str = "2012-10-17"
) -> Sourced:
    template = Revocable(RevocableKind.STATEMENT, holder=name, document=name)
    return sourced(document(*statements, version=version), Layer.RESOURCE, name, statement=template)


def policies(
    *identity: dict[str, Any] | Policy,
    boundary: list[dict[str, Any]] | None = None,
    scps: list[list[dict[str, Any]]] | None = None,
    rcps: list[list[dict[str, Any]]] | None = None,
    resource: Policy | None = None,
    session: list[dict[str, Any]] | None = None,
    endpoint: list[dict[str, Any]] | None = None,
) -> Policies:
    """Policies of bare statements; each argument of `identity` is a statement or a policy of its own."""

    def stack(layer: Layer, statements: list[dict[str, Any]] | None) -> tuple[Policy, ...] | None:
        return None if statements is None else (sourced(document(*statements), layer, layer.value),)

    def levels(
        layer: Layer, given: list[list[dict[str, Any]]] | None
    ) -> tuple[tuple[Policy, ...], ...] | None:
        return None if given is None else tuple(stack(layer, level) or () for level in given)

    return Policies(
        identity=tuple(
            attached(document(one), f"p{i}") if isinstance(one, dict) else one
            for i, one in enumerate(identity)
        ),
        boundary=stack(Layer.BOUNDARY, boundary),
        scps=levels(Layer.SCP, scps),
        rcps=levels(Layer.RCP, rcps),
        resource=resource,
        session=stack(Layer.SESSION, session),
        endpoint=stack(Layer.ENDPOINT, endpoint),
    )


def request(action: str = "s3:GetObject", resource: str = OBJECT, **more: Any) -> Request:
    return Request(
        **{
            "principal": USER,
            "action": action,
            "resource": resource,
            "now": NOW,
            "resource_account": HOME,
            **more,
        }
    )


def ask(
    given: Policies, action: str = "s3:GetObject", resource: str = OBJECT, **more: Any
) -> Decision:
    return decide(request(action, resource, **more), given)


def effect(
    *identity: Any, action: str = "s3:GetObject", resource: str = OBJECT, **more: Any
) -> Effect:
    """The effect for bare statements, with whatever else is given by name."""
    layers = {
        name: more.pop(name)
        for name in ("boundary", "scps", "rcps", "session", "endpoint")
        if name in more
    }
    policy = more.pop("policy", None)
    given = policies(*identity, resource=policy, **layers)
    return ask(given, action, resource, **more).effect
