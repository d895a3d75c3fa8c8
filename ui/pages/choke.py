"""The page of choke points."""

from __future__ import annotations

import streamlit as st

from ui.opening import opening
from ui.page import PageDeclaration
from ui.pagemodels.choke import ChokeModel, build_model
from ui.pagemodels.export import Export
from ui.render.markdown import plain
from ui.render.text import safe
from ui.shell import Shell, metrics, table, tools


def draw(shell: Shell) -> None:
    """Draw the question, the ranked choke points, and what the chosen one's removal would do."""
    model = opening(shell, "Choke points", build_model)
    if model is None or not shell.state(
        checked=model.checked, rows=len(model.ids), rests_on=model.rests_on
    ):
        return
    tools(shell, Export("choke points", model.sheet, model.command, model.rests_on))
    metrics(model.metrics)
    _ranked(shell, model)
    if model.chosen:
        _whatif(shell, model)


def _ranked(shell: Shell, model: ChokeModel) -> None:
    st.subheader("What cuts most", anchor=False)
    st.markdown(plain(" ".join(model.notes)))
    frame = model.sheet.frame()
    chosen = st.dataframe(
        frame,
        key="choke-rows",
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "Rank": st.column_config.NumberColumn(width="small"),
            "Take away": st.column_config.TextColumn(width=340),
            "Marks": st.column_config.TextColumn(width=100),
            "Pairs cut": st.column_config.ProgressColumn(
                format="%d", min_value=0, max_value=max(model.pairs, 1), width="small"
            ),
        },
    )
    picked = [str(model.ids[row]) for row in chosen.selection.rows if row < len(model.ids)]
    if picked and picked[0] != model.chosen:
        shell.set(id=picked[0], whatif=None)
        st.rerun()
    if not model.chosen:
        st.markdown(
            "Select a row to try its removal. A figure that is no recount is a lower bound."
        )


def _whatif(shell: Shell, model: ChokeModel) -> None:
    with st.container(border=True):
        st.subheader(plain(f"Without: {model.name}"), anchor=False)

        def toggled() -> None:
            shell.set(whatif="1" if st.session_state["choke-whatif"] else None)

        st.session_state["choke-whatif"] = model.whatif
        st.toggle("Resolve the estate again without it", key="choke-whatif", on_change=toggled)
        tried = model.tried
        if tried is None:
            return
        st.markdown(plain(tried.summary))
        if tried.agrees is False:
            st.error(
                f"The figure above and resolving again differ: {tried.ended:,} pairs end here.",
                icon=":material/error:",
            )
        elif tried.agrees:
            st.markdown("The figure above and resolving again agree.")
        if tried.removal:
            st.code(safe(tried.removal), language="bash", wrap_lines=True)
        if tried.changes.rows:
            table(shell, tried.changes, key="choke-changes")


PAGE = PageDeclaration("Choke points", "choke", ":material/filter_center_focus:", 3, draw)
