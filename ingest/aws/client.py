"""The AWS client: the one place that talks to AWS, and that knows how its SDK says yes, no and not now."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, PaginationError

from graph.model import GLOBAL_REGION, Outcome
from ingest.aws.client_bodies import BrokenAnswerError, CutOffError
from ingest.aws.client_errors import Kind, failure_of, kind_of, plain_page
from ingest.aws.client_sessions import ENDS, REFUSED, Access, Sessions
from ingest.fields import Json, words
from ingest.source import PART, Ask, Call, Reply

__all__ = ["Access", "AwsClient", "Sessions"]

MOST_POLLS = 12


class AwsClient:
    """Makes calls to AWS, in any account and region."""

    def __init__(
        self,
        access: Access,
        *,
        since: datetime,
        until: datetime | None = None,
        sessions: Sessions | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._access = access
        self._since = since
        self._until = until or since + timedelta(days=90)
        self._sleep = sleep
        self._sessions = sessions or Sessions(access)
        self._unreachable: set[tuple[str, str]] = set()
        self.home, self.partition = self._sessions.home, self._sessions.partition
        self.region = self._sessions.region

    # What `Client` promises.

    def ask(self, ask: Ask) -> Reply:
        """See `ingest.source.Client.ask`."""
        service, region = ask.call.client, self._region_of(ask.region)
        if (service, region) in self._unreachable:
            return Reply(Outcome.UNSUPPORTED, detail=f"no endpoint of {service} in {region}")
        reply = self._attempt(ask)
        if reply is None:  # the credentials ran out and were forgotten: take new ones, once
            reply = self._attempt(ask)
        return reply or Reply(Outcome.FAILED, detail="the credentials expired again at once")

    def release(self, region: str) -> None:
        """See `ingest.source.Client.release`."""
        self._sessions.release(self._region_of(region))

    # One call.

    def _attempt(self, ask: Ask) -> Reply | None:
        """The call's reply; None where the credentials have expired."""
        try:
            credentials = self._sessions.credentials(ask.scope)
        except REFUSED as error:  # our own are not to be had any more
            return Reply(kind_of(error, None).outcome, detail=failure_of(error).detail)
        if isinstance(credentials, Reply):
            return credentials
        try:
            client = self._sessions.client(ask.call.client, self._region_of(ask.region))
        except BotoCoreError as error:  # this version of the SDK, or the region, lacks the service
            return Reply(Outcome.UNSUPPORTED, detail=failure_of(error).detail)
        params = self._params(ask)
        pages: list[Json] = []
        try:
            with self._sessions.acting(credentials):
                try:
                    self._read(client, ask.call, params, pages)
                except CutOffError:  # the SDK tries again whatever failed but this
                    self._read(client, ask.call, params, pages)
        except REFUSED as error:
            reply = self._refused(ask, error, params, begun=bool(pages))
            if reply is None:
                self._sessions.renew(ask.scope, credentials)
            return reply
        return _told(ask.call, tuple(pages), params)

    def _refused(
        self, ask: Ask, error: Exception, params: Mapping[str, object], *, begun: bool
    ) -> Reply | None:
        """What an error says, as a reply; None where the credentials have expired.

        That there is none of a thing cannot be said any more once its first page has `begun`.
        """
        region = self._region_of(ask.region)
        known = region == self._sessions.region or ask.region == GLOBAL_REGION
        kind = kind_of(error, None if begun else ask.call, enabled=known)
        if kind is Kind.EXPIRED:
            return None
        told = failure_of(error)
        if kind is Kind.NONE:
            return Reply(Outcome.OK, (), params=dict(params))
        if kind is Kind.GONE:
            return Reply(Outcome.OK, (), detail=f"gone since it was listed: {told.detail}")
        if kind is Kind.NO_ENDPOINT:
            self._unreachable.add((ask.call.client, region))
        missing = None
        if kind.outcome is Outcome.DENIED:
            missing = told.permission or ask.call.permission or None
        return Reply(
            kind.outcome,
            None,
            missing_permission=missing,
            detail=told.detail,
            params=dict(params),
        )

    def _read(
        self, client: Any, call: Call, params: Mapping[str, object], pages: list[Json]
    ) -> None:
        """Read the pages of an answer, again and again while the platform prepares it."""
        for attempt in range(MOST_POLLS):
            pages.clear()
            self._sessions.bodies.start()
            pages.extend(self._paged(client, call, params))
            poll = call.poll
            if poll is None or not any(
                set(words(page, poll.path)) & set(poll.waiting) for page in pages
            ):
                return
            self._sleep(min(2.0**attempt, 30.0) / 4)
        raise BrokenAnswerError(
            "the platform was still preparing the answer when we stopped waiting"
        )

    def _paged(self, client: Any, call: Call, params: Mapping[str, object]) -> Iterator[Json]:
        """The pages of an answer; one that never ends, or that breaks off, is an error."""
        held: Iterator[Mapping[str, Any]]
        if call.paginated and call.token is None and client.can_paginate(call.method):
            held = iter(client.get_paginator(call.method).paginate(**params))
        else:
            held = _by_hand(getattr(client, call.method), call, params)
        more = False
        for number, page in enumerate(held):
            if number >= self._access.pages:
                raise BrokenAnswerError(f"it did not end after {number:,} pages")
            more = page.get("IsTruncated") is True
            yield plain_page(page)
            if number + 1 == call.most_pages:
                return
        if more:
            raise BrokenAnswerError("the last page says that there are more, and not where")

    def _params(self, ask: Ask) -> dict[str, Any]:
        """The arguments of the call, filled in."""
        parts = ask.argument.split(PART)
        values = {
            "item": ask.argument,
            "account": ask.scope,
            "region": ask.region,
            "partition": self.partition,
            "since": self._since.isoformat(),
            "now": self._until.isoformat(),
            "since_day": f"{self._since:%Y/%m/%d}",
            **ask.carried,
            **{str(at): part for at, part in enumerate(parts)},
        }
        return {
            str(_filled(name, values)): _filled(value, values)
            for name, value in ask.call.params.items()
        }

    def _region_of(self, region: str) -> str:
        return (
            ENDS.get(self.partition, self._sessions.region) if region == GLOBAL_REGION else region
        )


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


_PLACE = re.compile(r"\{(\w+)\}")


def _filled(value: object, values: Mapping[str, str]) -> object:
    """The value with the placeholders in its texts filled in, once: what was filled in is not looked at again."""
    if isinstance(value, str):
        return _PLACE.sub(lambda found: values.get(found[1], found[0]), value)
    if isinstance(value, Mapping):
        return {name: _filled(item, values) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(item, values) for item in value]
    return value


def _told(call: Call, pages: tuple[Json, ...], params: Mapping[str, object]) -> Reply:
    """The reply with these pages; a listing that lacks its list was not answered."""
    if call.items and pages and not any(call.items in page for page in pages):
        return Reply(Outcome.FAILED, detail=f"it holds no `{call.items}`", params=dict(params))
    return Reply(Outcome.OK, pages, items=_count(call, pages), params=dict(params))


def _count(call: Call, pages: tuple[Json, ...]) -> int:
    """How many items the answer holds; one where it is no listing."""
    if not call.items:
        return len(pages)
    return sum(len(value) for page in pages if isinstance(value := page.get(call.items), list))
