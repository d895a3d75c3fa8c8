"""A smaller policy for one identity: what was used, and what could not be observed, stays; the rest goes.

Only generated, never applied. Denies, conditions and statements that cannot be read whole stay as they are. Every recorded
call is decided again with the proposal in place; a proposal that would deny one is not made.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from access.aws.catalogue import known_actions, wildcard_only
from access.aws.decide import Policies, Request, effect_of
from access.aws.document import Statement, parse
from access.aws.policy import Policy
from access.aws.request import Form
from access.estate import Estate
from graph.errors import QueryError
from graph.model import Attachment, Document, Facts, Node, Role
from queries.inventory import Inventory
from queries.logs import Window, window_of
from queries.statements import text_of
from queries.use import Answer, anywhere

MANAGED_LIMIT = 6_144  # characters of a managed policy without white space
_SOME = 60  # actions of one statement
_BREAK_GLASS = "its rights are kept for emergencies"


@dataclass(frozen=True, slots=True)
class Proposed:
    """One policy as it stands and as it is proposed; `managed` is the ARN of the policy that an attachment is of.

    `vendor` marks a policy of the vendor: its attachment is to be replaced by the proposal. An empty `after` means that
    nothing of it is needed.
    """

    name: str
    managed: str
    vendor: bool
    before: str
    after: tuple[str, ...]
    dropped: tuple[str, ...]
    unobserved: tuple[str, ...]

    @property
    def diff(self) -> str:
        """The difference as a unified diff of indented JSON."""
        old = self.before.splitlines(keepends=True)
        new = "".join(f"{text}\n" for text in self.after).splitlines(keepends=True)
        return "".join(
            difflib.unified_diff(old, new, f"{self.name} (now)", f"{self.name} (proposed)")
        )


@dataclass(frozen=True, slots=True)
class Replay:
    """The recorded calls decided again: how many there are, in how many days, and which would be denied."""

    calls: int
    days: int
    denied: tuple[str, ...]

    def words(self) -> str:
        """What it comes to, in one sentence."""
        return f"would have denied {len(self.denied)} of {self.calls:,} observed calls in {self.days} days"


@dataclass(frozen=True, slots=True)
class RightSized:
    """The proposal for one identity, or in `why_not` the one sentence that says why there is none."""

    identity: Node
    policies: tuple[Proposed, ...]
    replay: Replay
    observability: float  # of the actions that its policies name: the share whose use would show
    why_not: str = ""

    @property
    def dropped(self) -> tuple[str, ...]:
        """Every action that goes, in order."""
        return tuple(sorted({action for one in self.policies for action in one.dropped}))

    def plain(self) -> dict[str, object]:
        """The proposal as plain types, for JSON."""
        return {
            "identity": self.identity.id,
            "why_not": self.why_not,
            "observability": round(self.observability, 4),
            "replay": self.replay.words(),
            "denied": list(self.replay.denied),
            "dropped": list(self.dropped),
            "policies": [
                {
                    "name": one.name,
                    "managed": one.managed,
                    "vendor": one.vendor,
                    "before": json.loads(one.before),
                    "after": [json.loads(text) for text in one.after],
                    "dropped": list(one.dropped),
                    "not_observed": list(one.unobserved),
                }
                for one in self.policies
            ],
            "terraform": terraform(self),
        }


def right_sized(inventory: Inventory, identity: Node) -> RightSized:
    """The smaller policies of the identity: its own and those attached to it; what groups give is left to them."""
    context = inventory.context
    names = (identity.name, str(identity.id))
    if identity.props.get("reserved"):
        return _none(inventory, identity, "the platform alone may change it")
    if any(context.allows(context.break_glass, name) for name in names):
        return _none(inventory, identity, _BREAK_GLASS)
    if inventory.unread(identity, "iam.get_account_authorization_details"):
        return _none(inventory, identity, "its policies were not read")
    window = window_of(inventory, context.windows.log)
    judge = _Judge(inventory, identity, window)
    made = tuple(found for row in _rows(inventory, identity) if (found := _proposed(inventory, row, judge)))  # fmt: skip
    share = judge.observability
    if not made:
        return _none(
            inventory,
            identity,
            "nothing that its own policies allow is known to be unused; what groups give is left to them",
            share,
        )
    replay = _replay(inventory, identity, made, window)
    if replay.denied:
        return replace(_none(inventory, identity, "the smaller policy would deny observed calls", share), replay=replay)  # fmt: skip
    return RightSized(identity, made, replay, share)


def _none(inventory: Inventory, identity: Node, why: str, share: float = 0.0) -> RightSized:
    days = inventory.context.windows.log.days
    return RightSized(identity, (), Replay(0, days, ()), share, why)


def _rows(inventory: Inventory, identity: Node) -> Iterator[Attachment]:
    rows = inventory.attached.get(identity.id, ())
    return (row for row in rows if row.role is Role.IDENTITY)


class _Judge:
    """What is known of the use of each action by one identity, anywhere; each asked once."""

    def __init__(self, inventory: Inventory, identity: Node, window: Window) -> None:
        self._inventory = inventory
        self._identity = identity
        self._window = window
        self._known: dict[str, Answer] = {}
        held = inventory.use.by_identity.get(identity.id, {})
        self._used = {action.lower() for action, _ in held}

    @property
    def observability(self) -> float:
        """The share of the actions asked about whose use would show."""
        if not self._known:
            return 1.0
        shown = sum(answer is not Answer.NOT_OBSERVED for answer in self._known.values())
        return shown / len(self._known)

    def of(self, action: str) -> Answer:
        """Whether the identity used the action, on anything."""
        if action not in self._known:
            self._known[action] = self._asked(action)
        return self._known[action]

    def _asked(self, action: str) -> Answer:
        # What was used once at any recorded time stays, in the window or not.
        known = self._inventory.seen(self._identity.id)
        if action.lower() in self._used or f"last_used:{action}" in known:
            return Answer.USED
        return anywhere(self._inventory, self._identity, action, self._window).answer


def _proposed(inventory: Inventory, row: Attachment, judge: _Judge) -> Proposed | None:
    """The smaller form of one attached policy; None where nothing of it goes."""
    text = text_of(inventory, row)
    document = parse(text) if text else None
    if document is None or document.unreadable:
        return None
    body = json.loads(text)
    raw = body["Statement"] if isinstance(body["Statement"], list) else [body["Statement"]]
    kept: list[dict[str, Any]] = []
    dropped: set[str] = set()
    hidden: set[str] = set()
    for statement in sorted(document.statements, key=lambda one: one.position):
        smaller, gone, unseen = _smaller(statement, raw[statement.position], judge)
        kept += smaller
        dropped |= gone
        hidden |= unseen
    if not dropped:
        return None
    after = tuple(_documents(str(body.get("Version", "2008-10-17")), kept))
    return Proposed(
        (row.policy or row.name).rpartition("/")[2],
        row.policy or "",
        row.vendor,
        json.dumps(body, indent=2, ensure_ascii=False),
        after,
        tuple(sorted(dropped)),
        tuple(sorted(hidden)),
    )


def _smaller(
    statement: Statement, raw: Mapping[str, Any], judge: _Judge
) -> tuple[list[dict[str, Any]], set[str], set[str]]:
    """The statement without what was not used: statements in its place, the actions that go, those that cannot be told.

    Where nothing goes it stays as it is written; a Deny, or what cannot be read whole, always does.
    """
    if not statement.allow or statement.unknown or statement.not_actions:
        return [dict(raw)], set(), set()
    known = sorted(action for action in known_actions() if statement.speaks_of(action))
    answers = {action: judge.of(action) for action in known}
    gone = {action for action, answer in answers.items() if answer is Answer.UNUSED}
    hidden = {action for action, answer in answers.items() if answer is Answer.NOT_OBSERVED}
    if not gone:
        return [dict(raw)], set(), hidden
    strange = [one for one in statement.actions if not _covered(one, known)]
    left = sorted({*strange, *(action for action in known if action not in gone)})
    parts = [left[at : at + _SOME] for at in range(0, len(left), _SOME)]
    made = []
    for number, part in enumerate(parts, start=1):
        copy = {**raw, "Action": part}
        if "Sid" in copy and number > 1:
            copy["Sid"] = f"{copy['Sid']}{number}"
        made.append(copy)
    return made, gone, hidden


def _covered(pattern: str, known: list[str]) -> bool:
    """Whether the pattern speaks only of services whose every action is known: then the known ones stand for it."""
    service = pattern.partition(":")[0].lower()
    return any(action.partition(":")[0] == service for action in known) and "*" not in service


def _documents(version: str, statements: list[dict[str, Any]]) -> Iterator[str]:
    """The statements in as many documents as the size of a managed policy asks for."""
    held: list[dict[str, Any]] = []
    for statement in statements:
        if held and _size(version, [*held, statement]) > MANAGED_LIMIT:
            yield _document(version, held)
            held = []
        held.append(statement)
    if held:
        yield _document(version, held)


def _document(version: str, statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": version, "Statement": statements}, indent=2, ensure_ascii=False)


def _size(version: str, statements: list[dict[str, Any]]) -> int:
    return len("".join(_document(version, statements).split()))


# Every recorded call, decided again


def _replay(
    inventory: Inventory, identity: Node, made: tuple[Proposed, ...], window: Window
) -> Replay:
    held = inventory.use.by_identity.get(identity.id, {})
    now = Facts(
        tuple(node for node in inventory.nodes.values() if node.asserted_by),
        tuple(edge for edge in inventory.edges if edge.asserted_by),
        tuple(row for rows in inventory.attached.values() for row in rows),
        inventory.documents,
        tuple(inventory.coverage.values()),
    )
    before, after = _decider(inventory, now, identity), _decider(inventory, changed(now, identity, made), identity)  # fmt: skip
    calls, denied = 0, []
    for (action, asset), days in sorted(held.items()):
        calls += sum(days.values())
        if before(action, asset) and not after(action, asset):
            denied.append(f"{action} on {asset or 'what the log does not name'}")
    length = (window.until - window.since).days
    return Replay(calls, length, tuple(denied))


def changed(facts: Facts, identity: Node, made: tuple[Proposed, ...]) -> Facts:
    """The facts with the proposals in the place of the policies that they are for."""
    gone = {(one.managed, one.name) for one in made}
    kept = [
        row
        for row in facts.attachments
        if row.holder != identity.id
        or row.role is not Role.IDENTITY
        or (row.policy or "", (row.policy or row.name).rpartition("/")[2]) not in gone
    ]
    fresh = [
        (Document.of(json.loads(text)), f"{one.name}-{number}")
        for one in made
        for number, text in enumerate(one.after, start=1)
    ]
    rows = [
        Attachment(
            identity.id,
            Role.IDENTITY,
            name,
            document=document.hash,
            asserted_by=identity.asserted_by,
        )
        for document, name in fresh
    ]
    documents = {row.hash: row for row in (*facts.documents, *(document for document, _ in fresh))}
    return replace(facts, attachments=(*kept, *rows), documents=tuple(documents.values()))


def _decider(inventory: Inventory, facts: Facts, identity: Node) -> Callable[[str, str], bool]:
    """What decides whether the identity's own policies and boundary let it do something."""
    subject = Policy(Estate(facts, instant=inventory.now)).subjects.alone(identity.id)
    policies = Policies(identity=subject.identity, boundary=subject.boundary)

    def allowed(action: str, asset: str) -> bool:
        # The log counts objects at their bucket, and may name nothing at all.
        part = asset + "*" if ":s3:::" in asset else asset or "*"
        request = Request(
            principal=subject.principal,
            action=action,
            resource=part,
            now=inventory.now,
            resource_account=inventory.account(identity),
            form=Form.CONCRETE if part == asset else Form.SOME,
            wildcard_only=wildcard_only(action),
        )
        return effect_of(request, policies).granted

    return allowed


