"""A drawn question for both evaluators, and every world that it may be asked in.

A world gives each condition key a value. What the facts do not say is open, or the caller's to choose; of the endless
values of such a key one is kept for each outcome of the tests that the policies hold.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import product
from math import prod
from typing import Any, TypeAlias

from aws_asking import NOW, ROLE_ARN, SESSION_ARN, sourced
from oracle.aws_policy import NoValue, Question, clause, evaluate, listed, text_of
from policy_strategies import Case
from policy_words import KEYS, VALUES, VPC, Key

from access.aws.key_grants import as_statement
from access.aws.policies import Origin, Policies, Policy, Sourced
from access.aws.principals import Principal, PrincipalKind
from access.aws.request import Mode, Request
from access.decision import Layer

Context: TypeAlias = dict[str, list[str]]
Test: TypeAlias = tuple[
    str, tuple[str, ...], bool
]  # operator, values, whether variables count in them
Answer: TypeAlias = Callable[[Context, str], str]  # in this world, to a session of this name
VARIABLE = re.compile(r"\$\{([^}*?$,][^},]*)")
UNIVERSE: dict[str, tuple[str, ...]] = {
    "text": (
        "a",
        "b",
        "A",
        "B",
        "z",
        "*",
        "?",
        "ab",
        "aa",
        "bb",
        "zz",
        "a*",
        "*b",
        "a?",
        "A*",
        "*B",
        "A?",
    ),
    "tags": (*VALUES["tags"], "tt", "zz"),
    "number": ("5", "10", "15", "20", "25"),
    "date": (
        "2025-12-31",
        "2026-01-01",
        "2026-01-01T12:00:00Z",
        "2026-02-01",
        "2026-03-01",
        "2026-04-01",
    ),
    "bool": ("true", "false"),
    "ip": ("10.1.0.1", "10.2.0.1", "10.3.0.1", "192.0.2.1", "2001:db8::1", "2001:db9::1"),
    "arn": (
        *VALUES["arn"],
        f"{VPC}/b",
        f"{VPC}/bb",
        f"{VPC.replace('eu-west-1', 'us-east-1')}/a",
        f"{VPC.replace('eu-west-1', 'us-east-1')}/bb",
        "arn:aws:s3:::zz",
    ),
}
SESSIONS = ("s1", "other", "third")
MEANT = {"aws:principaltag/team": ("x",), "aws:requesttag/t": ("x",), "aws:username": ("x",)}


# --- what the policies ask for -------------------------------------------------------------------------------------


def documents_of(question: Question) -> Iterator[dict[str, Any]]:
    """Every policy of the question."""
    stacks = [question.identity, question.groups, question.boundary, question.session]
    stacks += [question.endpoint, *(question.scps or ()), *(question.rcps or ())]
    for stack in stacks:
        yield from stack or ()
    if question.resource_policy:
        yield question.resource_policy


def comparisons_of(question: Question) -> dict[str, set[Test]]:
    """Per key, in lower case, the tests that some policy or grant makes of it."""
    found: dict[str, set[Test]] = {}
    for document in documents_of(question):
        variables = document.get("Version") == "2012-10-17"
        for statement in listed(document["Statement"]):
            for operator, keys in statement.get("Condition", {}).items():
                for key, values in keys.items():
                    test = (operator, tuple(map(text_of, listed(values))), variables)
                    found.setdefault(key.lower(), set()).add(test)
    for grant in question.grants:
        for name, value in grant.get("Constraints", {}).get("EncryptionContextSubset", {}).items():
            key = f"encryptioncontextsubset:{name}"
            found.setdefault(key, set()).add(("StringEquals", (value,), False))
    return found


def merged(every: Iterable[dict[str, set[Test]]]) -> dict[str, set[Test]]:
    """The tests of several questions, by key."""
    found: dict[str, set[Test]] = {}
    for tests in every:
        for key, some in tests.items():
            found.setdefault(key, set()).update(some)
    return found


def variables_of(question: Question) -> set[str]:
    """The keys, in lower case, that policies use as variables."""
    given = [one for one in documents_of(question) if one.get("Version") == "2012-10-17"]
    text = json.dumps(given)
    return {name.strip().lower() for name in VARIABLE.findall(text)}


# --- what is known -------------------------------------------------------------------------------------------------


def known(case: Case) -> Context:
    """The keys whose values follow from the facts."""
    question = case.question
    kind = question.kind
    found = _of_person(case) if kind in ("user", "role", "root") else {}
    types = {"user": "User", "role": "AssumedRole", "root": "Account", "anonymous": "Anonymous"}
    if kind in types:
        found["aws:principaltype"] = [types[kind]]
    if kind == "service":
        found["aws:principalservicename"] = [question.arn]
    found["aws:principalisawsservice"] = ["true" if kind == "service" else "false"]
    found["aws:resourceaccount"] = [question.resource_account]
    found |= {
        f"aws:resourcetag/{name.lower()}": [tag] for name, tag in (case.resource_tags or {}).items()
    }
    if case.resource_organization:
        found["aws:resourceorgid"] = [case.resource_organization]
    region = question.resource.split(":")[3] if ":" in question.resource else ""
    if question.action.startswith("iam:"):
        region = "us-east-1"
    if region:
        found["aws:requestedregion"] = [region]
    if case.via_service and region:
        found["kms:viaservice"] = [f"{case.via_service}.{region}.amazonaws.com"]
    found["aws:currenttime"] = [NOW.isoformat()]
    found["aws:epochtime"] = [str(int(NOW.timestamp()))]
    return found


def _of_person(case: Case) -> Context:
    question = case.question
    found = {"aws:principalarn": [question.arn], "aws:principalaccount": [question.account]}
    found["kms:calleraccount"] = [question.account]
    if question.kind == "user":
        found |= {"aws:username": ["ana"], "aws:userid": [str(question.unique_id)]}
    if question.kind == "root":
        found["aws:userid"] = [question.account]
    if question.kind == "role" and case.one_session:
        found["aws:userid"] = [f"{question.unique_id}:{question.session_name}"]
    found |= {f"aws:principaltag/{name.lower()}": [tag] for name, tag in (case.tags or {}).items()}
    if case.organization:
        found["aws:principalorgid"] = [case.organization]
    if case.paths:
        found["aws:principalorgpaths"] = list(case.paths)
    return found


def unread(case: Case) -> set[str]:
    """The keys of facts that were not read, or that no fact tells: they may have any value."""
    question = case.question
    person = question.kind in ("user", "role", "root")
    found = {"aws:requestedregion", "kms:viaservice", "kms:calleraccount"}
    if case.tags is None or question.kind == "root":
        found |= {"aws:principaltag/team"}
    if case.resource_tags is None:
        found |= {"aws:resourcetag/env"}
    if person and case.organization is None:
        found |= {"aws:principalorgid"}
    if person and case.paths is None:
        found |= {"aws:principalorgpaths"}
    if case.resource_organization is None:
        found |= {"aws:resourceorgid"}
    if question.kind in ("role", "root"):
        found |= {"aws:username", "aws:userid"}
    if question.kind in ("service", "federated"):
        found |= {"aws:principaltype"}
    return found - set(known(case))


def who_decides(case: Case, key: str, mode: Mode) -> str:
    """open, chosen, known or absent: who decides the key in this mode."""
    if key in known(case):
        return "known"
    if key == "aws:principaltag/no":  # told to be absent
        return "absent"
    if mode is Mode.PLAIN or key in unread(case):
        return "open"
    claims = {"aws:sourceaccount": "service", "aws:sourcearn": "service", "saml:aud": "federated"}
    if key in claims:
        return "chosen" if case.question.kind == claims[key] else "absent"
    return "absent" if KEYS[key].who == "known" else KEYS[key].who


# --- worlds ---------------------------------------------------------------------------------------------------------


class Worlds:
    """The worlds that a question may be asked in, in one mode."""

    def __init__(self, case: Case, mode: Mode, *more: Question) -> None:
        self.case = case
        asked = (case.question, *more)  # all that is asked in one world
        self._tests = merged(map(comparisons_of, asked))
        self._variables = set().union(*map(variables_of, asked))
        self._names = SESSIONS if case.question.kind == "role" and not case.one_session else ("s1",)
        self._names_open = mode is Mode.PLAIN or not case.names_session
        self.decided_by = {
            key: who_decides(case, key, mode) for key in sorted({*self._tests, *self._variables})
        }
        self.values = {
            key: self._values(key)
            for key, who in self.decided_by.items()
            if who in ("open", "chosen")
        }

    def _values(self, key: str) -> list[list[str] | None]:
        """Values of the key, None where it is left out, one for each outcome of the tests that are made of it."""
        row, tests = KEYS[key], sorted(self._tests.get(key, ()))
        # where it is compared with a variable, or is one, each text may matter
        exact = key in self._variables or any(VARIABLE.search("".join(test[1])) for test in tests)
        texts = list(_texts(row, tests))
        if row.type == "text":  # what the variables stand for
            sure = known(self.case)
            texts += [text for name in sorted(self._variables) for text in sure.get(name, ())]
        options: list[list[str] | None] = [] if row.always else [None]
        options += _several(key, tests, texts) if row.multi else [[text] for text in texts]
        kept: dict[tuple[Any, ...], list[str] | None] = {}
        for option in options:
            outcome = _outcome(key, tests, option)
            kept.setdefault((*outcome, str(option)) if exact else outcome, option)
        return list(kept.values())

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._names) * prod(map(len, self.values.values()))

    @property
    def vague(self) -> bool:
        """Whether some variable has no value that is known: then a decision may stay open that no world leaves so."""
        return any(key in self.values for key in self._variables)

    def _assigned(self, who: str) -> list[Context]:
        """Every assignment of the keys that this one decides."""
        keys = [key for key in self.values if self.decided_by[key] == who]
        return [
            {key: got for key, got in zip(keys, values, strict=True) if got is not None}
            for values in product(*(self.values[key] for key in keys))
        ]

    def results(self, answer: Answer | None = None) -> list[list[str]]:
        """Per world of what is open, the answer for every choice of the caller's: that of the plain rules."""
        told = answer or partial(plain, self.case)
        opened, chosen = self._assigned("open"), self._assigned("chosen")
        if self._names_open:
            pairs = [[(o | c, name) for c in chosen] for o in opened for name in self._names]
        else:
            pairs = [[(o | c, name) for c in chosen for name in self._names] for o in opened]
        rows = ([told(*pair) for pair in row if not at_odds(self.values, pair[0])] for row in pairs)
        return [row for row in rows if row]


