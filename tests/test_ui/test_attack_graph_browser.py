"""The drawing in a browser: mouse, keyboard, zoom, files and themes, with names that attack it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from browser import STREAMLIT_READY, Served, chromium, page_of, served, streamlit_script
from playwright.sync_api import Browser, Locator, Page, expect

SCRIPT = """
import streamlit as st

from graph.model import Certainty
from ui.components.attack_graph import attack_graph
from ui.drawing.picture import Card, Link, Picture

st.set_page_config(layout="wide")
EVIL = '<img src="http://elsewhere.example/x" onerror="window.hurt=1"><script>window.hurt=1</script>'
asked = st.query_params.get("scene", "path")
cards = [
    Card("u", "User", "j.alvarez@corp", "User, dev 1111"),
    Card("r", "Role", "ds-sandbox-user", "Role, dev 1111"),
    Card("n", "Notebook", "nb-churn-explore-2024-07-01", "Notebook", badge="2"),
    Card("m", "Notebook", "nb-forecast", "Notebook, idle"),
    Card("d", "Dataset", "prod-claims-pii", "Dataset", critical=True, word="restricted"),
]
links = [
    Link("ur", "u", "r", "can assume"),
    Link("rn", "r", "n", "can open"),
    Link("rm", "r", "m", "can open", Certainty.CONDITIONAL),
    Link("last", "n", "d", "reads", Certainty.POSSIBLE, True),
]
if asked == "evil":
    cards = [Card(card.id, "Role", EVIL, EVIL, badge=EVIL, word=EVIL) for card in cards]
    links = [Link(link.id, link.source, link.target, EVIL) for link in links]
if asked == "group":
    cards += [Card(f"s{at}", "Secret", f"secret-{at}") for at in range(4)]
    links += [Link(f"s{at}", "n", f"s{at}", "reads") for at in range(4)]
event = attack_graph(
    Picture(tuple(cards), tuple(links)),
    key="drawing",
    title=EVIL if asked == "evil" else "Contractor can read claims",
    selected=st.query_params.get("selected"),
)
chosen = event.selected
st.text(f"chosen: {chosen.type} {chosen.id}" if chosen else "chosen: nothing")
st.button("Run again")
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    script = tmp_path_factory.mktemp("drawing") / "drawing.py"
    script.write_text(SCRIPT, encoding="utf-8")
    with served(streamlit_script(script), ready=STREAMLIT_READY) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with page_of(browser, width=1600) as opened:
        yield opened


def opened(page: Page, server: Served, query: str = "") -> Locator:
    """The drawing on the page, once it is drawn."""
    page.goto(f"{server.url}/?{query}")
    drawing = page.locator('[data-testid="attack-graph"][data-ready="true"]')
    drawing.wait_for(timeout=30_000)
    return drawing


def card(page: Page, name: str) -> Locator:
    return page.locator(f'[data-node-id="{name}"]')


def dimmed(page: Page) -> list[str | None]:
    found = page.locator(".card.dim").all()
    return sorted(one.get_attribute("data-node-id") or "" for one in found)


def says(page: Page, chosen: str) -> None:
    expect(page.get_by_text(f"chosen: {chosen}", exact=True)).to_be_visible(timeout=15_000)


def focused(page: Page) -> str | None:
    found: str | None = page.evaluate(
        "() => { let at = document.activeElement;"
        " while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;"
        " return at?.dataset.nodeId ?? at?.dataset.linkId ?? null }"
    )
    return found


def test_the_keyboard_walks_the_path_and_chooses(page: Page, server: Served) -> None:
    opened(page, server)
    for _ in range(20):
        page.keyboard.press("Tab")
        if focused(page):
            break
    walked = [focused(page)]
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowUp", "ArrowRight", "Home", "End"):
        page.keyboard.press(key)
        walked.append(focused(page))

    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")

    assert walked[:3] in (["u", "r", "n"], ["u", "r", "m"])
    assert {walked[3], walked[4]} <= {"n", "m"}
    assert walked[6:] == ["u", "d"]
    expect(card(page, "r")).to_have_attribute("aria-pressed", "true")
    says(page, "node r")
    assert focused(page) == "r"
    page.keyboard.press("Escape")
    says(page, "nothing")
    expect(card(page, "r")).to_have_attribute("aria-pressed", "false")


def test_the_keyboard_reaches_links_too(page: Page, server: Served) -> None:
    opened(page, server)
    card(page, "u").focus()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Enter")

    says(page, "link ur")
    page.keyboard.press("ArrowRight")
    assert focused(page) == "r"


@pytest.mark.parametrize("query", ["", "selected=", "selected=unknown"])
def test_without_a_known_choice_nothing_is_dimmed(page: Page, server: Served, query: str) -> None:
    opened(page, server, query)

    says(page, "nothing")
    assert dimmed(page) == []
    assert page.locator(".kept").count() == 0


def test_a_click_dims_what_is_neither_before_nor_behind(page: Page, server: Served) -> None:
    opened(page, server)
    card(page, "n").click()

    says(page, "node n")
    assert dimmed(page) == ["m"]
    kept = sorted(one.get_attribute("data-link-id") or "" for one in page.locator(".kept").all())
    assert kept == ["last", "rn", "ur"]
    card(page, "n").click()
    says(page, "nothing")
    assert dimmed(page) == []


def test_a_click_beside_everything_clears(page: Page, server: Served) -> None:
    opened(page, server, "selected=rm")
    says(page, "link rm")
    assert dimmed(page) == ["d", "n"]

    page.locator('[data-testid="graph-scroll"]').click(position={"x": 3, "y": 3})

    says(page, "nothing")


