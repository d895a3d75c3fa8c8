"""The filters of the whole app: environment and account, kept in the address of every page."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graph.model import NodeId
from graph.view import Flag, View
from ui.pagemodels.links import Params
from ui.reading import Reading

UNSTATED = "unstated"  # the filter value for what nobody gave an environment


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the estate is looked at; empty stands for all of it."""

    environment: str = ""
    account: str = ""

    @property
    def active(self) -> bool:
        """Whether anything is filtered out."""
        return bool(self.environment or self.account)

    @property
    def params(self) -> tuple[tuple[str, str], ...]:
        """The parameters that carry the filters."""
        named = (("env", self.environment), ("account", self.account))
        return tuple((name, value) for name, value in named if value)

    def keeps(self, view: View, node: NodeId | str) -> bool:
        """Whether the node passes."""
        if not self.active:
            return True
        at = view.find(node)
        if at is None:
            return False
        stated = view.environment_of(at) or UNSTATED
        return (not self.environment or stated == self.environment) and (
            not self.account or view.account_of(at) == self.account
        )


EVERYTHING = Filters()


@dataclass(frozen=True, slots=True)
class FilterChoices:
    """What can be chosen: each value with how it is told."""

    environments: tuple[tuple[str, str], ...]
    accounts: tuple[tuple[str, str], ...]


def filter_choices(reading: Reading) -> FilterChoices:
    """The environments and accounts that nodes of this reading have."""
    return reading.view.remember("filter choices", lambda: _choices(reading))


def _choices(reading: Reading) -> FilterChoices:
    nodes = reading.view.nodes
    named = (nodes.flags & int(Flag.ASSET | Flag.ACTOR)) != 0
    environments = sorted(
        {nodes.environments[at] for at in np.unique(nodes.environment[named])} - {""}
    )
    accounts = sorted({nodes.accounts[at] for at in np.unique(nodes.account[named])} - {""})
    told = [(name, name) for name in environments]
    if environments:
        told.append((UNSTATED, "no environment stated"))
    return FilterChoices(tuple(told), tuple((one, reading.account(one)) for one in accounts))


def filters_of(params: Params, choices: FilterChoices) -> Filters:
    """The filters that an address asks for; what is no choice is passed over."""
    environment, account = params.get("env", ""), params.get("account", "")
    return Filters(
        environment if environment in dict(choices.environments) else "",
        account if account in dict(choices.accounts) else "",
    )
