"""The house rules of the app: no door for markup of strangers, nothing from elsewhere, no logic in pages."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

UI = Path(__file__).parents[2] / "ui"
SOURCES = sorted(path for path in UI.rglob("*") if path.suffix in {".py", ".js", ".css"})
# Each of these let a name run, or be fetched, when it was tried; captions miss the contrast rule.
FORBIDDEN = {
    "unsafe_allow_html": re.compile(r"unsafe_allow_(html|javascript)"),
    "raw markup": re.compile(r"\bst\.(html|iframe|components\.v1)\b|components\.v1"),
    "map tiles": re.compile(r"\bst\.(map|pydeck_chart)\b"),
    "captions": re.compile(r"\b(st|column|left|right|row|head)\.caption\("),
    "markup in scripts": re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
    ),
    "an icon of the window from elsewhere": re.compile(r"page_icon=[\"']:"),
    "addresses of other machines": re.compile(
        r"(?<!xmlns=\")https?://(?!127\.0\.0\.1|www\.w3\.org)[a-z]"
    ),
}
READS_NOTHING = ("queries", "access", "ingest", "graph.store", "graph.stores", "graph.projection")


def code_of(path: Path) -> str:
    """The source without comments and docstrings, which may speak of what is forbidden."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return re.sub(r"/\*.*?\*/|^\s*//.*$", "", text, flags=re.DOTALL | re.MULTILINE)
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node
        ):
            node.body[0] = ast.Pass()
    return ast.unparse(tree)


@pytest.mark.parametrize("rule", FORBIDDEN)
def test_nothing_in_the_app_uses_what_is_forbidden(rule: str) -> None:
    found = [
        f"{path.relative_to(UI)}: {match[0]}"
        for path in SOURCES
        for match in FORBIDDEN[rule].finditer(code_of(path))
    ]

    assert found == []


@pytest.mark.parametrize("path", sorted((UI / "pages").glob("*.py")), ids=lambda path: path.stem)
def test_a_page_asks_nothing_by_itself(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]

    asking = [
        module
        for module in modules
        if any(module == one or module.startswith(f"{one}.") for one in READS_NOTHING)
    ]
    assert asking == []


@pytest.mark.parametrize(
    "path", sorted((UI / "pagemodels").glob("*.py")), ids=lambda path: path.stem
)
def test_a_model_knows_no_browser(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [
        name
        for node in ast.walk(tree)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else []
        )
    ]

    assert [name for name in names if name.startswith(("streamlit", "ui.shell", "ui.pages"))] == []


def test_pages_have_no_icon_that_streamlit_would_fetch() -> None:
    calls = [
        keyword.arg
        for path in SOURCES
        if path.suffix == ".py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "st.Page"
        for keyword in node.keywords
    ]

    assert calls
    assert "icon" not in calls
