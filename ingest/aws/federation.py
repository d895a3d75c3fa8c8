"""Identity providers that trust policies name: who may vouch for a role."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graph.model import Edge, Node, NodeId, canonical
from ingest.aws.asset import referenced
from ingest.aws.names import Arn
from ingest.aws.written import parsed_document

_FLAVOUR = {"saml-provider": "saml", "oidc-provider": "oidc"}


def vouching(role: NodeId, trust: object) -> Iterator[Node | Edge]:
    """The providers that an Allow statement of the role's trust names, each vouching for the role.

    Only the trust names the provider here, so it is `referenced_only`. Providers without an ARN (consumer sign-in
    services) belong to no account: nobody of the estate administers them.
    """
    statements = parsed_document(trust).get("Statement")
    seen: dict[str, list[str]] = {}
    for statement in statements if isinstance(statements, list) else [statements]:
        if isinstance(statement, Mapping) and statement.get("Effect") == "Allow":
            for provider in _federated(statement):
                seen.setdefault(provider, []).append(canonical(statement))
    for provider, evidence in sorted(seen.items()):
        arn = Arn.parse(provider)
        kind, _, name = arn.resource.partition("/") if arn else ("", "", "")
        if arn is None or kind not in _FLAVOUR or not name or "*" in provider:
            continue
        yield referenced(
            provider,
            "IdentityProvider",
            account=arn.account,
            name=name,
            region="global",
            flavour=_FLAVOUR[kind],
        )
        yield Edge("VOUCHES_FOR", NodeId(provider), role, evidence=tuple(evidence))


def _federated(statement: Mapping[str, Any]) -> Iterator[str]:
    principal = statement.get("Principal")
    named = principal.get("Federated") if isinstance(principal, Mapping) else None
    yield from (
        item for item in (named if isinstance(named, list) else [named]) if isinstance(item, str)
    )
