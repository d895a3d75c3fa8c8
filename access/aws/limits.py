"""Control policies per account: the SCP and RCP levels above it, and what had to be assumed about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from access.aws.document import parse
from access.aws.policies import Origin, Policy, Sourced, Stack
from access.decision import Layer
from access.estate import Estate, Reading
from graph.model import Attachment, CoverageKey, Document, NodeId, Outcome, Role

_LIST = "organizations.list_policies"
_FILTERS = {Role.SCP: "SERVICE_CONTROL_POLICY", Role.RCP: "RESOURCE_CONTROL_POLICY"}
_LAYERS = {Role.SCP: Layer.SCP, Role.RCP: Layer.RCP}


@dataclass(frozen=True, slots=True)
class Levels:
    """The control policies of one kind above one account; None where none apply."""

    stacks: tuple[Stack, ...] | None
    assumptions: tuple[str, ...] = ()
    inputs: frozenset[CoverageKey] = frozenset()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where an account stands: its organisation, the path to it, and whether it manages the organisation."""

    account: str
    organization: str | None
    path: str | None
    management: bool


class Limits:
    """The control policies of every account, each built once."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        self._levels: dict[tuple[str, Role], Levels] = {}
        self._places: dict[str, Place] = {}

    def place(self, account: str) -> Place:
        """Where the account stands, as far as the organisation was read."""
        if account not in self._places:
            self._places[account] = self._find(account)
        return self._places[account]

    def _find(self, account: str) -> Place:
        node = NodeId(f"aws:account/{account}")
        chain = self._estate.chain(node)
        organization = next(
            (
                str(scope).rpartition("/")[2]
                for scope in chain
                if str(scope).startswith("aws:organization/")
            ),
            None,
        )
        units = [
            str(scope).rpartition("/")[2] for scope in chain if str(scope).startswith("aws:ou/")
        ]
        path = "/".join([organization, *units, ""]) if organization and units else None
        found = self._estate.nodes.get(node)
        return Place(account, organization, path, bool(found and found.props.get("management")))

    def scps(self, account: str) -> Levels:
        """The service control policies over principals of the account."""
        return self._of(account, Role.SCP)

    def rcps(self, account: str) -> Levels:
        """The resource control policies over resources of the account."""
        return self._of(account, Role.RCP)

    def _of(self, account: str, role: Role) -> Levels:
        key = (account, role)
        if key not in self._levels:
            self._levels[key] = self._read(account, role)
        return self._levels[key]

    @cached_property
    def _listed(self) -> dict[Role, bool]:
        return {
            role: self._estate.ever_read(_LIST, argument=argument)
            for role, argument in _FILTERS.items()
        }

    def _read(self, account: str, role: Role) -> Levels:
        """The levels from the root down; whatever could not be read is evaluated as absent, and said so."""
        place = self.place(account)
        if place.management:
            return Levels(None)
        word = role.value.upper()
        if place.organization is None and self._in_no_organization(account):
            return Levels(None)
        if place.organization is None or not self._listed[role]:
            return Levels(None, (f"{word} unread",))
        stacks: list[Stack] = []
        assumptions: list[str] = []
        inputs: set[CoverageKey] = set()
        names: list[str] = []
        for scope in self._estate.chain(NodeId(f"aws:account/{account}")):
            rows = self._estate.attached(scope, role)
            level = list(self._level(rows, role, word, assumptions, names))
            inputs.update(self._read_by(rows))
            if len(level) < len(rows) or (level and self._targets_unread):
                # A part of the level is unread: its denies count, its list of what is allowed cannot.
                level.append(_everything(role))
            if level or (role is Role.SCP and not str(scope).startswith("aws:organization/")):
                stacks.append(Stack(level))
        if not names:
            return Levels(None, tuple(assumptions), frozenset(inputs))
        if self._targets_unread:
            assumptions.append(f"targets of some {word}s unread")
            stacks = [stack for stack in stacks if stack]
        if role is Role.RCP:
            stacks = [Stack([*stack, _everything(role)]) for stack in stacks]
        return Levels(
            tuple(stacks) or None,
            tuple(assumptions),
            frozenset(inputs),
            tuple(dict.fromkeys(names)),
        )

    def _in_no_organization(self, account: str) -> bool:
        """Whether the account itself said that it belongs to no organisation."""
        organizations = tuple(self._estate.of_kind("Organization"))
        return any(
            row.outcome is Outcome.OK and not any(row.key in o.asserted_by for o in organizations)
            for row in self._estate.coverage_of("organizations.describe_organization", account)
        )

    def _read_by(self, rows: tuple[Attachment, ...]) -> Iterator[CoverageKey]:
        """The calls that told where these policies are attached, and what they say."""
        for row in rows:
            yield from row.asserted_by
            for version in self._estate.attached(NodeId(row.policy or ""), Role.VERSION):
                yield from version.asserted_by

    @cached_property
    def _targets_unread(self) -> bool:
        """Whether it is unknown where some control policy is attached."""
        keys = self._estate.keys_of("organizations.list_targets_for_policy")
        return any(self._estate.reading(key) is Reading.NEVER for key in keys)

    def _level(
        self,
        rows: tuple[Attachment, ...],
        role: Role,
        word: str,
        assumptions: list[str],
        names: list[str],
    ) -> Iterator[Policy]:
        """The readable policies of one level; the others are noted as assumed absent."""
        for row in rows:
            content = self._estate.content(row)
            if content is None:
                assumptions.append(f"{word} {row.policy} unread")
                continue
            names.append(str(row.policy))
            yield Sourced(parse(content.text), Origin(_LAYERS[role], str(row.policy)))


def _everything(role: Role) -> Sourced:
    """A statement that allows everything: the implicit full-access RCP, or an unread part of an SCP level."""
    principal = '"Principal":"*",' if role is Role.RCP else ""
    text = f'{{"Version":"2012-10-17","Statement":{{"Sid":"Full","Effect":"Allow",{principal}"Action":"*","Resource":"*"}}}}'
    return Sourced(parse(Document.of(text).text), Origin(_LAYERS[role], "full access"))
