"""The page of reports."""

from __future__ import annotations

import streamlit as st

from ui.page import PageDeclaration
from ui.pagemodels.export import Export, file_name
from ui.pagemodels.reports import ReportsModel, build_model
from ui.render.markdown import plain
from ui.render.reports import FORMS
from ui.shell import Shell, metrics, table, tools


def draw(shell: Shell) -> None:
    """Draw what a report on this version says, its files, and what was reported before."""
    st.title("Reports", anchor=False)
    reading = shell.reading
    if reading is None or reading.run is None:
        shell.state(checked="", rows=0)
        return
    model = build_model(reading, now=shell.now)
    if not shell.state(checked="the report on shadow assets", rows=1, rests_on=model.rests_on):
        return
    tools(shell, Export("reports", model.past, model.command, model.rests_on))
    st.subheader("Shadow assets, as of this version", anchor=False)
    metrics(model.metrics)
    for line in model.head:
        st.markdown(plain(line))
    _files(shell, model)
    st.subheader("What was reported", anchor=False)
    if model.past.rows:
        table(shell, model.past, key="reports-past")
    else:
        st.markdown("No report was written yet. A schedule writes one after each scan:")
        st.code(model.command, language="bash")


def _files(shell: Shell, model: ReportsModel) -> None:
    with st.container(horizontal=True, gap="small"):
        for form, make in FORMS.items():
            st.download_button(
                form.upper(),
                data=lambda make=make: make(model.report),  # type: ignore[misc]  # each button has its own form
                file_name=file_name("shadow assets", form, shell.now),
                on_click="ignore",
                key=f"report-{form}",
            )


PAGE = PageDeclaration("Reports", "reports", ":material/summarize:", 9, draw)
