"""Terraform: states and plans as systems of record: the managed resources that exist, by ARN.

SOURCE: "State Format v4" as the state file spells it, "JSON Output Format" and "Resource Addressing"
(developer.hashicorp.com), read 2026-11-26.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from graph.errors import SourceError, with_advice
from ingest.files.record import PLAN, STATE, Listed, Record

_VERSION = 4
_OWN = {
    "aws_bedrock_custom_model": "custom_model_arn",
    "aws_bedrock_guardrail": "guardrail_arn",
    "aws_bedrock_provisioned_model_throughput": "provisioned_model_arn",
    "aws_bedrockagent_agent": "agent_arn",
    "aws_bedrockagent_agent_alias": "agent_alias_arn",
    "aws_bedrockagentcore_agent_runtime": "agent_runtime_arn",
    "aws_bedrockagentcore_browser": "browser_arn",
    "aws_bedrockagentcore_code_interpreter": "code_interpreter_arn",
    "aws_bedrockagentcore_gateway": "gateway_arn",
    "aws_cloudformation_stack": "id",
    "aws_ecs_service": "id",
    "aws_eks_pod_identity_association": "association_arn",
}
"""Where the own ARN of a resource stands, for types whose attribute is not `arn`.

SOURCE: "Attribute Reference" of each resource, hashicorp/terraform-provider-aws, website/docs/r, and the schema of
version 5.100.0 (`terraform providers schema -json`), read 2026-11-26.
"""

_BUCKET = "aws_s3_bucket"
_OF_OTHERS = frozenset(
    {
        "aws_cloudwatch_event_target", "aws_lakeformation_resource", "aws_notifications_channel_association",
        "aws_secretsmanager_secret_version", "aws_sns_topic_data_protection_policy", "aws_sns_topic_policy",
    }
)  # fmt: skip
"""Types whose `arn` is that of what they point at, which only a row of its own manages."""


def is_terraform(content: object) -> bool:
    """Whether this parsed file is a Terraform state or plan."""
    if not isinstance(content, Mapping):
        return False
    if "lineage" in content and {"resources", "modules", "encrypted_data"} & set(content):
        return True
    # Of an empty state `show` writes the two versions alone.
    shown = {"values", "planned_values", "terraform_version"}
    return "format_version" in content and bool(shown & set(content))


def read_terraform(content: Mapping[str, Any], name: str) -> Record:
    """The record of a state, the JSON form of a state, or a plan; `SourceError` where it is damaged."""
    if "encrypted_data" in content:
        error = SourceError(f"`{name}` is an encrypted state")
        raise with_advice(error, "give the output of `show -json`, which is written in the clear")
    if "format_version" in content:
        return _shown(content, name)
    if content.get("version") != _VERSION:
        raise SourceError(
            f"`{name}` is a Terraform state of version `{_number(content.get('version'))}`; version 4 is read"
        )
    lineage, serial = content["lineage"], content.get("serial")
    if not isinstance(lineage, str) or not lineage:
        raise _damaged(name, "lineage", "no text")
    if type(serial) is not int:
        raise _damaged(name, "serial", "no whole number")
    skipped: list[str] = []
    held = _members(content, "resources", name)
    rows = tuple(row for at, one in enumerate(held) for row in _resource(one, at, skipped))
    settings = {"serial": str(serial), **_written_by(content)}
    return Record(STATE, lineage, name, rows, settings, tuple(skipped))


def _number(value: object) -> str:
    """A number as text; of anything else nothing is repeated, since it may be a secret."""
    return str(value) if type(value) is int else "?"


def _damaged(name: str, place: str, what: str) -> SourceError:
    return SourceError(f"`{name}` is a damaged Terraform file: `{place}` is {what}")


def _members(content: Mapping[str, Any], place: str, name: str) -> list[Any]:
    held = content.get(place)
    if not isinstance(held, list):
        raise _damaged(name, place, "no list")
    return held


def _written_by(content: Mapping[str, Any]) -> dict[str, str]:
    version = content.get("terraform_version")
    return {"terraform": version} if isinstance(version, str) and version else {}


def _resource(one: object, at: int, skipped: list[str]) -> Iterator[Listed]:
    """The rows of a resource of a state, one per instance."""
    if not isinstance(one, Mapping) or not isinstance(one.get("mode"), str):
        skipped.append(f"`resources[{at}]` is no resource")
        return
    if one["mode"] != "managed":
        return
    address = ".".join(str(one[key]) for key in ("module", "type", "name") if one.get(key))
    held = one.get("instances")
    if not isinstance(held, list):
        skipped.append(f"`{address}` has no list of instances")
        return
    for instance in held:
        index = instance.get("index_key") if isinstance(instance, Mapping) else None
        whole = address if index is None else f"{address}[{json.dumps(index)}]"
        # States that an old version began keep flat attributes until the resource is next changed.
        flat = _within(instance, "attributes_flat")
        attributes = _within(instance, "attributes") if flat is None else flat
        yield from _listed(str(one.get("type")), attributes, whole, skipped)


def _listed(form: str, attributes: object, address: str, skipped: list[str]) -> Iterator[Listed]:
    """The row of one resource; nothing but what names it is looked at."""
    if not isinstance(attributes, Mapping):
        skipped.append(f"`{address}` has no attributes")
        return
    if form in _OF_OTHERS:
        return
    arn = attributes.get(_OWN.get(form, "arn"))
    bucket = attributes.get("bucket")
    if form == _BUCKET and not isinstance(arn, str) and isinstance(bucket, str):
        arn = f"arn:aws:s3:::{bucket}"  # old rows carry no ARN
    if isinstance(arn, str) and arn.startswith("arn:"):
        yield Listed(address, arn=arn.removesuffix(":*"))  # log groups name their streams


def _shown(content: Mapping[str, Any], name: str) -> Record:
    """What `terraform show -json` wrote: of a plan only what exists already is on record."""
    plan = "planned_values" in content
    holder = content.get("prior_state") if plan else content
    if not isinstance(holder, Mapping | None):
        raise _damaged(name, "prior_state", "no object")
    values = _within(holder, "values")
    if not isinstance(values, Mapping | None):
        raise _damaged(name, "values", "no object")
    skipped: list[str] = []
    # Of an empty state no values are written.
    held = () if values is None else _module(values.get("root_module"), "root module", skipped)
    rows = tuple(held)
    odd = _planned(content, name) if plan else ()
    # Neither carries a lineage: its name is all that tells it from others.
    return Record(PLAN if plan else STATE, name, name, rows, _written_by(content), tuple(skipped), odd)  # fmt: skip


def _planned(content: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """What to say of resources that the plan would make."""
    changes = _members(content, "resource_changes", name) if "resource_changes" in content else []
    made = sum(1 for one in changes if _creates(one))
    word = "resource is" if made == 1 else "resources are"
    return (f"{made} {word} only planned, and on no record yet",) if made else ()


def _creates(one: object) -> bool:
    """Whether the change makes a resource that is not there; one that is replaced is."""
    actions = _within(_within(one, "change"), "actions")
    return _within(one, "mode") == "managed" and actions == ["create"]


def _module(module: object, where: str, skipped: list[str]) -> Iterator[Listed]:
    """The rows of a module and those within it."""
    if not isinstance(module, Mapping):
        skipped.append(f"the {where} is no object")
        return
    skipped += [
        f"`{key}` of the {where} is no list"
        for key in ("resources", "child_modules")
        if not isinstance(module.get(key), list | None)
    ]
    for one in _list(module.get("resources")):
        if not isinstance(one, Mapping) or not isinstance(one.get("mode"), str):
            skipped.append(f"a resource of the {where} is none")
        elif one["mode"] == "managed":
            yield from _listed(
                str(one.get("type")), one.get("values"), _address(one, module), skipped
            )
    for child in _list(module.get("child_modules")):
        yield from _module(child, f"module `{_within(child, 'address')}`", skipped)


def _address(one: Mapping[str, Any], module: Mapping[str, Any]) -> str:
    """The whole address; before version 0.13 it was written without module and index."""
    held = str(one.get("address") or one.get("name"))
    outer = str(module.get("address") or "")
    if outer and not held.startswith(f"{outer}."):
        held = f"{outer}.{held}"
    index = one.get("index")
    return held if index is None or held.endswith("]") else f"{held}[{json.dumps(index)}]"


def _within(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, Mapping) else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
