"""Visiting the app: a server over a store, pages waited for until they are drawn, and what stands on them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from browser import ROOT, Served, served
from playwright.sync_api import Page, expect

PROGRAM = Path(sys.executable).with_name("shadowgraph")
NOW = "2026-11-03T06:00:00Z"
CONTRACTOR = "arn:aws:iam::111111111111:user/contractors/irma.falk"
SUPPORT = "arn:aws:iam::111111111111:user/support/marta.holm"
HISTORY = "arn:aws:s3:::alderwick-prod-claims-history"
POLICYHOLDERS = "arn:aws:s3:::alderwick-prod-policyholders"


def sample_store(folder: Path) -> str:
    """The sample estate as `make demo` loads it, in a store in this folder."""
    url = f"sqlite:///{folder / 'estate.db'}"
    subprocess.run(
        [PROGRAM, "demo", "--headless", "--store", url],
        cwd=folder,
        check=True,
        capture_output=True,
        env={"SHADOWGRAPH_NOW": NOW, "PATH": "/usr/bin:/bin"},
    )
    return url


@contextmanager
def app_over(url: str, *, now: str = NOW) -> Iterator[Served]:
    """The app as users start it, over this store."""
    command = (str(PROGRAM), "ui", "--store", url, "--port", "{port}")
    with served(command, ready="shadowgraph is at", env={"SHADOWGRAPH_NOW": now}, cwd=ROOT) as app:
        yield app


def visit(page: Page, app: Served, address: str = "", **params: str) -> None:
    """Open a page of the app and wait until it is drawn."""
    named = {name.rstrip("_"): value for name, value in params.items()}
    page.goto(f"{app.url}/{address}?{urlencode(named)}")
    drawn(page)


def drawn(page: Page) -> None:
    """Wait until the page is whole: its title is there, nothing runs any more, and drawings say that they are done."""
    expect(page.locator("h1").first).to_be_visible(timeout=60_000)
    idle(page)
    page.wait_for_timeout(400)
    idle(page)
    for graph in page.locator("[data-testid=attack-graph]").all():
        expect(graph).to_have_attribute("data-ready", "true")


def idle(page: Page) -> None:
    """Wait until the script of the page has ended; the widget that says so is late, the state of the app is not."""
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=60_000)
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=60_000)


def said(page: Page) -> str:
    """All text of the main part of the page, as it is read; closed parts are not in it."""
    return page.get_by_test_id("stMain").inner_text().replace("\u2060", "")


def focused(page: Page) -> str:
    """The text, or the name, of what has the focus, inside components too."""
    return str(
        page.evaluate(
            """() => {
                let at = document.activeElement
                while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement
                const told = at ? at.getAttribute('aria-label') || at.textContent || at.tagName : ''
                return told.length < 300 ? told : ''  // whole regions can have the focus too
            }"""
        )
    )


def tab_to(page: Page, words: str, *, most: int = 80) -> None:
    """Press Tab until what has the focus says these words."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if words in focused(page):
            return
    raise AssertionError(f"{most} Tab stops did not lead to `{words}`")
