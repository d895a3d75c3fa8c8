"""Access in: who can reach the node, by what sort of route, and the Grants and policies that say so."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from graph.model import Capability, Certainty, Node, NodeId, Role
from graph.view import Keep, View
from queries.exposure import Exposed, Exposure, exposure
from queries.kernels.search import reached
from queries.paths import goals_of
from queries.routes import Route
from ui.completeness import Completeness, grants_among
from ui.pagemodels.asset_policies import PolicyText, policies_of
from ui.pagemodels.asset_words import (
    STRENGTH,
    Given,
    Listed,
    Told,
    edges_from,
    edges_to,
    grants_listed,
    strongest,
)
from ui.pagemodels.blast import MOST_ROWS
from ui.pagemodels.filters import Filters
from ui.pagemodels.links import Link, link
from ui.pagemodels.metric import Metric
from ui.pagemodels.path import access_of
from ui.pagemodels.steps import spaced
from ui.pagemodels.words import VERBS
from ui.reading import Reading
from ui.render.sheet import Sheet, Value
from ui.render.text import plural

COLUMNS = (
    "Identity",
    "Kind",
    "Account",
    "Route",
    "Capabilities",
    "Certainty",
    "Steps",
    "Cost",
    "Marks",
    "Id",
)
ROUTES = {
    Route.DIRECT: "By Grants of its own, or of its class.",
    Route.GROUP: "Through a group that it is a member of.",
    Route.ASSUMED: "As another identity: a role that trusts it, a workload's identity, an opened secret.",
    Route.ESCALATION: "Through a technique, or through rights over another identity.",
    Route.SUPPLY_CHAIN: "Through what a workload runs, serves, is trained on or answers from.",
}


@dataclass(frozen=True, slots=True)
class InTab:
    """Who reaches the node. Without `choices` it is nothing that anybody could be given access to."""

    told: Told
    choices: tuple[Capability, ...]
    headline: str
    everyone: str
    metrics: tuple[Metric, ...]
    routes: tuple[tuple[str, str], ...]  # that can be chosen, with their number
    sheet: Sheet
    leads: tuple[tuple[Link, ...], ...]
    disabled: int
    grants: Listed
    policies: tuple[PolicyText, ...]


def in_tab(
    reading: Reading,
    node: Node,
    *,
    capability: Capability | None,
    keep: Keep,
    route: str,
    filters: Filters,
) -> InTab:
    """Who gains the capability, or any, on a node of the newest run."""
    view = reading.view
    choices = tuple(one for one in STRENGTH if one in access_of(view, node.id))
    policies = tuple(
        row for row in policies_of(reading, node.id) if row.role in {Role.TRUST, Role.RESOURCE}
    )
    grants = grants_on(reading, node.id)
    if not choices:
        told = Told(grants.sheet, rests_on=reading.known)
        return InTab(told, (), "", "", (), (), Sheet(COLUMNS, ()), (), 0, grants, policies)
    found, known = _asked(reading, node.id, capability, keep)
    every = (*found.identities, *found.disabled)
    kept = tuple(row for row in every if filters.keeps(view, row.identity))
    listed = tuple(row for row in kept if not route or row.route.label == route)
    enabled = tuple(row for row in kept if not row.disabled)
    gains = VERBS[capability] if capability else "reach"
    whole = _sheet(reading, listed)
    return InTab(
        told=Told(
            whole,
            _command(node.id, capability, keep),
            known,
            len(every) + len(found.everyone),
            len(kept) + len(found.everyone),
            f"every identity that could {gains} {node.name}",
        ),
        choices=choices,
        headline=_headline(enabled, f"{gains} {node.name}"),
        everyone=_everyone(found),
        metrics=tuple(_metrics(enabled)),
        routes=tuple(_routes(kept)),
        sheet=replace(whole, rows=whole.rows[:MOST_ROWS]),
        leads=tuple(_leads(found.asset, row, capability) for row in listed[:MOST_ROWS]),
        disabled=len(kept) - len(enabled),
        grants=grants,
        policies=policies,
    )


def _asked(
    reading: Reading, node: NodeId, capability: Capability | None, keep: Keep
) -> tuple[Exposure, Completeness]:
    """Who reaches it, and what the answer rests on: the Grants from which it is reached."""

    def build() -> tuple[Exposure, Completeness]:
        view = reading.view
        before = reached(view, keep, goals_of(view, node, capability), inward=True)
        grants = grants_among(view, np.flatnonzero(before).tolist())
        known = replace(reading.known, assumed=reading.assumed(grants))
        return exposure(view, node, capability=capability, keep=keep), known

    return reading.remember(("access in", node, capability, keep), build)


def _headline(rows: tuple[Exposed, ...], gains: str) -> str:
    outside = sum(row.external for row in rows)
    also = f", {outside:,} of them from outside" if outside else ""
    return f"{plural(len(rows), 'identity', 'identities')} can {gains}{also}"


def _everyone(found: Exposure) -> str:
    if not found.everyone:
        return ""
    gains = " and ".join(VERBS[one] for one in found.everyone)
    return f"Everyone on the internet can {gains} it. Whoever is listed reaches it without that as well."


def _metrics(rows: tuple[Exposed, ...]) -> Iterator[Metric]:
    counts = Counter(row.route for row in rows)
    for route, words in ROUTES.items():
        label = route.label[:1].upper() + route.label[1:]
        yield Metric(label, f"{counts[route]:,}", f"{words} Each counts by its plainest route.")


def _routes(rows: tuple[Exposed, ...]) -> Iterator[tuple[str, str]]:
    counts = Counter(row.route for row in rows)
    for route in Route:
        if counts[route]:
            yield route.label, f"{route.label} ({counts[route]:,})"


def _sheet(reading: Reading, rows: tuple[Exposed, ...]) -> Sheet:
    return Sheet(COLUMNS, tuple(_row(reading, row) for row in rows))


def _row(reading: Reading, row: Exposed) -> tuple[Value, ...]:
    marks = (("outside", row.external), ("public", row.public), ("disabled", row.disabled))
    return (
        row.name,
        spaced(row.kind),
        reading.account(row.account),
        row.route.label,
        " ".join(one.value for one in row.capabilities),
        row.certainty.label,
        row.steps,
        row.cost,
        ", ".join(word for word, holds in marks if holds),
        row.identity,
    )


def _leads(asset: NodeId, row: Exposed, capability: Capability | None) -> tuple[Link, ...]:
    gained = capability or strongest(row.capabilities)
    return (
        link(
            "path",
            f"The path from {row.name}",
            from_=row.identity,
            to=asset,
            cap=None if gained is None else gained.value,
        ),
        link("asset", f"Open {row.name}", id=row.identity),
        link("blast", f"What else {row.name} reaches", id=row.identity),
    )


def grants_on(reading: Reading, node: NodeId) -> Listed:
    """The Grants on the node, those on a set that it is a member of included, each with who holds it."""
    view = reading.view
    at = np.array([view.position(node)], dtype=np.int64)
    sets = view.edges.source[edges_to(view, "COVERS", at)].astype(np.int64)
    ends = np.concatenate([at, sets])
    given = (
        Given(
            grant=int(view.edges.source[on]),
            holder=int(view.edges.source[holds]),
            target=int(at[0]),
            holds=holds,
            on=on,
            through="" if int(view.edges.target[on]) == at[0] else _set_at(view, on),
        )
        for on, holds in _pairs(view, edges_to(view, "ON", ends))
    )
    return grants_listed(view, "Grants on it", given, other="holder", leave=("On",))


def _pairs(view: View, on: np.ndarray) -> Iterator[tuple[int, int]]:
    """Each of these ON edges with each HOLDS edge of its Grant."""
    held = edges_to(view, "HOLDS", np.unique(view.edges.source[on]).astype(np.int64))
    by_grant: dict[int, list[int]] = {}
    for edge, grant in zip(held.tolist(), view.edges.target[held].tolist(), strict=True):
        by_grant.setdefault(grant, []).append(edge)
    for edge, grant in zip(on.tolist(), view.edges.source[on].tolist(), strict=True):
        for holds in by_grant.get(grant, ()):
            yield edge, holds


def _set_at(view: View, on: int) -> str:
    return view.nodes.names[int(view.edges.target[on])]


def grants_held(reading: Reading, node: NodeId) -> Listed:
    """The Grants that the node holds itself, each with what it is on."""
    view = reading.view
    at = np.array([view.position(node)], dtype=np.int64)
    holds = edges_from(view, "HOLDS", at)
    by_grant = dict(zip(view.edges.target[holds].tolist(), holds.tolist(), strict=True))
    on = edges_from(view, "ON", np.array(list(by_grant), dtype=np.int64))
    given = (
        Given(
            grant=grant,
            holder=int(at[0]),
            target=target,
            holds=by_grant[grant],
            on=edge,
        )
        for edge, grant, target in zip(
            on.tolist(), view.edges.source[on].tolist(), view.edges.target[on].tolist(), strict=True
        )
    )
    return grants_listed(
        view, "Grants that it holds itself", given, other="target", leave=("Held by", "Through")
    )


def _command(node: NodeId, capability: Capability | None, keep: Keep) -> str:
    """The same question on the command line."""
    words = ["shadowgraph", "who", str(node)]
    if capability:
        words += ["--capability", capability.value]
    if keep.certainty is not Certainty.POSSIBLE:
        words += ["--certainty", keep.certainty.label]
    if not keep.indirect:
        words.append("--no-indirect")
    return shlex.join(words)
