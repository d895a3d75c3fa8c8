"""Names written to attack whoever looks, on every page of the app: nothing of them runs, and nothing is asked for."""

from __future__ import annotations

from collections.abc import Iterator

import app_stores
import pytest
from browser import Served, chromium, page_of
from playwright.sync_api import Browser
from visiting import app_over, visit

from graph.stores import open_store

LOOK = """() => ({
    ran: window.hacked ?? null,
    links: [...document.querySelectorAll('a[href]')].filter((a) => a.origin !== location.origin).map((a) => a.href),
    images: [...document.querySelectorAll('img')].map((image) => image.getAttribute('src')),
    scripts: [...document.querySelectorAll('script:not([src])')].map((one) => one.textContent),
})"""


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, list[str]]]:
    """The app over a store of hostile names, and the ids of all its users and buckets."""
    url = app_stores.hostile(tmp_path_factory.mktemp("hostile") / "estate.db")
    store = open_store(url)
    nodes = [node.id for node in store.nodes(kinds=frozenset({"User", "Dataset", "Notebook"}))]
    store.close()
    with app_over(url, now=app_stores.FRESH.isoformat()) as running:
        yield running, [str(node) for node in nodes]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.mark.parametrize("address", ["", "paths", "choke", "blast", "path", "asset", "sources"])
def test_hostile_names_run_nothing_and_ask_for_nothing(
    attacked: tuple[Served, list[str]], browser: Browser, address: str
) -> None:
    app, nodes = attacked
    users = [node for node in nodes if ":user/" in node]
    claims = "arn:aws:s3:::claims"
    asked: dict[str, list[dict[str, str]]] = {
        "": [{}],
        "blast": [{"id": node} for node in users],
        "path": [{"from_": user, "to": claims, "cap": "READ", "step": "1"} for user in users],
        "asset": [
            {"id": node, "tab": tab}
            for node, tab in zip(nodes, ("facts", "in", "out", "history", "raw") * 20, strict=False)
        ],
        "sources": [{}],
        "paths": [{"from_": "kind:User", "to": "kind:Dataset"}],
        "choke": [{"from_": "kind:User", "to": "kind:Dataset"}],
    }
    for params in asked[address][:12]:
        with page_of(browser) as page:
            visit(page, app, address, **params)
            found = page.evaluate(LOOK)
        assert found["ran"] is None
        assert found["links"] == []
        assert not [one for one in found["images"] if one == "x" or "attacker" in (one or "")]
        assert not [one for one in found["scripts"] if "hacked" in one]
