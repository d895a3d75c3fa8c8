"""Text of the estate in markdown: shown letter for letter, never acted on."""

from __future__ import annotations

import re

import pytest
from app_stores import HOSTILE
from hypothesis import given
from hypothesis import strategies as some

from ui.render.markdown import JOINER, code, entry, plain
from ui.render.text import safe


def unescaped(markdown: str) -> str:
    """The text that markdown shows of escaped text: CommonMark drops the backslash before any ASCII punctuation."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown).replace(JOINER, "")


@given(some.text())
def test_what_is_shown_is_the_safe_text(text: str) -> None:
    assert unescaped(plain(text)) == safe(text).replace(JOINER, "")


@given(some.text())
def test_every_punctuation_is_escaped(text: str) -> None:
    assert re.search(r"(?<!\\)(?:\\\\)*[!-/:-@\[\]-`{-~]", plain(text).replace(JOINER, "")) is None


@pytest.mark.parametrize("text", HOSTILE)
def test_no_address_and_no_icon_stays_in_one_piece(text: str) -> None:
    shown = plain(text)
    drawn = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", shown)

    assert not re.search(r"https?://|www\.|\w@\w|:\w+:|:material/", drawn)


@given(some.text())
def test_a_code_span_cannot_be_left_from_inside(text: str) -> None:
    span = code(text)
    fence = re.match(r"`+", span)
    assert fence is not None
    inside = span[len(fence[0]) : -len(fence[0])]

    assert fence[0] not in re.findall(r"`+", inside)
    assert "\n" not in span


@pytest.mark.parametrize("text", ["arn:aws:s3:::claims", "anna@example.test"])
def test_an_id_in_a_table_can_be_copied_as_it_is(text: str) -> None:
    assert entry(text) == f"`{text}`"


def test_an_action_in_a_table_is_a_word_of_it() -> None:
    assert entry("s3:PutObject") == plain("s3:PutObject")


@given(some.text())
def test_what_is_no_id_stands_in_a_table_as_elsewhere(text: str) -> None:
    assert entry(f"{text} {text}") == plain(f"{text} {text}")
