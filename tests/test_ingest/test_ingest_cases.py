"""Every case folder: these answers make these rows."""

import json
from pathlib import Path

import pytest
from ingest_cases import CASES, case_folders, seen

# Families of steps over the whole estate: no answer of their own to distort.
STEPS = frozenset({"locations", "owners", "people"})
FAMILIES = sorted({folder.parent.name for folder in case_folders()} - STEPS)


@pytest.mark.parametrize(
    "folder", case_folders(), ids=lambda folder: str(folder.relative_to(CASES))
)
def test_answers_make_the_wanted_rows(folder: Path) -> None:
    given = json.loads((folder / "given.json").read_text(encoding="utf-8"))
    want = json.loads((folder / "want.json").read_text(encoding="utf-8"))
    assert json.loads(json.dumps(seen(given))) == want


def test_every_case_says_what_it_is_about() -> None:
    for folder in case_folders():
        assert json.loads((folder / "given.json").read_text(encoding="utf-8"))["about"], folder


def test_every_family_has_the_four_standing_cases() -> None:
    for family in FAMILIES:
        names = {path.name for path in (CASES / family).iterdir()}
        wanted = {"minimal"} if family == "organizations" else {"unknown-members", "hostile-names"}
        assert wanted <= names, family
