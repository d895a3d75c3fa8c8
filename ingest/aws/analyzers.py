"""IAM Access Analyzer: what analyzers that exist already found of access from outside, and of access nobody uses.

Findings are volatile and are another's conclusions: they are observations on what they speak of, never edges.
"""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import NodeId, Observation, Row
from ingest.aws.asset import account_stub
from ingest.aws.names import ACCOUNT_ID, account_node
from ingest.estate import Estate
from ingest.fields import Json, flag, member, moment, rows, string_map, text, texts, word
from ingest.source import (
    PART,
    Answer,
    Call,
    Feed,
    Link,
    Mention,
    Oddity,
    Resource,
    Shaped,
    Skipped,
)

ACTIVE = ("ACTIVE",)
"""The findings that are asked about: those that are resolved or archived speak of the past."""

NEVER = "never"


def shape_analyzers(answer: Answer) -> Iterator[Shaped]:
    """The analyzers of the account in the region: without one nothing was looked for."""
    yield account_stub(answer.account)
    for row in answer.each("analyzers"):
        arn = text(row, "arn")
        if arn is None:
            yield Skipped(str(answer.key), "an analyzer has no ARN")
            continue
        told = f"{text(row, 'type') or '?'} {text(row, 'status') or '?'}"
        yield Observation(account_node(answer.account), f"analyzer:{arn}", told)


def _mention(answer: Answer, row: Json, name: str, *words: str | None) -> Mention:
    """What a finding says of a resource, or of its account where it names none."""
    owner = text(row, "resourceOwnerAccount") or answer.account
    return Mention(
        Link.FINDING,
        NodeId(text(row, "resource") or account_node(owner)),
        name,
        {"account": owner, "told": "\n".join(word for word in words if word)},
    )


def shape_findings(answer: Answer) -> Iterator[Shaped]:
    """The findings of an analyzer by type and status; answers of the older form hold the details, too."""
    for row in answer.each("findings"):
        identifier = text(row, "id")
        if identifier is None:
            yield Skipped(str(answer.key), "a finding has no id")
            continue
        form = text(row, "findingType") or ("ExternalAccess" if "action" in row else "?")
        status = text(row, "status") or "?"
        yield _mention(
            answer, row, f"finding:{identifier}", form, status, text(row, "resourceType")
        )
        if "action" in row and status in ACTIVE:
            yield _mention(answer, row, f"external_access:{identifier}", *_access(row))


def shape_finding(answer: Answer) -> Iterator[Shaped]:
    """What one finding says: who has access from outside, or what nobody used."""
    identifier = answer.argument.rpartition(PART)[2]
    for page in answer.pages:
        if text(page, "error"):
            yield _mention(answer, page, f"finding_error:{identifier}", text(page, "error"))
    first: Json = next(iter(answer.pages), {})
    for detail in answer.each("findingDetails"):
        for name, words in _told(detail, identifier):
            yield _mention(answer, first, name, *words)


def _told(detail: Json, identifier: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for form, label in (
        ("externalAccessDetails", "external_access"),
        ("internalAccessDetails", "internal_access"),
    ):
        if form in detail:
            yield f"{label}:{identifier}", tuple(_access(member(detail, form)))
    if "unusedPermissionDetails" in detail:
        row = member(detail, "unusedPermissionDetails")
        actions = (
            f"{action} {moment(item, 'lastAccessed') or NEVER}"
            for item in rows(row, "actions")
            if (action := text(item, "action"))
        )
        used = moment(row, "lastAccessed") or NEVER
        yield f"unused_permission:{text(row, 'serviceNamespace') or '?'}", (used, *sorted(actions))
    if "unusedIamUserAccessKeyDetails" in detail:
        row = member(detail, "unusedIamUserAccessKeyDetails")
        used = moment(row, "lastAccessed") or NEVER
        yield f"unused_access_key:{text(row, 'accessKeyId') or '?'}", (used,)
    for form, label in (
        ("unusedIamRoleDetails", "unused_role"),
        ("unusedIamUserPasswordDetails", "unused_password"),
    ):
        if form in detail:
            yield label, (moment(member(detail, form), "lastAccessed") or NEVER,)


def _access(row: Json) -> Iterator[str]:
    """Who may do what, how, and under which conditions, a line each."""
    if flag(row, "isPublic") is not None:
        yield f"public: {word(flag(row, 'isPublic'))}"
    for kind, who in sorted(string_map(row, "principal").items()):
        yield f"{kind}: {who}"
    for name in ("principalType", "principalOwnerAccount", "accessType"):
        if value := text(row, name):
            yield value
    yield from sorted(texts(row, "action"))
    for key, value in sorted(string_map(row, "condition").items()):
        yield f"if {key}: {value}"
    for source in rows(row, "sources"):
        point = text(member(source, "detail"), "accessPointArn")
        yield f"by {text(source, 'type') or '?'}{f' {point}' if point else ''}"
    for name in ("resourceControlPolicyRestriction", "serviceControlPolicyRestriction"):
        if value := text(row, name):
            yield f"{name}: {value}"


def found(estate: Estate) -> Iterator[Row | Oddity]:
    """The findings as observations: on the resource where it is known, else on its account under the resource's name."""
    for mention in estate.mentions(Link.FINDING):
        told = tuple(mention.props["told"].split("\n"))
        if mention.subject in estate.nodes:
            yield Observation(mention.subject, mention.text, told, mention.asserted_by)
            continue
        owner = mention.props["account"]
        node = account_node(owner)
        if ACCOUNT_ID.fullmatch(owner) and node in estate.nodes:
            name = f"{mention.text} {mention.subject}"
            yield Observation(node, name, told, mention.asserted_by)
        else:
            yield Oddity(f"`{mention.subject}`", f"has `{mention.text}`, and nothing lists it")


_ANALYZERS = Feed("accessanalyzer.list_analyzers", "analyzers.arn")

RESOURCES = (
    Resource(
        "aws.access-analyzers",
        "The access analyzers of the account.",
        Call(
            "accessanalyzer",
            "list_analyzers",
            "access-analyzer:ListAnalyzers",
            regional=True,
            items="analyzers",
            paginated=True,
        ),
        shape_analyzers,
    ),
    Resource(
        "aws.access-findings",
        "What an access analyzer found.",
        Call(
            "accessanalyzer",
            "list_findings_v2",
            "access-analyzer:ListFindings",
            regional=True,
            params={"analyzerArn": "{item}"},
            items="findings",
            paginated=True,
            feeds=(_ANALYZERS,),
            subject="{item}",
        ),
        shape_findings,
    ),
    Resource(
        "aws.access-finding-details",
        "What one finding of an access analyzer says.",
        Call(
            "accessanalyzer",
            "get_finding_v2",
            "access-analyzer:GetFinding",
            regional=True,
            params={"analyzerArn": "{0}", "id": "{1}"},
            items="findingDetails",
            paginated=True,
            feeds=(
                Feed(
                    "accessanalyzer.list_findings_v2",
                    "findings",
                    ("^0", "id"),
                    where={"status": ACTIVE},
                ),
            ),
            subject="{part0}",
        ),
        shape_finding,
    ),
)
