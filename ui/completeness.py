"""What an answer rests on: the run it was asked of, and what of the estate was never read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from graph.model import Coverage, CoverageKey, NodeId, Outcome, RunRecord
from graph.store import Store, cypher_store
from graph.view import View
from ingest.source import PLATFORMS, Call, by_operation
from ui.render.text import plural

SHOWN = 10


@dataclass(frozen=True, slots=True, order=True)
class Unasked:
    """A call that was never made in a scope, although what it would say belongs to the estate."""

    platform: str
    scope: str  # an account, or `organization`
    call: str  # as coverage keys name it
    permission: str

    def plain(self) -> dict[str, object]:
        """The call as plain types, for JSON."""
        return {
            "platform": self.platform,
            "scope": self.scope,
            "call": self.call,
            "permission": self.permission,
        }


@dataclass(frozen=True, slots=True)
class Completeness:
    """How complete the data behind one answer is.

    `gaps` are calls that were made and not answered, `unasked` calls that were never made: any of them might have said
    more. `assumed` is what the Grants of the answer take for granted because it could not be read, with their number.
    """

    run: RunRecord | None
    calls: int
    gaps: tuple[Coverage, ...]
    unasked: tuple[Unasked, ...]
    assumed: tuple[tuple[str, int], ...]
    loading: bool = False  # a newer run is being written meanwhile; this is the version before

    @property
    def complete(self) -> bool:
        """Whether everything was read that the answer could depend on."""
        return self.run is not None and not (self.gaps or self.unasked or self.assumed)

    def plain(self) -> dict[str, object]:
        """The completeness as plain types, for JSON."""
        return {
            "complete": self.complete,
            "run": None if self.run is None else int(self.run.id),
            "started": None if self.run is None else self.run.started.isoformat(),
            "calls": self.calls,
            "not_answered": [plain_gap(gap) for gap in self.gaps],
            "never_asked": [call.plain() for call in self.unasked],
            "assumed": dict(self.assumed),
            **({"loading": True} if self.loading else {}),
        }

    def lines(self) -> Iterator[str]:
        """The lines that stand on every answer for a person."""
        if self.run is None:
            yield "data: none, nothing was loaded yet"
            return
        when = f"data: run {self.run.id} of {self.run.started:%Y-%m-%d %H:%M} UTC, {plural(self.calls, 'call')}"
        short = [
            text
            for count, text in (
                (len(self.gaps), f"{len(self.gaps)} not answered"),
                (len(self.unasked), f"{len(self.unasked)} never asked"),
            )
            if count
        ]
        if short:
            yield f"{when}; incomplete: {', '.join(short)} (see `shadowgraph coverage`)"
        else:
            yield f"{when}, all answered"
        if self.loading:
            yield f"loading: a newer run is being written; this is of run {self.run.id}"
        for assumption, grants in self.assumed:
            yield f"assumed: {assumption} ({plural(grants, 'Grant')})"

    def unread(self) -> Iterator[str]:
        """What was not read, a line each, as far as a person wants to read on: the first of many and a count."""
        lines = [f"{row.outcome}: {row.key}" for row in self.gaps]
        lines += [f"never asked: {row.platform}/{row.scope}/{row.call}" for row in self.unasked]
        yield from (f"not readable, {line}" for line in lines[:SHOWN])
        if len(lines) > SHOWN:
            yield f"and {len(lines) - SHOWN:,} more (see `shadowgraph coverage`)"


def plain_gap(row: Coverage) -> dict[str, object]:
    """One call and how it ended as plain types, for JSON."""
    return {
        "platform": row.key.platform,
        "scope": row.key.scope,
        "region": row.key.region,
        "call": row.key.call,
        "outcome": row.outcome.value,
        "missing_permission": row.missing_permission,
        "detail": row.detail,
        "last_ok": None if row.last_ok is None else row.last_ok.isoformat(),
    }


def never_asked(
    asked: Iterable[CoverageKey], accounts: Iterable[tuple[str, str]]
) -> tuple[Unasked, ...]:
    """The listing calls that no run made, per account; those of the organisation once per platform.

    Calls per item are not looked for here: a listing that was read names its items, and each has a key of its own.
    """
    made = {(key.platform, key.scope, key.call) for key in asked}
    anywhere = {(platform, call) for platform, _, call in made}
    known = sorted(set(accounts))
    missing: set[Unasked] = set()
    for platform in PLATFORMS:
        own = [account for owner, account in known if owner == platform]
        for name, call in _listings(platform) if own else ():
            if call.organization:
                if (platform, name) not in anywhere:
                    missing.add(Unasked(platform, "organization", name, call.permission))
                continue
            missing |= {
                Unasked(platform, account, name, call.permission)
                for account in own
                if (platform, account, name) not in made
            }
    return tuple(sorted(missing))


def _listings(platform: str) -> Iterator[tuple[str, Call]]:
    """The calls that are made once per scope, or once per choice, as coverage keys name them."""
    for operation, resource in by_operation(platform).items():
        call = resource.call
        if not call.feeds and not call.on_request:
            for choice in call.choices or ("",):
                yield f"{operation}/{choice}" if choice else operation, call


def _accounts(store: Store) -> Iterator[tuple[str, str]]:
    """The accounts that the estate is known to hold."""
    for node in store.nodes(kinds=frozenset({"Account"})):
        platform, account = node.props.get("platform"), node.props.get("account")
        if node.present and isinstance(platform, str) and isinstance(account, str):
            yield platform, account


def _assumptions(store: Store, grants: frozenset[NodeId] | None) -> Counter[str]:
    counts: Counter[str] = Counter()
    for grant in store.nodes(kinds=frozenset({"Grant"})):
        assumed = grant.props.get("assumptions")
        if isinstance(assumed, tuple) and (grants is None or grant.id in grants):
            counts.update(assumed)
    return counts


def completeness(store: Store, *, grants: frozenset[NodeId] | None = None) -> Completeness:
    """The completeness of an answer that rests on these Grants, or on all, from the store's newest version."""
    coverage, runs = store.coverage(), store.runs()
    keys = [row.key for row in coverage]
    shared = cypher_store(store)
    return Completeness(
        run=runs[-1] if runs else None,
        calls=len(coverage),
        gaps=tuple(row for row in coverage if row.outcome is not Outcome.OK),
        unasked=never_asked(keys, _accounts(store)),
        assumed=tuple(sorted(_assumptions(store, grants).items())),
        loading=shared is not None and shared.unfinished(),
    )


def grants_among(view: View, states: Iterable[int]) -> frozenset[NodeId]:
    """The Grants among the nodes of these states."""
    nodes = {int(view.state_node[state]) for state in states}
    return frozenset(view.nodes.ids[node] for node in nodes if view.kind_of(node) == "Grant")
