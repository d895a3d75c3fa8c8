"""The demo and the app as commands: what they load, what they tell, and when they serve."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from running import Run

from graph.model import canonical
from graph.stores import open_store
from ui.commands.demo import SAMPLE
from ui.loading import RESULT, LoadNote, load_notes
from ui.serve import Place

STORE = "sqlite:///.demo/estate.db"
READ = datetime(2026, 11, 2, 6, 0, 1, tzinfo=UTC)


def test_the_demo_without_the_app_ends_after_its_summary(run: Run) -> None:
    ended = run("demo", "--headless")

    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("the sample estate: an insurer")
    assert "shadowgraph is at" not in ended.out


def test_any_form_but_the_table_serves_nothing(run: Run) -> None:
    ended = run("demo", "--format", "json")

    assert (ended.code, sorted(json.loads(ended.out))) == (0, ["completeness", "result"])


def test_the_demo_serves_the_store_that_it_loaded(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Place, str]] = []

    def serve(place: Place, *, store: str, told: object) -> None:
        assert callable(told)
        asked.append((place, store))
        told(place.url(place.port))

    monkeypatch.setattr("ui.serve.serve", serve)
    monkeypatch.setattr("ui.serve.listening", lambda _: socket.socket(socket.AF_UNIX))
    monkeypatch.setenv("SHADOWGRAPH_UI_ADDRESS", "0.0.0.0")  # noqa: S104 - the demo does not heed it

    ended = run("demo", "--port", "8601")

    assert (ended.code, ended.err) == (0, "")
    assert ended.out.endswith("shadowgraph is at http://127.0.0.1:8601\n")
    assert asked == [(Place(port=8601), STORE)]


@pytest.mark.parametrize("command", ["ui", "demo"])
def test_without_the_packages_of_the_app_the_extra_is_named(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr("ui.serve.NEEDED", ("streamlit", "no_such_package"))

    ended = run(command)

    assert (ended.code, ended.out) == (2, "")
    assert ended.err.splitlines()[:2] == [
        "shadowgraph: the app needs `no_such_package`, which is not installed",
        "install it with `pip install 'shadowgraph[ui]'`",
    ]
    assert not Path(".demo").exists()


def test_the_app_over_a_store_that_no_scheme_names_is_wrong_use(run: Run) -> None:
    ended = run("ui", "--store", "postgres://x")

    assert (ended.code, ended.err) == (2, "shadowgraph: no store speaks `postgres`\n")


def test_an_address_beyond_this_machine_is_warned_of(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.serve.serve", lambda *_, **__: None)

    ended = run("ui", "--address", "0.0.0.0")  # noqa: S104 - the address under test

    assert (ended.code, ended.out) == (0, "")
    assert ended.err.startswith("anyone who reaches this address reads the estate")
    assert len(ended.err.splitlines()) == 1


@pytest.mark.enable_socket
def test_an_address_of_another_machine_is_told_in_one_line(run: Run) -> None:
    ended = run("--quiet", "ui", "--address", "192.0.2.1", "--port", "0")

    assert (ended.code, ended.out, len(ended.err.splitlines())) == (2, "", 2)
    assert ended.err.startswith("shadowgraph: cannot listen on port `0` of `192.0.2.1`: ")


@pytest.mark.enable_socket
def test_the_app_over_a_missing_store_is_served_and_stops_when_asked(tmp_path: Path) -> None:
    started = subprocess.Popen(
        [Path(sys.executable).with_name("shadowgraph"), "ui", "--port", "0"],
        cwd=tmp_path,
        env={**os.environ, "HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert started.stdout is not None
    line = started.stdout.readline()
    started.send_signal(signal.SIGTERM)
    rest = started.communicate(timeout=30)

    assert line.startswith("shadowgraph is at http://127.0.0.1:")
    assert (started.returncode, rest) == (0, ("", ""))


def test_the_load_of_the_sample_is_marked_with_when_it_was_read(run: Run) -> None:
    run("demo", "--headless")

    store = open_store(STORE)
    notes = load_notes(store)
    store.close()

    (note,) = notes
    assert (note.version, note.source, note.sample, note.read_from) == (1, "snapshot", True, READ)
    assert note.read_until is not None
    assert note.read_until > READ


def test_a_load_of_ones_own_is_no_sample(run: Run) -> None:
    run("load", SAMPLE, "--store", "sqlite:///own.db")

    store = open_store("sqlite:///own.db")
    notes = load_notes(store)
    store.close()

    assert [(note.sample, note.read_from) for note in notes] == [(False, READ)]


def test_stores_of_earlier_versions_say_less_of_their_loads(run: Run) -> None:
    run("load", SAMPLE, "--store", "sqlite:///old.db")
    store = open_store("sqlite:///old.db")
    remark = {"kind": "odd", "where": "a", "what": "b"}
    store.put_results(RESULT, canonical({"source": "/x/account.json", "remarks": [remark]}))

    notes = load_notes(store)
    store.close()

    assert notes == (LoadNote(1, "account.json", False, None, None, 1),)
