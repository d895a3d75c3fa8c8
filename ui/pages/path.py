"""The path page."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from graph.model import Certainty, NodeId
from graph.view import View
from ui.components.attack_graph import attack_graph
from ui.components.search_box import search_box
from ui.page import PageDeclaration
from ui.pagemodels.export import Export
from ui.pagemodels.links import link
from ui.pagemodels.path import PathModel, ShownFix, access_of, asked_of, build_model
from ui.pagemodels.steps import Standing, Step, Way, selected_step
from ui.pagemodels.words import SEVERITY_LOOKS, Colour, instant
from ui.render.markdown import badge, code, plain
from ui.render.text import safe
from ui.shell import Shell, certainty_choices, choice, metrics, tools, written
from ui.told import Source

CERTAINTY_LOOKS: dict[Certainty, tuple[str, Colour]] = {
    Certainty.DEFINITE: (":material/check_circle:", "green"),
    Certainty.CONDITIONAL: (":material/help:", "orange"),
    Certainty.POSSIBLE: (":material/experiment:", "gray"),
}


def draw(shell: Shell) -> None:
    """Draw the question, the path that answers it, what ends it, and the evidence of every step."""
    reading = shell.reading
    if reading is None:
        st.title("Attack path", anchor=False)
        shell.state(checked="", rows=0)
        return
    model = build_model(reading, asked_of(reading.view, shell.params), shell.filters)
    _crumbs(shell, model)
    st.title(plain(model.title), anchor=False)
    if model.asked.complete:
        left, right = st.columns([1, 2], vertical_alignment="center")
        with left:
            _badges(model)
        with right:
            tools(shell, Export(model.title, model.sheet, model.command, model.rests_on))
    _question(shell, reading.view, model)
    if not model.asked.complete:
        if shell.state(checked="", rows=1):
            _suggestions(shell, model)
        return
    if not shell.state(checked=model.checked, rows=len(model.steps), rests_on=model.rests_on):
        return
    if not model.found:
        return
    metrics(model.metrics)
    _drawing(shell, model)
    _below(shell, model)
    _steps(model)
    st.subheader("Evidence, step by step", anchor=False)
    for step in model.steps:
        _evidence(shell, step)


def _crumbs(shell: Shell, model: PathModel) -> None:
    if not model.found:
        return
    with st.container(horizontal=True, gap="small"):
        source, target = model.ends
        shell.link(link("asset", f"Start: {source.label}", id=source.id), icon=":material/flag:")
        shell.link(
            link("asset", f"End: {target.label}", id=target.id), icon=":material/sports_score:"
        )


def _badges(model: PathModel) -> None:
    if not model.found:
        return
    with st.container(horizontal=True, gap="small"):
        icon, colour = SEVERITY_LOOKS[model.severity]
        st.badge(f"Severity: {model.severity.value}", icon=icon, color=colour)
        icon, colour = CERTAINTY_LOOKS[model.certainty]
        st.badge(model.certainty.label.capitalize(), icon=icon, color=colour)
        if model.new:
            st.badge(model.new, icon=":material/fiber_new:", color="blue")
        if model.public:
            st.badge("Open to everyone", icon=":material/public:", color="red")
        if model.indirect:
            st.badge("Shows only later", icon=":material/schedule:", color="gray")


def _question(shell: Shell, view: View, model: PathModel) -> None:
    """The two ends and what may be walked between them."""
    asked = model.asked
    with st.expander("The question", expanded=not model.found, icon=":material/tune:"):
        ends = st.container(key="ends")
        left, swap, right = ends.columns([5, 1, 5], vertical_alignment="bottom")
        with left:
            _end(shell, view, "from", "From", asked.source)
        with swap:
            if st.button("Swap", icon=":material/swap_horiz:", width="stretch"):
                shell.set(from_=asked.target, to=asked.source, cap=None, step=None)
                st.rerun()
        with right:
            _end(shell, view, "to", "To", asked.target)
        first, second, third = st.columns(3)
        with first:
            legal = () if asked.target is None else access_of(view, asked.target)
            wanted = asked.capability.value if asked.capability else ""
            choice(
                "cap",
                "To gain",
                [(one.value, one.value) for one in legal],
                wanted,
                everything="Any access",
            )
        with second:
            certainty_choices(asked.keep)
        with third:
            choice(
                "later",
                "Effects that show only later",
                [("no", "left out")],
                "" if asked.keep.indirect else "no",
                everything="counted",
            )


def _end(shell: Shell, view: View, name: str, label: str, node: NodeId | None) -> None:
    def chosen(picked: NodeId) -> None:
        shell.set(**{f"{name}_": picked, "cap": None, "step": None})
        st.rerun(scope="app")

    search_box(
        view,
        key=f"path-{name}",
        label=label,
        value="" if node is None else view.nodes.names[view.position(node)],
        placeholder="Name or id, or kind:name",
        chosen=chosen,
    )


def _suggestions(shell: Shell, model: PathModel) -> None:
    st.subheader("Paths to begin with", anchor=False)
    if not model.suggestions:
        st.markdown("Choose where it starts and where it ends.")
    for way in model.suggestions:
        shell.link(
            link("path", way.sentence, from_=way.source, to=way.target, cap=way.capability.value),
            icon=":material/route:",
        )


def _drawing(shell: Shell, model: PathModel) -> None:
    step = model.selected
    event = attack_graph(
        model.picture,
        key="path-drawing",
        title=model.title,
        selected=None if step is None else f"step-{step.number}",
    )
    number = selected_step(model.steps, event.selected.id if event.selected else None)
    if number != model.asked.step:
        shell.set(step=number or None)
        st.rerun()


def _below(shell: Shell, model: PathModel) -> None:
    """The fixes by default, the selected step after a choice."""
    step = model.selected
    with st.container(border=True):
        if step is None:
            _fixes(model.fixes)
            return
        head = _row("step")
        head.subheader(plain(f"Step {step.number}: {step.sentence}"), anchor=False, width="stretch")
        if head.button("Show the fixes", icon=":material/content_cut:"):
            shell.set(step=None)
            st.rerun()
        _step_body(shell, step)


def _row(name: str) -> DeltaGenerator:
    """Text with an action at its end, on one line however narrow the page is."""
    return st.container(
        key=f"row-{name}", horizontal=True, vertical_alignment="center", gap="medium"
    )


def _fixes(fixes: Iterable[ShownFix]) -> None:
    st.subheader("What would end it", anchor=False)
    shown = tuple(fixes)
    if not shown:
        st.markdown("Nothing on this path can be taken away by itself.")
    for number, fix in enumerate(shown, start=1):
        row = _row(f"fix-{number}")
        said = plain(f"{number}. {fix.words[:1].upper()}{fix.words[1:]}")
        row.markdown(f"**{said}**  \n{plain(fix.effect)}", width="stretch")
        if fix.removal:
            with row.popover("How", icon=":material/terminal:"):
                st.markdown(
                    plain(
                        f"Account {fix.owner} may take it away:" if fix.owner else "By its owner:"
                    )
                )
                st.code(safe(fix.removal), language=None, wrap_lines=True)


def _steps(model: PathModel) -> None:
    st.subheader("Steps as a table", anchor=False)
    written(model.table)


def _evidence(shell: Shell, step: Step) -> None:
    with st.expander(plain(f"{step.number}. {step.sentence}")):
        _step_body(shell, step)


def _step_body(shell: Shell, step: Step) -> None:
    """What must stand for a step, the texts that decide it, and where all of it was read."""
    icon, colour = CERTAINTY_LOOKS[step.certainty]
    with st.container(horizontal=True, gap="small"):
        st.badge(step.certainty.label.capitalize(), icon=icon, color=colour)
        if step.indirect:
            st.badge("Shows only later", icon=":material/schedule:", color="gray")
        if step.how:
            st.badge(badge(step.how), icon=":material/key:", color="blue")
    for need in step.needs:
        _need(need)
    _lines("Not explained", (step.unexplained,) if step.unexplained else ())
    _lines("Holds if", step.conditions)
    _lines("Taken for granted", step.assumptions)
    _lines("Noted", step.notes)
    _lines("Checked, and lets it pass", step.limits)
    for text in step.texts:
        _text(text)
    st.markdown(f"**Read from**, last seen {instant(step.last_seen)}")
    st.text(
        "\n".join(
            f"{origin.call}: {origin.outcome}, last answered {instant(origin.oldest)}"
            for origin in step.origins
        )
        or "no call is named for it"
    )
    with st.container(horizontal=True, gap="small"):
        shell.link(link("asset", "Open where it starts", id=step.source), icon=":material/flag:")
        shell.link(
            link("asset", "Open what it reaches", id=step.target), icon=":material/sports_score:"
        )


def _need(need: Standing) -> None:
    st.markdown(f"**Needs: {plain(need.name)}**")
    for way in need.ways:
        st.markdown(f"- {_way(way)}")


def _way(way: Way) -> str:
    parts = " and ".join(plain(words) for words, _ in way.parts) or "nothing that can be taken away"
    doubts = "; ".join(way.conditions)
    return f"by {parts}" + (f" ({way.certainty}: {plain(doubts)})" if doubts else "")


def _lines(title: str, lines: Iterable[str]) -> None:
    shown = tuple(lines)
    if shown:
        st.markdown(f"**{title}**")
        st.text("\n".join(shown))


def _text(source: Source) -> None:
    """A policy, every line of the deciding statements marked in its margin."""
    st.markdown(f"**Decided by** {code(source.name)}")
    marked = {at for first, last in source.marked for at in range(first, last)}
    lines = source.text.splitlines()
    st.code(
        "\n".join(f"{'▶' if at in marked else ' '} {safe(line)}" for at, line in enumerate(lines)),
        language=None,
        wrap_lines=True,
    )


PAGE = PageDeclaration("Attack path", "path", ":material/route:", 5, draw)
