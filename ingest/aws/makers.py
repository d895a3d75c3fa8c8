"""Who made something: the identity that SageMaker remembers beside it, found in the estate."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Edge, Node, NodeId, Row
from ingest.aws.asset import referenced
from ingest.aws.names import Arn, account_of
from ingest.estate import Estate
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
        yield Mention(Link.MADE_BY, node, arn)


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


def makers(estate: Estate) -> Iterator[Row]:
    """CREATED_BY edges.

    A session names its role without the role's path: the role is the only one of that name in its account.
    """
    roles: dict[tuple[str, str], NodeId] = {}
    for role in estate.ever("Role"):
        if not role.props.get("referenced_only"):
            roles[str(role.props.get("account", "")), str(role.id).rpartition("/")[2]] = role.id
    for mention in estate.mentions(Link.MADE_BY):
        if mention.subject not in estate.nodes:
            continue
        stub = _identity(mention.text, roles)
        if stub is None:
            continue
        yield Node(stub.id, stub.kind, stub.props, asserted_by=mention.asserted_by)
        yield Edge(
            "CREATED_BY",
            mention.subject,
            stub.id,
            evidence=(mention.text,),
            asserted_by=mention.asserted_by,
        )


def _identity(arn: str, roles: dict[tuple[str, str], NodeId]) -> Node | None:
    """The user or role of this ARN as whoever names it knows it; None where no identity of the estate is meant."""
    parsed, account = Arn.parse(arn), account_of(arn)
    if parsed is None or account is None:
        return None
    form, _, rest = parsed.resource.partition("/")
    if parsed.service == "sts" and form == "assumed-role":
        found = roles.get((account, rest.partition("/")[0]))
        return referenced(found, "Role", account=account) if found is not None else None
    kind = {"user": "User", "role": "Role"}.get(form) if parsed.service == "iam" else None
    return referenced(arn, kind, account=account) if kind is not None else None