def test_a_run_keeps_zoom_scroll_choice_and_focus(page: Page, server: Served) -> None:
    drawing = opened(page, server)
    for _ in range(3):
        page.get_by_role("button", name="Zoom in").click()
    card(page, "r").click()
    says(page, "node r")
    scroll = page.locator('[data-testid="graph-scroll"]')
    scroll.evaluate("box => { box.scrollLeft = 77 }")
    zoom = drawing.get_attribute("data-zoom")
    drawing.evaluate("root => { root.marked = true }")

    page.get_by_role("button", name="Run again").click()
    page.wait_for_timeout(1000)

    assert drawing.get_attribute("data-zoom") == zoom != "1.000"
    assert scroll.evaluate("box => box.scrollLeft") == 77
    assert drawing.evaluate("root => root.marked") is True
    expect(card(page, "r")).to_have_attribute("aria-pressed", "true")


def test_hostile_names_run_nothing_and_ask_nothing(page: Page, server: Served) -> None:
    drawing = opened(page, server, "scene=evil")
    card(page, "r").click()
    says(page, "node r")

    assert page.evaluate("window.hurt") is None
    assert drawing.locator("img, script, foreignObject").count() == 0
    assert "<img" in (card(page, "r").get_attribute("aria-label") or "")


def test_the_files_arrive_and_are_what_they_say(page: Page, server: Served, tmp_path: Path) -> None:
    opened(page, server)
    for name in ("PNG", "SVG"):
        with page.expect_download() as waiting:
            page.get_by_role("button", name=f"Download as {name}").click()
        waiting.value.save_as(tmp_path / waiting.value.suggested_filename)

    png = (tmp_path / "contractor-can-read-claims.png").read_bytes()
    svg = (tmp_path / "contractor-can-read-claims.svg").read_text(encoding="utf-8")
    root = ET.fromstring(svg)  # noqa: S314 - the file is what we wrote ourselves
    width, height = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))

    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert (width, height) == (
        2 * float(root.get("width", "0")),
        2 * float(root.get("height", "0")),
    )


def test_nothing_is_drawn_smaller_than_twelve_pixels(browser: Browser, server: Served) -> None:
    with page_of(browser, width=700) as page:
        drawing = opened(page, server)
        smallest = drawing.evaluate(
            "root => Math.min(...[...root.querySelectorAll('text, button, span, output')]"
            ".map(one => parseFloat(getComputedStyle(one).fontSize)"
            " * (one.ownerSVGElement ? one.getScreenCTM().a : 1)))"
        )

        assert smallest >= 12
        assert drawing.get_attribute("data-zoom") == "1.000"
        expect(page.get_by_text("scroll sideways")).to_be_visible()
        expect(page.locator('[data-testid="graph-scroll"]')).to_have_attribute("tabindex", "0")


def test_no_name_touches_a_mark_or_leaves_its_card(page: Page, server: Served) -> None:
    opened(page, server, "scene=evil")
    faults = page.locator('[data-testid="graph-card"]').evaluate_all(
        """cards => cards.flatMap(card => {
            const box = card.querySelector(".box.top").getBoundingClientRect()
            const marks = [...card.querySelectorAll(".badge rect, .count rect")].map(one => one.getBoundingClientRect())
            return [...card.querySelectorAll(":scope > text")].filter(text => {
                const at = text.getBoundingClientRect()
                const meets = marks.some(mark => at.right > mark.left && at.bottom - 4 > mark.top && at.top + 4 < mark.bottom)
                return meets || at.right > box.right - 4
            }).map(text => text.textContent)
        })"""
    )

    assert faults == []


def test_a_stack_opens_by_double_click_and_closes_again(page: Page, server: Served) -> None:
    opened(page, server, "scene=group")
    stack = page.locator('[data-node-id^="group:"]')
    expect(stack).to_have_count(1)
    stack.dblclick()

    expect(card(page, "s3")).to_be_visible(timeout=15_000)
    expect(stack).to_have_count(0)
    page.get_by_role("button", name="Close groups").click()
    expect(stack).to_have_count(1, timeout=15_000)


@pytest.mark.parametrize("dark", [False, True])
def test_both_themes_are_drawn_in_their_colours(
    browser: Browser, server: Served, tmp_path: Path, dark: bool
) -> None:
    with page_of(browser, dark=dark) as page:
        drawing = opened(page, server)
        expect(drawing).to_have_attribute("data-theme", "dark" if dark else "light")
        fill = page.locator(".card .box.top").first.evaluate("box => getComputedStyle(box).fill")
        shot = tmp_path / "drawing.png"
        drawing.screenshot(path=shot)

        assert fill == ("rgb(24, 33, 46)" if dark else "rgb(255, 255, 255)")
        assert shot.stat().st_size > 5_000


def test_a_theme_that_switches_without_a_run_repaints(page: Page, server: Served) -> None:
    drawing = opened(page, server)
    expect(drawing).to_have_attribute("data-theme", "light")
    page.emulate_media(color_scheme="dark")

    expect(drawing).to_have_attribute("data-theme", "dark", timeout=15_000)


def test_every_tool_has_a_name(page: Page, server: Served) -> None:
    drawing = opened(page, server)
    names = [
        button.get_attribute("aria-label")
        for button in drawing.get_by_role("toolbar").get_by_role("button").all()
    ]

    assert names == [
        "Zoom out",
        "Zoom in",
        "Fit the whole drawing",
        "Full screen",
        "Download as PNG",
        "Download as SVG",
    ]
