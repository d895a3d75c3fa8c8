"""Distinct authorization requests about an account: who, what, on what, drawn from its own policies and the catalogue.

Half of the requests follow a statement of the caller (an action that it names, a resource that its pattern matches, one
of the account's where there is one), so that a good part is allowed; the other half are any action of a service on a
resource of it, one of a type that the action is named after where there is one. No request comes twice.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, cached_property
from importlib import resources
from random import Random

import yaml

from access.aws.arns import account_of
from access.aws.ask import Questions
from access.aws.catalogue import wildcard_only
from access.aws.document import PolicyDocument, Statement, parse
from access.aws.limits import Limits
from access.aws.patterns import arn_matcher
from access.aws.policies import Policies, Sourced
from access.aws.request import Form, Request
from access.aws.subjects import Subject, Subjects
from access.aws.targets import Target, carrier, wild
from access.estate import Estate
from access.technique import catalogue
from graph.model import Facts, NodeId

_VARIABLE = re.compile(r"\$\{[^}]*\}")
_WORDS = ("a", "dev", "prod-1", "x/y", "team-3-z", "0042")
_EXISTING = 0.8  # the share of what there is where a pattern also matches what there is not
_ELSEWHERE = {"sts": "iam"}  # the service that has what its actions are about
_GLOBAL = frozenset({"iam", "s3", "sts"})  # their ARNs hold no region
_OF_KINDS = ("Role", "User", "Group", "Dataset", "Key", "Notebook", "Endpoint", "Function", "Model")


@dataclass(frozen=True, slots=True)
class Question:
    """One request with everything that bears on it."""

    request: Request
    policies: Policies

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it differ from all others."""
        return self.request.principal.arn, self.request.action, self.request.resource


@cache
def actions() -> dict[str, tuple[str, ...]]:
    """The actions of each service that the shipped catalogue lists."""
    text = resources.files("access.aws").joinpath("actions.yaml").read_text("utf-8")
    listed = yaml.safe_load(text)
    return {service: tuple(f"{service}:{name}" for name in listed[service]) for service in listed}


def service_of(arn: str) -> str:
    """The service in the ARN; empty where it holds a wildcard or is none."""
    parts = arn.split(":", 3)
    return parts[2] if len(parts) > 3 and parts[0] == "arn" and parts[2].isalnum() else ""


def type_of(arn: str) -> str:
    """The resource type as names of actions hold it, e.g. `trainingjob`."""
    rest = arn.split(":", 5)[-1]
    if service_of(arn) == "s3":
        return "object" if "/" in rest else "bucket"
    return re.split("[/:]", rest, maxsplit=1)[0].replace("-", "").lower()


