"""The pages say what is so: transcripts are run, links lead somewhere, tables agree with what is declared."""

import contextlib
import io
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from running import Ended

from access.technique import BINDINGS, GAINS, PLACES, catalogue
from graph.model import Capability
from graph.render import markdown
from graph.schema import schema
from scripts import permissions, queries, rules, techniques
from ui.cli import commands, main
from ui.commands.demo import QUESTIONS
from ui.exits import Exit
from ui.settings import SETTINGS

ROOT = Path(__file__).parent.parent
PAGES = (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md")))
TOLD = (ROOT / "README.md", ROOT / "docs" / "guide.md")
WRITTEN_BY_HAND = {ROOT / "docs" / "guide.md"}
GENERATED = {
    ROOT / "docs" / "schema.md": markdown(schema()),
    **permissions.written(),
    **techniques.written(),
    **queries.written(),
    **rules.written(),
}
TRANSCRIPT = re.compile(
    r"^```console\n\$ shadowgraph (?P<words>.*)\n(?P<told>(?:.*\n)*?)```$", re.MULTILINE
)


def started(words: list[str]) -> Ended:
    """Run a command line; what it writes to either stream comes in one text, as on a terminal."""
    both = io.StringIO()
    with contextlib.redirect_stdout(both), contextlib.redirect_stderr(both):
        code = main(words)
    return Ended(code, both.getvalue(), "")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ended]:
    """The demo, run in an empty folder; questions asked there are asked of the sample estate."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("demo"))
        for name in ("CACHE", "CONFIG", "LOG_LEVEL", "LOG_FORMAT", "DEBUG"):
            patch.delenv(f"SHADOWGRAPH_{name}", raising=False)
        patch.setenv("SHADOWGRAPH_NOW", "2026-11-03T06:00:00Z")
        patch.setenv("SHADOWGRAPH_STORE", "sqlite:///.demo/estate.db")
        yield started(["demo", "--headless"])


def test_the_demo_loads_the_sample(demo: Ended) -> None:
    assert (demo.code, demo.out.startswith("the sample estate")) == (0, True)


@pytest.mark.parametrize("question", [words for _, words in QUESTIONS])
def test_what_the_demo_proposes_can_be_asked(demo: Ended, question: str) -> None:
    assert question in demo.out
    assert started(shlex.split(question)).code in {Exit.CLEAN, Exit.INCOMPLETE}


@pytest.mark.parametrize("question", [words for _, words in QUESTIONS if words.startswith("paths")])
def test_a_path_that_the_demo_proposes_exists(demo: Ended, question: str) -> None:
    assert demo.code == 0
    assert "no path" not in started(shlex.split(question)).out


@pytest.mark.parametrize("page", TOLD, ids=lambda page: page.name)
def test_transcripts_are_what_the_program_says(
    demo: Ended, request: pytest.FixtureRequest, page: Path
) -> None:
    assert demo.code == 0
    text = page.read_text(encoding="utf-8")

    def replayed(block: re.Match[str]) -> str:
        ended = started(shlex.split(block["words"]))
        return f"```console\n$ shadowgraph {block['words']}\n{ended.out}```"

    now = TRANSCRIPT.sub(replayed, text)

    if request.config.getoption("--update-golden", default=False):
        page.write_text(now, encoding="utf-8", newline="\n")
    assert now == page.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", TOLD, ids=lambda page: page.name)
def test_every_page_of_use_shows_the_program_at_work(page: Path) -> None:
    assert TRANSCRIPT.search(page.read_text(encoding="utf-8"))


def test_every_link_to_a_file_leads_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in PAGES
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]

    assert broken == []


@pytest.mark.parametrize("page", GENERATED, ids=lambda page: page.name)
def test_generated_pages_are_current(page: Path) -> None:
    assert page.read_text(encoding="utf-8") == GENERATED[page], "run `make docs`"


def test_every_page_beside_the_guide_and_the_decisions_is_generated() -> None:
    assert set((ROOT / "docs").glob("*.md")) - set(GENERATED) == WRITTEN_BY_HAND


def test_every_technique_and_form_has_its_section_and_every_yield_its_row() -> None:
    text, rows = GENERATED[techniques.PAGE], catalogue("aws")
    wanted = [f"#### {row.id}\n" for row in rows.techniques if "~" not in row.id]
    wanted += [f"### {form.replace('/', ': ')}\n" for form in rows.kinds]
    wanted += [f"\n| {row.id} | {row.kind} |" for row in rows.yields]

    assert [text.count(heading) for heading in wanted] == [1] * len(wanted)


def test_every_permission_and_precondition_of_a_technique_is_on_the_page() -> None:
    sections = GENERATED[techniques.PAGE].split("#### ")
    by_id = {section.partition("\n")[0]: section for section in sections}
    missing = [
        (row.id, said)
        for row in catalogue("aws").techniques
        for part in (*row.when, *(part for need in row.needs for part in need.any), row.passes)
        for said in [str(getattr(part, "action", part))]
        if said not in by_id[row.id.partition("~")[0]]
    ]

    assert missing == []


def test_the_page_of_techniques_has_a_meaning_for_every_word_of_the_rows() -> None:
    rows = catalogue("aws")
    sources = {row.source for row in (*rows.techniques, *rows.yields)}

    assert set(techniques.BINDINGS) == BINDINGS
    assert set(techniques.BINDINGS) | set(techniques.GAINS) >= GAINS
    assert set(techniques.PLACES) == PLACES
    assert set(techniques.CAPABILITIES) == set(Capability)
    assert set(techniques.SOURCES) >= sources


def test_the_guide_names_every_command_and_no_other() -> None:
    told = re.findall(r"^\| `shadowgraph (\w+)", TOLD[1].read_text(encoding="utf-8"), re.MULTILINE)

    assert sorted(told) == sorted(command.name for command in commands())


def test_commands_written_anywhere_exist() -> None:
    known = {command.name for command in commands()}
    written = {
        (page.name, word)
        for page in (*TOLD, ROOT / "CHANGELOG.md")
        for word in re.findall(r"shadowgraph (?:--quiet )?([a-z]+)\b", page.read_text("utf-8"))
        if "shadowgraph " + word in page.read_text("utf-8")
    }

    prose = {"says", "reads", "shows"}
    assert {(page, word) for page, word in written if word not in known | prose} == set()


def test_the_guide_lists_every_setting_as_it_is_declared() -> None:
    rows = re.findall(
        r"^\| (?:`([\w.]+)`)? ?\| `(\w+)` \| (?:`([^`]+)`)? ?\| (.+) \|$",
        TOLD[1].read_text(encoding="utf-8"),
        re.MULTILINE,
    )

    assert rows == [
        (setting.key if "." in setting.key else "", setting.variable, setting.default, setting.doc)
        for setting in SETTINGS
    ]


def test_the_readme_tells_the_exit_codes_of_the_program() -> None:
    told = re.findall(r"^\| (\d+) \|", TOLD[0].read_text(encoding="utf-8"), re.MULTILINE)

    answers = (Exit.CLEAN, Exit.FINDINGS, Exit.WRONG, Exit.INCOMPLETE)
    assert [int(code) for code in told] == [int(code) for code in answers]


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(page.name[:4]) for page in sorted((ROOT / "docs" / "adr").glob("*.md"))]

    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "adr").glob("*.md")), ids=lambda p: p.stem)
def test_a_decision_carries_its_number_and_stays_short(page: Path) -> None:
    lines = page.read_text(encoding="utf-8").splitlines()

    assert (lines[0].startswith(f"# {page.name[:4]} "), len(lines) <= 45) == (True, True)


def test_every_dependency_is_accounted_for() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    names = re.findall(r'^    "([A-Za-z][\w-]*)>=', project, re.MULTILINE)
    page = (ROOT / "docs" / "adr" / "0007-dependencies.md").read_text(encoding="utf-8")

    assert [name for name in names if not re.search(rf"\b{re.escape(name)}\b", page)] == []


def test_the_changelog_has_a_part_for_what_is_unreleased() -> None:
    assert "\n## [Unreleased]\n" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_no_service_listens_beyond_this_machine() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    ports = [port for one in compose["services"].values() for port in one.get("ports", ())]

    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def _kept_by_the_compose_schema(file: Path) -> bool:
    """Whether the Compose Specification's own schema has nothing against the file."""
    program = Path(sys.executable).with_name("check-jsonschema")
    command = [str(program), "--builtin-schema", "vendor.compose-spec", str(file)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_the_services_keep_the_schema_of_compose(tmp_path: Path) -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    wrong = tmp_path / "docker-compose.yml"
    wrong.write_text(text.replace("read_only: true", "read_onely: true"), encoding="utf-8")

    assert _kept_by_the_compose_schema(ROOT / "docker-compose.yml")
    assert not _kept_by_the_compose_schema(wrong)


def test_the_services_wait_for_what_is_there() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    services = compose["services"]

    for service in services.values():
        for other, said in service.get("depends_on", {}).items():
            assert other in services
            assert said["condition"] != "service_healthy" or "healthcheck" in services[other]
            assert set(services[other].get("profiles", ())) <= set(service.get("profiles", ()))
        volumes = [volume.partition(":")[0] for volume in service.get("volumes", ())]
        assert set(volumes) <= compose["volumes"].keys()


def test_the_image_runs_as_a_user_without_rights() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    users = [line.split()[1] for line in lines if line.startswith("USER ")]

    assert users
    assert users[-1] not in {"root", "0"}


def test_one_installer_version_is_named_everywhere() -> None:
    bootstrap = (ROOT / "scripts" / "bootstrap").read_text(encoding="utf-8")
    image = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    version = re.search(r'UV_VERSION="([\d.]+)"', bootstrap)

    assert version
    assert f"uv=={version[1]}" in image
