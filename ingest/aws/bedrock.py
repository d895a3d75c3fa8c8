"""What all of Bedrock and AgentCore share: how their calls and ARNs are spelled, and how their settings are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graph.model import Edge, Node, NodeId
from ingest.aws.asset import lacking, referenced, tag_props
from ingest.aws.functions import FLAVOUR as LAMBDA
from ingest.aws.functions import unqualified
from ingest.aws.names import Arn, account_of, partition_of
from ingest.fields import Json, member, string_map, tag_map, text, words
from ingest.source import Answer, Call, Link, Mention, Oddity, Shaped, Skipped

AGENT = "bedrock agent"
KNOWLEDGE_BASE = "bedrock knowledge base"
FLOW = "bedrock flow"
PROMPT = "bedrock prompt"
CUSTOM, IMPORTED = "bedrock custom model", "bedrock imported model"
FOUNDATION = "bedrock foundation model"
PROVISIONED = "bedrock provisioned throughput"
PROFILE = "bedrock inference profile"
DEPLOYMENT = "bedrock custom model deployment"
ROUTER = "bedrock prompt router"

ARN = "arn:{{partition}}:{service}:{{region}}:{{account}}:{form}/{{{part}}}"


def subject(form: str, *, service: str = "bedrock", part: str = "item") -> str:
    """What a call about one resource of this form asks about."""
    return ARN.format(form=form, service=service, part=part)


def node_of(answer: Answer, form: str, name: str, *, service: str = "bedrock") -> NodeId:
    """The node of the resource of this form and id where the call was made."""
    partition = partition_of(answer.region)
    return NodeId(f"arn:{partition}:{service}:{answer.region}:{answer.account}:{form}/{name}")


def regional(
    client: str, method: str, action: str, *, prefix: str = "bedrock", **rest: object
) -> Call:
    """A regional call whose permission belongs to the service of this prefix."""
    return Call(
        client,
        method,
        f"{prefix}:{action}",
        regional=True,
        **rest,  # type: ignore[arg-type]  # the fields of Call by name
    )


def told(values: Mapping[str, str | None]) -> dict[str, str] | None:
    """The settings that have a value; None where none has one."""
    return {name: value for name, value in values.items() if value} or None


def word_at(row: Json, path: str) -> str | None:
    """The text, number or truth value at this dotted path, as a word; several are joined by commas."""
    return ",".join(words(row, path)) or None


def sealed(node: NodeId, key: str | None) -> Iterator[Mention]:
    """That the node is encrypted with this key, where one is named."""
    if key is not None:
        yield Mention(Link.KEY, node, key)


def runs_as(node: NodeId, role: str | None, *, evidence: str = "") -> Iterator[Node | Edge]:
    """The workload acts as the role, which its own account lists or nobody does."""
    if role is None:
        return
    yield referenced(role, "Role", account=account_of(role))
    yield Edge("RUNS_AS", node, NodeId(role), evidence=(evidence,) if evidence else ())


def calls_function(node: NodeId, arn: str | None, *, why: str) -> Iterator[Node | Edge | Oddity]:
    """The workload calls the function of this ARN, whatever version or alias it names."""
    if arn is None:
        return
    parsed = Arn.parse(arn)
    if parsed is None or parsed.service != "lambda":
        yield Oddity(f"`{node}`", f"calls `{arn}`, which is no function")
        return
    function = unqualified(arn)
    yield referenced(
        function,
        "Function",
        account=account_of(function),
        region=parsed.region or None,
        name=function.rpartition(":")[2],
        flavour=LAMBDA,
    )
    yield Edge("CALLS", node, NodeId(function), evidence=(why,))


def names_file(node: NodeId, place: Json, *, bucket: str, key: str) -> Iterator[Mention]:
    """The node names this object in S3."""
    if (name := text(place, bucket)) is not None:
        uri = f"s3://{name}/{text(place, key) or ''}"
        yield Mention(Link.NAMES, node, uri, {"form": "object"})


def tags_of(answer: Answer, kinds: Mapping[str, str]) -> Iterator[Shaped]:
    """The tags of the resource that was asked about, where it is of a kind that is a node.

    One of these services spells tags as a list, the others as a map.
    """
    if lost := lacking(answer, "tags"):
        yield lost
        return
    tags: dict[str, str] = {}
    for page in answer.pages:
        if not isinstance(page.get("tags", {}), Mapping | list):
            yield Skipped(str(answer.key), "its `tags` are neither a map nor a list")
            return
        tags |= tag_map(page, "tags", key="key", value="value") | string_map(page, "tags")
    arn = Arn.parse(answer.argument)
    if arn is None:
        yield Oddity(str(answer.key), "tags were asked of something that is no ARN")
        return
    kind = kinds.get(arn.resource.partition("/")[0])
    if kind is not None:
        yield Node(NodeId(answer.argument), kind, tag_props(tags))


def s3_uri(place: Json) -> str | None:
    """The S3 URI that this object spells in one member."""
    return text(place, "s3Uri") or text(place, "uri")


def network(page: Json, *, config: str) -> dict[str, str | None]:
    """How a workload is attached to a network, as settings."""
    held = member(page, "networkConfiguration")
    return {
        "network_mode": text(held, "networkMode"),
        "subnets": word_at(held, f"{config}.subnets"),
        "security_groups": word_at(held, f"{config}.securityGroups"),
    }