class Asking:
    """Draws distinct requests of the identities of one account."""

    def __init__(self, facts: Facts, *, now: datetime, seed: int) -> None:
        self._estate = Estate(facts, instant=now)
        limits = Limits(self._estate)
        kinds = dict(catalogue("aws").kinds)
        self._questions = Questions(self._estate, limits, kinds, now)
        self._subjects = Subjects(self._estate, limits)
        self._random = Random(seed)
        self._now = now
        self._fit: dict[str, tuple[str, ...]] = {}
        self._matched: dict[str, tuple[str, ...]] = {}
        self._policies: dict[tuple[NodeId, NodeId | None], Policies] = {}

    @cached_property
    def callers(self) -> tuple[Subject, ...]:
        """Every user and role, each by itself."""
        return tuple(map(self._subjects.alone, (node.id for node in self._subjects.identities)))

    @cached_property
    def texts(self) -> Mapping[PolicyDocument, str]:
        """The text of each document, for whoever reads it anew."""
        return {parse(document.text): document.text for document in self._estate.facts.documents}

    @cached_property
    def _statements(self) -> tuple[Statement, ...]:
        return tuple(row for document in self.texts for row in document.statements)

    @cached_property
    def _named(self) -> dict[str, tuple[str, ...]]:
        """The resources to ask about, by service: nodes, names that patterns match, one of each form of a kind."""
        found: dict[str, dict[str, None]] = defaultdict(dict)
        own = self.callers[0].account
        patterns = [
            pattern
            for statement in self._statements
            for pattern in (*statement.resources, *statement.not_resources)
        ]
        patterns += [wild(form.arn) for form in catalogue("aws").kinds.values() if form.arn]
        for arn in (*self._there, *(self.filled(pattern, own) for pattern in patterns)):
            found[service_of(arn)][arn] = None
            if service_of(arn) == "s3" and "/" not in arn:
                found["s3"][f"{arn}/{self._random.choice(_WORDS)}"] = None
            if arn.endswith("/"):
                found["s3"][f"{arn}{self._random.choice(_WORDS)}"] = None
        return {service: tuple(rows) for service, rows in found.items() if service}

    @cached_property
    def _there(self) -> tuple[str, ...]:
        """The ARNs of what the account has; managed policies are no nodes."""
        nodes = (str(node.id) for node in self._estate.of_kind(*_OF_KINDS))
        managed = (row.policy for row in self._estate.facts.attachments if row.policy)
        return tuple(arn for arn in dict.fromkeys((*nodes, *managed)) if arn.startswith("arn:"))

    def filled(self, pattern: str, account: str) -> str:
        """A name that the pattern matches, in this account."""
        parts = pattern.split(":", 5)
        if len(parts) == 6:
            region = "" if parts[2] in _GLOBAL else "eu-west-1"
            usual = ("arn", "aws", "s3", region, account)
            parts[:5] = [u if "*" in p else p for p, u in zip(parts, usual, strict=False)]
        text = ":".join(parts).replace("?", "q")
        text = _VARIABLE.sub(lambda _found: self._random.choice(_WORDS), text)
        return re.sub(r"\*+", lambda _found: self._random.choice(_WORDS), text)

    # Drawing.

    def draw(self, count: int) -> tuple[Question, ...]:
        """So many requests, none twice."""
        found: dict[tuple[str, str, str], Question] = {}
        callers = self.callers
        while len(found) < count:
            caller = callers[len(found) % len(callers)]
            action, resource = self._own(caller) if self._random.random() < 0.5 else self._any()
            made = self._question(caller, action, resource)
            found.setdefault(made.key, made)
        return tuple(found.values())

    def _own(self, caller: Subject) -> tuple[str, str]:
        """An action and a resource that a statement of the caller speaks of."""
        statements = [
            statement
            for policy in caller.identity
            if isinstance(policy, Sourced)
            for statement in policy.document.statements
        ]
        if not statements:
            return self._any()
        statement = self._random.choice(statements)
        action = self._spoken_of(statement)
        named = statement.resources or ("*",)
        pattern = self._random.choice(named)
        if pattern == "*":
            return action, self._fitting(action)
        there = self._matching(pattern)
        if there and self._random.random() < _EXISTING:
            return action, self._random.choice(there)
        return action, self.filled(pattern, caller.account)

    def _matching(self, pattern: str) -> tuple[str, ...]:
        """What there is that the pattern matches."""
        if pattern not in self._matched:
            there = () if "${" in pattern else self._there
            self._matched[pattern] = tuple(filter(arn_matcher(pattern), there))
        return self._matched[pattern]

    def _spoken_of(self, statement: Statement) -> str:
        found = _spoken_of(statement)
        return self._random.choice(found) if found else self._any()[0]

    def _any(self) -> tuple[str, str]:
        service = self._random.choice(tuple(sorted(actions())))
        action = self._random.choice(actions()[service])
        return action, self._fitting(action)

    def _fitting(self, action: str) -> str:
        """A resource for the action: of a type that its name holds, else any of the service."""
        if action not in self._fit:
            service, _, name = action.lower().partition(":")
            named = self._named.get(_ELSEWHERE.get(service, service), ())
            fit = tuple(arn for arn in named if type_of(arn) in name)
            self._fit[action] = fit or named or (f"arn:aws:{service}:::thing",)
        return self._random.choice(self._fit[action])

    def _question(self, caller: Subject, action: str, resource: str) -> Question:
        if wildcard_only(action):
            resource = "*"
        target = self._target(resource)
        policies = self._bearing(caller, action, target)
        if target is not None:
            asked = replace(target, question=resource)
            request = self._questions.request(caller, action, asked, Form.CONCRETE)
        else:
            request = Request(
                principal=caller.principal,
                action=action,
                resource=resource,
                now=self._now,
                resource_account=account_of(resource) or caller.account,
                wildcard_only=resource == "*",
            )
        return Question(request, policies)

    def _target(self, resource: str) -> Target | None:
        """The resource, or what it lies in, where the account has it."""
        for kind, at in (("Dataset", "bucket"), ("Role", "self"), ("Key", "self")):
            targets = self._questions.targets(kind, at)
            place = targets.position.get(carrier(kind, NodeId(resource)))
            if place is not None:
                return targets.rows[place]
        return None

    def _bearing(self, caller: Subject, action: str, target: Target | None) -> Policies:
        """The policies between the two, compiled once: no control policy stands above these accounts."""
        key = (caller.id, target.node.id if target is not None else None)
        if key not in self._policies:
            account = target.account if target is not None else caller.account
            self._policies[key] = self._questions.policies(caller, target, action, account)
        return self._policies[key]


@cache
def _spoken_of(statement: Statement) -> tuple[str, ...]:
    """The actions of the catalogue that the statement speaks of, and those that it names itself."""
    listed = (action for of_service in actions().values() for action in of_service)
    named = (name for name in statement.actions if ":" in name and not set(name) & set("*?"))
    return tuple(dict.fromkeys((*named, *filter(statement.speaks_of, listed))))


def compiled(questions: Iterable[Question]) -> None:
    """Sort the statements of all policies by the actions that are asked about, as any first question on one does."""
    for question in questions:
        policies, action = question.policies, question.request.action
        for stack in (policies.identity_stack, policies.boundary_stack, policies.resource_stack):
            if stack is not None:
                stack.on(action)
