"""The smallest cut, as rows and sentences."""

from __future__ import annotations

from collections.abc import Iterator

from access.removal import command, words
from graph.view import View
from queries.cut import Cut, Proof
from ui.ends import Ends
from ui.render.sheet import Sheet, Value
from ui.render.text import plural

COLUMNS = ("take away", "kind", "owner", "use", "cost", "removal", "instead", "id")
SHOWN = 10


def cut_sheet(view: View, cut: Cut, ends: Ends, *, frozen: int, proof: Proof | None) -> Sheet:
    """A row per removal; above what it comes to and how far it is proved, below what cannot be cut."""
    rows: list[tuple[Value, ...]] = [
        (
            words(one.revocable),
            one.revocable.kind.value,
            one.revocable.owner,
            "" if one.use is None else one.use.value,
            one.cost,
            command(one.revocable),
            "; ".join(map(words, one.instead)),
            one.revocable.id,
        )
        for one in cut.removals
    ]
    above = (*_about(cut, frozen, proof), *ends.lines())
    return Sheet(COLUMNS, tuple(rows), above, tuple(_uncut(view, cut)))


def _about(cut: Cut, frozen: int, proof: Proof | None) -> Iterator[str]:
    whole = plural(len(cut.removals), "removal")
    if not cut.pairs:
        yield "nothing to cut: none of these entries reaches a target"
    elif cut.proved:
        yield (
            f"{whole} of cost {cut.cost} end {cut.cut_pairs:,} of {plural(cut.pairs, 'pair')}: "
            f"proved smallest over {plural(cut.witnesses, 'witness', 'witnesses')} in "
            f"{plural(cut.rounds, 'round')}"
        )
    else:
        yield (
            f"{whole} of cost {cut.cost} end {cut.cut_pairs:,} of {plural(cut.pairs, 'pair')}: "
            f"not proved smallest, every cut costs at least {cut.bound}"
        )
    if cut.uncut:
        yield f"{plural(len(cut.uncut), 'pair')} cannot be cut, listed below"
    if frozen:
        yield f"{plural(frozen, 'Revocable')} kept: access that rests on them was used, or they are frozen"
    if proof is not None and proof.agrees:
        yield f"resolved again without them: {plural(proof.left, 'pair')} left, as told"
    elif proof is not None:
        yield (
            f"ERROR: resolved again without them, {plural(len(proof.unexpected), 'pair')} "
            "differ from what is told here"
        )


def _uncut(view: View, cut: Cut) -> Iterator[str]:
    for one in cut.uncut[:SHOWN]:
        names = [view.nodes.names[view.position(node)] for node in (one.entry, one.target)]
        way = " > ".join(step.kind for step in one.path.steps)
        yield f"cannot be cut: `{names[0]}` to `{names[1]}` by {way}"
    if len(cut.uncut) > SHOWN:
        yield f"and {len(cut.uncut) - SHOWN:,} more"
