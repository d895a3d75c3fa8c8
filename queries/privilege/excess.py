"""Granted, used, unused, not observed: per identity, Grant and asset, with the index and all that it is made of.

The index is 100 times the weight of the unused pairs over the weight of all granted pairs; a pair is an action (or a
technique) on an asset, its weight that of the action's class times the criticality of the asset. Pairs whose use could not
have been seen stand in the denominator only, so that with little observability the index is a lower bound: it is never
told without the share of pairs that could be observed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from statistics import median

from access.aws.document import Statement
from graph.model import Capability, Node, NodeId
from graph.view import CAPABILITIES, PASSED, Flag
from queries.inventory import Inventory
from queries.joins import escalates, gained
from queries.logs import Window, window_of
from queries.routes import is_technique
from queries.sharing import sharing
from queries.statements import statements
from queries.use import Answer, Seen, seen, shows_as

WEIGHTS: Mapping[str, int] = {
    "read": 1,
    "invoke": 2,
    "write": 3,
    "delete": 4,
    "permissions": 8,
    "escalation": 10,
}
_CLASSES: Mapping[Capability, str] = {
    Capability.READ: "read",
    Capability.INVOKE: "invoke",
    Capability.DELEGATE: "invoke",
    Capability.WRITE: "write",
    Capability.PROMOTE: "write",
    Capability.CONTROL: "permissions",
    Capability.ADMIN: "permissions",
}
FEWEST_PEERS = 5
_PRESENT, _REVIEWED = int(Flag.PRESENT), int(Flag.ASSET | Flag.ACTOR | Flag.COUNTED)
_MAD = 1.4826  # makes the median absolute deviation comparable with a standard deviation


@dataclass(frozen=True, slots=True)
class Pair:
    """One thing that the identity may do to one asset, by which Grant, and what is known of its use."""

    action: str
    asset: NodeId
    grant: NodeId
    capability: Capability
    weight: int
    seen: Seen

    def plain(self) -> dict[str, object]:
        """The pair as plain types, for JSON."""
        return {
            "action": self.action,
            "asset": self.asset,
            "grant": self.grant,
            "capability": self.capability.value,
            "weight": self.weight,
            "use": self.seen.answer.value,
            "why": self.seen.why,
            "days": self.seen.days,
            "calls": self.seen.calls,
            "last": self.seen.last,
        }


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the index: one class of actions, with the weight of all its pairs and of the unused ones."""

    name: str
    pairs: int
    unused: int
    weight: int
    unused_weight: int

    def plain(self) -> dict[str, object]:
        """The part as plain types, for JSON."""
        return {
            "class": self.name,
            "pairs": self.pairs,
            "unused": self.unused,
            "weight": self.weight,
            "unused_weight": self.unused_weight,
        }


@dataclass(frozen=True, slots=True)
class Excess:
    """What one identity holds and did not use.

    `used`, `unused` and `hidden` count pairs; `parts` is what the index is made of, class by class. `wildcards` counts
    statements that speak of every action of a service or of every resource. `peers` is the robust z-score among peers,
    None where there are too few. `reach` and `reach_used` count assets reached with all Grants and without unused ones.
    """

    identity: NodeId
    name: str
    kind: str
    account: str
    window: int
    used: int
    unused: int
    hidden: int
    parts: tuple[Part, ...]
    wildcards: int
    admin: str
    reach: int | None  # None where it was not counted
    reach_used: int | None
    peers: float | None = None
    pairs: tuple[Pair, ...] = ()

    @property
    def granted(self) -> int:
        """All pairs."""
        return self.used + self.unused + self.hidden

    @property
    def observability(self) -> float:
        """The share of pairs whose use would have been seen, 0 to 1; 1 where nothing is granted."""
        return 1.0 if not self.granted else (self.used + self.unused) / self.granted

    @property
    def unused_ratio(self) -> float:
        """The share of the observable pairs that were not used, 0 to 1."""
        observable = self.used + self.unused
        return self.unused / observable if observable else 0.0

    @property
    def index(self) -> int:
        """The privilege index, 0 to 100."""
        whole = sum(part.weight for part in self.parts)
        return round(100 * sum(part.unused_weight for part in self.parts) / whole) if whole else 0

    @property
    def bucket(self) -> str:
        """Low to 33, medium to 66, high above."""
        return "low" if self.index <= 33 else "medium" if self.index <= 66 else "high"

    def plain(self) -> dict[str, object]:
        """The row as plain types, for JSON; with its pairs where it was asked for whole."""
        told = {
            "identity": self.identity,
            "name": self.name,
            "kind": self.kind,
            "account": self.account,
            "window_days": self.window,
            "granted": self.granted,
            "used": self.used,
            "unused": self.unused,
            "not_observed": self.hidden,
            "observability": round(self.observability, 4),
            "unused_ratio": round(self.unused_ratio, 4),
            "index": self.index,
            "bucket": self.bucket,
            "parts": [part.plain() for part in self.parts],
            "wildcard_statements": self.wildcards,
            "administrator": self.admin,
            "reach": self.reach,
            "reach_without_unused": self.reach_used,
            "peers_z": None if self.peers is None else round(self.peers, 2),
        }
        return {**told, "pairs": [pair.plain() for pair in self.pairs]} if self.pairs else told


