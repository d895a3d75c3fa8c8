"""The overview."""

from __future__ import annotations

import streamlit as st

from ui.page import PageDeclaration
from ui.shell import Shell


def draw(shell: Shell) -> None:
    """Draw the estate at a glance."""
    st.title("Overview", anchor=False)
    shell.state(checked="", rows=1)


PAGE = PageDeclaration("Overview", "", ":material/home:", 1, draw)