def plain(case: Case, world: Context, session: str) -> str:
    """The plain rules' answer in this world, to a session of this name."""
    return evaluate(in_world(case, world, session))


def in_world(case: Case, world: Context, session: str) -> Question:
    """The question with what is known and what this world adds."""
    return replace(case.question, context=known(case) | world, session_name=session)


def at_odds(keys: Container[str], context: Context) -> bool:
    """Whether the tags of the request and the list of their keys, both of these, contradict each other."""
    if "aws:requesttag/t" not in keys or "aws:tagkeys" not in keys:
        return False
    named = "t" in map(str.lower, context.get("aws:tagkeys", ()))
    return ("aws:requesttag/t" in context) is not named


def _texts(row: Key, tests: list[Test]) -> dict[str, None]:
    """Single values that tell apart whatever is asked of the key; texts that tests name are among them."""
    found = dict.fromkeys((*MEANT.get(row.name.lower(), ()), *UNIVERSE[row.type]))
    found |= dict.fromkeys(text.replace("*", "q") for text in row.values)
    if row.type in ("text", "tags", "arn"):
        named = [value for test in tests for value in test[1]]
        found |= dict.fromkeys(named)
        if row.type == "arn":  # as a text a `*` takes in colons, as a part of an ARN it does not
            found |= dict.fromkeys(text.replace("*", "q:r") for text in named if "*" in text)
        if any("ignorecase" in test[0].lower() for test in tests):
            found |= dict.fromkeys(value.swapcase() for value in named)
    return found


