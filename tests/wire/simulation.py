"""AWS's policy simulator on the wire: scripted answers by who is asked about, and what was asked in plain terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from wire.answers import Wired, answered, refused
from wire.canned import Normal
from wire.requests import Asked

SIMULATE = "iam.SimulatePrincipalPolicy"


def asked_of(asked: Asked) -> dict[str, Any]:
    """The parameters of a simulation: lists as lists, context entries by key as (type, values)."""
    form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
    found: dict[str, Any] = {"context": {}}
    for name, value in form.items():
        head, _, rest = name.partition(".member.")
        if not rest:
            found[name] = value
        elif head != "ContextEntries":
            found.setdefault(head, []).append(value)
        elif rest.endswith("ContextKeyName"):
            stem = name.removesuffix("ContextKeyName")
            values = [told for key, told in form.items() if key.startswith(f"{stem}ContextKeyValues")]  # fmt: skip
            found["context"][value] = (form[f"{stem}ContextKeyType"], values)
    return found


def result(
    asked: Asked,
    decision: str,
    *,
    missing: Sequence[str] = (),
    by: Sequence[str] = (),
    boundary: bool | None = None,
    organization: bool | None = None,
) -> dict[str, Any]:
    """One result as AWS gives it: the named resource has a part of its own, `*` has none."""
    told = asked_of(asked)
    (action,), (resource,) = told["ActionNames"], told["ResourceArns"]
    spoke = [{"SourcePolicyId": name, "SourcePolicyType": "IAM Policy"} for name in by]
    part: dict[str, Any] = {
        "EvalResourceName": resource,
        "EvalResourceDecision": decision,
        "MatchedStatements": spoke,
        "MissingContextValues": list(missing),
    }
    if boundary is not None:
        allowed = {"AllowedByPermissionsBoundary": boundary}
        part["PermissionsBoundaryDecisionDetail"] = allowed
    found: dict[str, Any] = {
        "EvalActionName": action,
        "EvalResourceName": resource if resource == "*" else "arn:${Partition}:s3:::${BucketName}",
        "EvalDecision": decision,
        "MatchedStatements": spoke,
        "MissingContextValues": list(missing),
    }
    if organization is not None:
        found["OrganizationsDecisionDetail"] = {"AllowedByOrganizations": organization}
    return found if resource == "*" else {**found, "ResourceSpecificResults": [part]}


@dataclass
class Simulation:
    """Says of each principal what it is told to; of others that there is no such entity.

    An answer is the decision, or the arguments of `result`, or a code to refuse with.
    """

    answers: Mapping[str, Any]
    turns: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, asked: Asked, _told: Normal) -> Wired:
        """The answer, as a step of an estate on the wire."""
        told = asked_of(asked)
        self.turns.append(told)
        held = self.answers.get(told["PolicySourceArn"])
        if held is None:
            return refused(asked, 404, "NoSuchEntity", f"{told['PolicySourceArn']} does not exist")
        if isinstance(held, Wired):
            return held
        said = {"decision": held} if isinstance(held, str) else held
        return answered(asked, {"EvaluationResults": [result(asked, **said)], "IsTruncated": False})
