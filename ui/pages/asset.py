"""The asset page."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from graph.model import NodeId, digest
from ui.components.search_box import search_box
from ui.page import PageDeclaration
from ui.pagemodels.asset import TABS, AssetModel, Head, Tab, asked_of, build_model
from ui.pagemodels.asset_facts import FactsTab
from ui.pagemodels.asset_history import HistoryTab
from ui.pagemodels.asset_in import InTab
from ui.pagemodels.asset_out import OutTab
from ui.pagemodels.asset_policies import PolicyText
from ui.pagemodels.asset_raw import RawTab
from ui.pagemodels.asset_words import Listed, Told
from ui.pagemodels.export import Export
from ui.pagemodels.links import link
from ui.render.markdown import badge as as_badge
from ui.render.markdown import plain
from ui.render.text import plural, safe
from ui.shell import Shell, certainty_choices, choice, metrics, table, tools, written

OPENED = 2  # policies whose text is shown at once


def draw(shell: Shell) -> None:
    """Draw who or what it is, and the tab that is asked for."""
    reading = shell.reading
    if reading is None or reading.run is None:
        st.title("Asset", anchor=False)
        shell.state(checked="", rows=0)
        return
    model = build_model(reading, asked_of(reading.view, shell.params), shell.filters)
    if model.head is None:
        _without(shell, model)
        return
    _head(shell, model.head)
    _tabs(model.asked.tab)
    match model.content:
        case FactsTab():
            _facts(shell, model.head, model.content)
        case InTab():
            _access_in(shell, model, model.content)
        case OutTab():
            _access_out(shell, model, model.content)
        case HistoryTab():
            _history(shell, model.head.name, model.content, model.asked.only)
        case RawTab():
            _raw(shell, model.head, model.content)
        case None:
            pass


def _without(shell: Shell, model: AssetModel) -> None:
    """A page for no node, or for one that is not there."""
    st.title("Asset", anchor=False)
    if not shell.state(checked="the newest run", rows=1):
        return
    if model.missing:
        title = "Not in the graph any more" if model.past else "Not in the graph"
        st.warning(f"**{title}**\n\n{plain(model.missing)}", icon=":material/search_off:")
        st.code(safe(model.asked.id), language=None, wrap_lines=True)
    _find(shell)
    if model.past is not None:
        _changes(shell, model.past, model.asked.only)
    st.subheader("The most sensitive assets", anchor=False)
    if not model.suggestions:
        st.markdown("No asset that passes the filters is rated.")
    for target in model.suggestions:
        shell.link(target, icon=":material/database:")


def _find(shell: Shell) -> None:
    def chosen(picked: NodeId) -> None:
        shell.set(id=picked, tab=None, cap=None, route=None, only=None)
        st.rerun(scope="app")

    if shell.view is not None:
        search_box(
            shell.view,
            key="asset-find",
            label="Find an asset",
            placeholder="An identity, notebook, model, dataset ... by name or id",
            chosen=chosen,
        )


def _head(shell: Shell, head: Head) -> None:
    st.markdown(plain(" / ".join(filter(None, ("Asset", head.kind, head.account)))))
    st.title(plain(head.name), anchor=False)
    with st.container(horizontal=True, gap="small"):
        for shown in head.badges:
            st.badge(as_badge(shown.words), icon=shown.icon, color=shown.colour)
    st.code(safe(head.id), language=None, wrap_lines=True)
    if head.links:
        with st.container(horizontal=True, gap="small"):
            for target, icon in head.links:
                shell.link(target, icon=icon)


def _tabs(tab: Tab) -> None:
    """The tabs; the address holds which one is looked at, and what another tab was asked goes with it."""
    key = "choice-tab"
    st.session_state[key] = tab

    def moved() -> None:
        chosen = st.session_state[key]
        for name in ("cap", "route", "only"):
            st.query_params.pop(name, None)
        if chosen in {None, Tab.FACTS}:
            st.query_params.pop("tab", None)
        else:
            st.query_params["tab"] = Tab(chosen).value

    st.segmented_control(
        "What of it",
        list(TABS),
        key=key,
        required=True,
        format_func=lambda one: TABS[Tab(one)],
        on_change=moved,
        label_visibility="collapsed",
    )


def _tools(shell: Shell, name: str, told: Told) -> None:
    tools(shell, Export(name, told.sheet, told.command, told.rests_on))


def _state(shell: Shell, told: Told) -> bool:
    return shell.state(
        checked=told.checked, rows=told.rows, shown=told.shown, rests_on=told.rests_on
    )


def _table(shell: Shell, listed: Listed, *, key: str) -> None:
    """A table whose rows lead on, with how much of it is shown."""
    if listed.more:
        st.markdown(listed.more)
    # What is selected in the table of one node means nothing in that of the next.
    own = f"{key}-{digest('table', shell.params.get('id', ''))}"
    table(shell, listed.sheet, key=own, leads=listed.leads)


def _facts(shell: Shell, head: Head, tab: FactsTab) -> None:
    left, right = st.columns([3, 2], vertical_alignment="center")
    left.markdown(plain(tab.meaning))
    with right:
        _tools(shell, f"facts {head.name}", tab.told)
    if not _state(shell, tab.told):
        return
    for what, fix in tab.unread:
        st.warning(f"**{plain(what)}**  \n{plain(fix)}", icon=":material/visibility_off:")
    if tab.told.sheet.rows:
        written(tab.told.sheet)
    else:
        st.markdown("Nothing is known of it but its id.")
    if tab.observed.rows:
        st.subheader("Observed", anchor=False)
        st.markdown("What changes all the time: kept as last read, and not in the history.")
        st.dataframe(tab.observed.frame(), hide_index=True, key="asset-observed")
    st.subheader(tab.relations.title, anchor=False)
    if tab.relations.sheet.rows:
        _table(shell, tab.relations, key="asset-relations")
    else:
        st.markdown("No fact ties it to anything else.")
    st.subheader("Where it was read", anchor=False)
    if tab.calls.rows:
        if tab.calls_in_all > len(tab.calls.rows):
            st.markdown(f"Showing {len(tab.calls.rows):,} of {tab.calls_in_all:,}.")
        table(shell, tab.calls, key="asset-calls")
    else:
        st.markdown("No call names it: it was worked out from what was read of others.")


def _access_in(shell: Shell, model: AssetModel, tab: InTab) -> None:
    asked = model.asked
    name = "" if model.head is None else model.head.name
    if not tab.choices:
        st.markdown("Nobody can be given access to it: it is no target by itself.")
        _grants(shell, tab.grants)
        _policies(tab.policies, "")
        return
    left, right = st.columns([4, 3], vertical_alignment="center")
    left.subheader(plain(tab.headline), anchor=False)
    with right:
        _tools(shell, f"access to {name}", tab.told)
    first, second, third = st.columns(3)
    with first:
        legal = [(one.value, one.value) for one in tab.choices]
        choice(
            "cap",
            "To gain",
            legal,
            asked.capability.value if asked.capability else "",
            everything="Any access",
        )
    with second:
        certainty_choices(asked.keep)
    with third:
        choice("route", "Route", tab.routes, asked.route)
    if tab.everyone:
        st.error(plain(tab.everyone), icon=":material/public:")
    if _state(shell, tab.told):
        metrics(tab.metrics)
        if tab.disabled:
            st.markdown(
                f"{plural(tab.disabled, 'more is', 'more are')} disabled, and would reach it if enabled again; they stand last."
            )
        if tab.sheet.rows:
            listed = Listed("", tab.sheet, tab.leads, len(tab.told.sheet.rows))
            _table(shell, listed, key="asset-in")
        else:
            st.markdown("No identity reaches it by this route.")
    _grants(shell, tab.grants)
    _policies(tab.policies, "Policies that let others in")


def _grants(shell: Shell, grants: Listed, none: str = "There are none.") -> None:
    st.subheader(plain(grants.title), anchor=False)
    if grants.sheet.rows:
        _table(shell, grants, key=f"asset-{grants.title}")
    else:
        st.markdown(none)


def _policies(policies: Iterable[PolicyText], title: str) -> None:
    shown = tuple(policies)
    if not shown:
        return
    st.subheader(title, anchor=False)
    for number, policy in enumerate(shown):
        with st.expander(
            plain(policy.title),
            icon=":material/policy:",
            expanded=number < OPENED and len(shown) < 4,
        ):
            if policy.note:
                st.markdown(plain(policy.note))
            if policy.text:
                st.code(policy.text, language="json", wrap_lines=True)


def _access_out(shell: Shell, model: AssetModel, tab: OutTab) -> None:
    name = "" if model.head is None else model.head.name
    left, right = st.columns([4, 3], vertical_alignment="center")
    left.subheader(plain(tab.headline), anchor=False)
    with right:
        _tools(shell, f"access of {name}", tab.told)
    certainty, _ = st.columns([1, 2])
    with certainty:
        certainty_choices(model.asked.keep)
    if not _state(shell, tab.told):
        return
    if tab.metrics:
        metrics(tab.metrics)
    if tab.reached.of:
        st.subheader(tab.reached.title, anchor=False)
        _table(shell, tab.reached, key="asset-out")
        if model.asked.node is not None:
            shell.link(
                link("blast", "All of it, hop by hop", id=model.asked.node), icon=":material/radar:"
            )
    _grants(shell, tab.grants, tab.without)
    _policies(tab.policies, "Policies attached to it")


def _history(shell: Shell, name: str, tab: HistoryTab, only: str) -> None:
    left, right = st.columns([4, 3], vertical_alignment="center")
    left.markdown(plain(tab.began))
    with right:
        _tools(shell, f"history of {name}", tab.told)
    if _state(shell, tab.told):
        _changes(shell, tab, only)


def _changes(shell: Shell, tab: HistoryTab, only: str) -> None:
    if tab.gone:
        st.markdown(plain(f"{tab.began} {tab.gone}"))
    st.subheader(tab.listed.title, anchor=False)
    if tab.listed.of or only:
        narrowed, _ = st.columns([1, 2])
        with narrowed:
            choice("only", "Show", tab.choices, only, everything="facts and conclusions")
    if tab.listed.sheet.rows:
        _table(shell, tab.listed, key="asset-history")
    else:
        st.markdown("Nothing of it changed since.")


def _raw(shell: Shell, head: Head, tab: RawTab) -> None:
    _tools(shell, f"edges of {head.name}", tab.told)
    if not _state(shell, tab.told):
        return
    left, right = st.columns([3, 2])
    with left:
        st.subheader("The node", anchor=False)
        st.code(tab.node, language="json", wrap_lines=True)
    with right:
        st.subheader("Its edges by kind", anchor=False)
        st.dataframe(tab.counts.frame(), hide_index=True, key="asset-edge-counts", placeholder="")
    st.subheader("Its edges", anchor=False)
    st.markdown(f"Showing {tab.shown:,} of {plural(tab.of, 'edge')}.")
    if tab.shown:
        st.code(tab.edges, language="json", wrap_lines=True, height=600)


PAGE = PageDeclaration("Asset", "asset", ":material/database:", 9, draw, hidden=True)
