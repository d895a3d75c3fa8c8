"""Resource policies: whom they name and how strongly, across accounts, in trusts and keys."""

from __future__ import annotations

from typing import Any

import pytest
from aws_asking import (
    ANONYMOUS,
    AWAY,
    HOME,
    KEY,
    ROLE,
    ROLE_ARN,
    ROOT,
    SERVICE,
    SESSION,
    SESSION_ARN,
    USER,
    USER_ARN,
    allow,
    ask,
    deny,
    effect,
    policies,
    resource_policy,
    when,
)

from access.aws.policies import Origin, Unread
from access.aws.principals import Principal, PrincipalKind
from access.decision import Effect, Layer

TRUST = f"arn:aws:iam::{HOME}:role/target"


# --- resource policies ---------------------------------------------------------------------------------------------


def named(who: Any, action: Any = "*", resource: Any = "*", **more: Any) -> Any:
    return resource_policy(allow(action, resource, Principal=who, **more))


@pytest.mark.parametrize(
    ("who", "caller", "identity", "want"),
    [
        ({"AWS": USER_ARN}, USER, False, Effect.ALLOW),
        ("*", USER, False, Effect.ALLOW),
        ({"AWS": HOME}, USER, False, Effect.IMPLICIT_DENY),
        ({"AWS": HOME}, USER, True, Effect.ALLOW),
        ({"AWS": ROLE_ARN}, ROLE, False, Effect.ALLOW),
        ({"AWS": ROLE_ARN}, SESSION, False, Effect.ALLOW),
        ({"AWS": SESSION_ARN}, ROLE, False, Effect.ALLOW),
        ({"AWS": SESSION_ARN.replace("/s1", "/s2")}, SESSION, False, Effect.IMPLICIT_DENY),
        ({"AWS": "AROAEXAMPLEDELETED"}, ROLE, False, Effect.IMPLICIT_DENY),
        ({"AWS": f"arn:aws:iam::{HOME}:role/*"}, ROLE, False, Effect.IMPLICIT_DENY),
        ({"Service": "sagemaker.amazonaws.com"}, SERVICE, False, Effect.ALLOW),
        ({"Service": "glue.amazonaws.com"}, SERVICE, False, Effect.IMPLICIT_DENY),
        ("*", ANONYMOUS, False, Effect.ALLOW),
        ({"AWS": HOME}, ANONYMOUS, True, Effect.IMPLICIT_DENY),
        ({"AWS": HOME}, ROOT, False, Effect.ALLOW),
    ],
)
def test_a_principal_is_named_with_a_strength(
    who: Any, caller: Principal, identity: bool, want: Effect
) -> None:
    assert effect(*([allow()] if identity else []), policy=named(who), principal=caller) is want


def test_a_session_without_known_role_matches_its_pathed_role() -> None:
    stranger = Principal(PrincipalKind.SESSION, SESSION_ARN, HOME)
    assert effect(policy=named({"AWS": ROLE_ARN}), principal=stranger) is Effect.ALLOW
    other = ROLE_ARN.replace("/worker", "/other/worker2")
    assert effect(policy=named({"AWS": other}), principal=stranger) is Effect.IMPLICIT_DENY


def test_a_role_whose_session_name_is_given_is_conditional_on_it() -> None:
    caller = Principal(PrincipalKind.ROLE, ROLE_ARN, HOME, chooses_session_name=False)
    found = ask(policies(resource=named({"AWS": SESSION_ARN})), principal=caller)
    assert (found.effect, found.conditions[0].key) == (Effect.CONDITIONAL, "sts:RoleSessionName")


def test_a_session_cannot_have_two_names() -> None:
    limits = [allow(Principal={"AWS": SESSION_ARN.replace("/s1", "/s2")})]
    found = effect(policy=named({"AWS": SESSION_ARN}), endpoint=limits, principal=ROLE)
    assert found is Effect.IMPLICIT_DENY


@pytest.mark.parametrize(
    ("identity", "policy", "blocked", "want"),
    [
        (True, True, (), Effect.ALLOW),
        (True, False, (Layer.RESOURCE,), Effect.IMPLICIT_DENY),
        (False, True, (Layer.IDENTITY,), Effect.IMPLICIT_DENY),
    ],
)
def test_across_accounts_both_sides_must_allow(
    identity: bool, policy: bool, blocked: tuple[Layer, ...], want: Effect
) -> None:
    given = policies(
        *([allow()] if identity else []), resource=named({"AWS": USER_ARN}) if policy else None
    )
    found = ask(given, resource_account=AWAY)
    assert (found.effect, found.blocked_by) == (want, blocked)


@pytest.mark.parametrize(
    ("statement", "bounded", "want"),
    [
        (deny(NotPrincipal={"AWS": [USER_ARN, HOME]}), False, Effect.ALLOW),
        (deny(NotPrincipal={"AWS": HOME}), False, Effect.EXPLICIT_DENY),
        (deny(NotPrincipal={"AWS": ROLE_ARN}), False, Effect.EXPLICIT_DENY),
        (deny(NotPrincipal={"AWS": USER_ARN}), True, Effect.EXPLICIT_DENY),
    ],
)
def test_not_principal_denies_whom_it_does_not_name(
    statement: dict[str, Any], bounded: bool, want: Effect
) -> None:
    limits = {"boundary": [allow()]} if bounded else {}
    assert effect(allow(), policy=resource_policy(statement), **limits) is want


