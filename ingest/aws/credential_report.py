"""The credential report: one line of CSV per user and one for the root user, up to four hours old.

A line never makes a user: it may speak of one that is gone since. What it says is completed in the link step, where
it fills in only what the calls about the user itself did not tell.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

from graph.model import Node, NodeId, Observation, PropValue, Row
from ingest.aws.asset import account_setting, account_stub, lacking
from ingest.aws.names import account_of
from ingest.estate import Estate
from ingest.fields import moment, text
from ingest.source import (
    Answer,
    Call,
    Feed,
    Link,
    Mention,
    Poll,
    Resource,
    Shaped,
    Skipped,
)

ROOT = "<root_account>"
_NOTHING = frozenset({"", "N/A", "no_information", "not_supported"})
_COLUMNS = frozenset({"user", "arn"})

# SOURCE: IAM user guide, "Getting credential reports", columns of the file.
_TRUTHS = {
    "password_enabled": "console_password",
    "mfa_active": "mfa",
    "access_key_1_active": "access_key_1",
    "access_key_2_active": "access_key_2",
    "cert_1_active": "certificate_1",
    "cert_2_active": "certificate_2",
}
_TIMES = {
    "password_last_changed": "password_changed",
    "access_key_1_last_rotated": "access_key_1_rotated",
    "access_key_2_last_rotated": "access_key_2_rotated",
}
_USED = {
    "password_last_used": "password_last_used",
    "access_key_1_last_used_date": "access_key_1_last_used",
    "access_key_2_last_used_date": "access_key_2_last_used",
}

_SURER = {"console_password": "iam.get_login_profile", "mfa": "iam.list_mfa_devices"}
"""The calls that say the same of a user as of now."""


def shape_generated(_answer: Answer) -> Iterator[Shaped]:
    """Nothing: that the report is there is all it says."""
    yield from ()


def shape_report(answer: Answer) -> Iterator[Shaped]:
    """The lines of the report."""
    if lost := lacking(answer, "Content"):
        yield lost
    for page in answer.pages:
        content = text(page, "Content")
        if content is None:
            continue
        lines = csv.DictReader(io.StringIO(content), restkey="more", restval="")
        if not set(lines.fieldnames or ()) >= _COLUMNS:
            yield Skipped(str(answer.key), "its content is no credential report")
            continue
        yield account_stub(answer.account)
        if when := moment(page, "GeneratedTime"):
            node = account_stub(answer.account).id
            yield Observation(node, "credential_report", when)
        for line in lines:
            yield from _line(
                answer, {name: value for name, value in line.items() if isinstance(value, str)}
            )


def _line(answer: Answer, line: Mapping[str, str]) -> Iterator[Shaped]:
    if line["user"] == ROOT:
        yield from _root(answer, line)
        return
    if account_of(line["arn"]) is None:
        yield Skipped(f"{answer.key} `{line['user']}`", "its ARN has no account")
        return
    yield Mention(Link.REPORTED, NodeId(line["arn"]), line["user"], {**_said(line), **_used(line)})


def _root(answer: Answer, line: Mapping[str, str]) -> Iterator[Shaped]:
    """The root user is no node: it is the account itself."""
    yield account_setting(
        answer.account, {f"root_{name}": value for name, value in _said(line).items()}
    )
    for name, value in _used(line).items():
        yield Observation(account_stub(answer.account).id, f"root_{name}", value)


def _said(line: Mapping[str, str]) -> dict[str, str]:
    """What the line says that stays, by our names."""
    truths = {
        name: line.get(column, "").lower()
        for column, name in _TRUTHS.items()
        if line.get(column, "").lower() in {"true", "false"}
    }
    times = {name: _time(line.get(column, "")) for column, name in _TIMES.items()}
    return {**truths, **{name: value for name, value in times.items() if value}}


def _used(line: Mapping[str, str]) -> dict[str, str]:
    found = {name: _time(line.get(column, "")) for column, name in _USED.items()}
    return {name: value for name, value in found.items() if value}


def _time(value: str) -> str:
    if value in _NOTHING:
        return ""
    return moment({"at": value}, "at") or ""


def reported(estate: Estate) -> Iterator[Row]:
    """What the report says of the users that are listed, where nothing surer does.

    The report does not tell an inactive key from none, so that it never says how many keys a user has.
    """
    for mention in estate.mentions(Link.REPORTED):
        user = estate.nodes.get(mention.subject)
        if user is None or user.kind != "User" or user.props.get("referenced_only"):
            continue
        told: dict[str, PropValue] = {
            name: mention.props[name] == "true"
            for name, surer in _SURER.items()
            if name in mention.props and surer not in {key.operation for key in user.asserted_by}
        }
        settings = {
            f"report_{name}": value
            for name, value in mention.props.items()
            if name not in _USED.values()
        }
        yield Node(
            user.id,
            "User",
            {**told, "settings": settings} if settings else told,
            asserted_by=mention.asserted_by,
        )
        for name in _USED.values():
            if value := mention.props.get(name):
                yield Observation(user.id, name, value, mention.asserted_by)


RESOURCES = (
    Resource(
        "aws.credential-report-making",
        "That the credential report is made.",
        Call(
            "iam",
            "generate_credential_report",
            "iam:GenerateCredentialReport",
            poll=Poll("State", ("STARTED", "INPROGRESS")),
        ),
        shape_generated,
    ),
    Resource(
        "aws.credential-report",
        "Passwords, keys and second factors of all users and the root user.",
        Call(
            "iam",
            "get_credential_report",
            "iam:GetCredentialReport",
            params={},
            feeds=(
                Feed(
                    "iam.generate_credential_report",
                    members=("=latest",),
                    where={"State": ("COMPLETE",)},
                ),
            ),
        ),
        shape_report,
    ),
)
