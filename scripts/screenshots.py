"""Takes a picture of every page over the sample estate, light and dark, wide and narrow: `make screenshots`.

Writes them into a folder (by default `.demo/screenshots`), and with `--readme` the two that the README shows.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).parents[1]
PROGRAM = Path(sys.executable).with_name("shadowgraph")
CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PORT = 8598
HEIGHT = "part => part.scrollHeight - 20"  # of what is drawn, without the room that was added
MOST = 6000  # pixels of a picture
NOW = "2026-11-03T06:00:00Z"
ACCOUNT = "arn:aws:iam::111111111111"
CONTRACTOR = f"{ACCOUNT}:user/contractors/irma.falk"
SUPPORT = f"{ACCOUNT}:user/support/marta.holm"
HISTORY = "arn:aws:s3:::alderwick-prod-claims-history"
PATH = {"from": CONTRACTOR, "to": HISTORY, "cap": "READ"}
CHOKE = {"to": HISTORY, "id": "revocable:a778b81083968a30e551"}
IDLE = "arn:aws:sagemaker:eu-west-1:111111111111:endpoint/fraud-network"
PAGES: dict[str, tuple[str, dict[str, str]]] = {
    "overview": ("", {}),
    "blast-start": ("blast", {}),
    "blast-few": ("blast", {"id": SUPPORT}),
    "blast-many": ("blast", {"id": f"{ACCOUNT}:role/platform/policy-maintainer"}),
    "path-start": ("path", {}),
    "path": ("path", PATH),
    "path-step": ("path", {**PATH, "step": "1"}),
    "path-none": ("path", {"from": SUPPORT, "to": HISTORY, "cap": "READ"}),
    "paths": ("paths", {}),
    "paths-many": ("paths", {"to": "kind:Dataset+sensitivity:10"}),
    "choke": ("choke", {"to": "kind:Dataset+sensitivity:10"}),
    "choke-tried": ("choke", {**CHOKE, "whatif": "1"}),
    "assets": ("assets", {}),
    "assets-one": ("assets", {"id": IDLE}),
    "posture": ("posture", {}),
    "posture-rule": ("posture", {"rule": "x-011"}),
    "reports": ("reports", {}),
    "query": ("query", {}),
    "review": ("review", {}),
    "review-one": ("review", {"row": f"{ACCOUNT}:user/svc-archive-deploy"}),
    "sources": ("sources", {}),
    **{
        f"asset-{tab}": ("asset", {"id": HISTORY, "tab": tab})
        for tab in ("facts", "in", "out", "history", "raw")
    },
    "asset-user": ("asset", {"id": CONTRACTOR, "tab": "out"}),
    "asset-none": ("asset", {}),
}
README = (("path", False, "path-light"), ("overview", True, "overview-dark"))


@contextmanager
def app(folder: Path) -> Iterator[str]:
    """The app over the sample estate; yields its address."""
    store = f"sqlite:///{folder / 'estate.db'}"
    environment = {"SHADOWGRAPH_NOW": NOW, "PATH": "/usr/bin:/bin"}
    demo = [str(PROGRAM), "--quiet", "demo", "--headless", "--store", store]
    subprocess.run(demo, cwd=folder, check=True, env=environment, stdout=subprocess.DEVNULL)
    command = [str(PROGRAM), "ui", "--store", store, "--port", str(PORT)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        if server.stdout is None or "http" not in server.stdout.readline():
            sys.exit("the app did not say where it listens")
        try:
            yield f"http://127.0.0.1:{PORT}"
        finally:
            server.terminate()


def drawn(page: Page, address: str) -> None:
    """Open an address and wait until nothing on it moves any more."""
    page.goto(address)
    page.locator("h1").first.wait_for(timeout=60_000)
    for _ in range(2):
        page.get_by_test_id("stStatusWidget").wait_for(state="detached", timeout=60_000)
        page.wait_for_timeout(700)
    # Parts of a page and the house style come after it: grey boxes stand for them until then.
    main = page.get_by_test_id("stMainBlockContainer")
    expect(main).not_to_have_css("max-width", "none", timeout=60_000)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=60_000)
    page.wait_for_timeout(700)


def whole(page: Page, width: int) -> None:
    """Make the window as high as the page, and higher for as long as more of it comes, so that nothing is left out."""
    height = 0
    while (found := int(page.get_by_test_id("stMain").evaluate(HEIGHT))) > height and height < MOST:
        height = min(found, MOST)
        page.set_viewport_size({"width": width, "height": max(900, height + 20)})
        page.wait_for_timeout(700)


def take(browser: Browser, base: str, into: Path) -> None:
    """Every page in both themes and widths, whole."""
    for dark in (False, True):
        for width in (1400, 1000):
            scheme = "dark" if dark else "light"
            context = browser.new_context(
                viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
            )
            page = context.new_page()
            for name, (address, params) in PAGES.items():
                drawn(page, f"{base}/{address}?{urlencode(params)}")
                whole(page, width)
                page.screenshot(path=into / f"{name}-{scheme}-{width}.png")
                page.set_viewport_size({"width": width, "height": 900})
            context.close()


def take_readme(browser: Browser, base: str, into: Path) -> None:
    """The pictures of the README: the first screen of two pages."""
    for name, dark, file in README:
        context = browser.new_context(
            viewport={"width": 1400, "height": 1000}, color_scheme="dark" if dark else "light"
        )
        page = context.new_page()
        address, params = PAGES[name]
        drawn(page, f"{base}/{address}?{urlencode(params)}")
        page.screenshot(path=into / f"{file}.png")
        context.close()


def main() -> None:
    """Read the command line and take the pictures."""
    parser = argparse.ArgumentParser(description="Take pictures of every page.")
    parser.add_argument("--into", type=Path, default=ROOT / ".demo" / "screenshots")
    parser.add_argument("--readme", action="store_true", help="only the pictures of the README")
    options = parser.parse_args()
    into = ROOT / "docs" / "pictures" if options.readme else options.into
    into.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        app(Path(folder)) as base,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        (take_readme if options.readme else take)(browser, base, into)
        browser.close()
    print(f"pictures in {into.relative_to(ROOT) if into.is_relative_to(ROOT) else into}")


if __name__ == "__main__":
    main()
