"""Pipeline definitions of SageMaker: the steps in a definition's JSON, and what each runs, reads, writes and calls.

The arguments of a step are those of the call that it makes, so that a training step reads like a training job.
Values may stand for parameters and joins; those that are only known in a run stay unknown.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ingest.aws.sagemaker_work import (
    Port,
    archive_of,
    channels,
    processing_inputs,
    processing_outputs,
    s3_form,
)
from ingest.fields import Json, flag, member, rows, text

TRAININGS = frozenset({"Training", "Tuning", "AutoML"})
_DEPTH = 20  # conditions in conditions: more is no definition that a person wrote


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a pipeline, with what its arguments say literally."""

    name: str
    type: str
    role: str | None = None
    isolated: bool = False
    images: tuple[str, ...] = ()
    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()
    code: tuple[Port, ...] = ()
    function: str | None = None
    registers: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def runs(self) -> bool:
        """Whether it runs code as its role; a model that it makes only holds one."""
        return self.type not in {"Model", "RegisterModel"}


def steps_of(definition: str) -> tuple[Step, ...] | None:
    """The steps of a pipeline's definition, those inside conditions included; None where it is no definition."""
    try:
        content = json.loads(definition)
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, Mapping) or not isinstance(content.get("Steps"), list):
        return None
    defaults = {
        name: row["DefaultValue"]
        for row in rows(content, "Parameters")
        if (name := text(row, "Name")) and "DefaultValue" in row
    }
    return tuple(_step(row, defaults) for row in _all(content, "Steps", 0))


def _all(holder: Json, name: str, depth: int) -> Iterator[Json]:
    for row in rows(holder, name):
        yield row
        if depth < _DEPTH:
            inner = member(row, "Arguments")
            yield from _all(inner, "IfSteps", depth + 1)
            yield from _all(inner, "ElseSteps", depth + 1)


def _filled(value: Any, defaults: Mapping[str, Any], depth: int = 0) -> Any:
    """The value with parameters and joins put in; None for what only a run knows."""
    if depth > _DEPTH:
        return None
    if isinstance(value, list):
        return [_filled(item, defaults, depth + 1) for item in value]
    if not isinstance(value, Mapping):
        return value
    if set(value) == {"Get"}:
        name = value["Get"]
        known = isinstance(name, str) and name.startswith("Parameters.")
        return defaults.get(name.removeprefix("Parameters.")) if known else None
    if set(value) == {"Std:Join"}:
        join = member(value, "Std:Join")
        parts = _filled(join.get("Values"), defaults, depth + 1)
        whole = isinstance(parts, list) and all(isinstance(p, str | int | float) for p in parts)
        return str(join.get("On", "")).join(str(part) for part in parts) if whole else None
    return {name: _filled(item, defaults, depth + 1) for name, item in value.items()}


def _step(row: Json, defaults: Mapping[str, Any]) -> Step:
    name, kind = text(row, "Name") or "", text(row, "Type") or ""
    filled = _filled(row, defaults)
    asked = member(filled, "Arguments")
    read = _READERS.get(kind)
    step = read(name, kind, asked) if read is not None else Step(name, kind)
    if kind == "Lambda":
        return Step(name, kind, function=text(filled, "FunctionArn"))
    if kind == "Callback":
        queue = text(filled, "SqsQueueUrl")
        return Step(name, kind, settings={"queue": queue} if queue else {})
    if kind in {"EMR", "EMRServerless"}:
        return _emr(name, kind, filled)
    return step


def _emr(name: str, kind: str, row: Json) -> Step:
    cluster = text(row, "ClusterId") or text(row, "ApplicationId")
    role = text(row, "ExecutionRoleArn")
    asked = member(row, "Arguments")
    jar = text(member(asked, "HadoopJarStep"), "Jar") or text(
        member(member(member(row, "Arguments"), "JobDriver"), "SparkSubmit"), "EntryPoint"
    )
    return Step(
        name,
        kind,
        role=role or text(asked, "ExecutionRoleArn"),
        code=(Port("jar", jar, "object"),) if jar and jar.startswith("s3://") else (),
        settings={"cluster": cluster} if cluster else {},
    )


