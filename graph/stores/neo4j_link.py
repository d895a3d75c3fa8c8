"""The connection to a Neo4j server: its address, who one is there, managed transactions, and errors in one line.

User and password, or a bearer token, come from the environment and never from the URL. The driver retries what the server
calls transient (a deadlock, a leader that moved, a connection that broke); a transaction that is too large is not retried
but told, so that the caller halves it.
"""

from __future__ import annotations

import os
import random
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, LiteralString, TypeVar, cast
from urllib.parse import urlsplit

import neo4j
from neo4j.exceptions import AuthError, ConfigurationError, DriverError, Neo4jError

from graph.check import shown
from graph.errors import StoreError

SCHEMES = frozenset({"neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc"})
RETRY_SECONDS = (
    60.0  # how long a transaction is tried again while the server says that it may go better
)
_TOO_LARGE = "MemoryPoolOutOfMemoryError"
_CONNECT_SECONDS = 15.0
_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 4.0

Answer = TypeVar("Answer")
Row = list[Any]
Work = Callable[[neo4j.ManagedTransaction], Answer]


class TooLargeError(StoreError):
    """One transaction was more than the server's memory holds; it was rolled back."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is, and which database of it is meant (`""`: its home database)."""

    url: str
    database: str = ""

    def __str__(self) -> str:
        """As a user writes it."""
        return f"{self.url}/{self.database}" if self.database else self.url


def address(url: str) -> Address:
    """The address that a store URL names: `neo4j://host:7687` or `bolt+s://host:7687/database`.

    Errors:
        StoreError: it names no host, holds a password, or has parts that mean nothing here.
    """
    parts = urlsplit(url)
    if parts.username is not None or parts.password is not None:
        error = StoreError("a store URL holds no user and no password")
        error.add_note("set NEO4J_USERNAME and NEO4J_PASSWORD, or NEO4J_BEARER_TOKEN")
        raise error
    database = parts.path.strip("/")
    try:
        named = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        named = False
    if parts.scheme not in SCHEMES or not named or "/" in database:
        error = StoreError(f"`{shown(url)}` names no Neo4j server")
        error.add_note("write `neo4j://host:7687` or `neo4j+s://host:7687/database`")
        raise error
    query = f"?{parts.query}" if parts.query else ""
    return Address(f"{parts.scheme}://{parts.netloc}{query}", database)


def _auth(environment: Mapping[str, str]) -> neo4j.Auth | None:
    token = environment.get("NEO4J_BEARER_TOKEN")
    if token:
        return neo4j.bearer_auth(token)
    user = environment.get("NEO4J_USERNAME") or environment.get("NEO4J_USER") or "neo4j"
    password = environment.get("NEO4J_PASSWORD")
    return neo4j.basic_auth(user, password) if password else None


