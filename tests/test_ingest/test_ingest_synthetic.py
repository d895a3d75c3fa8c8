"""Answers that nobody recorded: every member of them stands in the service model of the SDK."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.model import Shape
from ingest_cases import CASES

from ingest.source import by_operation

FAMILIES = ("studio", "registry", "endpoints", "tracking")
OTHER_SHAPES = frozenset({"unknown-members", "wrong-types", "without-names"})
MODEL = botocore.session.get_session().get_service_model("sagemaker")
FOLDERS = [
    folder
    for family in FAMILIES
    for folder in sorted(path for path in (CASES / family).iterdir() if path.is_dir())
    if folder.name not in OTHER_SHAPES
]
TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "timestamp": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "map": dict,
}


def strange(value: Any, shape: Shape, path: str) -> Iterator[str]:
    """The members that the shape does not know, and values of another type."""
    if shape.type_name == "structure":
        if not isinstance(value, dict):
            yield path
            return
        for name, item in value.items():
            member = shape.members.get(name)  # type: ignore[attr-defined]  # of structures
            found = strange(item, member, f"{path}.{name}") if member is not None else ()
            yield from [f"{path}.{name}"] if member is None else found
    elif shape.type_name == "list":
        for item in value if isinstance(value, list) else [None]:
            yield from strange(item, shape.member, path)  # type: ignore[attr-defined]  # of lists
    elif not isinstance(value, TYPES[shape.type_name]):
        yield path


def _operation(method: str) -> str:
    names = {name.lower(): name for name in MODEL.operation_names}
    return names[method.replace("_", "")]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_an_answer_that_nobody_recorded_fits_the_service_model(folder: Path) -> None:
    given = json.loads((folder / "given.json").read_text(encoding="utf-8"))
    for answer in given["answers"]:
        client, _, method = answer["operation"].partition(".")
        if client != "sagemaker":
            continue
        assert answer["operation"] in by_operation("aws")
        shape = MODEL.operation_model(_operation(method)).output_shape
        for page in answer["pages"]:
            assert list(strange(page, shape, method)) == []


def test_a_member_that_no_service_model_knows_is_seen() -> None:
    shape = MODEL.operation_model("ListApps").output_shape
    page = {"Apps": [{"AppName": 5, "Appname": "x"}], "NextToken": "t"}
    assert list(strange(page, shape, "list")) == ["list.Apps.AppName", "list.Apps.Appname"]
