"""The program as a whole: help, wrong use, errors, crashes, exit codes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from running import Run

from graph.errors import QueryError, with_advice
from graph.model import Capability
from ui.cli import commands, main
from ui.command import Command
from ui.commands.options import Access
from ui.exits import Exit, worst


def test_without_arguments_the_help_is_shown_as_wrong_use(run: Run) -> None:
    ended = run()

    assert (ended.code, ended.out.startswith("Usage: shadowgraph"), ended.err) == (2, True, "")


def test_the_help_lists_every_command_with_a_sentence(run: Run) -> None:
    told = run("--help").out

    assert [command.name for command in commands() if f"\n  {command.name} " not in told] == []


@pytest.mark.parametrize("command", commands(), ids=lambda command: command.name)
def test_every_command_explains_itself(run: Run, command: Command) -> None:
    ended = run(command.name, "--help")

    assert (ended.code, f"Usage: shadowgraph {command.name}" in ended.out) == (0, True)


def test_the_version_is_told(run: Run) -> None:
    assert run("--version").out.startswith("shadowgraph ")


def test_an_unknown_command_is_wrong_use(run: Run) -> None:
    ended = run("covrage")

    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(
        "shadowgraph: no such command 'covrage'. Did you mean 'coverage'?\n"
    )


def test_an_unknown_option_points_to_the_help_of_its_command(run: Run) -> None:
    ended = run("coverage", "--loud")

    assert (ended.code, ended.err.splitlines()[-1]) == (2, "see `shadowgraph coverage --help`")


def test_a_wrong_setting_ends_with_2(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHADOWGRAPH_NOW", "soon")

    ended = run("coverage")

    assert (ended.code, ended.err.splitlines()[0]) == (2, "shadowgraph: `soon` is no instant")


def _failing(monkeypatch: pytest.MonkeyPatch, fault: Exception) -> None:
    """Let the program consist of one command that raises this."""

    def broken() -> Exit:
        """Fail."""
        raise fault

    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(broken)
    monkeypatch.setattr("ui.cli.application", lambda: app)


def test_an_error_of_the_estate_is_one_line_and_its_advice(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _failing(monkeypatch, with_advice(QueryError("no node `\x1b[2J`"), "did you mean `x`?"))

    code = main([])

    assert (code, capsys.readouterr().err) == (
        2,
        "shadowgraph: no node `\\x1b[2J`\ndid you mean `x`?\n",
    )


def test_a_fault_of_the_program_ends_with_70_and_without_a_trace(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SHADOWGRAPH_DEBUG", raising=False)
    _failing(monkeypatch, RuntimeError("odd\nthings"))

    code = main([])

    err = capsys.readouterr().err
    assert (code, err.splitlines()[0], "Traceback" in err) == (
        70,
        "shadowgraph: unexpected RuntimeError: odd",
        False,
    )


def test_the_trace_of_a_fault_is_shown_where_it_was_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SHADOWGRAPH_DEBUG", "1")
    _failing(monkeypatch, RuntimeError("odd"))

    main([])

    assert "Traceback" in capsys.readouterr().err


def test_an_interrupt_ends_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    _failing(monkeypatch, KeyboardInterrupt())  # type: ignore[arg-type]  # raised all the same

    assert main([]) == 130


def test_a_reader_who_leaves_early_is_no_finding(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from ui.desk import Desk\n"
        "from ui.settings import read_settings\n"
        "import typer, pathlib\n"
        "desk = Desk(read_settings({}, pathlib.Path('.')))\n"
        "try:\n"
        "    desk.say('x' * 1_000_000)\n"
        "except typer.Exit as ended:\n"
        "    sys.exit(ended.exit_code)\n"
    )
    reader, writer = os.pipe()
    os.close(reader)

    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)

    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize(
    ("exits", "told"),
    [
        ((), Exit.CLEAN),
        ((Exit.CLEAN, Exit.INCOMPLETE), Exit.INCOMPLETE),
        ((Exit.INCOMPLETE, Exit.FINDINGS), Exit.FINDINGS),
        ((Exit.FINDINGS, Exit.WRONG), Exit.WRONG),
    ],
)
def test_findings_beat_incomplete_data(exits: tuple[Exit, ...], told: Exit) -> None:
    assert worst(*exits) is told


def test_every_capability_that_is_access_may_be_asked_for() -> None:
    passed = {Capability.HELD, Capability.DELEGATE}

    assert {access.capability for access in Access} == set(Capability) - passed


def test_the_help_is_told_at_once_and_without_the_app() -> None:
    code = (
        "import sys, time\n"
        "began = time.process_time()\n"
        "from ui.cli import main\n"
        "main(['--help'])\n"
        "assert time.process_time() - began < 0.5\n"
        "sys.exit(bool({'streamlit', 'starlette', 'uvicorn', 'xlsxwriter'} & set(sys.modules)))\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
