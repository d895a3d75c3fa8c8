"""Answers about a window of time: they add and correct, and what they leave out stands."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ingest_snapshots import Made, denied, snapshot, unresolved

from graph.model import NodeId
from graph.store import Store
from graph.stores import open_store
from ingest.load import LoadReport, load_snapshot
from ingest.source import by_operation

NOW = datetime(2026, 3, 2, tzinfo=UTC)
REGION = "eu-west-1"
HOME = f"arn:aws:sagemaker:{REGION}:111111111111"
JOBS, PIPELINES = "sagemaker.list_training_jobs", "sagemaker.list_pipelines"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'estate.db'}", create=True)
    yield opened
    opened.close()


class Loads:
    """Loads one snapshot after the other, a day apart."""

    def __init__(self, root: Path, store: Store) -> None:
        self.root, self.store, self.day = root, store, 0

    def __call__(self, *calls: Made) -> LoadReport:
        self.day += 1
        path = snapshot(self.root / f"s{self.day}", calls)
        return load_snapshot(
            path, self.store, resolve=unresolved, now=NOW + timedelta(days=self.day)
        )


@pytest.fixture
def loads(tmp_path: Path, store: Store) -> Loads:
    return Loads(tmp_path, store)


def _call(operation: str, page: dict[str, Any], argument: str = "", parent: str = "") -> Made:
    return Made(operation, argument, (page,), parent=parent or None, region=REGION)


def _listed(*jobs: tuple[str, str]) -> Made:
    rows = [
        {"TrainingJobName": name, "TrainingJobArn": _job(name), "TrainingJobStatus": state}
        for name, state in jobs
    ]
    return _call(JOBS, {"TrainingJobSummaries": rows})


def _described(name: str, state: str) -> Made:
    page = {
        "TrainingJobName": name,
        "TrainingJobArn": _job(name),
        "TrainingJobStatus": state,
        "RoleArn": "arn:aws:iam::111111111111:role/train",
        "InputDataConfig": [
            {"ChannelName": "c", "DataSource": {"S3DataSource": {"S3Uri": f"s3://data/{name}"}}}
        ],
        "ModelArtifacts": {"S3ModelArtifacts": f"s3://models/{name}/model.tar.gz"},
    }
    return _call("sagemaker.describe_training_job", page, name, JOBS)


def _model(name: str) -> tuple[Made, Made]:
    arn = f"{HOME}:model/{name}"
    return (
        _call("sagemaker.list_models", {"Models": [{"ModelName": name, "ModelArn": arn}]}),
        _call(
            "sagemaker.describe_model",
            {
                "ModelArn": arn,
                "PrimaryContainer": {"ModelDataUrl": f"s3://models/{name}/model.tar.gz"},
            },
            name,
            "sagemaker.list_models",
        ),
    )


def _job(name: str) -> str:
    return f"{HOME}:training-job/{name}"


def _edges(store: Store, kind: str) -> list[tuple[str, str]]:
    return [(edge.source, edge.target) for edge in store.edges(kinds=frozenset({kind}))]


def test_a_job_that_left_the_window_stays_with_its_lineage(loads: Loads, store: Store) -> None:
    loads(_listed(("old", "Completed")), _described("old", "Completed"), *_model("old"))
    before = {node.id: node for node in store.nodes()}
    report = loads(_listed(("new", "Completed")), _described("new", "Completed"), *_model("old"))
    job = store.get(NodeId(_job("old")))
    assert job is not None
    assert job.present
    assert job.props == before[job.id].props
    assert (f"{HOME}:model/old", "arn:aws:s3:::data/old/") in _edges(store, "TRAINED_ON")
    assert (_job("old"), "arn:aws:iam::111111111111:role/train") in _edges(store, "RUNS_AS")
    assert ("aws:account/111111111111", _job("old")) in _edges(store, "CONTAINS")
    assert report.complete


def test_repeating_what_stands_is_no_change(loads: Loads) -> None:
    loads(_listed(("old", "Completed")), _described("old", "Completed"))
    loads(_listed())
    again = loads(_listed())
    assert not again.written.facts


def test_a_lasting_answer_that_was_denied_changes_nothing(loads: Loads, store: Store) -> None:
    loads(_listed(("old", "Completed")), _described("old", "Completed"))
    loads(denied(JOBS, region=REGION))
    assert store.get(NodeId(_job("old"))) is not None


def test_a_job_that_is_listed_again_is_corrected(loads: Loads, store: Store) -> None:
    loads(_listed(("j", "InProgress")), _described("j", "InProgress"))
    loads(_listed())
    running = store.get(NodeId(_job("j")))
    loads(_listed(("j", "Completed")), _described("j", "Completed"))
    ended = store.get(NodeId(_job("j")))
    assert running is not None
    assert ended is not None
    assert (running.props["state"], running.props["reruns"]) == ("InProgress", True)
    assert (ended.props["state"], ended.props["reruns"]) == ("Completed", False)


def test_a_listing_of_everything_still_takes_away(loads: Loads, store: Store) -> None:
    arn = f"{HOME}:pipeline/p"
    named = {"PipelineSummaries": [{"PipelineName": "p", "PipelineArn": arn}]}
    loads(_call(PIPELINES, named), _call("sagemaker.describe_pipeline", {}, "p", PIPELINES))
    loads(_call(PIPELINES, {"PipelineSummaries": []}))
    assert store.get(NodeId(arn)) is None


def test_observed_lineage_outlives_the_window_and_the_loss_of_one_voice(
    loads: Loads, store: Store
) -> None:
    ends = {
        "ArtifactSummaries": [
            {"ArtifactArn": f"{HOME}:artifact/{name}", "Source": {"SourceUri": uri}}
            for name, uri in (("d", "s3://data/d"), ("m", "s3://models/m/model.tar.gz"))
        ]
    }
    step = {
        "SourceArn": f"{HOME}:artifact/d",
        "DestinationArn": f"{HOME}:artifact/m",
        "AssociationType": "ContributedTo",
    }
    artifacts = _call("sagemaker.list_artifacts", ends)
    links = "sagemaker.list_associations"
    wanted = [(f"{HOME}:model/m", "arn:aws:s3:::data/d/")]
    loads(artifacts, _call(links, {"AssociationSummaries": [step]}), *_model("m"))
    assert _edges(store, "TRAINED_ON") == wanted
    loads(artifacts, _call(links, {"AssociationSummaries": []}), *_model("m"))
    assert _edges(store, "TRAINED_ON") == wanted
    loads(
        denied("sagemaker.list_artifacts", region=REGION),
        _call(links, {"AssociationSummaries": [step]}),
        *_model("m"),
    )
    assert _edges(store, "TRAINED_ON") == wanted


def test_a_call_asks_about_a_window_exactly_where_its_answer_is_lasting() -> None:
    listings = {
        name: row.call
        for name, row in by_operation("aws").items()
        if name.startswith("sagemaker.list_")
    }
    windows = {name for name, call in listings.items() if "{since}" in str(call.params)}
    assert windows == {name for name, call in listings.items() if call.lasting}
    assert JOBS in windows
