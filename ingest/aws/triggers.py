"""What starts Lambda functions, and where they answer: event sources, URLs and aliases."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Edge, Node, NodeId
from ingest.aws.asset import listed, props, referenced, stated
from ingest.aws.functions import function_node, unqualified
from ingest.aws.names import account_of, partition_of
from ingest.fields import Json, member, moment, text, texts
from ingest.source import Answer, Call, Feed, Resource, Shaped, Skipped

FLAVOUR = "lambda event source mapping"
_OFF = frozenset({"Disabled", "Disabling", "Deleting"})


def shape_sources(answer: Answer) -> Iterator[Shaped]:
    """The streams and queues whose events start functions; one that is switched off starts nothing."""
    for row in answer.each("EventSourceMappings"):
        identifier, function = text(row, "UUID"), text(row, "FunctionArn")
        if identifier is None or function is None:
            yield Skipped(str(answer.key), "an event source has no id or no function")
            continue
        yield from _source(answer, row, identifier, NodeId(unqualified(function)))


def _source(answer: Answer, row: Json, identifier: str, function: NodeId) -> Iterator[Shaped]:
    place = f"{answer.region}:{answer.account}"
    made = f"arn:{partition_of(answer.region)}:lambda:{place}:event-source-mapping:{identifier}"
    node = NodeId(text(row, "EventSourceMappingArn") or made)
    state = text(row, "State")
    running = None if state is None else state not in _OFF
    outputs = member(row, "DestinationConfig")
    yield from listed(
        node,
        "Schedule",
        account=answer.account,
        region=answer.region,
        name=identifier,
        flavour=FLAVOUR,
        state=state,
        reruns=running,
        last_changed=moment(row, "LastModified"),
        settings=stated(
            source=text(row, "EventSourceArn"),
            topics=",".join(sorted((*texts(row, "Topics"), *texts(row, "Queues")))),
            on_success=text(member(outputs, "OnSuccess"), "Destination"),
            on_failure=text(member(outputs, "OnFailure"), "Destination"),
        ),
    )
    yield referenced(function, "Function", account=account_of(function))
    if running is not False:
        yield Edge("TRIGGERS", node, function)


def shape_urls(answer: Answer) -> Iterator[Shaped]:
    """Where the function answers on the internet, and whether it asks who calls.

    A function without a URL may still be reached by a gateway, so that none says nothing.
    """
    node = function_node(answer.argument, account=answer.account, region=answer.region)
    yield Node(node, "Function")
    for row in answer.each("FunctionUrlConfigs"):
        auth, where = text(row, "AuthType"), text(row, "FunctionArn") or ""
        qualifier = where.split(":")[7] if where.count(":") >= 7 else ""
        tail = f":{qualifier}" if qualifier else ""
        yield Node(
            node,
            "Function",
            props(
                internet_reachable=True if auth == "NONE" else None,
                settings=stated(
                    **{
                        f"url{tail}": text(row, "FunctionUrl"),
                        f"url_auth{tail}": auth,
                        f"url_origins{tail}": ",".join(
                            sorted(texts(member(row, "Cors"), "AllowOrigins"))
                        ),
                    }
                ),
            ),
        )


def shape_aliases(answer: Answer) -> Iterator[Shaped]:
    """Which version each alias of the function stands for."""
    node = function_node(answer.argument, account=answer.account, region=answer.region)
    found = sorted(
        f"{name}={_versions(row)}" for row in answer.each("Aliases") if (name := text(row, "Name"))
    )
    yield Node(node, "Function", props(settings=stated(aliases=",".join(found))))


def _versions(row: Json) -> str:
    also = member(member(row, "RoutingConfig"), "AdditionalVersionWeights")
    return "+".join([text(row, "FunctionVersion") or "?", *sorted(map(str, also))])


_NAMES = (Feed("lambda.list_functions", "Functions.FunctionName"),)


def _per_function(method: str, permission: str, items: str) -> Call:
    return Call(
        "lambda",
        method,
        f"lambda:{permission}",
        regional=True,
        params={"FunctionName": "{item}"},
        items=items,
        paginated=True,
        feeds=_NAMES,
        subject="arn:{partition}:lambda:{region}:{account}:function:{item}",
    )


RESOURCES = (
    Resource(
        "aws.event-sources",
        "The streams and queues whose events start functions.",
        Call(
            "lambda",
            "list_event_source_mappings",
            "lambda:ListEventSourceMappings",
            regional=True,
            items="EventSourceMappings",
            paginated=True,
        ),
        shape_sources,
    ),
    Resource(
        "aws.function-urls",
        "Where a function answers on the internet.",
        _per_function("list_function_url_configs", "ListFunctionUrlConfigs", "FunctionUrlConfigs"),
        shape_urls,
    ),
    Resource(
        "aws.function-aliases",
        "The aliases of a function.",
        _per_function("list_aliases", "ListAliases", "Aliases"),
        shape_aliases,
    ),
)
