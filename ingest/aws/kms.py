"""KMS: keys with their policies, grants, states, aliases and tags."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Attachment, Document, Node, NodeId, Role
from ingest.aws.asset import lacking, listed, props, tag_props, told
from ingest.aws.names import Arn, partition_of
from ingest.aws.written import UnreadableDocumentError, attached
from ingest.fields import Json, flag, member, moment, tag_map, text, word
from ingest.source import Answer, Call, Feed, Resource, Shaped, Skipped

_MANAGER = {"CUSTOMER": "customer", "AWS": "vendor"}
VENDOR_ALIAS = "alias/aws/"


def key_node(identifier: str, *, account: str, region: str) -> NodeId:
    """The node of the key with this id or ARN."""
    if Arn.parse(identifier) is not None:
        return NodeId(identifier)
    return NodeId(f"arn:{partition_of(region)}:kms:{region}:{account}:key/{identifier}")


def _asked(answer: Answer) -> NodeId:
    return key_node(answer.argument, account=answer.account, region=answer.region)


def shape_keys(answer: Answer) -> Iterator[Shaped]:
    """The keys of the account in the region; names and states come from their descriptions."""
    for row in answer.each("Keys"):
        identifier = text(row, "KeyArn") or text(row, "KeyId")
        if identifier is None:
            yield Skipped(str(answer.key), "a key has no id")
            continue
        node = key_node(identifier, account=answer.account, region=answer.region)
        yield from listed(node, "Key", account=answer.account, region=answer.region)


def shape_key(answer: Answer) -> Iterator[Shaped]:
    """Who manages the key, and its state."""
    for page in answer.pages:
        row = member(page, "KeyMetadata")
        yield Node(
            NodeId(text(row, "Arn") or _asked(answer)),
            "Key",
            props(
                name=text(row, "KeyId") or answer.argument,
                manager=_MANAGER.get(text(row, "KeyManager") or ""),
                state=text(row, "KeyState"),
                created=moment(row, "CreationDate"),
                settings=_settings(row) or None,
            ),
        )


def _settings(row: Json) -> dict[str, str]:
    regions = member(row, "MultiRegionConfiguration")
    return told(
        multi_region=word(flag(row, "MultiRegion")),
        multi_region_type=text(regions, "MultiRegionKeyType"),
        primary_key=text(member(regions, "PrimaryKey"), "Arn"),
        origin=text(row, "Origin"),
        usage=text(row, "KeyUsage"),
    )


_GRANT = ("GrantId", "GranteePrincipal", "Operations", "Constraints", "RetiringPrincipal")
_GRANT_REST = ("IssuingAccount", "GranteeServicePrincipal", "RetiringServicePrincipal")


def shape_grants(answer: Answer) -> Iterator[Shaped]:
    """The uses of the key that are given beside its policy, each as the platform tells it."""
    for row in answer.each("Grants"):
        name = text(row, "GrantId")
        if name is None:
            yield Skipped(str(answer.key), "a grant has no id")
            continue
        said = {label: row[label] for label in (*_GRANT, *_GRANT_REST) if label in row}
        document = Document.of(said)
        yield document
        yield Attachment(_asked(answer), Role.GRANT, name=name, document=document.hash)


def shape_policy(answer: Answer) -> Iterator[Shaped]:
    """The key's policy, which alone decides who may use it."""
    for page in answer.pages:
        try:
            yield from attached(_asked(answer), Role.RESOURCE, page.get("Policy"))
        except UnreadableDocumentError as error:
            yield Skipped(f"policy of key `{answer.argument}`", str(error))


def shape_aliases(answer: Answer) -> Iterator[Shaped]:
    """The names that resolve to keys; those that AWS reserves name keys that it manages."""
    names: dict[NodeId, list[str]] = {}
    for row in answer.each("Aliases"):
        alias, target = text(row, "AliasName"), text(row, "TargetKeyId")
        if alias is not None and target is not None:
            node = key_node(target, account=answer.account, region=answer.region)
            names.setdefault(node, []).append(alias)
    for node, aliases in names.items():
        held = tuple(sorted(aliases))
        vendor = any(alias.startswith(VENDOR_ALIAS) for alias in held)
        yield Node(
            node,
            "Key",
            props(
                platform="aws",
                account=answer.account,
                region=answer.region,
                name=held[0].removeprefix("alias/"),
                aliases=held,
                manager="vendor" if vendor else None,
            ),
        )


def shape_tags(answer: Answer) -> Iterator[Shaped]:
    """The key's tags."""
    if lacking(answer, "Tags"):
        return
    tags: dict[str, str] = {}
    for page in answer.pages:
        tags |= tag_map(page, "Tags", key="TagKey", value="TagValue")
    yield Node(_asked(answer), "Key", tag_props(tags))


_KEYS = (Feed("kms.list_keys", "Keys.KeyId"),)
# The vendor's own keys are given to its services only.
_CUSTOMER_KEYS = (
    Feed("kms.describe_key", "KeyMetadata", ("KeyId",), where={"KeyManager": ("CUSTOMER",)}),
)


def _per_key(
    method: str, permission: str, *, feeds: tuple[Feed, ...] = _KEYS, **rest: object
) -> Call:
    return Call(
        "kms",
        method,
        f"kms:{permission}",
        regional=True,
        params={"KeyId": "{item}"},
        feeds=feeds,
        subject="arn:{partition}:kms:{region}:{account}:key/{item}",
        tells_tags=method == "list_resource_tags",
        **rest,  # type: ignore[arg-type]  # the fields of Call by name
    )


RESOURCES = (
    Resource(
        "aws.keys",
        "The keys of the account.",
        Call("kms", "list_keys", "kms:ListKeys", regional=True, items="Keys", paginated=True),
        shape_keys,
    ),
    Resource(
        "aws.key-descriptions",
        "Who manages a key, and its state.",
        _per_key("describe_key", "DescribeKey"),
        shape_key,
    ),
    Resource(
        "aws.key-policies",
        "The policy of a key.",
        _per_key("get_key_policy", "GetKeyPolicy"),
        shape_policy,
    ),
    Resource(
        "aws.key-grants",
        "The uses of a key that are given beside its policy.",
        _per_key("list_grants", "ListGrants", feeds=_CUSTOMER_KEYS, items="Grants", paginated=True),
        shape_grants,
    ),
    Resource(
        "aws.key-aliases",
        "The names of keys.",
        Call(
            "kms", "list_aliases", "kms:ListAliases", regional=True, items="Aliases", paginated=True
        ),
        shape_aliases,
    ),
    Resource(
        "aws.key-tags",
        "The tags of a key.",
        _per_key("list_resource_tags", "ListResourceTags", items="Tags", paginated=True),
        shape_tags,
    ),
)
