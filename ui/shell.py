"""The frame around every page: navigation, search, filters, the header, and what each page shares with the next."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import streamlit as st
import structlog
from pandas import DataFrame

from graph.errors import EstateError
from graph.model import Certainty
from graph.view import Keep, View
from ui.completeness import Completeness
from ui.components.house_style import house_style
from ui.components.search_box import search_box
from ui.desk import cache_beside
from ui.page import PageDeclaration, pages
from ui.pagemodels.export import Export, as_json, file_name
from ui.pagemodels.filters import FilterChoices, Filters, filter_choices, filters_of
from ui.pagemodels.fit import cuts, widths
from ui.pagemodels.header import Header, header_of
from ui.pagemodels.links import Link, Params, link
from ui.pagemodels.metric import Metric
from ui.pagemodels.notice import Notice, notice_of
from ui.pagemodels.state import WITHOUT_CONTENT, PageState, situation, view_state
from ui.reading import Opened, Reading, open_reading
from ui.render.markdown import badge, entry, plain
from ui.render.sheet import Sheet, as_csv
from ui.render.text import safe
from ui.settings import Settings, read_settings

STATE_BOXES = {
    PageState.ERROR: (st.error, ":material/error:"),
    PageState.INGEST_FAILED: (st.error, ":material/cloud_off:"),
    PageState.NOT_CONFIGURED: (st.info, ":material/start:"),
    PageState.STALE: (st.warning, ":material/schedule:"),
    PageState.PARTIAL: (st.warning, ":material/warning:"),
    PageState.EMPTY_GOOD: (st.success, ":material/verified:"),
    PageState.EMPTY_FILTERED: (st.info, ":material/filter_alt:"),
}
ABOVE_CONTENT = frozenset(PageState) - WITHOUT_CONTENT
_log = structlog.get_logger()
WORD_ICONS = {
    "ok": ":material/check_circle:",
    "incomplete": ":material/warning:",
    "late": ":material/schedule:",
    "failed": ":material/error:",
}


@dataclass(frozen=True, slots=True)
class Shell:
    """What a page is given: what was opened, what the address asks, and how to lead on from here."""

    opened: Opened
    params: Params
    filters: Filters
    settings: Settings
    now: datetime
    pages: Mapping[str, Any]  # Streamlit's page objects, by address
    here: PageDeclaration

    @property
    def reading(self) -> Reading | None:
        """The store at its newest version; None where there is none to read."""
        return self.opened.reading

    @property
    def view(self) -> View | None:
        """The projection; None where there is no store."""
        return None if self.reading is None else self.reading.view

    @property
    def stale_after(self) -> timedelta:
        """From which age on data counts as old."""
        return self.settings.ui.stale_after

    def state(
        self,
        *,
        checked: str,
        rows: int,
        shown: int | None = None,
        rests_on: Completeness | None = None,
    ) -> bool:
        """Say in which state the page is; whether its content is to be drawn."""
        state = view_state(
            situation(
                self.opened,
                now=self.now,
                stale_after=self.stale_after,
                rows=rows,
                shown=shown,
                complete=None if rests_on is None else rests_on.complete,
            )
        )
        notice = notice_of(state, self.opened, now=self.now, checked=checked)
        if notice is not None:
            draw_notice(self, state, notice)
        return state not in WITHOUT_CONTENT

    def link(self, target: Link, *, icon: str | None = None) -> None:
        """A link to another page, with the filters that are on."""
        st.page_link(
            self.pages[target.page],
            label=plain(target.label),
            icon=icon,
            query_params=[*target.params, *self.filters.params],
        )

    def go(self, target: Link) -> None:
        """Leave for another page."""
        st.switch_page(self.pages[target.page], query_params=[*target.params, *self.filters.params])

    def set(self, **changes: str | int | None) -> None:
        """Change parameters of this page's address; None takes one away."""
        for name, value in changes.items():
            _set_param(name.rstrip("_"), None if value is None else str(value))


def _set_param(name: str, value: str | None) -> None:
    if value:
        st.query_params[name] = value
    elif name in st.query_params:
        del st.query_params[name]


