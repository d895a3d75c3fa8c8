"""The question: who wants to do what to which resource, and what is known about the circumstances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from access.aws.principals import Principal

_NOTHING: Mapping[str, tuple[str, ...]] = MappingProxyType({})


class Form(StrEnum):
    """How the resource of a question is meant."""

    CONCRETE = "concrete"  # one ARN
    EVERY = "every"  # all that the pattern covers, e.g. the objects of a dataset
    SOME = "some"  # at least one that the pattern covers; the answer says which


class Mode(StrEnum):
    """How a condition key that the request does not carry is read."""

    STRICT = "strict"  # it is absent
    DISCOVERY = "discovery"  # known, caller-chosen or open, by its class
    PLAIN = "plain"  # open, unless its value is known


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One authorization question.

    `context` holds known values by lower-cased key and wins over what is derived; `absent` names keys known to be
    absent. `excluding` are the parts of the pattern that the question leaves out. `resource_tags` None means unread
    (for S3 buckets without attribute-based access control pass an empty map: their tags do not count).
    `via_service` names the service on whose behalf a key is used, e.g. `s3`. `settable`, where given, are the
    lower-cased keys that a request for this action can carry: any other caller-chosen key is absent.
    """

    principal: Principal
    action: str
    resource: str
    now: datetime
    resource_account: str | None = None
    context: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NOTHING)
    absent: frozenset[str] = frozenset()
    form: Form = Form.CONCRETE
    excluding: tuple[str, ...] = ()
    mode: Mode = Mode.DISCOVERY
    wildcard_only: bool = False
    resource_tags: Mapping[str, str] | None = None
    resource_organization: str | None = None
    resource_organization_paths: tuple[str, ...] | None = None
    resource_in_management: bool = False
    via_service: str | None = None
    settable: frozenset[str] | None = None