def action_class(action: str, capability: Capability) -> str:
    """The class of an action: by what it is called where it deletes, or is a technique, else by what it gives."""
    if is_technique(action):
        return "escalation"
    if action.partition(":")[2].startswith("Delete"):
        return "delete"
    return _CLASSES[capability]


def criticality(inventory: Inventory, asset: NodeId) -> int:
    """How much an asset counts: one more than its known sensitivity; an administrator counts as restricted."""
    if asset in inventory.administrators:
        return 11
    return 1 + max(inventory.sensitivity(asset), 0)


class Ledger:
    """Who holds which Grants, looked up once for all identities of a view."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self.held: dict[NodeId, list[int]] = defaultdict(list)
        view, shared = inventory.view, sharing(inventory.view)
        for grant in _grants(inventory):
            actors: set[int] = set()
            for holder in shared.before("HOLDS", grant):
                actors.update(shared.entering(holder))
            for actor in actors:
                self.held[view.nodes.ids[actor]].append(grant)

    def pairs(self, identity: Node, window: Window) -> Iterator[Pair]:
        """What the identity may do to what, each pair once by its first Grant, with what is known of its use."""
        inventory, view = self.inventory, self.inventory.view
        done: set[tuple[str, NodeId]] = set()
        for grant in sorted(self.held.get(identity.id, ())):
            action = view.nodes.hows[int(view.nodes.how[grant])]
            capability = CAPABILITIES[int(view.nodes.capability[grant])]
            for target in sharing(view).targets(grant):
                asset = inventory.nodes.get(view.nodes.ids[target])
                if asset is None or not _counts(inventory, target) or (action, asset.id) in done:
                    continue
                done.add((action, asset.id))
                weight = WEIGHTS[action_class(action, capability)] * criticality(
                    inventory, asset.id
                )
                name = shows_as(action, identity)
                told = seen(inventory, identity, name, asset, window) if name else _UNTOLD
                yield Pair(action, asset.id, view.nodes.ids[grant], capability, weight, told)


_UNTOLD = Seen(Answer.NOT_OBSERVED, "no single event shows it")


def _grants(inventory: Inventory) -> Iterator[int]:
    """The Grants that give access, rather than what a group or class enjoys."""
    view = inventory.view
    for at in range(len(view.nodes.ids)):
        code = int(view.nodes.capability[at])
        if code >= 0 and (CAPABILITIES[code] not in PASSED or CAPABILITIES[code] is Capability.DELEGATE):  # fmt: skip
            yield at


def _counts(inventory: Inventory, target: int) -> bool:
    """Whether the target is something that a review speaks of: a listed asset, identity or scope."""
    flags = int(inventory.view.nodes.flags[target])
    return bool(flags & _PRESENT) and bool(flags & _REVIEWED)


def excess(inventory: Inventory, identity: Node, ledger: Ledger, *, whole: bool = False) -> Excess:
    """What the identity holds and did not use in the window of the settings.

    `whole` keeps every pair and counts reach, which is a walk over the whole graph for each identity.
    """
    window = window_of(inventory, inventory.context.windows.log)
    pairs = tuple(ledger.pairs(identity, window))
    counts = Counter(pair.seen.answer for pair in pairs)
    reach, kept = _reaches(inventory, identity, pairs) if whole else (None, None)
    return Excess(
        identity.id,
        identity.name,
        identity.kind,
        inventory.account(identity),
        inventory.context.windows.log.days,
        counts[Answer.USED],
        counts[Answer.UNUSED],
        counts[Answer.NOT_OBSERVED],
        tuple(_parts(pairs)),
        sum(1 for said in statements(inventory, identity) if _wide(said.statement)),
        escalates(inventory, identity.id),
        reach,
        kept,
        pairs=tuple(sorted(pairs, key=lambda pair: (pair.action, pair.asset))) if whole else (),
    )


def _wide(statement: Statement) -> bool:
    """Whether the statement allows all actions of a service, or all but some."""
    broad = any(action == "*" or action.endswith(":*") for action in statement.actions)
    return statement.allow and (broad or bool(statement.not_actions))


def _parts(pairs: tuple[Pair, ...]) -> Iterator[Part]:
    grouped: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        grouped[action_class(pair.action, pair.capability)].append(pair)
    for name in WEIGHTS:
        if held := grouped.get(name):
            unused = [pair for pair in held if pair.seen.answer is Answer.UNUSED]
            yield Part(
                name,
                len(held),
                len(unused),
                sum(pair.weight for pair in held),
                sum(pair.weight for pair in unused),
            )


def _reaches(inventory: Inventory, identity: Node, pairs: tuple[Pair, ...]) -> tuple[int, int]:
    """How many assets the identity reaches, and how many without what it holds and did not use at all.

    Without means: of its own pairs only those that were used, or could not be observed, are followed on.
    """
    whole = len(gained(inventory, identity.id))
    idle = [pair for pair in pairs if pair.seen.answer is Answer.UNUSED]
    if not idle:
        return whole, whole
    left: set[NodeId] = set()
    for asset in {pair.asset for pair in pairs if pair.seen.answer is not Answer.UNUSED}:
        node = inventory.nodes[asset]
        left |= {asset} if inventory.exposed(asset) is not None else set()
        if node.kind in {"Role", "User", "ServiceAccount"}:
            left |= set(gained(inventory, asset))
    return whole, min(whole, len(left))


def table(
    inventory: Inventory, identities: tuple[Node, ...], ledger: Ledger | None = None
) -> tuple[Excess, ...]:
    """A row for each identity, the highest index first, with how each stands among its peers."""
    ledger = ledger or Ledger(inventory)
    rows = {node.id: excess(inventory, node, ledger) for node in identities}
    scores = peer_scores(inventory, {id_: row.granted for id_, row in rows.items()})
    found = (replace(row, peers=scores.get(id_)) for id_, row in rows.items())
    return tuple(sorted(found, key=lambda row: (-row.index, -row.unused, row.name, row.identity)))


def peer_scores(inventory: Inventory, granted: Mapping[NodeId, int]) -> Mapping[NodeId, float]:
    """The robust z-score of how much each identity holds among those of its kind, account and path or team."""
    groups: dict[tuple[str, ...], list[NodeId]] = defaultdict(list)
    for id_ in granted:
        groups[_peers(inventory, inventory.nodes[id_])].append(id_)
    found: dict[NodeId, float] = {}
    for members in groups.values():
        if len(members) < FEWEST_PEERS:
            continue
        middle = median(granted[id_] for id_ in members)
        spread = _MAD * median(abs(granted[id_] - middle) for id_ in members)
        for id_ in members:
            away = granted[id_] - middle
            found[id_] = away / spread if spread else (0.0 if not away else float(len(members)) * (1 if away > 0 else -1))  # fmt: skip
    return found


def _peers(inventory: Inventory, node: Node) -> tuple[str, ...]:
    tags = {name.lower(): value for name, value in (inventory.tags(node) or {}).items()}
    team = next((tags[name] for name in ("role", "team", "job") if tags.get(name)), "")
    return node.kind, inventory.account(node), team or str(node.props.get("path", ""))
