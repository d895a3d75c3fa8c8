"""One writer at a time: a node that names the owner and ends by itself, by the server's clock.

Every transaction of a run begins with the lock, so that a writer who lost it, since its machine slept, writes nothing more.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Self
from uuid import uuid4

import neo4j

from graph.errors import StoreError
from graph.stores.neo4j_link import Link, rows

LEASE_SECONDS = 60.0
_TURN = "writer"
# The node is written to before it is read: else two that come at once both find it free, and the later one takes it away.
_TAKE = """
MERGE (lock:Lock {name: $name}) ON CREATE SET lock.expires = 0
SET lock.asked = $owner
WITH lock, lock.owner IS NULL OR lock.expires < timestamp() OR lock.owner = $owner AS free, lock.holder AS holder
FOREACH (_ IN CASE WHEN free THEN [1] ELSE [] END |
    SET lock.owner = $owner, lock.holder = $holder, lock.expires = timestamp() + $lease)
RETURN free, holder"""
_HOLD = """
MATCH (lock:Lock {name: $name, owner: $owner}) SET lock.expires = timestamp() + $lease RETURN count(lock)"""
_LEAVE = "MATCH (lock:Lock {name: $name, owner: $owner}) REMOVE lock.owner, lock.holder SET lock.expires = 0"


class Lock:
    """The turn to write, held from the moment it is made until it is left; a thread renews it meanwhile."""

    def __init__(self, link: Link, *, patience: float, lease: float = LEASE_SECONDS) -> None:
        self._link = link
        self._owner = uuid4().hex
        self._lease = round(lease * 1000)
        self._ended = threading.Event()
        self._take(patience)
        self._renewing = threading.Thread(target=self._renew, args=(lease / 4,), daemon=True)
        self._renewing.start()

    def _take(self, patience: float) -> None:
        until = time.monotonic() + patience
        holder = f"{socket.gethostname()}, process {os.getpid()}"
        while True:
            # The lock node is made in a transaction of its own; two at once are put in order by its uniqueness.
            free, other = self._link.write(
                _TAKE, name=_TURN, owner=self._owner, holder=holder, lease=self._lease
            )[0]
            if free:
                return
            if time.monotonic() >= until:
                error = StoreError(f"store `{self._link.address}` is held by another run ({other})")
                error.add_note("wait until it has ended; a run that died is let go after a minute")
                raise error
            time.sleep(min(0.2, max(0.0, until - time.monotonic())))

    def _renew(self, pause: float) -> None:
        while not self._ended.wait(pause):
            try:
                self._link.writing(self.hold)
            except StoreError:
                continue  # the run's own next transaction tells it

    def hold(self, transaction: neo4j.ManagedTransaction) -> None:
        """Begin a transaction of the run: `StoreError` where the turn was lost."""
        held = rows(transaction, _HOLD, name=_TURN, owner=self._owner, lease=self._lease)
        if not held[0][0]:
            raise StoreError(
                f"store `{self._link.address}`: this run took too long to answer, and another one began"
            )

    def leave(self) -> None:
        """Give the turn back."""
        if not self._ended.is_set():
            self._ended.set()
            self._renewing.join()
            with suppress(StoreError):  # a server that is gone forgets the turn by itself
                self._link.write(_LEAVE, name=_TURN, owner=self._owner)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave()
