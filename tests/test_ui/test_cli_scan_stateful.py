"""A whole story over sockets: an estate that boto3 builds on moto's server, scanned, loaded and asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from running import Run
from wire.asking import signed
from wire.canned import ROLE, error
from wire.proxy import Proxy
from wire.server import Wire, running
from wire.standin import REGION, Estate, built, moto

from graph.model import Edge, Node, Outcome
from graph.stores import open_store
from ingest.snapshot import Snapshot
from ingest.source import by_operation
from scripts.permissions import ANSWERED as MOTO

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
STORE = "sqlite:///estate.db"
ANSWERED = {
    "sts.get_caller_identity",
    "iam.get_account_authorization_details",
    "organizations.list_accounts",
    "organizations.describe_organization",
    "organizations.list_roots",
    "organizations.list_organizational_units_for_parent",
    "organizations.list_accounts_for_parent",
    "organizations.list_policies",
    "organizations.describe_policy",
    "organizations.list_targets_for_policy",
    "s3.list_buckets",
    "s3.get_bucket_policy",
    "s3.get_bucket_location",
    "s3control.get_public_access_block",
    "kms.list_keys",
    "kms.describe_key",
    "kms.get_key_policy",
    "kms.list_aliases",
    "sagemaker.list_notebook_instances",
    "sagemaker.describe_notebook_instance",
    "sagemaker.describe_notebook_instance_lifecycle_config",
    "sagemaker.list_models",
    "sagemaker.describe_model",
    "sagemaker.list_endpoint_configs",
    "sagemaker.describe_endpoint_config",
    "sagemaker.list_endpoints",
    "sagemaker.describe_endpoint",
}
"""What moto has: nothing of it may fail."""
LACKED = {("organizations.list_policies", "DECLARATIVE_POLICY_EC2")}
"""What moto lacks of an operation that it has."""


@dataclass(frozen=True)
class Stand:
    """The estate, and the proxy in front of it."""

    estate: Estate
    proxy: Proxy
    wire: Wire


@pytest.fixture
def stand(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stand]:
    with signed(), moto() as url:
        estate, proxy = built(url), Proxy(url)
        with running(proxy) as wire:
            monkeypatch.setenv("SHADOWGRAPH_AWS_ENDPOINT_URL", wire.url)
            monkeypatch.setenv("SHADOWGRAPH_AWS_REGIONS", REGION)
            monkeypatch.setenv("SHADOWGRAPH_AWS_TRIES", "1")
            monkeypatch.setenv("SHADOWGRAPH_AWS_ROLE", ROLE)
            monkeypatch.setenv("SHADOWGRAPH_AWS_ACCOUNTS", "all")
            yield Stand(estate, proxy, wire)


def rows() -> tuple[dict[str, Node], dict[tuple[str, str, str], Edge]]:
    """The live facts of the store."""
    store = open_store(STORE)
    try:
        facts = store.facts()
    finally:
        store.close()
    return (
        {row.id: row for row in facts.nodes},
        {(row.kind, row.source, row.target): row for row in facts.edges},
    )


def unwell(folder: str) -> dict[str, set[str]]:
    """The operations that did not end well, and how."""
    found: dict[str, set[str]] = {}
    for call in Snapshot.read(Path(folder)).calls:
        if call.outcome is not Outcome.OK and (call.operation, call.argument) not in LACKED:
            found.setdefault(call.operation, set()).add(call.outcome.value)
    return found


def answered(folder: str) -> list[str]:
    """The operations that were answered with content, in order."""
    snapshot, calls = Snapshot.read(Path(folder)), by_operation("aws")
    return sorted(
        {
            call.operation
            for call in snapshot.calls
            if call.outcome is Outcome.OK
            and (call.items if calls[call.operation].call.items else any(snapshot.pages(call)))
        }
    )


def test_an_estate_is_scanned_asked_and_kept_where_the_next_scan_is_refused(
    stand: Stand, run: Run, golden: Callable[[str, str], None]
) -> None:
    estate = stand.estate
    first = run("scan", "--to", "one", "--store", STORE, "--format", "json")

    assert first.code in {0, 3}, first.err  # what moto lacks is not answered
    told = json.loads(first.out)["collect"]
    assert set(told["accounts"]) == {estate.home, estate.member}
    assert {name: how for name, how in unwell("one").items() if name in ANSWERED} == {}
    golden(str(MOTO), json.dumps(answered("one"), indent=1) + "\n")
    assert all(asked.reads for asked in stand.wire.log)
    nodes, edges = rows()
    notebook = f"arn:aws:sagemaker:{REGION}:{estate.home}:notebook-instance/research"
    role = f"arn:aws:iam::{estate.home}:role/notebook-role"
    assert ("RUNS_AS", notebook, role) in edges
    assert {nodes[f"arn:aws:s3:::{name}"].kind for name in ("training-data", "member-models")} == {
        "Dataset"
    }
    assert ("CONTAINS", f"aws:ou/{estate.unit}", f"aws:account/{estate.member}") in edges
    _story(run)

    stand.proxy.scripts["s3.GetBucketPolicy"] = error(403, "AccessDenied", "Access Denied")
    stand.proxy.scripts["kms.ListKeys"] = error(400, "UnknownOperationException")
    second = run("scan", "--to", "two", "--store", STORE, "--format", "json")

    assert second.code == 3
    gaps = {
        (gap["outcome"], gap["missing_permission"])
        for gap in json.loads(second.out)["collect"]["not_answered"]
        if gap["call"].startswith(("s3.get_bucket_policy/", "kms.list_keys"))
    }
    assert gaps == {("denied", "s3:GetBucketPolicy"), ("unsupported", None)}
    after = rows()
    assert (after[0].keys(), after[1].keys()) == (nodes.keys(), edges.keys())
    _story(run)


def _story(run: Run) -> None:
    """Ana opens the notebook, which acts as its role, which reads the data: also that of the other account."""
    for bucket, statement in (("training-data", "s3:GetObject"), ("member-models", "Readers")):
        path = run("paths", "--from", "ana", "--to", bucket, "--explain", "--store", STORE)
        assert "sagemaker:CreatePresignedNotebookInstanceUrl" in path.out, path
        assert "notebook-role" in path.out
        assert statement in path.out
    none = run("paths", "--from", "bob", "--to", "training-data", "--store", STORE)
    assert "no path from `bob`" in none.out
