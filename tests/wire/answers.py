"""Answers on the wire: parsed values, serialised as the operation's own output shape says."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from botocore.model import OperationModel, Shape
from wire.requests import Asked, operation_model

ID = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class Wired:
    """An answer as it is sent; `cut` bytes of the body, where it is cut off, and `wait` seconds of silence before."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    wait: float = 0.0


def answered(asked: Asked, data: Mapping[str, Any], status: int = 200) -> Wired:
    """The parsed answer as the service sends it."""
    operation = operation_model(asked)
    protocol = operation.service_model.resolved_protocol
    if protocol in {"json", "rest-json"}:
        return _json(operation, data, status)
    if protocol in {"query", "ec2"}:
        return _query(operation, data, status)
    return _rest_xml(operation, data, status)


def refused(asked: Asked, status: int, code: str, message: str = "") -> Wired:
    """An error as the service sends it."""
    if not asked.service:
        return Wired(
            status, json.dumps({"__type": code, "message": message}).encode(), _type("1.0")
        )
    held = operation_model(asked).service_model if _knows(asked) else None
    protocol = held.resolved_protocol if held else "json"
    if protocol in {"json", "rest-json"}:
        version = held.metadata.get("jsonVersion", "") if held else "1.0"
        body = json.dumps({"__type": code, "message": message, "Message": message})
        return Wired(status, body.encode(), {**_type(version), "x-amzn-errortype": code})
    told = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    body = f"<Error>{told}</Error>"
    if protocol == "query":
        body = f"<ErrorResponse>{body}<RequestId>{ID}</RequestId></ErrorResponse>"
    if protocol == "ec2":
        body = f"<Response><Errors>{body}</Errors><RequestID>{ID}</RequestID></Response>"
    return Wired(status, body.encode(), {"Content-Type": "text/xml"})


def _knows(asked: Asked) -> bool:
    from wire.requests import model

    return asked.operation in model(asked.service).operation_names


def _type(version: str) -> dict[str, str]:
    kind = f"application/x-amz-json-{version}" if version else "application/json"
    return {"Content-Type": kind, "x-amzn-RequestId": ID}


# JSON.


def _json(operation: OperationModel, data: Mapping[str, Any], status: int) -> Wired:
    version = operation.service_model.metadata.get("jsonVersion", "")
    rest = operation.service_model.resolved_protocol == "rest-json"
    head = _type("" if rest else version)
    shape = operation.output_shape
    if shape is None:
        return Wired(status, b"" if rest else b"{}", head)
    payload = shape.serialization.get("payload")
    if payload is not None:
        head |= dict(_headers(shape, data))
        return Wired(status, _payload_json(shape.members[payload], data.get(payload)), head)
    body = {name: value for name, value in data.items() if not _elsewhere(shape, name)}
    head |= dict(_headers(shape, data))
    return Wired(status, json.dumps(_plain(shape, body)).encode(), head)


def _payload_json(shape: Shape, value: Any) -> bytes:
    if value is None:
        return b""
    if shape.type_name in {"string", "blob"}:
        return value if isinstance(value, bytes) else str(value).encode()
    return json.dumps(_plain(shape, value)).encode()


def _elsewhere(shape: Shape, name: str) -> bool:
    member = shape.members.get(name)
    return member is not None and "location" in member.serialization


