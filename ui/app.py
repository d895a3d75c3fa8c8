"""The app: the page that the address names, drawn anew for every visit and every change."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ui.navigation import page_objects

ICON = Path(__file__).with_name("favicon.svg")


def main() -> None:
    """Draw the page that the address names."""
    st.set_page_config(
        page_title="shadowgraph",
        page_icon=str(ICON),
        layout="wide",
        initial_sidebar_state="expanded",
    )
    st.navigation(list(page_objects().values()), position="hidden").run()
