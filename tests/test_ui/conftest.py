"""Running the program in-process, and golden files that a flag rewrites."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from resolved import Resolved
from running import Ended, Run
from sample_estate import SAMPLE, loaded

from ui.cli import main

GOLDEN = Path(__file__).parent.parent / "golden"
VARIABLES = ("STORE", "CACHE", "CONFIG", "LOG_LEVEL", "LOG_FORMAT", "DEBUG", "NOW")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write golden files instead of comparing"
    )


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs a command line in an empty folder, at a fixed instant, with no settings of the machine."""
    for name in VARIABLES:
        monkeypatch.delenv(f"SHADOWGRAPH_{name}", raising=False)
    monkeypatch.setenv("SHADOWGRAPH_NOW", "2026-03-01T06:00:00Z")
    monkeypatch.chdir(tmp_path)

    def started(*arguments: str | Path) -> Ended:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        return Ended(code, *capsys.readouterr())

    return started


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compares a text with its golden file, or writes the file under `--update-golden`."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden", default=False):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        assert text == path.read_text(encoding="utf-8")

    return compare


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Resolved:
    """The sample, loaded once and resolved once for all tests."""
    return loaded(SAMPLE / "snapshot", tmp_path_factory.mktemp("sample"))
