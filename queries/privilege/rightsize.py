"""A smaller set of policies for one identity: what was used, and what could not be observed, stays; the rest goes.

Only generated, never applied. Every recorded call is decided again with the proposal in place; a proposal that would deny
one is not made.
"""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace

from access.aws.document import parse
from graph.model import Attachment, Node, Role
from queries.decisions import standing
from queries.inventory import Inventory
from queries.logs import regions_read, window_of
from queries.privilege.replay import Replay, replayed
from queries.privilege.smaller import (  # fmt: skip
    INLINE_LIMITS,
    MANAGED_LIMIT,
    Judge,
    Proposed,
    effective,
    name_of,
    proposed,
    size,
)
from queries.privilege.terraform import fresh_name, terraform
from queries.statements import text_of

__all__ = ["MANAGED_LIMIT", "Proposed", "RightSized", "difference", "right_sized", "terraform"]
_BREAK_GLASS = "its rights are kept for emergencies"
_SURE, _FAIR = 0.9, 0.5  # shares of observable actions
_ENOUGH = 90  # days


@dataclass(frozen=True, slots=True)
class RightSized:
    """The proposal for one identity, or in `why_not` the one sentence that says why there is none.

    `observability` is the share of the actions that its policies name whose use would show, `regions` where its account's
    log was read. `earlier` are actions that stay because they were used before the window. `decided` is the verdict of a
    review that stands: what, who, why and until when.
    """

    identity: Node
    policies: tuple[Proposed, ...]
    replay: Replay
    observability: float
    why_not: str = ""
    regions: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()
    decided: tuple[str, ...] = ()

    @property
    def dropped(self) -> tuple[str, ...]:
        """Every action that goes, in order."""
        return tuple(sorted({action for one in self.policies for action in one.dropped}))

    @property
    def confidence(self) -> tuple[str, str]:
        """How sure the proposal is, in a word, and the reasons in a sentence."""
        told = f"{self.replay.calls:,} observed calls in {self.replay.days} days, {self.observability:.0%} of the actions observable"
        if not self.policies or self.observability < _FAIR or not self.replay.calls:
            return "low", told
        sure = self.observability >= _SURE and self.replay.days >= _ENOUGH
        return ("high" if sure else "medium"), told

    def plain(self) -> dict[str, object]:
        """The proposal as plain types, for JSON."""
        word, why = self.confidence
        return {
            "identity": self.identity.id,
            "why_not": self.why_not,
            "observability": round(self.observability, 4),
            "regions_read": list(self.regions),
            "confidence": word,
            "confidence_why": why,
            "replay": self.replay.words(),
            "denied": list(self.replay.denied),
            "dropped": list(self.dropped),
            "kept_for_earlier_use": list(self.earlier),
            "policies": [one.plain() for one in self.policies],
            "diff": "".join(difference(one) for one in self.policies),
            "terraform": terraform(self.identity, self.policies),
            "apply": list(steps(self)),
            "rollback": list(steps_back(self)),
            "review": list(self.decided) or ["to decide"],
        }


def difference(one: Proposed) -> str:
    """The difference between the policy and its proposal as a unified diff of indented JSON."""
    old = f"{one.before}\n".splitlines(keepends=True)
    new = "".join(f"{text}\n" for text in one.after).splitlines(keepends=True)
    return "".join(difflib.unified_diff(old, new, f"{one.name} (now)", f"{one.name} (proposed)"))


def right_sized(inventory: Inventory, identity: Node) -> RightSized:
    """The smaller policies of the identity: its own and those attached to it; what groups give is left to them."""
    refused = _refused(inventory, identity)
    if refused:
        return _none(inventory, identity, refused)
    window = window_of(inventory, inventory.context.windows.log)
    judge = Judge(inventory, identity, window)
    rows = (proposed(inventory, row, judge) for row in _rows(inventory, identity))
    made = tuple(one for one in rows if one is not None)
    made = _fitting(inventory, identity, _felt(inventory, identity, made))
    none = _none(inventory, identity, _unfit(made), judge.observability)
    if none.why_not:
        return none
    replay = replayed(inventory, identity, made, window)
    if replay.denied:
        return replace(none, why_not="the smaller policy would deny observed calls", replay=replay)
    return replace(none, policies=made, replay=replay, earlier=judge.earlier)


