"""Every command on a small account: its answer in each form, and its exit code."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from running import Run
from small_estate import HOSTILE, write_snapshot

Golden = Callable[[str, str], None]

UNREAD = "s3.get_bucket_policy/claims"
STORE = "sqlite:///estate.db"
FORMS = {"table": "txt", "json": "json", "csv": "csv"}
QUESTIONS = {
    "blast-alice": ("blast", "alice"),
    "blast-all": ("blast", "--all"),
    "who-claims": ("who", "claims", "--capability", "READ"),
    "paths-bob": ("paths", "--from", "bob", "--to", "claims"),
    "paths-bob-explained": ("paths", "--from", "bob", "--to", "claims", "--explain"),
    "paths-alice": ("paths", "--from", "alice", "--to", "models", "--capability", "write"),
    "paths-none": ("paths", "--from", "alice", "--to", "claims"),
    "paths-sets": ("paths", "--from", "kind:User", "--to", "kind:Dataset", "--top", "5"),
    "paths-all": ("paths", "--to", "claims", "--group", "none", "--top", "4"),
    "paths-disjoint": ("paths", "--from", "bob", "--to", "claims", "--disjoint", "3"),
    "choke": ("choke", "--to", "kind:Dataset"),
    "cut": ("cut", "--to", "claims"),
    "cut-bob": ("cut", "--from", "bob", "--to", "claims", "--no-proof"),
    "whatif": ("whatif", "--leave", "bob", "analysts"),
    "check": ("check",),
    "check-rules": ("check", "--by-rule"),
    "shadow": ("shadow",),
    "privilege": ("privilege",),
    "privilege-alice": ("privilege", "--identity", "alice"),
    "coverage": ("coverage",),
    "coverage-all": ("coverage", "--all"),
}

FINDING = (
    "check",
    "check-rules",
    "shadow",
)  # they end with 1 where they find something, whatever was read
OF_USE = (
    "privilege",
    "privilege-alice",
)  # they rest on a log of calls, which this account was not asked for
JUDGING = {*FINDING, *OF_USE}


@pytest.fixture
def loaded(run: Run, tmp_path: Path) -> Run:
    """The program beside a store of the account, in which one bucket's policy could not be read."""
    run("load", write_snapshot(tmp_path / "snapshot", denied={UNREAD}))
    return run


@pytest.fixture
def whole(run: Run, tmp_path: Path) -> Run:
    """The program beside a store of the account, read completely."""
    run("load", write_snapshot(tmp_path / "snapshot"))
    return run


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("question", QUESTIONS)
def test_the_answer_is_the_reviewed_one(
    loaded: Run, golden: Golden, question: str, form: str
) -> None:
    ended = loaded(*QUESTIONS[question], "--format", form)

    golden(f"{question}.{FORMS[form]}", ended.out)


@pytest.mark.parametrize("form", FORMS)
def test_a_load_tells_what_was_reviewed(
    run: Run, golden: Golden, tmp_path: Path, form: str
) -> None:
    write_snapshot(tmp_path / "snapshot", denied={UNREAD})

    ended = run("load", "snapshot", "--format", form)

    golden(f"load.{FORMS[form]}", ended.out)


@pytest.mark.parametrize("question", sorted(set(QUESTIONS) - set(FINDING)))
def test_an_answer_from_incomplete_data_ends_with_3(loaded: Run, question: str) -> None:
    assert loaded(*QUESTIONS[question]).code == 3


@pytest.mark.parametrize("question", sorted(set(QUESTIONS) - {"blast-all", *JUDGING}))
def test_an_answer_from_complete_data_ends_with_0(whole: Run, question: str) -> None:
    ended = whole(*QUESTIONS[question])

    assert (ended.code, ended.err) == (0, "")


@pytest.mark.parametrize("question", FINDING)
def test_whoever_finds_something_ends_with_1_however_much_was_read(
    loaded: Run, question: str
) -> None:
    assert loaded(*QUESTIONS[question]).code == 1


@pytest.mark.parametrize("question", FINDING)
def test_whoever_finds_something_in_complete_data_ends_with_1(whole: Run, question: str) -> None:
    assert whole(*QUESTIONS[question]).code == 1


@pytest.mark.parametrize("question", OF_USE)
def test_what_was_used_is_incomplete_where_no_log_was_read(whole: Run, question: str) -> None:
    assert whole(*QUESTIONS[question]).code == 3


def test_a_load_with_a_refused_call_ends_with_3(run: Run, tmp_path: Path) -> None:
    assert run("load", write_snapshot(tmp_path / "s", denied={UNREAD})).code == 3


def test_a_complete_load_ends_with_0(run: Run, tmp_path: Path) -> None:
    assert run("load", write_snapshot(tmp_path / "s")).code == 0


