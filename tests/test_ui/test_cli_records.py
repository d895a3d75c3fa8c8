"""`load` and `coverage` of systems of record: what is told, in every format, whatever files and rows are called."""

from __future__ import annotations

import json
from pathlib import Path

from running import Run

STORE = ("--store", "sqlite:///estate.db")
REAL = Path(__file__).parents[1] / "data" / "terraform"
ESCAPE = "\x1b[31m"


def test_a_load_tells_what_a_record_lists_and_how_much_of_it_is_there(run: Run) -> None:
    table = run("load", str(REAL / "terraform.tfstate"), *STORE)
    told = json.loads(run("load", str(REAL / "terraform.tfstate"), *STORE, "--format", "json").out)

    line = "terraform state `terraform.tfstate`: 8 rows, 0 in the estate, 7 not, 1 of kinds that are not kept"
    assert (table.code, table.out.count(line)) == (0, 1), table
    assert told["records"] == [
        {
            "record": "terraform.tfstate",
            "flavour": "terraform state",
            "rows": 8,
            "matched": 0,
            "absent": 7,
            "unkept": 1,
        }
    ]
    assert told["changed_facts"] == {}


def test_coverage_tells_when_each_file_was_read(run: Run) -> None:
    run("load", str(REAL / "terraform.tfstate"), *STORE)

    calls = json.loads(run("coverage", "--all", *STORE, "--format", "json").out)["result"]["calls"]

    (row,) = [row for row in calls if row["platform"] == "files"]
    assert (row["call"], row["outcome"], row["items"]) == (
        "files.terraform_state/terraform.tfstate",
        "ok",
        8,
    )
    assert row["last_ok"]


def test_a_row_that_cannot_be_read_ends_with_three_and_is_told(run: Run) -> None:
    Path("known.csv").write_text("id,expires\nx,tomorrow\n", encoding="utf-8")

    ended = run("load", "known.csv", *STORE)
    gaps = run("coverage", *STORE)

    assert (ended.code, ended.out.count("`tomorrow` in `expires` is no day")) == (3, 2), ended
    assert (gaps.code, "files.inventory/known.csv" in gaps.out) == (3, True)


def test_a_damaged_file_ends_with_two_in_one_line_and_makes_no_store(run: Run) -> None:
    Path("prod.tfstate").write_text('{"version": 4, "lineage": "l", "resources": 1}')

    ended = run("load", "prod.tfstate", *STORE)

    assert (ended.code, ended.out) == (2, "")
    assert ended.err.count("`prod.tfstate` is a damaged Terraform file: `serial`") == 1
    assert not Path("estate.db").exists()


def test_hostile_names_of_files_and_rows_do_nothing_to_a_terminal(run: Run) -> None:
    path = Path(f"known{ESCAPE}\u202e.csv")
    path.write_text(f"id,name,kind,colour{ESCAPE}\n,n{ESCAPE},Endpoint,\n,,,\n", encoding="utf-8")

    loaded, gaps = run("load", str(path), *STORE), run("coverage", "--all", *STORE)

    for ended in (loaded, gaps):
        assert "known" in ended.out
        assert not {"\x1b", "\u202e"} & set(ended.out + ended.err)
