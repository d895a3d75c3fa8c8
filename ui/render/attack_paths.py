"""Attack paths between sets, as rows and sentences."""

from __future__ import annotations

from collections.abc import Iterator

from graph.view import View
from queries.attack_paths import AttackPaths, PathGroup, TopPaths
from queries.hops import hops
from queries.paths import Path
from ui.ends import Ends
from ui.render.sheet import Sheet, Value
from ui.render.text import plural

COLUMNS = (
    "entry",
    "alike",
    "target",
    "gains",
    "certainty",
    "hops",
    "cost",
    "through",
    "marks",
    "entry id",
    "target id",
)


def _name(view: View, node: str) -> str:
    return view.nodes.names[view.position(node)]


def _through(view: View, path: Path) -> str:
    """What is passed on the way, one name per hop but the last."""
    return " > ".join(_name(view, hop.target) for hop in hops(view, path)[:-1])


def _row(view: View, path: Path, alike: int, *, public: bool) -> tuple[Value, ...]:
    marks = (("public", public), ("later", path.indirect))
    return (
        _name(view, path.source),
        alike,
        _name(view, path.target),
        path.capability.value,
        path.certainty.label,
        len(hops(view, path)),
        path.cost,
        _through(view, path),
        " ".join(word for word, holds in marks if holds),
        path.source,
        path.target,
    )


def groups_sheet(view: View, found: AttackPaths, ends: Ends) -> Sheet:
    """A row per group, the cheapest first."""
    return Sheet(
        COLUMNS,
        tuple(_row(view, g.path, g.alike, public=g.public) for g in found.groups),
        tuple(_about(found, ends)),
    )


def _about(found: AttackPaths, ends: Ends) -> Iterator[str]:
    shown, whole = len(found.groups), found.groups_in_all
    of = f"{shown:,} of {whole:,} groups" if shown < whole else plural(whole, "group")
    yield (
        f"{of} of alike paths, {plural(found.pairs, 'pair')} of an entry and a target that connect"
    )
    yield from ends.lines()
    if found.unreached:
        yield f"{plural(found.unreached, 'target')} that nobody of these reaches"


def top_sheet(view: View, found: TopPaths, ends: Ends) -> Sheet:
    """A row per path, the cheapest first."""
    given_up = (
        () if found.complete else ("the search was given up: there may be more of this cost",)
    )
    return Sheet(
        COLUMNS,
        tuple(_row(view, path, 1, public=False) for path in found.paths),
        (
            f"the {plural(len(found.paths), 'cheapest path', 'cheapest paths')}",
            *ends.lines(),
            *given_up,
        ),
    )


def disjoint_sheet(view: View, found: tuple[Path, ...], ends: Ends) -> Sheet:
    """A row per path; no two share an edge or a Grant."""
    head = f"{plural(len(found), 'path')} of which no two share an edge or a Grant"
    rows = tuple(_row(view, path, 1, public=False) for path in found)
    return Sheet(COLUMNS, rows, (head, *ends.lines()))


def alike_entries(view: View, group: PathGroup) -> str:
    """The first entries of a group by name, and how many more there are."""
    names = ", ".join(_name(view, node) for node in group.entries)
    more = group.alike - len(group.entries)
    return f"{names} and {more:,} more" if more > 0 else names
