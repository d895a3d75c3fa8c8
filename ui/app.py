"""The app's script: Streamlit runs it for every visit and every change; it finds the pages and draws the one asked for."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from ui.page import pages
from ui.shell import frame

ICON = Path(__file__).with_name("favicon.svg")


def main() -> None:
    """Draw the page that the address names."""
    st.set_page_config(
        page_title="shadowgraph",
        page_icon=str(ICON) if ICON.exists() else None,
        layout="wide",
        initial_sidebar_state="expanded",
    )
    declared = pages()
    made = {
        page.url_path: st.Page(
            partial(_draw, page.url_path),
            title=page.title,
            url_path=page.url_path,
            default=not page.url_path,
            visibility="hidden" if page.hidden else "visible",
        )
        for page in declared
    }
    current = st.navigation(list(made.values()), position="hidden")
    shown = next(page for page in declared if page.url_path == current.url_path)
    frame(shown, made)


def _draw(url_path: str) -> None:
    """Streamlit wants a function for each page; `main` draws the page itself, inside its frame."""
    del url_path


main()