def _training(name: str, kind: str, asked: Json) -> Step:
    trainings = [asked]
    if kind == "Tuning":
        one = member(asked, "TrainingJobDefinition")
        trainings = [*([one] if one else []), *rows(asked, "TrainingJobDefinitions")]
    parameters = "StaticHyperParameters" if kind == "Tuning" else "HyperParameters"
    roles = [role for row in trainings if (role := text(row, "RoleArn"))]
    return Step(
        name,
        kind,
        role=roles[0] if roles else None,
        isolated=bool(trainings) and all(flag(r, "EnableNetworkIsolation") for r in trainings),
        images=tuple(
            image
            for row in trainings
            if (image := text(member(row, "AlgorithmSpecification"), "TrainingImage"))
        ),
        inputs=tuple(port for row in trainings for port in channels(row)),
        outputs=tuple(
            Port("model", uri)
            for row in trainings
            if (uri := text(member(row, "OutputDataConfig"), "S3OutputPath"))
        ),
        code=tuple(port for row in trainings for port in archive_of(member(row, parameters))),
    )


def _automl(name: str, kind: str, asked: Json) -> Step:
    ports = (
        (text(row, "ChannelType") or str(at), member(member(row, "DataSource"), "S3DataSource"))
        for listed in ("AutoMLJobInputDataConfig", "InputDataConfig")
        for at, row in enumerate(rows(asked, listed))
    )
    written = text(member(asked, "OutputDataConfig"), "S3OutputPath")
    return Step(
        name,
        kind,
        role=text(asked, "RoleArn"),
        inputs=tuple(
            Port(channel, uri, s3_form(place))
            for channel, place in ports
            if (uri := text(place, "S3Uri"))
        ),
        outputs=(Port("model", written),) if written else (),
    )


def _processing(name: str, kind: str, asked: Json) -> Step:
    data, code = processing_inputs(asked)
    image = text(member(asked, "AppSpecification"), "ImageUri")
    return Step(
        name,
        kind,
        role=text(asked, "RoleArn"),
        isolated=bool(flag(member(asked, "NetworkConfig"), "EnableNetworkIsolation")),
        images=(image,) if image else (),
        inputs=data,
        outputs=processing_outputs(asked),
        code=code,
    )


def _transform(name: str, kind: str, asked: Json) -> Step:
    place = member(member(member(asked, "TransformInput"), "DataSource"), "S3DataSource")
    read = text(place, "S3Uri")
    written = text(member(asked, "TransformOutput"), "S3OutputPath")
    model = text(asked, "ModelName")
    return Step(
        name,
        kind,
        inputs=(Port("data", read, s3_form(place)),) if read else (),
        outputs=(Port("result", written),) if written else (),
        settings={"model": model} if model else {},
    )


def _model(name: str, kind: str, asked: Json) -> Step:
    held = [member(asked, "PrimaryContainer"), *rows(asked, "Containers")]
    return Step(name, kind, role=text(asked, "ExecutionRoleArn"), inputs=tuple(_artefacts(held)))


def _register(name: str, kind: str, asked: Json) -> Step:
    held = list(rows(member(asked, "InferenceSpecification"), "Containers"))
    approval = text(asked, "ModelApprovalStatus")
    return Step(
        name,
        kind,
        inputs=tuple(_artefacts(held)),
        registers=text(asked, "ModelPackageGroupName"),
        settings={"approval": approval} if approval else {},
    )


def _artefacts(containers: list[Json]) -> Iterator[Port]:
    for at, row in enumerate(containers):
        if uri := text(row, "ModelDataUrl"):
            yield Port(f"artifact{at or ''}", uri, "object")


_READERS = {
    "AutoML": _automl,
    "ClarifyCheck": _processing,
    "Model": _model,
    "Processing": _processing,
    "QualityCheck": _processing,
    "RegisterModel": _register,
    "Training": _training,
    "Transform": _transform,
    "Tuning": _training,
}
