"""The effect of a plain request without its explanation: statements are read only as far as the effect needs them."""

from __future__ import annotations

from collections.abc import Iterator

from access.aws.choose import Demand, assign
from access.aws.matching import Frame, Hit
from access.aws.naming import Strength
from access.aws.policies import Policies, Spoken
from access.aws.principals import OF_ACCOUNTS, PrincipalKind
from access.aws.quirks import impossible, untouchable
from access.aws.request import Form, Request
from access.aws.routes import (
    NO_IDENTITY_SIDE,
    SESSION_POLICY_LIMITS_EXACT,
    WITH_LIMITS,
    hands_over,
    under_rcps,
    under_scps,
)
from access.aws.wildcards import TooManyStates, arn_matcher
from access.decision import Effect

NO, MAYBE, YES = 0, 1, 2


def swift_effect(request: Request, policies: Policies, *, same_account: bool) -> Effect | None:
    """The effect where it shows without searching; None where it takes the whole decision."""
    kind = request.principal.kind
    action = request.action.lower()
    if request.form is not Form.CONCRETE and not request.wildcard_only:
        return None
    resource = "*" if request.wildcard_only else request.resource
    if impossible(action, kind) or _untouchable(action, resource) or policies.grant_stack:
        return None
    if kind is PrincipalKind.ACCOUNT and not policies.identity_stack:
        return None
    bounded = policies.boundary_stack is not None and kind in WITH_LIMITS
    look = _Look(Frame(request, resource, Form.CONCRETE, bounded), policies)
    denied = look.denied()
    if denied is not False:
        return Effect.EXPLICIT_DENY if denied else None
    found = look.allowed(same_account=same_account)
    if found == MAYBE:
        return None
    return Effect.ALLOW if found == YES else Effect.IMPLICIT_DENY


def _untouchable(action: str, resource: str) -> bool:
    """Whether a rule of the service is about the resource: nobody can do this lower-cased action on it."""
    return any(arn_matcher(pattern)(resource) for pattern, _reason in untouchable(action))


class _Look:
    """One request, looked at layer by layer."""

    __slots__ = ("_action", "_frame", "_kind", "_policies", "_scps")

    def __init__(self, frame: Frame, policies: Policies) -> None:
        self._frame = frame
        self._policies = policies
        self._action = frame.request.action
        self._kind = frame.request.principal.kind
        self._scps = policies.scp_levels if under_scps(frame.request) else ()

    def denied(self) -> bool | None:
        """Whether a Deny hits for certain; None where that depends on more than a free choice of the caller."""
        demands: dict[str, frozenset[Demand]] = {}
        doubt = False
        for hit in self._denies():
            if not hit.atoms:
                return True
            for atom in hit.atoms:
                if not atom.open and atom.demand is not None:
                    known = demands.get(atom.key, frozenset())
                    demands[atom.key] = known | {atom.demand.opposite}
                    break
            else:
                doubt = True
        try:
            return None if doubt or (demands and assign(demands) is None) else False
        except TooManyStates:
            return None

    def _denies(self) -> Iterator[Hit]:
        for spoken, named in self._spoken():
            if spoken.denies:
                yield from self._frame.bearing(spoken.denies, named=named, standing=named)
            if spoken.unread:
                yield from self._frame.denies(Spoken((), (), spoken.unread), named=named)

    def _spoken(self) -> Iterator[tuple[Spoken, bool]]:
        """What each layer says of the action, and whether it says whom it is about."""
        policies, action = self._policies, self._action
        if self._kind in OF_ACCOUNTS:
            yield policies.identity_stack.on(action), False
        if self._kind in WITH_LIMITS:
            for stack in (policies.boundary_stack, policies.session_stack):
                if stack is not None:
                    yield stack.on(action), False
        for stack in (policies.resource_stack, policies.endpoint_stack):
            if stack is not None:
                yield stack.on(action), True
        for level in self._scps:
            yield level.on(action), False
        if policies.rcp_levels and under_rcps(self._frame.request):
            for level in policies.rcp_levels:
                yield level.on(action), True

    def _holds(self, spoken: Spoken, *, named: bool = False) -> int:
        """Whether some Allow is there: for certain, maybe, or not at all."""
        best = MAYBE if any(policy.may_allow for policy in spoken.unread) else NO
        for hit in self._frame.bearing(spoken.allows, named=named):
            if not hit.atoms:
                return YES
            best = MAYBE
        return best

    def allowed(self, *, same_account: bool) -> int:
        """Whether the layers that must allow do."""
        policies, action = self._policies, self._action
        common = YES
        for level in self._scps:
            common = min(common, self._holds(level.on(action)))
        if policies.endpoint_stack is not None and common:
            common = min(common, self._holds(policies.endpoint_stack.on(action), named=True))
        return min(common, self._sides(same_account=same_account)) if common else NO

    def _sides(self, *, same_account: bool) -> int:
        exact, role, account = self._resource()
        if self._kind in NO_IDENTITY_SIDE:
            return max(exact, role, account)
        limits, session = self._limits()
        direct = min(exact, session) if SESSION_POLICY_LIMITS_EXACT else exact
        if same_account and direct == YES:
            return YES
        own = YES if self._kind is PrincipalKind.ROOT else NO
        if limits and not own:
            own = self._holds(self._policies.identity_stack.on(self._action))
        if not same_account:
            return min(own, limits, max(exact, role, account))
        if hands_over(self._action, self._frame.resource):
            own = min(own, account)
        return max(direct, min(role, limits), min(own, limits))

    def _limits(self) -> tuple[int, int]:
        """Boundary and session together, and the session alone."""
        policies, action = self._policies, self._action
        if self._kind not in WITH_LIMITS:
            return YES, YES
        session = YES
        if policies.session_stack is not None:
            session = self._holds(policies.session_stack.on(action))
        if policies.boundary_stack is None:
            return session, session
        return min(session, self._holds(policies.boundary_stack.on(action))), session

    def _resource(self) -> list[int]:
        """By strength, whether the resource policy allows."""
        best = [NO, NO, NO]
        stack = self._policies.resource_stack
        if stack is None:
            return best
        spoken = stack.on(self._action)
        if not spoken.allows and not spoken.unread:
            return best
        for hit in self._frame.allows(spoken, named=True, standing=True):
            place: Strength = hit.strength
            best[place] = max(best[place], MAYBE if hit.atoms else YES)
        return best
