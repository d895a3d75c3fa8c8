"""`shadowgraph query` and `copy`: what is asked over a server, in every form, and what is refused in one line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from neo4j_servers import NEEDS_SERVER, empty_store, same_store, wiped
from running import Run
from sample_estate import SAMPLE

from queries.saved import saved

BUCKET = "alderwick-prod-claims-history"
QUESTIONS = (
    ("blast", "marta.holm"), ("blast", "--all"), ("who", BUCKET), ("paths", "--from", "irma.falk", "--to", BUCKET),
    ("choke",), ("cut", "--from", "irma.falk", "--to", BUCKET), ("privilege",), ("check", "--all"), ("shadow",), ("coverage",),
)  # fmt: skip


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """The address of an empty server, with user and password in the environment."""
    at, environment = wiped()
    for name, value in environment.items():
        if name.startswith("NEO4J_"):
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("SHADOWGRAPH_REPLICAS", str(tmp_path / "copies"))
    yield str(at)
    wiped()


def test_without_a_name_the_queries_are_listed(run: Run) -> None:
    told = run("query", "--format", "json")
    assert told.code == 0
    assert [row["name"] for row in json.loads(told.out)] == sorted(saved())
    assert "blast-radius" in run("query").out


def test_a_store_in_a_file_says_what_is_needed(run: Run) -> None:
    run("load", SAMPLE / "snapshot", "--store", "own.db")
    told = run("query", "administrators", "--store", "own.db")
    assert (told.code, told.err.splitlines()[0]) == (2, "shadowgraph: Cypher needs a store on a Neo4j server")  # fmt: skip


@NEEDS_SERVER
def test_a_load_into_a_server_is_asked_copied_and_asked_again(
    run: Run, server: str, tmp_path: Path
) -> None:
    loaded = run("load", SAMPLE / "snapshot", "--store", server)
    assert loaded.code == 3  # the sample has calls that were refused
    run("load", SAMPLE / "snapshot", "--store", "own.db")

    for words in QUESTIONS:
        shared = run(*words, "--store", server, "--format", "json")
        own = run(*words, "--store", "own.db", "--format", "json")
        assert (shared.code, shared.out) == (own.code, own.out), words
        assert json.loads(shared.out), words

    told = run("query", "widest-reach", "-p", "most=2", "--store", server, "--format", "json")
    answer = json.loads(told.out)["result"]
    assert told.code == 3
    assert (len(answer["rows"]), answer["loading"], answer["more"]) == (2, "", False)
    csv = run("query", "blast-radius", "-p", "id=marta.holm", "--store", server, "--format", "csv")
    assert csv.out.splitlines()[0] == "kind,name,capabilities,id"

    (tmp_path / "mine.cypher").write_text("MATCH (e:Entity) RETURN count(e) AS n", encoding="utf-8")
    mine = run("query", "--cypher", tmp_path / "mine.cypher", "--store", server, "--format", "csv")
    assert int(mine.out.splitlines()[1]) > 3_000
    (tmp_path / "mine.cypher").write_text("MATCH (e:Entity) DETACH DELETE e", encoding="utf-8")
    refused = run("query", "--cypher", tmp_path / "mine.cypher", "--store", server)
    assert (refused.code, "the statement is refused" in refused.err) == (2, True)

    copied = run("copy", "--from", server, "--to", "back.db", "--format", "json")
    assert (copied.code, json.loads(copied.out)["version"]) == (0, 1)
    blast = ("blast", "marta.holm", "--format", "json")
    assert run(*blast, "--store", "back.db").out == run(*blast, "--store", "own.db").out
    again = run("copy", "--from", "own.db", "--to", server)
    assert (again.code, "is not empty" in again.err) == (2, True)


@NEEDS_SERVER
def test_a_run_that_is_being_written_is_told_with_every_answer(
    run: Run, server: str, tmp_path: Path
) -> None:
    run("load", SAMPLE / "snapshot", "--store", "own.db")
    run("copy", "--from", "own.db", "--to", server)
    before = run("blast", "marta.holm", "--store", server)
    with same_store(tmp_path) as store:
        store.link.write("CREATE (:Run {id: 9, state: 'loading', mark: 'x', parts: 0})")

    told = run("blast", "marta.holm", "--store", server)

    line = "loading: a newer run is being written; this is of run 1"
    assert line in told.out
    assert told.out.replace(f"{line}\n", "") == before.out
    asked = run("query", "administrators", "--store", server)
    assert asked.code == 3
    assert "a run is being written" in asked.out


@NEEDS_SERVER
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("no-such-query",), "no saved query `no-such-query`"),
        (("widest-reach",), "`widest-reach` needs `most`"),
        (("widest-reach", "-p", "most=x"), "`most` takes a whole number, not `x`"),
        (("widest-reach", "-p", "most"), "`most` is no parameter"),
        (("administrators", "--cypher", "x"), "not both"),
        (("--cypher", "nowhere.cypher"), "`nowhere.cypher` cannot be read"),
    ],
)
def test_a_wrong_question_is_told_in_one_line(
    words: tuple[str, ...], told: str, run: Run, server: str, tmp_path: Path
) -> None:
    empty_store(tmp_path).close()
    ended = run("query", *words, "--store", server)
    assert ended.code == 2
    assert told in ended.err.splitlines()[0]


@NEEDS_SERVER
def test_an_empty_server_says_that_there_is_no_store(run: Run, server: str) -> None:
    ended = run("blast", "--all", "--store", server)
    assert (ended.code, "no store at" in ended.err) == (2, True)