def test_a_call_that_was_never_made_makes_answers_incomplete(run: Run, tmp_path: Path) -> None:
    run("load", write_snapshot(tmp_path / "s", left_out={"kms.list_keys"}))

    ended = run("blast", "alice")

    assert (ended.code, "1 never asked" in ended.out) == (3, True)


def test_the_control_policies_that_were_never_asked_for_are_named(run: Run, tmp_path: Path) -> None:
    call = "organizations.list_policies/RESOURCE_CONTROL_POLICY"
    run("load", write_snapshot(tmp_path / "s", left_out={call}))

    assert call in run("coverage").out


def test_a_csv_answer_says_on_the_error_stream_that_it_is_incomplete(loaded: Run) -> None:
    ended = loaded("blast", "alice", "--format", "csv")

    assert "incomplete: 1 not answered" in ended.err


def test_quiet_leaves_out_remarks(loaded: Run) -> None:
    assert loaded("--quiet", "blast", "alice", "--format", "csv").err == ""


def test_the_second_load_of_the_same_snapshot_changes_nothing(run: Run, tmp_path: Path) -> None:
    write_snapshot(tmp_path / "s")
    run("load", "s")

    told = json.loads(run("load", "s", "--format", "json").out)

    assert (sum(told["changed_facts"].values()), sum(told["changed_conclusions"].values())) == (
        0,
        0,
    )


def test_no_form_of_an_answer_acts_on_the_terminal(loaded: Run) -> None:
    for form in FORMS:
        told = loaded("blast", "--all", "--format", form).out
        assert all(char.isprintable() for line in told.split("\n") for char in line)


def test_no_cell_of_an_answer_begins_like_a_formula(loaded: Run) -> None:
    told = loaded("blast", "--all", "--format", "csv").out

    rows = list(csv.reader(io.StringIO(told)))

    assert "'=cmd\\x1b[2J\\u202e[red]" in {cell for row in rows for cell in row}


def test_json_gives_a_hostile_name_back_unchanged(loaded: Run) -> None:
    told = json.loads(loaded("blast", "--all", "--format", "json").out)

    assert HOSTILE in {row["name"] for row in told["result"]}


@pytest.mark.parametrize(
    "text", ["alice", "user/alice", "arn:aws:iam::123456789012:user/alice", "ALICE"]
)
def test_a_node_is_found_by_id_name_or_the_end_of_an_id(loaded: Run, text: str) -> None:
    assert loaded("blast", text).out.startswith("`alice` with CONTROL")


def test_an_unknown_node_is_wrong_use_with_what_was_meant(loaded: Run) -> None:
    ended = loaded("blast", "alcie")

    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "shadowgraph: no node `alcie`\n"
        "did you mean `arn:aws:iam::123456789012:user/alice` (User)?\n"
    )


def test_a_node_without_the_capability_is_wrong_use(loaded: Run) -> None:
    ended = loaded("who", "claims", "--capability", "INVOKE")

    assert (ended.code, ended.err.splitlines()[0]) == (
        2,
        "shadowgraph: `claims` has no state `INVOKE`",
    )


@pytest.mark.parametrize(
    "words", [("blast",), ("blast", "alice", "--all"), ("blast", "--all", "-c", "READ")]
)
def test_a_blast_of_nothing_or_of_two_things_is_wrong_use(
    loaded: Run, words: tuple[str, ...]
) -> None:
    assert loaded(*words).code == 2


def test_only_definite_steps_are_walked_where_that_is_asked(loaded: Run) -> None:
    words = ("paths", "--from", "alice", "--to", "models", "--capability", "write")

    assert "no path" in loaded(*words, "--certainty", "definite").out


@pytest.mark.parametrize(
    "command",
    [("blast", "--all"), ("who", "x"), ("paths", "--from", "a", "--to", "b"), ("coverage",)],
)
def test_a_question_to_no_store_is_one_line(run: Run, command: tuple[str, ...]) -> None:
    ended = run(*command)

    assert (ended.code, ended.err.startswith("shadowgraph: no store at")) == (2, True)


BAD = {
    "nothing there": (None, "no such file or folder"),
    "no JSON": ("{", "is not JSON"),
    "no details": ("[]", ""),
    "empty": ("", "is empty"),
}


@pytest.mark.parametrize("case", BAD)
def test_an_input_that_cannot_be_read_is_one_line_and_ends_with_2(
    run: Run, tmp_path: Path, case: str
) -> None:
    content, message = BAD[case]
    if content is not None:
        (tmp_path / "account.json").write_text(content)

    ended = run("load", "account.json")

    assert (ended.code, ended.out, ended.err.startswith("shadowgraph: ")) == (2, "", True)
    assert message in ended.err
