"""Bodies of answers, judged before the SDK parses them: what is none must not look like an empty estate."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Mapping, MutableMapping
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any

MALFORMED = (
    OSError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    RecursionError,
    HTTPException,
)
"""What botocore raises on a body that does not fit the shape it expects, beside its own errors."""

_JSON = frozenset({"json", "rest-json"})
_NAMED = frozenset({"query", "ec2"})  # protocols whose outermost element names the operation
_ROOT = re.compile(rb"<(?![?!])\s*(?:[\w.-]+:)?([\w.-]+)")
_BUSY = frozenset({429, 503})


class BrokenAnswerError(Exception):
    """An answer that says it is one, and is not."""


class CutOffError(BrokenAnswerError):
    """An answer whose connection was closed before its end: asked again, it may come whole."""


class Bodies:
    """Judges the bodies of answers, and counts the bytes of those that one thread reads for one call."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._here = threading.local()

    def start(self) -> None:
        """Count from nothing: another answer begins."""
        self._here.size = 0

    def judge(
        self, operation_model: Any, response_dict: MutableMapping[str, Any], **_rest: object
    ) -> None:
        """Refuse a good status with a body that is none (`before-parse` of botocore)."""
        body, status = response_dict.get("body"), response_dict.get("status_code", 0)
        if status in _BUSY:
            _heed(response_dict.get("headers"))
        if not isinstance(body, bytes):
            return  # it is streamed: content, not an answer to parse
        self._here.size = getattr(self._here, "size", 0) + len(body)
        if self._here.size > self._most:
            raise BrokenAnswerError(f"it did not end after {self._most:,} bytes")
        if operation_model.http.get("method") != "HEAD":
            _whole(body, response_dict.get("headers"))
        if status >= 300 or not _speaks(operation_model.output_shape):
            return
        if operation_model.service_model.resolved_protocol in _JSON:
            _whole_json(body, status)
        else:
            _whole_xml(body, status, operation_model)


def _whole(body: bytes, headers: Any) -> None:
    """The SDK does not miss the second half of a body whose connection was closed."""
    if not isinstance(headers, Mapping) or "content-encoding" in headers:
        return
    told = str(headers.get("content-length", ""))
    if told.isdigit() and int(told) != len(body):
        raise CutOffError(f"the answer was cut off: {len(body):,} bytes of {int(told):,}")


def _speaks(shape: Any) -> bool:
    """Whether the members of this output are read from the body, one by one."""
    if shape is None:
        return False
    payload = shape.serialization.get("payload")
    if payload is not None:
        return bool(shape.members[payload].type_name == "structure")
    return any("location" not in member.serialization for member in shape.members.values())


def _whole_json(body: bytes, status: int) -> None:
    if not body.strip():
        if status == 200:
            raise BrokenAnswerError("the answer is empty")
        return
    try:
        parsed = json.loads(body)
    except ValueError:
        raise BrokenAnswerError("the answer is no JSON") from None
    if not isinstance(parsed, dict):
        raise BrokenAnswerError("the answer is no JSON object")


def _whole_xml(body: bytes, status: int, operation: Any) -> None:
    """A page in HTML may be good XML as well: only the name of its outermost element tells."""
    if not body.strip():
        if status == 200:
            raise BrokenAnswerError("the answer is empty")
        return
    found = _ROOT.search(body[:2_000])
    root = found[1].decode("ascii", "replace") if found else ""
    if not root or root.lower() == "html":
        raise BrokenAnswerError("the answer is no XML of this service")
    if operation.service_model.resolved_protocol in _NAMED and root != f"{operation.name}Response":
        raise BrokenAnswerError(f"the answer is a `{root}`, not of `{operation.name}`")


def _heed(headers: Any) -> None:
    """Tell botocore the standard header that says when to ask again: it knows its own alone, in milliseconds."""
    told = headers.get("Retry-After") if isinstance(headers, MutableMapping) else None
    if not told or "x-amz-retry-after" in headers:
        return
    try:
        seconds = float(told) if told.strip().isdigit() else _until(told)
    except (ValueError, TypeError):
        return
    headers["x-amz-retry-after"] = str(max(0, int(seconds * 1000)))


def _until(date: str) -> float:
    return parsedate_to_datetime(date).timestamp() - time.time()
