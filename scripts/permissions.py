"""Writes what the collector needs to be allowed: `docs/permissions.md` and the role as CloudFormation and Terraform.

Everything comes from the declared calls, and from the text of AWS's managed policy SecurityAudit as the package moto
carries it: what that policy lacks is what the role adds.
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from moto.iam.aws_managed_policies import aws_managed_policies_data

from ingest.aws.simulator import SIMULATE
from ingest.source import Resource, by_operation
from scripts.generated import ROOT, write_or_check

PAGE = ROOT / "docs" / "permissions.md"
CLOUDFORMATION = ROOT / "docs" / "reader-role.yaml"
TERRAFORM = ROOT / "docs" / "reader-role.tf"
RECORDED = ROOT / "tests" / "data" / "aws" / "c7n-placebo"
ANSWERED = ROOT / "tests" / "data" / "aws" / "moto-answers.json"
CASES = ROOT / "tests" / "cases" / "ingest"
DISTORTED = frozenset({"unknown-members", "without-names", "wrong-types"})
ANSWER = 200
NOTHING = "nothing yet"
CLIENTS = {
    "api.sagemaker": "sagemaker",
    "s3-control": "s3control",
    "access-analyzer": "accessanalyzer",
}


@dataclass(frozen=True, slots=True)
class Audit:
    """The managed policy SecurityAudit: its version, the day of that, and the actions it allows on every resource."""

    version: str
    day: str
    actions: tuple[str, ...]

    def allows(self, action: str) -> bool:
        """Whether it allows the action."""
        return any(fnmatch.fnmatchcase(action.lower(), held.lower()) for held in self.actions)


def security_audit() -> Audit:
    """The policy as moto carries it."""
    held = json.loads(aws_managed_policies_data)["SecurityAudit"]
    actions = [
        action
        for statement in held["Document"]["Statement"]
        if statement["Resource"] == "*"
        for action in statement["Action"]
    ]
    return Audit(held["DefaultVersionId"], held["UpdateDate"][:10], tuple(actions))


def needed(resources: Iterable[Resource]) -> dict[str, list[Resource]]:
    """The actions that the calls need, each with the calls that need it; those made on request alone are left out."""
    found: dict[str, list[Resource]] = {}
    for resource in resources:
        if resource.call.permission and not on_request(resource):
            found.setdefault(resource.call.permission, []).append(resource)
    return dict(sorted(found.items()))


def on_request(resource: Resource) -> bool:
    """Whether the call is made only where a collection was told to: by itself, or by what feeds it."""
    known = by_operation(resource.platform)
    feeds = resource.call.feeds
    return resource.call.on_request or (
        bool(feeds)
        and all(
            on_request(known[feed.operation])
            for feed in feeds
            if feed.operation != resource.call.operation
        )
    )


def policy(actions: Sequence[str]) -> dict[str, object]:
    """The inline policy of the role: what SecurityAudit lacks."""
    statement = {
        "Sid": "ShadowgraphReads",
        "Effect": "Allow",
        "Action": list(actions),
        "Resource": "*",
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def cloudformation(actions: Sequence[str]) -> str:
    """The role as a CloudFormation template."""
    return _filled("reader-role.yaml.in", [f"                  - {action}" for action in actions])


def terraform(actions: Sequence[str]) -> str:
    """The role as Terraform."""
    return _filled("reader-role.tf.in", [f'      "{action}",' for action in actions])


def _filled(template: str, lines: Sequence[str]) -> str:
    """A template beside this file, with the actions in their place."""
    text = (ROOT / "scripts" / template).read_text(encoding="utf-8")
    return text.replace("@ACTIONS@", "\n".join(lines))


def evidence() -> Mapping[str, str]:
    """What each operation is proved with: a recorded answer, moto's, or one made from the service model."""
    found: dict[str, str] = {}
    for path in CASES.glob("*/*/given.json"):
        given = json.loads(path.read_text(encoding="utf-8"))
        if not distorted(path.parent, given):
            found |= {
                row["operation"]: "synthetic" for row in given["answers"] if any(row["pages"])
            }
    if ANSWERED.exists():
        for operation in json.loads(ANSWERED.read_text(encoding="utf-8")):
            found[operation] = "moto"
    for path in RECORDED.glob("*/*.json"):
        if json.loads(path.read_text(encoding="utf-8"))["status_code"] == ANSWER:
            found[recorded_operation(path)] = "recorded"
    return found


def distorted(folder: Path, given: Mapping[str, object]) -> bool:
    """Whether a case is about answers of another shape than the service model's, and so proves no reading."""
    name = folder.name
    by_name = name in DISTORTED or name.startswith("unreadable") or name.endswith("-odd")
    return by_name or bool(given.get("odd"))


