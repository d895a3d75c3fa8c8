"""Events go to the standard error stream, at the level that was asked for, and are safe to show."""

import json
from collections.abc import Iterator

import pytest
import structlog

from ui.log import configure
from ui.settings import LogSettings


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def test_events_below_the_level_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogSettings("warning", "text"))

    structlog.get_logger().info("batch_loaded", nodes=3)

    assert capsys.readouterr() == ("", "")


def test_an_event_is_a_line_on_the_error_stream(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogSettings("info", "text"))

    structlog.get_logger().info("batch_loaded", nodes=3)

    out, err = capsys.readouterr()
    assert (out, err.count("\n"), "level=info event=batch_loaded nodes=3" in err) == ("", 1, True)


def test_an_event_may_be_a_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogSettings("info", "json"))

    structlog.get_logger().info("batch_loaded", nodes=3)

    told = json.loads(capsys.readouterr().err)
    assert (told["event"], told["nodes"], told["level"]) == ("batch_loaded", 3, "info")


def test_a_hostile_text_in_an_event_is_made_safe(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogSettings("info", "text"))

    structlog.get_logger().info("node_read", name="a\x1b[2J\nb")

    err = capsys.readouterr().err
    assert "\x1b" not in err
    assert err.count("\n") == 1
