"""Bedrock guardrails: what each of their policies filters, how strongly, and with which key they are encrypted."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Node, NodeId
from ingest.aws.asset import listed, props
from ingest.aws.bedrock import node_of, regional, sealed, subject, told, word_at
from ingest.fields import Json, member, moment, rows, text
from ingest.source import Answer, Feed, Resource, Shaped, Skipped

GUARDRAIL = "bedrock guardrail"

LISTS = {
    "content": ("contentPolicy", "filters", "type"),
    "topic": ("topicPolicy", "topics", "name"),
    "pii": ("sensitiveInformationPolicy", "piiEntities", "type"),
    "regex": ("sensitiveInformationPolicy", "regexes", "name"),
    "managed_words": ("wordPolicy", "managedWordLists", "type"),
    "grounding": ("contextualGroundingPolicy", "filters", "type"),
}
"""The policies that list what they filter: their member, its list, and the name of an entry.

Blocked words, patterns and definitions of topics are content, not settings: they are counted or named only.
"""

SAYS = {
    "inputStrength": "input_strength",
    "outputStrength": "output_strength",
    "action": "action",
    "inputAction": "input_action",
    "outputAction": "output_action",
    "inputEnabled": "input_enabled",
    "outputEnabled": "output_enabled",
    "enabled": "enabled",
}


def shape_guardrails(answer: Answer) -> Iterator[Shaped]:
    """The guardrails of the account in the region, in their draft."""
    for row in answer.each("guardrails"):
        identifier = text(row, "arn")
        name = text(row, "id")
        if identifier is None and name is None:
            yield Skipped(str(answer.key), "a guardrail has neither ARN nor id")
            continue
        yield from listed(
            identifier or node_of(answer, "guardrail", name or ""),
            "Guardrail",
            account=answer.account,
            region=answer.region,
            name=text(row, "name"),
            flavour=GUARDRAIL,
            created=moment(row, "createdAt"),
            last_changed=moment(row, "updatedAt"),
            settings=told({"state": text(row, "status"), "version": text(row, "version")}),
        )


def shape_guardrail(answer: Answer) -> Iterator[Shaped]:
    """What the guardrail filters; `policies` names those it has, so that one that is missing is known to be."""
    for page in answer.pages:
        node = NodeId(text(page, "guardrailArn") or node_of(answer, "guardrail", answer.argument))
        key = text(page, "kmsKeyArn")
        yield Node(
            node,
            "Guardrail",
            props(cmk=False if key is None else None, settings=told(_settings(page))),
        )
        yield from sealed(node, key)


def _settings(page: Json) -> dict[str, str | None]:
    kinds = ("content", "topic", "word", "sensitiveInformation", "contextualGrounding")
    present = [kind for kind in (*kinds, "automatedReasoning") if member(page, f"{kind}Policy")]
    words = list(rows(member(page, "wordPolicy"), "words"))
    held: dict[str, str | None] = {
        "state": text(page, "status"),
        "version": text(page, "version"),
        "policies": ",".join(present) or "none",
        "words": str(len(words)) if words else None,
        "automated_reasoning": word_at(page, "automatedReasoningPolicy.policies"),
        "cross_region_profile": word_at(page, "crossRegionDetails.guardrailProfileArn"),
    }
    for label, (policy, entries, name) in LISTS.items():
        for row in rows(member(page, policy), entries):
            if entry := text(row, name):
                held |= _entry(f"{label}:{entry}", row)
    return held


def _entry(prefix: str, row: Json) -> dict[str, str | None]:
    held = {f"{prefix}:{ours}": word_at(row, theirs) for theirs, ours in SAYS.items()}
    threshold = row.get("threshold")
    if isinstance(threshold, int | float) and not isinstance(threshold, bool):
        held[f"{prefix}:threshold"] = str(threshold)
    return held


RESOURCES = (
    Resource(
        "aws.bedrock-guardrails",
        "The guardrails of Bedrock.",
        regional(
            "bedrock", "list_guardrails", "ListGuardrails", items="guardrails", paginated=True
        ),
        shape_guardrails,
    ),
    Resource(
        "aws.bedrock-guardrail-descriptions",
        "What a guardrail filters.",
        regional(
            "bedrock",
            "get_guardrail",
            "GetGuardrail",
            params={"guardrailIdentifier": "{item}"},
            subject=subject("guardrail"),
            feeds=(Feed("bedrock.list_guardrails", "guardrails.id"),),
        ),
        shape_guardrail,
    ),
)
