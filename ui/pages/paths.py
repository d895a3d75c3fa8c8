"""The page of all attack paths."""

from __future__ import annotations

import streamlit as st

from ui.opening import opening
from ui.page import PageDeclaration
from ui.pagemodels.export import Export
from ui.pagemodels.paths import PathsModel, build_model
from ui.render.markdown import plain
from ui.shell import Shell, choice, metrics, table, tools


def draw(shell: Shell) -> None:
    """Draw the question, what the paths come to, and a row for each."""
    model = opening(shell, "Attack paths", build_model)
    if model is None or not shell.state(
        checked=model.checked,
        rows=model.all_rows,
        shown=len(model.sheet.rows),
        rests_on=model.rests_on,
    ):
        return
    tools(shell, Export("attack paths", model.sheet, model.command, model.rests_on))
    metrics(model.metrics)
    _rows(shell, model)


def _rows(shell: Shell, model: PathsModel) -> None:
    st.subheader("Paths, the worst first", anchor=False)
    left, middle, right = st.columns([2, 1, 1], vertical_alignment="bottom")
    with left:
        st.markdown(plain(" ".join(model.notes)))
    with middle:
        choice("sev", "Severity", model.severities, model.severity)
    with right:
        choice("route", "Route", model.routes, model.route)
    table(shell, model.sheet, key="paths-rows", leads=model.leads)


PAGE = PageDeclaration("Attack paths", "paths", ":material/alt_route:", 2, draw)
