"""Pipeline definitions: what their steps say literally, and what only a run knows."""

import json
from typing import Any

import pytest

from ingest.aws.pipeline_steps import steps_of

DEEP = 200


def _definition(*steps: dict[str, Any], **parameters: Any) -> str:
    rows = [{"Name": name, "DefaultValue": value} for name, value in parameters.items()]
    return json.dumps({"Version": "2020-12-01", "Parameters": rows, "Steps": list(steps)})


def _train(uri: Any) -> dict[str, Any]:
    channel = {"ChannelName": "c", "DataSource": {"S3DataSource": {"S3Uri": uri}}}
    return {"Name": "t", "Type": "Training", "Arguments": {"InputDataConfig": [channel]}}


def _uris(definition: str) -> list[str]:
    return [port.uri for step in steps_of(definition) or () for port in step.inputs]


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"Steps": {}}', "[" * 100_000])
def test_what_is_no_definition_has_no_steps(text: str) -> None:
    assert steps_of(text) is None


def test_a_parameter_stands_for_its_default() -> None:
    assert _uris(_definition(_train({"Get": "Parameters.In"}), In="s3://b/x")) == ["s3://b/x"]


def test_a_join_is_joined_where_all_its_parts_are_known() -> None:
    known = {"Std:Join": {"On": "/", "Values": ["s3:/", {"Get": "Parameters.B"}, 7]}}
    open_end = {"Std:Join": {"On": "/", "Values": ["s3:/", {"Get": "Execution.Id"}]}}
    assert _uris(_definition(_train(known), _train(open_end), B="b")) == ["s3://b/7"]


def test_what_only_a_run_knows_is_left_open() -> None:
    assert _uris(_definition(_train({"Get": "Steps.Prep.Out"}))) == []
    assert _uris(_definition(_train({"Get": "Parameters.None"}))) == []
    assert _uris(_definition(_train({"Get": ["Parameters.In"]}), In="s3://b/x")) == []


def test_steps_inside_conditions_are_steps() -> None:
    inner = {"Name": "i", "Type": "Lambda", "FunctionArn": "arn:f"}
    choice = {"Name": "c", "Type": "Condition", "Arguments": {"ElseSteps": [inner]}}
    found = steps_of(_definition(choice)) or ()
    assert [(step.name, step.function) for step in found] == [("c", None), ("i", "arn:f")]


def test_conditions_in_conditions_end() -> None:
    step: dict[str, Any] = {"Name": "last", "Type": "Fail"}
    for _ in range(DEEP):
        step = {"Name": "c", "Type": "Condition", "Arguments": {"IfSteps": [step]}}
    assert 1 < len(steps_of(_definition(step)) or ()) < DEEP


def test_a_step_that_makes_a_model_does_not_act_as_the_models_role() -> None:
    made = {"Name": "m", "Type": "Model", "Arguments": {"ExecutionRoleArn": "arn:r"}}
    (step,) = steps_of(_definition(made)) or ()
    assert step.role == "arn:r"
    assert not step.runs