class Link:
    """One driver; threads may share it."""

    def __init__(self, where: Address, environment: Mapping[str, str] | None = None) -> None:
        self.address = where
        said = os.environ if environment is None else environment
        self.database = where.database or said.get("NEO4J_DATABASE") or None
        with self.spoken():
            self._driver = neo4j.GraphDatabase.driver(
                where.url,
                auth=_auth(said),
                connection_timeout=_CONNECT_SECONDS,
                max_transaction_retry_time=0,
                notifications_min_severity="OFF",
                user_agent="shadowgraph",
            )
            try:
                self._driver.verify_connectivity()
            except BaseException:
                self._driver.close()
                raise

    @contextmanager
    def spoken(self) -> Iterator[None]:
        """Errors of the driver and of the server, told as errors of the store."""
        try:
            yield
        except AuthError as error:
            told = StoreError(f"the Neo4j server at `{self.address}` refuses this user")
            told.add_note("set NEO4J_USERNAME and NEO4J_PASSWORD, or NEO4J_BEARER_TOKEN")
            raise told from error
        except (DriverError, Neo4jError, ConfigurationError, ValueError, OSError) as error:
            told = StoreError(f"store `{self.address}`: {_reason(error)}")
            if any(isinstance(one, ssl.SSLCertVerificationError) for one in _causes(error)):
                told.add_note("name the file of your own authority in SSL_CERT_FILE")
            raise told from error

    def _session(self, *, write: bool) -> neo4j.Session:
        mode = neo4j.WRITE_ACCESS if write else neo4j.READ_ACCESS
        manager = self._driver.execute_query_bookmark_manager
        return self._driver.session(database=self.database, default_access_mode=mode, bookmark_manager=manager)  # fmt: skip

    def read(self, statement: str, **parameters: Any) -> list[Row]:
        """The rows of one statement, in a read transaction."""
        return self.reading(lambda transaction: _rows(transaction, statement, parameters))

    def reading(self, work: Work[Answer]) -> Answer:
        """What several statements in one read transaction answer."""
        return self._again(lambda session: session.execute_read(work), write=False)

    def _again(self, asked: Callable[[neo4j.Session], Answer], *, write: bool) -> Answer:
        """What a managed transaction answers, tried again while that may help.

        The driver's own loop would try an over-large transaction again for a minute, since the server calls it transient:
        so the driver is told to try once, and the loop is here.
        """
        until, pause = time.monotonic() + RETRY_SECONDS, _PAUSE_SECONDS
        while True:
            with self.spoken():
                try:
                    with self._session(write=write) as session:
                        return asked(session)
                except (DriverError, Neo4jError) as error:
                    if _TOO_LARGE in (getattr(error, "code", None) or ""):
                        raise TooLargeError(
                            f"store `{self.address}` has no memory for so much at once"
                        ) from error
                    if not error.is_retryable() or time.monotonic() > until:
                        raise
            time.sleep(pause * (0.5 + random.random()))  # noqa: S311 - two that met are to part, no secret
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    def writing(self, work: Work[Answer]) -> Answer:
        """What several statements in one write transaction answer; it is tried again after a transient error.

        Errors:
            TooLargeError: the transaction does not fit into the server's memory.
        """
        return self._again(lambda session: session.execute_write(work), write=True)

    def write(self, statement: str, **parameters: Any) -> list[Row]:
        """The rows of one statement, in a write transaction."""
        return self.writing(lambda transaction: _rows(transaction, statement, parameters))

    def alone(self, statement: str, **parameters: Any) -> list[Row]:
        """The rows of a statement that makes its own transactions, or changes indexes."""
        with self.spoken(), self._session(write=True) as session:
            return [record.values() for record in session.run(_known(statement), parameters)]

    @contextmanager
    def asking(self) -> Iterator[neo4j.Session]:
        """A session for reading, for statements that users wrote."""
        with self.spoken(), self._session(write=False) as session:
            yield session

    def close(self) -> None:
        """End all connections."""
        self._driver.close()


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all that led to it: the driver wraps what the network said, once for each server that it tried."""
    yield error
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _causes(one)
    before = error.__cause__ or error.__context__
    if before is not None:
        yield from _causes(before)


def _reason(error: Exception) -> str:
    """Why, in one line."""
    for one in _causes(error):
        if isinstance(one, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted here: {shown(one.verify_message)[:200]}"
    said = (getattr(error, "message", None) or str(error)).splitlines() or [""]
    # What could not be reached stands in the first line, and why in the second.
    more = said[1:2] if said[0].endswith(":") else []
    return shown(" ".join([said[0], *more]))[:300]


def _known(statement: str) -> LiteralString:
    """The statement as the driver takes it: ours are put together of names that are checked against the schema."""
    return cast("Any", statement)  # type: ignore[no-any-return]  # a text that was put together is no literal


def rows(transaction: neo4j.ManagedTransaction, statement: str, **parameters: Any) -> list[Row]:
    """The rows of one statement within a transaction."""
    return _rows(transaction, statement, parameters)


def _rows(
    transaction: neo4j.ManagedTransaction, statement: str, parameters: dict[str, Any]
) -> list[Row]:
    return [record.values() for record in transaction.run(_known(statement), parameters)]
