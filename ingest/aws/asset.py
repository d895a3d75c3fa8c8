"""What every AWS node carries: its account, its tags, and what the tags say of owner, environment and sensitivity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graph.model import Edge, Node, NodeId, PropValue
from ingest.aws.names import account_node
from ingest.source import Answer, Skipped

ENVIRONMENT_TAGS = ("environment", "env", "stage")
OWNER_TAGS = ("owner",)
SENSITIVITY_TAGS = ("sensitivity", "data-classification", "classification")
EMAIL_TAGS = ("email", "mail")
TIER_TAGS = ("tier",)

SENSITIVITY = {
    "none": 0,
    "public": 0,
    "internal": 1,
    "confidential": 3,
    "restricted": 10,
    "0": 0,
    "1": 1,
    "3": 3,
    "10": 10,
}
"""The sensitivity that a tag's value stands for; another value says nothing."""


def props(**values: PropValue | None) -> dict[str, PropValue]:
    """The properties that have a value: what was not told is absent, never false or empty."""
    return {name: value for name, value in values.items() if value is not None}


def told(**values: str | None) -> dict[str, str]:
    """The settings that have a value, as the map that a node carries."""
    return {name: value for name, value in values.items() if value}


def first_tag(tags: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    """The value of the first of these tags that is there, in any case; None where none has a value."""
    lowered = {name.lower(): value.strip() for name, value in reversed(list(tags.items()))}
    return next((lowered[name] for name in names if lowered.get(name)), None)


def tag_props(tags: Mapping[str, str]) -> dict[str, PropValue]:
    """The tags, and what they say of environment, owner, sensitivity and tier."""
    environment = first_tag(tags, ENVIRONMENT_TAGS)
    owner = first_tag(tags, OWNER_TAGS)
    level = SENSITIVITY.get((first_tag(tags, SENSITIVITY_TAGS) or "").lower())
    return props(
        tags=dict(tags),
        tagged=None if tags else False,  # which tags are required is a setting of the rules
        environment=environment.lower() if environment else None,
        environment_basis="tag" if environment else None,
        owner=owner,
        owner_basis="tag" if owner else None,
        owner_known=True if owner else None,
        sensitivity=level,
        sensitivity_basis=None if level is None else "tag",
        tier=first_tag(tags, TIER_TAGS),
    )


def lacking(answer: Answer, name: str) -> Skipped | None:
    """What to say of an answer that has pages, none of which holds this member; None where one does.

    Without pages the platform says that there is none; pages without the member say nothing at all.
    """
    if not answer.pages or any(name in page for page in answer.pages):
        return None
    return Skipped(str(answer.key), f"it holds no `{name}`")


def account_stub(account: str) -> Node:
    """The account as any of its answers knows it; its name and place come from the organisation."""
    return Node(account_node(account), "Account", {"platform": "aws", "account": account})


def account_setting(account: str, settings: Mapping[str, str]) -> Node:
    """The account with some of its settings."""
    stub = account_stub(account)
    return Node(stub.id, stub.kind, {**stub.props, "settings": dict(settings)})


def stated(**values: str | None) -> dict[str, str] | None:
    """The settings that have a value; None where none has."""
    return {name: value for name, value in values.items() if value} or None


def listed(
    identifier: str, kind: str, *, account: str, region: str | None, **values: PropValue | None
) -> Iterator[Node | Edge]:
    """A node that the platform lists, in its account."""
    node = NodeId(identifier)
    yield account_stub(account)
    yield Node(node, kind, props(platform="aws", account=account, region=region, **values))
    yield Edge("CONTAINS", account_node(account), node)


def referenced(
    identifier: str, kind: str, *, account: str | None = None, **values: PropValue | None
) -> Node:
    """A node that something names and nobody lists; loading drops it where the node is listed."""
    return Node(
        NodeId(identifier),
        kind,
        props(platform="aws", account=account, referenced_only=True, **values),
    )
