"""The page of all attack paths."""

from __future__ import annotations

import streamlit as st

from ui.page import PageDeclaration
from ui.pagemodels.export import Export
from ui.pagemodels.paths import PathsModel, build_model
from ui.pagemodels.question import SOURCES, TARGETS, Question, choices
from ui.render.markdown import plain
from ui.shell import Shell, certainty_choices, choice, metrics, table, tools


def draw(shell: Shell) -> None:
    """Draw the question, what the paths come to, and a row for each."""
    st.title("Attack paths", anchor=False)
    reading = shell.reading
    if reading is None:
        shell.state(checked="", rows=0)
        return
    crown = shell.settings.context.crown_jewels
    model = build_model(reading, shell.params, shell.filters, crown)
    questioned(model.question)
    if model.wrong:
        if shell.state(checked="", rows=1):
            st.warning(plain(model.wrong), icon=":material/help:")
        return
    if not shell.state(
        checked=model.checked,
        rows=model.all_rows,
        shown=len(model.sheet.rows),
        rests_on=model.rests_on,
    ):
        return
    tools(shell, Export("attack paths", model.sheet, model.command, model.rests_on))
    metrics(model.metrics)
    _rows(shell, model)


def questioned(question: Question) -> None:
    """From where to where, and how sure the steps must be."""
    first, second, third = st.columns(3)
    with first:
        source = choices(SOURCES, question.source)
        choice("from", "From", source, question.source, everything="whoever may attack")
    with second:
        target = choices(TARGETS, question.target)
        choice("to", "To", target, question.target, everything="what matters most")
    with third:
        certainty_choices(question.keep)


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
