"""The form in which a person decides: who, what, why and until when; the record is only added to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

import streamlit as st

from graph.errors import EstateError
from graph.model import Decision, digest
from queries.decisions import What
from ui.deciding import decided_alike
from ui.render.markdown import plain
from ui.render.text import plural
from ui.shell import Shell

LABELS = {
    What.ACCEPT: "Accept until",
    What.WITHDRAW: "Withdraw what was decided",
    What.OWNER: "Name the owner",
    What.KEEP: "Keep",
    What.REDUCE: "Reduce to the proposal",
    What.REVOKE: "Revoke",
    What.NOT_MINE: "Not mine to say",
}
FINDING = (What.ACCEPT, What.WITHDRAW)
ASSET = (What.OWNER,)
REVIEW = (What.KEEP, What.REDUCE, What.REVOKE, What.NOT_MINE, What.WITHDRAW)
KEYS = {"a": What.KEEP, "x": What.REVOKE}  # `r` is Streamlit's own key
_DAYS = 90


def told_decision(made: Decision) -> str:
    """A decision in one line: when, what, until when, by whom, and why."""
    ends = f" until {made.expires:%Y-%m-%d}" if made.expires else ""
    word = LABELS.get(What(made.what), made.what)
    return f"{made.made:%Y-%m-%d}: {word}{ends}, by {made.person}: {made.reason}"


def decide_form(
    shell: Shell,
    subject: str,
    choices: tuple[What, ...],
    *,
    alike: tuple[str, ...] = (),
    keys: Mapping[str, What] | None = None,
) -> None:
    """A form that adds one decision on the subject to the record; what is wrong is told in one line.

    The same can be decided on subjects that are `alike`. `keys` choose a verdict by a key of the keyboard.
    """
    reading = shell.reading
    if reading is None:
        return
    key = digest("decide", subject, *choices)
    if keys:
        _shortcuts(key, keys)
    title = f"Decide: {', '.join(LABELS[one].lower() for one in choices)}"
    with st.expander(title, icon=":material/gavel:", expanded=f"what-{key}" in st.session_state):
        with st.form(f"decide-{key}", border=False):
            what = st.radio(
                "What", choices, format_func=LABELS.__getitem__, horizontal=True, key=f"what-{key}"
            )
            value = (
                st.text_input("Owner: a name or address", key=f"value-{key}")
                if What.OWNER in choices
                else ""
            )
            person = st.text_input("Who decides: your name or address", key=f"who-{key}")
            reason = st.text_input("Reason", key=f"why-{key}")
            ends = (
                st.date_input(
                    "Until", value=(shell.now + timedelta(days=_DAYS)).date(), key=f"until-{key}"
                )
                if What.ACCEPT in choices
                else None
            )
            all_alike = bool(alike) and st.checkbox(
                f"Decide the same on {plural(len(alike), 'identity', 'identities')} more that hold and use exactly the same",
                key=f"alike-{key}",
            )
            sent = st.form_submit_button("Record the decision", icon=":material/edit_note:")
        if not sent:
            return
        until = _end(ends) if what is What.ACCEPT else None
        asked = Decision(shell.now, person, subject, what, reason, value, until)
        try:
            subjects = (subject, *(alike if all_alike else ()))
            made = decided_alike(reading.store, reading.view, asked, subjects)
        except EstateError as error:
            st.error(plain(str(error)), icon=":material/error:")
            return
        kept = (
            f"Decision {made[0].number} is in the record."
            if len(made) == 1
            else f"{len(made)} decisions are in the record, {made[0].number} to {made[-1].number}."
        )
        st.success(plain(kept), icon=":material/check_circle:")


def _shortcuts(key: str, keys: Mapping[str, What]) -> None:
    """A button for each key, which chooses the verdict in the form below; a reason is still asked for."""

    def chosen(what: What) -> None:
        st.session_state[f"what-{key}"] = what

    with st.container(horizontal=True):
        for letter, what in keys.items():
            st.button(LABELS[what], key=f"quick-{letter}-{key}", shortcut=letter, on_click=chosen, args=(what,))  # fmt: skip


def _end(day: object) -> datetime | None:
    """The end of the day."""
    return datetime.combine(day, time(23, 59), tzinfo=UTC) if isinstance(day, date) else None
