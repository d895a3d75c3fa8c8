"""The blast radius page."""

from __future__ import annotations

import streamlit as st

from graph.model import NodeId
from ui.components.attack_graph import attack_graph
from ui.components.search_box import search_box
from ui.page import PageDeclaration
from ui.pagemodels.blast import BlastModel, asked_of, build_model, suggested, told_rows
from ui.pagemodels.export import Export
from ui.pagemodels.links import link
from ui.render.markdown import plain
from ui.shell import Shell, certainty_choices, choice, metrics, table, tools


def draw(shell: Shell) -> None:
    """Draw where it starts, what it comes to, the drawing of its hops and the table of all that is reached."""
    reading = shell.reading
    model = (
        None
        if reading is None
        else build_model(reading, asked_of(reading.view, shell.params), shell.filters)
    )
    st.title("Blast radius" if model is None else plain(model.title), anchor=False)
    if model is None:
        if shell.state(checked="", rows=1):
            _start(shell, "")
            _suggestions(shell)
        return
    _question(shell, model)
    if not shell.state(
        checked=model.checked, rows=model.all_rows, shown=len(model.rows), rests_on=model.rests_on
    ):
        return
    tools(shell, Export(model.title, model.sheet, model.command, model.rests_on))
    metrics(model.metrics)
    _counts(model)
    _drawing(shell, model)
    _rows(shell, model)


def _start(shell: Shell, value: str) -> None:
    def chosen(picked: NodeId) -> None:
        shell.set(id=picked, cap=None, hops=None, group=None)
        st.rerun(scope="app")

    if shell.view is not None:
        search_box(
            shell.view,
            key="blast-start",
            label="Start",
            value=value,
            placeholder="An identity, notebook, model, dataset ... by name or id",
            chosen=chosen,
        )


def _suggestions(shell: Shell) -> None:
    widest = () if shell.reading is None else suggested(shell.reading, shell.filters)
    if not widest:
        return
    st.subheader("The widest, administrators left out", anchor=False)
    for row in widest:
        shell.link(link("blast", row.sentence, id=row.node), icon=":material/radar:")


def _question(shell: Shell, model: BlastModel) -> None:
    """Where it starts, with what, how far, and how sure the steps must be."""
    first, second, third, fourth = st.columns([4, 2, 2, 2], vertical_alignment="top")
    with first:
        _start(shell, model.name)
    with second:
        choice(
            "cap",
            "Starting with",
            [(one.value, one.value) for one in model.starts],
            model.start.value,
            everything="",
        )
    with third:
        certainty_choices(model.asked.keep)
    with fourth:
        _hops(shell, model)


def _hops(shell: Shell, model: BlastModel) -> None:
    if model.furthest < 2:
        st.markdown(f"Hops  \nAll of it lies within {model.furthest} hop.")
        return
    key = "choice-hops"
    st.session_state[key] = min(model.asked.hops or model.furthest, model.furthest)

    def moved() -> None:
        hops = st.session_state[key]
        shell.set(hops=None if hops == model.furthest else hops, group=None)

    st.slider("Hops", 1, model.furthest, key=key, on_change=moved)


def _counts(model: BlastModel) -> None:
    left, right = st.container(key="counts").columns([3, 2])
    with left:
        st.subheader("By kind and capability", anchor=False)
        st.dataframe(model.counts.frame(), hide_index=True, placeholder="", height="content")
    with right:
        st.subheader("By sensitivity and environment", anchor=False)
        st.dataframe(model.levels.frame(), hide_index=True, placeholder="")
    if model.latent:
        st.markdown(
            f"Beside these, {model.latent:,} sets that nothing matches yet: latent reach, counted apart."
        )


def _drawing(shell: Shell, model: BlastModel) -> None:
    st.subheader("Hop by hop", anchor=False)
    if not model.picture.cards:
        st.markdown(model.too_large)
        return
    event = attack_graph(
        model.picture,
        key="blast-drawing",
        title=model.title,
        selected=model.asked.group or None,
        choosing="Click or press Enter on a card for its rows below",
    )
    chosen = model.selection(event.selected.id if event.selected else None)
    if chosen != model.asked.group:
        shell.set(group=chosen or None)
        st.rerun()


def _rows(shell: Shell, model: BlastModel) -> None:
    head = st.container(horizontal=True, vertical_alignment="center", gap="medium")
    head.subheader(
        plain(f"{model.group_title} ({told_rows(len(model.top.rows), len(model.rows))})"),
        anchor=False,
    )
    if model.asked.group and head.button("Show all"):
        shell.set(group=None)
        st.rerun()
    table(shell, model.top, key="blast-rows", leads=model.leads)


PAGE = PageDeclaration("Blast radius", "blast", ":material/radar:", 4, draw)
