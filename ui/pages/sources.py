"""The sources page."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from ui.page import PageDeclaration
from ui.pagemodels.export import Export
from ui.pagemodels.links import link
from ui.pagemodels.sources import (
    MOST_CARDS,
    MOST_FIXES,
    Scope,
    SourcesModel,
    asked_of,
    build_model,
)
from ui.pagemodels.sources_fix import Fix
from ui.pagemodels.sources_unread import NEVER_ASKED
from ui.pagemodels.words import Colour, instant
from ui.render.markdown import badge, plain
from ui.render.text import plural, safe
from ui.shell import WORD_ICONS, Shell, choice, metrics, table, tools

COLOURS: dict[str, Colour] = {"ok": "green", "incomplete": "orange", "failed": "red"}
TOLD = {"ok": "OK", "incomplete": "Incomplete", "failed": "Failed"}
OUTCOME_LOOKS: dict[str, tuple[str, Colour]] = {
    "denied": (":material/block:", "red"),
    "throttled": (":material/speed:", "orange"),
    "unsupported": (":material/do_not_disturb_on:", "gray"),
    NEVER_ASKED: (":material/question_mark:", "orange"),
}
MOST_LINKS = 4


def draw(shell: Shell) -> None:
    """Draw how every account was read, what is missing, and what lets it be read."""
    st.title("Sources", anchor=False)
    reading = shell.reading
    if reading is None or reading.run is None:
        shell.state(checked="", rows=0)
        return
    model = build_model(reading, asked_of(reading.view, shell.params), shell.filters)
    _head(shell, model)
    # What is missing is this page's own subject: it is said below at length, and not above it once more.
    whole = replace(model.rests_on, gaps=(), unasked=(), assumed=())
    drawn = shell.state(checked=model.checked, rows=model.rows, shown=model.shown, rests_on=whole)
    if not drawn and (model.answered or not model.shown):
        return
    metrics(model.metrics)
    _scopes(model)
    _unread(shell, model)
    _loads(shell, model)


def _head(shell: Shell, model: SourcesModel) -> None:
    left, right = st.columns([3, 2], vertical_alignment="center")
    with left:
        st.markdown("What was read, what was refused, and what would let the rest be read.")
        if model.shown:
            with st.container(horizontal=True, gap="small", vertical_alignment="center"):
                st.badge(TOLD[model.word], icon=WORD_ICONS[model.word], color=COLOURS[model.word])
                st.markdown(plain(model.headline))
        if model.environment_told:
            st.markdown(model.environment_told)
    with right:
        tools(shell, Export("sources", model.sheet, model.command, model.rests_on))


def _scopes(model: SourcesModel) -> None:
    st.subheader("Accounts", anchor=False)
    shown = model.scopes[:MOST_CARDS]
    for first in range(0, len(shown), 3):
        for column, scope in zip(st.columns(3), shown[first : first + 3], strict=False):
            with column, st.container(border=True, height="stretch"):
                _card(scope)
    if len(model.scopes) > MOST_CARDS:
        st.markdown(
            f"Showing {MOST_CARDS} of {plural(len(model.scopes), 'account')}; the table holds all."
        )
    st.markdown(
        "Answered calls by service. ✓ all answered, ▲ some are missing, ✕ none was answered."
    )
    st.dataframe(model.grid.frame(), hide_index=True, key="sources-grid")


def _card(scope: Scope) -> None:
    st.markdown(f"**{plain(scope.name)}**")
    st.badge(TOLD[scope.word], icon=WORD_ICONS[scope.word], color=COLOURS[scope.word])
    regions = ", ".join(scope.regions) or "none"
    st.markdown(
        f"{plain(scope.platform.upper())}, {plain(scope.told)}  \n"
        f"Regions: {plain(regions)}  \nLast read: {plain(instant(scope.last_read))}"
    )


def _unread(shell: Shell, model: SourcesModel) -> None:
    """What is missing, what to do about it, and the rows."""
    st.subheader("What is missing, and what to do", anchor=False)
    if model.complete:
        st.success(
            f"Nothing is missing: {model.headline}.",
            icon=":material/verified:",
        )
        return
    left, right, _ = st.columns([2, 3, 3])
    with left:
        choice("outcome", "How it ended", model.outcomes, model.asked.outcome)
    with right:
        choice("call", "Call", model.calls, model.asked.call)
    if not model.unread:
        st.info("No call matches both choices.", icon=":material/filter_alt:")
        return
    for fix in model.fixes[:MOST_FIXES]:
        _fix(shell, fix)
    if len(model.fixes) > MOST_FIXES:
        st.markdown(
            f"Showing the {MOST_FIXES} that let most be read, of {len(model.fixes):,}; the table holds all."
        )
    st.markdown(f"**{plural(len(model.unread), 'call')}, one by one**")
    table(shell, model.sheet, key="sources-unread", leads=model.leads)
    _proposals(model)


def _fix(shell: Shell, fix: Fix) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            icon, colour = OUTCOME_LOOKS.get(fix.outcome, (":material/error:", "red"))
            st.badge(badge(fix.outcome.capitalize()), icon=icon, color=colour)
            st.markdown(f"**{plain(fix.title)}**")
        st.markdown(f"{plain(fix.words)}  \n{plain(fix.effect)}")
        if fix.subjects:
            with st.container(horizontal=True, gap="small"):
                for what, node in fix.subjects[:MOST_LINKS]:
                    shell.link(
                        link("asset", f"Open the {what}", id=node), icon=":material/arrow_forward:"
                    )
                if len(fix.subjects) > MOST_LINKS:
                    st.markdown(f"and {len(fix.subjects) - MOST_LINKS:,} more, in the table below")


def _proposals(model: SourcesModel) -> None:
    if not model.proposals:
        return
    st.subheader("The smallest policy that would allow it", anchor=False)
    st.markdown(
        "A proposal to copy to the reading role of each account. It holds read actions of the collector only, "
        "and shadowgraph changes nothing by itself."
    )
    for proposal in model.proposals:
        with st.expander(
            plain(f"For the reading role of {proposal.account}"),
            expanded=len(model.proposals) < 4,
            icon=":material/policy:",
        ):
            for note in proposal.notes[:MOST_FIXES]:
                st.warning(plain(note), icon=":material/block:")
            if len(proposal.notes) > MOST_FIXES:
                st.markdown(f"and {len(proposal.notes) - MOST_FIXES:,} notes more, as in the table")
            st.code(safe_lines(proposal.text), language="json", wrap_lines=True)


def safe_lines(text: str) -> str:
    """The text line by line as it may be shown."""
    return "\n".join(safe(line) for line in text.split("\n"))


def _loads(shell: Shell, model: SourcesModel) -> None:
    st.subheader("Loads", anchor=False)
    if model.runs_told:
        st.markdown(model.runs_told)
    st.dataframe(model.runs.frame(), hide_index=True, key="sources-runs")
    st.subheader("Remarks", anchor=False)
    if model.remarks.rows:
        st.markdown("What the newest load of each source could not read, or found odd.")
        st.dataframe(model.remarks.frame(), hide_index=True, key="sources-remarks")
    else:
        st.markdown("The loads had nothing to remark: every answer could be read.")
    if model.odd is None:
        st.markdown("Policies were not looked through yet: it takes a while in a store this large.")
        if st.button("Look for odd policies", icon=":material/rule:"):
            shell.set(odd="yes")
            st.rerun()
    elif model.odd.rows:
        st.markdown(
            f"{plural(len(model.odd.rows), 'policy element')} that no rule covers: what they decide counts as conditional."
        )
        st.dataframe(model.odd.frame(), hide_index=True, key="sources-odd")
    else:
        st.markdown("No policy holds anything that no rule covers.")


PAGE = PageDeclaration("Sources", "sources", ":material/database:", 10, draw)
