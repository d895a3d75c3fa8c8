"""A browser and a server for tests: the system's Chromium, which reaches nothing but this machine.

`chromium` starts the browser, `page_of` opens a page that fails the test on any request to elsewhere and on any error of
a script, `served` runs a server as a process of its own until the test is done with it.
"""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Playwright, Route, WebSocket, sync_playwright

ROOT = Path(__file__).parent.parent
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HERE = {"127.0.0.1", "localhost", "::1", "[::1]"}
LOCAL_SCHEMES = {"data", "blob", "about"}
PATIENCE = 60.0  # seconds until a server must answer


def program() -> str:
    """Where Chromium is; the test is skipped where it is missing, except in CI, where it fails."""
    found = (
        os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    )
    if found:
        return found
    reason = "no Chromium on this machine: install `chromium`, or name its program in CHROMIUM"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


_USED: list[Playwright] = []  # one entry per open browser: a thread can run the driver only once


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, headless; several may be open at once, in any order."""
    path = program()
    driver = _USED[0] if _USED else sync_playwright().start()
    _USED.append(driver)
    try:
        browser = driver.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()
    finally:
        _USED.pop()
        if not _USED:
            driver.stop()


@dataclass
class Watch:
    """What a page asked of other machines, and the errors of its scripts."""

    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def route(self, route: Route) -> None:
        """Let a request of the page through, or refuse and remember it."""
        if is_local(route.request.url):
            route.continue_()
        else:
            self.outside.append(route.request.url)
            route.abort()

    def socket(self, opened: WebSocket) -> None:
        """Remember a web socket to elsewhere."""
        if not is_local(opened.url):
            self.outside.append(opened.url)


def is_local(url: str) -> bool:
    """Whether a request stays on this machine."""
    parts = urlsplit(url)
    return parts.scheme in LOCAL_SCHEMES or (parts.hostname or "") in HERE


@contextmanager
def page_of(
    browser: Browser,
    *,
    width: int = 1400,
    height: int = 900,
    dark: bool = False,
    allow_errors: bool = False,
) -> Iterator[Page]:
    """A page of its own; leaving it fails the test if it asked for anything elsewhere, or if a script of it failed."""
    watch = Watch()
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        accept_downloads=True,
    )
    context.route("**/*", watch.route)
    page = context.new_page()
    page.on("websocket", watch.socket)
    page.on("pageerror", lambda error: watch.errors.append(str(error)))
    try:
        yield page
    finally:
        context.close()
    assert watch.outside == [], "the page asked other machines"
    assert allow_errors or watch.errors == [], f"a script of the page failed: {watch.errors}"


@dataclass(frozen=True)
class Served:
    """A running server."""

    url: str
    process: subprocess.Popen[str]
    output: list[str]


def free_port() -> int:
    """A port that nothing listens on, found by another process: tests have no sockets."""
    probe = (
        "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])"
    )
    return int(
        subprocess.run(
            [sys.executable, "-c", probe], capture_output=True, text=True, check=True
        ).stdout
    )


@contextmanager
def served(
    command: Sequence[str],
    *,
    ready: str,
    env: Mapping[str, str] | None = None,
    cwd: Path = ROOT,
) -> Iterator[Served]:
    """The server that a command starts; `{port}` in it becomes a free one, `ready` is what it prints when it answers."""
    port = free_port()
    process = subprocess.Popen(
        [part.replace("{port}", str(port)) for part in command],
        cwd=cwd,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT), **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said: list[str] = []
    lines: queue.Queue[str | None] = queue.Queue()
    reader = threading.Thread(target=_read, args=(process, said, lines), daemon=True)
    reader.start()
    try:
        _wait(lines, said, ready)
        yield Served(f"http://127.0.0.1:{port}", process, said)
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reader.join(timeout=5)
        if process.stdout:
            process.stdout.close()


def _read(process: subprocess.Popen[str], said: list[str], lines: queue.Queue[str | None]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line)
        lines.put(line)
    lines.put(None)


def _wait(lines: queue.Queue[str | None], said: list[str], ready: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            line = lines.get(timeout=1)
        except queue.Empty:
            continue
        if line is None:
            break
        if ready in line:
            return
    pytest.fail(f"the server did not start; it said:\n{''.join(said)}")


def streamlit_script(script: Path, options: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The command that serves one script, with further settings by name."""
    fixed = {
        "server.headless": "true",
        "server.address": "127.0.0.1",
        "server.port": "{port}",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "viewer",
        **(options or {}),
    }
    flags = [part for name, value in fixed.items() for part in (f"--{name}", value)]
    return (sys.executable, "-m", "streamlit", "run", str(script), *flags)


STREAMLIT_READY = "URL:"
