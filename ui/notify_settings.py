"""The settings of messages about reports: a mail server, a webhook, and what a message may say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from ui.setting import Setting, listed, refused


@dataclass(frozen=True, slots=True)
class NotifySettings:
    """Where messages go: a mail server with its ends, a webhook, and the address of the app for links."""

    smtp: str  # host:port; empty: no mail
    tls: str  # `starttls`, `tls` or `none`
    user: str
    password: str  # from the environment only
    mail_from: str
    mail_to: tuple[str, ...]
    webhook: str  # from the environment only: such an address is a secret by itself
    link: str
    names: bool  # whether the message names the weightiest new assets


NOTIFY_SETTINGS = (
    Setting(
        "notify.smtp",
        "SHADOWGRAPH_SMTP",
        "",
        "The mail server that reports are sent by, as host:port; no mail where it is empty.",
    ),
    Setting(
        "notify.tls",
        "SHADOWGRAPH_SMTP_TLS",
        "starttls",
        "How the mail server is spoken to.",
        ("starttls", "tls", "none"),
    ),
    Setting(
        "notify.user", "SHADOWGRAPH_SMTP_USER", "", "The user at the mail server, where it asks for one."
    ),
    Setting(
        "notify.mail_from",
        "SHADOWGRAPH_MAIL_FROM",
        "shadowgraph@localhost",
        "The address that mail comes from.",
    ),
    Setting(
        "notify.mail_to", "SHADOWGRAPH_MAIL_TO", "", "The addresses that mail goes to, with commas between."
    ),
    Setting(
        "notify.link",
        "SHADOWGRAPH_LINK",
        "",
        "The address of the app or of the reports, for the link in messages.",
    ),
    Setting(
        "notify.names",
        "SHADOWGRAPH_NOTIFY_NAMES",
        "no",
        "Whether a message names the weightiest new assets.",
        ("yes", "no"),
    ),
    Setting(
        "smtp_password", "SHADOWGRAPH_SMTP_PASSWORD", "", "The password at the mail server; never in a file."
    ),
    Setting(
        "webhook",
        "SHADOWGRAPH_WEBHOOK",
        "",
        "The address that messages are posted to, which is a secret by itself; never in a file.",
    ),
)  # fmt: skip


def notify_of(value: Callable[[str], str]) -> NotifySettings:
    """The settings of messages; what cannot work together is refused."""
    webhook, smtp = value("webhook"), value("notify.smtp")
    parts = urlsplit(webhook)
    if webhook and parts.scheme != "https" and parts.hostname not in {"127.0.0.1", "localhost"}:
        raise refused("the webhook is no https address", "set SHADOWGRAPH_WEBHOOK to one")
    host, _, port = smtp.partition(":")
    if smtp and not (host and (not port or port.isdigit())):
        raise refused(
            f"setting `notify.smtp` may not be `{smtp}`", "host:port, e.g. mail.example.com:587"
        )
    to = listed(value("notify.mail_to"))
    if smtp and not to:
        raise refused("setting `notify.smtp` needs `notify.mail_to`", "say whom mail goes to")
    return NotifySettings(
        smtp,
        value("notify.tls"),
        value("notify.user"),
        value("smtp_password"),
        value("notify.mail_from"),
        to,
        webhook,
        value("notify.link"),
        value("notify.names") == "yes",
    )
