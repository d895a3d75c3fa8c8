"""Placeholder while the drawing is made."""
from dataclasses import dataclass
import streamlit as st
@dataclass(frozen=True)
class Selection:
    type: str
    id: str
@dataclass(frozen=True)
class GraphEvent:
    selected: Selection | None = None
def attack_graph(picture, *, key, title, selected=None, **more):
    st.text(" -> ".join(c.label for c in picture.cards))
    return GraphEvent(Selection("x", selected) if selected else None)
