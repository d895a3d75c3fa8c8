"""What we say of a case whose answer is known, and why: a decision as expected, an identity that escalates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from access.aws.decide import decide, decide_any
from access.aws.policies import Policies
from access.aws.request import Form, Request
from access.aws.technique_names import steps_of
from access.decision import Decision, Effect
from graph.model import Certainty, Edge, Node, NodeId
from graph.view import View
from queries.admins import administrators
from queries.escalates import Escalation, administration, control, escalation, reading, ruling


@dataclass(frozen=True, slots=True)
class Answered:
    """A decision: the effect, whether it is the expected one, why, and the keys that it depends on, in lower case."""

    effect: Effect
    right: bool
    why: str
    keys: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Case:
    """Accounts to look for escalations in: their graph, and the rows that it was made of."""

    view: View
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class Sought:
    """An escalation to look for: from which identity, and to which data or which administrator.

    `target` is an ARN; for an administrator it may be a pattern, which declares that whoever matches is one. Where
    there is a `technique`, a way counts only if it shows it; `required` are the actions that the technique needs.
    """

    start: str
    target: str
    data: bool
    technique: str = ""
    required: tuple[str, ...] = ()

    @property
    def using(self) -> frozenset[str] | None:
        """The steps of which one must be taken; None where no technique is named, or one that is not catalogued."""
        return steps_of(self.technique, self.required) or None if self.technique else None


def answered(
    request: Request, policies: Policies, expected: Effect, keys: Iterable[str]
) -> Answered:
    """The question decided; a conditional answer is right only if it names all of these condition keys."""
    ask = decide_any if request.form is Form.SOME else decide
    found = ask(request, policies)
    named = frozenset(condition.key.lower() for condition in found.conditions)
    both = found.effect is expected is Effect.CONDITIONAL
    missing = [key for key in keys if both and key.lower() not in named]
    why = _why(found)
    if missing:
        why = f"does not name {', '.join(missing)}; {why}"
    return Answered(found.effect, found.effect is expected and not missing, why, named)


def escalates(case: Case, sought: Sought) -> tuple[bool, str]:
    """Whether there is such an escalation, and why; a way that is only possible is none."""
    view, start = case.view, NodeId(sought.start)
    if view.find(start) is None:
        return False, f"the start `{start}` is no identity of the row"
    goals = _goals(case, sought)
    if not goals:
        what = f"`{sought.target}`" if sought.data else "an administrator"
        return False, f"nothing in the row is {what}"
    rulers = ruling(view, case.nodes, case.edges)
    goals += () if sought.data else rulers
    found = escalation(view, start, goals, using=sought.using, ends=rulers)
    if found is not None:
        return _told(found)
    other = escalation(view, start, goals) if sought.using is not None else None
    if other is not None:
        return False, f"not by {sought.technique}, but {_told(other)[1]}"
    return False, "no way from the start to the target"


def mislabelled(case: Case, admins: Mapping[str, bool]) -> tuple[str, ...]:
    """The identities that are administrators to us and not to these labels, or the other way round."""
    found = {one.identity for one in administrators(case.nodes, case.edges) if one.star_on_star}
    return tuple(sorted(arn for arn, admin in admins.items() if (arn in found) is not admin))


def _goals(case: Case, sought: Sought) -> tuple[int, ...]:
    if sought.data:
        return reading(case.view, NodeId(sought.target))
    goals = administration(case.view, case.nodes, case.edges)
    return goals + control(case.view, sought.target) if "*" in sought.target else goals


def _told(found: Escalation) -> tuple[bool, str]:
    way = f"by {', '.join(found.hows) or 'what it is'} to `{found.end}`"
    if found.certainty is Certainty.POSSIBLE:
        return False, f"only possible: {way}, a way that nobody has demonstrated"
    if found.certainty is Certainty.CONDITIONAL:
        return True, f"conditional: {way}, depending on {'; '.join(found.conditions)}"
    return True, f"definite: {way}"


def _why(found: Decision) -> str:
    parts = []
    if found.blocked_by:
        parts.append(f"stopped by {', '.join(layer.value for layer in found.blocked_by)}")
    if found.conditions:
        parts.append("depends on " + "; ".join(dict.fromkeys(map(str, found.conditions))))
    told = [f"{r.effect} {r.statement or r.layer.value}{': ' if r.text else ''}{r.text}" for r in found.reasons]  # fmt: skip
    parts += list(dict.fromkeys(told))
    parts += [need.name for need in found.because]
    return "; ".join(parts) or "nothing speaks of it"
