"""The opening of the pages that ask from where to where: title, question, and why it cannot be asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

import streamlit as st

from ui.pagemodels.filters import Filters
from ui.pagemodels.links import Params
from ui.pagemodels.question import SOURCES, TARGETS, Question, choices
from ui.reading import Reading
from ui.render.markdown import plain
from ui.shell import Shell, certainty_choices, choice


class Asking(Protocol):
    """A model of a page that asks a question; `wrong` says why it cannot be asked."""

    @property
    def question(self) -> Question:
        """What the address asks."""

    @property
    def wrong(self) -> str:
        """Empty where it can be asked."""


M = TypeVar("M", bound=Asking)


def opening(
    shell: Shell, title: str, build: Callable[[Reading, Params, Filters, str], M]
) -> M | None:
    """Draw title and question; the page's model, None where there is nothing more to draw."""
    st.title(title, anchor=False)
    if shell.reading is None:
        shell.state(checked="", rows=0)
        return None
    crown = shell.settings.context.crown_jewels
    model = build(shell.reading, shell.params, shell.filters, crown)
    _questioned(model.question)
    if not model.wrong:
        return model
    if shell.state(checked="", rows=1):
        st.warning(plain(model.wrong), icon=":material/help:")
    return None


def _questioned(question: Question) -> None:
    """From where to where, and how sure the steps must be."""
    first, second, third = st.columns(3)
    with first:
        source = choices(SOURCES, question.source)
        choice("from", "From", source, question.source, everything="whoever may attack")
    with second:
        target = choices(TARGETS, question.target)
        choice("to", "To", target, question.target, everything="what matters most")
    with third:
        certainty_choices(question.keep)
