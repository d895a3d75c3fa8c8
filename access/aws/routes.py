"""The layers of one request and the routes by which it may be allowed: which slots must each hold an Allow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from access.aws.catalogue import services, wildcard_only
from access.aws.conditions import opaque
from access.aws.matching import Frame, Hit
from access.aws.naming import Strength
from access.aws.patterns import Cover, empty, relation
from access.aws.policies import Origin, Policies, Spoken
from access.aws.principals import OF_ACCOUNTS, PrincipalKind
from access.aws.quirks import impossible, untouchable
from access.aws.request import Form, Request
from access.aws.solve import Slot
from access.aws.wildcards import escape
from access.decision import Layer

# SOURCE: a session policy does not limit what a resource policy gives to the session itself (AWS guide, not measured)
SESSION_POLICY_LIMITS_EXACT = False

NO_IDENTITY_SIDE = frozenset(
    {PrincipalKind.SERVICE, PrincipalKind.FEDERATED, PrincipalKind.ANONYMOUS}
)
WITH_LIMITS = frozenset({PrincipalKind.USER, PrincipalKind.ROLE, PrincipalKind.SESSION})
LIMITS = frozenset({Layer.BOUNDARY, Layer.SESSION, Layer.SCP, Layer.RCP, Layer.ENDPOINT})


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """One set of slots that together allow the request."""

    slots: tuple[Slot, ...]

    @property
    def missing(self) -> tuple[Layer, ...]:
        """The layers of the slots that hold nothing."""
        return tuple(dict.fromkeys(slot.layer for slot in self.slots if not slot.hits))


@dataclass(slots=True)
class Layers:
    """All statements that bear on one request, by what they do."""

    frame: Frame
    policies: Policies
    denies: list[Hit] = field(default_factory=list)
    excluded: list[str] = field(
        default_factory=list
    )  # parts that a Deny or rule takes out of a question on all
    ruled_out: str = ""  # the service rule that stands against it, whatever policies say
    _slots: dict[Layer, tuple[Slot, ...]] = field(default_factory=dict)
    _given: tuple[Hit, ...] = ()  # by grants of a key

    @staticmethod
    def of(request: Request, policies: Policies) -> Layers:
        """The layers of this request."""
        form = Form.CONCRETE if request.wildcard_only else request.form
        resource = "*" if request.wildcard_only else request.resource
        bounded = policies.boundary_stack is not None and request.principal.kind in WITH_LIMITS
        layers = Layers(Frame(request, resource, form, bounded), policies)
        layers._rules()
        layers._gather()
        return layers

    def _rules(self) -> None:
        """Service rules, as parts of the question that nobody can have."""
        frame, request = self.frame, self.frame.request
        action = request.action.lower()
        self.ruled_out = impossible(action, request.principal.kind)
        for pattern, reason in untouchable(action):
            question = escape(frame.resource) if frame.form is Form.CONCRETE else frame.resource
            without = () if frame.form is Form.CONCRETE else request.excluding
            if empty(question, (*without, pattern)):
                self.ruled_out = reason
            elif relation(pattern, question, without) is not Cover.NONE:
                self.excluded.append(pattern)

    def _gather(self) -> None:
        action, policies = self.frame.request.action, self.policies
        kind = self.frame.request.principal.kind
        if kind in OF_ACCOUNTS:
            self._fill(Layer.IDENTITY, (policies.identity_stack.on(action),))
        if self.frame.bounded and policies.boundary_stack is not None:
            self._fill(Layer.BOUNDARY, (policies.boundary_stack.on(action),))
        if policies.session_stack is not None and kind in WITH_LIMITS:
            self._fill(Layer.SESSION, (policies.session_stack.on(action),))
        if policies.resource_stack is not None:
            self._fill(Layer.RESOURCE, (policies.resource_stack.on(action),))
        if policies.grant_stack:
            spoken = policies.grant_stack.on(action)
            self._given = tuple(self.frame.allows(spoken, named=True))
        if policies.endpoint_stack is not None:
            self._fill(Layer.ENDPOINT, (policies.endpoint_stack.on(action),))
        if under_scps(self.frame.request):
            self._fill(Layer.SCP, (level.on(action) for level in policies.scp_levels))
        if under_rcps(self.frame.request):
            for level in policies.rcp_levels:
                self._add_denies(self.frame.denies(level.on(action), named=True))

    def _fill(self, layer: Layer, levels: Iterable[Spoken]) -> None:
        named = layer in (Layer.RESOURCE, Layer.ENDPOINT)
        standing = layer is Layer.RESOURCE
        slots = []
        for number, spoken in enumerate(levels):
            name = f"{layer.value} level {number + 1}" if layer is Layer.SCP else layer.value
            hits = self.frame.allows(spoken, named=named, standing=standing)
            slots.append(Slot(layer, name, tuple(hits)))
            self._add_denies(self.frame.denies(spoken, named=named, standing=standing))
        self._slots[layer] = tuple(slots)

    def _add_denies(self, hits: Iterable[Hit]) -> None:
        for hit in hits:
            if self.frame.form is Form.EVERY and hit.region.include is not None:
                self.excluded += hit.region.include
            else:
                self.denies.append(hit)

    # Routes.

    def routes(self, *, same_account: bool) -> tuple[Route, ...]:
        """The routes, the usual one first."""
        common = (*self._slots.get(Layer.SCP, ()), *self._slots.get(Layer.ENDPOINT, ()))
        return tuple(Route((*slots, *common)) for slots in self._ways(same_account=same_account))

    def _ways(self, *, same_account: bool) -> Iterator[tuple[Slot, ...]]:
        named = tuple(hit for slot in self._slots.get(Layer.RESOURCE, ()) for hit in slot.hits)
        if self.frame.request.principal.kind in NO_IDENTITY_SIDE:
            yield (_resource(named),)
            return
        own = self._identity()
        session = self._slots.get(Layer.SESSION, ())
        limits = (*self._slots.get(Layer.BOUNDARY, ()), *session)
        yield from self._by_grant(own, limits)
        if not same_account:
            yield (own, _resource(named), *limits)
            return
        exact, role, account = (
            tuple(hit for hit in named if hit.strength is strength) for strength in Strength
        )
        if hands_over(self.frame.request.action, self.frame.resource):
            yield (_resource(account), own, *limits)
        else:
            yield (own, *limits)
        if exact:
            yield (_resource(exact), *(session if SESSION_POLICY_LIMITS_EXACT else ()))
        if role:
            yield (_resource(role), *limits)

    def _by_grant(self, own: Slot, limits: tuple[Slot, ...]) -> Iterator[tuple[Slot, ...]]:
        """The use of a key that a grant gives: to its grantee directly, to an account for its policies to hand on."""
        to_account = tuple(hit for hit in self._given if hit.strength is Strength.ACCOUNT)
        direct = tuple(hit for hit in self._given if hit.strength is not Strength.ACCOUNT)
        if direct:
            yield (_resource(direct), *limits)
        if to_account:
            yield (_resource(to_account), own, *limits)

    def _identity(self) -> Slot:
        """The identity side; a root user may do all in its account, of a foreign account nothing is known."""
        caller = self.frame.request.principal
        hits = tuple(hit for slot in self._slots.get(Layer.IDENTITY, ()) for hit in slot.hits)
        origin = Origin(Layer.IDENTITY, caller.arn)
        if caller.kind is PrincipalKind.ROOT:
            hits = (*hits, Hit(origin, None))
        elif caller.kind is PrincipalKind.ACCOUNT and not self.policies.identity_stack:
            hits = (Hit(origin, None, (opaque("IAM of account unread", caller.account or ""),)),)
        return Slot(Layer.IDENTITY, Layer.IDENTITY.value, hits)


def _resource(hits: tuple[Hit, ...]) -> Slot:
    return Slot(Layer.RESOURCE, Layer.RESOURCE.value, hits)


def under_scps(request: Request) -> bool:
    """Whether service control policies bind the caller."""
    caller = request.principal
    return caller.kind in OF_ACCOUNTS and not caller.service_linked and not caller.management


def under_rcps(request: Request) -> bool:
    """Whether resource control policies bind the resource."""
    return (
        not request.principal.service_linked
        and not request.resource_in_management
        and request.action.partition(":")[0].lower() in services().rcp
    )


def hands_over(action: str, resource: str) -> bool:
    """Whether identity policies count only where the resource policy hands over: role trust and keys."""
    service, _, name = action.lower().partition(":")
    if service == "kms":
        return not wildcard_only(action) and ":alias/" not in resource
    return service == "sts" and name.startswith("assumerole")
