"""What the owners of an estate say of it, as far as rules read it: windows, lists of what is allowed, names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True)
class Windows:
    """How long something must have gone unused before it is told; the first of two figures warns, the second finds."""

    log: timedelta = timedelta(days=90)
    endpoint: tuple[timedelta, timedelta] = (timedelta(days=14), timedelta(days=30))
    notebook: tuple[timedelta, timedelta] = (timedelta(days=7), timedelta(days=30))
    stopped: timedelta = timedelta(days=90)  # a stopped notebook that keeps its disk
    model: timedelta = timedelta(days=180)
    grace: timedelta = timedelta(days=7)  # after it was created, nothing is held against an asset
    record: timedelta = timedelta(days=35)  # how recent a system of record must have been read


@dataclass(frozen=True, slots=True)
class Context:
    """The settings that rules read. Lists hold patterns with `*` and `?`; an empty list allows nothing and forbids nothing."""

    windows: Windows = field(default_factory=Windows)
    mandatory_tags: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()  # owners that are teams or mailboxes, and no single person
    environments: Mapping[str, str] = field(default_factory=dict)  # by account
    ai_accounts: tuple[str, ...] = ()  # accounts that may run inference servers and notebooks
    images: tuple[str, ...] = ()  # container images, or registries, that may be run
    repositories: tuple[str, ...] = ()  # hosts or organisations that code may come from
    vaults: tuple[str, ...] = ()  # secrets that may hold the key of an AI provider
    trusted_accounts: tuple[str, ...] = ()  # accounts outside the estate that are known
    copiers: tuple[str, ...] = ()  # identities whose copies are backup or replication
    approvers: tuple[str, ...] = ()  # identities that approve models
    break_glass: tuple[str, ...] = ()  # identities whose rights are kept for emergencies
    shared_role: int = 3  # so many user profiles with one execution role share it
    choke_share: float = 0.3  # of all pairs: what cuts more is told as a choke point
    crown_jewels: str = ""  # a selection (`queries.selection`)

    def allows(self, patterns: tuple[str, ...], text: str) -> bool:
        """Whether one of the patterns covers the text, letters in any case."""
        return any(fnmatchcase(text.lower(), pattern.lower()) for pattern in patterns)
