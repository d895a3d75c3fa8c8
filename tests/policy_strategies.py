"""Questions about access, drawn: callers, targets and policies of every kind, mostly about one another.

Statements are type-directed: their actions, resources and principals are those of the question or look like them, and
their conditions are about a few keys that the whole question shares, so that layers agree and contradict each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aws_asking import AWAY, HOME, ROLE_ARN, SESSION_ARN, USER_ARN
from hypothesis import strategies as st
from oracle.aws_policy import Question
from policy_words import (
    ARNS,
    CANONICAL,
    DATA_KEY,
    DECIDED,
    ENTRIES,
    FULL,
    FULL_FOR_ALL,
    NEAR,
    OPERATORS,
    ORGANIZATION,
    PATH,
    ROLE_ID,
    ROOT_ARN,
    RULED,
    SETS,
    TARGETS,
    UNDECIDED,
    USER_ID,
    VALUES,
    VARIABLES,
    Key,
    Target,
)


def picked(draw: st.DrawFn, *pools: Sequence[Any]) -> list[Any]:
    """One of each pool, with a single draw: many small ones are what takes the time of a test.

    Drawn as bytes, since integers of a wide range are mostly drawn small.
    """
    at = int.from_bytes(draw(_EIGHT_BYTES))
    found = []
    for pool in pools:
        at, place = divmod(at, len(pool))
        found.append(pool[place])
    return found


_EIGHT_BYTES = st.binary(min_size=8, max_size=8)


def listed(first: Any, second: Any) -> Any:
    """Both, or the first alone where there is no other."""
    return first if second in (None, first) else [first, second]


def clause(draw: st.DrawFn, pool: Sequence[Key]) -> tuple[str, str, Any]:
    """An operator, a key of the pool, and what it is compared with."""
    key, presence, lowered = picked(draw, pool, range(7), (False, False, False, True))
    name = key.name.lower() if lowered else key.name
    if presence == 6:
        return "Null", name, picked(draw, VALUES["bool"])[0]
    values = key.values or VALUES[key.type]
    base, prefix, suffix, first, second, variable = picked(
        draw,
        OPERATORS[key.type],
        SETS,
        ("", "", "IfExists"),
        values,
        (None, *values),
        (None,) * 42 + VARIABLES if key.type == "text" else (None,),
    )
    return f"{prefix}{base}{suffix}", name, variable or listed(first, second)


def conditions(draw: st.DrawFn, pool: Sequence[Key], count: int) -> dict[str, dict[str, Any]]:
    """A Condition element of as many clauses."""
    found: dict[str, dict[str, Any]] = {}
    for _ in range(count):
        operator, key, values = clause(draw, pool)
        found.setdefault(operator, {})[key] = values
    return found


# --- policies ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class About:
    """What the policies of one question are about."""

    target: Target
    action: str
    kind: str
    pool: tuple[Key, ...]


def principals(draw: st.DrawFn, about: About, *, exceptions: bool) -> Any:
    """A Principal or NotPrincipal element, mostly one that names the caller."""
    near = [entry for entry in ENTRIES if entry[1] in NEAR[about.kind]]
    every = [*ENTRIES, *(() if exceptions else (("CanonicalUser", CANONICAL),))]
    first, second, usual, bare = picked(
        draw, [*near * 6, *every], (None, *every), (0, 0, 1), (True, False)
    )
    entries = [first] if usual or second is None else [first, second]
    if entries == [("AWS", "*")] and bare:
        return "*"
    found: dict[str, Any] = {}
    for kind, value in entries:
        found.setdefault(kind, []).append(value)
    return {kind: values[0] if len(values) == 1 else values for kind, values in found.items()}


def action_patterns(action: str) -> tuple[str, ...]:
    """Patterns that name the action, or another one of its service."""
    service, _, name = action.partition(":")
    return (
        "*",
        action,
        action.upper(),
        f"{service}:*",
        f"{service}:{name[:3]}*",
        f"{service}:?{name[1:]}",
        f"{service}:??{name[1:]}",
        f"{service}:Other",
    )


def statement(
    draw: st.DrawFn, about: About, *, named: bool, bare: bool = False, effects: tuple[str, ...]
) -> dict[str, Any]:
    """A statement; `bare` ones name no Resource. Half of them are about the very action and resource."""
    actions, patterns = action_patterns(about.action), ("*", *about.target.patterns)
    effect, all_of_it, count, action, two, other = picked(
        draw, effects, (True, False), (0, 0, 1, 1, 2), actions, (None, None, *actions), ELEMENTS
    )
    body: dict[str, Any] = {"Effect": effect}
    if all_of_it:
        body |= {"Action": "*", "Resource": "*"}
    else:
        first, second, element = picked(draw, patterns, (None, *patterns), ELEMENTS)
        body |= {f"{other}Action": listed(action, two), f"{element}Resource": listed(first, second)}
    if bare:
        body = {name: body[name] for name in body if not name.endswith("Resource")}
    element = picked(draw, NAMING)[0] if named else ""
    if element:
        body[element] = principals(draw, about, exceptions=element == "NotPrincipal")
    if count:
        body["Condition"] = conditions(draw, about.pool, count)
    return body


ELEMENTS = ("", "", "Not")
NAMING = ("Principal",) * 12 + ("NotPrincipal",) * 3 + ("",)  # one without names nobody
MIXED, DENIES = ("Allow", "Allow", "Allow", "Allow", "Deny"), ("Deny",)


def document(
    draw: st.DrawFn,
    about: About,
    *,
    named: bool = False,
    bare: bool = False,
    effects: tuple[str, ...] = MIXED,
) -> dict[str, Any]:
    """A policy of one to three statements, of either version."""
    count, alone, version = picked(draw, (1, 1, 2, 3), (True, False), VERSIONS)
    rows = [statement(draw, about, named=named, bare=bare, effects=effects) for _ in range(count)]
    content = rows[0] if count == 1 and alone else rows
    return ({"Version": version} if version else {}) | {"Statement": content}


VERSIONS = ("2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17", "")


def stack(draw: st.DrawFn, about: About, most: int, **more: Any) -> list[dict[str, Any]]:
    """Up to so many policies."""
    return [document(draw, about, **more) for _ in range(picked(draw, range(most + 1))[0])]


def key_grant(draw: st.DrawFn) -> dict[str, Any]:
    """The grant of a key, as KMS lists it."""
    grantees = (USER_ARN, ROLE_ARN, SESSION_ARN, HOME, ROOT_ARN, "s3.amazonaws.com")
    operations = (["Decrypt"], ["GenerateDataKey", "Encrypt"])
    context = ({}, {}, {"Constraints": {"EncryptionContextSubset": {"dept": "a"}}})
    grantee, given, asked = picked(draw, grantees, operations, context)
    return {"GrantId": "g-1", "GranteePrincipal": grantee, "Operations": given, **asked}


# --- questions -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A question in plain values, with the facts about caller and resource; None is what was not read."""

    question: Question
    tags: dict[str, str] | None = None
    organization: str | None = None
    paths: tuple[str, ...] | None = None
    resource_tags: dict[str, str] | None = None
    resource_organization: str | None = None
    via_service: str | None = None
    one_session: bool = False  # asked as one session of the role, not as any
    names_session: bool = True  # whoever takes the role gives the session its name


