"""Which services resource control policies bind, from the dated list."""

from __future__ import annotations

from access.aws.catalogue import services


def binds(action: str) -> bool:
    """Whether RCPs bear on this action."""
    return action.partition(":")[0].lower() in services().rcp
