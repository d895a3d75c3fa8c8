"""All calls of the sample estate, in the order in which a collector would make them."""

from __future__ import annotations

from collections.abc import Iterator

from sample.estate import (
    ai_calls,
    background,
    dev_assets,
    functions,
    management,
    organisation,
    prod_assets,
    sagemaker,
    shadow,
)
from sample.estate.complete import completed
from sample.estate.dev_identities import IDENTITIES as DEV_IDENTITIES
from sample.estate.identities import Identities, authorization_details
from sample.estate.names import DEV, MANAGEMENT, PROD
from sample.estate.prod_identities import IDENTITIES as PROD_IDENTITIES
from sample.estate.snapshot import GLOBAL, Call
from sample.estate.storage import Bucket, Key, bucket_calls, key_calls
from sample.estate.workloads import Workloads

# The account-wide public access block is on in production and management; development has none.
ACCOUNT_BLOCK = {PROD: True, DEV: False, MANAGEMENT: True}


def _iam(identities: Identities) -> Call:
    pages = authorization_details(identities)
    items = sum(len(rows) for page in pages for rows in page.values() if isinstance(rows, list))
    return Call(
        identities.account,
        GLOBAL,
        "iam.get_account_authorization_details",
        pages=tuple(pages),
        items=items,
    )


def _account(
    identities: Identities, buckets: list[Bucket], keys: list[Key], workloads: Workloads
) -> Iterator[Call]:
    account = identities.account
    yield from organisation.place_calls(account)
    yield _iam(identities)
    yield from bucket_calls(account, buckets, account_block=ACCOUNT_BLOCK[account])
    yield from key_calls(account, keys)
    yield from sagemaker.calls(workloads)
    yield from functions.calls(account, workloads.functions)


def calls(seed: int) -> Iterator[Call]:
    """Every call that a collector makes of the estate, in its order."""
    return completed(list(_written(seed)))


def _written(seed: int) -> Iterator[Call]:
    """The calls that something was written for: to the organisation, then to each account."""
    yield from organisation.calls()
    yield from ai_calls.calls()
    yield from _account(
        management.IDENTITIES,
        list(management.BUCKETS),
        list(management.KEYS),
        management.WORKLOADS,
    )
    accounts = members(seed)
    for one in accounts:
        yield from _account(one.identities, list(one.buckets), list(one.keys), one.workloads)
    yield from shadow.calls(accounts)


def members(seed: int) -> tuple[shadow.Account, ...]:
    """Production and development, with everything that they hold."""
    return tuple(
        shadow.Account(
            identities,
            background.around(assets.WORKLOADS, seed),
            tuple(
                sorted(
                    (*assets.BUCKETS, *background.buckets(account, seed)),
                    key=lambda each: each.name,
                )
            ),
            tuple(
                sorted((*assets.KEYS, *background.keys(account, seed)), key=lambda each: each.id)
            ),
        )
        for identities, assets in ((PROD_IDENTITIES, prod_assets), (DEV_IDENTITIES, dev_assets))
        for account in (identities.account,)
    )
