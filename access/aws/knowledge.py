"""What is known of a request's condition keys: their values, that they are absent, or who decides them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import TypeAlias

from access.aws.catalogue import KeyClass, condition_key, services
from access.aws.principals import Principal, PrincipalKind
from access.aws.request import Form, Mode, Request


class State(Enum):
    """Why a key has no value."""

    ABSENT = "absent"
    CHOSEN = "chosen"
    OPEN = "open"


Known: TypeAlias = tuple[str, ...] | State

_TYPES = {
    PrincipalKind.USER: "User",
    PrincipalKind.ROLE: "AssumedRole",
    PrincipalKind.SESSION: "AssumedRole",
    PrincipalKind.ROOT: "Account",
    PrincipalKind.ANONYMOUS: "Anonymous",
}
_OF_SERVICES = frozenset(
    {
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
    }
)
_NO_IDENTITY = frozenset({PrincipalKind.SERVICE, PrincipalKind.FEDERATED, PrincipalKind.ANONYMOUS})
_PROVIDERS = (
    "saml:",
    "cognito-identity.amazonaws.com:",
    "accounts.google.com:",
    "graph.facebook.com:",
    "www.amazon.com:",
)


class Knowledge:
    """The condition keys of one request, looked up by lower-cased name."""

    __slots__ = ("_request", "_seen")

    def __init__(self, request: Request) -> None:
        self._request = request
        self._seen: dict[str, Known] = {}

    def __call__(self, key: str) -> Known:
        """The values of the key, or why there are none."""
        known = self._seen.get(key)
        if known is None:
            known = self._seen[key] = self._find(key)
        return known

    def _find(self, key: str) -> Known:
        request = self._request
        given = request.context.get(key)
        if given is not None:
            return tuple(given) or State.ABSENT
        if key in request.absent:
            return State.ABSENT
        derived = _derived(key, request)
        if isinstance(derived, tuple):
            return derived
        if request.mode is not Mode.DISCOVERY:
            return State.ABSENT if request.mode is Mode.STRICT else State.OPEN
        return _by_class(key, request.settable) if derived is None else derived


def _by_class(key: str, settable: frozenset[str] | None) -> State:
    """Who decides a key that nothing is known of."""
    if condition_key(key).kind is not KeyClass.CHOSEN:
        return State.OPEN
    return State.CHOSEN if settable is None or key in settable else State.ABSENT


def _derived(key: str, request: Request) -> Known | None:
    """What follows from the principal, the resource and the instant; None where nothing does."""
    rule = _RULES.get(key)
    if rule is not None:
        return rule(request)
    if key.startswith("aws:principaltag/"):
        if request.principal.kind in _NO_IDENTITY:
            return State.ABSENT
        return _tag(key, request.principal.tags)
    service, _, rest = key.partition(":")
    if rest.startswith("resourcetag/") and service != "s3":
        return _tag(key, request.resource_tags)
    if key in _OF_SERVICES:
        return State.CHOSEN if request.principal.kind is PrincipalKind.SERVICE else State.ABSENT
    return _of_provider(key, request.principal)


def _tag(key: str, tags: Mapping[str, str] | None) -> Known:
    if tags is None:
        return State.OPEN
    name = key.partition("/")[2]
    value = next((text for tag, text in tags.items() if tag.lower() == name), None)
    return State.ABSENT if value is None else (value,)


def _of_provider(key: str, principal: Principal) -> Known | None:
    """Claims of an identity provider: the federated subject's own, nobody else's."""
    if principal.kind is not PrincipalKind.FEDERATED:
        return State.ABSENT if key.startswith(_PROVIDERS) else None
    host = principal.arn.partition("oidc-provider/")[2] or principal.arn
    return State.CHOSEN if key.startswith((*_PROVIDERS, f"{host.lower()}:")) else None


def _one(value: str | None, otherwise: State = State.OPEN) -> Known:
    return otherwise if value is None else (value,)


def _principal_arn(request: Request) -> Known:
    caller = request.principal
    if caller.kind in _NO_IDENTITY or caller.kind is PrincipalKind.ACCOUNT:
        return State.OPEN if caller.kind is PrincipalKind.ACCOUNT else State.ABSENT
    if caller.kind is not PrincipalKind.SESSION:
        return (caller.arn,)
    if caller.role_arn is not None or request.mode is not Mode.STRICT:
        return _one(caller.role_arn)
    name = caller.arn.partition(":assumed-role/")[2].partition("/")[0]
    partition = caller.arn.split(":", 2)[1]
    return (f"arn:{partition}:iam::{caller.account}:role/{name}",)


def _userid(request: Request) -> Known:
    caller = request.principal
    if caller.kind is PrincipalKind.ROOT:
        return _one(caller.account)
    if caller.kind is PrincipalKind.USER:
        return _one(caller.unique_id)
    if caller.kind is PrincipalKind.SESSION and caller.unique_id is not None:
        return (f"{caller.unique_id}:{caller.arn.rpartition('/')[2]}",)
    return State.ABSENT if caller.kind in _NO_IDENTITY else State.OPEN


def _username(request: Request) -> Known:
    caller = request.principal
    if caller.kind is PrincipalKind.USER:
        return (caller.name or caller.arn.rpartition("/")[2],)
    return State.ABSENT if caller.kind in _NO_IDENTITY else State.OPEN


def _of_identity(read: Callable[[Principal], Known]) -> Callable[[Request], Known]:
    """A value that only callers with an account have."""

    def rule(request: Request) -> Known:
        return State.ABSENT if request.principal.kind in _NO_IDENTITY else read(request.principal)

    return rule


def _paths(paths: tuple[str, ...] | None) -> Known:
    return State.OPEN if paths is None else paths or State.ABSENT


def _region(request: Request) -> Known:
    service = request.action.partition(":")[0].lower()
    if service in services().global_services:
        return (services().global_region,)
    parts = request.resource.split(":", 5)
    region = parts[3] if len(parts) == 6 else ""
    if region and not set(region) & set("*?$"):
        return (region,)
    # what does not exist yet is made where the caller likes
    return State.CHOSEN if request.form is Form.SOME else State.OPEN


def _via(request: Request) -> Known:
    if request.via_service is None:
        return State.OPEN
    if "." in request.via_service:
        return (request.via_service,)
    region = _region(request)
    return (
        (f"{request.via_service}.{region[0]}.amazonaws.com",)
        if isinstance(region, tuple)
        else State.OPEN
    )


def _caller_account(request: Request) -> Known:
    return _one(request.principal.account) if request.principal.account else State.OPEN


_RULES: dict[str, Callable[[Request], Known]] = {
    "aws:principalarn": _principal_arn,
    "aws:principalaccount": _of_identity(lambda caller: _one(caller.account)),
    "aws:principalorgid": _of_identity(lambda caller: _one(caller.organization)),
    "aws:principalorgpaths": _of_identity(lambda caller: _paths(caller.organization_paths)),
    "aws:principaltype": lambda request: _one(_TYPES.get(request.principal.kind)),
    "aws:principalisawsservice": lambda request: (
        "true" if request.principal.kind is PrincipalKind.SERVICE else "false",
    ),
    "aws:principalservicename": lambda request: (
        (request.principal.arn,)
        if request.principal.kind is PrincipalKind.SERVICE
        else State.ABSENT
    ),
    "aws:principalservicenameslist": lambda request: (
        State.OPEN if request.principal.kind is PrincipalKind.SERVICE else State.ABSENT
    ),
    "aws:userid": _userid,
    "aws:username": _username,
    "aws:resourceaccount": lambda request: _one(request.resource_account),
    "s3:resourceaccount": lambda request: _one(request.resource_account),
    "aws:resourceorgid": lambda request: _one(request.resource_organization),
    "aws:resourceorgpaths": lambda request: _paths(request.resource_organization_paths),
    "aws:requestedregion": _region,
    "aws:currenttime": lambda request: (request.now.isoformat(),),
    "aws:epochtime": lambda request: (str(int(request.now.timestamp())),),
    # a request that comes through an access point says so in its context; any other carries none of these
    "s3:dataaccesspointarn": lambda _request: State.ABSENT,
    "s3:dataaccesspointaccount": lambda _request: State.ABSENT,
    "s3:accesspointnetworkorigin": lambda _request: State.ABSENT,
    "kms:viaservice": _via,
    "kms:calleraccount": _caller_account,
}
