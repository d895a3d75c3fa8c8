"""The overview."""

from __future__ import annotations

import streamlit as st

from ui.outlook import FirstFix
from ui.page import PageDeclaration
from ui.pagemodels.export import Export
from ui.pagemodels.links import link
from ui.pagemodels.overview import Figure, OverviewModel, build_model
from ui.render.markdown import plain
from ui.render.text import safe
from ui.shell import Shell, choice, tools, written

WRITTEN = 5  # columns that a card has room for; more are scrolled sideways


def draw(shell: Shell) -> None:
    """Draw the estate at a glance: figures, paths, fixes, news, and what all of it rests on."""
    st.title("Overview", anchor=False)
    reading = shell.reading
    model = None if reading is None else build_model(reading, shell.params, shell.filters)
    rows = 0 if model is None else model.rows
    if not shell.state(checked="the whole estate", rows=rows) or model is None:
        return
    tools(shell, Export("overview", model.sheet, rests_on=model.rests_on))
    if not model.worked_out:
        st.info(
            "The outlook was not kept with this run: load once more to have it.",
            icon=":material/info:",
        )
    _figures(model.figures)
    if shell.filters.active:
        st.markdown("The figures count the whole estate; the lists hold what passes the filters.")
    with st.container(key="halves"):
        for parts in ((_ways, _fixes), (_widest, _exposed), (_news, _trust)):
            for column, part in zip(st.columns(2), parts, strict=True):
                with column, st.container(border=True, height="stretch"):
                    part(shell, model)


def _figures(figures: tuple[Figure, ...]) -> None:
    for at in range(0, len(figures), 3):
        for column, figure in zip(st.columns(3), figures[at : at + 3], strict=True):
            column.metric(
                figure.name,
                f"{figure.value:,}",
                delta=figure.delta,
                delta_color="inverse" if figure.worse_up else "off",
                help=figure.help,
                border=True,
                chart_data=list(figure.trend) if len(figure.trend) > 1 else None,
            )


def _ways(shell: Shell, model: OverviewModel) -> None:
    st.subheader("Attack paths to look at", anchor=False)
    st.markdown(
        plain(f"To {model.level} assets, by more than plain grants, administrators left out.")
    )
    for way in model.ways:
        target = link(
            "path", way.sentence, from_=way.source, to=way.target, cap=way.capability.value
        )
        shell.link(target, icon=":material/route:")
    more = model.ways_in_all - len(model.ways)
    if not model.ways:
        st.markdown("None was found in what was read.")
    elif more > 0:
        shell.link(link("path", f"{more:,} more"), icon=":material/more_horiz:")


def _fixes(shell: Shell, model: OverviewModel) -> None:
    del shell
    st.subheader("What to fix first", anchor=False)
    st.markdown("Ranked by how many ways to these assets each one ends, counted again without it.")
    for number, fix in enumerate(model.fixes, start=1):
        with st.expander(plain(f"{number}. {_said(fix)}")):
            st.code(safe(fix.removal), language="bash", wrap_lines=True)
            if fix.everybody:
                st.markdown("It would leave an asset with nobody who reaches it.")
    if not model.fixes:
        st.markdown("Nothing that can be taken away by itself ends any of them.")


def _said(fix: FirstFix) -> str:
    text = fix.words[:1].upper() + fix.words[1:]
    return f"{text}: ends {fix.cut:,} of {fix.pairs:,} ways"


def _widest(shell: Shell, model: OverviewModel) -> None:
    st.subheader("Who reaches most", anchor=False)
    st.markdown("By the sum of sensitivity that each would reach, administrators left out.")
    for row in model.widest:
        shell.link(link("blast", row.sentence, id=row.node), icon=":material/radar:")
    if not model.widest:
        st.markdown("Nobody who passes the filters reaches anything rated.")


def _exposed(shell: Shell, model: OverviewModel) -> None:
    st.subheader("What is reached by most", anchor=False)
    st.markdown(plain(f"Of the {model.level} assets; administrators left out."))
    for row in model.exposed:
        target = link("asset", row.sentence, id=row.node, tab="in")
        shell.link(target, icon=":material/visibility:")
    if not model.exposed:
        st.markdown("No asset that passes the filters is rated.")


def _news(shell: Shell, model: OverviewModel) -> None:
    del shell
    st.subheader("What is new", anchor=False)
    st.markdown(plain(model.since))
    if len(model.runs) > 1:
        choice("since", "Compare with", model.runs, model.compared, everything="the run before")
    for item in model.news:
        examples = f": {', '.join(item.examples)}" if item.examples else ""
        st.markdown(f"- {plain(item.title + examples)}")
    if model.runs and not model.news:
        st.markdown("Nothing changed.")


def _trust(shell: Shell, model: OverviewModel) -> None:
    st.subheader("Can I trust the data?", anchor=False)
    st.markdown("Calls answered, by service and account.")
    if len(model.coverage.columns) <= WRITTEN:
        written(model.coverage)
    else:
        st.dataframe(model.coverage.frame(), hide_index=True)
    for line in model.unread[:3]:
        st.text(line)
    shell.link(link("sources", "What was read, and what was not"), icon=":material/database:")


PAGE = PageDeclaration("Overview", "", ":material/home:", 1, draw)
