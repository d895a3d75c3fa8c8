"""What a technique ranges over, and the target that each of its needs speaks of."""

from __future__ import annotations

from dataclasses import dataclass

from access.aws.targets import Targets
from access.technique import Ask, Predicate, Technique


@dataclass(frozen=True, slots=True)
class Bound:
    """What a technique is bound to: one target, and the policy of it where the technique ranges over both."""

    targets: Targets | None
    place: int
    policy: Targets | None = None

    def of(self, part: Ask | Predicate) -> tuple[Targets | None, int]:
        """The target that this part speaks of."""
        names = part.arguments if isinstance(part, Predicate) else (part.at,)
        if self.policy is not None and "$policy" in names:
            return self.policy, 0
        return self.targets, self.place


def asks_of(technique: Technique) -> list[Ask]:
    """Every permission that the technique asks for, in order; alternatives among them."""
    return [part for need in technique.needs for part in need.any if isinstance(part, Ask)]


def bound_to(technique: Technique) -> str:
    """The binding that the technique ranges over."""
    bound = {ask.at for ask in asks_of(technique)} - {"new", "*"}
    if bound >= {"$policy", "$role"}:
        return "$role"  # its policies are gone through for each
    names = ("$self", "$policy", "$group", "$role", "$user", "$res")
    return next((name for name in names if name in bound), "$role")  # alone, its precondition binds
