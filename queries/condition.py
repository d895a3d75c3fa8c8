"""Conditions of field rules: a path, an operator and a value, combined by all, any and not, in three truth values.

True and False are what the facts show; None is "cannot be told". `all` is false where any member is false, else unknown
where any is; `any` is true where any member is true, else unknown where any is; the opposite of unknown is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from graph.errors import QueryError, with_advice
from graph.model import PropValue

Truth: TypeAlias = bool | None
Look: TypeAlias = Callable[[str], PropValue | None]
"""What stands at a path: None where nothing does."""

_COMBINED = ("all", "any", "not")


@dataclass(frozen=True, slots=True)
class Condition:
    """One test of a value, or a combination of conditions (`op` is then `all`, `any` or `not`)."""

    op: str
    path: str = ""
    value: PropValue = ""
    members: tuple[Condition, ...] = ()

    @staticmethod
    def of(written: Mapping[str, object]) -> Condition:
        """The condition as a rule writes it; `QueryError` where it is none."""
        for op in _COMBINED:
            if op in written:
                held = written[op]
                parts = held if isinstance(held, list | tuple) else [held]
                return Condition(op, members=tuple(map(Condition.of, parts)))
        op, path = str(written.get("op", "")), str(written.get("path", ""))
        if op not in _TESTS or not path:
            raise with_advice(
                QueryError(f"`{op or path or written}` is no condition"),
                f"a path with one of {', '.join(sorted(_TESTS))}, or {', '.join(_COMBINED)}",
            )
        value = written.get("value", "")
        return Condition(op, path, tuple(value) if isinstance(value, list) else value)  # type: ignore[arg-type]  # the tests say which values they take

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths that it looks at, each once, in order."""
        own = (self.path,) if self.path else ()
        below = tuple(path for member in self.members for path in member.paths)
        return tuple(dict.fromkeys((*own, *below)))

    def holds(self, look: Look, *, readable: bool) -> Truth:
        """Whether it holds of what `look` finds; with `readable` what is not found is absent, else unknown."""
        if self.op in _COMBINED:
            return _combined(self.op, [one.holds(look, readable=readable) for one in self.members])
        found = look(self.path)
        if found is None and not readable:
            return None
        return _TESTS[self.op](found, self.value)


def _combined(op: str, truths: list[Truth]) -> Truth:
    if op == "not":
        return None if truths[0] is None else not truths[0]
    decisive = op == "any"
    if decisive in truths:
        return decisive
    return None if None in truths else not decisive


def _listed(value: PropValue | None) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else () if value is None else (str(value),)


def _number(value: PropValue | None) -> float:
    try:
        return float(str(value))
    except ValueError:
        return float("nan")


_TESTS: Mapping[str, Callable[[PropValue | None, PropValue], bool]] = {
    "exists": lambda found, _: found is not None,
    "absent": lambda found, _: found is None,
    "eq": lambda found, value: found is not None and str(found) == str(value),
    "ne": lambda found, value: found is None or str(found) != str(value),
    "in": lambda found, value: found is not None and str(found) in _listed(value),
    "has": lambda found, value: str(value) in _listed(found),
    "lt": lambda found, value: _number(found) < _number(value),
    "gt": lambda found, value: _number(found) > _number(value),
    "matches": lambda found, value: any(
        re.search(str(value), one) is not None for one in _listed(found)
    ),
}
