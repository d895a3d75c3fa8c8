"""The page of queries over a shared store: saved ones, statements of one's own, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from app_stores import FRESH, STORES
from neo4j_servers import NEEDS_SERVER, wiped
from page_script import SCRIPT
from streamlit.testing.v1 import AppTest

from graph.projection import view_of
from graph.stores import open_store
from graph.stores.copying import copy_store
from queries.context import Context
from ui.auditing import publish

pytestmark = NEEDS_SERVER


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A store on the server with a small estate, as the app's settings name it."""
    at, environment = wiped()
    for name, value in environment.items():
        if name.startswith("NEO4J_"):
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("SHADOWGRAPH_REPLICAS", str(tmp_path / "copies"))
    monkeypatch.setenv("SHADOWGRAPH_STORE", str(at))
    monkeypatch.setenv("SHADOWGRAPH_NOW", FRESH.isoformat())
    STORES["story"](tmp_path / "own.db")
    copy_store(str(tmp_path / "own.db"), str(at))
    store = open_store(str(at))
    publish(store, view_of(store, cache=None), Context(), now=FRESH)
    yield str(at)
    store.close()


def opened(**params: str) -> AppTest:
    at = AppTest.from_string(SCRIPT.format(page="query"), default_timeout=60)
    for name, value in params.items():
        at.query_params[name] = value
    return at.run()


@pytest.mark.usefixtures("shared")
def test_a_saved_query_asks_for_its_parameters_and_answers() -> None:
    at = opened(name="widest-reach")
    assert not at.exception
    assert at.text_input(key="query-widest-reach-most").value == ""
    assert not at.dataframe

    at = opened(name="widest-reach", p_most="3")
    assert not at.exception
    (rows,) = [one.value for one in at.dataframe]
    assert list(rows.columns) == ["kind", "name", "account", "assets", "sensitivity", "id"]
    assert 0 < len(rows) <= 3


@pytest.mark.usefixtures("shared")
def test_a_parameter_that_names_nothing_is_told_in_one_line() -> None:
    at = opened(name="blast-radius", p_id="nobody-of-that-name")
    assert not at.exception
    assert ["nobody" in one.value for one in at.error] == [True]


@pytest.mark.usefixtures("shared")
def test_a_statement_of_ones_own_is_answered_where_it_only_reads() -> None:
    at = opened()
    at.text_area(key="query-statement").set_value("MATCH (e:Entity) RETURN count(e) AS entities")
    at.button[0].click().run()
    assert not at.exception
    first = at.dataframe[0].value
    assert list(first.columns) == ["entities"]
    assert first["entities"][0] > 0


@pytest.mark.usefixtures("shared")
def test_a_statement_that_does_more_is_refused() -> None:
    at = opened()
    at.text_area(key="query-statement").set_value("MATCH (e:Entity) DETACH DELETE e")
    at.button[0].click().run()
    assert not at.exception
    assert ["refused" in one.value for one in at.error] == [True]


def test_rows_that_may_be_of_two_versions_say_so(shared: str) -> None:
    store = open_store(shared)
    store.link.write("CREATE (:Run {id: 99, state: 'applying', mark: 'x'})")  # type: ignore[attr-defined]  # it is on a server
    store.close()
    at = opened(name="widest-reach", p_most="3")
    assert ["Loading" in one.value for one in at.warning if "Loading" in one.value] == [True]
    assert any("Loading: a newer run" in one.value for one in at.markdown)  # a badge in the header
