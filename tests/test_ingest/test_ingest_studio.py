"""Studio over several runs: which calls are made for it, and what stands where one of them is not answered."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ingest_snapshots import Made, snapshot, unresolved

from graph.model import Outcome
from graph.store import Store
from graph.stores import open_store
from ingest.load import load_snapshot
from ingest.source import arguments, by_operation

NOW = datetime(2026, 3, 2, tzinfo=UTC)
ARN = "arn:aws:sagemaker:eu-west-1:111111111111"
DOMAIN, PROFILE, SPACE = f"{ARN}:domain/d-1", f"{ARN}:user-profile/d-1/ana", f"{ARN}:space/d-1/lab"
DEFAULT, OWN = "arn:aws:iam::111111111111:role/default", "arn:aws:iam::111111111111:role/own"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'estate.db'}", create=True)
    yield opened
    opened.close()


def _studio(*, own: str | None = None, default: str = DEFAULT, lost: str = "") -> tuple[Made, ...]:
    """A domain, a profile in it and its private space; the operation `lost` is not answered."""
    member = {"DomainId": "d-1", "Status": "InService"}
    sharing = {
        "SpaceSharingSettingsSummary": {"SharingType": "Private"},
        "OwnershipSettingsSummary": {"OwnerUserProfileName": "ana"},
    }
    settings: dict[str, Any] = {"ExecutionRole": own} if own else {}
    rows = [
        ("list_domains", "", {"Domains": [{"DomainArn": DOMAIN, "DomainId": "d-1"}]}, ""),
        (
            "describe_domain",
            "d-1",
            {"DomainArn": DOMAIN, "DefaultUserSettings": {"ExecutionRole": default}},
            "list_domains",
        ),
        ("list_user_profiles", "", {"UserProfiles": [{"UserProfileName": "ana", **member}]}, ""),
        (
            "describe_user_profile",
            "d-1|ana",
            {"UserProfileArn": PROFILE, "UserSettings": settings},
            "list_user_profiles",
        ),
        ("list_spaces", "", {"Spaces": [{"SpaceName": "lab", **member, **sharing}]}, ""),
    ]
    made = []
    for method, argument, page, parent in rows:
        call = Made(
            f"sagemaker.{method}",
            argument,
            (page,),
            region="eu-west-1",
            parent=f"sagemaker.{parent}" if parent else None,
        )
        gone = replace(call, pages=None, outcome=Outcome.THROTTLED)
        made.append(gone if method == lost else call)
    return tuple(made)


def _roles(store: Store, root: Path, *runs: tuple[Made, ...]) -> set[tuple[str, str]]:
    """As whom things work once these runs were loaded, a day apart."""
    for day, calls in enumerate(runs):
        path = snapshot(root / f"s{day}", calls)
        load_snapshot(path, store, resolve=unresolved, now=NOW + timedelta(days=day))
    return {(edge.source, edge.target) for edge in store.edges(kinds=frozenset({"RUNS_AS"}))}


def test_a_default_role_stands_while_its_domain_is_not_answered(
    store: Store, tmp_path: Path
) -> None:
    found = _roles(store, tmp_path, _studio(), _studio(lost="describe_domain"))
    assert found == {(PROFILE, DEFAULT), (SPACE, DEFAULT)}


def test_a_new_default_reaches_profiles_that_were_not_answered(
    store: Store, tmp_path: Path
) -> None:
    found = _roles(
        store, tmp_path, _studio(), _studio(default=f"{DEFAULT}2", lost="describe_user_profile")
    )
    assert found == {(PROFILE, f"{DEFAULT}2"), (SPACE, f"{DEFAULT}2")}


def test_a_role_of_its_own_takes_the_place_of_the_default_and_gives_it_back(
    store: Store, tmp_path: Path
) -> None:
    assert _roles(store, tmp_path / "a", _studio(), _studio(own=OWN)) == {
        (PROFILE, OWN),
        (SPACE, OWN),
    }
    assert _roles(store, tmp_path / "b", _studio()) == {(PROFILE, DEFAULT), (SPACE, DEFAULT)}


def test_an_app_is_asked_for_where_it_runs_and_not_once_it_is_gone() -> None:
    call = by_operation("aws")["sagemaker.describe_app"].call
    app = {"DomainId": "d-1", "AppType": "JupyterLab", "AppName": "default", "Status": "InService"}
    rows = [
        {**app, "SpaceName": "lab"},
        {**app, "UserProfileName": "ana"},
        {**app, "SpaceName": "old", "Status": "Deleted"},
    ]
    assert arguments(call, "sagemaker.list_apps", [{"Apps": rows}]) == (
        "d-1|SpaceName|lab|JupyterLab|default",
        "d-1|UserProfileName|ana|JupyterLab|default",
    )


def test_packages_are_asked_for_per_group_and_once_for_those_of_none() -> None:
    call = by_operation("aws")["sagemaker.list_model_packages"].call
    groups = [{"ModelPackageGroupName": "a"}, {"ModelPackageGroupName": "b"}]
    pages = [{"ModelPackageGroupSummaryList": groups}, {"ModelPackageGroupSummaryList": []}]
    assert arguments(call, "sagemaker.list_model_package_groups", pages) == (
        "ModelPackageType|Unversioned",
        "ModelPackageGroupName|a",
        "ModelPackageGroupName|b",
    )
