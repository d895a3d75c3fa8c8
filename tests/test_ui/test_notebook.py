"""The questions for notebooks, on the sample: frames beside values, and neighbourhoods as graphs of networkx."""

from __future__ import annotations

import json

import pytest
from sample_estate import NOW, SAMPLE

from access.resolve import resolve
from graph.errors import QueryError
from graph.stores import open_store
from ingest.load import load_snapshot
from ui.notebook import Estate, open_estate

HISTORY = "alderwick-prod-claims-history"
CONTRACTOR = "irma.falk"


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Estate:
    url = str(tmp_path_factory.mktemp("notebook") / "estate.db")
    store = open_store(url, create=True)
    load_snapshot(SAMPLE / "snapshot", store, resolve=resolve, now=NOW)
    store.close()
    return open_estate(url)


def test_every_question_gives_a_row_for_each_part_of_its_value(estate: Estate) -> None:
    blast, who = estate.blast(CONTRACTOR), estate.who(HISTORY)
    path, paths = estate.path(CONTRACTOR, HISTORY), estate.paths("jewels")
    cut, choke = estate.cut("jewels", entries=CONTRACTOR), estate.choke("jewels")

    assert len(blast.frame) == len(blast.value.states) > 0
    assert len(who.frame) == len(who.value.identities) + len(who.value.disabled) > 0
    assert path.value is not None
    assert len(path.frame) == len(path.value.steps) > 0
    assert len(paths.frame) == len(paths.value.groups) > 0
    assert list(cut.frame["words"]) == [row["words"] for row in cut.rows]
    assert cut.value.proved
    assert len(choke.frame) == len(choke.value.nodes) + len(choke.value.revocables) > 0


def test_whole_estates_are_frames_too(estate: Estate) -> None:
    blasts, exposures = estate.blasts(), estate.exposures()

    assert len(blasts.frame) == len(blasts.value)
    assert "tally_sensitivity" in blasts.frame
    assert len(exposures.frame) == len(exposures.value)


def test_a_change_that_is_thought_of_is_a_frame_of_what_differs(estate: Estate) -> None:
    found = estate.what_if(
        [
            {
                "op": "leave",
                "identity": estate.node(CONTRACTOR),
                "group": estate.node("ml-contractors"),
            }
        ]
    )

    assert set(found.frame["change"]) == {"lost"}
    assert set(found.frame["identity"]) == {estate.node(CONTRACTOR)}


def test_a_neighbourhood_holds_what_lies_within_the_hops_and_every_edge_between(
    estate: Estate,
) -> None:
    one, two = (estate.neighbourhood(HISTORY, hops=hops) for hops in (1, 2))
    centre = estate.node(HISTORY)

    assert set(one.nodes) < set(two.nodes)
    assert set(one.nodes) == {centre, *one.predecessors(centre), *one.successors(centre)}
    assert one.nodes[centre]["kind"] == "Dataset"
    assert {data["kind"] for _, _, data in one.edges(data=True)} >= {"ON", "ENCRYPTED_BY"}
    assert json.dumps([data for _, _, data in two.edges(data=True)])


def test_a_neighbourhood_that_is_too_large_says_what_to_narrow(estate: Estate) -> None:
    with pytest.raises(QueryError, match="lie within 3 hops"):
        estate.neighbourhood(HISTORY, hops=3, most=10)


def test_a_name_that_names_nothing_is_refused(estate: Estate) -> None:
    with pytest.raises(QueryError, match="no node"):
        estate.blast("nobody-of-this-name")
