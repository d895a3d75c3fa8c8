"""The output of `aws iam get-account-authorization-details`: one account, several by id, or a list of outputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graph.errors import SourceError, with_advice
from graph.model import GLOBAL_REGION, Coverage, CoverageKey, Outcome
from ingest.aws.iam import LISTS, shape_details
from ingest.aws.names import ACCOUNT_ID, account_of, is_vendor
from ingest.fields import Json
from ingest.snapshot import read_json
from ingest.source import Answer, Shaped, Skipped

OPERATION = "iam.get_account_authorization_details"
PRINCIPALS = ("UserDetailList", "GroupDetailList", "RoleDetailList")


@dataclass(frozen=True, slots=True)
class Details:
    """One account's part of the file: the answer as its own call would have given it, and whether it is whole."""

    answer: Answer
    coverage: Coverage

    def shaped(self, path: Path) -> Iterator[Shaped]:
        """The rows of the account; `SourceError` at the first item that cannot be read."""
        for row in shape_details(self.answer):
            if isinstance(row, Skipped):
                raise SourceError(f"`{path}`: {row.where}: {row.why}")
            yield row


def read_details(path: Path) -> tuple[Details, ...]:
    """The accounts in this file, in order of id; `SourceError` says what is wrong and where.

    Accounts are those of the ARNs: an output that was put together from several accounts is taken apart. Policies
    that AWS manages, and those of accounts without an identity in the file, go with each account of their output.
    """
    found: dict[str, list[Json]] = {}
    partial: dict[str, str] = {}
    for where, account, details in _outputs(read_json(path), path):
        for name, part in _by_account(details, account, where):
            found.setdefault(name, []).append(part)
            if reason := _incomplete(details):
                partial[name] = reason
    return tuple(_details(name, found[name], partial.get(name)) for name in sorted(found))


def _details(account: str, pages: list[Json], partial: str | None) -> Details:
    key = CoverageKey("aws", account, GLOBAL_REGION, OPERATION)
    items = sum(len(page[name]) for page in pages for name in PRINCIPALS)
    outcome = Outcome.OK if partial is None else Outcome.FAILED
    coverage = Coverage(key, outcome, items=items, detail=partial or "")
    return Details(Answer(key, pages=tuple(pages)), coverage)


def _outputs(content: object, path: Path) -> Iterator[tuple[str, str | None, Mapping[str, Any]]]:
    """The outputs in the file: the place of each for messages, the account it is filed under, its content."""
    if isinstance(content, list):
        for at, item in enumerate(content):
            yield from _outputs_of(item, f"`{path}` [{at}]")
        if content:
            return
    else:
        yield from _outputs_of(content, f"`{path}`")
        return
    raise SourceError(f"`{path}` holds an empty list")


def _outputs_of(content: object, where: str) -> Iterator[tuple[str, str | None, Mapping[str, Any]]]:
    if isinstance(content, Mapping) and any(name in content for name in LISTS):
        yield where, None, content
        return
    if isinstance(content, Mapping) and content and all(ACCOUNT_ID.fullmatch(k) for k in content):
        for account, details in sorted(content.items()):
            if not isinstance(details, Mapping) or not any(name in details for name in LISTS):
                raise SourceError(f"{where} `{account}` holds no account authorization details")
            yield f"{where} `{account}`", account, details
        return
    raise with_advice(
        SourceError(f"{where} is neither a snapshot nor account authorization details"),
        "write it with: aws iam get-account-authorization-details > account.json",
    )


def _by_account(
    details: Mapping[str, Any], account: str | None, where: str
) -> Iterator[tuple[str, Json]]:
    """The output taken apart by the account of each ARN."""
    parts: dict[str, dict[str, list[Any]]] = {}
    if account is not None:
        parts[account] = {name: [] for name in LISTS}
    for name in PRINCIPALS:
        for at, row in enumerate(_list(details, name, where)):
            home = account_of(_arn(row, f"{where} {name}[{at}]"))
            if home is None:
                raise SourceError(f"{where} {name}[{at}]: its ARN `{row['Arn']}` names no account")
            parts.setdefault(home, {other: [] for other in LISTS})[name].append(row)
    policies = _list(details, "Policies", where)
    homes = [(row, _arn(row, f"{where} Policies[{at}]")) for at, row in enumerate(policies)]
    if not parts:
        parts = {
            home: {name: [] for name in LISTS}
            for _, arn in homes
            if (home := account_of(arn)) is not None
        }
    if not parts:
        raise SourceError(f"{where} names no account: it holds no ARN of one")
    for row, arn in homes:
        own = account_of(arn)
        shared = is_vendor(arn) or own not in parts
        for home in sorted(parts) if shared else [own or ""]:
            parts[home]["Policies"].append(row)
    yield from sorted(parts.items())


def _list(details: Mapping[str, Any], name: str, where: str) -> list[Any]:
    value = details.get(name, [])
    if not isinstance(value, list):
        raise SourceError(f"{where}: `{name}` is no list")
    return value


def _arn(row: object, where: str) -> str:
    arn = row.get("Arn") if isinstance(row, Mapping) else None
    if not isinstance(arn, str):
        raise SourceError(f"{where} is no object with an `Arn`")
    return arn


def _incomplete(details: Mapping[str, Any]) -> str | None:
    """Why the output is a part only: then it closes nothing and counts as not read completely."""
    missing = [name for name in LISTS if name not in details]
    if missing:
        return f"the file holds no `{missing[0]}`"
    if details.get("IsTruncated") is True:
        return "the file holds one page of several (IsTruncated)"
    return None
