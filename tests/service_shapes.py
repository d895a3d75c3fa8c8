"""The SDK's own description of answers: what an operation may say, and whether a made answer could have been said."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session
from botocore.model import OperationModel, ServiceModel, Shape

TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "timestamp": str,
    "blob": str,  # parsed answers hold bytes as text
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "map": dict,
}
DECODED = frozenset({"policyDocumentType"})
"""Texts of IAM that the SDK hands on as the document that they encode."""


@cache
def _service(client: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(client)


@cache
def operation(name: str) -> OperationModel:
    """The model of an operation by the name that coverage keys use, such as `s3.get_bucket_policy`."""
    client, _, method = name.partition(".")
    names = {known.lower(): known for known in _service(client).operation_names}
    return _service(client).operation_model(names[method.replace("_", "")])


def output(name: str) -> Shape:
    """The shape of an operation's answer."""
    shape = operation(name).output_shape
    assert shape is not None, f"{name} answers nothing"
    return shape


def strange(value: Any, shape: Shape, path: str) -> Iterator[str]:
    """The members that the shape does not know, and values of another type."""
    kind = shape.type_name
    if getattr(shape, "is_document_type", False) or (
        shape.name in DECODED and isinstance(value, dict)
    ):
        return
    if kind == "structure":
        yield from _strange_members(value, shape, path)
    elif kind == "list":
        for item in value if isinstance(value, list) else [None]:
            yield from strange(item, shape.member, path)  # type: ignore[attr-defined]  # of lists
    elif not isinstance(value, TYPES[kind]) or (kind != "boolean" and isinstance(value, bool)):
        yield path
    elif kind == "map":
        for item in value.values():
            yield from strange(item, shape.value, f"{path}.*")  # type: ignore[attr-defined]  # of maps


def _strange_members(value: Any, shape: Shape, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield path
        return
    for name, item in value.items():
        member = shape.members.get(name)  # type: ignore[attr-defined]  # of structures
        if member is None:
            yield f"{path}.{name}"
        else:
            yield from strange(item, member, f"{path}.{name}")


def paths(
    shape: Shape, path: tuple[str, ...] = (), above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Shape]]:
    """Every member at any depth as a path of names, through lists and the values of maps; a shape in itself once."""
    if path:
        yield path, shape
    if shape.name in above:
        return
    above = (*above, shape.name)
    if shape.type_name == "structure":
        for name, member in shape.members.items():  # type: ignore[attr-defined]  # of structures
            yield from paths(member, (*path, name), above)
    elif shape.type_name in {"list", "map"}:
        inner = shape.member if shape.type_name == "list" else shape.value  # type: ignore[attr-defined]  # of lists and maps
        if inner.type_name in {"structure", "list", "map"}:
            for deeper, held in paths(inner, path, above):
                if deeper != path:
                    yield deeper, held