def _outcome(key: str, tests: list[Test], option: list[str] | None) -> tuple[Any, ...]:
    """What each test says of these values, and what other keys have to do with them."""
    world = Question("", "", "", "", "", "", {} if option is None else {key: option})
    lists_t = key == "aws:tagkeys" and any(text.lower() == "t" for text in option or ())
    untagged = option is None and key.startswith("aws:requesttag/")
    return (*(_says(test, key, world) for test in tests), untagged, lists_t)


def _says(test: Test, key: str, world: Question) -> bool | None:
    """What the test says in this world; None where it compares with a variable that has no value there."""
    operator, values, variables = test
    try:
        return clause(operator, key, list(values), world, variables=variables)
    except NoValue:
        return None


def _several(key: str, tests: list[Test], texts: list[str]) -> Iterator[list[str]]:
    """Up to two values of every sort that the tests tell apart, in all combinations."""
    each = [(name.rpartition(":")[2], values, variables) for name, values, variables in tests]
    sorts: dict[tuple[Any, ...], list[str]] = {}
    for text in texts:
        sorts.setdefault(_outcome(key, each, [text]), []).append(text)
    choices = [{0: (), 1: found[:1], 2: found[:2]}.values() for found in sorts.values()]
    for parts in product(*choices):
        joined = list(dict.fromkeys(text for part in parts for text in part))
        if joined:
            yield joined


