"""Where the reasons of a store's Grants come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graph.store import Store
    from queries.fixes import Evidence


def evidence_of(store: Store) -> Evidence:
    """The Grants of the newest version, and what makes their needs concrete."""
    from access.explain import Explainer  # noqa: PLC0415  # evaluators are paid for by questions only
    from queries.fixes import Evidence  # noqa: PLC0415  # as above
    from ui.auditing import newest  # noqa: PLC0415  # as above

    grants = {node.id: node for node in store.nodes(kinds=frozenset({"Grant"}))}
    explainer = Explainer(store.facts(), instant=newest(store).started)
    return Evidence(grants, explainer.needs, explainer.denies)
