"""AWS authorization written down slowly and plainly, two-valued: the twin that the evaluator is compared with.

It shares nothing with the code under test. A question carries every condition key that has a value; every other
key is absent. Documents are plain parsed JSON.
"""

from __future__ import annotations

import ipaddress
import math
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

ALLOW, IMPLICIT, EXPLICIT = "allow", "implicit_deny", "explicit_deny"
RCP_SERVICES = {"s3", "sts", "kms", "sqs", "secretsmanager"}
WITHOUT_RESOURCE = {"kms:listkeys", "kms:createkey", "s3:listallmybuckets"}  # asked of `*`

Document = dict[str, Any]


@dataclass
class Question:
    """One request with nothing left open."""

    kind: str  # user, role (with a session name), root, service, federated, anonymous
    arn: str  # of a service its name, of a federated caller its provider
    account: str
    action: str
    resource: str
    resource_account: str
    context: dict[str, list[str]] = field(default_factory=dict)
    session_name: str = "s"
    canonical_id: str | None = None  # by which S3 knows the caller's account
    unique_id: str | None = None  # AIDA.. of a user, AROA.. of a role
    identity: list[Document] = field(default_factory=list)
    groups: list[Document] = field(default_factory=list)  # policies of the groups of a user
    boundary: list[Document] | None = None
    session: list[Document] | None = None
    scps: list[list[Document]] | None = None
    rcps: list[list[Document]] | None = None
    endpoint: list[Document] | None = None  # of the VPC endpoint that the request goes through
    resource_policy: Document | None = None
    grants: list[Document] = field(default_factory=list)  # of the key, as KMS lists them
    service_linked: bool = False
    management: bool = False
    resource_in_management: bool = False


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@cache  # the same patterns and texts are asked in world after world
def wild(pattern: str, text: str, *, variables: bool = True) -> bool:
    """`*` any run, `?` one character, `${*}` and its like the character itself; tried out letter by letter."""
    if pattern == "":
        return text == ""
    if variables and re.match(r"\$\{[*?$]\}", pattern):
        return text[:1] == pattern[2] and wild(pattern[4:], text[1:], variables=variables)
    if pattern[0] == "*":
        return any(wild(pattern[1:], text[i:], variables=variables) for i in range(len(text) + 1))
    if pattern[0] == "?":
        return text != "" and wild(pattern[1:], text[1:], variables=variables)
    return text[:1] == pattern[0] and wild(pattern[1:], text[1:], variables=variables)


def wild_arn(pattern: str, arn: str) -> bool:
    parts = pattern.split(":", 5)
    texts = arn.split(":", len(parts) - 1)
    return len(parts) == len(texts) and all(wild(p, t) for p, t in zip(parts, texts, strict=True))


class NoValue(Exception):  # noqa: N818  # no failure: the statement does not match
    """A variable without value."""


def expand(text: str, question: Question, *, variables: bool) -> str:
    if not variables:
        return text.replace("${", "${$}{")

    def value(found: re.Match[str]) -> str:
        got = question.context.get(found[1].strip().lower(), [])
        if len(got) == 1:
            return re.sub(r"([*?$])", r"${\1}", got[0])
        if not got and found[2] is not None:
            return found[2]
        raise NoValue

    return re.sub(r"\$\{([^}*?$,][^},]*)(?:,\s*'([^']*)')?\}", value, text)


def literally(text: str) -> str:
    return re.sub(r"\$\{([*?$])\}", r"\1", text)


def number(text: str) -> float | None:
    plain = re.fullmatch(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", text, re.ASCII)
    found = float(text) if plain else math.nan
    return found if math.isfinite(found) else None


def moment(text: str) -> float | None:
    if number(text) is not None:
        return number(text)
    try:
        found = datetime.fromisoformat(text + "-01" if re.fullmatch(r"\d{4}-\d\d", text) else text)
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def compare(word: str, left: float | None, right: float | None) -> bool:
    if left is None or right is None:
        return False
    return {
        "Equals": left == right,
        "LessThan": left < right,
        "LessThanEquals": left <= right,
        "GreaterThan": left > right,
        "GreaterThanEquals": left >= right,
    }[word]


def one_matches(operator: str, got: str, wanted: str) -> bool:  # noqa: PLR0911  # one line per rule, in their order
    """A positive operator on one value."""
    if operator in ("StringEquals", "BinaryEquals"):
        return got == literally(wanted)
    if operator == "StringEqualsIgnoreCase":
        return got.lower() == literally(wanted).lower()
    if operator == "StringLike":
        return wild(wanted, got)
    if operator in ("ArnEquals", "ArnLike"):
        return wild_arn(wanted, got)
    if operator == "Bool":
        return got.lower() == wanted.lower() and got.lower() in ("true", "false")
    if operator == "IpAddress":
        try:
            return ipaddress.ip_address(got) in ipaddress.ip_network(wanted, strict=False)
        except ValueError:
            return False
    if operator.startswith("Numeric"):
        return compare(operator.removeprefix("Numeric"), number(got), number(wanted))
    return compare(operator.removeprefix("Date"), moment(got), moment(wanted))


NEGATIONS = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NotIpAddress": "IpAddress",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
}


