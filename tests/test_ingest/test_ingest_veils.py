"""Values that are often secrets never reach a file: where a call says they are, only their names stay."""

import json
from datetime import UTC, datetime
from pathlib import Path

from graph.model import Outcome
from ingest.collect import Recorder
from ingest.fields import veiled
from ingest.snapshot import SnapshotWriter
from ingest.source import Ask, Reply, by_operation

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
