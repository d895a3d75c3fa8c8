"""Service and resource control policies with what they are attached to, which names them by id alone."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Attachment, Node, Role, Row
from ingest.aws.names import Arn, is_vendor
from ingest.aws.organizations import ROLE_OF, SETTING_OF
from ingest.estate import Estate
from ingest.source import Link, Oddity

_BY_PATH = {form.lower(): role for form, role in ROLE_OF.items()}


def control_policies(estate: Estate) -> Iterator[Row | Oddity]:
    """The attachments of control policies; those of other types limit nobody: they are settings, or left out."""
    known: dict[str, tuple[str, Role | None]] = {}
    settings: dict[str, str] = {}
    for row in estate.attachments:  # read earlier, where the listing was not answered this time
        arn = Arn.parse(row.holder)
        if row.role is Role.VERSION and arn is not None and arn.service == "organizations":
            role = next(
                (_BY_PATH[part] for part in arn.resource.split("/") if part in _BY_PATH), None
            )
            known[arn.name] = (row.holder, role)
    for mention in estate.mentions(Link.POLICY):
        known[mention.text] = (mention.subject, ROLE_OF.get(mention.props["type"]))
        settings[mention.text] = SETTING_OF.get(mention.props["type"], "")
    for mention in estate.mentions(Link.TARGET):
        policy, role = known.get(mention.text, ("", None))
        if not policy:
            yield Oddity(f"`{mention.subject}`", f"policy `{mention.text}` on it was not read")
        elif role is not None:
            yield Attachment(
                mention.subject,
                role,
                policy=policy,
                vendor=is_vendor(policy),
                asserted_by=mention.asserted_by,
            )
        elif settings.get(mention.text) and mention.subject in estate.nodes:
            kind = estate.nodes[mention.subject].kind
            told = {f"{settings[mention.text]}:{mention.text}": policy}
            yield Node(mention.subject, kind, {"settings": told}, asserted_by=mention.asserted_by)
