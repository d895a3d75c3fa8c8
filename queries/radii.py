"""The blast radii of many identities as one table: a row each, read on demand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graph.model import Capability, NodeId
from graph.view import Flag, Keep, View
from queries.kernels.search import reached
from queries.paths import public_starts
from queries.tally import Tally, less, tally


@dataclass(frozen=True, slots=True)
class Radius:
    """The blast radius of one identity: `tally` of all, and what of it only everyone's reach adds."""

    identity: NodeId
    name: str
    kind: str
    account: str
    start: Capability
    external: bool
    public: bool
    disabled: bool
    tally: Tally
    through_public: Tally

    def plain(self) -> dict[str, object]:
        """The row as plain types, for JSON."""
        return {
            "identity": self.identity,
            "name": self.name,
            "kind": self.kind,
            "account": self.account,
            "start": self.start.value,
            "external": self.external,
            "public": self.public,
            "disabled": self.disabled,
            "tally": self.tally.plain(),
            "through_public": self.through_public.plain(),
        }


@dataclass(frozen=True, slots=True)
class BlastRadii:
    """A row per identity, in id order."""

    rows: tuple[Radius, ...]

    def __iter__(self) -> Iterator[Radius]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def radii(view: View, actors: tuple[int, ...], keep: Keep) -> BlastRadii:
    """The rows of these nodes."""
    return BlastRadii(tuple(_row(view, actor, keep) for actor in actors))


def _row(view: View, actor: int, keep: Keep) -> Radius:
    nodes, start = view.nodes, view.start(actor)
    outside = view.state_node != actor
    others = public_starts(view, start)
    own = reached(view, keep, (start,)) & outside
    through = reached(view, keep, others) & outside
    through[list(others)] = False
    flags = Flag(int(nodes.flags[actor]))
    whole = tally(view, own | through)
    return Radius(
        identity=nodes.ids[actor],
        name=nodes.names[actor],
        kind=view.kind_of(actor),
        account=view.account_of(actor),
        start=view.capability(start),
        external=Flag.EXTERNAL in flags,
        public=Flag.PUBLIC in flags,
        disabled=Flag.DISABLED in flags,
        tally=whole,
        through_public=less(whole, tally(view, own)),
    )