def draw_notice(shell: Shell, state: PageState, notice: Notice) -> None:
    """The notice of a state, with what to do next."""
    if state is PageState.LOADING:
        st.skeleton(height=320)
        return
    if state in ABOVE_CONTENT:
        _, icon = STATE_BOXES[state]
        with st.expander(plain(notice.title), icon=icon):
            st.text("\n".join(notice.lines))
            shell.link(link("sources", "What was read, and what would let the rest be read"))
    else:
        draw_box(state, notice.title, notice.lines)
    if notice.commands:
        st.code("\n".join(notice.commands), language="bash")
    if notice.clear and st.button("Clear filters", icon=":material/filter_alt_off:"):
        shell.set(env=None, account=None)
        st.rerun()


def frame(page: PageDeclaration, targets: Mapping[str, Any]) -> None:
    """Draw one page in its frame; `targets` are Streamlit's page objects by address."""
    settings = read_settings(os.environ, Path.cwd())
    opened = _opened(settings)
    choices = FilterChoices((), ()) if opened.reading is None else filter_choices(opened.reading)
    params = st.query_params.to_dict()
    shell = Shell(
        opened=opened,
        params=params,
        filters=filters_of(params, choices),
        settings=settings,
        now=settings.now or datetime.now(UTC),
        pages=targets,
        here=page,
    )
    header = header_of(opened, now=shell.now, stale_after=shell.stale_after)
    house_style()
    with st.sidebar:
        _sidebar(shell, choices, header)
    _search(shell, header)
    try:
        page.draw(shell)
    except EstateError as error:
        _fault(str(error), tuple(getattr(error, "__notes__", ())))
    except Exception as fault:  # noqa: BLE001 - the one place of the app that reports crashes
        number = uuid4().hex[:8]
        _log.error("page_failed", page=page.url_path or "overview", fault=number, exc_info=fault)
        _fault(
            f"fault {number} of the program",
            ("Its trace is in the log of the server under this number.",),
        )


def _fault(message: str, advice: tuple[str, ...]) -> None:
    """Say in one line that a page could not be drawn; never a trace."""
    draw_box(PageState.ERROR, f"This page could not be drawn: {message}", advice)


def draw_box(state: PageState, title: str, lines: Iterable[str] = ()) -> None:
    """The coloured box of a state, with its icon; the text is shown as it is written."""
    box, icon = STATE_BOXES[state]
    box("\n\n".join((f"**{plain(title)}**", *map(plain, lines))), icon=icon)


@st.cache_resource
def _newest() -> dict[str, Reading]:
    """The reading of each store that was opened last: shared by all sessions, replaced by a newer version."""
    return {}


def _opened(settings: Settings) -> Opened:
    url = settings.store.url
    cache = settings.store.cache or cache_beside(url)
    opened = open_reading(url, cache=cache, known=_newest().get(url))
    if opened.reading is not None:
        _newest()[url] = opened.reading
    return opened


def _sidebar(shell: Shell, choices: FilterChoices, header: Header) -> None:
    """Where to go, what is looked at, and how old it is."""
    st.subheader("shadowgraph", anchor=False)
    for page in pages():
        if not page.hidden:
            shell.link(Link(page.url_path, (), page.title), icon=page.icon)
    if choices.environments or choices.accounts:
        st.divider()
        choice("env", "Environment", choices.environments, shell.filters.environment)
        choice("account", "Account", choices.accounts, shell.filters.account)
    if header.data:
        st.divider()
        st.markdown(f"{plain(header.data)}  \n{plain(header.run)}")
        for source in header.sources:
            shell.link(
                link("sources", f"{source.source}: {source.word}"),
                icon=WORD_ICONS[source.word],
            )


def _search(shell: Shell, header: Header) -> None:
    if shell.view is None:
        return
    left, right = st.columns([4, 3], vertical_alignment="center")
    with left:
        search_box(
            shell.view,
            key="search",
            label="Search the estate",
            hide_label=True,
            shortcut=True,
            placeholder="Search by name or id, or by kind: role:endpoint",
            chosen=lambda node: shell.go(link("asset", id=node)),
        )
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        if header.sample:
            st.badge("Sample data", icon=":material/science:", color="violet")
        if header.loading:
            st.badge("Loading: a newer run is being written", icon=":material/sync:", color="blue")
        if not header.complete:
            st.badge(badge(header.coverage), icon=":material/warning:", color="orange")


def choice(
    name: str,
    label: str,
    options: Iterable[tuple[str, str]],
    chosen: str,
    *,
    everything: str = "All",
    **more: Any,
) -> str:
    """A choice that lives in the address: the parameter of this name; empty stands for all."""
    told = {"": everything, **dict(options)} if everything else dict(options)
    key = f"choice-{name}"
    st.session_state[key] = chosen if chosen in told else next(iter(told), "")
    return str(
        st.selectbox(
            label,
            list(told),
            key=key,
            format_func=lambda value: plain_option(told[value]),
            on_change=lambda: _set_param(name, st.session_state[key]),
            **more,
        )
    )


