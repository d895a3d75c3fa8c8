"""Links, filters and search: what an address may say, and what is found by name."""

from __future__ import annotations

import pytest
from app_stores import CLAIMS, CONTRACTOR, HOSTILE, hostile, story
from hypothesis import given
from hypothesis import strategies as some

from graph.model import Capability
from ui.page import pages
from ui.pagemodels.blast import asked_of as blast_asked
from ui.pagemodels.filters import Filters, filter_choices, filters_of
from ui.pagemodels.links import link, number_of
from ui.pagemodels.path import asked_of as path_asked
from ui.pagemodels.search import search
from ui.reading import Reading, open_reading


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    opened = open_reading(story(tmp_path_factory.mktemp("story") / "estate.db"), cache=None)
    assert opened.reading is not None
    return opened.reading


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    opened = open_reading(hostile(tmp_path_factory.mktemp("hostile") / "estate.db"), cache=None)
    assert opened.reading is not None
    return opened.reading


def test_a_link_carries_its_parameters_escaped() -> None:
    assert link("path", from_="a b&c", to=None, step=2).address() == "path?from=a%20b%26c&step=2"


def test_parameters_that_name_nothing_known_are_passed_over(reading: Reading) -> None:
    params = {
        "from": "nobody",
        "to": "../../etc",
        "cap": "<script>",
        "step": "9e9",
        "certainty": "x",
    }

    asked = path_asked(reading.view, params)

    assert (asked.source, asked.target, asked.capability, asked.step) == (None, None, None, 0)


def test_a_capability_that_the_target_cannot_have_is_passed_over(reading: Reading) -> None:
    params = {"from": CONTRACTOR, "to": CLAIMS, "cap": "INVOKE"}

    assert path_asked(reading.view, params).capability is None
    assert path_asked(reading.view, {**params, "cap": "READ"}).capability is Capability.READ


@given(
    some.dictionaries(
        some.sampled_from(["from", "to", "id", "cap", "step", "hops", "group"]), some.text()
    )
)
def test_no_address_makes_a_page_fail(params: dict[str, str]) -> None:
    assert path_asked(None, params).source is None
    assert blast_asked(None, params).start is None


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "٣", "99999999999999", "1e3", " 2"])
def test_a_number_out_of_bounds_is_the_default(text: str) -> None:
    assert number_of({"n": text}, "n", least=1, most=9, default=7) == 7


def test_filters_of_an_address_are_only_what_can_be_chosen(reading: Reading) -> None:
    choices = filter_choices(reading)

    assert filters_of({"env": "prod", "account": "none"}, choices) == Filters("prod", "")
    assert Filters("prod", "").keeps(reading.view, CLAIMS)
    assert not Filters("prod", "").keeps(reading.view, CONTRACTOR)
    assert Filters("unstated", "").keeps(reading.view, CONTRACTOR)


def test_a_name_is_found_by_any_of_its_words_best_first(reading: Reading) -> None:
    assert search(reading.view, "contr").matches[0].id == CONTRACTOR
    assert search(reading.view, "CLAIMS").matches[0].id == CLAIMS
    assert search(reading.view, str(CLAIMS)).matches[0].id == CLAIMS


def test_a_kind_prefix_narrows_the_search(reading: Reading) -> None:
    found = search(reading.view, "role:")

    assert found.total >= 1
    assert {match.kind for match in found.matches} == {"Role"}
    assert search(reading.view, "notebook: explore").matches[0].kind == "Notebook"


def test_a_blank_search_finds_nothing(reading: Reading) -> None:
    assert search(reading.view, "   ").total == 0


@pytest.mark.parametrize("name", [name for name in HOSTILE if "\x00" not in name])
def test_hostile_names_are_found_as_they_are_written(attacked: Reading, name: str) -> None:
    assert name in {match.name for match in search(attacked.view, name, most=99).matches}


def test_pages_have_addresses_of_their_own_and_no_slash() -> None:
    addresses = [page.url_path for page in pages()]

    assert len(set(addresses)) == len(addresses)
    assert not any("/" in address for address in addresses)
    assert "" in addresses
