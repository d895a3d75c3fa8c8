"""A path with its reasons: each hop with the needs of its Grant, made concrete, and the texts that decide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from access.decision import Need, Revocable, revocables
from access.explain import Excerpt, Explainer
from access.removal import command, words
from graph.errors import QueryError
from graph.model import Node
from graph.store import Store
from graph.view import View
from queries.hops import Hop, hops
from queries.paths import Path


@dataclass(frozen=True, slots=True)
class ToldHop:
    """One hop with what must stand for it; `unexplained` says why no reasons could be given, where that is so."""

    hop: Hop
    needs: tuple[Need, ...] = ()
    assumptions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    excerpts: tuple[Excerpt, ...] = ()
    unexplained: str = ""

    def plain(self) -> dict[str, object]:
        """The hop with its reasons as plain types, for JSON."""
        return {
            **self.hop.plain(),
            "needs": [_plain_need(need) for need in self.needs],
            "assumptions": list(self.assumptions),
            "notes": list(self.notes),
            "limits": list(self.limits),
            "sources": [
                {
                    "name": text.name,
                    "text": text.text,
                    "first_line": text.first,
                    "last_line": text.last,
                }
                for text in self.excerpts
            ],
            "unexplained": self.unexplained,
        }


def _plain_need(need: Need) -> dict[str, object]:
    return {
        "name": need.name,
        "alternatives": [
            {
                "certainty": alternative.certainty.label,
                "conditions": [str(condition) for condition in alternative.conditions],
                "revocables": [_plain_revocable(one) for one in alternative.revocables],
            }
            for alternative in need.alternatives
        ],
    }


def _plain_revocable(revocable: Revocable) -> dict[str, object]:
    return {
        "id": revocable.id,
        "kind": revocable.kind.value,
        "holder": revocable.holder,
        "document": revocable.document,
        "statement": revocable.statement,
        "member": revocable.member,
        "owner": revocable.owner,
        "lifts_deny": revocable.lifts_deny,
        "words": words(revocable),
        "removal": command(revocable),
    }


def told(
    view: View, path: Path, store: Store, explainer: Explainer, *, texts: bool
) -> tuple[ToldHop, ...]:
    """The hops of the path with their reasons; with `texts` also the documents that decide, statement marked."""
    return tuple(_told(hop, store, explainer, texts=texts) for hop in hops(view, path))


def _told(hop: Hop, store: Store, explainer: Explainer, *, texts: bool) -> ToldHop:
    grant = None if hop.grant is None else store.get(hop.grant)
    if grant is None:
        return ToldHop(hop)
    try:
        needs = explainer.needs(grant, hop.identity, hop.target)
    except QueryError as error:
        needs, unexplained = (), str(error)
    else:
        unexplained = ""
    return ToldHop(
        hop,
        needs,
        assumptions=_texts(grant, "assumptions"),
        notes=_texts(grant, "notes"),
        limits=_texts(grant, "limits"),
        excerpts=tuple(_excerpts(needs, explainer)) if texts else (),
        unexplained=unexplained,
    )


def _texts(grant: Node, name: str) -> tuple[str, ...]:
    value = grant.props.get(name)
    return value if isinstance(value, tuple) else ()


def _excerpts(needs: tuple[Need, ...], explainer: Explainer) -> Iterator[Excerpt]:
    seen: set[Excerpt] = set()
    for revocable in revocables(needs):
        excerpt = explainer.source(revocable)
        if excerpt is not None and excerpt not in seen:
            seen.add(excerpt)
            yield excerpt
