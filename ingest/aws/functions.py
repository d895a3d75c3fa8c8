"""Lambda: functions, who they run as, who may call them, and the image they come in."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Edge, Node, NodeId, Role
from ingest.aws.asset import lacking, listed, props, referenced, tag_props
from ingest.aws.names import Arn, account_of, partition_of
from ingest.aws.written import UnreadableDocumentError, attached
from ingest.fields import Json, member, moment, rows, string_map, text
from ingest.source import Answer, Call, Feed, Link, Mention, Resource, Shaped, Skipped

FLAVOUR = "lambda function"


def unqualified(arn: str) -> str:
    """The ARN of the function itself, without a version or alias."""
    return ":".join(arn.split(":")[:7])


def function_node(name: str, *, account: str, region: str) -> NodeId:
    """The node of the function with this name or ARN."""
    if Arn.parse(name) is not None:
        return NodeId(unqualified(name))
    return NodeId(f"arn:{partition_of(region)}:lambda:{region}:{account}:function:{name}")


def shape_functions(answer: Answer) -> Iterator[Shaped]:
    """The functions of the account in the region."""
    for row in answer.each("Functions"):
        arn = text(row, "FunctionArn")
        if arn is None:
            yield Skipped(str(answer.key), "a function has no ARN")
            continue
        node = NodeId(unqualified(arn))
        yield from listed(
            node,
            "Function",
            account=answer.account,
            region=answer.region,
            name=text(row, "FunctionName"),
            flavour=FLAVOUR,
            state=text(row, "State"),
            reruns=True,  # each call runs it
            last_changed=moment(row, "LastModified"),
            cmk=False if text(row, "KMSKeyArn") is None else None,
            settings=_settings(row) or None,
        )
        if role := text(row, "Role"):
            yield referenced(role, "Role", account=account_of(role))
            yield Edge("RUNS_AS", node, NodeId(role))
        if key := text(row, "KMSKeyArn"):
            yield Mention(Link.KEY, node, key)
        if image := text(member(row, "Code"), "ImageUri"):
            yield Mention(Link.IMAGE, node, image)


def _settings(row: Json) -> dict[str, str]:
    layers = ",".join(arn for layer in rows(row, "Layers") if (arn := text(layer, "Arn")))
    held = {
        "package": text(row, "PackageType"),
        "runtime": text(row, "Runtime"),
        "vpc": text(member(row, "VpcConfig"), "VpcId"),
        "layers": layers,
        "environment": ",".join(sorted(map(str, member(member(row, "Environment"), "Variables")))),
    }
    return {name: value for name, value in held.items() if value}


def shape_policy(answer: Answer) -> Iterator[Shaped]:
    """Who may call the function; none beyond its account where the answer has no pages."""
    node = function_node(answer.argument, account=answer.account, region=answer.region)
    for page in answer.pages:
        try:
            yield from attached(node, Role.RESOURCE, page.get("Policy"))
        except UnreadableDocumentError as error:
            yield Skipped(f"policy of function `{answer.argument}`", str(error))


def shape_tags(answer: Answer) -> Iterator[Shaped]:
    """The function's tags."""
    if lost := lacking(answer, "Tags"):
        yield lost
        return
    tags: dict[str, str] = {}
    for page in answer.pages:
        tags |= string_map(page, "Tags")
    node = function_node(answer.argument, account=answer.account, region=answer.region)
    yield Node(node, "Function", props(**tag_props(tags)))


RESOURCES = (
    Resource(
        "aws.functions",
        "The functions of the account.",
        Call(
            "lambda",
            "list_functions",
            "lambda:ListFunctions",
            regional=True,
            items="Functions",
            paginated=True,
            veils=("Functions.Environment.Variables",),
        ),
        shape_functions,
    ),
    Resource(
        "aws.function-policies",
        "Who may call a function.",
        Call(
            "lambda",
            "get_policy",
            "lambda:GetPolicy",
            regional=True,
            params={"FunctionName": "{item}"},
            feeds=(Feed("lambda.list_functions", "Functions.FunctionName"),),
            known_none=frozenset({"ResourceNotFoundException"}),
            subject="arn:{partition}:lambda:{region}:{account}:function:{item}",
        ),
        shape_policy,
    ),
    Resource(
        "aws.function-tags",
        "The tags of a function.",
        Call(
            "lambda",
            "list_tags",
            "lambda:ListTags",
            regional=True,
            params={"Resource": "{item}"},
            feeds=(Feed("lambda.list_functions", "Functions.FunctionArn"),),
            subject="{item}",
            tells_tags=True,
        ),
        shape_tags,
    ),
)
