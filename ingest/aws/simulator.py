"""AWS's own policy simulator: one call, the questions put to it, and what its answers say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from access.decision import Effect
from graph.model import GLOBAL_REGION, Outcome
from ingest.aws.simulator_questions import Question, Unasked
from ingest.fields import Json, flag, member, rows, text, texts
from ingest.source import Ask, Call, Client, Reply

SIMULATE = Call(
    client="iam",
    method="simulate_principal_policy",
    permission="iam:SimulatePrincipalPolicy",
    items="EvaluationResults",
    paginated=True,
    known_none=frozenset({"NoSuchEntity"}),
)
"""No part of collecting: it is made only where decisions are to be compared with AWS."""

MOST_FAILURES = 3
_OF_ONE_QUESTION = ("InvalidInput", "ParamValidationError", "PolicyEvaluation")
_EFFECTS = {
    "allowed": Effect.ALLOW,
    "implicitDeny": Effect.IMPLICIT_DENY,
    "explicitDeny": Effect.EXPLICIT_DENY,
}
_LIMITS = (
    ("PermissionsBoundaryDecisionDetail", "AllowedByPermissionsBoundary", "the boundary"),
    ("OrganizationsDecisionDetail", "AllowedByOrganizations", "a policy of the organisation"),
)


@dataclass(frozen=True, slots=True)
class Opinion:
    """What AWS says: the effect of a request without the `missing` keys, which some policy asks for, and why.

    AWS names a missing key whether or not the effect depends on it.
    """

    effect: Effect
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Why there is no answer to a question that was asked; `permission` is the one that AWS says is missing."""

    reason: str
    permission: str = ""


Answer: TypeAlias = Opinion | Unanswered | Unasked


class Simulator:
    """Asks the simulator of one account, each question once.

    It stops for good where the answer will not change (denied, not offered), and after failures in a row.
    """

    def __init__(self, client: Client, account: str) -> None:
        self._client = client
        self._account = account
        self._answers: dict[Question, Answer] = {}
        self._failures = 0
        self._stopped = False

    def ask(self, question: Question) -> Answer:
        """What AWS says."""
        if question.account != self._account:
            return Unasked.OTHER_ACCOUNT
        if question not in self._answers:
            if self._stopped:
                return Unasked.STOPPED
            reply = self._client.ask(_ask(question))
            self._heed(reply)
            self._answers[question] = _answer(question, reply)
        return self._answers[question]

    def _heed(self, reply: Reply) -> None:
        if reply.outcome is Outcome.OK or reply.detail.startswith(_OF_ONE_QUESTION):
            self._failures = 0
            return
        self._failures += 1
        lasting = reply.outcome in {Outcome.DENIED, Outcome.UNSUPPORTED}
        self._stopped = lasting or self._failures >= MOST_FAILURES


# Asking.


def _ask(question: Question) -> Ask:
    """The call; what the row says travels beside it, so that braces in it are no placeholders."""
    carried: dict[str, str] = {}
    params = {name: _sealed(value, carried) for name, value in _params(question)}
    call = replace(SIMULATE, params=params)
    return Ask(call, question.account, GLOBAL_REGION, carried=carried)


def _sealed(value: object, carried: dict[str, str]) -> object:
    if isinstance(value, str):
        name = f"text{len(carried)}"
        carried[name] = value
        return f"{{{name}}}"
    if isinstance(value, Mapping):
        return {name: _sealed(item, carried) for name, item in value.items()}
    return [_sealed(item, carried) for item in value] if isinstance(value, list) else value


def _params(question: Question) -> Iterator[tuple[str, object]]:
    yield "PolicySourceArn", question.source
    yield "ActionNames", [question.action]
    yield "ResourceArns", [question.resource]
    if question.entries:
        yield (
            "ContextEntries",
            [
                {
                    "ContextKeyName": entry.name,
                    "ContextKeyType": entry.type,
                    "ContextKeyValues": list(entry.values),
                }
                for entry in question.entries
            ],
        )
    if question.boundary:
        yield "PermissionsBoundaryPolicyInputList", [question.boundary]
    if question.resource_policy:
        yield "ResourcePolicy", question.resource_policy
        yield "CallerArn", question.source
    if question.owner:
        yield "ResourceOwner", question.owner


# Reading.


def _answer(question: Question, reply: Reply) -> Answer:
    if reply.outcome is not Outcome.OK:
        missing = reply.missing_permission or ""
        what = f"{missing} is missing" if missing else reply.detail
        return Unanswered(f"{reply.outcome.value}: {what}", missing)
    if not reply.pages:
        return Unasked.NOBODY
    found = list(_results(question, reply.pages))
    if len(found) != 1:
        return Unanswered("failed: the answer holds no single result for the action and resource")
    return _opinion(*found[0])


def _results(question: Question, pages: Iterable[Json]) -> Iterator[tuple[Json, Json]]:
    """The results for the action on the resource, each with the part that is about the resource alone."""
    for result in (row for page in pages for row in rows(page, "EvaluationResults")):
        if (text(result, "EvalActionName") or "").lower() != question.action.lower():
            continue
        parts = list(rows(result, "ResourceSpecificResults"))
        if not parts or question.resource == "*":
            yield result, {}
        else:
            fits = (part for part in parts if part.get("EvalResourceName") == question.resource)
            yield from ((result, part) for part in fits)


def _opinion(result: Json, part: Json) -> Opinion | Unanswered:
    word = text(part, "EvalResourceDecision") or text(result, "EvalDecision") or ""
    effect = _EFFECTS.get(word)
    if effect is None:
        return Unanswered(f"failed: `{word}` is no decision that we know")
    missing = {key for row in (result, part) for key in texts(row, "MissingContextValues")}
    return Opinion(effect, tuple(sorted(missing)), tuple(_notes(result, part)))


def _notes(result: Json, part: Json) -> Iterator[str]:
    """Which policies of the account spoke, and what else stopped it."""
    spoke = {text(row, "SourcePolicyId") for row in rows(part or result, "MatchedStatements")}
    if names := sorted(name for name in spoke if name):
        yield f"AWS by {', '.join(names)}"
    for name, allowed, what in _LIMITS:
        if any(flag(member(row, name), allowed) is False for row in (result, part)):
            yield f"{what} does not allow it at AWS"
    details = member(part, "EvalDecisionDetails") or member(result, "EvalDecisionDetails")
    yield from (f"{name} says {word} at AWS" for name, word in sorted(details.items()))
