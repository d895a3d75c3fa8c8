"""The guard before the app: which requests get through to it, and what every answer of it carries.

A pure ASGI wrapper around the whole application, so that answers which the application's own layers never see (an
error, a refused handshake, a missing file) carry the same policy.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

Headers: TypeAlias = list[tuple[bytes, bytes]]

# Ways into the server that no page of ours uses: the app without a page, and figures about its sessions.
CLOSED = ("/_stcore/agent", "/_stcore/metrics")
ASSETS = "/static/"  # file names there carry a hash of the content
OFF = (
    "accelerometer",
    "browsing-topics",
    "camera",
    "clipboard-read",
    "display-capture",
    "geolocation",
    "gyroscope",
    "hid",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "storage-access",
    "usb",
    "xr-spatial-tracking",
)


class _Scripts(HTMLParser):
    """Collects the text of every script element that names no file."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "script" and "src" not in dict(attrs)
        if self._inside:
            self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "script"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found[-1] += data


def script_hashes(page: str) -> tuple[str, ...]:
    """The policy sources that allow the inline scripts of this page, and no other inline script."""
    scripts = _Scripts()
    scripts.feed(page)
    digests = (hashlib.sha256(text.encode()).digest() for text in scripts.found)
    return tuple(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def policy(hashes: Iterable[str]) -> str:
    """The content security policy of every answer."""
    sources = {
        "default-src": "'none'",
        # Streamlit loads the script of a component from a blob that it makes itself, and its message format tries
        # WebAssembly. Only a script that runs already can do either: they open nothing to smuggled markup.
        "script-src": " ".join(("'self'", *hashes, "blob:", "'wasm-unsafe-eval'")),
        "style-src": "'self' 'unsafe-inline'",  # Streamlit makes its style sheets while it runs
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",  # covers the WebSocket of the same host and port
        "manifest-src": "'self'",
        "worker-src": "'self' blob:",
        "object-src": "'none'",
        "frame-src": "'none'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{directive} {source}" for directive, source in sources.items())


def security_headers(hashes: Iterable[str]) -> dict[str, str]:
    """What every answer carries, whatever the application says."""
    features = (*(f"{name}=()" for name in OFF), "clipboard-write=(self)", "fullscreen=(self)")
    return {
        "content-security-policy": policy(hashes),
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": ", ".join(features),
    }


def host_allowed(host: str, allowed: Iterable[str]) -> bool:
    """Whether a Host header names one of these hosts; the port does not matter."""
    try:
        parts = urlsplit(f"//{host}")
        name, bare = (parts.hostname or "").rstrip("."), parts.netloc == host and "@" not in host
        _ = parts.port  # refuses what is no port
    except ValueError:
        return False
    return bare and any(
        name.endswith(one[1:]) if one.startswith("*.") else name == one.rstrip(".")
        for one in allowed
    )


def same_origin(origin: str, host: str) -> bool:
    """Whether an Origin header names the very host and port that the request was sent to."""
    scheme, _, rest = origin.partition("://")
    return scheme in {"http", "https"} and bool(rest) and rest.lower() == host.lower()


class Guard:
    """The application behind the checks of name and origin, and under the policy.

    A request under a foreign name is refused, so that a page of another site cannot have its own name point here. A
    WebSocket is opened only from our own page: its origin is the host and port that it connects to.
    """

    def __init__(self, app: ASGIApp, *, hosts: tuple[str, ...], headers: Mapping[str, str]) -> None:
        self._app = app
        self._hosts = hosts
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]
        self._names = frozenset(name for name, _ in self._headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer it here."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"].endswith("http.response.start"):
                answered = list(message.get("headers", ()))
                message = {**message, "headers": self._marked(answered, scope["path"])}
            await send(message)

        refused = self._refusal(scope)
        if refused is None:
            await self._app(scope, receive, guarded)
        else:
            status, reason = refused
            answer = PlainTextResponse(f"{reason}\n", status)  # a handshake is answered unaccepted
            await answer(scope, receive, guarded)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        """Why this request is not let through, with the status that says so."""
        hosts, origins = (_values(scope, name) for name in (b"host", b"origin"))
        if len(hosts) != 1 or not host_allowed(hosts[0], self._hosts):
            return 421, "this server does not answer to that name"
        socket = scope["type"] == "websocket"
        if socket and (len(origins) != 1 or not same_origin(origins[0], hosts[0])):
            return 403, "only a page of this server may connect"
        if scope["path"].startswith(CLOSED):
            return 404, "nothing is served here"
        return None

    def _marked(self, answered: Headers, path: str) -> Headers:
        """The headers of an answer with ours in place of its own, and kept by nobody unless its name is its content."""
        own = [(name.lower(), value) for name, value in answered]
        lasting = path.startswith(ASSETS) and any(
            name == b"cache-control" and b"immutable" in value for name, value in own
        )
        kept = [
            (name, value)
            for name, value in own
            if name not in self._names and (lasting or name != b"cache-control")
        ]
        return [*kept, *self._headers, *([] if lasting else [(b"cache-control", b"no-store")])]


def _values(scope: Scope, wanted: bytes) -> list[str]:
    return [value.decode("latin-1") for name, value in scope["headers"] if name == wanted]
