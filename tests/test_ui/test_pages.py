"""Every page over every store: it draws without a fault and says in which state it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from app_stores import CLAIMS, CONTRACTOR, FRESH, STORES
from page_script import SCRIPT
from streamlit.testing.v1 import AppTest

PAGES: dict[str, dict[str, str]] = {
    "": {},
    "blast": {"id": CONTRACTOR},
    "path": {"from": CONTRACTOR, "to": CLAIMS, "cap": "READ"},
    "paths": {},
    "choke": {},
    "assets": {},
    "posture": {"rule": "x-011"},
    "reports": {},
    "query": {},
    "review": {"row": CONTRACTOR},
    "sources": {},
    "asset": {"id": CLAIMS},
}
SAYS = {
    "missing": "Nothing was loaded yet",
    "empty": "Nothing was loaded yet",
    "failed": "No call to the platform was answered",
    "broken": "The store cannot be read",
    "partial": "Incomplete",
    "stale": "This is old",
}
Visit = Callable[..., AppTest]


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """The address of each store, made when it is first asked for."""
    folder, made = tmp_path_factory.mktemp("stores"), dict[str, str]()

    def address(name: str) -> str:
        if name not in made:
            made[name] = STORES[name](folder / f"{name}.db")
        return made[name]

    return address


@pytest.fixture
def visit(stores: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> Visit:
    """Opens a page of the app over a store, as a browser would, and returns what it shows."""

    def opened(store: str, page: str, **params: str) -> AppTest:
        for name in ("CACHE", "CONFIG", "LOG_LEVEL", "LOG_FORMAT", "DEBUG"):
            monkeypatch.delenv(f"SHADOWGRAPH_{name}", raising=False)
        monkeypatch.setenv("SHADOWGRAPH_STORE", stores(store))
        monkeypatch.setenv("SHADOWGRAPH_NOW", FRESH.isoformat())
        at = AppTest.from_string(SCRIPT.format(page=page), default_timeout=60)
        for name, value in (params or PAGES[page]).items():
            at.query_params[name] = value
        return at.run()

    return opened


def told(at: AppTest) -> str:
    """Everything that stands on the page as text."""
    kinds = (
        "title",
        "header",
        "subheader",
        "markdown",
        "text",
        "error",
        "warning",
        "info",
        "success",
    )
    parts = [element.value for kind in kinds for element in at.get(kind)]
    parts += [element.label for element in at.get("expander")]
    return "\n".join(str(part) for part in parts).replace("\\", "")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page or "overview")
@pytest.mark.parametrize("store", STORES)
def test_a_page_draws_over_any_store_and_says_its_state(
    visit: Visit, store: str, page: str
) -> None:
    at = visit(store, page)

    shown = told(at)
    assert not at.exception
    assert "could not be drawn" not in shown
    assert at.title, "no page is without a title"
    if store in SAYS:
        assert SAYS[store] in shown


@pytest.mark.parametrize("page", ["blast", "path", "asset"])
def test_a_page_that_asks_for_something_draws_without_its_question(visit: Visit, page: str) -> None:
    at = visit("story", page, nothing="asked")

    assert not at.exception
    assert "could not be drawn" not in told(at)


def test_the_path_names_the_statement_that_lets_the_contractor_in(visit: Visit) -> None:
    shown = told(visit("story", "path"))

    assert "contractor can read claims through explore" in shown
    assert "Statement OpenNotebook of own on contractor" in shown
    assert "Statement ReadClaims of own on notebook-role" in shown


def test_a_filter_that_leaves_nothing_says_so_and_offers_to_be_cleared(visit: Visit) -> None:
    at = visit("story", "blast", id=CONTRACTOR, env="prod", account="111111111111")

    assert not at.exception
    assert at.title[0].value.replace("\\", "").startswith("What contractor reaches")
