"""Recorded conversations of the real services, read over sockets by the SDK and the collector's own client."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from wire.asking import ask, client_of, signed
from wire.replay import PLACEBO, Conversation, recorded_operations, replaying
from wire.requests import Asked
from wire.server import Wire

from graph.model import CoverageKey, Node, Outcome
from ingest.aws.client import AwsClient
from ingest.aws.client_sessions import Sessions
from ingest.fields import Json
from ingest.source import Answer, Call, Poll, Shaped, Skipped, read_answer

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
ACCOUNT = "644160558196"
GUARDRAILS = Call(
    "bedrock", "list_guardrails", "", regional=True, items="guardrails", paginated=True
)
AGENTS = Call(
    "bedrock-agent", "list_agents", "", regional=True, items="agentSummaries", paginated=True
)
AGENT = Call("bedrock-agent", "get_agent", "", regional=True, params={"agentId": "{item}"})
POINTS = Call(
    "s3control", "list_access_points", "", regional=True, params={"AccountId": "{account}"}
)
POINT = Call(
    "s3control",
    "get_access_point",
    "",
    regional=True,
    params={"AccountId": "{account}", "Name": "{item}"},
)
POINT_POLICY = Call(
    "s3control",
    "get_access_point_policy",
    "",
    regional=True,
    params={"AccountId": "{account}", "Name": "{item}"},
    known_none=frozenset({"NoSuchAccessPointPolicy"}),
)
REPORT = Call("iam", "generate_service_last_accessed_details", "", params={"Arn": "{item}"})
DETAILS = Call(
    "iam",
    "get_service_last_accessed_details",
    "",
    params={"JobId": "{item}"},
    items="ServicesLastAccessed",
    token=("Marker", "Marker"),
    poll=Poll("JobStatus", ("IN_PROGRESS",)),
)


@contextmanager
def conversation(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[AwsClient, Wire, Conversation]]:
    """The recording, asked by the client; no recording says who asks."""
    monkeypatch.setattr(Sessions, "_whoami", _recorded_account)
    with signed(ACCOUNT), replaying(name) as (wire, held):
        yield client_of(wire, region="us-east-1"), wire, held


def _recorded_account(sessions: Sessions) -> tuple[str, str]:
    del sessions
    return ACCOUNT, "aws"


def _shaped(call: str, argument: str, pages: tuple[Json, ...]) -> list[Shaped]:
    key = CoverageKey("aws", ACCOUNT, "us-east-1", f"{call}/{argument}" if argument else call)
    return list(read_answer(Answer(key, argument, pages)))


def test_sagemaker_speaks_json_one_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with conversation("test_sagemaker_notebook_instances", monkeypatch) as (client, wire, held):
        listed = ask(client, "sagemaker.list_notebook_instances", region="us-east-1")
        name = listed.pages[0]["NotebookInstances"][0]["NotebookInstanceName"]
        told = ask(client, "sagemaker.describe_notebook_instance", name, region="us-east-1")

    assert (listed.outcome, told.outcome, held.misses) == (Outcome.OK, Outcome.OK, [])
    rows = _shaped("sagemaker.describe_notebook_instance", name, told.pages)
    assert [row.kind for row in rows if isinstance(row, Node)].count("Notebook") == 1
    assert not [row for row in rows if isinstance(row, Skipped)]
    assert told.pages[0]["CreationTime"].isoformat() == "2018-01-18T10:59:51.486000+00:00"
    first = wire.log[0]
    assert (first.service, first.region, first.path) == ("sagemaker", "us-east-1", "/")
    assert first.headers["content-type"] == "application/x-amz-json-1.1"
    assert "authorization" not in first.headers


def test_bedrock_speaks_rest_json(monkeypatch: pytest.MonkeyPatch) -> None:
    with conversation("test_bedrock_guardrail", monkeypatch) as (client, wire, held):
        listed = ask(client, GUARDRAILS, region="us-east-1")
        one = Call(
            "bedrock", "get_guardrail", "", regional=True, params={"guardrailIdentifier": "{item}"}
        )
        told = ask(client, one, listed.pages[0]["guardrails"][0]["id"], region="us-east-1")

    assert (listed.items, told.outcome, held.misses) == (1, Outcome.OK, [])
    assert told.pages[0]["contentPolicy"]["filters"][0]["inputStrength"] == "MEDIUM"
    assert told.pages[0]["createdAt"].microsecond == 739905
    assert [row.operation for row in wire.log] == ["ListGuardrails", "GetGuardrail"]
    assert wire.log[1].params["guardrailIdentifier"] == "j67bckj8wqa9"


def test_agents_and_their_keys_are_two_services_of_one_conversation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with conversation("test_bedrock_agent_encryption", monkeypatch) as (client, _, held):
        listed = ask(client, AGENTS, region="us-east-1")
        agents = [
            ask(client, AGENT, row["agentId"], region="us-east-1").pages[0]["agent"]
            for row in listed.pages[0]["agentSummaries"]
        ]
        again = ask(client, AGENT, "64XULLPD7A", region="us-east-1").pages[0]["agent"]
        key = ask(client, "kms.describe_key", "k", region="us-east-1")
        aliases = ask(client, "kms.list_aliases", region="us-east-1")

    assert [agent["agentName"] for agent in agents] == ["c7n-test", "test-agent"]
    assert again == agents[-1], "after the last recorded answer the last one repeats"
    assert key.pages[0]["KeyMetadata"]["KeyManager"] == "CUSTOMER"
    assert aliases.items >= 1
    assert held.misses == []


def test_organizations_answers_and_what_was_not_recorded_is_a_miss(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with conversation("test_account_org_info", monkeypatch) as (client, _, held):
        told = ask(client, "organizations.describe_organization")
        missed = ask(client, "organizations.list_roots")

    assert told.pages[0]["Organization"]["MasterAccountId"] == ACCOUNT
    assert (missed.outcome, missed.pages) == (Outcome.UNSUPPORTED, None)
    assert held.misses == ["organizations.ListRoots"]


def test_the_access_advisor_is_waited_for_in_the_query_protocol(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with conversation("test_iam_user_usage", monkeypatch) as (client, wire, held):
        job = ask(client, REPORT, f"arn:aws:iam::{ACCOUNT}:user/kapil").pages[0]["JobId"]
        told = ask(client, DETAILS, job)

    assert (told.outcome, held.misses) == (Outcome.OK, [])
    assert len(wire.asked("iam.GetServiceLastAccessedDetails")) == 2, "it was in progress at first"
    assert [page["JobStatus"] for page in told.pages] == ["COMPLETED"]
    services = told.pages[0]["ServicesLastAccessed"]
    assert told.items == len(services) > 100
    certificates = next(row for row in services if row["ServiceNamespace"] == "acm")
    assert certificates["LastAuthenticated"].isoformat() == "2019-02-08T14:55:00+00:00"
    assert certificates["TotalAuthenticatedEntities"] == 1
    assert "LastAuthenticated" not in services[0], "what was never used has no time"


def test_access_points_speak_rest_xml_behind_the_account_in_the_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with conversation("s3_access_point_query", monkeypatch) as (client, wire, held):
        listed = ask(client, POINTS, region="us-east-1")
        names = [row["Name"] for row in listed.pages[0]["AccessPointList"]]
        point = ask(client, POINT, names[0], region="us-east-1")
        none = ask(client, POINT_POLICY, names[0], region="us-east-1")
        policy = ask(client, POINT_POLICY, names[1], region="us-east-1")

    assert names == ["c7n-ap-no-policy-rapid-serval", "c7n-ap-rapid-serval"]
    assert point.pages[0]["PublicAccessBlockConfiguration"]["RestrictPublicBuckets"] is False
    assert point.pages[0]["Endpoints"]["fips"] == "s3-accesspoint-fips.us-east-1.amazonaws.com"
    assert (none.outcome, none.pages) == (Outcome.OK, ()), "a recorded 404 that means none"
    assert '"s3:PutObject"' in policy.pages[0]["Policy"]
    assert wire.log[0].headers["host"] == f"{ACCOUNT}.localhost:{wire.port}"
    assert held.misses == []


def test_the_public_access_block_of_the_account_takes_its_turns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with conversation("test_account_action_s3_public_block", monkeypatch) as (client, _, held):
        turns = [ask(client, "s3control.get_public_access_block").pages for _ in range(3)]

    blocks = [pages[0]["PublicAccessBlockConfiguration"]["BlockPublicPolicy"] for pages in turns]
    assert blocks == [False, True, True]
    assert held.misses == []


def test_buckets_and_their_places_speak_rest_xml(monkeypatch: pytest.MonkeyPatch) -> None:
    with conversation("test_s3_iam_analyzers", monkeypatch) as (client, _, held):
        listed = ask(client, "s3.list_buckets")
        place = ask(client, "s3.get_bucket_location", listed.pages[0]["Buckets"][0]["Name"])

    assert listed.items >= 1
    assert listed.pages[0]["Buckets"][0]["CreationDate"].year > 2000
    assert place.outcome is Outcome.OK
    assert "LocationConstraint" in place.pages[0]
    assert held.misses == []


def test_an_empty_text_as_token_is_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    clusters = Call(
        "sagemaker", "list_clusters", "", regional=True, items="ClusterSummaries", paginated=True
    )
    with conversation("test_sagemaker_delete_cluster", monkeypatch) as (client, wire, held):
        listed = ask(client, clusters, region="us-east-1")

    assert (listed.outcome, listed.items, len(wire.log)) == (Outcome.OK, 1, 1)
    assert held.dropped == []


def test_a_recorded_token_that_nothing_follows_is_dropped_and_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with conversation("test_sagemaker_training_job_query", monkeypatch) as (client, wire, held):
        listed = ask(client, "sagemaker.list_training_jobs", region="us-east-1")

    recorded = len(
        list((PLACEBO / "test_sagemaker_training_job_query").glob("*ListTrainingJobs_*"))
    )
    assert listed.outcome is Outcome.OK
    assert len(wire.log) == recorded
    assert len(held.dropped) == (1 if recorded == 1 else 0)


def test_a_write_is_refused_and_remembered() -> None:
    held = Conversation(PLACEBO / "test_account_action_s3_public_block")
    block = Asked("PUT", "/", {}, "s3control", "PutPublicAccessBlock")

    assert held.answer(block).status == 405
    assert held.writes == ["s3control.PutPublicAccessBlock"]
    assert "s3-control.PutPublicAccessBlock" in recorded_operations(held.folder)


def test_two_conversations_are_never_mixed(monkeypatch: pytest.MonkeyPatch) -> None:
    with conversation("test_account_org_info", monkeypatch) as (client, _, held):
        listed = ask(client, "sagemaker.list_notebook_instances", region="us-east-1")

    assert listed.outcome is Outcome.UNSUPPORTED
    assert held.misses == ["sagemaker.ListNotebookInstances"]
