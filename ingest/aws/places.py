"""Where AWS is read: the accounts of the estate, and the regions that are enabled in each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graph.model import GLOBAL_REGION, Node
from ingest.aws.asset import account_stub, props, stated
from ingest.aws.names import account_node
from ingest.collect import Place, Recorder
from ingest.fields import address, text
from ingest.source import PART, Answer, Ask, Call, Resource, Shaped, Skipped, by_operation

ALL = "all"
ACTIVE = "ACTIVE"
CALLER, ACCOUNTS, REGIONS = (
    "sts.get_caller_identity",
    "organizations.list_accounts",
    "account.list_regions",
)


def shape_caller(answer: Answer) -> Iterator[Shaped]:
    """The account that the collector's own credentials belong to."""
    for page in answer.pages:
        account = text(page, "Account")
        if account is None:
            yield Skipped(str(answer.key), "it names no account")
        else:
            yield account_stub(account)


def shape_accounts(answer: Answer) -> Iterator[Shaped]:
    """The accounts of the organisation, wherever they stand in its tree."""
    for row in answer.each("Accounts"):
        account = text(row, "Id")
        if account is None:
            yield Skipped(str(answer.key), "an account has no id")
            continue
        yield account_stub(account)
        settings = stated(
            email=address(row.get("Email")), state=text(row, "State") or text(row, "Status")
        )
        yield Node(
            account_node(account), "Account", props(name=text(row, "Name"), settings=settings)
        )


def shape_regions(answer: Answer) -> Iterator[Shaped]:
    """The regions that are enabled in the account."""
    names = sorted(
        name for row in answer.each("Regions") if (name := text(row, "RegionName")) is not None
    )
    if names:
        yield account_stub(answer.account)
        held = {"regions": ",".join(names)}
        yield Node(account_node(answer.account), "Account", {"settings": held})


def places(
    recorder: Recorder,
    home: str,
    *,
    accounts: Sequence[str],
    regions: Sequence[str],
    otherwise: str,
) -> tuple[Place, ...]:
    """The places to read: accounts and regions as given; `all` asks the organisation, or the account, which there are.

    Without accounts the one of the credentials is read, without regions those that are enabled in each. Where the
    platform does not say which, the home account and the region `otherwise` stand in, and the call is not answered.
    A home that is not among the accounts still speaks for the organisation.
    """
    known = by_operation(recorder.platform)
    recorder.get(Ask(known[CALLER].call, home, GLOBAL_REGION))
    named = list(accounts) or [home]
    if ALL in named:
        pages = recorder.get(Ask(known[ACCOUNTS].call, home, GLOBAL_REGION))
        listed = [row for page in pages for row in page.get("Accounts", ()) if _active(row)]
        named = [str(row["Id"]) for row in listed] or [home]
    call, spots = known[REGIONS].call, [] if home in named else [Place(home, (), True, False)]
    for account in sorted(dict.fromkeys(named), key=lambda account: account != home):
        found = (
            tuple(regions) if regions and ALL not in regions else _enabled(recorder, call, account)
        )
        spots.append(Place(account, tuple(dict.fromkeys(found)) or (otherwise,), account == home))
    return tuple(spots)


def trail_requests(home: str, wanted: Sequence[Place], folders: Sequence[str]) -> tuple[Ask, ...]:
    """The listings of trail files to ask for: those of each account and region, in each of these `s3://` folders.

    A folder is what stands before the account in the keys: `s3://bucket/prefix/AWSLogs`, with the organisation's id
    behind it for a trail of an organisation.
    """
    call = by_operation("aws")["s3.list_objects_v2"].call
    asks = []
    for folder in folders:
        bucket, _, prefix = folder.removeprefix("s3://").strip("/").partition("/")
        for place in wanted:
            for region in place.regions:
                path = f"{prefix}/{place.scope}/CloudTrail/{region}/".lstrip("/")
                asks.append(Ask(call, home, GLOBAL_REGION, PART.join((bucket, path))))
    return tuple(asks)


def _active(row: object) -> bool:
    if not isinstance(row, dict) or not isinstance(row.get("Id"), str):
        return False
    return (text(row, "State") or text(row, "Status") or ACTIVE) == ACTIVE


def _enabled(recorder: Recorder, call: Call, account: str) -> tuple[str, ...]:
    pages = recorder.get(Ask(call, account, GLOBAL_REGION))
    return tuple(
        name
        for page in pages
        for row in page.get("Regions", ())
        if (name := text(row, "RegionName"))
    )


RESOURCES = (
    Resource(
        "aws.caller",
        "The account of the collector's own credentials.",
        Call("sts", "get_caller_identity", ""),
        shape_caller,
    ),
    Resource(
        "aws.organization-members",
        "The accounts of the organisation, by name and state.",
        Call(
            "organizations",
            "list_accounts",
            "organizations:ListAccounts",
            items="Accounts",
            paginated=True,
            organization=True,
            known_none=frozenset({"AWSOrganizationsNotInUseException"}),
        ),
        shape_accounts,
    ),
    Resource(
        "aws.regions",
        "The regions that are enabled in the account.",
        Call(
            "account",
            "list_regions",
            "account:ListRegions",
            params={"RegionOptStatusContains": ["ENABLED", "ENABLED_BY_DEFAULT"]},
            items="Regions",
            paginated=True,
        ),
        shape_regions,
    ),
)
