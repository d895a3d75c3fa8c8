"""Field rules: a condition on the asset's own properties, in three truth values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from graph.model import Node
from queries.condition import Condition
from queries.grounds import blind, severity_of
from queries.rule import Assessed, Severity, Verdict

if TYPE_CHECKING:
    from queries.inventory import Inventory


def field_ask(
    kinds: tuple[str, ...],
    needs: tuple[str, ...],
    fail_if: Mapping[str, object],
    *,
    why: str,
    severity: Severity,
    flavours: tuple[str, ...] = (),
) -> Callable[[Inventory], Iterator[Assessed]]:
    """What asks every asset of these kinds and flavours whether the condition holds; unread is `not assessed`.

    `why` is the sentence of a finding; `{0}`, `{1}` stand for what was found at the paths of the condition.
    """
    condition = Condition.of(fail_if)

    def ask(inventory: Inventory) -> Iterator[Assessed]:
        for node in inventory.assets(*kinds) if _are_assets(kinds) else inventory.listed(*kinds):
            if not flavours or node.props.get("flavour") in flavours:
                yield _assessed(inventory, node)

    def _assessed(inventory: Inventory, node: Node) -> Assessed:
        unread = inventory.unread(node, *needs)
        holds = condition.holds(lambda path: inventory.look(node, path), readable=not unread)
        if holds is None:
            return blind(node, "its settings were not read", unread)
        if not holds:
            return Assessed(node.id, Verdict.PASS)
        found = tuple((path, str(inventory.look(node, path))) for path in condition.paths)
        told = why.format(*(value for _, value in found))
        weight = severity_of(inventory, node, severity)
        return Assessed(node.id, Verdict.FAIL, told, found, severity=weight)

    return ask


def _are_assets(kinds: tuple[str, ...]) -> bool:
    return not {"Workspace", "Account", "Registry"} & set(kinds)
