"""By what a technique of a corpus shows in a path: its id there, and the steps of ours that are the same technique."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources

import yaml

from access.technique import Ask, Catalogue, catalogue

_ASSUMING = "sts:AssumeRole"


def steps_of(name: str, required: Iterable[str]) -> frozenset[str]:
    """The `how` of every step that is this technique; empty where we have none for it.

    The id counts, by way of the aliases. Where none of its actions is among the required ones the corpus has given the
    id to something else: then it is whichever technique needs nothing but required actions.
    """
    wanted = frozenset(action.lower() for action in required)
    known = _known()
    found = known.get(aliases().get(name, name), {})
    if found and (not wanted or any(actions & wanted for actions in found.values())):
        return frozenset(found)
    return frozenset(
        how
        for steps in known.values()
        for how, actions in steps.items()
        if actions & wanted and actions - {_ASSUMING.lower()} <= wanted
    )


@cache
def aliases() -> Mapping[str, str]:
    """Ids of corpora by the id of ours that they stand for."""
    text = resources.files("access.aws").joinpath("aliases.yaml").read_text("utf-8")
    found: dict[str, str] = yaml.safe_load(text)
    return found


@cache
def _known() -> Mapping[str, Mapping[str, frozenset[str]]]:
    """Per technique id the steps that are it, each with the actions that it needs."""
    rows: Catalogue = catalogue("aws")
    found: dict[str, dict[str, frozenset[str]]] = {}
    for technique in rows.techniques:
        asked = (part for need in technique.needs for part in need.any if isinstance(part, Ask))
        name = technique.id.partition("~")[0]
        actions = frozenset(ask.action.lower() for ask in asked)
        found.setdefault(name, {})[technique.how] = actions
    for row in rows.capabilities:
        if row.ref:
            found.setdefault(row.ref, {})[row.action] = frozenset({row.action.lower()})
    return found
