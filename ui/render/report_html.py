"""Reports as one HTML file: no script, nothing from elsewhere, readable on paper, in the light and in the dark."""

from __future__ import annotations

from datetime import datetime
from importlib import resources

from graph.errors import ConfigError, with_advice
from ui.render.privilege import percent
from ui.render.text import safe
from ui.report import AnyReport, Trend

MOST = 500  # rows of a part; CSV and XLSX hold all
TITLES = {
    "new": "New since the last report",
    "open": "Still open",
    "unconfirmed": "Not confirmed this time",
    "accepted": "Accepted",
    "gone": "Gone since the last report",
}
WORDS = {
    "new": "new", "open": "still open", "gone": "gone", "unconfirmed": "not confirmed", "accepted": "accepted",
}  # fmt: skip
MARKS = {"critical": "\u25c6", "high": "\u25b2", "medium": "\u25cf", "low": "\u25cb", "info": "\u2013"}  # fmt: skip
_HEIGHT, _STEP, _BAR = 96, 84, 44


TEMPLATES = {"shadow": "report.html.j2", "privilege": "report_privilege.html.j2"}


def as_html(report: AnyReport) -> str:
    """The report as a whole page; every text of the estate is escaped and on one line."""
    try:
        from jinja2 import DictLoader, Environment, StrictUndefined  # noqa: PLC0415  # only reports pay for it
    except ModuleNotFoundError as error:
        raise with_advice(
            ConfigError("a report in HTML needs the extra `report`"), "install shadowgraph[report]"
        ) from error
    pages = {"frame": _source("report_frame.html.j2"), "page": _source(TEMPLATES[report.name])}
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, finalize=_line, loader=DictLoader(pages)
    )
    environment.filters |= {"day": _day, "share": percent}
    return environment.get_template("page").render(
        title=report.subject,
        report=report,
        parts=tuple(TITLES),
        titles=TITLES,
        words=WORDS,
        marks=MARKS,
        most=MOST,
        trend=_trend(getattr(report, "trend", ())),
    )


def _source(name: str) -> str:
    return resources.files("ui.render").joinpath(name).read_text(encoding="utf-8")


def _line(value: object) -> object:
    """Text without control characters, which a page may otherwise be made to show as something else."""
    from markupsafe import Markup  # noqa: PLC0415  # as above

    if isinstance(value, str) and not isinstance(value, Markup):
        return safe(value)
    return value


def _day(value: datetime) -> str:
    return f"{value:%Y-%m-%d}"


def _trend(rows: tuple[Trend, ...]) -> object:
    """Findings over the last runs as bars with their figures; nothing where there is one run only."""
    from markupsafe import Markup  # noqa: PLC0415  # as above

    if len(rows) < 2:
        return ""
    most = max(1, *(row.findings for row in rows))
    parts = [
        f'<svg role="img" aria-label="Findings by run" width="{_STEP * len(rows)}" height="{_HEIGHT + 44}">'
    ]
    for at, row in enumerate(rows):
        high = round(_HEIGHT * row.findings / most)
        left = at * _STEP + (_STEP - _BAR) // 2
        middle = at * _STEP + _STEP // 2
        parts.append(
            f'<rect class="bar" x="{left}" y="{_HEIGHT - high + 18}" width="{_BAR}" height="{high}"/>'
            f'<text x="{middle}" y="{_HEIGHT - high + 12}" text-anchor="middle">{row.findings:,}</text>'
            f'<text x="{middle}" y="{_HEIGHT + 36}" text-anchor="middle">{row.started:%Y-%m-%d}</text>'
        )
    width = _STEP * len(rows)
    parts.append(f'<line class="axis" x1="0" x2="{width}" y1="{_HEIGHT + 19}" y2="{_HEIGHT + 19}"/></svg>')  # fmt: skip
    return Markup("".join(parts))  # noqa: S704 - made of numbers and dates only
