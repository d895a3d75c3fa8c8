"""The AWS client: the one place that talks to AWS, and that knows how its SDK says yes, no and not now."""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPException
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, PaginationError
from botocore.loaders import Loader

from graph.errors import SourceError, with_advice
from graph.model import GLOBAL_REGION, Outcome
from ingest.aws.client_errors import Kind, failure_of, kind_of, plain_page
from ingest.aws.names import Arn
from ingest.fields import Json, words
from ingest.source import PART, Ask, Call, Reply

ENDS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""The region that answers calls which belong to no region, by partition."""

MOST_PAGES = 5_000
MOST_POLLS = 12
SESSION = "shadowgraph"
_JSON = frozenset({"json", "rest-json"})
# What botocore raises on a body that does not fit the shape it expects, beside its own errors.
_MALFORMED = (OSError, ValueError, TypeError, KeyError, AttributeError, HTTPException)


@dataclass(frozen=True, slots=True)
class Access:
    """How AWS is reached; what is empty is left to the SDK's own chain."""

    profile: str = ""
    region: str = ""
    role: str = ""  # name of the role to assume in other accounts
    external_id: str = ""
    endpoint: str = ""
    ca_file: str = ""
    tries: int = 8
    timeout: float = 30.0
    pages: int = MOST_PAGES


class _BrokenAnswerError(Exception):
    """An answer that says it is one, and is not."""


