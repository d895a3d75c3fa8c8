"""The sources page."""

from __future__ import annotations

import streamlit as st

from ui.page import PageDeclaration
from ui.shell import Shell


def draw(shell: Shell) -> None:
    """Draw it."""
    st.title("Sources", anchor=False)
    shell.state(checked="", rows=1)


PAGE = PageDeclaration("Sources", "sources", ":material/database:", 9, draw)
