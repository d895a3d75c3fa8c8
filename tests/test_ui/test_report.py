"""Reports: what became of things, the same in every form, sent once, and harmless whatever assets are called."""

from __future__ import annotations

import csv
import fcntl
import http.server
import io
import json
import os
import re
import threading
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from app_stores import HOSTILE
from app_stores import write as written
from browser import chromium, free_port, page_of
from builders import A, Land, allow
from running import Run
from weekly import MONDAY, WEEK, week

from graph.errors import ConfigError, SourceError
from graph.model import Coverage, CoverageKey, Decision, NodeId, Observation, Outcome
from graph.store import Store
from graph.stores import open_store
from queries.context import Context
from ui.notify import notified
from ui.notify_settings import NotifySettings
from ui.render.report_html import as_html
from ui.render.reports import FORMS, LOCK, forms_of, only_one, write
from ui.report import Report, named_report, remember, report_of

NOW = MONDAY + WEEK + timedelta(hours=1)
SILENT = NotifySettings("", "none", "", "", "shadowgraph@example.com", (), "", "https://graph.example.com/reports", names=False)  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Two weeks: `old` is called again, `still` is not, `fresh` is new, `dark` can no longer be told, `left` is gone."""
    place = tmp_path / "weeks.db"
    week(
        place, 0, {"old": "idle", "still": "idle", "fresh": "busy", "dark": "idle", "left": "idle"}
    )
    with open_store(str(place)) as first:
        remember(first, report_of(first, "shadow", since="last", now=MONDAY), ())
    week(place, 1, {"old": "busy", "still": "idle", "fresh": "idle", "dark": "unread"})
    with open_store(str(place)) as opened:
        yield opened


def named(report: Report) -> dict[str, list[str]]:
    return {part: sorted(one.name for one in report.part(part)) for part in report.counts}


def test_a_week_later_new_open_gone_and_unconfirmed_are_told_apart(store: Store) -> None:
    report = report_of(store, "shadow", since="last", now=NOW)

    assert named(report) == {
        "new": ["fresh"],
        "open": ["still"],
        "gone": ["left", "old"],
        "unconfirmed": ["dark"],
        "accepted": [],
    }
    assert report.after is not None
    assert (report.after.id, report.calls_for_action) == (1, 3)


def test_a_partial_second_run_makes_nothing_gone(tmp_path: Path) -> None:
    place = tmp_path / "weeks.db"
    week(place, 0, {"a": "idle", "b": "idle"})
    week(place, 1, {"a": "idle", "b": "idle"}, whole=False)
    with open_store(str(place)) as opened:
        report = report_of(opened, "shadow", since="1", now=NOW)

    assert report.counts["gone"] == 0
    assert report.counts["unconfirmed"] == 2


def test_without_an_earlier_report_everything_is_new(tmp_path: Path) -> None:
    with open_store(week(tmp_path / "one.db", 0, {"a": "idle"})) as opened:
        report = report_of(opened, "shadow", since="last", now=NOW)

    assert (report.after, named(report)["new"]) == (None, ["a"])


@pytest.mark.parametrize("since", ["9", "yesterday", "2025-01-01"])
def test_what_means_no_earlier_run_is_refused(store: Store, since: str) -> None:
    with pytest.raises(ConfigError, match=r"no earlier run|no run and no day"):
        report_of(store, "shadow", since=since, now=NOW)


def test_totals_are_equal_in_all_forms(store: Store) -> None:
    report = report_of(store, "shadow", since="last", now=NOW)
    made = {form: make(report) for form, make in FORMS.items()}

    told = {name: count for name, count in report.counts.items() if count}
    rows = list(csv.DictReader(io.StringIO(made["csv"].decode())))
    assert Counter(row["part"] for row in rows) == told
    held = json.loads(made["json"])
    assert held["counts"] == report.counts
    assert Counter(row["became"] for row in held["assets"]) == told
    page = made["html"].decode()
    shown = dict.fromkeys(report.counts, 0) | told
    words = {
        "new": "new",
        "open": "still open",
        "gone": "gone",
        "unconfirmed": "not confirmed",
        "accepted": "accepted",
    }
    assert {
        name: f"<b>{count}</b>{words[name]}</div>" in page for name, count in shown.items()
    } == dict.fromkeys(shown, True)
    with zipfile.ZipFile(io.BytesIO(made["xlsx"])) as book:
        sheet = book.read("xl/worksheets/sheet2.xml").decode()
    assert len(re.findall(r"<row ", sheet)) - 1 == len(rows)


def test_every_form_says_first_how_complete_the_data_is(store: Store) -> None:
    report = report_of(store, "shadow", since="last", now=NOW)

    assert not report.rests_on.complete
    assert "is not complete" in FORMS["html"](report).decode()
    assert json.loads(FORMS["json"](report))["completeness"]["complete"] is False
    assert any("incomplete" in line for line in report.sheet().above)
    assert report.blind["idle"] == 1


def test_asking_twice_writes_the_same_files(store: Store, tmp_path: Path) -> None:
    out = tmp_path / "out"
    bodies = []
    for _ in range(2):
        with only_one(out):
            report = report_of(store, "shadow", since="last", now=NOW)
            files = write(report, out, forms_of("html,csv,xlsx,json"))
            remember(store, report, tuple(path.name for path in files))
        bodies.append([path.read_bytes() for path in files])

    assert bodies[0] == bodies[1]
    assert sorted(path.name for path in out.iterdir()) == [
        LOCK,
        *sorted(path.name for path in files),
    ]


def test_a_second_report_into_a_folder_that_is_written_to_is_refused(tmp_path: Path) -> None:
    with (
        only_one(tmp_path),
        pytest.raises(ConfigError, match="another report is being written"),
        only_one(tmp_path),
    ):
        pass
    with only_one(tmp_path):
        pass
    other = os.open(tmp_path / LOCK, os.O_RDWR)
    fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(other)


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[Report]:
    place = tmp_path / "hostile.db"
    with open_store(week(place, 0, dict.fromkeys(HOSTILE, "idle"))) as opened:
        yield report_of(opened, "shadow", since="last", now=NOW)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_hostile_names_do_nothing_in_a_browser_and_nothing_is_fetched(
    hostile: Report, dark: bool
) -> None:
    with chromium() as browser, page_of(browser, dark=dark) as page:
        page.set_content(as_html(hostile))

        assert page.evaluate("window.hacked") is None
        assert page.locator("script, img, iframe, a").count() == 0
        assert page.locator("tbody tr").count() == len(HOSTILE)
        assert "window.hacked=1" in page.locator("body").inner_text()


def test_a_report_is_readable_on_paper(store: Store) -> None:
    report = report_of(store, "shadow", since="last", now=NOW)
    with chromium() as browser, page_of(browser, dark=True) as page:
        page.set_content(as_html(report))
        page.emulate_media(media="print")
        colours = page.evaluate(
            "(e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor])(document.body)"
        )
        printed = page.pdf(format="A4")

    assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    assert printed.startswith(b"%PDF")


def test_no_cell_of_a_hostile_report_is_a_formula(hostile: Report) -> None:
    cells = [
        cell for row in csv.reader(io.StringIO(FORMS["csv"](hostile).decode())) for cell in row
    ]
    with zipfile.ZipFile(io.BytesIO(FORMS["xlsx"](hostile))) as book:
        sheets = [
            book.read(name).decode() for name in book.namelist() if "worksheets/sheet" in name
        ]

    assert any("HYPERLINK" in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t"))]
    assert not any("<f>" in sheet or "<hyperlink" in sheet for sheet in sheets)


def test_the_command_writes_and_says_by_its_code_that_something_is_open(
    run: Run, tmp_path: Path
) -> None:
    url = week(tmp_path / "one.db", 0, {"a": "idle"})

    ended = run(
        "report", "shadow", "--store", url, "--out", str(tmp_path / "out"), "--format", "csv,json"
    )
    wrong = run(
        "report", "shadow", "--store", url, "--out", str(tmp_path / "out"), "--format", "pdf"
    )
    unknown = run("report", "weather", "--store", url, "--out", str(tmp_path / "out"))

    assert (ended.code, [Path(line).name for line in ended.out.splitlines()]) == (
        1,
        ["shadow-00001.csv", "shadow-00001.json"],
    )
    assert (wrong.code, "no form `pdf`" in wrong.err) == (2, True)
    assert (unknown.code, "no report `weather`" in unknown.err) == (2, True)


# Messages


class Post(Message):
    """Keeps what a mail server was given."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[Any] = []

    def handle_message(self, message: Any) -> None:
        self.taken.append(message)


