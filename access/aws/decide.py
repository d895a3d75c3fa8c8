"""One authorization decision: the rules of evaluation over the statements that bear on a request, three-valued, explained."""

from __future__ import annotations

from dataclasses import replace

from access.aws.evidence import Verdict, denied, explained
from access.aws.policies import Origin, Policies, Sourced, Stack, Unread
from access.aws.principals import OF_ACCOUNTS, Principal, PrincipalKind
from access.aws.quirks import ALWAYS
from access.aws.request import Form, Mode, Request
from access.aws.routes import Layers, Route
from access.aws.solve import Area, Search, TooInvolved
from access.aws.swift import swift_effect
from access.decision import Alternative, Condition, Decision, Effect, Need
from graph.model import Certainty

__all__ = [
    "Form",
    "Mode",
    "Origin",
    "Policies",
    "Principal",
    "PrincipalKind",
    "Request",
    "Sourced",
    "Stack",
    "Unread",
    "decide",
    "decide_any",
    "decide_both",
    "effect_of",
]

_ALWAYS = Decision(Effect.ALLOW, notes=("everybody may always ask who they are",))


def decide(request: Request, policies: Policies) -> Decision:
    """The explained answer."""
    if request.action.lower() in ALWAYS:
        return _ALWAYS
    layers = Layers.of(request, policies)
    same = _same_account(request)
    if same is not None:
        return _explain(layers, _judge(layers, same_account=same))
    return _either(
        request, *(_explain(layers, _judge(layers, same_account=side)) for side in (True, False))
    )


def decide_both(request: Request, policies: Policies) -> Decision:
    """The answer where the asker's side and the resource's policy must both allow, whoever owns the resource."""
    layers = Layers.of(request, policies)
    return _explain(layers, _judge(layers, same_account=False))


def decide_any(request: Request, policies: Policies) -> Decision:
    """Whether some resource of the pattern is allowed, and which (`patterns` without `exclusions`)."""
    some = request if request.form is Form.SOME else replace(request, form=Form.SOME)
    return decide(some, policies)


def effect_of(request: Request, policies: Policies) -> Effect:
    """The effect alone, without explanation."""
    if request.action.lower() in ALWAYS:
        return Effect.ALLOW
    same = _same_account(request)
    if same is not None:
        return _effect(request, policies, same_account=same)
    effects = {_effect(request, policies, same_account=side) for side in (True, False)}
    return effects.pop() if len(effects) == 1 else _mixed(effects)


def _effect(request: Request, policies: Policies, *, same_account: bool) -> Effect:
    found = swift_effect(request, policies, same_account=same_account)
    if found is None:
        found = _judge(Layers.of(request, policies), same_account=same_account).effect
    return found


def _mixed(effects: set[Effect]) -> Effect:
    granted = any(effect.granted for effect in effects)
    return Effect.CONDITIONAL if granted else Effect.IMPLICIT_DENY


def _same_account(request: Request) -> bool | None:
    """Whether caller and resource are of one account; None where the resource's is not known."""
    caller = request.principal
    if caller.kind not in OF_ACCOUNTS:
        return True
    account = request.resource_account or _account_of(request.resource)
    if account is None and (request.wildcard_only or request.form is Form.SOME):
        return True  # nobody's resource, or some resource: the caller's own account has one
    return None if account is None or caller.account is None else account == caller.account


def _account_of(arn: str) -> str | None:
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 and parts[4].isdigit() else None


def _judge(layers: Layers, *, same_account: bool) -> Verdict:
    """The effect, and the state of the search that shows it for each route that passes."""
    form, request = layers.frame.form, layers.frame.request
    routes = layers.routes(same_account=same_account)
    hard = tuple(deny for deny in layers.denies if not deny.atoms and deny.region.whole)
    if hard:
        return Verdict(Effect.EXPLICIT_DENY, routes, hard=hard)
    if layers.ruled_out:
        return Verdict(Effect.IMPLICIT_DENY, routes)
    if form is Form.SOME:
        area = Area((layers.frame.resource,), (*request.excluding, *layers.excluded))
    else:
        area = Area(None, tuple(dict.fromkeys(layers.excluded)))
    search = Search(layers.denies, area)
    whole = tuple(route for route in routes if not route.missing)
    try:
        return _searched(search, routes, whole)
    except TooInvolved:
        return Verdict(Effect.CONDITIONAL, routes, search=search, involved=True)


def _searched(search: Search, routes: tuple[Route, ...], whole: tuple[Route, ...]) -> Verdict:
    for definite in (True, False):
        states = {route: search.best(route.slots, definite=definite) for route in whole}
        passed = {route: state for route, state in states.items() if state is not None}
        if passed:
            effect = Effect.ALLOW if definite else Effect.CONDITIONAL
            if definite:  # other routes may still pass on conditions: they are alternatives
                rest = {r: search.best(r.slots, definite=False) for r in whole if r not in passed}
                passed |= {route: state for route, state in rest.items() if state is not None}
            return Verdict(effect, routes, passed, search=search)
    unavoidable = bool(search.denies) and search.best((), definite=False) is None
    effect = Effect.EXPLICIT_DENY if unavoidable else Effect.IMPLICIT_DENY
    hard = tuple(search.denies) if unavoidable else ()
    return Verdict(effect, routes, search=search, hard=hard)


def _explain(layers: Layers, verdict: Verdict) -> Decision:
    return explained(layers, verdict) if verdict.effect.granted else denied(layers, verdict)


def _either(request: Request, same: Decision, cross: Decision) -> Decision:
    """The answer where it is not known whose account the resource is in."""
    if same.effect is cross.effect:
        return cross
    if not same.effect.granted and not cross.effect.granted:
        return same
    if same.effect.granted and cross.effect.granted:
        return cross if cross.effect is Effect.CONDITIONAL else same
    granted, operator = (
        (same, "StringEquals") if same.effect.granted else (cross, "StringNotEquals")
    )
    condition = Condition("aws:ResourceAccount", operator, (request.principal.account or "",))
    need = Need("account of the resource", (Alternative((), (condition,), Certainty.CONDITIONAL),))
    return replace(
        granted,
        effect=Effect.CONDITIONAL,
        conditions=tuple(sorted({*granted.conditions, condition})),
        because=(*granted.because, need),
    )
