"""A path with its reasons: each hop with the needs of its Grant, made concrete, and the texts that decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from access.decision import Alternative, Need, Revocable, revocables
from access.removal import command, words
from graph.errors import QueryError
from graph.model import Node
from graph.store import Store
from graph.view import View
from queries.hops import Hop, hops
from queries.paths import Path
from queries.witness import membership

if TYPE_CHECKING:
    from access.explain import Explainer


@dataclass(frozen=True, slots=True)
class Source:
    """A document that decides, with the lines of its deciding statements (first inclusive, last exclusive)."""

    name: str
    text: str
    marked: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class ToldHop:
    """One hop with what must stand for it; `unexplained` says why no reasons could be given, where that is so."""

    hop: Hop
    needs: tuple[Need, ...] = ()
    assumptions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
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
                    "name": source.name,
                    "text": source.text,
                    "marked": [list(span) for span in source.marked],
                }
                for source in self.sources
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
    return tuple(_told(view, hop, store, explainer, texts=texts) for hop in hops(view, path))


def _told(view: View, hop: Hop, store: Store, explainer: Explainer, *, texts: bool) -> ToldHop:
    if hop.kind == "MEMBER_OF":
        entered = membership(view, hop.holder, hop.target, explainer.denies)
        alternative = Alternative((entered,), certainty=hop.certainty)
        return ToldHop(hop, (Need("the membership itself", (alternative,)),))
    grant = None if hop.grant is None else store.get(hop.grant)
    if grant is None:
        return ToldHop(hop)
    needs: tuple[Need, ...] = ()
    unexplained = ""
    try:
        needs = explainer.needs(grant, hop.identity, hop.target)
    except QueryError as error:
        unexplained = str(error)
    return ToldHop(
        hop,
        needs,
        assumptions=_texts(grant, "assumptions"),
        notes=_texts(grant, "notes"),
        limits=_texts(grant, "limits"),
        sources=_sources(needs, explainer) if texts else (),
        unexplained=unexplained,
    )


def _texts(grant: Node, name: str) -> tuple[str, ...]:
    value = grant.props.get(name)
    return value if isinstance(value, tuple) else ()


def _named(revocable: Revocable) -> str:
    """What the document is called: a managed policy by its ARN, any other with what it hangs on."""
    if ":policy/" in revocable.document:
        return revocable.document
    if revocable.document in {"", revocable.holder}:
        return f"policy of {revocable.holder}"
    return f"{revocable.document} of {revocable.holder}"


def _sources(needs: tuple[Need, ...], explainer: Explainer) -> tuple[Source, ...]:
    """Each document once, in the order of the needs, with all its deciding statements."""
    found: dict[tuple[str, str], set[tuple[int, int]]] = {}
    for revocable in revocables(needs):
        excerpt = explainer.source(revocable)
        if excerpt is not None:
            spans = found.setdefault((_named(revocable), excerpt.text), set())
            spans.add((excerpt.first, excerpt.last))
    return tuple(Source(name, text, tuple(sorted(spans))) for (name, text), spans in found.items())