# --- the same question for the evaluator ---------------------------------------------------------------------------


def policies_of(question: Question) -> Policies:
    """The question's policies, compiled."""

    def stack(layer: Layer, given: list[Any] | None) -> tuple[Policy, ...] | None:
        if given is None:
            return None
        return tuple(sourced(one, layer, f"{layer.value}{i}") for i, one in enumerate(given))

    def levels(layer: Layer, given: list[Any] | None) -> tuple[tuple[Policy, ...], ...] | None:
        return None if given is None else tuple(stack(layer, level) or () for level in given)

    read = [as_statement(json.dumps(grant)) for grant in question.grants]
    grants = [Sourced(one, Origin(Layer.RESOURCE, "grant")) for one in read if one is not None]
    policy = question.resource_policy
    return Policies(
        identity=stack(Layer.IDENTITY, question.identity + question.groups) or (),
        boundary=stack(Layer.BOUNDARY, question.boundary),
        session=stack(Layer.SESSION, question.session),
        scps=levels(Layer.SCP, question.scps),
        rcps=levels(Layer.RCP, question.rcps),
        endpoint=stack(Layer.ENDPOINT, question.endpoint),
        resource=sourced(policy, Layer.RESOURCE, "r") if policy else None,
        grants=tuple(grants),
    )


def principal_of(case: Case, *, one_session: bool) -> Principal:
    """The caller."""
    question = case.question
    kind, arn, role_arn = PrincipalKind(question.kind), question.arn, None
    if kind is PrincipalKind.ROLE and one_session:
        kind, arn, role_arn = PrincipalKind.SESSION, SESSION_ARN, ROLE_ARN
    return Principal(
        kind,
        arn,
        question.account or None,
        role_arn=role_arn,
        tags=None if question.kind == "root" else case.tags,
        organization=case.organization,
        organization_paths=case.paths,
        service_linked=question.service_linked,
        management=question.management,
        chooses_session_name=case.names_session,
        unique_id=question.unique_id,
        canonical_id=question.canonical_id,
    )


def request_of(case: Case, mode: Mode, context: Mapping[str, list[str]] | None = None) -> Request:
    """The question as the evaluator is asked it; `context` is what this request says beside the facts."""
    question = case.question
    given = {key: tuple(values) for key, values in (context or {}).items()}
    return Request(
        principal=principal_of(case, one_session=case.one_session or mode is Mode.STRICT),
        action=question.action,
        resource=question.resource,
        resource_account=question.resource_account,
        now=NOW,
        mode=mode,
        context=given,
        absent=frozenset({"aws:principaltag/no"}),
        resource_tags=case.resource_tags,
        resource_organization=case.resource_organization,
        resource_in_management=question.resource_in_management,
        via_service=case.via_service,
        wildcard_only=question.resource == "*",
    )