def single(operator: str, got: str, wanted: list[str]) -> bool:
    if operator not in NEGATIONS:
        return any(one_matches(operator, got, value) for value in wanted)
    if operator.startswith("Numeric") and number(got) is None:
        return False
    if operator.startswith("Date") and moment(got) is None:
        return False
    if operator == "NotIpAddress":
        try:
            ipaddress.ip_address(got)
        except ValueError:
            return False
    return not any(one_matches(NEGATIONS[operator], got, value) for value in wanted)


def clause(
    operator: str, key: str, values: list[str], question: Question, *, variables: bool
) -> bool:
    got = question.context.get(key.lower(), [])
    if operator == "Null":
        return ("true" if not got else "false") in [value.lower() for value in values]
    wanted = [expand(value, question, variables=variables) for value in values]
    prefix, _, name = operator.rpartition(":")
    base = name.removesuffix("IfExists")
    if prefix == "ForAllValues":
        return all(single(base, value, wanted) for value in got)
    if not got:
        return base != name or (base in NEGATIONS and prefix == "")
    if prefix == "ForAnyValue":
        return any(single(base, value, wanted) for value in got)
    return len(got) == 1 and single(base, got[0], wanted)


def text_of(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def conditions(statement: Document, question: Question, *, variables: bool) -> bool:
    return all(
        clause(operator, key, [text_of(v) for v in listed(values)], question, variables=variables)
        for operator, keys in statement.get("Condition", {}).items()
        for key, values in keys.items()
    )


def action(statement: Document, question: Question) -> bool:
    asked = question.action.lower()
    if "Action" in statement:
        return any(wild(p.lower(), asked, variables=False) for p in listed(statement["Action"]))
    return not any(wild(p.lower(), asked, variables=False) for p in listed(statement["NotAction"]))


def resource(statement: Document, question: Question, *, variables: bool) -> bool:
    if "Resource" in statement:
        for pattern in listed(statement["Resource"]):
            try:
                if wild_arn(expand(pattern, question, variables=variables), question.resource):
                    return True
            except NoValue:
                continue
        return False
    if "NotResource" in statement:
        return not any(
            wild_arn(expand(pattern, question, variables=variables), question.resource)
            for pattern in listed(statement["NotResource"])
        )
    return True


def entry_strength(kind: str, value: str, question: Question) -> str | None:  # noqa: PLR0911  # one line per rule, in their order
    """exact, role or account, or None."""
    if kind == "AWS" and value == "*":
        return "exact"
    if question.kind == "service":
        return "exact" if kind == "Service" and value == question.arn else None
    if question.kind == "federated":
        return "exact" if kind == "Federated" and value == question.arn else None
    if question.kind == "anonymous":
        return None
    if kind == "CanonicalUser":
        return "account" if value == question.canonical_id else None
    if kind != "AWS":
        return None
    root = f"arn:aws:iam::{question.account}:root"
    if value in (question.account, root):
        return "exact" if question.kind == "root" else "account"
    if question.kind == "role":
        name = question.arn.rsplit("/", 1)[1]
        if value == f"arn:aws:sts::{question.account}:assumed-role/{name}/{question.session_name}":
            return "exact"
        return "role" if value in (question.arn, question.unique_id) else None
    return "exact" if value in (question.arn, question.unique_id) else None


def strengths(statement: Document, question: Question) -> set[str]:
    """How the statement's Principal names the caller; empty where it does not."""

    def entries(element: Any) -> list[tuple[str, str]]:
        if not isinstance(element, dict):
            return [("AWS", value) for value in listed(element)]
        return [(kind, value) for kind, values in element.items() for value in listed(values)]

    if "Principal" in statement:
        found = (entry_strength(*entry, question) for entry in entries(statement["Principal"]))
        return {strength for strength in found if strength}
    if "NotPrincipal" in statement:
        if (
            statement["Effect"] == "Deny"
            and question.boundary
            and question.kind in ("user", "role")
        ):
            return {"exact"}
        named = {entry_strength(*entry, question) for entry in entries(statement["NotPrincipal"])}
        return set() if named & {"exact", "role"} else {"exact"}
    return set()


def matching(document: Document, effect: str, question: Question, *, named: bool) -> set[str]:
    """The strengths with which the document's statements of this effect apply; `exact` where nobody is named."""
    found: set[str] = set()
    variables = document.get("Version", "2008-10-17") == "2012-10-17"
    for statement in listed(document["Statement"]):
        if statement["Effect"] != effect or not action(statement, question):
            continue
        try:
            applies = resource(statement, question, variables=variables) and conditions(
                statement, question, variables=variables
            )
        except NoValue:
            applies = False
        if applies:
            found |= strengths(statement, question) if named else {"exact"}
    return found


def grant_strengths(question: Question) -> set[str]:
    """How the grants of the key name the caller for this operation; what their constraints ask for must be there."""
    found = set()
    for grant in question.grants:
        operations = [f"kms:{operation}".lower() for operation in grant["Operations"]]
        asked = [
            (f"{kind}:{name}".lower(), value)
            for kind, pairs in grant.get("Constraints", {}).items()
            for name, value in pairs.items()
        ]
        if question.action.lower() in operations and all(
            question.context.get(key) == [value] for key, value in asked
        ):
            found.add(entry_strength("AWS", grant["GranteePrincipal"], question))
    return {strength for strength in found if strength}


def ruled_out(question: Question) -> bool:
    """Whether the service refuses it, whatever policies say."""
    service, name = question.action.lower().split(":")
    kind = question.resource.rpartition(":")[2]
    if service == "iam" and not name.startswith(("get", "list", "simulate", "generate")):
        if kind.startswith("role/aws-reserved/"):
            return True
        if kind.startswith("role/aws-service-role/"):
            allowed = ("passrole", "createservicelinkedrole", "deleteservicelinkedrole")
            return name not in allowed
        if question.resource.startswith("arn:aws:iam::aws:policy/"):
            return not name.startswith(("attach", "detach"))
    if service == "kms" and name in ("createalias", "updatealias", "deletealias"):
        return kind.startswith("alias/aws/")
    return question.kind == "root" and question.action.lower() == "sts:assumerole"


def must_be_handed_over(question: Question) -> bool:
    """Whether identity policies count only where the resource policy names the account: keys and role trust."""
    action = question.action.lower()
    if action.startswith("kms:"):
        return action not in WITHOUT_RESOURCE and ":alias/" not in question.resource
    return action.startswith("sts:assumerole")


def levels_of(question: Question) -> tuple[list[list[Document]], list[list[Document]]]:
    """The levels of SCPs that bind the caller, and of RCPs that bind the resource."""
    person = question.kind in ("user", "role", "root")
    under_scps = person and not question.service_linked and not question.management
    under_rcps = (
        question.action.split(":")[0] in RCP_SERVICES
        and not question.service_linked
        and not question.resource_in_management
    )
    return (question.scps or [] if under_scps else []), (question.rcps or [] if under_rcps else [])


def denied(question: Question) -> bool:
    """Whether a Deny of any kind of policy matches."""
    scps, rcps = levels_of(question)
    plain: list[Document] = [document for level in scps for document in level]
    if question.kind in ("user", "role", "root"):
        plain += question.identity
    if question.kind == "user":
        plain += question.groups
    if question.kind in ("user", "role"):
        plain += [*(question.boundary or []), *(question.session or [])]
    naming = [document for level in rcps for document in level] + (question.endpoint or [])
    naming += [question.resource_policy] if question.resource_policy else []
    return any(matching(document, "Deny", question, named=False) for document in plain) or any(
        matching(document, "Deny", question, named=True) for document in naming
    )


def allows(documents: list[Document] | None, question: Question, *, named: bool = False) -> bool:
    """Whether one of the documents allows it; without documents there is no such limit."""
    return documents is None or any(
        matching(document, "Allow", question, named=named) for document in documents
    )


def evaluate(question: Question) -> str:  # noqa: PLR0911  # one line per rule, in their order
    """allow, implicit_deny or explicit_deny, in the order of the rules."""
    if question.action.lower() == "sts:getcalleridentity":
        return ALLOW
    if denied(question):
        return EXPLICIT
    if ruled_out(question) or not allows(question.endpoint, question, named=True):
        return IMPLICIT
    if not all(allows(level, question) for level in levels_of(question)[0]):
        return IMPLICIT
    policy = question.resource_policy
    given = matching(policy, "Allow", question, named=True) if policy else set()
    if question.kind in ("service", "federated", "anonymous"):
        return ALLOW if given else IMPLICIT
    own = question.identity + (question.groups if question.kind == "user" else [])
    identity = question.kind == "root" or allows(own, question)
    limited = question.kind in ("user", "role")
    within = not limited or (
        allows(question.boundary or None, question) and allows(question.session, question)
    )
    granted = grant_strengths(question)
    if within and (granted & {"exact", "role"} or ("account" in granted and identity)):
        return ALLOW
    if question.account != question.resource_account:
        return ALLOW if identity and within and given else IMPLICIT
    if "exact" in given or ("role" in given and within):
        return ALLOW
    if must_be_handed_over(question) and "account" not in given:
        return IMPLICIT
    return ALLOW if identity and within else IMPLICIT


EVERYTHING: Document = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def through_access_point(at_point: Question, at_bucket: Question) -> str:
    """The answer for an object asked for by an S3 access point: it and the bucket behind it must let the request in.

    The access point is a resource with a policy of its own; what limits the caller is asked there. The bucket permits
    the same by its policy, for which the caller needs no further word, or, in its own account, by the caller's
    policies. A Deny of the bucket's, of control policies over it, or of the caller's on the bucket's name counts.
    """
    found = evaluate(at_point)
    if found != ALLOW:
        return found
    by_policy = replace(
        at_bucket,
        identity=[*at_bucket.identity, EVERYTHING],
        boundary=None,
        scps=None,
        resource_account="another",
    )
    behind = [evaluate(by_policy)]
    if at_bucket.account == at_bucket.resource_account:
        behind.append(evaluate(at_bucket))
    return ALLOW if ALLOW in behind else behind[0]
