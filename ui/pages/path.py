"""The path page."""

from __future__ import annotations

import streamlit as st

from ui.page import PageDeclaration
from ui.pagemodels.path import asked_of, build_model
from ui.render.markdown import plain
from ui.shell import Shell


def draw(shell: Shell) -> None:
    """Draw the question, the path that answers it, what ends it, and the evidence of every step."""
    reading = shell.reading
    if reading is None:
        st.title("Attack path", anchor=False)
        shell.state(checked="", rows=0)
        return
    model = build_model(reading, asked_of(reading.view, shell.params))
    st.title(plain(model.title), anchor=False)


PAGE = PageDeclaration("Attack path", "path", ":material/route:", 3, draw)
