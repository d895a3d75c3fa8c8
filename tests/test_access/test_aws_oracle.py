"""The evaluator against its slow twin: strictly, and over every value that open and chosen keys could have."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from aws_asking import AWAY, HOME, NOW, ROLE_ARN, SESSION_ARN, USER_ARN, sourced
from hypothesis import example, given, settings
from hypothesis import strategies as st
from oracle.aws_policy import ALLOW, EXPLICIT, Question, evaluate

from access.aws.decide import decide, effect_of
from access.aws.policies import Policies
from access.aws.principals import Principal, PrincipalKind
from access.aws.request import Mode, Request
from access.decision import Effect, Layer

ACTIONS = ("s3:GetObject", "kms:Decrypt", "sts:AssumeRole", "lambda:InvokeFunction")
RESOURCE = "arn:aws:s3:::b/x"
RESOURCES = (
    "*",
    RESOURCE,
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/?",
    "arn:aws:s3:::c/*",
    "arn:aws:s*",
)
TEMPLATES = (
    "arn:aws:s3:::b/${aws:PrincipalTag/team}",
    "arn:aws:s3:::b/${aws:PrincipalTag/no, 'x'}",
)
ACTION_PATTERNS = (
    "*",
    "s3:*",
    "s3:Get*",
    "kms:?ecrypt",
    "sts:assumerole",
    "lambda:*",
    "s3:PutObject",
)
ENTRIES = (
    "*",
    HOME,
    AWAY,
    f"arn:aws:iam::{HOME}:root",
    USER_ARN,
    ROLE_ARN,
    SESSION_ARN,
    f"arn:aws:sts::{HOME}:assumed-role/worker/other",
)
FULL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}

# key -> (who decides it, all values that its tests below can tell apart)
TEXTS = (None, "a", "b", "ab", "zz", "a*", "*b", "*")
KEYS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "aws:SecureTransport": ("chosen", ("true", "false")),
    "s3:prefix": ("chosen", TEXTS),
    "aws:RequestTag/t": ("chosen", TEXTS),
    "aws:SourceVpc": ("open", TEXTS),
    "aws:MultiFactorAuthPresent": ("open", (None, "true", "false")),
    "sagemaker:MaxRuntimeInSeconds": ("chosen", (None, "5", "10", "15", "20", "25")),
    "aws:TokenIssueTime": ("open", (None, "2025-12-31", "2026-01-01", "2026-01-15", "2026-02-01")),
    "aws:SourceIp": ("open", (None, "10.1.0.1", "10.2.0.1", "192.0.2.1")),
}
LETTERS = st.lists(st.sampled_from(("a", "b", "a*", "*b", "*")), min_size=1, max_size=2)
TEXT_OPERATORS = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(("", "ForAnyValue:", "ForAllValues:")),
        st.sampled_from(
            (
                "StringEquals",
                "StringNotEquals",
                "StringLike",
                "StringNotLike",
                "StringEqualsIgnoreCase",
            )
        ),
        st.sampled_from(("", "IfExists")),
    ),
)
ORDERS = st.sampled_from(
    ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
)
LIMITS = {
    "Numeric": st.lists(st.sampled_from(("10", "20", 10, 20.0, "1e1")), min_size=1, max_size=2),
    "Date": st.lists(
        st.sampled_from(("2026-01-01T00:00:00Z", "2026-01", "1767225600")), min_size=1, max_size=2
    ),
}
SORTS = {"sagemaker:MaxRuntimeInSeconds": "Numeric", "aws:TokenIssueTime": "Date"}
BOOLS = st.lists(st.sampled_from(("true", "false", True)), min_size=1, max_size=1)
NETWORKS = st.lists(
    st.sampled_from(("10.0.0.0/8", "10.1.0.0/16", "10.2.0.1")), min_size=1, max_size=2
)


@st.composite
def clauses(draw: st.DrawFn) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for _ in range(draw(st.integers(0, 2))):
        key = draw(st.sampled_from((*KEYS, "aws:PrincipalTag/team", "aws:PrincipalAccount")))
        if draw(st.integers(0, 5)) == 0:
            operator, values = "Null", draw(BOOLS)
        elif key in ("aws:SecureTransport", "aws:MultiFactorAuthPresent"):
            operator, values = draw(st.sampled_from(("Bool", "BoolIfExists"))), draw(BOOLS)
        elif key == "aws:SourceIp":
            operator, values = (
                draw(st.sampled_from(("IpAddress", "NotIpAddress", "IpAddressIfExists"))),
                draw(NETWORKS),
            )
        elif key in SORTS:
            suffix = draw(st.sampled_from(("", "IfExists")))
            operator = f"{SORTS[key]}{draw(ORDERS)}{suffix}"
            values = draw(LIMITS[SORTS[key]])
        elif key == "aws:PrincipalAccount":
            operator, values = draw(st.sampled_from(("StringEquals", "StringNotEquals"))), [HOME]
        else:
            operator, values = draw(TEXT_OPERATORS), draw(LETTERS)
        found.setdefault(operator, {})[key] = values
    return found


@st.composite
def statements(draw: st.DrawFn, *, named: bool, conditional: bool = True) -> dict[str, Any]:
    body: dict[str, Any] = {"Effect": draw(st.sampled_from(("Allow", "Allow", "Deny")))}
    action = draw(st.sampled_from(("Action", "Action", "NotAction")))
    body[action] = draw(st.lists(st.sampled_from(ACTION_PATTERNS), min_size=1, max_size=2))
    resource = draw(st.sampled_from(("Resource", "Resource", "NotResource")))
    body[resource] = draw(
        st.lists(st.sampled_from((*RESOURCES, *TEMPLATES)), min_size=1, max_size=2)
    )
    if named:
        element = draw(st.sampled_from(("Principal", "Principal", "NotPrincipal")))
        body[element] = {"AWS": draw(st.lists(st.sampled_from(ENTRIES), min_size=1, max_size=2))}
    if conditional and (found := draw(clauses())):
        body["Condition"] = found
    return body


@st.composite
def documents(draw: st.DrawFn, *, named: bool = False) -> dict[str, Any]:
    version = draw(st.sampled_from(("2012-10-17", "2012-10-17", "2008-10-17")))
    return {
        "Version": version,
        "Statement": draw(st.lists(statements(named=named), min_size=1, max_size=2)),
    }


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


@dataclass(frozen=True)
class Case:
    """A question in plain values, for both evaluators."""

    question: Question
    tags: dict[str, str]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    kind = draw(st.sampled_from(("user", "role", "root", "anonymous")))
    arn = {
        "user": USER_ARN,
        "role": ROLE_ARN,
        "root": f"arn:aws:iam::{HOME}:root",
        "anonymous": "anonymous",
    }[kind]
    levels = st.lists(
        st.lists(st.one_of(st.just(FULL), documents()), max_size=1), min_size=1, max_size=2
    )
    action = draw(st.sampled_from(ACTIONS))
    if kind == "root" and action == "sts:AssumeRole":
        action = (
            "s3:GetObject"  # a root user cannot assume roles: a service rule, not one of policies
        )
    tags = (
        draw(st.sampled_from(({}, {"team": "a"}, {"team": "x"})))
        if kind in ("user", "role")
        else {}
    )
    question = Question(
        kind=kind,
        arn=arn,
        account=HOME,
        action=action,
        resource=RESOURCE,
        resource_account=draw(st.sampled_from((HOME, HOME, AWAY))),
        session_name="s1",
        identity=draw(st.lists(documents(), max_size=2)),
        boundary=draw(maybe(st.lists(documents(), max_size=1))),
        session=draw(maybe(st.lists(documents(), max_size=1))),
        scps=draw(maybe(levels)),
        rcps=draw(maybe(st.lists(st.lists(documents(named=True), max_size=1), max_size=1))),
        resource_policy=draw(maybe(documents(named=True))),
        management=draw(st.sampled_from((False, False, True))),
        service_linked=draw(st.sampled_from((False, False, True))),
    )
    return Case(question, tags)


@st.composite
def pointed(draw: st.DrawFn) -> Case:
    """Cases that turn on their conditions alone: every statement is about this action and resource."""

    def some(effects: tuple[str, ...], *, named: bool = False) -> dict[str, Any]:
        rows = []
        for _ in range(draw(st.integers(1, 2))):
            row: dict[str, Any] = {
                "Effect": draw(st.sampled_from(effects)),
                "Action": "*",
                "Resource": "*",
            }
            if named:
                row["Principal"] = {
                    "AWS": draw(st.sampled_from(("*", HOME, ROLE_ARN, SESSION_ARN)))
                }
            if found := draw(clauses()):
                row["Condition"] = found
            rows.append(row)
        return {"Version": "2012-10-17", "Statement": rows}

    mixed = ("Allow", "Allow", "Deny")
    kind = draw(st.sampled_from(("user", "role")))
    question = Question(
        kind=kind,
        arn=USER_ARN if kind == "user" else ROLE_ARN,
        account=HOME,
        action=draw(st.sampled_from(("s3:GetObject", "kms:Decrypt"))),
        resource=RESOURCE,
        resource_account=draw(st.sampled_from((HOME, AWAY))),
        session_name="s1",
        identity=[some(("Allow",)), *([some(("Deny",))] if draw(st.booleans()) else [])],
        boundary=[some(mixed)] if draw(st.integers(0, 3)) == 0 else None,
        scps=[[FULL, some(mixed)]] if draw(st.integers(0, 3)) == 0 else None,
        resource_policy=some(mixed, named=True) if draw(st.integers(0, 2)) else None,
    )
    return Case(question, draw(st.sampled_from(({}, {"team": "a"}))))


def known(case: Case) -> dict[str, list[str]]:
    """The keys that follow from the caller."""
    if case.question.kind == "anonymous":
        return {}
    tags = {f"aws:principaltag/{name}": [value] for name, value in case.tags.items()}
    return tags | {"aws:principalaccount": [HOME]}


def policies_of(question: Question) -> Policies:
    def stack(layer: Layer, given: list[Any] | None) -> Any:
        return (
            None
            if given is None
            else tuple(sourced(one, layer, f"{layer.value}{i}") for i, one in enumerate(given))
        )

    return Policies(
        identity=stack(Layer.IDENTITY, question.identity),
        boundary=stack(Layer.BOUNDARY, question.boundary),
        session=stack(Layer.SESSION, question.session),
        scps=None
        if question.scps is None
        else tuple(stack(Layer.SCP, level) for level in question.scps),
        rcps=None
        if question.rcps is None
        else tuple(stack(Layer.RCP, level) for level in question.rcps),
        resource=sourced(question.resource_policy, Layer.RESOURCE, "r")
        if question.resource_policy
        else None,
    )


def request_of(case: Case, mode: Mode, context: dict[str, list[str]]) -> Request:
    question = case.question
    kind, arn = PrincipalKind(question.kind), question.arn
    role_arn = None
    if kind is PrincipalKind.ROLE and mode is Mode.STRICT:
        kind, arn, role_arn = PrincipalKind.SESSION, SESSION_ARN, ROLE_ARN
    return Request(
        principal=Principal(
            kind,
            arn,
            HOME if question.kind != "anonymous" else None,
            role_arn=role_arn,
            tags=case.tags,
            management=question.management,
            service_linked=question.service_linked,
        ),
        action=question.action,
        resource=question.resource,
        resource_account=question.resource_account,
        now=NOW,
        mode=mode,
        context={key: tuple(values) for key, values in context.items()},
        absent=frozenset({"aws:principaltag/no"}),
    )


def assignments(who: str, used: set[str]) -> list[dict[str, list[str]]]:
    """Every combination of values for the used keys that this one decides."""
    keys = [key for key in sorted(used) if KEYS[key][0] == who]
    return [
        {key.lower(): [value] for key, value in zip(keys, values, strict=True) if value is not None}
        for values in product(*(KEYS[key][1] for key in keys))
    ]


def used_keys(question: Question) -> set[str]:
    text = repr(question)
    return {key for key in KEYS if key in text}


@settings(max_examples=400, deadline=None)
@given(st.one_of(cases(), pointed()), st.data())
def test_a_strict_decision_is_that_of_the_plain_rules(case: Case, data: st.DataObject) -> None:
    context = known(case)
    for key in sorted(used_keys(case.question)):
        value = data.draw(st.sampled_from(KEYS[key][1]), label=key)
        if value is not None:
            context[key.lower()] = [value]
    given_ = policies_of(case.question)
    asked = request_of(
        case, Mode.STRICT, {k: v for k, v in context.items() if k not in known(case)}
    )
    want = evaluate(replace(case.question, context=context))
    got = decide(asked, given_)
    assert (got.effect, effect_of(asked, given_)) == (want, want)


def outcomes(case: Case) -> list[list[str]]:
    """Per assignment of the open keys, what each assignment of the chosen ones gives; sessions are chosen too."""
    used = used_keys(case.question)
    sessions = ("s1", "other", "third") if case.question.kind == "role" else ("s1",)
    return [
        [
            evaluate(
                replace(case.question, context=known(case) | opened | chosen, session_name=name)
            )
            for chosen in assignments("chosen", used)
            for name in sessions
        ]
        for opened in assignments("open", used)
    ]


def about_mfa(allow: tuple[str, str] | None, *denies: tuple[str, str]) -> Case:
    """A user that is allowed everything by one test of its second factor, and denied by others."""

    def row(effect: str, test: tuple[str, str] | None) -> dict[str, Any]:
        found = {"Effect": effect, "Action": "*", "Resource": "*"}
        if test is None:
            return found
        operator, value = test
        return {**found, "Condition": {operator: {"aws:MultiFactorAuthPresent": [value]}}}

    rows = [row("Allow", allow), *(row("Deny", deny) for deny in denies)]
    question = Question(
        kind="user",
        arn=USER_ARN,
        account=HOME,
        action="s3:GetObject",
        resource=RESOURCE,
        resource_account=HOME,
        identity=[{"Version": "2012-10-17", "Statement": rows}],
    )
    return Case(question, {})


@settings(max_examples=300, deadline=None)
@given(st.one_of(cases(), pointed()))
@example(about_mfa(None, ("Bool", "true"), ("BoolIfExists", "false")))
@example(about_mfa(("Null", "false"), ("Bool", "true"), ("Bool", "false")))
@example(about_mfa(None, ("Bool", "true"), ("Bool", "false")))
def test_a_discovery_decision_holds_over_all_values_of_open_and_chosen_keys(case: Case) -> None:
    if len(used_keys(case.question)) > 3:
        return
    per_open = outcomes(case)
    asked, given_ = request_of(case, Mode.DISCOVERY, {}), policies_of(case.question)
    got = decide(asked, given_)
    assert effect_of(asked, given_) is got.effect
    always = all(ALLOW in row for row in per_open)
    sometimes = any(ALLOW in row for row in per_open)
    if got.effect is Effect.ALLOW:
        assert always
    elif got.effect is Effect.CONDITIONAL:
        # conservative where open keys allow by turns: conditional although some way is always open
        assert sometimes
        assert got.conditions
    else:
        assert not sometimes
    if got.effect is Effect.EXPLICIT_DENY:
        assert all(result == EXPLICIT for row in per_open for result in row)
