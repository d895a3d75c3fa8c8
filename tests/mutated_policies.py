"""Policies that went wrong: documents bent in many ways, taken through everything that loading does with policies.

`check(examples)` is the test: the suite runs a few hundred, `make nightly` a hundred thousand.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import hypothesis
from aws_asking import ANONYMOUS, HOME, KEY, NOW, ROLE, SERVICE, SESSION, USER, allow, sourced
from builders import DETAILS, Land
from decision_rows import our_rows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access.aws.decide import decide, effect_of
from access.aws.document import parse
from access.aws.policies import Origin, Policies, Sourced
from access.aws.request import Form, Mode, Request
from access.decision import Decision, Effect, Layer
from access.odd import odd_policies
from access.resolve import resolve
from graph.model import Facts, Role

# Names, patterns and values that documents hold by mistake, by malice or by a rule that is not known yet.
_WORDS = (
    "", " ", "*", "?", "**", ":", "::::::", "arn", "arn:", "arn:aws", "arn:aws:s3", "arn:aws:s3:::", "arn:::::",
    "arn:aws:s3:::b/*", "arn:aws:iam::999:role/x", "arn:aws:sagemaker:eu-west-1:1:endpoint/${aws:PrincipalTag/team",
    "${", "${}", "${aws:username}", "${aws:username, 'x'}", "${aws:username, x}", "${*}", "${?}${$}", "${${x}}", "}",
    "s3:", ":GetObject", "s3:GetObject:x", "s3", "nosuch:Action", "sagemaker:*", "SAGEMAKER:createtrainingjob",
    "Allow", "Deny", "allow", "Maybe", "2012-10-17", "2008-10-17", "2030-01-01", "true", "False", "yes", "0", "-1",
    "1e9999999", "9" * 600, "NaN", "Infinity", "2026-02-30", "0000-00-00", "10.0.0.0/99", "::/0", "fe80::1%eth0/64",
    "\x00", "\n", "\ud800", "\u202e", "é", "İ", "ß", "[a](b){c}+|^$\\", "a" * 3000, "*a" * 200, "?" * 300,
    "StringEquals", "StringMatches", "ForAllValues:", "ForAnyValue:StringLike", "ForAllValues:Null", "NullIfExists",
    "NumericLessThan", "DateGreaterThan", "IpAddress", "NotIpAddress", "Bool", "ArnLike", "BinaryEquals", "Null",
    "aws:SourceIp", "aws:TagKeys", "aws:RequestTag/", "aws:RequestTag/a", "aws:PrincipalTag/team", "aws:nosuch", "AWS",
    "Service", "Federated", "CanonicalUser", "111111111111", "AROAEXAMPLE", "sagemaker.amazonaws.com",
    "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition", "Statement",
)  # fmt: skip
_SEEDS = tuple(
    json.dumps(document)
    for row in our_rows()
    for document in (*row["identity"], row["resource_policy"], *(row["boundaries"] or ()))
    if document is not None
)
_SCALARS = (
    st.sampled_from(_WORDS)
    | st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
)
_TREES = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(_WORDS) | st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
_CALLERS = (USER, ROLE, SESSION, SERVICE, ANONYMOUS)
_QUESTIONS = (
    ("sagemaker:CreateTrainingJob", f"arn:aws:sagemaker:eu-west-1:{HOME}:training-job/j"),
    ("bedrock:InvokeModel", "arn:aws:bedrock:eu-west-1::foundation-model/m:0"),
    ("s3:GetObject", "arn:aws:s3:::b/x"),
    ("kms:Decrypt", KEY),
    ("sts:AssumeRole", f"arn:aws:iam::{HOME}:role/r"),
    ("nosuch:Action", "arn:aws:nosuch"),
    ("", ""),
    ("s3:GetObject", "no arn at all"),
    ("s3", "*"),
)
_LAYERS = (*Layer,)[:7]


def _places(tree: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a tree."""
    if isinstance(tree, dict | list):
        keys = list(tree) if isinstance(tree, dict) else list(range(len(tree)))
        return [(tree, key) for key in keys] + [p for key in keys for p in _places(tree[key])]
    return []


@st.composite
def documents(draw: st.DrawFn) -> Any:
    """A document of the corpus with a few of its parts replaced, removed, renamed, doubled or wrapped."""
    tree = json.loads(draw(st.sampled_from(_SEEDS)))
    for _ in range(draw(st.integers(1, 4))):
        places = _places(tree)
        if not places:
            return draw(_TREES)
        holder, key = places[draw(st.integers(0, len(places) - 1))]
        what = draw(st.sampled_from(("replace", "remove", "rename", "double", "wrap", "grow")))
        if what == "remove":
            del holder[key]
        elif what == "rename" and isinstance(holder, dict):
            holder[draw(st.sampled_from(_WORDS))] = holder.pop(key)
        elif what == "double":
            holder[key] = [holder[key], holder[key]]
        elif what == "wrap":
            holder[key] = {draw(st.sampled_from(_WORDS)): holder[key]}
        elif what == "grow":
            holder[key] = [holder[key]] * draw(st.integers(2, 40))
        else:
            holder[key] = draw(_TREES)
    return tree


