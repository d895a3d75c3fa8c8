"""The slow twin of attack paths: every loop-free way by walking on from every state, and the best by Dijkstra."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from oracle.reach import STEP, Oracle, State


class TooManyError(Exception):
    """More beginnings than are worth walking."""


def simple_ways(
    oracle: Oracle, entries: Iterable[State], goals: set[State], *, most: int
) -> Iterator[tuple[int, int, tuple[State, ...]]]:
    """(cost, steps, states) of every way from an entry to a goal at another node.

    A way may stay at a node for several moves in a row; a node that it left, or a state that it passed, it never enters
    again.
    """
    todo: list[tuple[int, tuple[State, ...]]] = [(0, (entry,)) for entry in entries]
    walked = 0
    while todo:
        weight, way = todo.pop()
        walked += 1
        if walked > most:
            raise TooManyError
        if way[-1] in goals and way[-1][0] != way[0][0]:
            cost, steps = divmod(weight, STEP)
            yield cost, steps, way
        todo += [
            (weight + step["weight"], (*way, ahead))
            for ahead, step in oracle.graph[way[-1]].items()
            if ahead not in way and not entered_again(way, ahead)
        ]


def entered_again(way: tuple[State, ...], ahead: State) -> bool:
    nodes = [node for node, _ in way]
    while nodes and nodes[-1] == ahead[0]:
        nodes.pop()
    return ahead[0] in nodes


def best(oracle: Oracle, start: State, goals: Iterable[State]) -> tuple[int, int] | None:
    """The least cost and steps to any of the goals; None where none is reached."""
    costs = oracle.costs(start)
    return min((costs[goal] for goal in goals if goal in costs), default=None)


def best_through(
    oracle: Oracle, start: State, through: Iterable[State], goals: Iterable[State]
) -> tuple[int, int] | None:
    """The same over one of the states of a node on the way."""
    ends = list(goals)
    whole = []
    costs = oracle.costs(start)
    for state in through:
        rest = best(oracle, state, ends)
        if state in costs and rest is not None:
            whole.append((costs[state][0] + rest[0], costs[state][1] + rest[1]))
    return min(whole, default=None)
