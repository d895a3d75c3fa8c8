"""The sample estate is whole, made up, rebuilt byte for byte, and its answers name what is there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from graph.model import CoverageKey
from graph.schema import schema
from ingest.snapshot import Snapshot, answer_path

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "sample"
SNAPSHOT = SAMPLE / "snapshot"
ACCOUNTS = {"111111111111", "222222222222", "999999999999"}
OUTSIDE = {"666666666666", "777777777777", "888888888888", "141502667606"}
PER_ITEM = {
    "s3.list_buckets": (
        ("Buckets", "Name"),
        (
            "s3.get_bucket_location",
            "s3.get_bucket_policy",
            "s3.get_public_access_block",
            "s3.get_bucket_encryption",
            "s3.get_bucket_tagging",
        ),
    ),
    "kms.list_keys": (("Keys", "KeyId"), ("kms.describe_key", "kms.get_key_policy")),
    "sagemaker.list_notebook_instances": (
        ("NotebookInstances", "NotebookInstanceName"),
        ("sagemaker.describe_notebook_instance",),
    ),
    "sagemaker.list_models": (("Models", "ModelName"), ("sagemaker.describe_model",)),
    "sagemaker.list_endpoint_configs": (
        ("EndpointConfigs", "EndpointConfigName"),
        ("sagemaker.describe_endpoint_config",),
    ),
    "sagemaker.list_endpoints": (("Endpoints", "EndpointName"), ("sagemaker.describe_endpoint",)),
    "sagemaker.list_training_jobs": (
        ("TrainingJobSummaries", "TrainingJobName"),
        ("sagemaker.describe_training_job",),
    ),
    "lambda.list_functions": (("Functions", "FunctionName"), ("lambda.get_policy",)),
    "organizations.list_policies": (
        ("Policies", "Id"),
        ("organizations.describe_policy", "organizations.list_targets_for_policy"),
    ),
}


@dataclass(frozen=True)
class Answered:
    scope: str
    operation: str
    argument: str
    pages: list[dict[str, Any]]


def _lines() -> list[dict[str, Any]]:
    text = (SNAPSHOT / "manifest.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


@cache
def _calls() -> tuple[dict[str, Any], ...]:
    return tuple(line for line in _lines() if "operation" in line)


@cache
def _answered() -> tuple[Answered, ...]:
    return tuple(
        Answered(
            call["scope"],
            call["operation"],
            call["argument"],
            json.loads((SNAPSHOT / call["file"]).read_text(encoding="utf-8"))["pages"],
        )
        for call in _calls()
        if call["file"] is not None
    )


def _rows(operation: str, member: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for answer in _answered():
        if answer.operation == operation:
            for page in answer.pages:
                yield from ((answer.scope, row) for row in page.get(member, ()))


def _details(member: str) -> Iterator[dict[str, Any]]:
    yield from (row for _, row in _rows("iam.get_account_authorization_details", member))


def _answers() -> dict[str, Any]:
    answers: dict[str, Any] = json.loads((SAMPLE / "answers.json").read_text(encoding="utf-8"))
    return answers


@cache
def _documents() -> dict[tuple[str, str], dict[str, Any]]:
    """Every document by (holder, name) as a cut names it; a managed policy and a resource carry their own id twice."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for member in ("UserDetailList", "GroupDetailList", "RoleDetailList"):
        for row in _details(member):
            kind = member.removesuffix("DetailList")
            for policy in row.get(f"{kind}PolicyList", ()):
                found[row["Arn"], policy["PolicyName"]] = policy["PolicyDocument"]
            if "AssumeRolePolicyDocument" in row:
                found[row["Arn"], row["Arn"]] = row["AssumeRolePolicyDocument"]
    for row in _details("Policies"):
        for version in row["PolicyVersionList"]:
            if version["IsDefaultVersion"]:
                found[row["Arn"], row["Arn"]] = version["Document"]
    for answer in _answered():
        for page in answer.pages:
            if answer.operation == "s3.get_bucket_policy":
                arn = f"arn:aws:s3:::{answer.argument}"
                found[arn, arn] = json.loads(page["Policy"])
            if answer.operation == "kms.get_key_policy":
                arn = f"arn:aws:kms:eu-west-1:{answer.scope}:key/{answer.argument}"
                found[arn, arn] = json.loads(page["Policy"])
    return found


def _statement(holder: str, document: str, sid: str) -> dict[str, Any]:
    statements = [row for row in _documents()[holder, document]["Statement"] if row["Sid"] == sid]
    assert len(statements) == 1, (holder, document, sid)
    found: dict[str, Any] = statements[0]
    return found


