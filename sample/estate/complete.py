"""What a collector asks beside what the estate tells of: the rest is there, and empty.

The calls are made in the order of the declared resources, from what the answers name. A call that nothing was written
for is answered as the platform answers where there is none of a thing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ingest.collect import Place, roots_of
from ingest.source import Ask, Resource, by_operation, items_of
from sample.estate.names import DEV, MANAGEMENT, PROD, REGION
from sample.estate.policy import Json
from sample.estate.snapshot import GLOBAL, Call

PLACES = (
    Place(MANAGEMENT, (REGION,), home=True),
    Place(PROD, (REGION,)),
    Place(DEV, (REGION,)),
)


def completed(written: Sequence[Call]) -> Iterator[Call]:
    """The written calls and the empty rest, lane by lane; `ValueError` where a written call would never be made."""
    known = by_operation("aws")
    held = {(call.scope, call.region, _name(call)): call for call in written}
    for place in PLACES:
        for region in (GLOBAL, *place.regions):
            yield from _lane(known, place, region, held)
    if held:
        raise ValueError(f"no listing leads to {min(held)}")


def _name(call: Call) -> str:
    return f"{call.operation}/{call.argument}" if call.argument else call.operation


def _lane(
    known: Mapping[str, Resource],
    place: Place,
    region: str,
    held: dict[tuple[str, str, str], Call],
) -> Iterator[Call]:
    roots = roots_of(known, home=place.home, regional=region != GLOBAL)
    todo = [Ask(call, place.scope, region, argument) for call, argument in roots][::-1]
    seen: set[str] = set()
    while todo:
        ask = todo.pop()
        if ask.name in seen:
            continue
        seen.add(ask.name)
        made = held.pop((place.scope, region, ask.name), None) or _empty(ask)
        call = replace(made, parent=ask.parent)
        yield call
        todo += _next(known, ask, call)[::-1]


def _next(known: Mapping[str, Resource], ask: Ask, call: Call) -> list[Ask]:
    """The calls that the answer names, in order of the resources."""
    return [
        Ask(resource.call, ask.scope, ask.region, item.argument, item.carried, ask.name)
        for resource in known.values()
        for item in items_of(resource.call, ask.call.operation, call.pages, argument=ask.argument)
    ]


def _empty(ask: Ask) -> Call:
    """The answer where there is none of what is asked about."""
    pages: tuple[Json, ...] = ({ask.call.items: []},) if ask.call.items else ()
    return Call(ask.scope, ask.region, ask.call.operation, ask.argument, {}, pages, 0, ask.parent)