def recorded_operation(path: Path) -> str:
    """The operation that a recorded answer is of, by its file name."""
    client, _, rest = path.name.removesuffix(".json").rpartition(".")
    method = "".join(
        f"_{letter.lower()}" if letter.isupper() and at else letter.lower()
        for at, letter in enumerate(rest.rpartition("_")[0])
    )
    return f"{CLIENTS.get(client, client)}.{method}"


def page() -> str:
    """The page of permissions."""
    audit, calls = security_audit(), by_operation("aws")
    actions = needed(calls.values())
    lacking = [action for action in actions if not audit.allows(action)]
    proofs = evidence()
    return "\n".join(
        (
            *_head(audit, len(actions), lacking),
            "## What SecurityAudit lacks",
            "",
            "| action | call | what it tells |",
            "|---|---|---|",
            *(
                f"| `{action}` | {', '.join(f'`{row.call.operation}`' for row in actions[action])} | "
                f"{actions[action][0].doc} |"
                for action in lacking
            ),
            "",
            *_table(calls, audit, proofs),
            "",
            *_beside(audit),
            "",
        )
    )


def _head(audit: Audit, total: int, lacking: Sequence[str]) -> Iterable[str]:
    return (
        "# What the collector may do, and what it asks",
        "",
        "Written by `make docs` from the calls that the collector makes. It only reads: a test holds every operation",
        "against the words that reading operations begin with.",
        "",
        f"The managed policy **SecurityAudit** ({audit.version} of {audit.day}) allows {total - len(lacking)} of the",
        f"{total} actions that the calls need. What it lacks, {len(lacking)} of them, is",
        "the inline policy of the role: as [CloudFormation](reader-role.yaml), as [Terraform](reader-role.tf), and here:",
        "",
        "```json",
        json.dumps(policy(lacking), indent=2),
        "```",
        "",
        "Without one of them the collection goes on: the call ends `denied`, `coverage` names the action, and whatever",
        "rests on the answer says so. In accounts other than the collector's own the role is assumed, so the collector",
        "itself also needs `sts:AssumeRole` on it. Calls to the organisation are answered in its management account, or",
        "for a delegated administrator, whatever the policy says.",
        "",
        "To read trail files, the role needs `s3:ListBucket` and `s3:GetObject` on the bucket of the trail, and",
        "`kms:Decrypt` on its key where it has one. It needs `s3:GetObject` nowhere else.",
        "",
    )


def _table(calls: Mapping[str, Resource], audit: Audit, proofs: Mapping[str, str]) -> Iterable[str]:
    kinds = {kind: sum(proofs.get(name) == kind for name in calls) for kind in _PROOFS}
    yield "## Every call"
    yield ""
    yield (
        "How each is tested: "
        + "; ".join(f"{kinds[kind]} {kind} ({meaning})" for kind, meaning in _PROOFS.items())
        + "."
    )
    yield ""
    yield "| call | action | in SecurityAudit | asked | tested with | what it tells |"
    yield "|---|---|---|---|---|---|"
    for name, resource in sorted(calls.items()):
        call = resource.call
        where = "the organisation" if call.organization else "each account"
        where += ", each region" if call.regional else ""
        where = "each item" if call.feeds else where
        where = "on request" if on_request(resource) else where
        held = "none needed" if not call.permission else f"`{call.permission}`"
        allowed = "" if not call.permission else ("yes" if audit.allows(call.permission) else "no")
        proof = proofs.get(name, NOTHING)
        yield f"| `{name}` | {held} | {allowed} | {where} | {proof} | {resource.doc} |"


def _beside(audit: Audit) -> Iterable[str]:
    """What is no part of collecting, and so in no role that a collection needs."""
    held = "allows it already" if audit.allows(SIMULATE.permission) else "does not allow it"
    yield "## Beside collecting"
    yield ""
    yield f"`shadowgraph verify decisions FILE --against aws`, and nothing else, calls `{SIMULATE.operation}`, which needs"
    yield f"`{SIMULATE.permission}`. It changes nothing: AWS says what the policies of a user, group or role come to."
    yield f"No collection makes the call, so the inline policy above leaves it out; SecurityAudit {held}. It is"
    yield "made with our own credentials, in their own account only, and discloses what others may do there."


_PROOFS = {
    "recorded": "an answer of the real service",
    "moto": "an answer of moto's server over the wire",
    "synthetic": "an answer made by hand and held against botocore's service model",
}


def written() -> dict[Path, str]:
    """Every file with what it should hold."""
    audit = security_audit()
    lacking = [name for name in needed(by_operation("aws").values()) if not audit.allows(name)]
    return {PAGE: page(), CLOUDFORMATION: cloudformation(lacking), TERRAFORM: terraform(lacking)}


if __name__ == "__main__":
    write_or_check(written(), "Write what the collector needs to be allowed.")
