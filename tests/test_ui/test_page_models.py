"""The models of overview, blast radius and path over small stores: what is new, how far, since when, and how it is worded."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from app_stores import CLAIMS, CONTRACTOR, FRESH, land_of_story, partial, stale, story, write
from builders import NOW, allow

from graph.model import Capability, canonical
from graph.stores import open_store
from ui.outlook import keep_outlook, kept_outlook, outlook_of
from ui.pagemodels import asset, blast, overview, path
from ui.pagemodels.filters import Filters
from ui.pagemodels.header import header_of
from ui.pagemodels.notice import notice_of
from ui.pagemodels.state import PageState, situation, view_state
from ui.reading import Reading, open_reading

DAY = timedelta(days=1)


def reading_of(url: str) -> Reading:
    opened = open_reading(url, cache=None)
    assert opened.reading is not None
    return opened.reading


def twice(folder: Path) -> str:
    """The story, and a day later a second user who may open the same notebook."""
    place = folder / "twice.db"
    first = land_of_story()
    write(place, first.batch(), tuple(first.coverage.values()))
    second = land_of_story()
    second.user(
        "newcomer", allow("sagemaker:CreatePresignedNotebookInstanceUrl", "*", sid="OpenAny")
    )
    return write(place, second.batch(), tuple(second.coverage.values()), started=NOW + DAY)


def test_what_is_new_names_what_the_last_run_added(tmp_path: Path) -> None:
    model = overview.build_model(reading_of(twice(tmp_path)), {}, Filters())

    assert model.since.startswith("Since run 1 of 01 Mar 2026")
    assert ("1 User added", ("newcomer",)) in {(one.title, one.examples) for one in model.news}


def test_the_first_run_is_told_as_the_first(tmp_path: Path) -> None:
    model = overview.build_model(reading_of(story(tmp_path / "one.db")), {}, Filters())

    assert model.since.startswith("This is the first run")
    assert model.news == ()


def test_a_path_that_the_newest_run_brought_says_since_when(tmp_path: Path) -> None:
    reading = reading_of(twice(tmp_path))
    newcomer = reading.view.nodes.ids[reading.view.nodes.names.index("newcomer")]
    params = {"to": str(CLAIMS), "cap": "READ"}
    new, old = (
        path.build_model(reading, path.asked_of(reading.view, {**params, "from": str(start)}))
        for start in (newcomer, CONTRACTOR)
    )

    assert (new.new, old.new) == ("New since 02 Mar", "")


def test_figures_have_a_trend_over_the_runs_that_kept_theirs(tmp_path: Path) -> None:
    url = story(tmp_path / "trend.db")
    store = open_store(url)
    keep_outlook(store, reading_of(url).view)
    store.close()
    more = land_of_story()
    more.user("second", allow("s3:GetObject", "arn:aws:s3:::claims/*"))
    write(tmp_path / "trend.db", more.batch(), tuple(more.coverage.values()), started=NOW + DAY)

    figures = {
        one.name: one for one in overview.build_model(reading_of(url), {}, Filters()).figures
    }

    assert figures["Identities"].delta == 1
    assert figures["Ways to them"].delta == 1
    assert figures["Ways to them"].trend[-1] == figures["Ways to them"].value


def test_a_kept_outlook_is_read_back_as_it_was_made(tmp_path: Path) -> None:
    url = story(tmp_path / "kept.db")
    store, reading = open_store(url), reading_of(url)
    made = keep_outlook(store, reading.view)

    assert kept_outlook(store) == made
    assert outlook_of(reading.view, reading.evidence, ()) == made
    assert made.figures.exposed == len(made.ways) + 1  # the role itself reads it by a plain grant
    assert made.fixes
    store.close()


def test_an_outlook_of_another_format_is_not_read(tmp_path: Path) -> None:
    store = open_store(story(tmp_path / "old.db"))
    store.put_results("outlook", '{"format": 0}')

    assert kept_outlook(store) is None
    store.close()


def test_hops_and_group_narrow_the_rows_and_nothing_else(tmp_path: Path) -> None:
    reading = reading_of(story(tmp_path / "hops.db"))

    def model(**params: str) -> blast.BlastModel:
        asked = blast.asked_of(reading.view, {"id": CONTRACTOR, **params})
        found = blast.build_model(reading, asked, Filters())
        assert found is not None
        return found

    assert [row.name for row in model().rows] == ["claims", "explore", "notebook-role"]
    assert [row.hops for row in model().rows] == [3, 1, 2]
    assert [row.name for row in model(hops="1").rows] == ["explore"]
    assert [row.name for row in model(group="3-Dataset").rows] == ["claims"]
    assert model(hops="1").furthest == model().furthest == 3
    assert model(group="nonsense").rows == model().rows


def test_a_capability_of_the_start_can_be_chosen(tmp_path: Path) -> None:
    reading = reading_of(story(tmp_path / "cap.db"))
    notebook = next(
        node for node in reading.view.nodes.ids if node.endswith("notebook-instance/explore")
    )

    found = blast.build_model(
        reading, blast.asked_of(reading.view, {"id": notebook, "cap": "ADMIN"}), Filters()
    )

    assert found is not None
    assert (found.start, found.all_rows) == (Capability.ADMIN, 0)


def test_the_drawing_of_a_reach_has_its_hops_as_columns(tmp_path: Path) -> None:
    reading = reading_of(story(tmp_path / "draw.db"))
    found = blast.build_model(reading, blast.asked_of(reading.view, {"id": CONTRACTOR}), Filters())

    assert found is not None
    assert sorted(rank for _, rank in found.picture.rank) == [0, 1, 2, 3]
    assert sorted(link.label for link in found.picture.links) == ["control", "control", "read"]


def test_the_sentence_of_a_path_names_its_ends_and_the_workload(tmp_path: Path) -> None:
    reading = reading_of(story(tmp_path / "told.db"))
    asked = path.asked_of(reading.view, {"from": CONTRACTOR, "to": CLAIMS, "cap": "READ"})
    model = path.build_model(reading, asked)

    assert model.title == "contractor can read claims through explore"
    assert (model.severity.value, len(model.steps)) == ("critical", 3)
    assert model.fixes[0].effect.startswith("Ends every path between the two; ")
    assert model.fixes[-1].effect.startswith("Ends this path, and takes the end from all ")
    assert model.command == (
        f"shadowgraph paths --from {CONTRACTOR} --to {CLAIMS} --capability READ"
    )
    assert all(step.last_seen == NOW for step in model.steps)


def test_the_steps_of_a_path_are_a_table_with_numbers(tmp_path: Path) -> None:
    reading = reading_of(story(tmp_path / "table.db"))
    asked = path.asked_of(reading.view, {"from": CONTRACTOR, "to": CLAIMS, "cap": "READ"})
    table = path.build_model(reading, asked).table

    assert table.columns[:2] == ("Step", "What happens")
    assert [row[0] for row in table.rows] == [1, 2, 3]


def test_where_to_begin_is_what_passes_the_filters(tmp_path: Path) -> None:
    url = story(tmp_path / "begin.db")
    store = open_store(url)
    keep_outlook(store, reading_of(url).view)
    store.close()
    reading = reading_of(url)
    nothing = path.asked_of(reading.view, {})
    prod, other = Filters(environment="prod"), Filters(environment="unstated")

    assert {way.target for way in path.build_model(reading, nothing, prod).suggestions} == {CLAIMS}
    assert path.build_model(reading, nothing, other).suggestions == ()
    assert blast.suggested(reading, Filters())
    assert blast.suggested(reading, prod) == ()
    asked = asset.asked_of(reading.view, {})
    assert asset.build_model(reading, asked, prod).suggestions
    assert asset.build_model(reading, asked, other).suggestions == ()


def test_incomplete_data_is_worded_by_what_is_missing(tmp_path: Path) -> None:
    opened = open_reading(partial(tmp_path / "partial.db"), cache=None)
    header = header_of(opened, now=FRESH, stale_after=DAY)
    notice = notice_of(PageState.PARTIAL, opened, now=FRESH, checked="")

    assert not header.complete
    assert "1 not answered" in header.coverage
    assert notice is not None
    assert notice.title.startswith("Incomplete: 1 call not answered")
    assert any("s3.get_bucket_policy/other" in line for line in notice.lines)


def test_old_data_says_how_old(tmp_path: Path) -> None:
    opened = open_reading(stale(tmp_path / "stale.db"), cache=None)
    state = view_state(situation(opened, now=FRESH, stale_after=DAY, rows=1))
    notice = notice_of(state, opened, now=FRESH, checked="")

    assert state is PageState.STALE
    assert notice is not None
    assert "30 days ago" in notice.title


def test_answers_are_dated_by_when_the_platform_was_asked(tmp_path: Path) -> None:
    url = story(tmp_path / "dated.db")
    store = open_store(url)
    asked = NOW - DAY
    store.put_results(
        "load",
        canonical(
            {
                "source": "snapshot",
                "sample": False,
                "read_from": asked.isoformat(),
                "read_until": asked.isoformat(),
                "remarks": [],
            }
        ),
    )
    store.close()
    reading = reading_of(url)
    params = {"from": CONTRACTOR, "to": CLAIMS, "cap": "READ"}

    assert reading.read_at == asked
    assert {row.last_ok for row in reading.coverage} == {asked}
    steps = path.build_model(reading, path.asked_of(reading.view, params)).steps
    assert {step.last_seen for step in steps} == {asked}


def test_the_run_that_is_compared_with_stands_in_the_address(tmp_path: Path) -> None:
    url = twice(tmp_path)
    third = land_of_story()
    third.user("third")
    write(
        tmp_path / "twice.db", third.batch(), tuple(third.coverage.values()), started=NOW + 2 * DAY
    )
    reading = reading_of(url)

    asked = overview.build_model(reading, {"since": "1"}, Filters())
    plain = overview.build_model(reading, {"since": "nonsense"}, Filters())

    assert (asked.compared, asked.since[:11]) == ("1", "Since run 1")
    assert (plain.compared, plain.since[:11]) == ("", "Since run 2")
