"""The house rules that no linter knows: flat names, sizes, docstrings, layers, a light start."""

import ast
import importlib.metadata
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = ("graph", "access", "ingest", "queries", "ui")
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "manager", "data", "info", "misc"}


@cache
def sources() -> tuple[Path, ...]:
    """Every file that is, or could be, committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return tuple(
        path for name in sorted(set(listed.split("\0")) - {""}) if (path := ROOT / name).is_file()
    )


def files(*suffixes: str, below: tuple[str, ...] = ()) -> list[Path]:
    """Every file of ours with one of these endings, in these top folders or anywhere."""
    return [
        path
        for path in sources()
        if path.suffix in suffixes and (not below or path.relative_to(ROOT).parts[0] in below)
    ]


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(module: ast.Module) -> Iterator[Function]:
    return (node for node in ast.walk(module) if isinstance(node, Function))


def public_definitions(
    body: list[ast.stmt], prefix: str = ""
) -> Iterator[tuple[str, Function | ast.ClassDef]]:
    """Module-level and class-level definitions whose whole dotted name is public."""
    for node in body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield prefix + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from public_definitions(node.body, f"{prefix}{node.name}.")


def test_nothing_in_ui_is_named_like_a_layer() -> None:
    taken = [path for path in (ROOT / "ui").rglob("*") if path.stem in LAYERS]

    assert taken == []


def test_no_test_folder_is_named_like_a_layer() -> None:
    taken = [path for path in (ROOT / "tests").iterdir() if path.is_dir() and path.name in LAYERS]

    assert taken == []


def test_no_other_distribution_owns_a_layer_name() -> None:
    owners = importlib.metadata.packages_distributions()

    foreign = {layer: set(owners.get(layer, ())) - {"shadowgraph"} for layer in LAYERS}

    assert foreign == {layer: set() for layer in LAYERS}


def test_every_layer_is_marked_as_typed() -> None:
    assert [layer for layer in LAYERS if not (ROOT / layer / "py.typed").exists()] == []


def test_test_modules_have_unique_names() -> None:
    names = [path.name for path in files(".py", below=("tests",)) if path.name != "conftest.py"]
    twice = sorted({name for name in names if names.count(name) > 1 and name != "__init__.py"})

    assert twice == []


def test_no_module_is_named_after_nothing() -> None:
    vague = [
        shown(path)
        for path in files(".py", below=LAYERS)
        # The kinds are named after their families, and one family is the data of the estate.
        if path.stem in SAYS_NOTHING and path.parent != ROOT / "graph" / "kinds"
    ]

    assert vague == []


def test_no_module_is_longer_than_500_lines() -> None:
    long = {
        shown(path): count
        for path in files(".py")
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 500
    }

    assert long == {}


def test_no_function_is_longer_than_60_lines() -> None:
    long = {
        f"{shown(path)}:{node.lineno} {node.name}": length
        for path in files(".py", below=(*LAYERS, "scripts", "sample", "benchmarks"))
        for node in functions(tree(path))
        if (length := (node.end_lineno or node.lineno) - node.lineno + 1) > 60
    }

    assert long == {}


def test_every_module_class_and_public_function_has_a_docstring() -> None:
    bare = []
    for path in files(".py", below=LAYERS):
        module = tree(path)
        if not ast.get_docstring(module):
            bare.append(shown(path))
        bare += [
            f"{shown(path)}:{node.lineno} {name}"
            for name, node in public_definitions(module.body)
            if not ast.get_docstring(node)
        ]

    assert bare == []


# Spelled in two parts so that this file does not find itself.
UNFINISHED = re.compile(
    "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "NotImplemented" + "Error"))
)
MACHINE_PATH = re.compile(r"(?<![\w.\-/])/(?:work|root|Users)" + r"/\w")
TEXT = (".py", ".yaml", ".yml", ".toml", ".md", ".cypher", "")


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{shown(path)}:{number} {line.strip()[:100]}"
        for path in files(*TEXT)
        # Recorded answers of platforms are evidence and stay as they were recorded.
        if "tests/data/" not in shown(path) and path.name != "LICENSE"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


def test_nothing_is_left_to_be_done() -> None:
    assert lines_with(UNFINISHED) == []


def test_no_path_of_a_machine_is_written_down() -> None:
    assert lines_with(MACHINE_PATH) == []


def test_every_suppression_names_its_code_and_its_reason() -> None:
    # The code follows the mark, and the reason follows the code after a second `#` or a dash.
    mark = re.compile(r"#\s*(?:noqa|type:\s*ignore)\b(?P<rest>.*)$")
    code = re.compile(
        r"^(?::\s*[A-Z]+[0-9]+(?:\s*,\s*[A-Z]+[0-9]+)*|\[[\w\-, ]+\])\s*(?:#|-)?\s*(?P<why>.*)$"
    )
    bare = []
    for path in files(".py"):
        if path == Path(__file__):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            found = mark.search(line)
            if found and not ((told := code.match(found["rest"])) and len(told["why"]) >= 5):
                bare.append(f"{shown(path)}:{number} {line.strip()}")

    assert bare == []


def test_print_stands_only_where_a_program_talks() -> None:
    printing = [
        f"{shown(path)}:{node.lineno}"
        for path in files(".py", below=("graph", "access", "ingest", "queries"))
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]

    assert printing == []


def test_layers_are_kept() -> None:
    linter = Path(sys.executable).with_name("lint-imports")

    done = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "package", ["numpy", "scipy", "pandas", "boto3", "neo4j", "networkx", "yaml"]
)
def test_help_starts_without_loading(package: str) -> None:
    probe = (
        "import sys\n"
        "from ui.cli import main\n"
        "main(['--help'])\n"
        f"sys.exit({package!r} in sys.modules)"
    )

    done = subprocess.run(
        [sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