def _refused(inventory: Inventory, identity: Node) -> str:
    """Why nothing may be proposed at all for the identity; empty where something may."""
    context = inventory.context
    if identity.props.get("reserved"):
        return "the platform alone may change it"
    if any(context.allows(context.break_glass, name) for name in (identity.name, str(identity.id))):
        return _BREAK_GLASS
    if inventory.unread(identity, "iam.get_account_authorization_details"):
        return "its policies were not read"
    return ""


def _unfit(made: tuple[Proposed, ...]) -> str:
    """Why nothing is proposed although it may be; empty where something is."""
    if not made:
        return "nothing that its own policies allow is known to be unused; what groups give is left to them"
    if any(one.attached and size(text) > MANAGED_LIMIT for one in made for text in one.after):
        return "one of its statements is too long for a policy of its own"
    return ""


def _none(inventory: Inventory, identity: Node, why: str, share: float = 0.0) -> RightSized:
    days = inventory.context.windows.log.days
    regions = tuple(sorted(regions_read(inventory, inventory.account(identity))))
    made = standing(inventory.decisions, now=inventory.now).get((identity.id, "review"))
    decided = () if made is None else (made.what, made.person, made.reason, made.expires.date().isoformat() if made.expires else "no end")  # fmt: skip
    return RightSized(identity, (), Replay(0, days, ()), share, why, regions, (), decided)


def _rows(inventory: Inventory, identity: Node) -> Iterator[Attachment]:
    rows = inventory.attached.get(identity.id, ())
    return (row for row in rows if row.role is Role.IDENTITY)


def _felt(inventory: Inventory, identity: Node, made: tuple[Proposed, ...]) -> tuple[Proposed, ...]:
    """The proposals, telling only what no other statement of the identity still allows; those without any are not made."""
    while True:
        changed = {(one.managed, one.name) for one in made}
        rows = (
            row
            for row in _rows(inventory, identity)
            if (row.policy or "", name_of(row)) not in changed
        )
        texts = [
            *(text_of(inventory, row) for row in rows),
            *(text for one in made for text in one.after),
        ]
        left = [one for text in texts if text for one in parse(text).statements if one.allow]
        felt = tuple(effective(one, left, made) for one in made)
        kept = tuple(one for one in felt if one.dropped or one.narrowed)
        if len(kept) == len(made):
            return kept
        made = tuple(
            one for one, told in zip(made, felt, strict=True) if told.dropped or told.narrowed
        )


def _fitting(
    inventory: Inventory, identity: Node, made: tuple[Proposed, ...]
) -> tuple[Proposed, ...]:
    """The proposals; those of inline policies as policies of their own where all inline ones together grow too long."""
    replaced = {one.name for one in made if not one.managed}
    kept = (
        row for row in _rows(inventory, identity) if not row.policy and name_of(row) not in replaced
    )
    others = sum(size(text_of(inventory, row)) for row in kept)
    inline = sum(size(text) for one in made if not one.managed for text in one.after)
    fits = others + inline <= INLINE_LIMITS.get(identity.kind, 0)
    return tuple(replace(one, attached=bool(one.managed) or not fits) for one in made)


# What people do with it: nothing is done here


def steps(made: RightSized) -> Iterator[str]:
    """The commands that put the proposal in the place of what stands, after its policies were made (see the Terraform)."""
    for one in made.policies:
        yield _command(made.identity, one, away=True)


def steps_back(made: RightSized) -> Iterator[str]:
    """The commands that bring back what stood; the documents are those under `before`."""
    form = made.identity.kind.lower()
    who = shlex.quote(made.identity.name)
    for number, one in enumerate(made.policies, start=1):
        yield _command(made.identity, one, away=False, number=number)
        for part in range(1, len(one.after) + 1):
            name = shlex.quote(fresh_name(one, part))
            if one.attached:
                yield f"aws iam detach-{form}-policy --{form}-name {who} --policy-arn ARN-OF-{name}"
            else:
                yield f"aws iam delete-{form}-policy --{form}-name {who} --policy-name {name}"


def _command(identity: Node, one: Proposed, *, away: bool, number: int = 0) -> str:
    form, who = identity.kind.lower(), shlex.quote(identity.name)
    if one.managed:
        verb = "detach" if away else "attach"
        return f"aws iam {verb}-{form}-policy --{form}-name {who} --policy-arn {shlex.quote(one.managed)}"
    if away:
        return f"aws iam delete-{form}-policy --{form}-name {who} --policy-name {shlex.quote(one.name)}"
    file = f"file://{number:02}-rollback.json"
    return f"aws iam put-{form}-policy --{form}-name {who} --policy-name {shlex.quote(one.name)} --policy-document {file}"