def _tree(folder: Path) -> dict[str, bytes]:
    kept = {folder / "ANSWERS.md", folder / "answers.json", *(folder / "snapshot").rglob("*")}
    return {
        str(path.relative_to(folder)): path.read_bytes() for path in sorted(kept) if path.is_file()
    }


def _cuts() -> list[Any]:
    return [
        pytest.param(cut, id=f"{story['id']}-{number}")
        for story in _answers()["stories"]
        for number, cut in enumerate(story["revocables"])
    ]


def test_the_committed_sample_is_what_the_builder_writes(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "sample.build", "--into", str(tmp_path)], cwd=ROOT, check=True
    )
    assert _tree(tmp_path) == _tree(SAMPLE)


def test_another_seed_keeps_the_answers_and_moves_the_background(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sample.build", "--into", str(tmp_path), "--seed", "7"]
    subprocess.run(command, cwd=ROOT, check=True)
    other, ours = _tree(tmp_path), _tree(SAMPLE)
    answers = [json.loads(tree["answers.json"]) for tree in (other, ours)]
    assert [(one["stories"], one["decoys"]) for one in answers] == [
        (answers[1]["stories"], answers[1]["decoys"])
    ] * 2
    assert other["snapshot/manifest.jsonl"] != ours["snapshot/manifest.jsonl"]


def test_the_snapshot_is_finished_and_reads_as_one() -> None:
    read = Snapshot.read(SNAPSHOT)
    assert not read.interrupted
    assert len(read.calls) == len(_calls())


def test_every_answer_file_stands_in_the_manifest_and_the_other_way() -> None:
    named = {call["file"] for call in _calls() if call["file"] is not None}
    on_disk = {str(path.relative_to(SNAPSHOT)) for path in (SNAPSHOT / "answers").rglob("*.json")}
    assert named == on_disk


def test_answers_lie_where_a_collector_puts_them() -> None:
    for record in Snapshot.read(SNAPSHOT).calls:
        assert record.file in {None, answer_path(record.key)}


def test_no_call_is_made_twice() -> None:
    keys = [
        (call["scope"], call["region"], call["operation"], call["argument"]) for call in _calls()
    ]
    assert len(keys) == len(set(keys))


def test_every_parent_is_a_call_of_the_same_scope_and_region() -> None:
    keys = {record.key for record in Snapshot.read(SNAPSHOT).calls}
    orphans = [
        call
        for call in _calls()
        if call["parent"] is not None
        and CoverageKey("aws", call["scope"], call["region"], call["parent"]) not in keys
    ]
    assert orphans == []


@pytest.mark.parametrize("listing", sorted(PER_ITEM))
def test_every_listed_item_was_asked_for(listing: str) -> None:
    (member, name), operations = PER_ITEM[listing]
    listed = {(scope, row[name]) for scope, row in _rows(listing, member)}
    assert listed
    for operation in operations:
        asked = {
            (call["scope"], call["argument"]) for call in _calls() if call["operation"] == operation
        }
        assert asked == listed, operation


def test_exactly_three_calls_were_denied_and_name_the_permission() -> None:
    denied = {
        (call["operation"], call["missing_permission"])
        for call in _calls()
        if call["outcome"] != "ok"
    }
    assert denied == {
        ("cloudwatch.get_metric_statistics", "cloudwatch:GetMetricStatistics"),
        ("s3.get_bucket_policy", "s3:GetBucketPolicy"),
        ("kms.get_key_policy", "kms:GetKeyPolicy"),
    }


def test_item_counts_match_the_answers() -> None:
    files = {call["file"]: call for call in _calls() if call["file"] is not None}
    for path, call in files.items():
        pages = json.loads((SNAPSHOT / path).read_text(encoding="utf-8"))["pages"]
        if ".list_" in call["operation"]:
            rows = sum(
                len(value) for page in pages for value in page.values() if isinstance(value, list)
            )
            assert call["items"] == rows, path
        elif not pages:
            assert call["items"] == 0, path


def test_the_estate_is_as_large_as_the_demo_says() -> None:
    identities = sum(
        1
        for member in ("UserDetailList", "GroupDetailList", "RoleDetailList")
        for _ in _details(member)
    )
    listings = [
        listing
        for listing in PER_ITEM
        if not listing.startswith(("organizations.", "sagemaker.list_endpoint_c"))
    ]
    assets = sum(1 for listing in listings for _ in _rows(listing, PER_ITEM[listing][0][0]))
    assert identities >= 60
    assert assets >= 190


def test_every_statement_of_the_company_carries_a_sid_that_is_its_own() -> None:
    for (holder, name), document in _documents().items():
        if holder.startswith("arn:aws:iam::aws:"):
            continue
        sids = [statement.get("Sid") for statement in document["Statement"]]
        assert all(sids), (holder, name)
        assert len(sids) == len(set(sids)), (holder, name)


def test_nothing_real_is_named() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in SNAPSHOT.rglob("*.json*"))
    assert set(re.findall(r"(?<![0-9a-f-])\d{12}(?![0-9a-f])", text)) <= ACCOUNTS | OUTSIDE
    addresses = set(re.findall(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", text))
    assert addresses
    assert all(address.endswith("@example.com") for address in addresses)
    assert not re.search(r"AKIA|ASIA[A-Z0-9]{16}|BEGIN [A-Z ]*PRIVATE KEY", text)


def test_there_are_enough_stories_and_decoys_with_ids_of_their_own() -> None:
    answers = _answers()
    ids = [entry["id"] for entry in (*answers["stories"], *answers["decoys"])]
    assert len(ids) == len(set(ids))
    assert len(answers["stories"]) >= 14
    assert len(answers["decoys"]) >= 14


def test_answers_speak_the_words_of_the_schema() -> None:
    answers = _answers()
    for entry in (*answers["stories"], *answers["decoys"]):
        assert entry.get("question", "paths") in {"paths", "who", "blast"}
        assert entry["expect"] in {"definite", "conditional", "possible", "none"}
        assert any(entry["capability"] in kind.caps for kind in schema().nodes.values())
        if "from_kind" in entry:
            assert entry["from_kind"] in schema().nodes


def test_only_conditional_stories_name_conditions() -> None:
    for story in _answers()["stories"]:
        assert bool(story["conditions"]) == (story["expect"] == "conditional"), story["id"]


def test_every_node_of_an_answer_is_in_the_snapshot() -> None:
    arns = {
        row["Arn"]
        for member in ("UserDetailList", "GroupDetailList", "RoleDetailList")
        for row in _details(member)
    }
    everything = "".join(json.dumps(answer.pages) for answer in _answered())
    buckets = {row["Name"] for _, row in _rows("s3.list_buckets", "Buckets")}
    answers = _answers()
    for entry in (*answers["stories"], *answers["decoys"]):
        ends = [entry["to"], *entry.get("via", ())]
        ends += [] if "from_kind" in entry else [entry["from"]]
        for node in ends:
            plain = re.sub(r"^potential:[a-z0-9-]+/", "", node)
            if plain.startswith("arn:aws:iam:"):
                assert plain in arns, node
            elif plain.startswith("arn:aws:s3:::"):
                bucket, _, prefix = plain.removeprefix("arn:aws:s3:::").partition("/")
                assert bucket in buckets, node
                assert f"{bucket}/{prefix}" in everything, node
            else:
                assert plain in everything, node


@pytest.mark.parametrize("cut", _cuts())
def test_every_cut_names_something_that_stands(cut: dict[str, Any]) -> None:
    holder, kind = cut["holder"], cut["kind"]
    if kind == "membership":
        (row,) = [row for row in _details("UserDetailList") if row["Arn"] == holder]
        assert cut["member"].rpartition("/")[2] in row["GroupList"]
    elif kind == "attachment":
        rows = [
            row
            for member in ("UserDetailList", "GroupDetailList", "RoleDetailList")
            for row in _details(member)
            if row["Arn"] == holder
        ]
        attached = [policy["PolicyArn"] for policy in rows[0]["AttachedManagedPolicies"]]
        assert cut["member"] in attached
    elif kind == "key_grant":
        grants = [row for _, row in _rows("kms.list_grants", "Grants")]
        (row,) = [row for row in grants if row["GrantId"] == cut["statement"]]
        assert (row["KeyId"], row["GranteePrincipal"]) == (holder, cut["member"])
    else:
        statement = _statement(holder, cut["document"], cut["statement"])
        assert statement["Effect"] == "Allow"
        if cut["member"]:
            principal = statement["Principal"]
            entries = [principal] if isinstance(principal, str) else list(principal.values())
            flat = [
                one for entry in entries for one in ([entry] if isinstance(entry, str) else entry)
            ]
            assert cut["member"] in flat


def test_every_decoy_says_which_story_it_looks_like() -> None:
    ids = {story["id"] for story in _answers()["stories"]}
    for decoy in _answers()["decoys"]:
        assert decoy["why"]
        assert decoy["looks_like"] in ids | {"a direct grant"}


def test_the_page_for_readers_tells_every_story_and_decoy() -> None:
    page = (SAMPLE / "ANSWERS.md").read_text(encoding="utf-8")
    answers = _answers()
    for entry in (*answers["stories"], *answers["decoys"]):
        assert f"### {entry['id']} {entry['title']}" in page
