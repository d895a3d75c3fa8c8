"""The blast radius page: what one node reaches once it is taken, in how many hops, with which capabilities."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from graph.model import Capability, Certainty, NodeId
from graph.view import Keep, View
from queries.layers import Layers, layers
from queries.reach import Blast, blast_radius
from ui.completeness import Completeness
from ui.drawing.picture import Picture
from ui.outlook import Wide
from ui.pagemodels.filters import Filters
from ui.pagemodels.links import Link, Params, capability_of, link, node_of, number_of
from ui.pagemodels.metric import Metric
from ui.pagemodels.path import access_of, keep_of
from ui.pagemodels.reach_picture import reach_picture
from ui.pagemodels.reach_rows import Row, counts, is_asset, levels, rows_of
from ui.pagemodels.steps import spaced
from ui.pagemodels.words import sensitivity
from ui.reading import Reading
from ui.render.sheet import Sheet
from ui.render.text import plural

MOST_ROWS = 1_000  # that the page shows; an export holds all
COLUMNS = (
    "Name",
    "Kind",
    "Capabilities",
    "Sensitivity",
    "Hops",
    "Certainty",
    "Cost",
    "Account",
    "Environment",
    "Marks",
    "Id",
)


@dataclass(frozen=True, slots=True)
class BlastAsked:
    """What the address asks: a start with its capability, how far, and the group of the drawing that is looked at."""

    start: NodeId | None = None
    capability: Capability | None = None
    hops: int = 0  # 0: as far as it goes
    group: str = ""
    keep: Keep = Keep()  # noqa: RUF009 - a frozen value


def asked_of(view: View | None, params: Params) -> BlastAsked:
    """The question of an address; what it names and the graph does not hold is left out."""
    start = node_of(view, params, "id")
    legal = () if view is None or start is None else access_of(view, start)
    return BlastAsked(
        start=start,
        capability=capability_of(params, "cap", legal),
        hops=number_of(params, "hops", least=1, most=99, default=0),
        group=params.get("group", "")[:200],
        keep=keep_of(params),
    )


@dataclass(frozen=True, slots=True)
class BlastModel:
    """Everything that the page shows. `rows` are those that filters, hops and group leave; `all_rows` are without them."""

    asked: BlastAsked
    title: str
    name: str
    start: Capability
    starts: tuple[Capability, ...]
    furthest: int
    metrics: tuple[Metric, ...]
    counts: Sheet
    levels: Sheet
    rows: tuple[Row, ...]
    near: tuple[Row, ...]  # with hops and filters, but whatever the group
    all_rows: int
    sheet: Sheet
    leads: tuple[tuple[Link, ...], ...]
    picture: Picture
    too_large: str
    latent: int
    rests_on: Completeness | None
    command: str
    checked: str

    @property
    def top(self) -> Sheet:
        """The rows that the page shows: the first of many."""
        return replace(self.sheet, rows=self.sheet.rows[:MOST_ROWS])

    @property
    def group_title(self) -> str:
        """What the table below the drawing holds."""
        hop, _, kind = self.asked.group.partition("-")
        return f"{spaced(kind)} at hop {hop}" if kind and hop else "Everything reached"

    def selection(self, chosen: str | None) -> str:
        """The group that a selection in the drawing means; a single node means the group that it is of."""
        groups = {row.group for row in self.near}
        by_node = {str(row.node): row.group for row in self.near}
        return chosen if chosen in groups else by_node.get(chosen or "", "")


def suggested(reading: Reading, filters: Filters) -> tuple[Wide, ...]:
    """Where to begin: the widest of those that pass the filters."""
    widest = () if reading.outlook is None else reading.outlook.widest
    return tuple(row for row in widest if filters.keeps(reading.view, row.node))


def build_model(reading: Reading, asked: BlastAsked, filters: Filters) -> BlastModel | None:
    """The model of the reach that is asked about; None where no start is named."""
    if asked.start is None:
        return None
    whole = replace(asked, hops=0, group="")
    return reading.remember(
        ("blast model", asked, filters),
        lambda: _build(reading, asked, filters, _reach(reading, whole)),
    )


def _reach(reading: Reading, asked: BlastAsked) -> tuple[Blast, Layers]:
    """The reach with its layers; which hops or group are looked at changes nothing of it."""

    def build() -> tuple[Blast, Layers]:
        start = NodeId(str(asked.start))
        blast = blast_radius(reading.view, start, capability=asked.capability, keep=asked.keep)
        return blast, layers(reading.view, asked.keep, blast.found)

    return reading.remember(("blast", asked), build)


def _build(
    reading: Reading, asked: BlastAsked, filters: Filters, reach: tuple[Blast, Layers]
) -> BlastModel:
    view, (blast, found) = reading.view, reach
    everything = tuple(rows_of(view, blast, found))
    furthest = max((row.hops for row in everything), default=0)
    near = tuple(row for row in everything if not asked.hops or row.hops <= asked.hops)
    kept = tuple(row for row in near if filters.keeps(view, row.node))
    picture = reach_picture(reading, found, kept)
    shown = tuple(row for row in kept if not asked.group or row.group == asked.group) or kept
    grants = _grants(view, blast)
    return BlastModel(
        asked=asked,
        title=f"What {reading.name(blast.start)} reaches once it is taken",
        name=reading.name(blast.start),
        start=blast.capability,
        starts=access_of(view, blast.start),
        furthest=furthest,
        metrics=tuple(_metrics(kept)),
        counts=counts(kept),
        levels=levels(kept),
        rows=shown,
        near=kept,
        all_rows=len(everything),
        sheet=_sheet(shown),
        leads=tuple(_leads(blast, row) for row in shown[:MOST_ROWS]),
        picture=picture,
        too_large=""
        if picture.cards
        else "The drawing would hold too many groups; the table holds all.",
        latent=len(blast.latent),
        rests_on=replace(reading.known, assumed=reading.assumed(grants)),
        command=_command(asked),
        checked=f"every way of {len(view.arcs.edge):,} moves from {reading.name(blast.start)}",
    )


def _metrics(rows: tuple[Row, ...]) -> Iterator[Metric]:
    assets = [row for row in rows if is_asset(row)]
    datasets = sum(row.kind == "Dataset" and Capability.READ in row.capabilities for row in rows)
    sensitive = sum(row.sensitivity >= 3 for row in assets)
    others = sum(Capability.CONTROL in row.capabilities and not is_asset(row) for row in rows)
    yield Metric(
        "Assets reached",
        f"{len(assets):,}",
        "Each asset counts once, however many capabilities are gained.",
    )
    yield Metric(
        "Datasets it can read",
        f"{datasets:,}",
        "Datasets and named prefixes, with the key where they are encrypted.",
    )
    yield Metric(
        "Confidential or restricted",
        f"{sensitive:,}",
        "Assets that are rated confidential or restricted, or hold such a part.",
    )
    yield Metric(
        "Identities it can act as",
        f"{others:,}",
        "Users, roles and outside principals that it can become.",
    )


def _grants(view: View, blast: Blast) -> list[NodeId]:
    """The Grants that the reach goes through."""
    reached = (blast.found.cost >= 0) | (blast.found_public.cost >= 0)
    nodes = np.unique(view.state_node[reached])
    grants = nodes[view.nodes.kind[nodes] == view.nodes.kinds.index("Grant")]
    return [view.nodes.ids[at] for at in grants.tolist()]


def _sheet(rows: Iterable[Row]) -> Sheet:
    return Sheet(
        COLUMNS,
        tuple(
            (
                row.name,
                row.kind,
                " ".join(one.value for one in row.capabilities),
                sensitivity(row.sensitivity),
                row.hops,
                row.certainty.label,
                row.cost,
                row.account,
                row.environment or "unstated",
                "public" if row.public else "",
                row.node,
            )
            for row in rows
        ),
    )


def _leads(blast: Blast, row: Row) -> tuple[Link, ...]:
    strongest = row.capabilities[0].value if row.capabilities else None
    return (
        link("path", f"Path to {row.name}", from_=blast.start, to=row.node, cap=strongest),
        link("asset", f"Open {row.name}", id=row.node),
        link("blast", f"Blast radius of {row.name}", id=row.node),
    )


def _command(asked: BlastAsked) -> str:
    """The same question on the command line."""
    words = ["shadowgraph", "blast", str(asked.start)]
    if asked.capability:
        words += ["--capability", asked.capability.value]
    if asked.keep.certainty is not Certainty.POSSIBLE:
        words += ["--certainty", asked.keep.certainty.label]
    if not asked.keep.indirect:
        words.append("--no-indirect")
    return shlex.join(words)


def hop_choices(furthest: int) -> tuple[int, ...]:
    """What the hop slider offers: each number of hops up to the furthest."""
    return tuple(range(1, furthest + 1))


def told_rows(shown: int, of: int) -> str:
    """How many rows are shown, of how many."""
    return plural(shown, "row") if shown == of else f"Showing {shown:,} of {plural(of, 'row')}"
