"""The path page: how one node reaches another, what each step rests on, and what would end it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from access.decision import Revocable
from access.removal import command, words
from graph.model import Capability, Certainty, NodeId
from graph.schema import Family, schema
from graph.view import PASSED, Keep, View
from queries.fixes import Fix, arriving
from queries.hops import Hop
from queries.paths import Path as Route
from queries.paths import cheapest_path
from queries.reach import blast_radius
from ui.completeness import Completeness
from ui.drawing.picture import Card, Picture
from ui.outlook import Way
from ui.pagemodels.filters import EVERYTHING, Filters
from ui.pagemodels.links import Params, capability_of, node_of, number_of
from ui.pagemodels.metric import Metric
from ui.pagemodels.steps import Step, picture_of, steps_of
from ui.pagemodels.words import VERBS, Severity, instant, severity
from ui.reading import Reading
from ui.render.path import path_rows
from ui.render.sheet import Sheet
from ui.render.text import plural

SUGGESTED = 30
CERTAINTIES: Mapping[str, Certainty] = {one.label: one for one in Certainty}


@dataclass(frozen=True, slots=True)
class PathAsked:
    """What the address asks: two ends, the capability to gain, what may be walked, and the step that is looked at."""

    source: NodeId | None = None
    target: NodeId | None = None
    capability: Capability | None = None
    keep: Keep = Keep()  # noqa: RUF009 - a frozen value
    step: int = 0  # 0: none

    @property
    def complete(self) -> bool:
        """Whether both ends are named."""
        return self.source is not None and self.target is not None


def asked_of(view: View | None, params: Params) -> PathAsked:
    """The question of an address; what it names and the graph does not hold is left out."""
    target = node_of(view, params, "to")
    legal = () if view is None or target is None else access_of(view, target)
    return PathAsked(
        source=node_of(view, params, "from"),
        target=target,
        capability=capability_of(params, "cap", legal),
        keep=keep_of(params),
        step=number_of(params, "step", least=1, most=999, default=0),
    )


def keep_of(params: Params) -> Keep:
    """Which steps an address allows: how sure they must be, and whether what shows only later counts."""
    sure = CERTAINTIES.get(params.get("certainty", ""), Certainty.POSSIBLE)
    return Keep(certainty=sure, indirect=params.get("later") != "no")


def access_of(view: View, node: NodeId) -> tuple[Capability, ...]:
    """The capabilities that can be asked about at a node."""
    kind = schema().node(view.kind_of(view.position(node)))
    return tuple(one for one in kind.caps if one not in PASSED)


@dataclass(frozen=True, slots=True)
class ShownFix:
    """One thing to take away: what it is, how, who may, and what it would do."""

    words: str
    removal: str
    owner: str
    ends: bool
    effect: str
    cut: int
    pairs: int


@dataclass(frozen=True, slots=True)
class PathModel:
    """Everything that the page shows; `steps` is empty where there is no path, or nothing was asked."""

    asked: PathAsked
    title: str
    severity: Severity
    certainty: Certainty
    new: str  # since when it is there, where the newest run brought it
    indirect: bool
    public: bool
    metrics: tuple[Metric, ...]
    picture: Picture
    fixes: tuple[ShownFix, ...]
    steps: tuple[Step, ...]
    rests_on: Completeness | None
    sheet: Sheet
    command: str
    checked: str
    suggestions: tuple[Way, ...] = ()

    @property
    def table(self) -> Sheet:
        """The steps in words, a row each: what the drawing shows, for whoever does not see it."""
        return Sheet(
            ("Step", "What happens", "By", "Certainty", "Depends on", "Last read"),
            tuple(
                (
                    step.number,
                    step.sentence,
                    step.how or step.relation,
                    step.certainty.label,
                    "; ".join(step.conditions) or "nothing open",
                    instant(step.last_seen),
                )
                for step in self.steps
            ),
        )

    @property
    def ends(self) -> tuple[Card, Card]:
        """The cards of both ends; there must be a path."""
        return self.picture.cards[0], self.picture.cards[-1]

    @property
    def found(self) -> bool:
        """Whether there is a path."""
        return bool(self.steps)

    @property
    def selected(self) -> Step | None:
        """The step that the address looks at."""
        return next((step for step in self.steps if step.number == self.asked.step), None)


def build_model(reading: Reading, asked: PathAsked, filters: Filters = EVERYTHING) -> PathModel:
    """The model of the path that is asked about; which step is looked at changes nothing of it."""
    whole = reading.remember(("path", replace(asked, step=0)), lambda: _build(reading, asked))
    suggestions = () if asked.complete else _suggested(reading, filters)
    return replace(whole, asked=asked, suggestions=suggestions)


def _build(reading: Reading, asked: PathAsked) -> PathModel:
    if asked.source is None or asked.target is None:
        return _without_path(asked, "Attack path")
    view = reading.view
    path = cheapest_path(
        view, asked.source, asked.target, capability=asked.capability, keep=asked.keep
    )
    if path is None or not path.steps:
        gained = VERBS[asked.capability] if asked.capability else "reach"
        title = f"No path by which {reading.name(asked.source)} could {gained} {reading.name(asked.target)}"
        known = replace(reading.known, assumed=())
        return _without_path(
            asked, title, rests_on=known, command=_command(asked), checked=_checked(reading, asked)
        )
    return _with_path(reading, asked, path)


def _without_path(
    asked: PathAsked,
    title: str,
    *,
    rests_on: Completeness | None = None,
    command: str = "",
    checked: str = "",
) -> PathModel:
    return PathModel(
        asked=asked,
        title=title,
        severity=Severity.UNRATED,
        certainty=Certainty.DEFINITE,
        new="",
        indirect=False,
        public=False,
        metrics=(),
        picture=Picture(()),
        fixes=(),
        steps=(),
        rests_on=rests_on,
        sheet=path_rows(()),
        command=command,
        checked=checked,
    )


def _with_path(reading: Reading, asked: PathAsked, path: Route) -> PathModel:
    hops = reading.told(path)
    fixes = reading.fixes(path, hops, asked.keep)
    steps = steps_of(reading, hops)
    weight = int(reading.view.nodes.weight[reading.view.position(path.target)])
    assumed = sorted({text for hop in hops for text in hop.assumptions})
    counts = {text: sum(text in hop.assumptions for hop in hops) for text in assumed}
    return PathModel(
        asked=asked,
        title=title_of(reading, path, [hop.hop for hop in hops]),
        severity=severity(weight, path.certainty),
        certainty=path.certainty,
        new=new_since(reading, path),
        indirect=path.indirect,
        public=path.public,
        metrics=_metrics(reading, path, asked.keep, len(hops), fixes),
        picture=picture_of(reading, steps),
        fixes=tuple(_shown(fix) for fix in fixes),
        steps=steps,
        rests_on=replace(reading.known, assumed=tuple(counts.items())),
        sheet=path_rows(hops),
        command=_command(asked),
        checked=_checked(reading, asked),
    )


def new_since(reading: Reading, path: Route) -> str:
    """Since when the path is there, where the newest run brought a part of it."""
    rows = {step.edge_id for step in path.steps} | {step.grant for step in path.steps}
    if reading.run is None or not reading.added & rows:
        return ""
    return f"New since {reading.run.started:%d %b}"


def title_of(reading: Reading, path: Route, hops: Sequence[Hop]) -> str:
    """Who gains what on what, and through which workload or role, where there is one on the way."""
    kinds = {name: kind.family for name, kind in schema().nodes.items()}
    view = reading.view
    between = [hop.target for hop in hops[:-1]]
    passed = [
        node for node in between if kinds[view.kind_of(view.position(node))] is Family.COMPUTE
    ]
    roles = [node for node in between if view.kind_of(view.position(node)) == "Role"]
    via = next(reversed(passed or roles), None)
    through = f" through {reading.name(via)}" if via else ""
    start = "Anyone on the internet" if path.public else reading.name(path.source)
    return f"{start} can {VERBS.get(path.capability, 'reach')} {reading.name(path.target)}{through}"


def _metrics(
    reading: Reading, path: Route, keep: Keep, hops: int, fixes: tuple[Fix, ...]
) -> tuple[Metric, ...]:
    best = next((fix for fix in fixes if fix.detour is None), None)
    reach = blast_radius(reading.view, path.source, capability=path.start).tally
    datasets = dict(reach.assets).get("Dataset", 0)
    pairs = arriving(reading.view, path.target, path.capability, keep=keep)
    return (
        Metric("Hops", str(hops), "Steps from the start to the end of the cheapest path."),
        Metric(
            "Datasets reached",
            f"{datasets:,}",
            "All datasets that the same start reaches, by any path.",
        ),
        Metric(
            "Identities that reach the end",
            f"{pairs:,}",
            "Enabled users, roles and outside principals that reach the end of this path with the same capability.",
        ),
        Metric(
            "Cut by the best fix",
            "none" if best is None else f"{best.cut:,} of {best.pairs:,}",
            "Of the identities that reach the end: how many no longer would, counted again without it.",
        ),
    )


def _shown(fix: Fix) -> ShownFix:
    revocable: Revocable = fix.revocable
    return ShownFix(
        words=words(revocable),
        removal=command(revocable),
        owner=revocable.owner,
        ends=fix.detour is None,
        effect=_effect(fix),
        cut=fix.cut,
        pairs=fix.pairs,
    )


def _effect(fix: Fix) -> str:
    """What taking it away does, in one sentence."""
    if fix.detour is not None:
        left = f"{fix.detour.certainty.label}, cost {fix.detour.cost}"
        return f"Does not end it: another path of {plural(len(fix.detour.steps), 'edge')} remains ({left})."
    if fix.everybody:
        return f"Ends this path, and takes the end from all {fix.pairs:,} identities that reach it."
    return f"Ends every path between the two; {fix.cut:,} of {fix.pairs:,} identities no longer reach the end."


def _suggested(reading: Reading, filters: Filters) -> tuple[Way, ...]:
    """Paths to begin with, where nothing was asked yet: those to what passes the filters."""
    ways = () if reading.outlook is None else reading.outlook.ways
    return tuple(way for way in ways if filters.keeps(reading.view, way.target))[:SUGGESTED]


def _checked(reading: Reading, asked: PathAsked) -> str:
    """What was looked at before a path was found, or was not."""
    later = "" if asked.keep.indirect else ", without effects that show only later"
    return f"every way of {len(reading.view.arcs.edge):,} moves, up to {asked.keep.certainty.label} steps{later}"


def _command(asked: PathAsked) -> str:
    """The same question on the command line."""
    words_ = ["shadowgraph", "paths", "--from", str(asked.source), "--to", str(asked.target)]
    if asked.capability:
        words_ += ["--capability", asked.capability.value]
    if asked.keep.certainty is not Certainty.POSSIBLE:
        words_ += ["--certainty", asked.keep.certainty.label]
    if not asked.keep.indirect:
        words_.append("--no-indirect")
    return shlex.join(words_)
