"""The pages in a real browser over the sample estate: the questions that analysts bring, answered as they would look for them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import Served, chromium, page_of
from playwright.sync_api import Browser, Page, expect
from visiting import (
    CONTRACTOR,
    HISTORY,
    POLICYHOLDERS,
    SUPPORT,
    app_over,
    drawn,
    focused,
    said,
    sample_store,
    tab_to,
    visit,
)

IDLE = "arn:aws:sagemaker:eu-west-1:111111111111:endpoint/fraud-network"
PAGES: dict[str, tuple[str, dict[str, str]]] = {
    "overview": ("", {}),
    "blast": ("blast", {"id": CONTRACTOR}),
    "path": ("path", {"from_": CONTRACTOR, "to": HISTORY, "cap": "READ"}),
    "path without ends": ("path", {}),
    "paths": ("paths", {}),
    "choke": ("choke", {}),
    "assets": ("assets", {}),
    "assets, one": ("assets", {"id": IDLE}),
    "posture": ("posture", {}),
    "posture, a rule": ("posture", {"rule": "sh-002"}),
    "reports": ("reports", {}),
    "query": ("query", {}),
    "review": ("review", {}),
    "review, one": ("review", {"row": CONTRACTOR}),
    "sources": ("sources", {}),
    "asset": ("asset", {"id": HISTORY}),
    "asset, access in": ("asset", {"id": HISTORY, "tab": "in"}),
}
# Rules broken by Streamlit's own parts that no setting reaches, each by its element.
OWN_TO_STREAMLIT: dict[str, str] = {}
Opens = Callable[..., Page]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with app_over(sample_store(tmp_path_factory.mktemp("sample"))) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with page_of(browser) as opened:
        yield opened


def styled(page: Page) -> None:
    """Wait for the house style, a component that Streamlit mounts after the page, and until nothing moves any more."""
    expect(page.get_by_test_id("stMainBlockContainer")).not_to_have_css("max-width", "none")
    before: list[object] = []
    for _ in range(20):
        parts = page.locator("[data-testid=stMain] button").all()
        now: list[object] = [part.bounding_box() for part in parts]
        if now == before:
            return
        before = now
        page.wait_for_timeout(500)
    raise AssertionError("the page does not come to rest")


def to_search(page: Page) -> None:
    """Press the key that goes to the search, once there is one: Streamlit mounts components after the page."""
    expect(page.get_by_role("combobox", name="Search the estate")).to_be_visible()
    page.keyboard.press("/")


def test_a_deep_link_is_drawn_on_the_first_visit_after_a_start(
    browser: Browser, tmp_path: Path
) -> None:
    with app_over(f"sqlite:///{tmp_path / 'none.db'}") as fresh, page_of(browser) as page:
        visit(page, fresh, "sources")

        assert "Nothing was loaded yet" in said(page)


def test_from_the_contractor_to_the_production_dataset_with_its_statements(
    app: Served, page: Page
) -> None:
    visit(page, app, "path", from_=CONTRACTOR, to=HISTORY, cap="READ")

    told = said(page)
    assert "irma.falk can read alderwick-prod-claims-history through claims-triage" in told
    for statement in ("UploadTriageModels", "ReadClaimsHistory", "DecryptClaimsHistory"):
        assert f"Statement {statement} of" in told
    page.get_by_text("1. irma.falk may change the dataset").click()
    text = page.locator("code", has_text="▶").first
    expect(text).to_contain_text("UploadTriageModels")
    marked = [line for line in text.inner_text().splitlines() if line.startswith("▶")]
    assert any('"Sid": "UploadTriageModels"' in line for line in marked)
    assert any("s3:PutObject" in line for line in marked)


def test_a_stranger_finds_the_statement_in_two_clicks_and_under_a_minute(
    app: Served, page: Page
) -> None:
    begun = time.monotonic()
    visit(page, app)
    page.get_by_role("link", name="irma.falk reads alderwick-prod-claims-history").click()
    drawn(page)
    page.get_by_text("1. irma.falk may change the dataset").click()

    expect(page.locator("code", has_text="UploadTriageModels").first).to_be_visible()
    assert time.monotonic() - begun < 60


def test_the_path_is_walked_by_keyboard_alone(app: Served, page: Page) -> None:
    visit(page, app)
    tab_to(page, "irma.falk reads alderwick-prod-claims-history")
    page.keyboard.press("Enter")
    expect(page.locator("h1").first).to_contain_text("irma.falk can read")
    drawn(page)
    tab_to(page, "irma.falk, User")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert "claims-triage-v7" in focused(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=re.compile("Step 2"))).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="What would end it")).to_be_visible()


def test_a_selected_step_stands_in_the_address_and_comes_back_with_it(
    app: Served, page: Page
) -> None:
    visit(page, app, "path", from_=CONTRACTOR, to=HISTORY, cap="READ")
    page.locator("[data-node-id='arn:aws:s3:::alderwick-prod-claims-history']").click()
    expect(page.get_by_role("heading", name=re.compile("Step 5"))).to_be_visible()
    assert "step=5" in page.url

    page.reload()
    drawn(page)
    expect(page.get_by_role("heading", name=re.compile("Step 5"))).to_be_visible()


def test_what_a_person_of_the_support_team_reaches(app: Served, page: Page) -> None:
    visit(page, app, "blast", id=SUPPORT)

    told = said(page)
    assert "What marta.holm reaches once it is taken" in told
    assert "Everything reached (6 rows)" in told
    expect(page.locator("[data-node-id]").filter(has_text="policyholders").first).to_be_visible()


def test_the_start_is_found_by_typing_and_chosen_by_keyboard(app: Served, page: Page) -> None:
    visit(page, app, "blast")
    box = page.get_by_role("combobox", name="Start")
    box.press_sequentially("user:marta")
    expect(page.get_by_role("option").first).to_contain_text("marta.holm")
    box.press("ArrowDown")
    box.press("Enter")

    expect(page.locator("h1").first).to_contain_text("What marta.holm reaches")
    assert "id=arn" in page.url


def test_a_slash_goes_to_the_search_and_enter_to_what_was_found(app: Served, page: Page) -> None:
    visit(page, app)
    to_search(page)
    page.keyboard.type("dataset:policyholders")
    expect(page.get_by_role("option").first).to_contain_text("alderwick-prod-policyholders")
    page.keyboard.press("Enter")

    expect(page.locator("h1").first).to_contain_text("alderwick-prod-policyholders")
    assert "/asset?" in page.url


def test_who_can_reach_the_payments_model(app: Served, page: Page) -> None:
    visit(page, app)
    to_search(page)
    page.keyboard.type("endpoint:payments-fraud")
    expect(page.get_by_role("option").first).to_contain_text("payments-fraud")
    page.keyboard.press("Enter")
    expect(page.locator("h1").first).to_contain_text("payments-fraud")
    drawn(page)
    page.get_by_text("Access in", exact=True).first.click()
    drawn(page)

    assert re.search(r"\d+ identit(y|ies)", said(page))
    assert "tab=in" in page.url


def test_which_permission_is_missing_and_what_to_do(app: Served, page: Page) -> None:
    visit(page, app, "sources")

    told = said(page)
    assert "kms:GetKeyPolicy" in told
    assert "s3:GetBucketPolicy" in told


def test_the_overview_says_what_to_fix_first_and_whether_to_trust_it(
    app: Served, page: Page
) -> None:
    visit(page, app)

    told = said(page)
    assert "Sample data" in told
    assert "What to fix first" in told
    assert re.search(r"ends \d+ of \d+ ways", told)
    assert "Incomplete: 3 calls not answered" in told


def test_no_way_is_said_with_what_was_not_read(app: Served, page: Page) -> None:
    visit(page, app, "path", from_=SUPPORT, to=HISTORY, cap="READ")

    told = said(page)
    assert "No path by which marta.holm could read alderwick-prod-claims-history" in told
    assert "not answered, so there may be more than is shown" in told
    for tool in ("Copy link", "Export", "Show query"):
        expect(page.get_by_role("button", name=tool)).to_be_visible()


def test_filters_stay_in_the_address_from_page_to_page(app: Served, page: Page) -> None:
    visit(page, app, "blast", id=CONTRACTOR, env="prod")
    page.get_by_role("link", name="Attack path").first.click()
    drawn(page)

    assert "env=prod" in page.url


@pytest.mark.parametrize("width", [1400, 1000])
def test_what_belongs_together_stands_on_one_line(
    app: Served, browser: Browser, width: int
) -> None:
    def line(page: Page, *names: str) -> set[int]:
        boxes = [page.get_by_role("button", name=name).first.bounding_box() for name in names]
        return {round(box["y"]) for box in boxes if box is not None}

    with page_of(browser, width=width) as page:
        visit(page, app, "path")
        styled(page)
        start, end = (page.get_by_role("combobox", name=name).last for name in ("From", "To"))
        boxes = [one.bounding_box() for one in (start, end)]
        visit(page, app, "sources")
        styled(page)
        tools = line(page, "Copy link", "Export", "Show query")

    assert len({round(box["y"]) for box in boxes if box is not None}) == 1
    assert len(tools) == 1


def test_a_drawing_says_what_a_choice_in_it_gives(app: Served, page: Page) -> None:
    visit(page, app, "blast", id=SUPPORT)
    expect(page.get_by_test_id("graph-legend")).to_contain_text("on a card for its rows below")
    visit(page, app, "path", from_=SUPPORT, to=POLICYHOLDERS, cap="READ")
    expect(page.get_by_test_id("graph-legend")).to_contain_text("on a step for its evidence")


@pytest.mark.parametrize("form", ["CSV", "XLSX", "JSON"])
def test_rows_leave_as_files(app: Served, page: Page, form: str) -> None:
    visit(page, app, "path", from_=SUPPORT, to=POLICYHOLDERS, cap="READ")
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name=form, exact=True).click()

    assert waiting.value.suggested_filename.startswith("shadowgraph-marta-holm-can-read")
    assert Path(waiting.value.path()).stat().st_size > 100


def faults(page: Page) -> list[str]:
    """What axe calls serious or critical on the page as it is, without what is Streamlit's own."""
    tags = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
    result: Any = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}})
    return [
        f"{fault['id']}: {node['html'][:160]}"
        for fault in result.response["violations"]
        if fault["impact"] in {"serious", "critical"}
        for node in fault["nodes"]
        if fault["id"] not in OWN_TO_STREAMLIT
    ]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_no_serious_fault_of_accessibility(
    app: Served, browser: Browser, name: str, *, dark: bool
) -> None:
    address, params = PAGES[name]
    with page_of(browser, dark=dark) as page:
        visit(page, app, address, **params)
        serious = faults(page)
        for _ in range(
            3
        ):  # a page that still moves can be caught without its links; what is wrong with it stays
            if serious:
                page.wait_for_timeout(1_500)
                serious = faults(page)

    assert serious == []


