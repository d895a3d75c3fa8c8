"""What people decided: which decision on a subject stands, and which may not be made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum

from graph.errors import QueryError, with_advice
from graph.model import Decision, Node


class What(StrEnum):
    """What can be decided, of a finding, an asset or an identity's access."""

    ACCEPT = "accept"  # the finding stays as it is, until a day
    WITHDRAW = "withdraw"  # an earlier decision on the subject no longer stands
    OWNER = "owner"  # the asset's owner, as `value` names it
    SENSITIVITY = "sensitivity"  # the asset's sensitivity, as `value` says
    KEEP = "keep"  # the access is needed as it is
    REDUCE = "reduce"  # the access is to become what was proposed
    REVOKE = "revoke"  # the access is to go
    NOT_MINE = "not mine"  # somebody else has to say
    CAMPAIGN = "campaign"  # a round of reviews is opened, `value` says who looks at what (`queries.campaigns`)


REVIEW = frozenset({What.KEEP, What.REDUCE, What.REVOKE, What.NOT_MINE})
_MOST = 2_000  # characters of a reason or a value


def standing(decisions: Iterable[Decision], *, now: datetime) -> Mapping[tuple[str, str], Decision]:
    """The decisions that stand, by subject and what they are about: the newest of each that has not expired.

    Verdicts of a review supersede each other; accepting, owner and sensitivity stand beside them. A withdrawal ends all
    that was decided before it.
    """
    found: dict[tuple[str, str], Decision] = {}
    for row in sorted(decisions, key=lambda one: one.number):
        if row.what == What.WITHDRAW:
            for key in [key for key in found if key[0] == row.subject]:
                del found[key]
        else:
            found[row.subject, about(row.what)] = row
    return {key: row for key, row in found.items() if row.expires is None or row.expires > now}


def about(what: str) -> str:
    """What a verdict supersedes: all verdicts of a review are about the same."""
    return "review" if what in REVIEW else what


def expired(decisions: Iterable[Decision], *, now: datetime) -> Mapping[str, Decision]:
    """The acceptances that have run out and that nothing has taken the place of, by subject."""
    rows = tuple(decisions)
    if not rows:
        return {}
    ever = standing(rows, now=datetime.min.replace(tzinfo=now.tzinfo))
    still = standing(rows, now=now)
    return {
        subject: row
        for (subject, what), row in ever.items()
        if what == What.ACCEPT and (subject, what) not in still
    }


def checked(decision: Decision) -> Decision:
    """The decision, fit for the record; `QueryError` with one line where it is not."""
    if decision.what not in set(What):
        raise with_advice(
            QueryError(f"`{decision.what}` is nothing that can be decided"),
            f"one of {', '.join(What)}",
        )
    for name, text in (("person", decision.person), ("reason", decision.reason)):
        if not text.strip():
            raise QueryError(f"a decision needs a {name}")
    if max(len(decision.reason), len(decision.value)) > _MOST:
        raise QueryError(f"the reason of a decision may have {_MOST:,} characters")
    if decision.what == What.ACCEPT and decision.expires is None:
        raise with_advice(QueryError("an acceptance needs a day on which it ends"), "say `until`")
    if decision.what == What.CAMPAIGN and decision.expires is None:
        raise with_advice(QueryError("a campaign needs a day on which it is due"), "say `due`")
    if decision.expires is not None and decision.expires <= decision.made:
        raise QueryError("a decision cannot end before it is made")
    if decision.what in {What.OWNER, What.SENSITIVITY} and not decision.value.strip():
        raise QueryError(f"the decision on the {decision.what} names none")
    return decision


def own(person: str, identity: Node, people: Iterable[Node] = ()) -> bool:
    """Whether the person would review themselves: the identity, or the human behind it, goes by their name or address."""
    said = person.strip().lower()
    return any(said in _names(node) for node in (identity, *people))


def _names(node: Node) -> frozenset[str]:
    held = {node.name.lower(), str(node.id).lower(), str(node.props.get("email", "")).lower()}
    local = {name.partition("@")[0] for name in held if "@" in name}
    return frozenset((held | local) - {""})