# Terraform


def terraform(made: RightSized) -> str:
    """The proposal as Terraform that needs no import: new resources, in the place of what stands."""
    return "\n".join(_terraform(made))


def _terraform(made: RightSized) -> Iterator[str]:
    identity = made.identity
    form = {"User": "user", "Role": "role"}.get(identity.kind)
    if form is None:
        raise QueryError(f"a {identity.kind} has no policy of this form")
    for one in made.policies:
        if not one.after:
            yield f"# {_plain(one.name)}: nothing of it is needed; take it away from {_plain(identity.name)}\n"
        for number, text in enumerate(one.after, start=1):
            label = _label(f"{identity.name}_{one.name}_{number}")
            name = json.dumps(f"{one.name}-right-sized-{number}"[-128:])
            holder = json.dumps(_plain(identity.name))
            body = "\n".join(f"    {_plain(line)}" for line in text.splitlines())
            if one.managed:
                yield f'resource "aws_iam_policy" "{label}" {{\n  name   = {name}\n  policy = <<-POLICY\n{body}\n    POLICY\n}}\n'
                yield f'resource "aws_iam_{form}_policy_attachment" "{label}" {{\n  {form}       = {holder}\n  policy_arn = aws_iam_policy.{label}.arn\n}}\n'
            else:
                yield f'resource "aws_iam_{form}_policy" "{label}" {{\n  name   = {name}\n  {form}   = {holder}\n  policy = <<-POLICY\n{body}\n    POLICY\n}}\n'


def _label(text: str) -> str:
    return "".join(char if char.isalnum() and char.isascii() else "_" for char in text)


def _plain(text: str) -> str:
    """Text in which Terraform finds no template."""
    return text.replace("${", "$${").replace("%{", "%%{")