# The contrast of each sort of word in a highlighted text; the page waits for the colours, which come after the text.
CONTRASTS = """() => {
    const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number)
    const light = (colour) => {
        const [red, green, blue] = numbers(colour).map((one) => one / 255)
            .map((one) => (one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
    const behind = (node) => {
        for (let at = node; at; at = at.parentElement) {
            const [, , , alpha = 1] = numbers(getComputedStyle(at).backgroundColor)
            if (alpha === 1) return getComputedStyle(at).backgroundColor
        }
        return 'rgb(255, 255, 255)'
    }
    return [...document.querySelectorAll('[data-testid=stCode] .token')].map((node) => {
        const two = [light(getComputedStyle(node).color), light(behind(node))].sort((a, b) => b - a)
        return (two[0] + 0.05) / (two[1] + 0.05)
    })
}"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_colours_of_code_can_be_read(app: Served, browser: Browser, *, dark: bool) -> None:
    with page_of(browser, dark=dark) as page:
        visit(page, app, "asset", id=HISTORY, tab="raw")
        page.locator("[data-testid=stCode] .token.string").first.wait_for(timeout=20_000)
        found = page.evaluate(CONTRASTS)

    assert len(found) > 20
    assert min(found) >= 4.5


# Every piece of text that is drawn: its size, and whether its box cuts it off; inside components too.
TEXTS = """() => {
    const small = [], cut = []
    // Whether the text runs out of a box that hides what it cannot hold, and that cannot be scrolled.
    const hidden = (node) => {
        const range = document.createRange()
        range.selectNodeContents(node)
        const text = range.getBoundingClientRect()
        for (let box = node; box; box = box.parentElement) {
            const flow = getComputedStyle(box).overflowX
            if (flow === 'auto' || flow === 'scroll') return false
            if (flow !== 'visible' && text.right > box.getBoundingClientRect().right + 1) return true
        }
        return false
    }
    const visit = (root) => {
        for (const node of root.querySelectorAll('*')) {
            if (node.shadowRoot) visit(node.shadowRoot)
            const own = [...node.childNodes].filter((one) => one.nodeType === 3).map((one) => one.data.trim()).join('')
            const style = getComputedStyle(node)
            const box = node.getBoundingClientRect()
            const icon = style.fontFamily.includes('Material')
            if (!own || icon || box.width < 2 || box.height < 2 || style.visibility === 'hidden') continue
            if (style.clipPath !== 'none' || node.closest('style, script, title, canvas')) continue
            if (parseFloat(style.fontSize) < 12) small.push(`${own.slice(0, 40)}: ${style.fontSize}`)
            if (hidden(node)) cut.push(own.slice(0, 60))
        }
    }
    visit(document.querySelector('[data-testid=stApp]'))
    return { small, cut }
}"""


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [1400, 1000])
def test_no_text_is_smaller_than_twelve_pixels_or_cut_off(
    app: Served, browser: Browser, name: str, width: int
) -> None:
    address, params = PAGES[name]
    with page_of(browser, width=width) as page:
        visit(page, app, address, **params)
        styled(page)
        found = page.evaluate(TEXTS)

    assert found == {"small": [], "cut": []}


def test_small_text_and_cut_text_would_be_found(app: Served, page: Page) -> None:
    visit(page, app, "sources")
    styled(page)
    page.evaluate(
        """() => {
            const made = document.createElement('p')
            made.textContent = 'far too small, and far too long for the room that it has'
            Object.assign(made.style, {fontSize: '10px', width: '60px', overflow: 'hidden', whiteSpace: 'nowrap'})
            document.querySelector('[data-testid=stApp]').append(made)
        }"""
    )
    found = page.evaluate(TEXTS)

    assert (len(found["small"]), len(found["cut"])) == (1, 1)
