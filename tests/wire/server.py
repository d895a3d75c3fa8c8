"""A server for tests on this machine alone: HTTP/1.1 with keep-alive, and a log of what it was asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol

from wire.answers import Wired
from wire.requests import Asked, Catalogue


class Answering(Protocol):
    """What a server says to what it is asked; asked by several threads."""

    catalogue: Catalogue

    def answer(self, asked: Asked) -> Wired:
        """The answer."""


class _Listening(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_: object) -> None:
        """A client that goes away is no news."""


class Wire:
    """A running server."""

    def __init__(self, answering: Answering) -> None:
        self.answering = answering
        self.log: list[Asked] = []
        self._server = _Listening(("127.0.0.1", 0), _handler(self))
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )

    @property
    def url(self) -> str:
        """Where it answers; by name, for services that put an account id in front of the host."""
        return f"http://localhost:{self.port}"

    def start(self) -> None:
        """Answer from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def asked(self, name: str) -> list[Asked]:
        """The requests of this operation, e.g. `kms.ListKeys`, in order."""
        return [asked for asked in self.log if asked.name == name]


def _handler(wire: Wire) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = wire.answering.catalogue.understood(
                self.command, self.path, dict(self.headers.items()), body
            )
            wire.log.append(asked)
            self._send(wire.answering.answer(asked))

        def _send(self, wired: Wired) -> None:
            if wired.wait:
                time.sleep(wired.wait)
            self.send_response_only(wired.status)
            for name, value in wired.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(wired.body)))
            self.end_headers()
            self.wfile.write(wired.body[: wired.cut])
            if wired.cut is not None:
                self.close_connection = True

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = _answer  # noqa: N815 - http.server's names

        def log_message(self, *_: object) -> None:
            """The log is the server's own."""

    return Handler


@contextmanager
def running(answering: Answering) -> Iterator[Wire]:
    """The server, until the block ends."""
    wire = Wire(answering)
    wire.start()
    try:
        yield wire
    finally:
        wire.stop()
