"""Systems of record in files: states, plans, inventories and leavers become records, and nothing secret is kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access.resolve import resolve
from graph.errors import SourceError
from graph.model import Edge, NodeId, Outcome
from graph.stores.sqlite import SqliteStore
from ingest.files.inventory import read_table, rows_in, table_of
from ingest.files.record import INVENTORY
from ingest.files.records import record_of
from ingest.files.terraform_state import is_terraform, read_terraform
from ingest.intake import file_intake
from ingest.load import LoadReport, load

NOW = datetime(2026, 11, 2, 6, tzinfo=UTC)
ENDPOINT = "arn:aws:sagemaker:eu-west-1:111111111111:endpoint/churn"
BUCKET = "arn:aws:s3:::b-models"
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
INVENTORY_CSV = (
    "id,name,kind,account,owner,status,approved_by,expires,reason,colour\n"
    f"{ENDPOINT},,,,ml@example.com,approved,cto@example.com,2027-01-01,scoring,red\n"
)


def _store(folder: Path) -> SqliteStore:
    return SqliteStore(folder / "store.db", create=True)


def _loaded(store: SqliteStore, path: Path, text: str) -> LoadReport:
    path.write_text(text, encoding="utf-8")
    return load(path, store, resolve=resolve, now=NOW)


def _managed(store: SqliteStore) -> list[Edge]:
    return list(store.edges(kinds=frozenset({"MANAGED_BY"})))


def test_a_state_lists_its_managed_resources_by_arn(tmp_path: Path) -> None:
    with _store(tmp_path) as store:
        _loaded(store, tmp_path / "prod.tfstate", json.dumps(STATE))

        edges = _managed(store)
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
    with _store(tmp_path) as store:
        _loaded(store, tmp_path / "prod.tfstate", json.dumps(STATE))
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("store.db*"))

    assert PLANTED.encode() not in kept
    assert b"aws_sagemaker_endpoint.churn" in kept


def test_what_a_later_state_no_longer_lists_is_no_longer_managed(tmp_path: Path) -> None:
    later = {**STATE, "serial": 8, "resources": STATE["resources"][1:]}
    with _store(tmp_path) as store:
        _loaded(store, tmp_path / "prod.tfstate", json.dumps(STATE))
        _loaded(store, tmp_path / "prod.tfstate", json.dumps(later))

        assert [edge.source for edge in _managed(store)] == [BUCKET]


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
    with _store(tmp_path) as store:
        _loaded(store, tmp_path / "prod.tfstate", json.dumps(STATE))
        version = store.version()
        with pytest.raises(SourceError, match="was read with serial 7; this is serial 6"):
            _loaded(store, tmp_path / "prod.tfstate", json.dumps(older))

        assert store.version() == version
        assert [edge.source for edge in _managed(store)] == [BUCKET, ENDPOINT]


def test_a_state_under_another_name_is_the_same_record(tmp_path: Path) -> None:
    later = {**STATE, "serial": 8, "resources": STATE["resources"][1:]}
    with _store(tmp_path) as store:
        _loaded(store, tmp_path / "prod.tfstate", json.dumps(STATE))
        _loaded(store, tmp_path / "serving.tfstate", json.dumps(later))

        assert [edge.source for edge in _managed(store)] == [BUCKET]
        (record,) = store.nodes(kinds=frozenset({"Registry"}))
        told = {row.key.call: row.detail for row in store.coverage()}
    assert record.name == "serving.tfstate"
    assert told == {
        "files.terraform_state/prod.tfstate": "read as `serving.tfstate` since",
        "files.terraform_state/serving.tfstate": "",
    }


def test_states_of_two_lineages_under_one_name_are_two_records(tmp_path: Path) -> None:
    other = {**STATE, "lineage": "another", "serial": 1, "resources": STATE["resources"][1:]}
    with _store(tmp_path) as store:
        _loaded(store, tmp_path / "terraform.tfstate", json.dumps(STATE))
        _loaded(store, tmp_path / "terraform.tfstate", json.dumps(other))

        assert sorted(edge.source for edge in _managed(store)) == [BUCKET, BUCKET, ENDPOINT]


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
    with _store(tmp_path) as store:
        _loaded(store, tmp_path / "prod.tfstate", json.dumps(STATE))
        report = _loaded(store, tmp_path / "prod.tfstate", json.dumps(later))

        assert [edge.source for edge in _managed(store)] == [BUCKET, ENDPOINT]
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


def test_an_inventory_says_owner_status_and_end(tmp_path: Path) -> None:
    with _store(tmp_path) as store:
        report = _loaded(store, tmp_path / "ai-assets.csv", INVENTORY_CSV)
        (edge,) = _managed(store)
        asset = store.get(NodeId(ENDPOINT))

    assert dict(edge.props) == {
        "address": "row 1",
        "owner": "ml@example.com",
        "status": "approved",
        "approved_by": "cto@example.com",
        "expires": "2027-01-01",
    }
    assert asset is not None
    assert (asset.props["owner"], asset.props["owner_basis"]) == ("ml@example.com", "registry")
    assert [row.what for row in report.oddities] == ["columns that are not read: colour"]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (",,,,,,,,", "neither an id nor a name with a kind"),
        (f"{ENDPOINT},,,,,,,tomorrow,", "`tomorrow` in `expires` is no day"),
        (f"{ENDPOINT},,,,,blessed,,,", "`blessed` is no status"),
    ],
)
def test_a_row_that_cannot_be_read_is_told_and_closes_nothing(
    tmp_path: Path, row: str, why: str
) -> None:
    with _store(tmp_path) as store:
        _loaded(store, tmp_path / "ai-assets.csv", INVENTORY_CSV)
        head = "id,name,kind,account,owner,status,approved_by,expires,reason\n"
        report = _loaded(store, tmp_path / "ai-assets.csv", f"{head}{row}\n")

        assert [why in skipped.why for skipped in report.skipped] == [True]
        assert [row.outcome for row in report.coverage] == [Outcome.FAILED]
        assert [edge.source for edge in _managed(store)] == [ENDPOINT]


def test_a_name_means_every_asset_of_that_kind_and_name_in_the_account(tmp_path: Path) -> None:
    listed = [{"id": ENDPOINT}, {"id": ENDPOINT.replace("111111111111", "222222222222")}]
    with _store(tmp_path) as store:
        _loaded(store, tmp_path / "first.json", json.dumps({"assets": listed}))
        report = _loaded(
            store, tmp_path / "named.toml", '[[asset]]\nname = "churn"\nkind = "Endpoint"\n'
        )

        # stubs are nothing that a listing named: a name means what is there
        assert len(_managed(store)) == 2
    assert ["nothing of this name" in row.what for row in report.oddities] == [True]


@pytest.mark.parametrize(
    "text",
    [
        "id;owner;status\nX;ml@example.com;approved\n",
        "\ufeffID\tOwner\tStatus\nX\tml@example.com\tApproved\n",
        'id,owner,status\n"X",ml@example.com,approved\n',
    ],
)
def test_tables_of_other_programs_are_read_alike(tmp_path: Path, text: str) -> None:
    path = tmp_path / "AI-assets.CSV"
    path.write_text(text.replace("X", ENDPOINT), encoding="utf-8")

    record = record_of(path)

    assert record is not None
    assert [(row.arn, row.owner, row.status) for row in record.rows] == [
        (ENDPOINT, "ml@example.com", "approved")
    ]


def test_a_header_alone_is_an_inventory_that_lists_nothing(tmp_path: Path) -> None:
    with _store(tmp_path) as store:
        _loaded(store, tmp_path / "ai-assets.csv", INVENTORY_CSV)
        report = _loaded(store, tmp_path / "ai-assets.csv", INVENTORY_CSV.partition("\n")[0])

        assert report.complete
        assert _managed(store) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"id,owner\n{ENDPOINT},ana, the second\n", "has more cells than there are columns"),
        ("id,owner\narn:aws:sagemaker:*:*:endpoint/*,ana\n", "is a pattern; a row lists one asset"),
        ("email,left\njo@example.com,soon\n", "the day on which they left"),
    ],
)
def test_a_row_that_could_be_misread_is_told_instead(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")

    record = record_of(path)

    assert record is not None
    assert [why in row for row in record.skipped] == [True]
    assert record.rows == ()


@pytest.mark.parametrize("name", ["x.json", "x.toml"])
@pytest.mark.parametrize("value", ["9" * 5_000, "[" * 100_000])
def test_numbers_and_nesting_beyond_all_bounds_are_refused(
    tmp_path: Path, name: str, value: str
) -> None:
    path = tmp_path / name
    path.write_text(value if name == "x.json" else f"asset = {value}", encoding="utf-8")

    with pytest.raises(SourceError, match=name):
        record_of(path)


def test_a_column_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("id,owner,Owner\nx,a,b\n", encoding="utf-8")

    with pytest.raises(SourceError, match="column `owner` stands twice"):
        record_of(path)


def test_dates_of_toml_and_instants_are_days() -> None:
    text = f'[[asset]]\nid = "{ENDPOINT}"\nexpires = 2027-01-01T08:00:00Z\n'
    found = rows_in(table_of(text, ".toml", "t.toml"))
    assert found is not None

    assert [row.expires for row in read_table(*found, "t", "t.toml").rows] == ["2027-01-01"]


def test_leavers_stand_in_settings_by_address(tmp_path: Path) -> None:
    with _store(tmp_path) as store:
        _loaded(store, tmp_path / "left.csv", "email,left\nJo@Example.com,2026-09-30\n")
        (record,) = store.nodes(kinds=frozenset({"Registry"}))

    assert record.props["settings"] == {"rows": "1", "left:jo@example.com": "2026-09-30"}


def test_a_table_that_is_neither_is_refused_with_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")

    with pytest.raises(SourceError, match="no inventory and no list of leavers") as caught:
        record_of(path)
    assert "approved_by" in caught.value.__notes__[0]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


def _refusal(read: Callable[[], object], otherwise: str) -> str:
    """What the reader says where it refuses; the other text where it reads."""
    try:
        read()
    except SourceError as error:
        return str(error)
    return otherwise


@given(st.sampled_from(sorted(STATE)), JSON)
def test_a_state_with_any_other_value_in_a_place_is_read_or_refused(place: str, value: Any) -> None:
    bent = {**STATE, place: value}
    if is_terraform(bent):
        assert "`bent`" in _refusal(lambda: read_terraform(bent, "bent"), "`bent`")


@given(st.lists(JSON, max_size=4), st.text(max_size=40))
def test_any_table_is_read_or_refused(rows: list[Any], text: str) -> None:
    found = rows_in(rows)
    if found is not None:
        record = read_table(*found, "stem", "name")
        assert record.count + len(record.skipped) == len(rows)
    for suffix in (".csv", ".toml"):
        told = _refusal(partial(table_of, text, suffix, "name"), "cannot be read")
        assert "cannot be read" in told


SEEDS = (
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

    told = _refusal(lambda: file_intake(path), str(path.name))

    assert path.name in told
    assert "\n" not in told


@given(st.text(max_size=30))
def test_hostile_names_in_an_inventory_come_through_as_they_are(name: str) -> None:
    record = read_table(INVENTORY, [{"name": name, "kind": "Endpoint", "owner": name}], "s", "n")

    assert [row.name for row in record.rows] == ([name.strip()] if name.strip() else [])
