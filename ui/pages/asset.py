"""The asset page."""

from __future__ import annotations

import streamlit as st

from ui.page import PageDeclaration
from ui.shell import Shell


def draw(shell: Shell) -> None:
    """Draw it."""
    st.title("Asset", anchor=False)
    shell.state(checked="", rows=1)


PAGE = PageDeclaration("Asset", "asset", ":material/database:", 9, draw, hidden=True)