def test_a_bare_text_principal_is_read_and_noted() -> None:
    found = ask(policies(resource=named(USER_ARN)))
    assert found.effect is Effect.ALLOW
    assert any("bare Principal" in note for note in found.notes)


def test_a_deleted_principal_is_noted() -> None:
    found = ask(policies(allow(), resource=named({"AWS": "AIDAEXAMPLE"})))
    assert any("deleted" in note for note in found.notes)


def test_a_resource_of_unknown_account_is_conditional_on_it() -> None:
    found = ask(policies(allow()), resource_account=None)
    assert (found.effect, found.conditions[0].key) == (Effect.CONDITIONAL, "aws:ResourceAccount")


# --- trust and keys ------------------------------------------------------------------------------------------------


def assume(
    *identity: Any, who: Any, caller: Principal = ROLE, account: str = HOME, **more: Any
) -> Effect:
    trust = resource_policy(
        {"Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole"}, name=TRUST
    )
    return effect(
        *identity,
        policy=trust,
        action="sts:AssumeRole",
        resource=TRUST,
        principal=caller,
        resource_account=account,
        **more,
    )


@pytest.mark.parametrize(
    ("identity", "who", "account", "more", "want"),
    [
        ((), {"AWS": ROLE_ARN}, HOME, {}, Effect.ALLOW),
        ((), {"AWS": HOME}, HOME, {}, Effect.IMPLICIT_DENY),
        ((allow(),), {"AWS": HOME}, HOME, {}, Effect.ALLOW),
        ((allow(),), {"AWS": AWAY}, HOME, {}, Effect.IMPLICIT_DENY),
        ((), {"AWS": ROLE_ARN}, AWAY, {}, Effect.IMPLICIT_DENY),
        ((allow("sts:AssumeRole"),), {"AWS": ROLE_ARN}, AWAY, {}, Effect.ALLOW),
        ((), {"AWS": ROLE_ARN}, HOME, {"boundary": [allow("s3:*")]}, Effect.IMPLICIT_DENY),
        ((), {"AWS": ROLE_ARN}, HOME, {"boundary": [allow("sts:*")]}, Effect.ALLOW),
        ((), {"AWS": SESSION_ARN}, HOME, {"boundary": [allow("s3:*")]}, Effect.ALLOW),
    ],
)
def test_a_trust_names_who_may_become_the_role(
    identity: tuple[Any, ...], who: Any, account: str, more: dict[str, Any], want: Effect
) -> None:
    assert assume(*identity, who=who, account=account, **more) is want


def test_a_federated_subject_needs_the_trust_alone() -> None:
    provider = f"arn:aws:iam::{HOME}:oidc-provider/token.actions.githubusercontent.com"
    key = "token.actions.githubusercontent.com:sub"
    trust = resource_policy(
        {
            "Effect": "Allow",
            "Principal": {"Federated": provider},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": when("StringLike", key, "repo:org/*"),
        }
    )
    caller = Principal(PrincipalKind.FEDERATED, provider)
    found = ask(policies(resource=trust), "sts:AssumeRoleWithWebIdentity", TRUST, principal=caller)
    assert found.effect is Effect.ALLOW
    assert found.chosen[0][1].startswith("repo:org/")


def test_a_root_user_cannot_assume_a_role() -> None:
    assert assume(who={"AWS": HOME}, caller=ROOT) is Effect.IMPLICIT_DENY


@pytest.mark.parametrize(
    ("identity", "who", "want"),
    [
        ((allow(),), None, Effect.IMPLICIT_DENY),
        ((allow(),), {"AWS": HOME}, Effect.ALLOW),
        ((), {"AWS": HOME}, Effect.IMPLICIT_DENY),
        ((), {"AWS": ROLE_ARN}, Effect.ALLOW),
    ],
)
def test_a_key_policy_must_hand_over(identity: tuple[Any, ...], who: Any, want: Effect) -> None:
    policy = named(who, "kms:*") if who else None
    assert (
        effect(*identity, action="kms:Decrypt", resource=KEY, policy=policy, principal=ROLE) is want
    )


def test_an_unread_key_policy_is_conditional() -> None:
    unread = Unread("key policy unread", Origin(Layer.RESOURCE, KEY))
    found = ask(policies(allow(), resource=unread), "kms:Decrypt", KEY)
    assert found.effect is Effect.CONDITIONAL


def test_an_unread_policy_that_may_only_deny_grants_nothing() -> None:
    unread = Unread("unread", Origin(Layer.RESOURCE, "b"), may_allow=False)
    assert effect(policy=unread) is Effect.IMPLICIT_DENY
    assert effect(allow(), policy=unread) is Effect.CONDITIONAL
