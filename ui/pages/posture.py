"""The page of rules and their findings."""

from __future__ import annotations

import streamlit as st

from ui.page import PageDeclaration
from ui.pagemodels.export import Export
from ui.pagemodels.links import link
from ui.pagemodels.posture import STATUSES, PostureModel, build_model
from ui.render.markdown import plain
from ui.settled import FINDING, decide_form
from ui.shell import Shell, choice, metrics, table, tools


def draw(shell: Shell) -> None:
    """Draw how every rule fares, and the findings of the one that is looked at."""
    st.title("Posture", anchor=False)
    reading = shell.reading
    if reading is None or reading.run is None:
        shell.state(checked="", rows=0)
        return
    model = build_model(reading, shell.params, shell.filters, now=shell.now)
    if not model.audited:
        st.info(
            "The rules were not asked of this version yet: run `shadowgraph check`.",
            icon=":material/rule:",
        )
        return
    if not shell.state(checked=model.checked, rows=len(model.ids), rests_on=model.rests_on):
        return
    tools(
        shell,
        Export(
            "posture",
            model.findings if model.chosen else model.sheet,
            model.command,
            model.rests_on,
        ),
    )
    metrics(model.metrics)
    for line in model.failed:
        st.error(plain(f"Rule not evaluated: {line}"), icon=":material/error:")
    _rules(shell, model)
    _findings(shell, model)


def _rules(shell: Shell, model: PostureModel) -> None:
    chosen = st.dataframe(
        model.sheet.frame(),
        key="posture-rules",
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        column_config={"Title": st.column_config.TextColumn(width=420)},
    )
    picked = [model.ids[row] for row in chosen.selection.rows if row < len(model.ids)]
    if picked and picked[0] != shell.params.get("rule"):
        shell.set(rule=picked[0])
        st.rerun()


def _findings(shell: Shell, model: PostureModel) -> None:
    rule = model.chosen
    if rule is None:
        st.markdown("Select a rule to see its findings.")
        return
    st.subheader(plain(f"{rule.id}: {rule.title}"), anchor=False)
    st.markdown(plain(f"Fails when: {rule.signals}"))
    st.markdown(plain(f"What to do: {rule.fix}"))
    if rule.controls:
        st.markdown(plain(f"Against false alarms: {'; '.join(rule.controls)}."))
    told = "; ".join(f"{name} {ids}" for name, ids in model.evidence)
    st.markdown(plain(f"Evidence for: {told}."))
    choice("status", "Findings", [(one, one) for one in STATUSES], model.status, everything="")
    if not model.found:
        st.markdown("No finding has this status.")
        return
    leads = [[link("asset", "All about the asset", id=one.row.asset)] for one in model.found]
    table(shell, model.findings, key="posture-findings", leads=leads)
    if model.left_out:
        st.markdown(f"{model.left_out:,} more are in the export and on the command line.")
    first = model.found[0]
    names = {one.row.id: str(one.held["name"]) for one in model.found}
    chosen = shell.params.get("id")
    subject = chosen if chosen in names else first.row.id
    st.markdown(plain(f"Decide on the finding about {names[subject]}"))
    decide_form(shell, subject, FINDING)


PAGE = PageDeclaration("Posture", "posture", ":material/rule:", 8, draw)
