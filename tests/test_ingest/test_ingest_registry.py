"""The declared resources: unique, read-only, complete enough for a collector."""

import re
from types import ModuleType

import pytest

from graph.errors import SchemaError
from ingest.source import (
    Call,
    Feed,
    Item,
    Resource,
    arguments,
    by_operation,
    collect_resources,
    items_of,
    resources,
)

READS = re.compile(r"(batch_get|describe|generate|get|list|lookup|query|search)_[a-z0-9_]+|search")
PERMISSION = re.compile(
    r"[a-z0-9-]+:(BatchGet|Describe|Generate|Get|List|Lookup|Query|Search)[A-Za-z0-9]*"
)
FREE = frozenset({"sts.get_caller_identity"})  # SOURCE: STS API reference, read 2026-11-26

# Answers of several lists, whose shape itself says where one of them is missing.
WHOLE = frozenset({"iam.get_account_authorization_details"})


def _module(*rows: Resource) -> ModuleType:
    module = ModuleType("declared")
    module.RESOURCES = rows  # type: ignore[attr-defined]  # what the registry looks for
    return module


def _resource(name: str, method: str = "get_x") -> Resource:
    return Resource(name, "", Call("c", method, "c:GetX"), lambda _answer: ())


@pytest.mark.parametrize("resource", resources(), ids=lambda resource: resource.id)
def test_a_resource_only_reads(resource: Resource) -> None:
    assert READS.fullmatch(resource.call.method)
    if resource.call.operation not in FREE:
        assert PERMISSION.fullmatch(resource.call.permission)


@pytest.mark.parametrize("resource", resources(), ids=lambda resource: resource.id)
def test_a_resource_is_described_and_dotted(resource: Resource) -> None:
    assert resource.doc.endswith(".")
    assert re.fullmatch(r"aws\.[a-z0-9-]+", resource.id)


@pytest.mark.parametrize("resource", resources(), ids=lambda resource: resource.id)
def test_a_call_per_item_names_the_item_and_where_it_comes_from(resource: Resource) -> None:
    call = resource.call
    carried = {f"{{{name}}}" for feed in call.feeds for name in feed.carry}
    asked = set(re.findall(r"\{\w+\}", str(call.params)))
    members = [name for feed in call.feeds for name in feed.members]
    constant = bool(members) and all(name.startswith("=") for name in members)
    assert (call.per_item and not constant) == bool(
        asked & ({"{item}", "{0}", "{1}", "{2}"} | carried)
    )
    for feed in call.feeds:
        feeder = by_operation("aws")[feed.operation].call
        assert feeder.regional == call.regional, feed
        assert feed.path or feed.members


@pytest.mark.parametrize("resource", resources(), ids=lambda resource: resource.id)
def test_a_feed_stands_in_the_list_that_the_feeding_call_counts(resource: Resource) -> None:
    for feed in resource.call.feeds:
        feeder = by_operation("aws")[feed.operation].call
        whole = feed.operation in WHOLE or not feeder.items
        assert whole or f"{feed.path}.".startswith(f"{feeder.items}.")


def test_calls_that_the_graph_needs_are_all_read() -> None:
    wanted = {
        "iam.get_account_authorization_details",
        "organizations.list_targets_for_policy",
        "s3.get_bucket_policy",
        "s3control.get_public_access_block",
        "kms.get_key_policy",
        "sagemaker.describe_notebook_instance_lifecycle_config",
        "sagemaker.describe_endpoint_config",
        "sagemaker.describe_training_job",
        "lambda.get_policy",
    }
    assert wanted <= set(by_operation("aws"))


def test_two_resources_of_one_id_are_refused() -> None:
    with pytest.raises(SchemaError, match=r"resource `aws.a` is declared twice"):
        collect_resources([_module(_resource("aws.a")), _module(_resource("aws.a", "get_y"))])


def test_two_resources_of_one_operation_are_refused() -> None:
    with pytest.raises(SchemaError, match=r"operation `c.get_x` is read by `aws.a` and `aws.b`"):
        collect_resources([_module(_resource("aws.a"), _resource("aws.b"))])


def test_resources_come_in_order_of_id() -> None:
    found = collect_resources([_module(_resource("aws.b", "get_y"), _resource("aws.a"))])
    assert [row.id for row in found] == ["aws.a", "aws.b"]


def test_an_answer_names_the_items_of_the_calls_it_feeds() -> None:
    call = by_operation("aws")["sagemaker.list_tags"].call
    pages = [
        {"Models": [{"ModelArn": "a"}, {"ModelArn": "b"}]},
        {"Models": [{"ModelArn": "a"}, {}]},
    ]
    assert arguments(call, "sagemaker.list_models", pages) == ("a", "b")
    assert arguments(call, "sagemaker.list_domains", pages) == ()


def test_an_argument_is_made_of_several_members_and_of_the_feeding_calls_own() -> None:
    feed = Feed("c.list_y", "Ys", ("^0", "Y.Name", "=DRAFT"), ("Token",), {"Live": ("true",)})
    call = Call("c", "get_x", "c:GetX", feeds=(feed,))
    live = {"Y": {"Name": "n"}, "Token": "t", "Live": True}
    pages = [{"Ys": [live, {**live, "Live": False}, {"Y": {"Name": "m"}, "Live": True}]}]
    assert items_of(call, "c.list_y", pages, argument="p|q") == (Item("p|n|DRAFT", {"Token": "t"}),)


def test_an_object_that_says_what_is_barred_feeds_nothing() -> None:
    feed = Feed("c.list_y", "Ys", ("^0", "V"), unless={"V": ("DRAFT",)})
    call = Call("c", "get_x", "c:GetX", feeds=(feed,))
    pages = [{"Ys": [{"V": "DRAFT"}, {"V": "1"}]}]
    assert arguments(call, "c.list_y", pages, argument="p") == ("p|1",)


def test_an_argument_is_made_of_a_listed_text_and_of_the_feeding_calls_own() -> None:
    call = Call("c", "get_x", "c:GetX", feeds=(Feed("c.list_y", "Ys", ("^0", ".")),))
    pages = [{"Ys": ["a", 7, "b", ""]}]
    found = items_of(call, "c.list_y", pages, argument="p|q")
    assert found == (Item("p|a"), Item("p|b"))
    assert items_of(call, "c.list_y", pages) == ()


def test_a_description_names_the_item_at_its_top() -> None:
    call = by_operation("aws")["sagemaker.describe_notebook_instance_lifecycle_config"].call
    pages = [{"NotebookInstanceLifecycleConfigName": "lc"}]
    assert arguments(call, "sagemaker.describe_notebook_instance", pages) == ("lc",)
