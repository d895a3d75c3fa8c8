"""Answers that nobody recorded: every member of them stands in the service model of the SDK."""

import json
from pathlib import Path
from typing import Any

import pytest
from ingest_cases import CASES, case_folders
from service_shapes import output, strange

from ingest.source import by_operation
from scripts.permissions import NOTHING, distorted, evidence
from scripts.permissions import page as permissions_page

FAMILIES = sorted({folder.parent for folder in case_folders()})


def _given(folder: Path) -> dict[str, Any]:
    held: dict[str, Any] = json.loads((folder / "given.json").read_text(encoding="utf-8"))
    return held


def _strange(folder: Path) -> list[str]:
    """Where the answers of a case leave the service models."""
    return [
        where
        for answer in _given(folder)["answers"]
        for page in answer["pages"]
        for where in strange(page, output(answer["operation"]), answer["operation"])
    ]


WELL_FORMED = [folder for folder in case_folders() if not distorted(folder, _given(folder))]


@pytest.mark.parametrize("folder", WELL_FORMED, ids=lambda folder: str(folder.relative_to(CASES)))
def test_an_answer_that_nobody_recorded_fits_the_service_model(folder: Path) -> None:
    assert {row["operation"] for row in _given(folder)["answers"]} <= by_operation("aws").keys()
    assert _strange(folder) == []


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: str(family.name))
def test_a_family_says_where_its_answers_come_from_and_has_well_formed_ones(family: Path) -> None:
    assert "botocore" in (family / "ORIGIN.md").read_text(encoding="utf-8")
    assert family in {folder.parent for folder in WELL_FORMED}


def test_a_case_is_called_odd_only_where_it_is() -> None:
    marked = [folder for folder in case_folders() if "odd" in _given(folder)]
    assert marked
    assert [folder for folder in marked if not _strange(folder)] == []


def test_every_call_is_proved_with_an_answer_that_is_not_distorted() -> None:
    proofs = evidence()
    assert sorted(by_operation("aws").keys() - proofs.keys()) == []
    assert NOTHING not in permissions_page()


def test_a_distorted_case_proves_nothing() -> None:
    assert distorted(Path("unknown-members"), {})
    assert distorted(Path("unreadable-policy"), {})
    assert distorted(Path("settings-odd"), {})
    assert distorted(Path("plain"), {"odd": True})
    assert not distorted(Path("plain"), {})


def test_a_member_that_no_service_model_knows_is_seen() -> None:
    page = {"Apps": [{"AppName": 5, "Appname": "x"}], "NextToken": "t"}
    assert list(strange(page, output("sagemaker.list_apps"), "list")) == [
        "list.Apps.AppName",
        "list.Apps.Appname",
    ]
    tags = {"Tags": {"a": 1}}
    assert list(strange(tags, output("lambda.list_tags"), "tags")) == ["tags.Tags.*"]
