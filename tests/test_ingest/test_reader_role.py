"""The reader role: enough for every call, nothing that changes anything, and every call on its page."""

import fnmatch
import json

import pytest
import yaml
from moto.iam.aws_managed_policies import aws_managed_policies_data

from ingest.aws.simulator import SIMULATE
from ingest.source import Resource, by_operation, resources
from scripts.permissions import CLOUDFORMATION, PAGE, needed, security_audit

# Reads that AWS's own read-only policies do not hold, each with why it is one.
READS_BESIDE: dict[str, str] = {
    "bedrock:ListCustomModelDeployments": "lists deployments; the policies know custom models only",
    "sagemaker:GetEndpointPolicy": "reads the resource policy of an endpoint; newer than the lists",
    "sagemaker:GetModelPackageGroupPolicy": "reads the resource policy of a model package group",
}


class _Template(yaml.SafeLoader):
    """CloudFormation's YAML: its functions are tags."""


_Template.add_multi_constructor("!", lambda _loader, _suffix, node: node.value)


def _allowed(policy: str) -> list[str]:
    statements = json.loads(aws_managed_policies_data)[policy]["Document"]["Statement"]
    rows = [row["Action"] for row in statements if row["Effect"] == "Allow" and "Action" in row]
    return [name for row in rows for name in ([row] if isinstance(row, str) else row)]


READ_ONLY = [*_allowed("ReadOnlyAccess"), *_allowed("ViewOnlyAccess"), *_allowed("SecurityAudit")]


@pytest.mark.parametrize(
    "resource", [row for row in resources() if row.call.permission], ids=lambda row: row.id
)
def test_a_call_needs_an_action_that_aws_itself_counts_as_reading(resource: Resource) -> None:
    action = resource.call.permission.lower()
    assert (
        any(fnmatch.fnmatchcase(action, held.lower()) for held in READ_ONLY)
        or resource.call.permission in READS_BESIDE
    )


def test_the_call_beside_collecting_reads_is_on_the_page_and_in_no_role_of_ours() -> None:
    action = SIMULATE.permission.lower()
    assert any(fnmatch.fnmatchcase(action, held.lower()) for held in READ_ONLY)
    assert f"`{SIMULATE.permission}`" in PAGE.read_text(encoding="utf-8")
    assert SIMULATE.operation not in by_operation("aws")
    assert SIMULATE.permission not in needed(resources())
    assert SIMULATE.permission not in CLOUDFORMATION.read_text(encoding="utf-8")


def test_no_exception_is_kept_that_nothing_needs() -> None:
    assert set(READS_BESIDE) <= set(needed(resources()))


def test_the_role_allows_every_action_and_adds_only_what_security_audit_lacks() -> None:
    template = yaml.load(CLOUDFORMATION.read_text(encoding="utf-8"), _Template)  # noqa: S506  # a SafeLoader with tags
    (statement,) = template["Resources"]["Reader"]["Properties"]["Policies"][0]["PolicyDocument"][
        "Statement"
    ]
    added, audit = set(statement["Action"]), security_audit()
    assert {name for name in needed(resources()) if not audit.allows(name)} == added


def test_no_content_of_a_bucket_is_read_but_on_request() -> None:
    assert "s3:GetObject" not in needed(resources())
    assert "s3:GetObject" not in CLOUDFORMATION.read_text(encoding="utf-8")


def test_every_call_is_on_the_page_with_how_it_is_tested() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert all(f"| `{name}` |" in text for name in by_operation("aws"))
