"""The evaluator against its slow twin: strictly, and over every value that open and chosen keys could have."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from aws_asking import HOME, USER_ARN
from examples import RUN, share
from hypothesis import Phase, assume, example, given, seed, settings
from hypothesis import strategies as st
from oracle.aws_policy import ALLOW, EXPLICIT, Question, evaluate, listed
from policy_strategies import Case, cases
from policy_words import ARNS, KEYS, OPERATORS, RULED, SETS, TARGETS
from policy_worlds import (
    Context,
    Worlds,
    comparisons_of,
    documents_of,
    known,
    policies_of,
    request_of,
    variables_of,
)

from access.aws.decide import decide, effect_of
from access.aws.request import Mode
from access.decision import Effect

MOST_WORLDS = 3_000  # of one example: more take seconds


@share(1)
@given(cases(), st.data())
def test_a_strict_decision_is_that_of_the_plain_rules(case: Case, data: st.DataObject) -> None:
    case = replace(case, one_session=True)
    said: Context = {}
    for key, values in Worlds(case, Mode.DISCOVERY).values.items():
        value = data.draw(st.sampled_from(values), label=key)
        if value is not None:
            said[key] = value
    asked, given_ = request_of(case, Mode.STRICT, said), policies_of(case.question)
    want = evaluate(replace(case.question, context=known(case) | said))
    got = decide(asked, given_)
    assert (got.effect, effect_of(asked, given_)) == (want, want)
    RUN["strict"] += 1


def about(key: str, allow: tuple[str, str] | None, *denies: tuple[str, str]) -> Case:
    """A user that is allowed everything by one test of a key, and denied by others."""

    def row(effect: str, test: tuple[str, str] | None) -> dict[str, Any]:
        found = {"Effect": effect, "Action": "*", "Resource": "*"}
        if test is None:
            return found
        operator, value = test
        return {**found, "Condition": {operator: {key: [value]}}}

    rows = [row("Allow", allow), *(row("Deny", deny) for deny in denies)]
    question = Question(
        kind="user",
        arn=USER_ARN,
        account=HOME,
        action="s3:GetObject",
        resource="arn:aws:s3:::b/x",
        resource_account=HOME,
        session_name="s1",
        identity=[{"Version": "2012-10-17", "Statement": rows}],
    )
    return Case(question, tags={})


MFA, UNTIL = "aws:MultiFactorAuthPresent", "s3:object-lock-retain-until-date"
# There, but on neither side of a limit: no number, and no address, is.
BETWEEN = (("Null", "false"), ("NumericLessThan", "10"), ("NumericGreaterThanEquals", "10"))
ANYWHERE = (("Null", "false"), ("IpAddress", "0.0.0.0/0"), ("NotIpAddress", "0.0.0.0/0"))
# Alike as a text, and no ARN of that pattern.
PEERS = "arn:aws:ec2:*:111111111111:vpc/?"
LIKE = (("ArnNotEqualsIfExists", PEERS), ("ForAllValues:StringNotLike", PEERS))
# The same letters, spelt otherwise.
SPELT = (("StringEqualsIgnoreCase", "o-1"), ("StringEquals", "o-1"))


@share(1)
@given(cases(), st.sampled_from((Mode.DISCOVERY, Mode.DISCOVERY, Mode.PLAIN)))
@example(about(MFA, None, ("Bool", "true"), ("BoolIfExists", "false")), Mode.DISCOVERY)
@example(about(MFA, ("Null", "false"), ("Bool", "true"), ("Bool", "false")), Mode.DISCOVERY)
@example(about(MFA, None, ("Bool", "true"), ("Bool", "false")), Mode.DISCOVERY)
@example(about(UNTIL, None, ("DateNotEquals", "soon")), Mode.DISCOVERY)
@example(about("aws:TokenIssueTime", None, ("DateNotEquals", "soon")), Mode.PLAIN)
@example(about("sagemaker:MaxRuntimeInSeconds", *BETWEEN), Mode.DISCOVERY)
@example(about("aws:MultiFactorAuthAge", *BETWEEN), Mode.DISCOVERY)
@example(about("aws:SourceIp", *ANYWHERE), Mode.DISCOVERY)
@example(about("aws:ResourceOrgID", *SPELT), Mode.DISCOVERY)
@example(about("iam:PolicyARN", *LIKE), Mode.PLAIN)
def test_a_discovery_decision_holds_over_all_values_of_open_and_chosen_keys(
    case: Case, mode: Mode
) -> None:
    worlds = Worlds(case, mode)
    assume(worlds.count <= MOST_WORLDS)
    per_open = worlds.results()
    asked, given_ = request_of(case, mode), policies_of(case.question)
    got = decide(asked, given_)
    assert effect_of(asked, given_) is got.effect
    always = all(ALLOW in row for row in per_open)
    sometimes = any(ALLOW in row for row in per_open)
    if got.effect is Effect.ALLOW:
        assert always
    elif got.effect is Effect.CONDITIONAL:
        # conservative where open keys allow by turns: conditional although some way is always open
        assert sometimes or worlds.vague
        assert got.conditions
    else:
        assert not sometimes
    if got.effect is Effect.EXPLICIT_DENY:
        assert all(result == EXPLICIT for row in per_open for result in row)
    RUN["discovery"] += 1


def features(case: Case) -> set[str]:
    """What of the vocabulary of policies the case holds."""
    question = case.question
    layers = (
        "groups",
        "boundary",
        "session",
        "scps",
        "rcps",
        "endpoint",
        "resource_policy",
        "grants",
    )
    found = {layer for layer in layers if getattr(question, layer)}
    found |= {question.kind, question.action}
    if question.account and question.account != question.resource_account:
        found.add("across accounts")
    for key, tests in comparisons_of(question).items():
        found.add(key)
        for operator, _values, _variables in tests:
            base = operator.rpartition(":")[2]
            prefix = operator.removesuffix(base)
            found |= {
                base.removesuffix("IfExists"),
                prefix + "IfExists" * base.endswith("IfExists"),
            }
    for document in documents_of(question):
        found |= {name for statement in listed(document["Statement"]) for name in statement}
    return found | {f"${{{name}}}" for name in variables_of(question)}


def test_every_part_of_the_vocabulary_is_drawn() -> None:
    drawn: Counter[str] = Counter()

    @seed(1)
    @settings(max_examples=4_000, database=None, phases=[Phase.generate], deadline=None)
    @given(cases())
    def draw(case: Case) -> None:
        drawn.update(features(case))

    draw()
    targets = [target for target in (*TARGETS, *RULED) if target]
    wanted = {action for target in targets for action in target.actions} | set(ARNS) | set(KEYS)
    wanted |= {name for names in OPERATORS.values() for name in names} | {"Null"}
    wanted |= {f"{prefix}{suffix}" for prefix in SETS for suffix in ("", "IfExists")}
    wanted |= {"NotAction", "NotResource", "NotPrincipal", "across accounts"}
    wanted |= {"groups", "boundary", "session", "scps", "rcps", "endpoint", "resource_policy"}
    wanted |= {"grants", "${aws:principaltag/team}", "${aws:username}", "${aws:tagkeys}"}
    assert {name: drawn[name] for name in wanted if drawn[name] < 3} == {}
