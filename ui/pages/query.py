"""The page of queries in Cypher, over a shared store."""

from __future__ import annotations

import streamlit as st

from ui.page import PageDeclaration
from ui.pagemodels.export import Export
from ui.pagemodels.query import QueryAnswer, QueryModel, answer_own, answer_saved, build_model
from ui.reading import Reading
from ui.render.markdown import plain
from ui.shell import Shell, choice, table, tools

NEEDED = "Cypher needs a store on a Neo4j server: name one by `--store neo4j://host:7687`. The other pages answer on every store."  # fmt: skip


def draw(shell: Shell) -> None:
    """Draw the saved queries, the chosen one with its parameters, and what it answers."""
    st.title("Query", anchor=False)
    reading = shell.reading
    if reading is None or reading.run is None:
        shell.state(checked="", rows=0)
        return
    model = build_model(reading, shell.params)
    if not shell.state(checked="", rows=len(model.catalogue.rows), rests_on=model.rests_on):
        return
    if not model.cypher:
        st.info(NEEDED, icon=":material/database:")
        table(shell, model.catalogue, key="query-catalogue")
        return
    chosen = model.chosen.name if model.chosen else ""
    choice("name", "Query", model.names, chosen, everything="A statement of your own")
    if model.chosen is None:
        _own(shell, reading, model)
    else:
        _saved(shell, reading, model)


def _saved(shell: Shell, reading: Reading, model: QueryModel) -> None:
    assert model.chosen is not None  # noqa: S101 - the caller looked
    st.markdown(plain(model.chosen.question))
    with st.form("query-parameters", border=False):
        typed = {
            one.name: st.text_input(
                plain(one.says),
                value=model.given[one.name],
                key=f"query-{model.chosen.name}-{one.name}",
            )
            for one in model.chosen.parameters
        }
        sent = st.form_submit_button("Ask", disabled=not model.chosen.parameters)
    if sent and typed != model.given:
        shell.set(**{f"p_{name}": value for name, value in typed.items()})
        st.rerun()
    with st.expander("The statement"):
        st.code(model.chosen.statement, language="cypher")
    if model.missing:
        return
    with reading.explaining:
        answer = answer_saved(reading, model)
    _told(shell, model.chosen.title, answer, model)


def _own(shell: Shell, reading: Reading, model: QueryModel) -> None:
    st.markdown("It may read and do nothing else; rows and time have a limit.")
    with st.form("query-own", border=False):
        statement = st.text_area("Statement", key="query-statement", height=140)
        st.form_submit_button("Ask")
    if statement.strip():
        with reading.explaining:
            answer = answer_own(reading, statement)
        _told(shell, "query", answer, model)
    table(shell, model.catalogue, key="query-catalogue")


def _told(shell: Shell, name: str, answer: QueryAnswer, model: QueryModel) -> None:
    if answer.problem:
        st.error(plain(" ".join((answer.problem, *answer.advice))), icon=":material/error:")
        return
    if answer.loading:
        st.warning(plain(f"Loading: {answer.loading}."), icon=":material/sync:")
    tools(shell, Export(name, answer.sheet, answer.command, model.rests_on))
    if not answer.sheet.rows:
        st.markdown("Nothing answers to it.")
        return
    table(shell, answer.sheet, key="query-rows")
    for line in answer.sheet.below:
        st.markdown(plain(line))


PAGE = PageDeclaration("Query", "query", ":material/data_object:", 10, draw)