@st.composite
def texts(draw: st.DrawFn) -> str:
    """The text of such a document, sometimes cut or with a letter changed, as it may come from anywhere."""
    text = json.dumps(draw(documents()))
    place = draw(st.integers(0, max(len(text) - 1, 0)))
    how = draw(st.sampled_from(("", "", "", "cut", "change", "escape")))
    if how == "cut":
        return text[:place]
    if how == "change":
        return text[:place] + draw(st.sampled_from('"{}[],:\\%0')) + text[place + 1 :]
    return "%7B" + text[1:] if how == "escape" else text


def estate(text: str) -> Facts:
    """Two identities and a bucket, with this text as policy wherever one can stand."""
    land = Land()
    land.organization(HOME)
    user, role = land.user("ana", allow("s3:*")), land.role("worker", allow("s3:*"))
    bucket, key = land.bucket("b"), land.key(HOME, DETAILS)
    odd = land.managed("odd")
    land.attachments.clear()
    land.attachment(odd, Role.VERSION, text, key=key, name="v1")
    land.attach(user, odd)
    land.boundary(role, odd)
    for kind in (Role.SCP, Role.RCP):
        land.attachment(f"aws:account/{HOME}", kind, None, key=key, policy=odd)
    for holder, place in ((user, Role.IDENTITY), (role, Role.IDENTITY), (role, Role.TRUST)):
        land.attachment(holder, place, text, key=key, name="own")
    land.attachment(bucket, Role.RESOURCE, text, key=key)
    return land.facts()


def told(facts: Facts) -> tuple[str, ...]:
    """What loading remarks about the policies."""
    return tuple(odd.what for odd in odd_policies(facts))


def decided(text: str, layer: Layer, asked: Request) -> Decision:
    """The answer where the text is a policy of this layer and everything else allows."""
    odd = Sourced(parse(text), Origin(layer, "odd"))
    allows = sourced({"Version": "2012-10-17", "Statement": allow()})
    given_ = Policies(
        identity=(odd,) if layer is Layer.IDENTITY else (allows,),
        boundary=(odd,) if layer is Layer.BOUNDARY else None,
        session=(odd,) if layer is Layer.SESSION else None,
        scps=((allows,), (odd, allows)) if layer is Layer.SCP else None,
        rcps=((odd,),) if layer is Layer.RCP else None,
        endpoint=(odd,) if layer is Layer.ENDPOINT else None,
        resource=odd if layer is Layer.RESOURCE else None,
    )
    found = decide(asked, given_)
    assert effect_of(asked, given_) is found.effect
    return found


@st.composite
def questions(draw: st.DrawFn) -> Request:
    """Any caller with any question."""
    action, resource = draw(st.sampled_from(_QUESTIONS))
    return Request(
        principal=draw(st.sampled_from(_CALLERS)),
        action=action,
        resource=resource,
        resource_account=HOME,
        now=NOW,
        form=draw(st.sampled_from(list(Form))),
        mode=draw(st.sampled_from(list(Mode))),
    )


def bent(text: str, layer: Layer, asked: Request, *, whole: bool) -> None:
    """Nothing raises, and whatever stays open says what it hangs on; `whole` resolves an estate as well."""
    facts = estate(text)
    remarks = told(facts)
    assert all(remarks)
    found = decided(text, layer, asked)
    assert found.effect in set(Effect)
    if found.effect is Effect.CONDITIONAL:
        assert found.conditions
        assert all(condition.key for condition in found.conditions)
    if parse(text).unreadable:
        assert any(remark.startswith("no policy: ") for remark in remarks)
        unsure = layer is Layer.IDENTITY and asked.principal in (USER, ROLE, SESSION)
        assert found.effect is not Effect.ALLOW or not unsure
    if whole:
        resolve(facts, instant=NOW)


def check(examples: int, *, seed: int | None = None, ran: Counter[str] | None = None) -> None:
    """Takes this many bent documents through loading and decisions; raises at the first that fails.

    One in twelve is resolved over an estate, which takes far longer than all the rest. `ran` counts what went through.
    """
    seldom = st.integers(0, 11).map(lambda number: number == 7)
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
    counted = Counter() if ran is None else ran

    @settings(max_examples=examples, deadline=None, suppress_health_check=slow)
    @given(texts(), st.sampled_from(_LAYERS), questions(), seldom)
    def run(text: str, layer: Layer, asked: Request, whole: bool) -> None:
        bent(text, layer, asked, whole=whole)
        counted["documents"] += 1
        counted["resolved"] += whole

    (run if seed is None else hypothesis.seed(seed)(run))()
