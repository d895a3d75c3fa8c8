"""The little style that the theme has no setting for, put on the page once."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_MOUNT = st.components.v2.component(
    "shadowgraph_house_style",
    css=Path(__file__).with_suffix(".css").read_text(encoding="utf-8"),
    js="export default function () {}",
    isolate_styles=False,
)


def house_style() -> None:
    """Put the style on the page; it takes no room and shows nothing."""
    _MOUNT(key="house-style", height=1)
