"""The blast radius page."""

from __future__ import annotations

import streamlit as st

from ui.page import PageDeclaration
from ui.shell import Shell


def draw(shell: Shell) -> None:
    """Draw it."""
    st.title("Blast radius", anchor=False)
    shell.state(checked="", rows=1)


PAGE = PageDeclaration("Blast radius", "blast", ":material/radar:", 2, draw)
