"""Capability and technique rows: the data that turns decisions into Grants, parsed and checked.

A row may use the preconditions of the closed list and no others; an unknown name, binding or capability fails the
load, so that a misspelt row cannot pass as one that never matches.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from graph.errors import SchemaError
from graph.model import Capability
from graph.schema import capability_of, schema

PREDICATES: Mapping[str, str] = {
    "self_is": "$self is of this kind",
    "same_account": "x is in the account of $self",
    "trust_names_service": "the role's trust lets that service assume it",
    "trust_allows": "the trust side of sts:AssumeRole allows $self",
    "has_instance_profile": "an instance profile carries the role",
    "policy_attached_to_self": "the policy is customer-managed and attached to $self or to a group of it",
    "policy_attached_to": "the policy is customer-managed and attached to x",
    "policy_has_free_version": "the policy has fewer than five versions",
    "policy_has_wider_version": "a version that is not in force allows more",
    "fewer_than_two_keys": "the user has fewer than two access keys",
    "has_console_password": "the user has a login profile",
    "bounded": "a permissions boundary takes something from x",
    "member_of": "$self is a member of the group, through nesting",
    "gains_over_self": "x holds something that $self does not",
    "assigned_to_self": "the permission set reaches $self in some account",
    "holds_binding": "a binding or assignment of that role definition reaches $self",
    "may": "x, not $self, is allowed the action on y",
    "exists": "such a node exists in the account, project or workspace",
    "runs_as_known": "the identity of the workload is in the graph",
    "state_is": "the workload is in this state",
    "setting_value": "a setting of the node, or of the scope that holds it, has the value",
    "exec_enabled": "ECS exec is on for the task",
    "port_open": "the port is reachable from outside its network",
    "has_trigger": "a schedule, event source, pipeline or service starts it, or an agent calls it",
    "tag_stands_between": "the only unmet condition of a statement is that tag of x",
    "shared_key_allowed": "the storage account takes account keys",
    "local_auth_enabled": "the account, compute or endpoint takes keys or local users",
    "run_as_differs": "it runs as another identity than its creator",
    "default_role": "a domain gives the role to members that name none",
    "no_customer_key": "the dataset is not under a customer-managed key",
}
"""The closed list of preconditions, each with what makes it true."""

BINDINGS = frozenset(
    {"$self", "$role", "$user", "$group", "$policy", "$res", "$set", "$account", "new", "*"}
)
GAINS = frozenset(
    {
        "$role",
        "$res",
        "$user",
        "$group",
        "potential",
        "all($self)",
        "joined($self, $group)",
        "all($role)",
        "all($user)",
        "unbounded($self)",
        "unbounded($role)",
        "versioned($self, $policy)",
        "tagged($self)",
        "tagged($role)",
        "profiles($res)",
        "all($set)",
        "all($account)",
    }
)
PLACES = frozenset({"self", "objects", "bucket", "packages", "aliases", "tasks"})
STATUS = {"L": "published and lab-verified", "P": "published", "D": "derived, not demonstrated"}


@dataclass(frozen=True, slots=True)
class Predicate:
    """One precondition of a row, e.g. `not has_console_password($user)`."""

    name: str
    arguments: tuple[str, ...]
    negated: bool = False

    def __str__(self) -> str:
        words = f"{self.name}({', '.join(self.arguments)})"
        return f"not {words}" if self.negated else words


@dataclass(frozen=True, slots=True)
class Ask:
    """One permission that a technique needs: the action, and what it is asked on.

    `pattern` is the ARN pattern of a resource that the technique creates; `context` are request values that the
    technique fixes; `trust` is `rewritten` where the role's trust policy is the attacker's own by then.
    """

    action: str
    at: str
    pattern: str = ""
    context: tuple[tuple[str, str], ...] = ()
    trust: str = ""


@dataclass(frozen=True, slots=True)
class TechniqueNeed:
    """What must stand: any one of these asks or preconditions."""

    any: tuple[Ask | Predicate, ...]


@dataclass(frozen=True, slots=True)
class Gain:
    """What the technique gives, and on what: `form` is the form of the kind that `$res` ranges over."""

    capability: Capability
    at: str
    kind: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True)
class Technique:
    """One escalation or takeover technique."""

    id: str
    title: str
    how: str
    needs: tuple[TechniqueNeed, ...]
    gains: tuple[Gain, ...]
    when: tuple[Predicate, ...]
    passes: str
    status: str
    source: str
    mitre: tuple[str, ...]
    cost: int

    @property
    def demonstrated(self) -> bool:
        """Whether anyone published it; a derived row gives Grants of certainty `possible`."""
        return self.status != "D"


@dataclass(frozen=True, slots=True)
class CapabilityRow:
    """One action that alone gives a capability on the existing node that it acts on.

    `at` says what the action is asked on: `self` (the node's own ARN), `objects` (everything below a dataset),
    `bucket` (the bucket itself), or resources that are no nodes: `packages` of a model group, `aliases` of an agent,
    `tasks` of a service's cluster. `key` is the action that the node's key must allow too. `form` names the `KindRow`
    whose nodes it speaks of.
    """

    kind: str
    capability: Capability
    action: str
    doc: str
    at: str = "self"
    key: str = ""
    when: tuple[Predicate, ...] = ()
    ref: str = ""
    status: str = "P"
    cost: int = 1
    flavour: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True)
class KindRow:
    """How a platform addresses a kind, or one form of it: ARN pattern, resource policy call, and what tags it.

    `form` is the kind's name where it has one form, or the first of several; `kind/word` for the others.
    """

    kind: str
    arn: str
    resource_policy: str = ""
    tag_writer: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True)
class YieldRow:
    """A step from one capability on a node to another on the same node, whoever takes it."""

    id: str
    title: str
    kind: str
    have: Capability
    gain: Capability
    when: tuple[Predicate, ...]
    status: str
    source: str
    mitre: tuple[str, ...]
    cost: int


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All rows of one platform; `kinds` by form."""

    kinds: Mapping[str, KindRow]
    capabilities: tuple[CapabilityRow, ...]
    techniques: tuple[Technique, ...]
    yields: tuple[YieldRow, ...]

    @property
    def actions(self) -> frozenset[str]:
        """Every action that some row asks for."""
        asked = {row.action for row in self.capabilities} | {row.key for row in self.capabilities}
        for technique in self.techniques:
            for need in technique.needs:
                asked |= {part.action for part in need.any if isinstance(part, Ask)}
        return frozenset(asked - {""})


_PREDICATE = re.compile(r"(not )?([a-z_]+)\((.*)\)")


def predicate(text: str) -> Predicate:
    """The precondition written as `name(arguments)` or `not name(arguments)`; refuses names outside the list."""
    match = _PREDICATE.fullmatch(text.strip())
    if match is None or match[2] not in PREDICATES:
        raise SchemaError(f"unknown precondition `{text}`")
    arguments = tuple(part.strip() for part in match[3].split(",") if part.strip())
    return Predicate(match[2], arguments, bool(match[1]))


def _part(row: Mapping[str, Any]) -> Ask | Predicate:
    if "holds" in row:
        return predicate(row["holds"])
    if row["at"] not in BINDINGS:
        raise SchemaError(f"unknown binding `{row['at']}` of `{row['action']}`")
    if row["at"] == "new" and not row.get("pattern"):
        raise SchemaError(f"`{row['action']}` creates a resource but names no pattern")
    context = tuple(
        sorted((key.lower(), str(value)) for key, value in row.get("context", {}).items())
    )
    return Ask(row["action"], row["at"], row.get("pattern", ""), context, row.get("trust", ""))


def _need(row: Mapping[str, Any]) -> TechniqueNeed:
    return TechniqueNeed(
        tuple(_part(part) for part in row["any"]) if "any" in row else (_part(row),)
    )


def _gain(row: Mapping[str, Any]) -> Gain:
    if row["at"] not in GAINS:
        raise SchemaError(f"unknown target `{row['at']}` of a technique")
    kind, capability = row.get("kind", ""), capability_of(row["capability"])
    if kind and capability not in schema().node(kind).caps:
        raise SchemaError(f"a technique gives {capability}, which {kind} does not have")
    if row["at"] in {"$res", "potential"} and not kind:
        raise SchemaError(f"a technique gives {capability} on `{row['at']}` of no kind")
    return Gain(capability, row["at"], kind, row.get("form", kind))


def _status(row: Mapping[str, Any]) -> str:
    if row["status"] not in STATUS:
        raise SchemaError(f"unknown status `{row['status']}` of `{row['id']}`")
    return str(row["status"])


def technique(row: Mapping[str, Any]) -> Technique:
    """The technique that a YAML row describes; refuses what the engine would not understand."""
    return Technique(
        id=row["id"],
        title=row["title"],
        how=row.get("how", row["id"]),
        needs=tuple(_need(need) for need in row["needs"]),
        gains=tuple(_gain(gain) for gain in row["gains"]),
        when=tuple(predicate(text) for text in row.get("when", ())),
        passes=row.get("passes", ""),
        status=_status(row),
        source=row["source"],
        mitre=tuple(row.get("mitre", ())),
        cost=int(row.get("cost", 2)),
    )


def techniques(row: Mapping[str, Any]) -> Iterator[Technique]:
    """The techniques of a YAML row: one, or one per service where the role may be passed to any of several.

    They share `how`; the first has the row's id, the others add their service to it.
    """
    passes = row.get("passes", "")
    services = [passes] if isinstance(passes, str) else list(passes)
    for place, service in enumerate(services):
        name = row["id"] if place == 0 else f"{row['id']}~{service.partition('.')[0]}"
        when = [text.replace("$service", service) for text in row.get("when", ())]
        how = row.get("how", row["id"])
        yield technique({**row, "id": name, "how": how, "passes": service, "when": when})


def _yield(row: Mapping[str, Any]) -> YieldRow:
    kind = schema().node(row["kind"])
    have, gain = capability_of(row["have"]), capability_of(row["gain"])
    if have not in kind.caps or gain not in kind.caps:
        raise SchemaError(f"`{row['id']}`: {row['kind']} has no such capability")
    when = tuple(predicate(text) for text in row.get("when", ()))
    return YieldRow(
        row["id"],
        row["title"],
        kind.name,
        have,
        gain,
        when,
        _status(row),
        row["source"],
        tuple(row.get("mitre", ())),
        int(row.get("cost", 1)),
    )


def capability_rows(
    kind: str, rows: Iterable[Mapping[str, Any]], form: str = ""
) -> Iterable[CapabilityRow]:
    """The capability rows of one form of a kind; refuses a capability or a place that the engine does not know."""
    for row in rows:
        if row.get("at", "self") not in PLACES:
            raise SchemaError(f"`{row['action']}` is asked at `{row['at']}`, which is no place")
        capability = capability_of(row["capability"])
        if capability not in schema().node(kind).caps:
            raise SchemaError(f"`{row['action']}`: {kind} has no {capability}")
        when = tuple(predicate(text) for text in row.get("when", ()))
        yield CapabilityRow(
            kind,
            capability,
            row["action"],
            row["doc"],
            row.get("at", "self"),
            row.get("key", ""),
            when,
            row.get("ref", ""),
            row.get("status", "P"),
            int(row.get("cost", 1)),
            row.get("flavour", ""),
            form or kind,
        )


Forms = tuple[tuple[KindRow, tuple[CapabilityRow, ...]], ...]


def forms(kind: str, entries: Mapping[str, Any] | Iterable[Mapping[str, Any]]) -> Forms:
    """The forms of a kind with their rows: one mapping, or a list of them that are told apart by `form`."""
    listed = (entries,) if isinstance(entries, Mapping) else tuple(entries)
    found = tuple(_form(kind, entry) for entry in listed)
    names = [form.form for form, _rows in found]
    if len(set(names)) < len(names):
        raise SchemaError(f"two forms of {kind} have one name")
    return found


def _form(kind: str, entry: Mapping[str, Any]) -> tuple[KindRow, tuple[CapabilityRow, ...]]:
    name = f"{kind}/{entry['form']}" if "form" in entry else kind
    policy, writer = entry.get("resource_policy", ""), entry.get("tag_writer", "")
    made = KindRow(kind, entry["arn"], policy, writer, name)
    return made, tuple(capability_rows(kind, entry["rows"], name))


def _refuse_unknown(found: Catalogue, package: Any) -> None:
    """Refuses a catalogue that names an action, a form or a place which nobody knows."""
    listed = package / "actions.yaml"
    if listed.is_file():
        services = _loaded(listed)
        known = {f"{service}:{name}" for service, names in services.items() for name in names}
        asked = found.actions | {form.tag_writer for form in found.kinds.values()} - {""}
        for action in sorted(asked - known):
            raise SchemaError(f"no service has an action `{action}`")
    for technique in found.techniques:
        for gain in technique.gains:
            if gain.at == "$res" and gain.form not in found.kinds:
                raise SchemaError(f"`{technique.id}`: {gain.kind} has no form `{gain.form}`")


def _loaded(file: Any) -> Any:
    """The YAML of a file as values, by the quick parser where the platform has it."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(file.read_text("utf-8"), loader)  # noqa: S506  # both are safe loaders


@cache
def catalogue(platform: str) -> Catalogue:
    """The rows shipped for a platform, read once from its package."""
    package = resources.files(f"access.{platform}")
    kinds = _loaded(package / "capabilities.yaml")
    made: list[Technique] = []
    yields: list[YieldRow] = []
    for file in sorted((package / "techniques").iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".yaml"):
            for row in _loaded(file):
                if "have" in row:
                    yields.append(_yield(row))
                else:
                    made += techniques(row)
    names = [row.id for row in made] + [row.id for row in yields]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SchemaError(f"technique `{twice[0]}` is declared twice")
    every = [part for kind, entry in kinds.items() for part in forms(kind, entry)]
    found = Catalogue(
        kinds={form.form: form for form, _rows in every},
        capabilities=tuple(row for _form, rows in every for row in rows),
        techniques=tuple(made),
        yields=tuple(yields),
    )
    _refuse_unknown(found, package)
    return found
