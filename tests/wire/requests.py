"""What was asked: a request on the wire, understood by botocore's own service models."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

from ingest.source import by_operation

_SCOPE = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request")
_LABEL = re.compile(r"\{([^}+]+)(\+?)\}")
_LOADER = Loader(include_default_search_paths=True)
READS = (
    "List",
    "Describe",
    "Get",
    "Search",
    "Lookup",
    "Query",
    "Generate",
    "BatchGet",
    "Simulate",
    "Select",
    "AssumeRole",
)
"""How the names of operations begin that change nothing."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: the operation, where it belongs, who asked, and with what."""

    method: str
    path: str
    headers: Mapping[str, str]  # without what authorises it
    service: str = ""  # as botocore names it; empty where nothing is known of it
    operation: str = ""
    region: str = ""
    key: str = ""  # the id of the access key that signed it
    params: Mapping[str, Any] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    signature: str = field(default="", repr=False)  # what authorises it: for a proxy to pass on

    @property
    def name(self) -> str:
        """The call, e.g. `s3.GetBucketPolicy`."""
        return f"{self.service}.{self.operation}"

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.operation.startswith(READS)


@cache
def model(service: str) -> ServiceModel:
    """The model of a service."""
    return ServiceModel(_LOADER.load_service_model(service, "service-2"), service_name=service)


def known_services(*more: str) -> tuple[str, ...]:
    """The services that our calls ask, and these."""
    return tuple(sorted({row.call.client for row in by_operation("aws").values()} | {"sts", *more}))


@dataclass(frozen=True, slots=True)
class _Route:
    service: str
    operation: str
    pattern: re.Pattern[str]
    labels: tuple[str, ...]
    query: Mapping[str, str]
    weight: tuple[int, int]


_ELSEWHERE = frozenset({"ListDirectoryBuckets"})  # the same request as another, to another host


def _routes_of(service: str) -> Iterator[tuple[str, _Route]]:
    held = model(service)
    for name in sorted(set(held.operation_names) - _ELSEWHERE):
        http = held.operation_model(name).http
        path, _, query = http["requestUri"].partition("?")
        wanted = dict(parse_qsl(query, keep_blank_values=True))
        labels = [match[1] for match in _LABEL.finditer(path)]
        parts = [
            _LABEL.sub(
                lambda match: "(.+)" if match[2] else "([^/]+)", re.sub(r"[.]", r"\\.", part)
            )
            for part in path.rstrip("/").split("/")
        ]
        pattern = re.compile("/".join(parts) + "/?")
        literals = sum("{" not in part for part in path.split("/"))
        yield (
            http["method"],
            _Route(service, name, pattern, tuple(labels), wanted, (len(wanted), literals)),
        )


class Catalogue:
    """The operations of some services, to be found by what a request looks like."""

    def __init__(self, services: Iterable[str]) -> None:
        self._targets: dict[str, str] = {}
        self._queries: dict[str, str] = {}
        self._routes: dict[tuple[str, str], list[_Route]] = {}
        for service in services:
            held = model(service)
            if held.resolved_protocol == "json":
                self._targets[held.metadata["targetPrefix"]] = service
            elif held.resolved_protocol in {"query", "ec2"}:
                self._queries[held.signing_name] = service
            else:
                for method, route in _routes_of(service):
                    self._routes.setdefault((held.signing_name, method), []).append(route)

    def understood(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Asked:
        """The request, with its operation as far as it is known."""
        plain = {name.lower(): value for name, value in headers.items()}
        signature = plain.pop("authorization", "")
        signed = _SCOPE.search(signature)
        key, region, signing = signed.groups() if signed else ("", "", "")
        service, operation, params = self._found(method, path, plain, body, signing)
        return Asked(method, path, plain, service, operation, region, key, params, body, signature)

    def _found(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, signing: str
    ) -> tuple[str, str, dict[str, Any]]:
        if target := headers.get("x-amz-target"):
            prefix, _, operation = target.rpartition(".")
            return self._targets.get(prefix, ""), operation, json.loads(body or b"{}")
        if signing in self._queries and method == "POST":
            form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            return self._queries[signing], form.get("Action", ""), form
        parts = urlsplit(path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        fitting = [
            (route.weight, route.service, route.operation, route, match)
            for route in self._routes.get((signing, method), ())
            if (match := route.pattern.fullmatch(parts.path))
            and all(query.get(name) == value for name, value in route.query.items())
        ]
        if not fitting:
            return "", "", {}
        *_, route, match = max(fitting, key=lambda row: row[:3])
        sent = json.loads(body) if body.startswith(b"{") else {}
        labels = {
            name: unquote(value) for name, value in zip(route.labels, match.groups(), strict=True)
        }
        return route.service, route.operation, {**query, **sent, **labels}


@cache
def catalogue(*more: str) -> Catalogue:
    """The operations of the services that our calls ask, and of these."""
    return Catalogue(known_services(*more))


def operation_model(asked: Asked) -> OperationModel:
    """What the service's model says of the operation."""
    return model(asked.service).operation_model(asked.operation)
