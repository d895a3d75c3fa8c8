"""A box to find a node by name: suggestions while typing, chosen by mouse or keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from graph.model import NodeId
from graph.view import View
from ui.pagemodels.search import Found, search
from ui.render.text import plural, safe

_HERE = Path(__file__)
_MOUNT = st.components.v2.component(
    "shadowgraph_search_box",
    css=_HERE.with_suffix(".css").read_text(encoding="utf-8"),
    js=_HERE.with_suffix(".js").read_text(encoding="utf-8"),
)
LONGEST = 200  # characters that are looked for


def search_data(
    found: Found, query: str, *, label: str, value: str, **shown: object
) -> dict[str, object]:
    """What the browser draws: the matches as safe text, and what to say of their number."""
    more = found.total - len(found.matches)
    hint = (
        f"and {more:,} more: type on to narrow" if more else plural(found.total, "match", "matches")
    )
    return {
        "label": label,
        "value": safe(value),
        "query": query,
        "matches": [
            {"id": match.id, "name": safe(match.name), "sub": safe(match.sub)}
            for match in found.matches
        ],
        "hint": hint
        if found.total
        else "nothing has this name; try `kind:words`, e.g. `role:endpoint`",
        **shown,
    }


@st.fragment
def search_box(
    view: View,
    *,
    key: str,
    label: str,
    chosen: Callable[[NodeId], None],
    value: str = "",
    placeholder: str = "",
    hide_label: bool = False,
    shortcut: bool = False,
) -> None:
    """Draw the box; `chosen` is called with the id of a node of this view once one is chosen."""
    state = st.session_state.get(key)
    typed = getattr(state, "query", "") if state is not None else ""
    query = typed[:LONGEST] if isinstance(typed, str) else ""
    found = search(view, query) if query.strip() else Found((), 0)
    result = _MOUNT(
        key=key,
        data=search_data(
            found,
            query,
            label=label,
            value=value,
            placeholder=placeholder,
            hideLabel=hide_label,
            shortcut=shortcut,
        ),
        default={"query": ""},
        on_query_change=_nothing,
        on_pick_change=_nothing,
    )
    picked = result.pick
    at = view.find(picked) if isinstance(picked, str) else None
    if at is not None:
        chosen(view.nodes.ids[at])


def _nothing() -> None:
    """Streamlit wants a callback for every value that a component may send."""