class AwsClient:
    """Makes calls to AWS: a session per account, clients as long as their lane is open."""

    def __init__(
        self, access: Access, *, since: datetime, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._access = access
        self._since = since
        self._sleep = sleep
        self._loader = Loader(include_default_search_paths=True)
        self._lock = threading.Lock()
        self._sessions: dict[str, botocore.session.Session | Reply] = {}
        self._clients: OrderedDict[tuple[str, str, str], Any] = OrderedDict()
        self._unreachable: set[tuple[str, str]] = set()
        self._base = self._new_session(access.profile)
        self.region = access.region or str(self._base.get_config_variable("region") or ENDS["aws"])
        self.home, self.partition = self._whoami()

    def _new_session(self, profile: str = "") -> botocore.session.Session:
        session = botocore.session.Session(profile=profile or None)
        # One loader for all: the service models are large, and equal for all accounts.
        session.register_component("data_loader", self._loader)
        return session

    def _whoami(self) -> tuple[str, str]:
        """The account and partition of the credentials in use; `SourceError` where there are none that work."""
        try:
            found = self._make(self._base, "sts", self.region).get_caller_identity()
        except (ClientError, BotoCoreError, *_MALFORMED) as error:
            raise with_advice(
                SourceError(f"AWS does not say who we are: {failure_of(error).detail}"),
                "give credentials as for the AWS command line (profile, environment, instance role)",
            ) from error
        arn = Arn.parse(str(found.get("Arn", "")))
        return str(found["Account"]), arn.partition if arn else "aws"

    # What `Client` promises.

    def ask(self, ask: Ask) -> Reply:
        """See `ingest.source.Client.ask`."""
        service, region = ask.call.client, self._region_of(ask)
        if (service, region) in self._unreachable:
            return Reply(Outcome.UNSUPPORTED, detail=f"no endpoint of {service} in {region}")
        reply = self._attempt(ask)
        if reply is None:  # the credentials ran out: take new ones, once
            self._forget(ask.scope)
            reply = self._attempt(ask)
        return reply or Reply(Outcome.FAILED, detail="the credentials expired again at once")

    def release(self, scope: str, region: str) -> None:
        """See `ingest.source.Client.release`."""
        with self._lock:
            for key in [key for key in self._clients if key[:2] == (scope, region)]:
                self._clients.pop(key).close()

    # One call.

    def _attempt(self, ask: Ask) -> Reply | None:
        """The call's reply; None where the credentials have expired."""
        try:
            client = self._client(ask)
        except BotoCoreError as error:  # this version of the SDK, or the region, lacks the service
            return Reply(Outcome.UNSUPPORTED, detail=failure_of(error).detail)
        if isinstance(client, Reply):
            return client
        params = self._params(ask)
        try:
            pages = self._pages(client, ask.call, params)
        except (ClientError, BotoCoreError, _BrokenAnswerError, *_MALFORMED) as error:
            return self._refused(ask, error, params)
        return Reply(Outcome.OK, pages, items=_count(ask.call, pages), params=_shown(params))

    def _refused(self, ask: Ask, error: Exception, params: Mapping[str, object]) -> Reply | None:
        """What an error says, as a reply; None where the credentials have expired."""
        kind = kind_of(error, ask.call)
        if kind is Kind.EXPIRED:
            return None
        told = failure_of(error)
        if kind is Kind.NONE:
            return Reply(Outcome.OK, (), params=_shown(params))
        if kind is Kind.GONE:
            return Reply(Outcome.OK, (), detail=f"gone since it was listed: {told.detail}")
        if kind is Kind.NO_ENDPOINT:
            self._unreachable.add((ask.call.client, self._region_of(ask)))
        missing = None
        if kind.outcome is Outcome.DENIED:
            missing = told.permission or ask.call.permission or None
        return Reply(
            kind.outcome,
            None,
            missing_permission=missing,
            detail=told.detail,
            params=_shown(params),
        )

    def _pages(self, client: Any, call: Call, params: Mapping[str, object]) -> tuple[Json, ...]:
        for attempt in range(MOST_POLLS):
            pages = tuple(self._paged(client, call, params))
            poll = call.poll
            if poll is None or not any(
                set(words(page, poll.path)) & set(poll.waiting) for page in pages
            ):
                return pages
            self._sleep(min(2.0**attempt, 30.0) / 4)
        raise _BrokenAnswerError(
            "the platform was still preparing the answer when we stopped waiting"
        )

    def _paged(self, client: Any, call: Call, params: Mapping[str, object]) -> Iterator[Json]:
        """The pages of an answer; one that never ends is an error."""
        held: Iterator[Mapping[str, Any]]
        if call.paginated and call.token is None and client.can_paginate(call.method):
            held = iter(client.get_paginator(call.method).paginate(**params))
        else:
            held = _by_hand(getattr(client, call.method), call, params)
        for number, page in enumerate(held):
            if call.most_pages and number >= call.most_pages:
                return
            if number >= self._access.pages:
                raise _BrokenAnswerError(f"it did not end after {number:,} pages")
            yield plain_page(page)

    def _params(self, ask: Ask) -> dict[str, Any]:
        """The arguments of the call, filled in."""
        parts = ask.argument.split(PART)
        values = {
            "item": ask.argument,
            "account": ask.scope,
            "region": ask.region,
            "partition": self.partition,
            "since": self._since.isoformat(),
            "since_day": f"{self._since:%Y/%m/%d}",
            **ask.carried,
            **{str(at): part for at, part in enumerate(parts)},
        }
        return {name: _filled(value, values) for name, value in ask.call.params.items()}

    # Sessions and clients.

    def _region_of(self, ask: Ask) -> str:
        return ENDS.get(self.partition, self.region) if ask.region == GLOBAL_REGION else ask.region

    def _client(self, ask: Ask) -> Any:
        """The client for a call, or the reply where the account cannot be entered."""
        key = (ask.scope, ask.region, ask.call.client)
        with self._lock:
            if key in self._clients:
                return self._clients[key]
            session = self._session(ask.scope)
            if isinstance(session, Reply):
                return session
            client = self._make(session, ask.call.client, self._region_of(ask))
            self._clients[key] = client
            return client

    def _forget(self, scope: str) -> None:
        """Drop what was made with credentials that have expired."""
        with self._lock:
            self._sessions.pop(scope, None)
            for key in [key for key in self._clients if key[0] == scope]:
                self._clients.pop(key)

    def _session(self, scope: str) -> botocore.session.Session | Reply:
        if scope not in self._sessions:
            self._sessions[scope] = self._base if scope == self.home else self._entered(scope)
        return self._sessions[scope]

    def _entered(self, scope: str) -> botocore.session.Session | Reply:
        """A session in another account, by its reader role; the reply for all its calls where it is refused."""
        if not self._access.role:
            return Reply(
                Outcome.DENIED, detail="no role to assume in other accounts is set (aws.role)"
            )
        role = f"arn:{self.partition}:iam::{scope}:role/{self._access.role}"
        asked = {"RoleArn": role, "RoleSessionName": SESSION}
        if self._access.external_id:
            asked["ExternalId"] = self._access.external_id
        try:
            held = self._make(self._base, "sts", self.region).assume_role(**asked)["Credentials"]
        except (ClientError, BotoCoreError, *_MALFORMED) as error:
            told, kind = failure_of(error), kind_of(error, None)
            missing = f"sts:AssumeRole on {role}" if kind.outcome is Outcome.DENIED else None
            return Reply(kind.outcome, missing_permission=missing, detail=told.detail)
        session = self._new_session()
        session.set_credentials(held["AccessKeyId"], held["SecretAccessKey"], held["SessionToken"])
        return session

    def _make(self, session: botocore.session.Session, service: str, region: str) -> Any:
        access = self._access
        config = Config(
            retries={"mode": "adaptive", "total_max_attempts": access.tries},
            connect_timeout=min(access.timeout, 10.0),
            read_timeout=access.timeout,
            user_agent_extra=SESSION,
            s3={"addressing_style": "path"} if access.endpoint else None,
        )
        client = session.create_client(
            service,
            region_name=region,
            endpoint_url=access.endpoint or None,
            verify=access.ca_file or None,
            config=config,
        )
        if client.meta.service_model.resolved_protocol in _JSON:
            client.meta.events.register("before-parse", _whole_json)
        return client


def _whole_json(response_dict: Mapping[str, Any], **_rest: object) -> None:
    """Refuse an answer that is no JSON: botocore would take it for one without members, an empty estate."""
    body, status = response_dict.get("body"), response_dict.get("status_code", 0)
    if status >= 300 or not isinstance(body, bytes) or not body.strip():
        return
    try:
        parsed = json.loads(body)
    except ValueError:
        raise _BrokenAnswerError("the answer is no JSON") from None
    if not isinstance(parsed, dict):
        raise _BrokenAnswerError("the answer is no JSON object")


def _by_hand(
    method: Callable[..., Mapping[str, Any]], call: Call, params: Mapping[str, object]
) -> Iterator[Mapping[str, Any]]:
    """The pages of a call that the SDK has no paginator for."""
    asked, seen = dict(params), set[str]()
    while True:
        page = method(**asked)
        yield page
        param, path = call.token or ("", "")
        token = next(iter(words(page, path)), "") if path else ""
        if not token:
            return
        if token in seen:
            raise PaginationError(message=f"the same next token was received twice: {token}")
        seen.add(token)
        asked[param] = token


def _filled(value: object, values: Mapping[str, str]) -> object:
    """The value with the placeholders in its texts filled in."""
    if isinstance(value, str):
        for name, text in values.items():
            if value == f"{{{name}}}":
                return text
            value = value.replace(f"{{{name}}}", text) if text.isascii() else value
        return value
    if isinstance(value, Mapping):
        return {name: _filled(item, values) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(item, values) for item in value]
    return value


def _shown(params: Mapping[str, object]) -> dict[str, object]:
    return dict(params)


def _count(call: Call, pages: tuple[Json, ...]) -> int:
    """How many items the answer holds; one where it is no listing."""
    if not call.items:
        return len(pages)
    return sum(len(value) for page in pages if isinstance(value := page.get(call.items), list))
