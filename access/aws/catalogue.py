"""The packaged facts about condition keys and services, read once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


class KeyClass(StrEnum):
    """Who decides the value of a condition key."""

    KNOWN = "known"  # the graph
    CHOSEN = "chosen"  # the caller
    OPEN = "open"  # neither


@dataclass(frozen=True, slots=True)
class ConditionKey:
    """One row of the list of condition keys; keys in no row are open."""

    name: str
    kind: KeyClass = KeyClass.OPEN
    type: str = "string"
    multi: bool = False
    always: bool = False


@dataclass(frozen=True, slots=True)
class Services:
    """What decisions need to know about services."""

    rcp: frozenset[str]
    global_region: str
    global_services: frozenset[str]
    wildcard_only: frozenset[str]  # lower-cased actions


def packaged(name: str) -> dict[str, Any]:
    """The rows of a packaged file."""
    text = files("access.aws").joinpath(name).read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # both are safe loaders
    return found


@cache
def _keys() -> tuple[Mapping[str, ConditionKey], Mapping[str, ConditionKey]]:
    """The rows by lower-cased name, and those that stand for all keys with a prefix."""
    exact: dict[str, ConditionKey] = {}
    prefixes: dict[str, ConditionKey] = {}
    for name, row in packaged("condition_keys.yaml")["keys"].items():
        made = ConditionKey(
            name,
            KeyClass(row["class"]),
            row["type"],
            bool(row.get("multi")),
            bool(row.get("always")),
        )
        if name.endswith("*"):
            prefixes[name[:-1].lower()] = made
        else:
            exact[name.lower()] = made
    return exact, prefixes


@cache
def condition_key(name: str) -> ConditionKey:
    """The row of this key, any case; an open one where the list has none."""
    exact, prefixes = _keys()
    key = name.lower()
    found = exact.get(key)
    if found is not None:
        return found
    for prefix, row in prefixes.items():
        if key.startswith(prefix):
            return ConditionKey(row.name[:-1] + name[len(prefix) :], row.kind, row.type, row.multi)
    return ConditionKey(name)


@cache
def services() -> Services:
    """The facts about services."""
    body = packaged("services.yaml")
    return Services(
        frozenset(body["rcp"]),
        body["global_region"],
        frozenset(body["global_services"]),
        frozenset(
            f"{service}:{action}".lower()
            for service, actions in body["wildcard_only"].items()
            for action in actions
        ),
    )


@cache
def known_actions() -> frozenset[str]:
    """Every action of the services that capability and technique rows speak of, as `service:Action`."""
    return frozenset(
        f"{service}:{name}" for service, names in packaged("actions.yaml").items() for name in names
    )


def wildcard_only(action: str) -> bool:
    """Whether the action has no resource type, so that only `Resource: *` speaks of it."""
    return action.lower() in services().wildcard_only


@cache
def _single() -> Mapping[str, re.Pattern[str]]:
    """Per action that takes exactly one type of resource, which was there before, the form of its ARN."""
    return {
        f"{service}:{name}": _form(row["arn"])
        for service, types in packaged("single_resource.yaml").items()
        for row in types.values()
        for name in row["actions"]
    }


def _form(arn: str) -> re.Pattern[str]:
    """The form as a pattern: what stands for a name is one part of an ARN; an account is not told apart."""
    parts = re.split(r"\$\{\w+\}", arn)
    return re.compile(r"[^*?]*".join(map(re.escape, parts)))


def takes(action: str, resource: str) -> bool:
    """Whether the action takes exactly one resource, of the type that this ARN is of, and does not make it."""
    form = _single().get(action)
    return form is not None and form.fullmatch(resource) is not None
