"""CloudFormation: the stacks of an account as systems of record, and what each of them manages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

import yaml

from graph.model import Edge, Node, NodeId, Row
from ingest.aws.asset import account_stub, props, stated
from ingest.aws.names import Arn, account_node, partition_of
from ingest.estate import Estate
from ingest.fields import Json, moment, tag_map, text
from ingest.source import Answer, Call, Feed, Link, Mention, Resource, Shaped, Skipped

FLAVOUR = "cloudformation stack"
_ENDED = "DELETE_COMPLETE"


@cache
def stack_types() -> Mapping[str, Mapping[str, Any]]:
    """How the physical ids of each type of resource are to be read."""
    held: dict[str, Mapping[str, Any]] = yaml.safe_load(
        resources.files("ingest.aws").joinpath("stacks.yaml").read_text(encoding="utf-8")
    )
    return held


def shape_stacks(answer: Answer) -> Iterator[Shaped]:
    """The stacks of the account in the region; those that were deleted are no record of anything."""
    yield account_stub(answer.account)
    for row in answer.each("Stacks"):
        arn = text(row, "StackId")
        if arn is None:
            yield Skipped(str(answer.key), "a stack has no id")
            continue
        if text(row, "StackStatus") == _ENDED:
            continue
        node = NodeId(arn)
        yield Node(node, "Registry", _stack(answer, row))
        yield Edge("CONTAINS", account_node(answer.account), node)


def _stack(answer: Answer, row: Json) -> Mapping[str, Any]:
    drift = row.get("DriftInformation")
    return props(
        platform="aws",
        account=answer.account,
        region=answer.region,
        name=text(row, "StackName"),
        flavour=FLAVOUR,
        created=moment(row, "CreationTime"),
        last_changed=moment(row, "LastUpdatedTime"),
        tags=tag_map(row, "Tags") or None,
        settings=stated(
            state=text(row, "StackStatus"),
            role=text(row, "RoleARN"),
            drift=text(drift, "StackDriftStatus") if isinstance(drift, Mapping) else None,
        ),
    )


def shape_stack_resources(answer: Answer) -> Iterator[Shaped]:
    """What the stack manages, by type and physical id; types that the graph has no kind for are left out."""
    for row in answer.each("StackResourceSummaries"):
        form = stack_types().get(text(row, "ResourceType") or "")
        value = text(row, "PhysicalResourceId")
        if form is None or value is None or text(row, "ResourceStatus") == _ENDED:
            continue
        logical = text(row, "LogicalResourceId") or "?"
        told = {"kind": str(form["kind"]), "logical": logical}
        named = value if form.get("name") else _arn(answer, str(form["arn"]), value)
        yield Mention(Link.MANAGED, NodeId(answer.argument), named, told)


def _arn(answer: Answer, form: str, value: str) -> str:
    if Arn.parse(value) is not None:
        return value
    place = {"partition": partition_of(answer.region), "region": answer.region}
    return form.format(value=value, account=answer.account, **place)


def managed(estate: Estate) -> Iterator[Row]:
    """MANAGED_BY edges to stacks, from what the estate lists; a name means the one of its kind in the stack's account."""
    named: dict[tuple[str, str, str], list[NodeId]] = defaultdict(list)
    for node in estate.nodes.values():
        named[node.kind, str(node.props.get("account", "")), node.name].append(node.id)
    for mention in estate.mentions(Link.MANAGED):
        stack = Arn.parse(mention.subject)
        account = stack.account if stack is not None else ""
        found = named.get((mention.props["kind"], account, mention.text), [])
        if NodeId(mention.text) in estate.nodes:
            found = [NodeId(mention.text)]
        for one in found if mention.subject in estate.nodes else ():
            yield Edge(
                "MANAGED_BY",
                one,
                mention.subject,
                evidence=(f"resource `{mention.props['logical']}` of the stack",),
                asserted_by=mention.asserted_by,
            )


RESOURCES = (
    Resource(
        "aws.stacks",
        "The CloudFormation stacks of the account: what is managed as code.",
        Call(
            "cloudformation",
            "describe_stacks",
            "cloudformation:DescribeStacks",
            regional=True,
            items="Stacks",
            paginated=True,
        ),
        shape_stacks,
    ),
    Resource(
        "aws.stack-resources",
        "What a stack manages.",
        Call(
            "cloudformation",
            "list_stack_resources",
            "cloudformation:ListStackResources",
            regional=True,
            params={"StackName": "{item}"},
            items="StackResourceSummaries",
            paginated=True,
            feeds=(Feed("cloudformation.describe_stacks", "Stacks.StackId"),),
            subject="{item}",
        ),
        shape_stack_resources,
    ),
)
