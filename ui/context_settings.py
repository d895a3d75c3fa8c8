"""The settings that say what the owners of an estate know of it: what is allowed, who is a team, how long is idle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from queries.context import Context, Windows
from ui.setting import Setting, listed, refused, whole

LISTS: Mapping[str, str] = {
    "mandatory_tags": "The tags that the tag policy asks of every asset, with commas between; who carries all is managed.",
    "teams": "Owners that are teams or mailboxes rather than people, as patterns with commas between: `*-team@example.com`.",
    "ai_accounts": "The accounts that may run inference servers and notebooks, with commas between; empty says nothing.",
    "images": "The container images that may be run, as patterns: `111111111111.dkr.ecr.*`, `*/approved/*`.",
    "repositories": "Where code may come from, as patterns: `*github.com/example/*`.",
    "vaults": "The secrets that may hold the key of an AI provider, as patterns over name and ARN.",
    "trusted_accounts": "The accounts outside the estate that are known and meant, with commas between.",
    "copiers": "The identities whose copies are backup or replication, as patterns over name and ARN.",
    "approvers": "The identities that approve models, as patterns over name and ARN; empty asks for none.",
    "break_glass": "The identities whose rights are kept for emergencies, as patterns over name and ARN.",
}
"""Settings of section `context` that are lists, each a field of `queries.context.Context`."""

DAYS: Mapping[str, tuple[str, str]] = {
    "log": ("90", "How many days of use a review looks at, 1 to 365."),
    "endpoint": ("14,30", "After how many days without a call an endpoint is warned of, and found idle."),
    "notebook": ("7,30", "After how many days without use a notebook is warned of, and found idle."),
    "stopped": ("90", "After how many days a stopped notebook that keeps its disk is told."),
    "model": ("180", "After how many days a model that nothing deploys or reads is told."),
    "grace": ("7", "For how many days after it was made nothing is held against an asset."),
    "record": ("35", "How many days ago a system of record may have been read and still vouch."),
}  # fmt: skip
"""Settings of section `windows`: the default and what it is for."""


def _named(section: str, name: str) -> str:
    return f"SHADOWGRAPH_{section.upper()}_{name.upper()}"


CONTEXT_SETTINGS = (
    Setting(
        "context.crown_jewels",
        "SHADOWGRAPH_CROWN_JEWELS",
        "",
        "What counts as a crown jewel besides what a tag says is one, as a selection: `kind:Dataset+name:*claims*, tag:pii`.",
    ),
    Setting(
        "context.environments",
        "SHADOWGRAPH_CONTEXT_ENVIRONMENTS",
        "",
        "The environment of whole accounts, as `111111111111=prod, 222222222222=dev`.",
    ),
    Setting(
        "context.shared_role",
        "SHADOWGRAPH_CONTEXT_SHARED_ROLE",
        "3",
        "How many user profiles with one execution role count as sharing it.",
        number=True,
    ),
    Setting(
        "context.choke_share",
        "SHADOWGRAPH_CONTEXT_CHOKE_SHARE",
        "30",
        "From how many percent of the ways to crown jewels on a node is told as a choke point.",
        number=True,
    ),
    *(
        Setting(f"context.{name}", _named("context", name), "", doc)
        for name, doc in LISTS.items()
    ),
    *(
        Setting(f"windows.{name}", _named("windows", name), default, doc, number=True)
        for name, (default, doc) in DAYS.items()
    ),
)  # fmt: skip


def context_of(value: Callable[[str], str]) -> Context:
    """The context that the settings say."""
    lists = {name: listed(value(f"context.{name}")) for name in LISTS}
    return Context(
        _windows(value),
        environments=dict(_environments(value("context.environments"))),
        shared_role=whole("context.shared_role", value("context.shared_role"), least=2, most=9_999),
        crown_jewels=value("context.crown_jewels"),
        mandatory_tags=lists["mandatory_tags"],
        teams=lists["teams"],
        ai_accounts=lists["ai_accounts"],
        images=lists["images"],
        repositories=lists["repositories"],
        vaults=lists["vaults"],
        trusted_accounts=lists["trusted_accounts"],
        copiers=lists["copiers"],
        approvers=lists["approvers"],
        break_glass=lists["break_glass"],
        choke_share=whole("context.choke_share", value("context.choke_share"), least=1, most=100)
        / 100,
    )


def _environments(text: str) -> list[tuple[str, str]]:
    found = []
    for part in listed(text):
        account, equals, environment = (piece.strip() for piece in part.partition("="))
        if not (account and equals and environment):
            raise refused(
                f"setting `context.environments` may not hold `{part}`", "write it like 111111111111=prod"
            )  # fmt: skip
        found.append((account, environment))
    return found


def _windows(value: Callable[[str], str]) -> Windows:
    single = {name: _days(name, value(f"windows.{name}")) for name in DAYS}
    pairs = {name: single.pop(name) for name in ("endpoint", "notebook")}
    for name, days in single.items():
        if len(days) != 1:
            raise refused(f"setting `windows.{name}` may not hold {len(days)} figures", "one")
    for name, days in pairs.items():
        if len(days) != 2 or days[0] > days[1]:
            raise refused(
                f"setting `windows.{name}` may not be `{value(f'windows.{name}')}`",
                "two figures, the warning first, such as 14,30",
            )
    return Windows(
        log=single["log"][0],
        endpoint=(pairs["endpoint"][0], pairs["endpoint"][1]),
        notebook=(pairs["notebook"][0], pairs["notebook"][1]),
        stopped=single["stopped"][0],
        model=single["model"][0],
        grace=single["grace"][0],
        record=single["record"][0],
    )


def _days(name: str, text: str) -> tuple[timedelta, ...]:
    most = 365 if name == "log" else 3_650
    least = 0 if name == "grace" else 1
    parts = listed(text) or ("",)
    return tuple(timedelta(days=whole(f"windows.{name}", part, least=least, most=most)) for part in parts)  # fmt: skip
