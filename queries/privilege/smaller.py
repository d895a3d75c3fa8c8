"""One policy made smaller: what is known to be unused goes, what was used is held to what it was used on, the rest stays.

Denies, conditions, exceptions (NotAction, NotResource) and what cannot be read whole stay as they are written.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from access.aws.catalogue import known_actions, takes
from access.aws.document import Statement, parse
from graph.model import Attachment, Node, NodeId
from queries.inventory import Inventory
from queries.logs import Window
from queries.statements import text_of
from queries.use import NEVER, Answer, Use, anywhere, seen, unadvised

MANAGED_LIMIT = 6_144  # characters of a managed policy without white space
# SOURCE: "IAM and AWS STS quotas" (IAM user guide), read 2026-11-26: all inline policies of one identity together.
INLINE_LIMITS: Mapping[str, int] = {"User": 2_048, "Role": 10_240}
_SOME = 60  # actions of one statement
_FEW = 3  # actions of one verb, from which on a pattern stands for them
_EXCEPTIONS = 120  # actions and services that a statement about everything leaves out at most
_NAMED = 20  # resources that a statement names at most
_BEGIN = re.compile(r"[^:]+:[A-Z][a-z]+")


@dataclass(frozen=True, slots=True)
class Proposed:
    """One policy as it stands and as it is proposed; `managed` is the ARN of the policy that an attachment is of.

    `vendor` marks a policy of the vendor: its attachment is to be replaced by the proposal. An empty `after` means that
    nothing of it is needed. `narrowed` are the actions that are held to these resources. `attached` says that the
    proposal is to be policies of their own, since inline they would be too long.
    """

    name: str
    managed: str
    vendor: bool
    before: str
    after: tuple[str, ...]
    dropped: tuple[str, ...]
    unobserved: tuple[str, ...]
    narrowed: tuple[tuple[str, tuple[str, ...]], ...] = ()
    attached: bool = False

    def plain(self) -> dict[str, object]:
        """The policy as plain types, for JSON."""
        return {
            "name": self.name,
            "managed": self.managed,
            "vendor": self.vendor,
            "before": json.loads(self.before),
            "after": [json.loads(text) for text in self.after],
            "dropped": list(self.dropped),
            "narrowed": [{"action": action, "resources": list(held)} for action, held in self.narrowed],
            "not_observed": list(self.unobserved),
        }  # fmt: skip


class Judge:
    """What is known of the use of each action by one identity, anywhere; each asked once."""

    def __init__(self, inventory: Inventory, identity: Node, window: Window) -> None:
        self.inventory = inventory
        self.identity = identity
        self.window = window
        self._known: dict[str, Answer] = {}
        self._places: dict[str, set[NodeId]] = defaultdict(set)
        # What was used once at any recorded time stays, in the window or not.
        for action, asset in inventory.use.by_identity.get(identity.id, {}):
            self._places[action.lower()].add(asset)

    @property
    def observability(self) -> float:
        """The share of the actions asked about whose use would show."""
        if not self._known:
            return 1.0
        shown = sum(answer is not Answer.NOT_OBSERVED for answer in self._known.values())
        return shown / len(self._known)

    @property
    def earlier(self) -> tuple[str, ...]:
        """The actions that stay because they were used before the window, and not in it."""
        return tuple(sorted(action for action, answer in self._known.items() if answer is Answer.USED and not self._lately(action)))  # fmt: skip

    def _lately(self, action: str) -> bool:
        use: Use = self.inventory.use
        held = use.by_identity.get(self.identity.id, {})
        days = (
            day
            for (name, _), found in held.items()
            if name.lower() == action.lower()
            for day in found
        )
        advised = str(self.inventory.seen(self.identity.id).get(f"last_used:{action}", ""))[:10]
        return any(map(self.window.holds, days)) or self.window.holds(advised)  # fmt: skip

    def of(self, action: str) -> Answer:
        """Whether the identity used the action, on anything."""
        if action not in self._known:
            told = f"last_used:{action}" in self.inventory.seen(self.identity.id)
            used = told or action.lower() in self._places
            self._known[action] = (
                Answer.USED
                if used
                else anywhere(self.inventory, self.identity, action, self.window).answer
            )
        return self._known[action]

    def held_to(self, action: str, statement: Statement) -> tuple[str, ...]:
        """The resources to which the statement's allowance of a used action can be held; empty where it cannot.

        It can where every recorded use names a resource of the one type that the action takes, each of them is still there,
        use of others would have shown, and what could not be observed stays allowed.
        """
        used = self._places.get(action.lower(), set())
        whole = anywhere(self.inventory, self.identity, action, self.window).answer
        if not used or whole is not Answer.UNUSED or statement.not_resources or statement.templates:
            return ()
        if not all(takes(action, asset) and self._there(asset) for asset in used):
            return ()
        kept = {str(asset) for asset in (*used, *self._unseen(action)) if _names(statement, asset)}
        if not used & kept or len(kept) > _NAMED or kept >= set(statement.resources):
            return ()
        return tuple(sorted(kept))

    @property
    def idle_services(self) -> frozenset[str]:
        """The services that the access advisor knows and of which it shows no use in the window."""
        told = self.inventory.seen(self.identity.id)
        never = told.get(NEVER)
        named = set(never) if isinstance(never, tuple) else set()
        return frozenset(
            one.lower()
            for one in named
            if unadvised(self.inventory, self.identity, f"{one}:*", self.window) is not None
        )

    def _there(self, asset: NodeId) -> bool:
        node = self.inventory.nodes.get(asset)
        return node is not None and node.present and not node.props.get("referenced_only")

    def _unseen(self, action: str) -> Iterator[NodeId]:
        """What the action could be used on without anybody seeing it: young assets, places whose log was not read."""
        for node in self.inventory.nodes.values():
            if takes(action, node.id) and node.present:
                told = seen(self.inventory, self.identity, action, node, self.window)
                if told.answer is Answer.NOT_OBSERVED:
                    yield node.id


def _names(statement: Statement, resource: str) -> bool:
    return any(matches(resource) for matches in statement.tests)


def proposed(inventory: Inventory, row: Attachment, judge: Judge) -> Proposed | None:
    """The smaller form of one attached policy; None where nothing of it goes, or it cannot be read."""
    text = text_of(inventory, row)
    document = parse(text) if text else None
    if document is None or document.unreadable:
        return None
    body = json.loads(text)
    raw = body["Statement"] if isinstance(body["Statement"], list) else [body["Statement"]]
    made = _Smaller(judge)
    for statement in sorted(document.statements, key=lambda one: one.position):
        made.take(statement, raw[statement.position])
    if not made.dropped and not made.narrowed:
        return None
    return Proposed(
        name_of(row),
        row.policy or "",
        row.vendor,
        json.dumps(body, indent=2, ensure_ascii=False),
        tuple(_documents(str(body.get("Version", "2008-10-17")), made.kept)),
        tuple(sorted(made.dropped)),
        tuple(sorted(made.hidden)),
        tuple(sorted(made.narrowed.items())),
    )


def name_of(row: Attachment) -> str:
    """What people call the attached policy."""
    return (row.policy or row.name).rpartition("/")[2]


def effective(one: Proposed, left: Iterable[Statement], made: Iterable[Proposed]) -> Proposed:
    """The proposal, telling only of actions that no statement that is left allows, or none on more than it is held to."""
    statements = tuple(left)
    held: dict[str, set[str]] = defaultdict(set)
    for other in made:
        for action, to in other.narrowed:
            held[action].update(to)
    return replace(
        one,
        dropped=tuple(action for action in one.dropped if not _speaking(statements, action)),
        narrowed=tuple(
            (action, to)
            for action, to in one.narrowed
            if all(
                held[action].issuperset(said.resources) for said in _speaking(statements, action)
            )
        ),
    )


def _speaking(statements: Iterable[Statement], action: str) -> list[Statement]:
    return [one for one in statements if one.speaks_of(action)]


class _Smaller:
    """The statements of one policy, made smaller one after the other."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self.kept: list[dict[str, Any]] = []
        self.dropped: set[str] = set()
        self.hidden: set[str] = set()
        self.narrowed: dict[str, tuple[str, ...]] = {}

    def take(self, statement: Statement, raw: Mapping[str, Any]) -> None:
        """The statement without what was not used; where nothing goes it stays as it is written."""
        if not statement.allow or statement.unknown or statement.not_actions:
            self.kept.append(dict(raw))
            return
        known = sorted(action for action in known_actions() if statement.speaks_of(action))
        answers = {action: self._judge.of(action) for action in known}
        gone = {action for action, answer in answers.items() if answer is Answer.UNUSED}
        self.hidden |= {action for action, answer in answers.items() if answer is Answer.NOT_OBSERVED}  # fmt: skip
        used = (action for action, answer in answers.items() if answer is Answer.USED)
        held = {action: to for action in used if (to := self._judge.held_to(action, statement))}
        if not gone and not held:
            self.kept.append(dict(raw))
            return
        if any("*" in _service(one) for one in statement.actions):
            self._except(statement, raw, known, gone)
            return
        self.dropped |= gone
        self.narrowed |= held
        # What the list of actions does not know is no more known to be unused.
        strange = [one for one, fits in zip(statement.actions, statement.matchers, strict=True) if not any(fits(name.lower()) for name in known)]  # fmt: skip
        left = {
            *strange,
            *(action for action in known if action not in gone and action not in held),
        }
        self.kept += _copies(raw, _shortened(left, statement), held)

    def _except(
        self, statement: Statement, raw: Mapping[str, Any], known: list[str], gone: set[str]
    ) -> None:
        """A statement about all services: all but what is unused, since services that nobody knows here must stay.

        Where that would be too many, only services of which nothing was used are left out.
        """
        whole = {_service(one) for one in gone} - {
            _service(one) for one in known if one not in gone
        }
        idle = self._judge.idle_services - {_service(one) for one in known}
        single = {one for one in gone if _service(one) not in whole}
        if len(whole | idle | single) > _EXCEPTIONS:
            single = set()
        if "*" not in statement.actions or not (whole or idle or single):
            self.kept.append(dict(raw))
            return
        self.dropped |= single | {one for one in gone if _service(one) in whole}
        self.dropped |= {f"{one}:*" for one in idle}
        copy = {name: value for name, value in raw.items() if name != "Action"}
        named = sorted({*single, *(f"{one}:*" for one in whole | idle)})
        self.kept.append({**copy, "NotAction": named})


