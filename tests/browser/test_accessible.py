"""Every page for those who cannot see it all, or have no mouse, or hold a phone."""

from __future__ import annotations

import os
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.views.scoreboard.pages import VIEW

from .chromium import in_ci
from .conftest import ARENA, START, Open, arena, eventually, opened, settle, shoot
from .server import ROOT, Server

pytestmark = pytest.mark.browser

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RACE: dict[str, Any] = {
    "problem": "ill_conditioned_quadratic",
    "steps": 100,
    "contenders": [{"optimizer": "prodigy"}, {"optimizer": "adam"}],
}
PAGES = {
    "Race": "",
    "Lessons": "lessons",
    "Sensitivity": "sensitivity",
    "Map": "map",
    "Scrub": "scrub",
    "Scoreboard": "scoreboard",
    "Teach": "teach",
}
STILL = {"Lessons", "Teach"}  # pages without a figure
PHONE, DESK = (390, 844), (1280, 800)

RUN = """async (rules) => {
  const only = rules.length ? {runOnly: {type: "rule", values: rules}} : {};
  const {violations} = await axe.run(document, {resultTypes: ["violations"], ...only});
  return violations.flatMap(({id, nodes}) => nodes.map(node =>
    [id, node.html.slice(0, 200), node.target.join(" "), (node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? ""]));
}"""


def violations(page: Page, *rules: str) -> list[list[str]]:
    """What axe-core finds on the page and in the arena's document: rule, HTML, selector, reason. All of its rules if none is
    named."""
    if not AXE.exists():
        (pytest.fail if in_ci() else pytest.skip)("axe-core is not there: `make test` installs it")
    for frame in page.frames:
        frame.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[list[str]] = page.evaluate(RUN, list(rules))
    return found


def open_page(visit: Open, title: str, **how: Any) -> Page:
    """A page with all that it draws."""
    at = {"at": PAGES[title]} if PAGES[title] else {}
    page = visit(RACE, **at, **({"view": VIEW} if title == "Scoreboard" else {}), **how)
    if title in ("Race", "Scrub"):
        arena(page)
    elif title not in STILL:
        page.wait_for_selector(".js-plotly-plot .scatterlayer")
    settle(page)
    return page


def resize(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    width = "stTopNav" if size[0] > 768 else "stExpandSidebarButton"
    expect(page.get_by_test_id(width)).to_be_visible()
    settle(page)


@pytest.mark.parametrize("title", PAGES)
def test_axe_core_finds_nothing_on_any_page(visit: Open, title: str):
    """Words would be too pale, a control without a name, or a heading or landmark missing."""
    page = open_page(visit, title)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for size in (DESK, PHONE):
            resize(page, size)
            page.wait_for_timeout(400)  # a colour may still be on its way to the other scheme
            assert violations(page) == []
            shoot(page, f"{title.lower()}-{size[0]}-{scheme}")
    assert page.get_by_role("heading", level=1).count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_chosen_segment_can_be_read_also_under_the_pointer(visit: Open, scheme: Any):
    page = open_page(visit, "Race")
    page.emulate_media(color_scheme=scheme)
    for segment in page.get_by_test_id("stSidebar").locator("[data-testid=stButtonGroup]").first.get_by_role("radio").all():
        segment.hover()
        page.wait_for_timeout(300)  # until the colours have changed
        assert violations(page, "color-contrast") == []


def test_the_navigation_has_a_ground_of_its_own(visit: Open):
    """Its words would lie over those that are scrolled under it."""
    page = open_page(visit, "Sensitivity")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        settle(page)
        ground = "it => getComputedStyle(it).backgroundColor"
        assert page.get_by_test_id("stHeader").evaluate(ground) == page.get_by_test_id("stApp").evaluate(ground)
    link, heading = page.get_by_test_id("stTopNav").bounding_box(), page.get_by_role("heading", level=1).bounding_box()
    assert link is not None
    assert heading is not None
    assert link["y"] + link["height"] <= heading["y"]


def test_the_first_stop_of_the_tab_key_skips_to_the_picture(visit: Open):
    """Without it there are dozens of stops before the arena."""
    page = open_page(visit, "Race", fresh=True)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the picture")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator(ARENA)).to_be_focused()
    page.keyboard.press("Tab")
    assert arena(page).evaluate("document.activeElement !== document.body")


def test_a_phone_has_a_named_bar_and_its_knobs_in_a_sheet_below_the_picture(visit: Open):
    """Neither the app's name nor its pages would be there, and the knobs would cover the picture."""
    page = open_page(visit, "Sensitivity", fresh=True)
    resize(page, PHONE)
    knobs, sheet = page.get_by_test_id("stExpandSidebarButton"), page.get_by_test_id("stSidebar")
    for title in ("Sensitivity", "Race"):
        expect(page.locator(".lab-bar")).to_contain_text("Prodigy Lab")
        expect(page.locator(".lab-bar")).to_contain_text(title)
        expect(page.locator(".lab-bar")).to_be_in_viewport()
        assert box(knobs)["height"] >= 44
        assert box(knobs)["x"] + box(knobs)["width"] <= PHONE[0]
        expect(sheet).to_be_hidden()  # so that the Tab key stops at nothing that is not seen
        knobs.click()
        eventually(page, lambda: round(box(sheet)["y"] + box(sheet)["height"]), PHONE[1])
        assert box(sheet)["height"] <= 0.55 * PHONE[1] + 1
        assert box(sheet)["width"] == PHONE[0]
        eventually(page, lambda: violations(page), [])
        shoot(page, f"knobs-390-{title.lower()}")
        if title == "Sensitivity":
            sheet.get_by_role("link", name="Race").click()
            arena(page)
            settle(page)
        if sheet.is_visible():
            sheet.get_by_role("button", name="Collapse sidebar").click()
        expect(sheet).to_be_hidden()
    knobs.click()
    picture = box(page.locator(ARENA))
    assert 0 < picture["y"] < 0.45 * PHONE[1] - 250, "the picture is above the sheet"
    content = sheet.get_by_test_id("stSidebarContent")
    assert content.evaluate("it => it.scrollHeight > it.clientHeight && getComputedStyle(it).overflowY") in ("auto", "scroll")


def test_a_cut_line_leaves_a_banner_and_an_arena_that_plays(browser: BrowserContext, tmp_path: Any):
    """Streamlit's dialog would lie over all, and what could play on would be out of reach."""
    with Server(env=os.environ | {"PRODIGY_LAB_CACHE": str(tmp_path)}) as own:
        page, _ = opened(own, browser)
        page.goto(own.url)
        page.frame_locator(ARENA).locator(".arena[data-scenes]").wait_for(timeout=START)
        settle(page)
        banner = page.locator(".lab-cut")
        expect(banner).to_be_hidden()
    expect(banner).to_be_visible()
    expect(banner).to_contain_text("The server does not answer")
    page.wait_for_timeout(3_000)  # Streamlit opens its dialog within two seconds
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert box(banner)["height"] <= 40
    frame = page.frame_locator(ARENA)
    slider = frame.get_by_label("Step", exact=True)
    before = slider.input_value()
    frame.get_by_role("button", name="Play").click()
    page.wait_for_timeout(500)
    assert slider.input_value() != before
    shoot(page, "line-cut")
    page.close()


def box(element: Locator) -> dict[str, float]:
    found = element.bounding_box()
    assert found is not None
    return {name: float(found[name]) for name in ("x", "y", "width", "height")}
