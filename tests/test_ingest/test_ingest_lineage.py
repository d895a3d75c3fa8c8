"""Lineage by addresses: what a pipeline trains again, and what is too wide to say anything."""

import json
from typing import Any

import pytest

from graph.model import CoverageKey, Edge, Facts, Node, NodeId
from ingest.estate import Estate
from ingest.link import linked
from ingest.source import Answer, Shaped, read_answer

HOME = "arn:aws:sagemaker:eu-west-1:111111111111"
GROUP, VERSION = (
    NodeId(f"{HOME}:model-package-group/churn"),
    NodeId(f"{HOME}:model-package/churn/3"),
)
KEY = CoverageKey("aws", "111111111111", "eu-west-1", "sagemaker.list_model_packages")


def _read(operation: str, argument: str, page: dict[str, Any]) -> list[Shaped]:
    key = CoverageKey("aws", "111111111111", "eu-west-1", f"{operation}/{argument}")
    return list(read_answer(Answer(key, argument, (page,))))


def _pipeline(output: str, *, registers: bool = False) -> list[Shaped]:
    channel = {"ChannelName": "c", "DataSource": {"S3DataSource": {"S3Uri": "s3://data/train"}}}
    train = {
        "Name": "Train",
        "Type": "Training",
        "Arguments": {"InputDataConfig": [channel], "OutputDataConfig": {"S3OutputPath": output}},
    }
    register = {
        "Name": "Register",
        "Type": "RegisterModel",
        "Arguments": {"ModelPackageGroupName": "churn"},
    }
    definition = json.dumps({"Steps": [train, *([register] if registers else [])]})
    page = {"PipelineArn": f"{HOME}:pipeline/p", "PipelineDefinition": definition}
    return _read("sagemaker.describe_pipeline", "p", page)


def _model(uri: str) -> list[Shaped]:
    page = {"ModelArn": f"{HOME}:model/m", "PrimaryContainer": {"ModelDataUrl": uri}}
    return _read("sagemaker.describe_model", "m", page)


def _retrained(rows: list[Shaped]) -> list[str]:
    found = linked(rows, Estate(Facts(), rows, frozenset()))
    return [
        row.source
        for row in found
        if isinstance(row, Edge) and row.kind == "TRAINED_ON" and row.props.get("retrains")
    ]


def test_versions_of_the_group_that_a_pipeline_registers_in_are_trained_again() -> None:
    registry: list[Shaped] = [
        Node(GROUP, "Model", asserted_by=frozenset({KEY})),
        Node(VERSION, "ModelVersion", asserted_by=frozenset({KEY})),
        Edge("VERSION_OF", VERSION, GROUP, asserted_by=frozenset({KEY})),
    ]
    assert _retrained([*registry, *_pipeline("s3://out/p", registers=True)]) == [VERSION]
    assert _retrained([*registry, *_pipeline("s3://out/p")]) == []


@pytest.mark.parametrize(
    ("output", "artefact", "again"),
    [
        ("s3://out/p", "s3://out/p/x/model.tar.gz", True),
        ("s3://out/p/", "s3://out/p/x/model.tar.gz", True),
        ("s3://out/p", "s3://out/pq/x/model.tar.gz", False),
        ("s3://out", "s3://out/p/model.tar.gz", False),  # a whole bucket: anyone may write there
    ],
)
def test_a_model_below_the_place_that_a_pipeline_writes_is_trained_again(
    output: str, artefact: str, again: bool
) -> None:
    found = _retrained([*_pipeline(output), *_model(artefact)])
    assert found == ([f"{HOME}:model/m"] if again else [])
