"""Values that are often secrets never reach a file: where a call says they are, only their names stay."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from service_shapes import output, paths

from graph.model import CoverageKey, Outcome
from ingest.collect import Recorder
from ingest.snapshot import SnapshotWriter
from ingest.source import Answer, Ask, Reply, by_operation, read_answer
from ingest.veils import looks_secret, veiled

NOW = datetime(2026, 3, 1, 6, tzinfo=UTC)


class _Silent:
    """A client that nothing here asks."""

    def ask(self, ask: Ask) -> Reply:
        raise AssertionError(ask)

    def release(self, scope: str, region: str) -> None:
        raise AssertionError(scope, region)


def _kept(folder: Path, operation: str, page: dict[str, object]) -> tuple[dict[str, object], str]:
    """The page as a collection goes on with it, and all that it wrote."""
    ask = Ask(by_operation("aws")[operation].call, "111111111111", "eu-west-1")
    writer = SnapshotWriter(folder, tool="t", started=NOW)
    recorder = Recorder(_Silent(), writer, platform="aws", clock=lambda: NOW)
    [kept] = recorder.keep(ask, Reply(Outcome.OK, (page,)), NOW)
    writer.finish(NOW)
    files = (path for path in folder.rglob("*") if path.is_file())
    return dict(kept), "".join(path.read_text(encoding="utf-8") for path in files)


def test_variables_of_functions_are_kept_by_name_alone(tmp_path: Path) -> None:
    function = {"FunctionName": "f", "Environment": {"Variables": {"TOKEN": "sk-live"}}}
    kept, written = _kept(tmp_path / "s", "lambda.list_functions", {"Functions": [function]})
    assert kept == {
        "Functions": [{"FunctionName": "f", "Environment": {"Variables": {"TOKEN": ""}}}]
    }
    assert "TOKEN" in written
    assert "sk-live" not in written


def test_variables_of_tasks_are_kept_by_name_alone(tmp_path: Path) -> None:
    container = {"name": "c", "environment": [{"name": "TOKEN", "value": "sk-live"}]}
    page = {"taskDefinition": {"containerDefinitions": [container]}}
    _kept_page, written = _kept(tmp_path / "s", "ecs.describe_task_definition", page)
    assert "TOKEN" in written
    assert "sk-live" not in written


def test_a_veil_empties_texts_and_leaves_everything_else() -> None:
    page = {"a": [{"b": {"x": "1", "y": ["2", 3]}}, {"c": "4"}, 5], "b": "6"}
    assert json.loads(json.dumps(veiled([page], ["a.b", "z.z"]))) == [
        {"a": [{"b": {"x": "", "y": ["", 3]}}, {"c": "4"}, 5], "b": "6"}
    ]
    assert page["b"] == "6"


def test_secrets_among_hyperparameters_and_arguments_go_and_the_rest_stays(tmp_path: Path) -> None:
    page = {
        "HyperParameters": {"epochs": "5", "wandb_api_key": "sk-live", "eval_tokens": "9"},
        "Environment": {"PLAIN": "sk-live"},
        "AlgorithmSpecification": {
            "ContainerArguments": ["--hub-token", "sk-live", "--PASSWORD=sk-live", "--epochs", "7"]
        },
    }
    kept, written = _kept(tmp_path / "s", "sagemaker.describe_training_job", page)
    assert kept == {
        "HyperParameters": {"epochs": "5", "wandb_api_key": "", "eval_tokens": "9"},
        "Environment": {"PLAIN": ""},
        "AlgorithmSpecification": {
            "ContainerArguments": ["--hub-token", "", "--PASSWORD=", "--epochs", "7"]
        },
    }
    assert "sk-live" not in written


def test_a_pipeline_keeps_its_steps_and_not_their_variables(tmp_path: Path) -> None:
    definition = {
        "Parameters": [
            {"Name": "DbPassword", "Type": "String", "DefaultValue": "sk-live"},
            {"Name": "Rows", "Type": "Integer", "DefaultValue": 5},
        ],
        "Steps": [{"Name": "a", "Arguments": {"Environment": {"X": "sk-live"}, "RoleArn": "r"}}],
    }
    page = {"PipelineDefinition": json.dumps(definition)}
    kept, written = _kept(tmp_path / "s", "sagemaker.describe_pipeline", page)
    assert "sk-live" not in written
    found = json.loads(str(kept["PipelineDefinition"]))
    assert found["Steps"] == [
        {"Name": "a", "Arguments": {"Environment": {"X": ""}, "RoleArn": "r"}}
    ]
    assert [row["DefaultValue"] for row in found["Parameters"]] == ["", 5]


def test_a_definition_that_is_no_json_is_not_written(tmp_path: Path) -> None:
    page = {"PipelineDefinition": "{ sk-live"}
    kept, written = _kept(tmp_path / "s", "sagemaker.describe_pipeline", page)
    assert kept == {"PipelineDefinition": "unreadable"}
    assert "sk-live" not in written


def test_headers_of_a_tool_are_kept_by_name_alone(tmp_path: Path) -> None:
    tool = {"config": {"remoteMcp": {"url": "https://x", "headers": {"Authorization": "sk-live"}}}}
    page = {"harness": {"tools": [tool], "environmentVariables": {"A": "sk-live"}}}
    _kept_page, written = _kept(tmp_path / "s", "bedrock-agentcore-control.get_harness", page)
    assert "https://x" in written
    assert "Authorization" in written
    assert "sk-live" not in written


@pytest.mark.parametrize(
    ("operation", "page"),
    [
        (
            "sagemaker.describe_studio_lifecycle_config",
            {"StudioLifecycleConfigArn": "a", "StudioLifecycleConfigContent": "c2stbGl2ZQ=="},
        ),
        (
            "sagemaker.describe_notebook_instance_lifecycle_config",
            {"NotebookInstanceLifecycleConfigArn": "a", "OnStart": [{"Content": "c2stbGl2ZQ=="}]},
        ),
    ],
)
def test_a_script_is_kept_as_its_hash_and_reads_as_it_did(
    tmp_path: Path, operation: str, page: dict[str, object]
) -> None:
    kept, written = _kept(tmp_path / "s", operation, page)
    assert "c2stbGl2ZQ" not in written
    key = CoverageKey("aws", "111111111111", "eu-west-1", f"{operation}/a")
    plain, behind = ([*read_answer(Answer(key, "a", (one,)))] for one in (page, kept))
    assert plain == behind
    assert "sha256:" in str(plain)


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("OPENAI_API_KEY", True),
        ("dbPassword", True),
        ("HF_TOKEN", True),
        ("--auth-token", True),
        ("AWSSecretAccessKey", True),
        ("splunk-token", True),
        ("accessKeyId", False),
        ("secretArn", False),
        ("max_tokens", False),
        ("tokenizer", False),
        ("author", False),
        ("key", False),
        ("", False),
    ],
)
def test_a_name_tells_whether_its_value_is_likely_a_secret(name: str, secret: bool) -> None:
    assert looks_secret(name) is secret


VARIABLES = frozenset(
    {"Environment", "EnvironmentVariables", "environmentVariables", "Variables", "environment"}
)


def _variables(operation: str) -> Iterator[str]:
    """Where answers of the operation hold environment variables, or headers of requests."""
    for path, shape in paths(output(operation)):
        if path[-1] in {*VARIABLES, "headers"} and shape.type_name in {"map", "list"}:
            yield ".".join(path)


def _covered(path: str, veils: tuple[str, ...]) -> bool:
    """Whether a veil lies on the path, above it, or on the values of the list there."""
    places = [veil.partition(":")[0] for veil in veils]
    return any(
        path == place or path.startswith(f"{place}.") or place == f"{path}.value"
        for place in places
    )


def test_no_answer_has_environment_variables_without_a_veil() -> None:
    bare = [
        f"{name} {path}"
        for name, resource in by_operation("aws").items()
        for path in _variables(name)
        if not _covered(path, resource.call.veils)
    ]
    assert bare == []
    assert sum(len([*_variables(name)]) for name in by_operation("aws")) > 20


def test_every_veil_lies_on_something_that_the_answer_can_hold() -> None:
    lost = [
        f"{name} {veil}"
        for name, resource in by_operation("aws").items()
        for veil in resource.call.veils
        if tuple(veil.partition(":")[0].split(".")) not in {path for path, _ in paths(output(name))}
    ]
    assert lost == []
