"""Streamlit's page objects of all declared pages; each draws itself in the frame."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from ui.page import pages
from ui.shell import frame


def page_objects() -> dict[str, Any]:
    """The page objects by address, made anew for each run of the script."""
    made: dict[str, Any] = {}
    for page in pages():
        # No icon here: Streamlit would make it the icon of the window, and fetch that from elsewhere.
        made[page.url_path] = st.Page(
            partial(frame, page, made),
            title=page.title,
            url_path=page.url_path,
            default=not page.url_path,
            visibility="hidden" if page.hidden else "visible",
        )
    return made
