"""The net effect of the change log between two runs."""

from __future__ import annotations

import pytest

from graph.diff import Diff, RowChange, RowCount, diff
from graph.model import Attachment, Change, Edge, Node, NodeId, Role, RunId
from graph.rows import row_json

USER = Node(NodeId("u"), "User", {"name": "old"})
RENAMED = Node(NodeId("u"), "User", {"name": "new", "path": "/"})


def change(run: int, before: Node | None, after: Node | None) -> Change:
    op = "added" if before is None else "removed" if after is None else "changed"
    texts = tuple(None if row is None else row_json(row) for row in (before, after))
    return Change(RunId(run), "node", "u", op, *texts)


def between(old: int, new: int, *changes: Change) -> Diff:
    return diff(changes, old=RunId(old), new=RunId(new))


def test_a_row_changed_twice_changes_once() -> None:
    (row,) = between(
        0, 2, change(1, USER, RENAMED), change(2, RENAMED, Node(NodeId("u"), "User"))
    ).rows
    assert (row.op, row.fields) == ("changed", ("props.name",))


def test_a_row_added_and_changed_is_added_as_it_became() -> None:
    (row,) = between(0, 2, change(1, None, USER), change(2, USER, RENAMED)).rows
    assert (row.op, row.before, row.after) == ("added", None, row_json(RENAMED))


@pytest.mark.parametrize(
    "changes",
    [
        (change(1, None, USER), change(2, USER, None)),
        (change(1, USER, None), change(2, None, USER)),
        (change(1, USER, RENAMED), change(2, RENAMED, USER)),
    ],
    ids=["came and went", "went and came", "changed back"],
)
def test_what_ends_as_it_began_is_no_change(changes: tuple[Change, ...]) -> None:
    assert between(0, 2, *changes).rows == ()


def test_runs_outside_the_two_are_passed_over() -> None:
    found = between(1, 2, change(1, None, USER), change(2, USER, RENAMED), change(3, RENAMED, None))
    assert [row.op for row in found.rows] == ["changed"]


def test_looking_back_is_the_opposite() -> None:
    (row,) = between(2, 0, change(1, None, USER), change(2, USER, RENAMED)).rows
    assert (row.op, row.before, row.after) == ("removed", row_json(RENAMED), None)


def test_a_run_differs_in_nothing_from_itself() -> None:
    assert between(1, 1, change(1, None, USER)).rows == ()


def test_changed_fields_are_named_with_their_properties() -> None:
    (row,) = between(0, 1, change(1, USER, RENAMED)).rows
    assert row.fields == ("props.name", "props.path")


def test_counts_are_by_family_kind_and_operation() -> None:
    edge = Edge("MEMBER_OF", NodeId("u"), NodeId("g"))
    changes = (
        change(1, None, USER),
        Change(RunId(1), "edge", edge.id, "removed", row_json(edge), None),
    )
    assert between(0, 1, *changes).counts == (
        RowCount("edge", "MEMBER_OF", "removed", 1),
        RowCount("node", "User", "added", 1),
    )


@pytest.mark.parametrize(
    ("row", "family", "text"),
    [
        (USER, "node", "u"),
        (Edge("MEMBER_OF", NodeId("u"), NodeId("g")), "edge", "u MEMBER_OF g"),
        (Attachment(NodeId("u"), Role.IDENTITY, "inline"), "attachment", "u identity inline"),
    ],
    ids=["node", "edge", "attachment"],
)
def test_a_row_is_told_in_one_line(row: Node | Edge | Attachment, family: str, text: str) -> None:
    kind = row.role if isinstance(row, Attachment) else row.kind
    assert RowChange(family, kind, "x", "added", None, row_json(row)).text == text