def _service(action: str) -> str:
    return action.partition(":")[0].lower()


def _copies(
    raw: Mapping[str, Any], left: list[str], held: Mapping[str, tuple[str, ...]]
) -> Iterator[dict[str, Any]]:
    """The statement with these actions, and once more for each set of resources that others are held to."""
    by_place: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for action, to in sorted(held.items()):
        by_place[to].append(action)
    parts: list[tuple[list[str], dict[str, Any]]] = [
        (left[at : at + _SOME], {}) for at in range(0, len(left), _SOME)
    ]
    parts += [(actions, {"Resource": list(to)}) for to, actions in sorted(by_place.items())]
    for number, (actions, place) in enumerate(parts, start=1):
        copy = {**raw, "Action": actions, **place}
        if "Sid" in copy and number > 1:
            copy["Sid"] = f"{copy['Sid']}{number}"
        yield copy


def _shortened(actions: Iterable[str], statement: Statement) -> list[str]:
    """The actions, those of one verb as a pattern where all known ones of it stay and the statement had one as wide.

    Such a pattern keeps what is newer than the list of actions as well.
    """
    left = set(actions)
    wide = tuple(one[:-1].lower() for one in statement.actions if one.endswith("*"))
    by_verb = _by_verb()
    for verb in sorted({found[0] for one in left if (found := _BEGIN.match(one))}):
        whole = by_verb.get(verb, frozenset())
        if len(whole) >= _FEW and whole <= left and verb.lower().startswith(wide):
            left = (left - whole) | {f"{verb}*"}
    return sorted(left)


@cache
def _by_verb() -> Mapping[str, frozenset[str]]:
    """Per `service:Verb` all known actions that begin like that."""
    begins = {found[0] for one in known_actions() if (found := _BEGIN.match(one))}
    services: dict[str, list[str]] = defaultdict(list)
    for action in known_actions():
        services[_service(action)].append(action)
    return {
        begin: frozenset(one for one in services[_service(begin)] if one.startswith(begin))
        for begin in begins
    }


def _documents(version: str, statements: list[dict[str, Any]]) -> Iterator[str]:
    """The statements in as many documents as the size of a managed policy asks for."""
    held: list[dict[str, Any]] = []
    for statement in statements:
        if held and size(_document(version, [*held, statement])) > MANAGED_LIMIT:
            yield _document(version, held)
            held = []
        held.append(statement)
    if held:
        yield _document(version, held)


def _document(version: str, statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": version, "Statement": statements}, indent=2, ensure_ascii=False)


def size(text: str) -> int:
    """How long the platform takes the document to be: white space does not count."""
    return len("".join(text.split()))