def _headers(shape: Shape, data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, member in shape.members.items():
        if member.serialization.get("location") == "header" and name in data:
            label = member.serialization.get("name", name)
            yield (
                label,
                _time(member, data[name], "rfc822")
                if member.type_name == "timestamp"
                else str(data[name]),
            )


def _plain(shape: Shape | None, value: Any) -> Any:
    """The value with names, times and bytes as JSON sends them; what the shape does not fit stays as it is."""
    if shape is None:
        return value
    if shape.type_name == "structure" and isinstance(value, Mapping):
        return {
            (
                shape.members[name].serialization.get("name", name)
                if name in shape.members
                else name
            ): (_plain(shape.members.get(name), item))
            for name, item in value.items()
        }
    if shape.type_name == "list" and isinstance(value, list | tuple):
        return [_plain(shape.member, item) for item in value]
    if shape.type_name == "map" and isinstance(value, Mapping):
        return {name: _plain(shape.value, item) for name, item in value.items()}
    return _scalar(shape, value)


def _scalar(shape: Shape, value: Any) -> Any:
    if shape.type_name == "timestamp":
        return _time(shape, value, "unixTimestamp")
    if shape.type_name == "blob":
        return base64.b64encode(value if isinstance(value, bytes) else str(value).encode()).decode()
    return value


def _time(shape: Shape, value: Any, default: str) -> Any:
    if not isinstance(value, datetime):
        return value
    form = shape.serialization.get("timestampFormat", default)
    if form == "unixTimestamp":
        return value.timestamp()
    if form == "rfc822":
        return format_datetime(value.astimezone(UTC), usegmt=True)
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


# XML.


def _query(operation: OperationModel, data: Mapping[str, Any], status: int) -> Wired:
    shape = operation.output_shape
    inner = "".join(_members(shape, data)) if shape is not None else ""
    if shape is not None and (wrapper := shape.serialization.get("resultWrapper")):
        inner = f"<{wrapper}>{inner}</{wrapper}>"
    tail = f"<ResponseMetadata><RequestId>{ID}</RequestId></ResponseMetadata>"
    if operation.service_model.resolved_protocol == "ec2":
        tail = f"<requestId>{ID}</requestId>"
    body = f"<{operation.name}Response>{inner}{tail}</{operation.name}Response>"
    return Wired(status, body.encode(), {"Content-Type": "text/xml"})


def _rest_xml(operation: OperationModel, data: Mapping[str, Any], status: int) -> Wired:
    shape = operation.output_shape
    head = {"Content-Type": "application/xml", "x-amz-request-id": ID}
    if shape is None:
        return Wired(status, b"", head)
    head |= dict(_headers(shape, data))
    payload = shape.serialization.get("payload")
    if operation.name == "GetBucketLocation":  # botocore reads the text of the outermost element
        place = escape(str(data.get("LocationConstraint") or ""))
        return Wired(status, f"<LocationConstraint>{place}</LocationConstraint>".encode(), head)
    if payload is not None and shape.members[payload].type_name != "structure":
        value = data.get(payload, "")
        return Wired(status, value if isinstance(value, bytes) else str(value).encode(), head)
    if payload is not None:
        member = shape.members[payload]
        body = "".join(
            _element(member.serialization.get("name", payload), member, data.get(payload, {}))
        )
        return Wired(status, body.encode(), head)
    held = {name: value for name, value in data.items() if not _elsewhere(shape, name)}
    root = shape.serialization.get("name", shape.name)
    return Wired(status, f"<{root}>{''.join(_members(shape, held))}</{root}>".encode(), head)


def _members(shape: Shape, data: Mapping[str, Any]) -> Iterator[str]:
    for name, value in data.items():
        member = shape.members.get(name)
        if member is None:
            yield f"<{name}>{escape(str(value))}</{name}>"
        elif not member.serialization.get("xmlAttribute"):
            yield from _element(member.serialization.get("name", name), member, value)


def _attributes(shape: Shape, value: Any) -> str:
    if shape.type_name != "structure" or not isinstance(value, Mapping):
        return ""
    return "".join(
        f" {member.serialization.get('name', name)}={quoteattr(str(value[name]))}"
        for name, member in shape.members.items()
        if member.serialization.get("xmlAttribute") and name in value
    )


def _element(name: str, shape: Shape, value: Any) -> Iterator[str]:
    if value is None:
        return
    flat = bool(shape.serialization.get("flattened"))
    if shape.type_name == "list" and isinstance(value, list | tuple):
        label = shape.member.serialization.get("name", name if flat else "member")
        rows = "".join(part for item in value for part in _element(label, shape.member, item))
        yield rows if flat else f"<{name}>{rows}</{name}>"
    elif shape.type_name == "map" and isinstance(value, Mapping):
        key, item = (
            part.serialization.get("name", label)
            for part, label in ((shape.key, "key"), (shape.value, "value"))
        )
        entry = name if flat else "entry"
        rows = "".join(
            f"<{entry}><{key}>{escape(label)}</{key}>{''.join(_element(item, shape.value, held))}</{entry}>"
            for label, held in value.items()
        )
        yield rows if flat else f"<{name}>{rows}</{name}>"
    elif shape.type_name == "structure" and isinstance(value, Mapping):
        yield f"<{name}{_attributes(shape, value)}>{''.join(_members(shape, value))}</{name}>"
    else:
        yield f"<{name}>{escape(_word(shape, value))}</{name}>"


def _word(shape: Shape, value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if shape.type_name == "blob":
        return base64.b64encode(value if isinstance(value, bytes) else str(value).encode()).decode()
    return str(_time(shape, value, "iso8601") if shape.type_name == "timestamp" else value)