def said(mail: Any) -> str:
    return str(mail.get_payload(decode=True).decode())


@contextmanager
def mail_server() -> Iterator[tuple[str, Post]]:
    post, port = Post(), free_port()
    controller = Controller(post, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield f"127.0.0.1:{port}", post
    finally:
        controller.stop()


@contextmanager
def webhook(answers: list[int]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """A receiver that answers with these codes in turn, the last one for ever; what it was sent, with its key."""
    taken: list[tuple[str, str]] = []

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            code = answers.pop(0) if len(answers) > 1 else answers[0]
            if code == 200:
                taken.append((self.headers["Idempotency-Key"], body))
            self.send_response(code)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/hook", taken
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_message_goes_out_once_by_each_channel_however_often_it_is_tried(store: Store) -> None:
    report = report_of(store, "shadow", since="last", now=NOW)
    with mail_server() as (smtp, post), webhook([500, 503, 200]) as (hook, taken):
        settings = replace(SILENT, smtp=smtp, mail_to=("soc@example.com",), webhook=hook)

        first = notified(store, report, settings, sleep=lambda _: None)
        second = notified(store, report, settings, sleep=lambda _: None)

    assert (first, second) == (("mail", "webhook"), ())
    assert (len(post.taken), len(taken)) == (1, 1)


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_channel_that_fails_is_tried_again_and_the_other_is_not(store: Store) -> None:
    report = report_of(store, "shadow", since="last", now=NOW)
    with mail_server() as (smtp, post):
        settings = replace(SILENT, smtp=smtp, mail_to=("soc@example.com",))
        with (
            webhook([500]) as (hook, _),
            pytest.raises(SourceError, match="the webhook did not take") as caught,
        ):
            notified(store, report, replace(settings, webhook=hook), sleep=lambda _: None)
        with webhook([200]) as (hook, taken):
            sent = notified(store, report, replace(settings, webhook=hook), sleep=lambda _: None)

    assert (sent, len(post.taken), len(taken)) == (("webhook",), 1, 1)
    assert hook not in str(caught.value)


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_message_has_five_lines_and_names_nothing_unless_it_is_asked_to(store: Store) -> None:
    report = report_of(store, "shadow", since="last", now=NOW)
    with mail_server() as (smtp, post):
        notified(store, report, replace(SILENT, smtp=smtp, mail_to=("soc@example.com",)))
    text = said(post.taken[0])

    assert len(text.strip().splitlines()) == 5
    assert "1 new, 1 still open, 2 gone" in text
    assert "https://graph.example.com/reports" in text
    assert not any(word in text for word in ("fresh", "still-", "111111111111", "dark"))


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_hostile_names_break_no_line_of_a_mail(hostile: Report, tmp_path: Path) -> None:
    with open_store(str(tmp_path / "hostile.db")) as opened, mail_server() as (smtp, post):
        notified(
            opened, hostile, replace(SILENT, smtp=smtp, mail_to=("soc@example.com",), names=True)
        )
    (mail,) = post.taken

    assert mail["To"] == "soc@example.com"
    assert len(said(mail).strip().splitlines()) == 5
    assert "\x1b" not in said(mail)


def test_nothing_is_sent_where_no_channel_is_set(store: Store) -> None:
    report = report_of(store, "shadow", since="last", now=NOW)

    with pytest.raises(ConfigError, match="no mail server and no webhook"):
        notified(store, report, SILENT)


# Excess privilege

UPDATE = "sagemaker:UpdateEndpoint"


def reviewed(place: Path, number: int, *, holds: bool = True, log: Outcome = Outcome.OK) -> str:
    """One more week of an account in which `ann` may change an endpoint; nobody uses anything, as far as the log shows."""
    now = MONDAY + number * WEEK
    land = Land(A)
    endpoint = f"arn:aws:sagemaker:eu-west-1:{A}:endpoint/churn"
    land.node(
        endpoint,
        "Endpoint",
        CoverageKey("aws", A, "eu-west-1", "sagemaker.list_endpoints"),
        name="churn",
        account=A,
        region="eu-west-1",
        created="2025-01-01T00:00:00+00:00",
    )
    land.user(
        "ann", *([allow(UPDATE, endpoint)] if holds else []), created="2025-01-01T00:00:00+00:00"
    )
    looked = CoverageKey("aws", A, "eu-west-1", "cloudtrail.lookup_events")
    window = {"since": (now - timedelta(days=90)).isoformat(), "until": now.isoformat()}
    seen = Observation(
        NodeId(f"aws:account/{A}"),
        "log_window|cloudtrail.lookup_events|eu-west-1",
        window,
        asserted_by=frozenset({looked}),
    )
    batch = land.batch()
    rows = replace(
        batch, observations=(*batch.observations, *([seen] if log is Outcome.OK else []))
    )
    return written(place, rows, (*land.coverage.values(), Coverage(looked, log)), started=now)


def of_privilege(url: str) -> dict[str, list[str]]:
    with open_store(url) as store:
        report = named_report(store, "privilege", since="last", now=NOW, context=Context())
        remember(store, report, ())
        bodies = {form: make(report) for form, make in FORMS.items()}
        told = {part: sorted(one.name for one in report.part(part)) for part in report.counts}
    rows = list(csv.DictReader(io.StringIO(bodies["csv"].decode())))
    assert Counter(row["part"] for row in rows) == {
        part: len(names) for part, names in told.items() if names
    }
    assert json.loads(bodies["json"])["counts"] == {
        part: len(names) for part, names in told.items()
    }
    assert "Unused privilege" in bodies["html"].decode()
    return {part: names for part, names in told.items() if names}


def test_the_report_on_privilege_tells_new_open_gone_and_unconfirmed(tmp_path: Path) -> None:
    place = tmp_path / "review.db"

    told = [
        of_privilege(reviewed(place, 0)),
        of_privilege(reviewed(place, 1)),
        of_privilege(reviewed(place, 2, log=Outcome.DENIED)),
        of_privilege(reviewed(place, 3)),
        of_privilege(reviewed(place, 4, holds=False)),
    ]

    assert told == [
        {"new": ["ann"]},
        {"open": ["ann"]},
        {"unconfirmed": ["ann"]},
        {"open": ["ann"]},
        {"gone": ["ann"]},
    ]


def test_access_that_a_review_keeps_is_counted_apart(tmp_path: Path) -> None:
    url = reviewed(tmp_path / "review.db", 0)
    with open_store(url) as store:
        ann = NodeId(f"arn:aws:iam::{A}:user/ann")
        store.decide(Decision(MONDAY, "jo@example.com", ann, "keep", "on call"))

    assert of_privilege(url) == {"accepted": ["ann"]}
