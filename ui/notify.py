"""Messages about a report: five lines with counts and a link, by mail and webhook, each sent once per version.

No name of an asset and no account number is in a message unless the settings ask for it: mail and chat are read by more
people, and kept longer, than a report.
"""

from __future__ import annotations

import json
import smtplib
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from email.message import EmailMessage

from graph.errors import ConfigError, SourceError, with_advice
from graph.model import canonical, digest
from graph.store import Store
from ui.notify_settings import NotifySettings
from ui.render.text import safe
from ui.report import AnyReport

TRIES = 3
SECONDS = 20.0


def lines_of(report: AnyReport, settings: NotifySettings) -> tuple[str, ...]:
    """The five lines of the message."""
    counts = report.counts
    whole = "complete" if report.rests_on.complete else "NOT complete"
    weightiest = ", ".join(safe(one.name) for one in report.part("new")[:3])
    return (
        f"{report.subject}: {counts['new']:,} new, {counts['open']:,} still open, {counts['gone']:,} gone",
        f"not confirmed {counts['unconfirmed']:,}, accepted {counts['accepted']:,}; data {whole}",
        report.breakdown,
        f"new: {weightiest}" if settings.names and weightiest else f"run {report.run.id} of {report.run.started:%Y-%m-%d %H:%M} UTC",
        settings.link or "the report lies where the schedule writes it",
    )  # fmt: skip


def notified(
    store: Store,
    report: AnyReport,
    settings: NotifySettings,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[str, ...]:
    """Send by every channel that is set and that has not had this version yet; the channels that were sent by now.

    What one channel was sent is kept at once: a later channel that fails, and a second try, send nothing twice.
    """
    channels: dict[str, Callable[[], None]] = {}
    if settings.smtp:
        channels["mail"] = lambda: _mail(report, settings)
    if settings.webhook:
        channels["webhook"] = lambda: _post(report, settings, sleep)
    if not channels:
        raise with_advice(
            ConfigError("no mail server and no webhook is set"),
            "set notify.smtp with notify.mail_to, or SHADOWGRAPH_WEBHOOK",
        )
    done = sent_already(store, report)
    fresh = []
    for name, send in channels.items():
        if name not in done:
            send()
            done = (*done, name)
            store.put_results(f"sent:{report.name}", canonical(list(done)))
            fresh.append(name)
    return tuple(fresh)


def sent_already(store: Store, report: AnyReport) -> tuple[str, ...]:
    """The channels that this version was sent by."""
    held = store.results(f"sent:{report.name}", version=report.run.version)
    return tuple(json.loads(held)) if held else ()


def message_id(report: AnyReport) -> str:
    """The id of the message, which a receiver tells a repetition by."""
    return digest("report", report.name, str(report.run.version), report.run.started.isoformat())


def _mail(report: AnyReport, settings: NotifySettings) -> None:
    host, _, port = settings.smtp.partition(":")
    lines = lines_of(report, settings)
    mail = EmailMessage()
    mail["Subject"] = lines[0]
    mail["From"] = settings.mail_from
    mail["To"] = ", ".join(settings.mail_to)
    mail["Message-ID"] = f"<{message_id(report)}@shadowgraph>"
    mail.set_content("\n".join(lines) + "\n")
    secure = ssl.create_default_context()
    try:
        if settings.tls == "tls":
            client: smtplib.SMTP = smtplib.SMTP_SSL(host, int(port or 465), timeout=SECONDS, context=secure)  # fmt: skip
        else:
            client = smtplib.SMTP(host, int(port or 25), timeout=SECONDS)
        with client:
            if settings.tls == "starttls":
                client.starttls(context=secure)
            if settings.user:
                client.login(settings.user, settings.password)
            client.send_message(mail)
    except (OSError, smtplib.SMTPException) as error:
        reason = safe(str(error)) or type(error).__name__
        raise SourceError(f"the mail server `{settings.smtp}` did not take the message: {reason}") from None  # fmt: skip


def _post(report: AnyReport, settings: NotifySettings, sleep: Callable[[float], None]) -> None:
    """POST the message as JSON with one `text`; tried again where the receiver says that it is its own fault."""
    body = json.dumps({"text": "\n".join(lines_of(report, settings))}).encode()
    request = urllib.request.Request(  # noqa: S310 - the scheme is checked where the setting is read
        settings.webhook,
        data=body,
        method="POST",
        headers={"Content-Type": "application/json", "Idempotency-Key": message_id(report)},
    )
    why = ""
    for number in range(TRIES):
        if number:
            sleep(2.0**number)
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - as above
                answer.read()
        except urllib.error.HTTPError as error:
            why = f"it answered {error.code}"
            if error.code < 500:
                break
        except (OSError, ValueError) as error:
            why = safe(str(error))
        else:
            return
    # The address is a secret: it is not told.
    raise SourceError(f"the webhook did not take the message: {why}")
