"""The page of access reviews."""

from __future__ import annotations

import streamlit as st

from graph.model import NodeId
from ui.page import PageDeclaration
from ui.pagemodels.export import Export
from ui.pagemodels.review import ReviewModel, ReviewRow, build_model
from ui.render.campaigns import evidence_sheet
from ui.render.markdown import plain
from ui.render.sheet import Sheet
from ui.render.text import plural, safe
from ui.settled import KEYS, REVIEW, decide_form, told_decision
from ui.shell import Shell, choice, metrics, table, tools, written


def draw(shell: Shell) -> None:
    """Draw the queue, and the identity that is looked at with its proposal and the decision."""
    st.title("Access review", anchor=False)
    reading = shell.reading
    if reading is None or reading.run is None:
        shell.state(checked="", rows=0)
        return
    context = shell.settings.context
    with reading.explaining:
        model = build_model(reading, shell.params, shell.filters, context, now=shell.now)
    shown = len(model.ids) or int(model.row is not None)
    if not shell.state(
        checked=model.checked, rows=model.rows, shown=shown, rests_on=model.rests_on
    ):
        return
    _rounds(shell, model)
    tools(shell, Export("access review", _evidence(model), model.command, model.rests_on))
    metrics(model.metrics)
    if model.left_out:
        st.markdown(plain(model.left_out))
    _queue(shell, model)
    if model.row is not None:
        _row(shell, model.row, model.alike)


def _rounds(shell: Shell, model: ReviewModel) -> None:
    """The campaigns that are open, and whose share is looked at; nothing where there is none."""
    if not model.rounds:
        return
    with st.container(horizontal=True):
        choice("campaign", "Campaign", [(one, one) for one in model.rounds], shell.params.get("campaign", ""), everything="None")  # fmt: skip
        if model.round is not None:
            who = [(one, one) for one in model.round.reviewers]
            choice("reviewer", "Reviewer", who, model.round.reviewer)
    if model.round is not None:
        st.markdown(plain(model.round.words))


def _evidence(model: ReviewModel) -> Sheet:
    """What leaves as a file: the queue, or who decided what in the campaign."""
    if model.round is None:
        return model.sheet
    return evidence_sheet(model.round.progress, model.nodes, reviewer=model.round.reviewer)


def _queue(shell: Shell, model: ReviewModel) -> None:
    if not model.ids:
        return
    st.progress(
        model.done / len(model.ids),
        f"{model.done:,} of {plural(len(model.ids), 'identity', 'identities')} decided",
    )
    chosen = st.dataframe(
        model.sheet.frame(),
        key="review-rows",
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
    )
    picked = [str(model.ids[row]) for row in chosen.selection.rows if row < len(model.ids)]
    if picked and picked[0] != shell.params.get("row"):
        shell.set(row=picked[0])
        st.rerun()
    if model.row is None:
        st.markdown("Select a row to see what it holds and uses, and to decide.")
    if model.following is not None and st.button(
        "Next to decide", icon=":material/skip_next:", shortcut="n"
    ):
        shell.set(row=str(model.following))
        st.rerun()


def _row(shell: Shell, row: ReviewRow, alike: tuple[NodeId, ...]) -> None:
    with st.container(border=True):
        st.subheader(
            plain(f"{row.excess.name} ({row.excess.kind}, {row.excess.account})"), anchor=False
        )
        for target in row.links:
            shell.link(target, icon=":material/arrow_forward:")
        for line in row.summary:
            st.markdown(plain(line))
        written(row.parts)
        table(shell, row.pairs, key="review-pairs")
        if row.left_out:
            st.markdown(f"{row.left_out:,} more are told on the command line.")
        if row.diff:
            st.markdown("**The smaller policy**")
            st.code(safe_lines(row.diff), language="diff", wrap_lines=True)
        for made in row.history:
            st.markdown(plain(told_decision(made)))
        decide_form(
            shell, str(row.excess.identity), REVIEW, alike=tuple(map(str, alike)), keys=KEYS
        )


def safe_lines(text: str) -> str:
    """The text line by line, with what a terminal or page would not print shown as escapes."""
    return "\n".join(map(safe, text.splitlines()))


PAGE = PageDeclaration("Access review", "review", ":material/fact_check:", 7, draw)
