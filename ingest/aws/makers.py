"""Who made something, as SageMaker remembers it: settings, an owner, and the identity to find in the estate."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import NodeId
from ingest.aws.names import Arn
from ingest.fields import Json, member, text
from ingest.source import Link, Mention


def maker_of(context: Json) -> dict[str, str]:
    """The settings that say who made or changed something last, from what SageMaker calls a user context."""
    identity = member(context, "IamIdentity")
    held = {
        "": text(identity, "Arn"),
        "_principal": text(identity, "PrincipalId"),
        "_source_identity": text(identity, "SourceIdentity"),
        "_profile": text(context, "UserProfileArn") or text(context, "UserProfileName"),
    }
    return {name: value for name, value in held.items() if value}


def made(node: NodeId, page: Json) -> Iterator[Mention]:
    """What an answer says of who made the node."""
    if arn := text(member(member(page, "CreatedBy"), "IamIdentity"), "Arn"):
        yield Mention(Link.CREATED_BY, node, arn)


def maker_settings(page: Json) -> dict[str, str]:
    """Who made it and who changed it last, as settings."""
    found: dict[str, str] = {}
    for word, name in (("created_by", "CreatedBy"), ("changed_by", "LastModifiedBy")):
        for part, value in maker_of(member(page, name)).items():
            found[f"{word}{part}"] = value
    return found


def maker_owner(page: Json) -> dict[str, str | bool]:
    """Whoever made it answers for it, where that is a person: a Studio user or an IAM user, not a role's session."""
    context = member(page, "CreatedBy")
    arn = Arn.parse(text(member(context, "IamIdentity"), "Arn") or "")
    named = arn.name if arn is not None and arn.resource.startswith("user/") else None
    owner = text(context, "UserProfileName") or named
    if owner is None:
        return {}
    return {"owner": owner, "owner_basis": "creator", "owner_known": True}
