"""Systems of record in files: states, plans, inventories and leavers become records, and nothing secret is kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from record_files import (
    BUCKET,
    ENDPOINT,
    INVENTORY_CSV,
    JSON,
    loaded_file,
    managed,
    refusal,
    store_in,
)

from graph.errors import SourceError
from graph.model import NodeId
from ingest.files.records import record_of
from ingest.files.terraform_state import is_terraform, read_terraform
from ingest.intake import file_intake

PLANTED = "hunter2-and-more"


def _resource(form: str, name: str, *attributes: dict[str, Any], mode: str = "managed") -> Any:
    held = [{"schema_version": 0, "attributes": one} for one in attributes]
    return {"mode": mode, "type": form, "name": name, "provider": "p", "instances": held}


STATE: dict[str, Any] = {
    "version": 4,
    "terraform_version": "1.9.5",
    "serial": 7,
    "lineage": "3f6c2f7e-0000-4000-8000-000000000001",
    "outputs": {},
    "resources": [
        _resource("aws_sagemaker_endpoint", "churn", {"arn": ENDPOINT, "password": PLANTED}),
        _resource("aws_s3_bucket", "models", {"bucket": "b-models"}),
        _resource("aws_s3_bucket_policy", "models", {"bucket": "b-models", "policy": PLANTED}),
        _resource("aws_iam_role", "read", {"arn": "arn:aws:iam::1:role/x"}, mode="data"),
    ],
}


def test_a_state_lists_its_managed_resources_by_arn(tmp_path: Path) -> None:
    with store_in(tmp_path) as store:
        loaded_file(store, tmp_path / "prod.tfstate", json.dumps(STATE))

        edges = managed(store)
        record = store.get(edges[0].target)
        stub = store.get(NodeId(ENDPOINT))

    assert [(edge.source, edge.props["address"]) for edge in edges] == [
        (BUCKET, "aws_s3_bucket.models"),
        (ENDPOINT, "aws_sagemaker_endpoint.churn"),
    ]
    assert record is not None
    assert (record.kind, record.props["flavour"]) == ("Registry", "terraform state")
    assert record.props["settings"] == {"rows": "2", "serial": "7", "terraform": "1.9.5"}
    assert stub is not None
    assert stub.props["referenced_only"] is True


def test_no_attribute_of_a_state_gets_into_the_store(tmp_path: Path) -> None:
    with store_in(tmp_path) as store:
        loaded_file(store, tmp_path / "prod.tfstate", json.dumps(STATE))
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("store.db*"))

    assert PLANTED.encode() not in kept
    assert b"aws_sagemaker_endpoint.churn" in kept


REAL = Path(__file__).parents[1] / "data" / "terraform"


@pytest.mark.parametrize("name", ["terraform.tfstate", "state.json", "plan.json"])
def test_what_terraform_itself_wrote_lists_what_it_made_and_keeps_no_secret(
    tmp_path: Path, name: str
) -> None:
    held = (REAL / name).read_text(encoding="utf-8")
    with store_in(tmp_path) as store:
        report = loaded_file(store, tmp_path / name, held)
        listed = {edge.props["address"]: edge.source for edge in managed(store)}
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("store.db*"))

    home = "arn:aws:sagemaker:eu-west-1:123456789012:notebook-instance"
    assert listed == {
        "aws_iam_role.notebooks": "arn:aws:iam::123456789012:role/ml/notebooks",
        "aws_s3_bucket.models": BUCKET,
        "aws_secretsmanager_secret.key": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/openai-nLsfaZ",
        **{
            f'module.serving["{stage}"].aws_sagemaker_notebook_instance.lab[{at}]': f"{home}/{stage}-{at}"
            for stage in ("blue", "green")
            for at in (0, 1)
        },
    }
    assert report.complete
    assert (held.count("planted-in-a-secret") > 0, kept.count(b"planted")) == (True, 0)


def test_a_plan_says_how_much_is_only_planned() -> None:
    record = record_of(REAL / "plan.json")

    assert record is not None
    assert record.odd == ("1 resource is only planned, and on no record yet",)


def test_what_a_later_state_no_longer_lists_is_no_longer_managed(tmp_path: Path) -> None:
    later = {**STATE, "serial": 8, "resources": STATE["resources"][1:]}
    with store_in(tmp_path) as store:
        loaded_file(store, tmp_path / "prod.tfstate", json.dumps(STATE))
        loaded_file(store, tmp_path / "prod.tfstate", json.dumps(later))

        assert [edge.source for edge in managed(store)] == [BUCKET]


def test_modules_and_indexes_stand_in_the_address() -> None:
    resource = _resource("aws_sagemaker_endpoint", "e", {"arn": ENDPOINT})
    resource["module"] = "module.serving"
    resource["instances"][0]["index_key"] = "blue"

    record = read_terraform({**STATE, "resources": [resource]}, "s")

    assert [row.address for row in record.rows] == [
        'module.serving.aws_sagemaker_endpoint.e["blue"]'
    ]


def test_an_older_state_of_the_same_lineage_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    older = {**STATE, "serial": 6, "resources": []}
    with store_in(tmp_path) as store:
        loaded_file(store, tmp_path / "prod.tfstate", json.dumps(STATE))
        version = store.version()
        with pytest.raises(SourceError, match="was read with serial 7; this is serial 6"):
            loaded_file(store, tmp_path / "prod.tfstate", json.dumps(older))

        assert store.version() == version
        assert [edge.source for edge in managed(store)] == [BUCKET, ENDPOINT]


def test_a_state_under_another_name_is_the_same_record(tmp_path: Path) -> None:
    later = {**STATE, "serial": 8, "resources": STATE["resources"][1:]}
    with store_in(tmp_path) as store:
        loaded_file(store, tmp_path / "prod.tfstate", json.dumps(STATE))
        loaded_file(store, tmp_path / "serving.tfstate", json.dumps(later))

        assert [edge.source for edge in managed(store)] == [BUCKET]
        (record,) = store.nodes(kinds=frozenset({"Registry"}))
        told = {row.key.call: row.detail for row in store.coverage()}
    assert record.name == "serving.tfstate"
    assert told == {
        "files.terraform_state/prod.tfstate": "read as `serving.tfstate` since",
        "files.terraform_state/serving.tfstate": "",
    }


def test_states_of_two_lineages_under_one_name_are_two_records(tmp_path: Path) -> None:
    other = {**STATE, "lineage": "another", "serial": 1, "resources": STATE["resources"][1:]}
    with store_in(tmp_path) as store:
        loaded_file(store, tmp_path / "terraform.tfstate", json.dumps(STATE))
        loaded_file(store, tmp_path / "terraform.tfstate", json.dumps(other))

        assert sorted(edge.source for edge in managed(store)) == [BUCKET, BUCKET, ENDPOINT]


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ("a word", "`resources[0]` is no resource"),
        ({"mode": "managed", "type": "t", "name": "n", "instances": {}}, "`t.n` has no list"),
        (_resource("t", "n", None), "`t.n` has no attributes"),  # type: ignore[arg-type]  # damaged
    ],
)
def test_a_damaged_resource_is_told_and_takes_nothing_away(
    tmp_path: Path, broken: object, why: str
) -> None:
    later = {**STATE, "serial": 8, "resources": [broken]}
    with store_in(tmp_path) as store:
        loaded_file(store, tmp_path / "prod.tfstate", json.dumps(STATE))
        report = loaded_file(store, tmp_path / "prod.tfstate", json.dumps(later))

        assert [edge.source for edge in managed(store)] == [BUCKET, ENDPOINT]
    assert [why in row.why for row in report.skipped] == [True]
    assert not report.complete


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ({**STATE, "resources": "x"}, "`resources` is no list"),
        ({**STATE, "serial": "7"}, "`serial` is no whole number"),
        ({**STATE, "lineage": None}, "`lineage` is no text"),
        ({"format_version": "1.0", "values": []}, "`values` is no object"),
        ({"format_version": "1.0", "planned_values": {}, "prior_state": 3}, "`prior_state` is no"),
        ({"lineage": "l", "serial": 1, "encrypted_data": "x"}, "is an encrypted state"),
    ],
)
def test_a_file_damaged_as_a_whole_is_refused_in_one_line(
    content: dict[str, Any], why: str
) -> None:
    assert is_terraform(content)
    with pytest.raises(SourceError) as caught:
        read_terraform(content, "prod.tfstate")
    assert why in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_shown_form_of_an_empty_state_lists_nothing() -> None:
    shown = {"format_version": "1.0", "terraform_version": "1.9.5"}

    assert is_terraform(shown)
    assert read_terraform(shown, "state.json").rows == ()


def test_an_own_arn_under_another_name_counts_and_that_of_a_target_does_not() -> None:
    agent = "arn:aws:bedrock:eu-west-1:111111111111:agent/A1B2C3D4E5"
    resources = [
        _resource("aws_bedrockagent_agent", "helper", {"agent_arn": agent}),
        _resource("aws_cloudwatch_event_target", "nightly", {"arn": ENDPOINT}),
    ]

    record = read_terraform({**STATE, "resources": resources}, "s")

    assert [row.arn for row in record.rows] == [agent]


def test_addresses_of_old_shown_forms_get_their_module_and_index() -> None:
    row = {
        "mode": "managed",
        "type": "t",
        "address": "t.n",
        "index": 1,
        "values": {"arn": ENDPOINT},
    }
    within = {"address": "module.serving", "resources": [row]}
    values = {"root_module": {"child_modules": [within]}}

    record = read_terraform({"format_version": "0.1", "values": values}, "s")

    assert [row.address for row in record.rows] == ["module.serving.t.n[1]"]


def test_a_plan_is_a_record_of_what_exists_only() -> None:
    row = {
        "mode": "managed",
        "type": "aws_sagemaker_endpoint",
        "address": "a.b",
        "values": {"arn": ENDPOINT},
    }
    shown = {"root_module": {"child_modules": [{"resources": [row]}]}}
    plan = {
        "format_version": "1.2",
        "planned_values": {"root_module": {}},
        "prior_state": {"values": shown},
        "resource_changes": [
            {"mode": "managed", "change": {"actions": ["create"]}},
            {"mode": "managed", "change": {"actions": ["delete", "create"]}},
            {"mode": "data", "change": {"actions": ["create"]}},
            {"mode": "managed", "change": {"actions": ["no-op"]}},
        ],
    }

    record = read_terraform(plan, "plan.json")

    assert (record.flavour, [row.arn for row in record.rows]) == ("terraform plan", [ENDPOINT])
    assert record.odd == ("1 resource is only planned, and on no record yet",)


def test_a_state_of_another_version_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "old.tfstate"
    path.write_text(json.dumps({**STATE, "version": 3}))

    with pytest.raises(SourceError, match="version `3`; version 4 is read"):
        record_of(path)


@given(st.sampled_from(sorted(STATE)), JSON)
def test_a_state_with_any_other_value_in_a_place_is_read_or_refused(place: str, value: Any) -> None:
    bent = {**STATE, place: value}
    if is_terraform(bent):
        assert "`bent`" in refusal(lambda: read_terraform(bent, "bent"), "`bent`")


SEEDS = (
    (REAL / "terraform.tfstate").read_bytes(),
    (REAL / "state.json").read_bytes(),
    json.dumps(STATE).encode(),
    json.dumps({"format_version": "1.0", "values": {"root_module": {"resources": []}}}).encode(),
    INVENTORY_CSV.encode(),
    b"email,left\njo@example.com,2026-09-30\n",
    b'[[asset]]\nid = "x"\nexpires = 2027-01-01\n',
)


@st.composite
def _bent_bytes(draw: st.DrawFn) -> bytes:
    """A file with a piece of it replaced by other bytes."""
    seed = draw(st.sampled_from(SEEDS))
    start = draw(st.integers(0, len(seed)))
    end = draw(st.integers(start, min(len(seed), start + 40)))
    return seed[:start] + draw(st.binary(max_size=12)) + seed[end:]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(_bent_bytes(), st.binary(max_size=60)),
    st.sampled_from([".tfstate", ".json", ".csv", ".toml"]),
)
def test_any_bytes_are_read_or_refused_in_one_line(
    tmp_path: Path, content: bytes, suffix: str
) -> None:
    path = tmp_path / f"file{suffix}"
    path.write_bytes(content)

    told = refusal(lambda: file_intake(path), str(path.name))

    assert path.name in told
    assert "\n" not in told
