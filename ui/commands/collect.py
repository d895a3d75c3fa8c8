"""`shadowgraph collect`: read clouds into a snapshot folder; nothing is changed, and nothing is loaded."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from ui.command import Command, Panel
from ui.commands.options import Format, FormatOption
from ui.desk import Desk
from ui.exits import Exit

if TYPE_CHECKING:
    from ui.collecting import Collection

ToOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--to",
        metavar="FOLDER",
        help="The snapshot folder; else the newest in `snapshots` where it was interrupted, or a new one.",
    ),
]
AccountsOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--accounts", metavar="IDS", help="Accounts with commas between, or `all`; else as set."
    ),
]
RegionsOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--regions", metavar="NAMES", help="Regions with commas between, or `all`; else as set."
    ),
]


def gathered(desk: Desk, to: Path | None, accounts: str | None, regions: str | None) -> Collection:
    """Collect as the settings and these options say."""
    from ui.collecting import collected_aws, folder_for
    from ui.settings import aws_accounts, aws_regions

    aws = desk.settings.aws
    if accounts is not None:
        aws = replace(aws, accounts=aws_accounts(accounts))
    if regions is not None:
        aws = replace(aws, regions=aws_regions(regions))
    return collected_aws(desk, folder_for(desk, to), aws)


def collect(
    context: typer.Context,
    *,
    to: ToOption = None,
    accounts: AccountsOption = None,
    regions: RegionsOption = None,
    form: FormatOption = Format.TABLE,
) -> Exit:
    """Read AWS into a snapshot folder, with read-only calls and the credentials of the AWS command line.

    An interrupted collection is gone on with by the same command; what it settled is not asked again. One that was
    throttled, or in which calls failed, is made up for by naming its folder. Ends with 3 where some call was not
    answered; the permission that it lacks is named.
    """
    from ui.render.collecting import collection_sheet, plain_collection
    from ui.render.sheet import as_csv, as_text, terminal_width
    from ui.render.text import to_json

    desk = Desk.of(context)
    collection = gathered(desk, to, accounts, regions)
    if form is Format.JSON:
        desk.say(to_json(plain_collection(collection)))
    elif form is Format.CSV:
        desk.say(as_csv(collection_sheet(collection)))
    else:
        width = terminal_width(sys.stdout.isatty)
        desk.say(as_text(collection_sheet(collection), width=width))
    return Exit.CLEAN if collection.collected.complete else Exit.INCOMPLETE


COMMAND = Command("collect", collect, Panel.START, 2)
