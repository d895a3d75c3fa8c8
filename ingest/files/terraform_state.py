"""Terraform: states and plans as systems of record: the managed resources that exist, by ARN.

SOURCE: "State Format v4" as the state file spells it, and "JSON Output Format" (developer.hashicorp.com), read 2026-11-26.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graph.errors import SourceError
from ingest.files.record import PLAN, STATE, Listed, Record

_VERSION = 4
_FORMS = {"aws_s3_bucket": ("bucket", "arn:aws:s3:::{value}")}
"""Resources whose older rows carry no ARN: what names them, and the ARN that this makes."""

_NO_ASSET = (
    "_policy",
    "_attachment",
    "_versioning",
    "_configuration",
    "_block",
    "_controls",
    "_acl",
)
"""How types end that set something of another resource and carry its ARN or none."""


def is_terraform(content: object) -> bool:
    """Whether this parsed file is a Terraform state or plan."""
    if not isinstance(content, Mapping):
        return False
    state = "lineage" in content and isinstance(content.get("resources"), list)
    return state or ("format_version" in content and bool({"values", "planned_values"} & set(content)))  # fmt: skip


def read_terraform(content: Mapping[str, Any], name: str) -> Record:
    """The record of a state, the JSON form of a state, or a plan; `SourceError` where it is damaged."""
    if "format_version" in content:
        return _shown(content, name)
    if content.get("version") != _VERSION:
        raise SourceError(
            f"`{name}` is a Terraform state of version `{content.get('version')}`; version 4 is read"
        )
    rows = tuple(row for one in content["resources"] for row in _resource(one))
    serial = content.get("serial")
    settings = {
        "serial": str(serial) if isinstance(serial, int) else "",
        "terraform": str(content.get("terraform_version") or ""),
    }
    told = {key: value for key, value in settings.items() if value}
    return Record(STATE, str(content["lineage"]), name, rows, told)


def _resource(one: object) -> Iterator[Listed]:
    if not isinstance(one, Mapping) or one.get("mode") != "managed":
        return
    held = one.get("instances")
    for instance in held if isinstance(held, list) else ():
        if isinstance(instance, Mapping):
            parts = (one.get("module"), one.get("type"), one.get("name"))
            address = ".".join(str(part) for part in parts if part)
            index = instance.get("index_key")
            whole = address if index is None else f"{address}[{index!r}]"
            yield from _listed(str(one.get("type")), instance.get("attributes"), whole)


def _listed(form: str, attributes: object, address: str) -> Iterator[Listed]:
    """The row of one resource; nothing but what names it is looked at."""
    if not isinstance(attributes, Mapping) or form.endswith(_NO_ASSET):
        return
    arn = attributes.get("arn")
    if not isinstance(arn, str) and form in _FORMS:
        field, made = _FORMS[form]
        value = attributes.get(field)
        arn = made.format(value=value) if isinstance(value, str) else None
    if isinstance(arn, str) and arn.startswith("arn:"):
        yield Listed(address, arn=arn.removesuffix(":*"))


def _shown(content: Mapping[str, Any], name: str) -> Record:
    """What `terraform show -json` wrote: of a plan only what exists already is on record."""
    plan = "planned_values" in content
    values = _within(content.get("prior_state"), "values") if plan else content.get("values")
    rows = tuple(_module(_within(values, "root_module")))
    odd: tuple[str, ...] = ()
    if plan:
        made = sum(1 for one in _list(content.get("resource_changes")) if _creates(one))
        odd = (f"{made} resources are only planned, and are no record yet",) if made else ()
    settings = {"terraform": str(content.get("terraform_version") or "")}
    return Record(PLAN if plan else STATE, name, name, rows, {k: v for k, v in settings.items() if v}, odd=odd)  # fmt: skip


def _creates(one: object) -> bool:
    change = one.get("change") if isinstance(one, Mapping) else None
    return isinstance(change, Mapping) and "create" in _list(change.get("actions"))


def _module(module: object) -> Iterator[Listed]:
    if not isinstance(module, Mapping):
        return
    for one in _list(module.get("resources")):
        if isinstance(one, Mapping) and one.get("mode") == "managed":
            address = str(one.get("address") or one.get("name"))
            yield from _listed(str(one.get("type")), one.get("values"), address)
    for child in _list(module.get("child_modules")):
        yield from _module(child)


def _within(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, Mapping) else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
