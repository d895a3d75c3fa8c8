"""Who we are in each account, and the SDK's clients: one for each service and region, shared by all accounts.

Clients are dear (time and memory), credentials are cheap. So every client signs with the credentials that its calling
thread holds at that moment, and no account needs clients of its own.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.credentials import Credentials, ReadOnlyCredentials
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
from botocore.loaders import Loader
from botocore.parsers import ResponseParserError

from graph.errors import SourceError, with_advice
from graph.model import Outcome
from ingest.aws.client_bodies import MALFORMED, Bodies, BrokenAnswerError
from ingest.aws.client_errors import Kind, failure_of, kind_of
from ingest.aws.names import Arn
from ingest.source import Reply

ENDS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""The region that answers calls which belong to no region, by partition."""

MOST_PAGES = 5_000
MOST_BYTES = 512 * 2**20
MOST_CLIENTS = 256
SESSION = "shadowgraph"
REFUSED = (ClientError, BotoCoreError, ResponseParserError, BrokenAnswerError, *MALFORMED)
"""What is raised where a call does not end well."""


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
    pages: int = MOST_PAGES  # of one answer
    size: int = MOST_BYTES  # of one answer, as it came over the network


@cache
def _loader() -> Loader:
    """The SDK's service models: large, and equal for all sessions."""
    return Loader(include_default_search_paths=True)


class _Bearer(Credentials):  # type: ignore[misc]  # botocore has no types
    """Credentials that are those which the calling thread holds."""

    def __init__(self) -> None:
        super().__init__("", "", method=SESSION)
        self._here = threading.local()

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        """The credentials to sign with, at one instant."""
        held = getattr(self._here, "credentials", None)
        if held is None:
            raise NoCredentialsError
        return held.get_frozen_credentials()

    @contextmanager
    def bearing(self, credentials: Credentials) -> Iterator[None]:
        """Sign what this thread asks with these credentials."""
        before = getattr(self._here, "credentials", None)
        self._here.credentials = credentials
        try:
            yield
        finally:
            self._here.credentials = before


@dataclass(frozen=True, slots=True)
class _Provider:
    """What a session asks for credentials."""

    credentials: Credentials

    def load_credentials(self) -> Credentials:
        """The credentials."""
        return self.credentials


class Sessions:
    """Credentials by account, clients by service and region; used by several threads."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._bearer = _Bearer()
        self.bodies = Bodies(access.size)
        self._making = threading.Lock()
        self._clients: OrderedDict[tuple[str, str], Any] = OrderedDict()
        self._entering: dict[str, threading.Lock] = {}
        self._held: dict[str, Credentials | Reply] = {}
        try:
            self._maker = self._session()
            self._maker.register_component("credential_provider", _Provider(self._bearer))
            named = self._maker.get_config_variable("region")
            self.region = access.region or str(named or ENDS["aws"])
            self.home, self.partition = self._whoami()
        except REFUSED as error:
            raise with_advice(
                SourceError(f"AWS does not say who we are: {failure_of(error).detail}"),
                "give credentials as for the AWS command line (profile, environment, instance role)",
            ) from error

    def _session(self) -> botocore.session.Session:
        session = botocore.session.Session(profile=self._access.profile or None)
        session.register_component("data_loader", _loader())
        return session

    def _own(self) -> Credentials:
        """The credentials that we were started with, as they are now."""
        found = self._session().get_credentials()
        if found is None:
            raise NoCredentialsError
        return found

    def _whoami(self) -> tuple[str, str]:
        """The account and partition of our own credentials."""
        own = self._own()
        with self._bearer.bearing(own):
            found = self.client("sts", self.region).get_caller_identity()
        account = str(found["Account"])
        self._held[account] = own
        arn = Arn.parse(str(found.get("Arn", "")))
        return account, arn.partition if arn else "aws"

    # Credentials.

    def credentials(self, scope: str) -> Credentials | Reply:
        """What calls to the account are signed with; the reply for all of them where it cannot be entered."""
        with self._making:
            entering = self._entering.setdefault(scope, threading.Lock())
        with entering:  # several threads want one account at once; others do not wait
            if scope not in self._held:
                self._held[scope] = self._own() if scope == self.home else self._entered(scope)
            return self._held[scope]

    def renew(self, scope: str, used: Credentials) -> None:
        """Forget the account's credentials, which have expired, where no other thread did so before."""
        with self._making:
            if self._held.get(scope) is used:
                del self._held[scope]

    @contextmanager
    def acting(self, credentials: Credentials) -> Iterator[None]:
        """Sign what this thread asks with these credentials."""
        with self._bearer.bearing(credentials):
            yield

    def _entered(self, scope: str) -> Credentials | Reply:
        """The credentials of another account's reader role; the reply for all its calls where it is refused."""
        if not self._access.role:
            return Reply(
                Outcome.DENIED, detail="no role to assume in other accounts is set (aws.role)"
            )
        role = f"arn:{self.partition}:iam::{scope}:role/{self._access.role}"
        told = self._assumed(role)
        if isinstance(told, Kind):  # ours ran out: once more with new ones
            told = self._assumed(role)
        if isinstance(told, Kind):
            return Reply(
                told.outcome, detail=f"our own credentials have expired; cannot assume {role}"
            )
        return told

    def _assumed(self, role: str) -> Credentials | Reply | Kind:
        asked = {"RoleArn": role, "RoleSessionName": SESSION}
        if self._access.external_id:
            asked["ExternalId"] = self._access.external_id
        own: Credentials | Reply | None = None
        try:
            own = self.credentials(self.home)
            with self._bearer.bearing(own):
                held = self.client("sts", self.region).assume_role(**asked)["Credentials"]
            return Credentials(
                held["AccessKeyId"], held["SecretAccessKey"], held["SessionToken"], method=SESSION
            )
        except REFUSED as error:
            told, kind = failure_of(error), kind_of(error, None)
            if kind is Kind.EXPIRED and own is not None:
                self.renew(self.home, own)
                return kind
            missing = f"sts:AssumeRole on {role}" if kind.outcome is Outcome.DENIED else None
            return Reply(kind.outcome, missing_permission=missing, detail=told.detail)

    # Clients.

    def client(self, service: str, region: str) -> Any:
        """The client of a service in a region; it signs with what its calling thread holds."""
        key = (service, region)
        with self._making:  # the SDK's sessions make one client at a time
            if key not in self._clients:
                self._clients[key] = self._make(service, region)
            self._clients.move_to_end(key)
            while len(self._clients) > MOST_CLIENTS:
                self._clients.popitem(last=False)  # whoever uses it still, holds it
            return self._clients[key]

    def release(self, region: str) -> None:
        """Drop the clients of a region; one that another thread still uses closes when that is done."""
        with self._making:
            for key in [key for key in self._clients if key[1] == region]:
                del self._clients[key]

    def _make(self, service: str, region: str) -> Any:
        access = self._access
        config = Config(
            retries={"mode": "adaptive", "total_max_attempts": access.tries},
            connect_timeout=min(access.timeout, 10.0),
            read_timeout=access.timeout,
            user_agent_extra=SESSION,
            s3={"addressing_style": "path"} if access.endpoint else None,
        )
        client = self._maker.create_client(
            service,
            region_name=region,
            endpoint_url=access.endpoint or None,
            verify=access.ca_file or None,
            config=config,
        )
        client.meta.events.register("before-parse", self.bodies.judge)
        return client