def drawn_about(draw: st.DrawFn) -> About:
    """Who asks for what, and the keys that its policies speak of."""
    target, kind, one, two = picked(draw, TARGETS, KINDS, UNDECIDED, UNDECIDED)
    known, more, ruled, few = picked(draw, DECIDED, DECIDED, RULED, range(5))
    target = target or ruled
    pool = dict.fromkeys(((one,), (one, two), (one, known), (one, two, known), (known, more))[few])
    return About(target, picked(draw, target.actions)[0], kind, tuple(pool))


FOUR = (False, False, False, True)
KINDS = (*ARNS, "user", "user", "user", "role", "role", "role")


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """A caller, a target, and policies in any of the layers."""
    about = drawn_about(draw)
    target, kind = about.target, about.kind
    there = picked(draw, *((False, False, True),) * 6, (True, True, False), FOUR)
    groups, boundary, session, scps, rcps, endpoint, policy, elsewhere = there
    levels, management, resource_in_management, linked = picked(
        draw, (1, 2, 3), *((False,) * 5 + (True,),) * 3
    )
    person = kind in ("user", "role", "root")
    return Question(
        kind=kind,
        arn=ARNS[kind],
        account=HOME if person else "",
        action=about.action,
        resource=target.resource,
        resource_account=AWAY if elsewhere and target.elsewhere else HOME,
        session_name="s1",
        canonical_id=CANONICAL if person else None,
        unique_id={"user": USER_ID, "role": ROLE_ID}.get(kind),
        identity=_own(draw, about),
        groups=stack(draw, about, 2) if groups and kind == "user" else [],
        boundary=_limit(draw, about) if boundary else None,
        session=_limit(draw, about) if session and person else None,
        scps=[_limit(draw, about) for _ in range(levels)] if scps else None,
        rcps=[_denying(draw, about) for _ in range(levels)] if rcps else None,
        endpoint=_limit(draw, about, named=True) if endpoint else None,
        resource_policy=document(draw, about, named=True, bare=target.trust)
        if target.guarded and (policy or target.trust)
        else None,
        grants=[key_grant(draw) for _ in range(levels - 1)] if target is DATA_KEY else [],
        management=management,
        service_linked=linked and kind == "role",
        resource_in_management=resource_in_management,
    )


def _own(draw: st.DrawFn, about: About) -> list[dict[str, Any]]:
    """The caller's own policies, seldom none; one in three callers is allowed everything."""
    count, rest, everything = picked(draw, (1, 1, 2, 2, 3, 0), (0, 1, 2), (False, False, True))
    if everything:
        return [FULL] + [document(draw, about) for _ in range(rest)]
    return [document(draw, about) for _ in range(count)]


def _limit(draw: st.DrawFn, about: About, *, named: bool = False) -> list[dict[str, Any]]:
    """The policies of one limit, mostly with one that allows everything."""
    usual, count = picked(draw, (True, True, False), (0, 0, 1, 1, 2))
    everything = FULL_FOR_ALL if named else FULL
    return ([everything] if usual else []) + [
        document(draw, about, named=named) for _ in range(count)
    ]


def _denying(draw: st.DrawFn, about: About) -> list[dict[str, Any]]:
    """The RCPs of one level beside the one that allows everything."""
    effects = picked(draw, (DENIES, MIXED))[0]
    return stack(draw, about, 2, named=True, effects=effects)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A question with what is known about its caller and resource."""
    question = draw(questions())
    person = question.kind in ("user", "role")
    home = (ORGANIZATION, "o-2", None)
    tags, organization, paths, resource_tags, owner, via, one_session, names_session = picked(
        draw,
        ({}, {"team": "a"}, {"team": "x"}, {"Team": "b"}, None),
        home,
        ((PATH,), (), None),
        ({}, {"env": "a"}, {"Env": "b"}, None),
        home,
        (None, "s3"),
        (False, False, False, True),
        (True, True, True, False),
    )
    return Case(
        question,
        tags=tags if person else {},
        organization=organization if question.account else None,
        paths=paths if question.account and organization else None,
        resource_tags=resource_tags,
        resource_organization=owner,
        via_service=via if question.action.startswith("kms:") else None,
        one_session=one_session,
        names_session=names_session,
    )
