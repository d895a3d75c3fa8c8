"""The shape of the answer key: stories that are there, decoys that only look like one, and how both are written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sample.estate.names import BROKER
from sample.estate.policy import Json


@dataclass(frozen=True, slots=True)
class Cut:
    """One thing whose removal alone ends the route; `all_routes` where it ends every other one as well."""

    kind: str
    holder: str
    document: str = ""
    statement: str = ""
    member: str = ""
    all_routes: bool = True

    def plain(self) -> Json:
        """The cut as JSON."""
        return {
            "kind": self.kind,
            "holder": self.holder,
            "document": self.document,
            "statement": self.statement,
            "member": self.member,
            "alone_cuts_all": self.all_routes,
        }

    def words(self) -> str:
        """The cut in words."""
        rest = "" if self.all_routes else " (this route only: another one remains)"
        if self.kind == "membership":
            return f"the membership of `{self.holder}` in `{self.member}`{rest}"
        if self.kind == "attachment":
            return f"the attachment of `{self.member}` to `{self.holder}`{rest}"
        if self.kind == "trust_entry":
            return f"the entry `{self.member}` in the trust of `{self.holder}`{rest}"
        if self.kind == "key_grant":
            return f"the grant `{self.statement}` to `{self.member}` on `{self.holder}`{rest}"
        where = (
            self.document if self.document == self.holder else f"{self.document}` of `{self.holder}"
        )
        return f"the statement `{self.statement}` in `{where}`{rest}"


@dataclass(frozen=True, slots=True)
class Start:
    """Someone outside the estate, whom no listing names: the kind of node, its id and what it stands for."""

    kind: str
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Story:
    """A path that is there: who, to what, over which nodes, how sure, and what ends it."""

    id: str
    title: str
    question: str
    start: str | Start
    target: str
    capability: str
    expect: str
    path: tuple[str, ...]
    why: str
    techniques: tuple[str, ...] = ()
    via: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    cuts: tuple[Cut, ...] = ()

    def plain(self) -> Json:
        """The story as JSON."""
        return {
            "id": self.id,
            "title": self.title,
            "question": self.question,
            **_start(self.start),
            "to": self.target,
            "capability": self.capability,
            "expect": self.expect,
            "techniques": list(self.techniques),
            "via": list(self.via),
            "conditions": list(self.conditions),
            "revocables": [cut.plain() for cut in self.cuts],
        }


@dataclass(frozen=True, slots=True)
class Decoy:
    """A path that is not there, although a part of it is."""

    id: str
    title: str
    start: str | Start
    target: str
    capability: str
    looks_like: str
    why: str

    def plain(self) -> Json:
        """The decoy as JSON."""
        return {
            "id": self.id,
            "title": self.title,
            **_start(self.start),
            "to": self.target,
            "capability": self.capability,
            "expect": "none",
            "looks_like": self.looks_like,
            "why": self.why,
        }


def _start(start: str | Start) -> Json:
    if isinstance(start, Start):
        return {"from": start.id, "from_kind": start.kind}
    return {"from": start}


EVERYONE = Start("Public", "public:internet", "everyone on the internet")
BROKER_ACCOUNT = Start(
    "External", f"aws:account/{BROKER}", f"the account `{BROKER}` of the reinsurance broker"
)
GITHUB = Start(
    "External",
    "external:oidc/token.actions.githubusercontent.com/repo:alderwick-insurance/*",
    "a workflow in any repository below `repo:alderwick-insurance/`",
)


def member(identity: str, group: str, *, all_routes: bool = True) -> Cut:
    """A membership."""
    return Cut("membership", identity, member=group, all_routes=all_routes)


def attached(holder: str, policy: str) -> Cut:
    """A managed policy on an identity."""
    return Cut("attachment", holder, member=policy)


def said(policy: str, sid: str) -> Cut:
    """A statement of a managed policy."""
    return Cut("statement", policy, policy, sid)


def inline(holder: str, name: str, sid: str, *, all_routes: bool = True) -> Cut:
    """A statement of an inline policy."""
    return Cut("statement", holder, name, sid, all_routes=all_routes)


def on_grant(key: str, grant: str, grantee: str) -> Cut:
    """A grant on a key."""
    return Cut("key_grant", key, key, grant, grantee)


def on_resource(resource: str, sid: str, principal: str) -> Cut:
    """A statement of the policy of a bucket or key."""
    return Cut("statement", resource, resource, sid, principal)


def trusted(role: str, sid: str, principal: str) -> Cut:
    """A principal of a role's trust."""
    return Cut("trust_entry", role, role, sid, principal)


_HEAD = """# What is planted in the sample estate

Alderwick is a made-up insurer with claims, pricing and payments models. Its organisation has a management account
(`999999999999`) and the member accounts `prod` (`111111111111`) and `dev` (`222222222222`). All people, ids and addresses are
invented. `snapshot/` holds the raw answers of the platform as a collector would have written them on 2 November 2026; three
calls were denied, so that unknowns show. `answers.json` says the same as this page for programs. All of it is written by
`python -m sample.build` and the same seed gives the same bytes.

Every statement of the company carries a Sid, and the answers name it. A **story** is a path that is there; each of its cuts
alone ends that path, and unless it says otherwise every other path between the same ends as well. A **decoy** looks like a
story and is none: there is no path at all from its start to its target with that capability.

Technique ids are those of the technique catalogue. `sts-001` (assuming a role) appears in the graph as a Grant by trust,
`sagemaker-004` as a Grant by its action, `sm-lifecycle-update` and `ai-artefact-overwrite` as a write on the artefact and the
moves that follow from it.
"""
_EXPECT = {
    "definite": "holds whatever the open conditions are",
    "conditional": "holds only if",
    "possible": "holds if the artefact is loaded in a way that runs code",
}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _story(story: Story) -> Iterator[str]:
    start = story.start.text if isinstance(story.start, Start) else f"`{story.start}`"
    yield f"### {story.id} {story.title}"
    yield ""
    yield f"{_capital(start)} gets **{story.capability}** of `{story.target}`."
    yield ""
    yield from (f"{number}. {step}" for number, step in enumerate(story.path, start=1))
    yield ""
    yield f"Why: {story.why}"
    yield ""
    keys = ", ".join(f"`{key}`" for key in story.conditions)
    yield f"Certainty: **{story.expect}**, {_EXPECT[story.expect]}{' ' + keys if keys else ''}."
    if story.techniques:
        yield f"Techniques: {', '.join(story.techniques)}."
    yield ""
    if story.cuts:
        yield "What cuts it:"
        yield ""
        yield from (f"- {cut.words()}" for cut in story.cuts)
    else:
        yield "What cuts it: nothing that was read names a single cut."
    yield ""


def _decoy(decoy: Decoy) -> Iterator[str]:
    start = decoy.start.text if isinstance(decoy.start, Start) else f"`{decoy.start}`"
    yield f"### {decoy.id} {decoy.title}"
    yield ""
    yield f"{_capital(start)} does **not** get {decoy.capability} of `{decoy.target}` (looks like {decoy.looks_like})."
    yield ""
    yield f"Why not: {decoy.why}"
    yield ""


def markdown(stories: Sequence[Story], decoys: Sequence[Decoy], notes: Sequence[str]) -> str:
    """The answer key for readers."""
    lines = [_HEAD, "## Stories", ""]
    for story in stories:
        lines.extend(_story(story))
    lines += ["## Decoys", ""]
    for decoy in decoys:
        lines.extend(_decoy(decoy))
    lines += ["## Also planted", "", *(f"- {note}" for note in notes)]
    return "\n".join(lines) + "\n"
