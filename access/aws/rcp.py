"""Which services resource control policies bind, from the dated list."""

from __future__ import annotations

from functools import cache
from importlib import resources

import yaml


@cache
def bound_services() -> frozenset[str]:
    """The action prefixes of the services that RCPs bind."""
    text = (resources.files("access.aws") / "services.yaml").read_text("utf-8")
    return frozenset(yaml.safe_load(text)["rcp"])


def binds(action: str) -> bool:
    """Whether RCPs bear on this action."""
    return action.partition(":")[0].lower() in bound_services()
