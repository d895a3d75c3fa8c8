"""What a change would do, as rows and sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from access.edit import Edit
from graph.view import View
from queries.whatif import PairChange, WhatIf
from ui.render.sheet import Sheet, Value
from ui.render.text import plural

COLUMNS = (
    "change",
    "identity",
    "target",
    "capability",
    "before",
    "after",
    "identity id",
    "target id",
)


def _row(pair: PairChange) -> tuple[Value, ...]:
    return (
        pair.word,
        pair.name,
        pair.target_name,
        pair.capability.value,
        "" if pair.before is None else pair.before.label,
        "" if pair.after is None else pair.after.label,
        pair.identity,
        pair.target,
    )


def whatif_sheet(after: View, found: WhatIf, edits: Iterable[Edit]) -> Sheet:
    """A row per pair that changes, what is lost first; above what was changed and what it comes to."""
    head = (*(f"if: {edit}" for edit in edits), *_about(after, found))
    return Sheet(COLUMNS, tuple(map(_row, found.pairs)), head)


def _about(after: View, found: WhatIf) -> Iterator[str]:
    whole = sum(number for _, number in found.counts)
    told = ", ".join(f"{number:,} {word}" for word, number in found.counts if number)
    if whole:
        yield (
            f"{told}: {plural(found.identities, 'identity', 'identities')}, "
            f"{plural(found.targets, 'thing')}"
        )
        if len(found.pairs) < whole:
            yield f"showing {len(found.pairs):,} of {whole:,}"
    elif found.remaining is not None:
        yield remaining_words(after, found)
    else:
        yield "no effect: nobody reaches more or less than before"


def remaining_words(after: View, found: WhatIf) -> str:
    """Why nothing is lost: how many other routes there are, and one of them."""
    rest = found.remaining
    if rest is None:
        return ""
    names = [after.nodes.names[after.position(node)] for node in (rest.identity, rest.target)]
    passed = [
        after.nodes.names[after.position(step.target)]
        for step in rest.example.steps[:-1]
        if after.kind_of(after.position(step.target)) not in {"Grant", "AssetSet", "PrincipalClass"}
    ]
    by = f" by {' > '.join(passed)}" if passed else " directly"
    least = "at least " if rest.more else ""
    routes = plural(rest.routes, "other route remains", "other routes remain")
    return f"no effect: {least}{routes}, for example `{names[0]}` to `{names[1]}`{by}"
