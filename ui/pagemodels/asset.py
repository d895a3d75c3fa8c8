"""The asset page: everything that is known of one node, a tab at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import TypeAlias

import numpy as np

from graph.model import Capability, Node, NodeId
from graph.schema import Family, schema
from graph.view import Flag, Keep, View
from queries.routes import Route
from ui.pagemodels.asset_facts import FactsTab, facts_tab
from ui.pagemodels.asset_history import CONCLUSION, FACT, HistoryTab, history_tab
from ui.pagemodels.asset_in import InTab, in_tab
from ui.pagemodels.asset_out import OutTab, out_tab
from ui.pagemodels.asset_raw import RawTab, raw_tab
from ui.pagemodels.asset_words import is_grant, name_at
from ui.pagemodels.filters import Filters
from ui.pagemodels.links import LONGEST, Link, Params, capability_of, choice_of, link, node_of
from ui.pagemodels.path import access_of, keep_of
from ui.pagemodels.steps import spaced
from ui.pagemodels.words import UNRATED, Colour, sensitivity
from ui.reading import Reading

SUGGESTED = 10


class Tab(StrEnum):
    """What of the node is looked at."""

    FACTS = "facts"
    IN = "in"
    OUT = "out"
    HISTORY = "history"
    RAW = "raw"


TABS = {
    Tab.FACTS: "Facts",
    Tab.IN: "Access in",
    Tab.OUT: "Access out",
    Tab.HISTORY: "History",
    Tab.RAW: "Raw",
}
Content: TypeAlias = FactsTab | InTab | OutTab | HistoryTab | RawTab
_ICONS = {
    Family.IDENTITY: ":material/person:",
    Family.SCOPE: ":material/domain:",
    Family.COMPUTE: ":material/memory:",
    Family.ARTEFACT: ":material/deployed_code:",
    Family.DATA: ":material/database:",
    Family.ACCESS: ":material/key:",
}
_SENSITIVE: dict[str, tuple[str, Colour]] = {
    "restricted": (":material/lock:", "red"),
    "confidential": (":material/shield:", "orange"),
    "internal": (":material/home_work:", "blue"),
    "not sensitive": (":material/lock_open:", "gray"),
    UNRATED: (":material/question_mark:", "gray"),
}


@dataclass(frozen=True, slots=True)
class AssetAsked:
    """What the address asks: a node and a tab, and for the tabs of access what is gained and what may be walked."""

    id: str = ""  # as the address writes it; empty where none is named
    node: NodeId | None = None
    tab: Tab = Tab.FACTS
    capability: Capability | None = None
    keep: Keep = Keep()  # noqa: RUF009 - a frozen value
    route: str = ""
    only: str = ""


def asked_of(view: View | None, params: Params) -> AssetAsked:
    """The question of an address; what it names and cannot be chosen is left out."""
    node = node_of(view, params, "id")
    legal = () if view is None or node is None else access_of(view, node)
    routes = {route.label for route in Route}
    return AssetAsked(
        id=params.get("id", "")[:LONGEST],
        node=node,
        tab=choice_of(params, "tab", Tab, Tab.FACTS),
        capability=capability_of(params, "cap", legal),
        keep=keep_of(params),
        route=params.get("route", "") if params.get("route", "") in routes else "",
        only=params.get("only", "") if params.get("only", "") in {FACT, CONCLUSION} else "",
    )


@dataclass(frozen=True, slots=True)
class Badge:
    """A word about the node, with the icon and colour that stand beside it."""

    words: str
    icon: str
    colour: Colour


@dataclass(frozen=True, slots=True)
class Head:
    """Who or what it is, whatever the tab."""

    id: NodeId
    name: str
    kind: str
    account: str
    badges: tuple[Badge, ...]
    links: tuple[tuple[Link, str], ...]  # with the icon of each


@dataclass(frozen=True, slots=True)
class AssetModel:
    """Everything that the page shows: of a node in the newest run, of one that was there, or where to begin."""

    asked: AssetAsked
    head: Head | None = None
    content: Content | None = None
    missing: str = ""
    past: HistoryTab | None = None
    suggestions: tuple[Link, ...] = ()


def build_model(reading: Reading, asked: AssetAsked, filters: Filters) -> AssetModel:
    """The model of the node and tab that are asked about; only that tab is worked out."""
    node = None if asked.node is None else reading.store.get(asked.node)
    if node is None:
        return _without(reading, asked, filters)
    return AssetModel(
        asked=asked, head=_head(reading, node), content=_content(reading, node, asked, filters)
    )


def _content(reading: Reading, node: Node, asked: AssetAsked, filters: Filters) -> Content:
    match asked.tab:
        case Tab.IN:
            return in_tab(
                reading,
                node,
                capability=asked.capability,
                keep=asked.keep,
                route=asked.route,
                filters=filters,
            )
        case Tab.OUT:
            return out_tab(reading, node, keep=asked.keep, filters=filters)
        case Tab.HISTORY:
            return history_tab(reading, node.id, only=asked.only)
        case Tab.RAW:
            return raw_tab(reading, node)
        case _:
            return facts_tab(reading, node)


def _without(reading: Reading, asked: AssetAsked, filters: Filters) -> AssetModel:
    suggestions = reading.view.remember(
        ("sensitive assets", filters), lambda: _sensitive(reading.view, filters)
    )
    if not asked.id:
        return AssetModel(asked, suggestions=suggestions)
    past = history_tab(reading, NodeId(asked.id), only=asked.only)
    missing = (
        "It is not in the newest run any more; this is what earlier runs say of it."
        if past.known
        else "No run of this store ever read a node of this id."
    )
    return AssetModel(
        asked, missing=missing, past=past if past.known else None, suggestions=suggestions
    )


def _sensitive(view: View, filters: Filters) -> tuple[Link, ...]:
    """The most sensitive assets that are present and pass the filters, as links."""
    nodes = view.nodes
    wanted = int(Flag.ASSET | Flag.PRESENT)
    assets = np.flatnonzero((nodes.flags & wanted) == wanted)
    rated = assets[nodes.sensitivity[assets] > 0]
    first = sorted(
        rated.tolist(), key=lambda at: (-int(nodes.sensitivity[at]), nodes.names[at], nodes.ids[at])
    )
    kept = (at for at in first if filters.keeps(view, nodes.ids[at]))
    return tuple(
        link("asset", _described(view, at), id=nodes.ids[at]) for at in islice(kept, SUGGESTED)
    )


def _described(view: View, at: int) -> str:
    level = sensitivity(int(view.nodes.sensitivity[at]))
    return f"{view.nodes.names[at]} ({spaced(view.kind_of(at)).lower()}, {level})"


def _head(reading: Reading, node: Node) -> Head:
    view = reading.view
    at = view.position(node.id)
    account = view.account_of(at)
    return Head(
        id=node.id,
        name=name_at(view, at),
        kind=spaced(node.kind),
        account=reading.account(account) if account else "",
        badges=tuple(_badges(view, at, node)),
        links=tuple(_links(view, at)),
    )


def _badges(view: View, at: int, node: Node) -> Iterator[Badge]:
    kind = schema().node(node.kind)
    yield Badge(spaced(node.kind), _ICONS[kind.family], "gray")
    if kind.asset:
        yield from _of_asset(view, at, node)
    environment = view.environment_of(at)
    if environment:
        yield Badge(
            f"Environment: {environment}{_by(node, 'environment_basis')}",
            ":material/layers:",
            "blue",
        )
    yield from _marks(view, at, node)


def _by(node: Node, name: str) -> str:
    basis = node.props.get(name)
    return f", by {basis}" if isinstance(basis, str) and basis else ""


def _of_asset(view: View, at: int, node: Node) -> Iterator[Badge]:
    own, weight = int(view.nodes.sensitivity[at]), int(view.nodes.weight[at])
    word = sensitivity(own)
    icon, colour = _SENSITIVE[word]
    yield Badge(
        "Sensitivity not rated"
        if word == UNRATED
        else f"{word.capitalize()}{_by(node, 'sensitivity_basis')}",
        icon,
        colour,
    )
    if weight > own:
        icon, colour = _SENSITIVE[sensitivity(weight)]
        yield Badge(f"Tied to {sensitivity(weight)} data", icon, colour)
    owner = node.props.get("owner")
    if isinstance(owner, str) and owner:
        yield Badge(f"Owner: {owner}{_by(node, 'owner_basis')}", ":material/badge:", "green")
    elif not node.props.get("potential"):
        yield Badge("No owner found", ":material/person_off:", "orange")


def _marks(view: View, at: int, node: Node) -> Iterator[Badge]:
    flags = Flag(int(view.nodes.flags[at]))
    held = (
        (not node.present, "Not listed any more", ":material/history:", "orange"),
        (Flag.PUBLIC in flags, "Everyone on the internet", ":material/public:", "red"),
        (Flag.EXTERNAL in flags, "Outside the estate", ":material/public:", "orange"),
        (Flag.DISABLED in flags, "Disabled", ":material/block:", "gray"),
        (Flag.POTENTIAL in flags, "Would only be made", ":material/experiment:", "gray"),
        (Flag.LATENT in flags, "Nothing matches it yet", ":material/hourglass_empty:", "gray"),
        (node.props.get("tier") == "crown", "Crown jewel", ":material/diamond:", "violet"),
        (
            node.props.get("internet_reachable") is True,
            "Reachable from the internet",
            ":material/language:",
            "orange",
        ),
        (
            node.props.get("referenced_only") is True,
            "Only named by others, never listed",
            ":material/link:",
            "gray",
        ),
    )
    for holds, words, icon, colour in held:
        if holds:
            yield Badge(words, icon, colour)  # type: ignore[arg-type]  # literals above


def _links(view: View, at: int) -> Iterator[tuple[Link, str]]:
    """Where to go on from the node; only what its kind can start or end."""
    node = view.nodes.ids[at]
    kind = schema().node(view.kind_of(at))
    if kind.start is not None:
        yield link("blast", "Blast radius", id=node), ":material/radar:"
    if kind.start is not None and not is_grant(view, at):
        yield link("path", "A path from it", from_=node), ":material/flag:"
    if access_of(view, node):
        yield link("path", "A path to it", to=node), ":material/sports_score:"
