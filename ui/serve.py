"""Serving the app: one process that listens, the app behind its guard, and one line when it can be reached."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from types import FrameType
from typing import TYPE_CHECKING

from graph.errors import ConfigError, EstateError, with_advice
from ui.streamlit_settings import enforce, shipped

if TYPE_CHECKING:
    from starlette.types import ASGIApp

SCRIPT = Path(__file__).parent / "entry" / "script.py"
STORE_VARIABLE = "SHADOWGRAPH_STORE"
NEEDED = ("streamlit", "starlette", "uvicorn", "altair", "xlsxwriter")
ANYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104  # the names of all addresses, to recognise them
PATIENCE = 3  # seconds that open connections get when the server is asked to stop
INBOUND = 4 * 1024 * 1024  # bytes of one message from a browser
BACKLOG = 128


@dataclass(frozen=True, slots=True)
class Place:
    """Where the app is served: the address and port to listen on, and the names that it answers to."""

    address: str = "127.0.0.1"
    port: int = 8501
    hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "::1")

    @property
    def only_here(self) -> bool:
        """Whether nobody but this machine reaches it."""
        try:
            return ipaddress.ip_address(self.address).is_loopback
        except ValueError:
            return self.address == "localhost"

    @property
    def names(self) -> tuple[str, ...]:
        """The names that it answers to, with the address itself where that is one."""
        own = () if self.address in {*ANYWHERE, *self.hosts} else (self.address.lower(),)
        return (*self.hosts, *own)

    def url(self, port: int) -> str:
        """The address to open in a browser."""
        name = "127.0.0.1" if self.address in ANYWHERE else self.address
        return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def absolute(url: str) -> str:
    """The store's URL, free of the current folder; `StoreError` where it names no store."""
    from graph.stores import shared, sqlite_path  # noqa: PLC0415  # the help loads no store

    return url if shared(url) else f"sqlite:///{sqlite_path(url).resolve()}"


def require_ui() -> None:
    """Refuse where the packages of the app are not installed."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise with_advice(
            ConfigError(f"the app needs `{missing[0]}`, which is not installed"),
            "install it with `pip install 'shadowgraph[ui]'`",
        )


def listening(place: Place) -> socket.socket:
    """A socket that listens there; `ConfigError` where the port is taken or the address is none of this machine."""
    try:
        family = socket.getaddrinfo(place.address, place.port, type=socket.SOCK_STREAM)[0][0]
        held = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise _cannot_listen(place, error) from None
    try:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind((place.address, place.port))
        held.listen(BACKLOG)
    except OSError as error:
        held.close()
        raise _cannot_listen(place, error) from None
    return held


def _cannot_listen(place: Place, error: OSError) -> EstateError:
    if error.errno == errno.EADDRINUSE:
        taken = ConfigError(f"port `{place.port}` of `{place.address}` is taken")
        return with_advice(
            taken, f"end what listens there, or choose another: `--port {place.port + 1}`"
        )
    reason = (error.strerror or str(error)).lower()
    return with_advice(
        ConfigError(f"cannot listen on port `{place.port}` of `{place.address}`: {reason}"),
        "name an address of this machine with `--address`, and a port above 1023 with `--port`",
    )


def serve(place: Place, *, store: str, told: Callable[[str], None], script: Path = SCRIPT) -> None:
    """Serve the app over this store until the process is asked to stop.

    `told` gets the address once a browser that opens it is answered. An interrupt and a termination both end it
    quietly: for a server that is how it ends.
    """
    require_ui()
    url = absolute(store)
    with listening(place) as held:
        port = int(held.getsockname()[1])
        os.environ[STORE_VARIABLE] = url
        application = guarded_app(script, place, port=port)

        def started() -> None:
            told(place.url(port))
            # Loading the pages takes as long as a browser takes to load the frame: both at once.
            Thread(target=_load_pages, name="pages", daemon=True).start()

        _run(application, held, started)


def _load_pages() -> None:
    """Load what the pages need, so that the first one to ask for a page does not wait for it."""
    with suppress(Exception):  # whoever opens a page is told why it cannot be drawn
        import_module("ui.page").pages()


def guarded_app(script: Path, place: Place, *, port: int) -> ASGIApp:
    """The Streamlit app of this script under the shipped settings, behind the guard."""
    enforce(shipped(place.address, port, place.names))
    from streamlit import file_util  # noqa: PLC0415  # only after its settings are in force
    from streamlit.web.server.starlette import App as StreamlitApp  # noqa: PLC0415  # as above

    from ui.guard import Guard, script_hashes, security_headers  # noqa: PLC0415  # it needs the extra

    page = Path(file_util.get_static_dir(), "index.html").read_text(encoding="utf-8")
    headers = security_headers(script_hashes(page))
    return Guard(StreamlitApp(script), hosts=place.names, headers=headers)


def _run(application: ASGIApp, held: socket.socket, started: Callable[[], None]) -> None:
    import uvicorn  # noqa: PLC0415  # only the app pays for it

    class Server(uvicorn.Server):
        """Says when it listens, and ends without raising the signal that ended it again."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            if self.started:
                started()

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            del sig, frame  # a second one changes nothing: the first ends within `PATIENCE`
            self.should_exit = True

    settings = uvicorn.Config(
        application,
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="websockets-sansio",
        ws_max_size=INBOUND,
        timeout_graceful_shutdown=PATIENCE,
    )
    Server(settings).run(sockets=[held])