def plain_option(text: str) -> str:
    """Text for an option of a select box, which shows it as it is; on one line."""
    return safe(text)


def table(
    shell: Shell,
    sheet: Sheet,
    *,
    key: str,
    leads: Sequence[Sequence[Link]] = (),
    height: int | Literal["auto"] = "auto",
) -> None:
    """The rows of a sheet; choosing one shows the links that it leads to.

    The grid shows every cell as plain text, so that names need no escaping here.
    """
    frame_ = sheet.frame()
    named = {name: st.column_config.Column(width=wide) for name, wide in widths(sheet).items()}
    if not leads:
        st.dataframe(frame_, key=key, hide_index=True, height=height, column_config=named)
        return
    chosen = st.dataframe(
        frame_,
        key=key,
        hide_index=True,
        height=height,
        on_select="rerun",
        selection_mode="single-row",
        column_config=named,
    )
    picked = [row for row in chosen.selection.rows if row < len(leads)]
    with st.container(horizontal=True, gap="small"):
        if not picked:
            more = "; double-click a cell to read all of its text" if cuts(sheet) else ""
            st.markdown(f"To go on, select a row{more}.")
        for target in leads[picked[0]] if picked else ():
            shell.link(target, icon=":material/arrow_forward:")


def written(sheet: Sheet) -> None:
    """A short table whose cells wrap, so that nothing of them is cut off; every text is shown as it is written."""
    rows = [[entry(one) if isinstance(one, str) else one for one in row] for row in sheet.rows]
    st.table(DataFrame(rows, columns=[plain(one) for one in sheet.columns]), hide_index=True)


def metrics(shown: Sequence[Metric]) -> None:
    """Metrics side by side, each with one sentence that says what is counted."""
    with st.container(key=f"metrics-{len(shown)}"):
        for column, metric in zip(st.columns(len(shown)), shown, strict=True):
            column.metric(
                metric.name, metric.value, help=metric.help, border=True, height="stretch"
            )


CERTAINTY_TOLD = {
    "definite": "definite only",
    "conditional": "up to conditional",
    "possible": "up to possible",
}


def certainty_choices(keep: Keep) -> None:
    """How sure the steps must be that an answer walks."""
    told = [(name, words) for name, words in CERTAINTY_TOLD.items() if name != "possible"]
    possible = keep.certainty is Certainty.POSSIBLE
    choice(
        "certainty",
        "Steps may be",
        told,
        "" if possible else keep.certainty.label,
        everything=CERTAINTY_TOLD["possible"],
    )


def tools(shell: Shell, export: Export) -> None:
    """What every answer offers: its address, its rows as files, and the question behind it."""
    with st.container(key="tools", horizontal=True, horizontal_alignment="right", gap="small"):
        with st.popover("Copy link", icon=":material/link:"):
            st.markdown("The address holds the question, the filters and the selected step.")
            st.code(_address(shell), language=None, wrap_lines=True)
        with st.popover("Export", icon=":material/download:"):
            _downloads(shell, export)
        if export.command:
            with st.popover("Show query", icon=":material/terminal:"):
                st.markdown("The same question on the command line:")
                st.code(safe(export.command), language="bash", wrap_lines=True)


def _address(shell: Shell) -> str:
    base, _, _ = str(st.context.url or "").partition("?")
    return Link(base, tuple(shell.params.items())).address()


def _workbook(rows: Sheet) -> bytes:
    from ui.render.workbook import as_xlsx  # noqa: PLC0415  # only an export pays for it

    return as_xlsx(rows)


def _downloads(shell: Shell, export: Export) -> None:
    rows = export.sheet
    st.download_button(
        "CSV",
        data=lambda: as_csv(rows),
        file_name=file_name(export.name, "csv", shell.now),
        mime="text/csv",
        on_click="ignore",
        width="stretch",
    )
    st.download_button(
        "XLSX",
        data=lambda: _workbook(rows),
        file_name=file_name(export.name, "xlsx", shell.now),
        on_click="ignore",
        width="stretch",
    )
    st.download_button(
        "JSON",
        data=lambda: as_json(export),
        file_name=file_name(export.name, "json", shell.now),
        mime="application/json",
        on_click="ignore",
        width="stretch",
    )
