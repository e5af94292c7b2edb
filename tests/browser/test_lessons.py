"""Lessons as a person does them: with the keys alone, on a phone, in the dark, back and forward."""

from __future__ import annotations

import json
import urllib.parse
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app import lessons

from .conftest import ARENA, PATIENCE, Open, arena, eventually, link, settle, shoot
from .server import Server
from .test_accessible import DESK, PHONE, violations

pytestmark = pytest.mark.browser

LESSON = lessons.lesson("which-distance")
NAME = LESSON.name
RIGHT = next(choice.text for choice in LESSON.choices if choice.right)
STOPS = 60  # stops of the Tab key within which the next button must be
SHIFTS = """() => { globalThis.shift = 0; new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) globalThis.shift += entry.value; }).observe({ type: "layout-shift" }); }"""


def view(page: Page) -> dict[str, Any]:
    """What the address says beside the experiment."""
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(page.evaluate("location.href")).query)
    return dict(json.loads(query.get("view", ["{}"])[0]))


@pytest.fixture
def opened(visit: Open, server: Server) -> Open:
    """opened(view, size, scheme) -> the page of the lessons, freshly loaded: at its list, or where the view says."""

    def opened(here: dict[str, Any] | None = None, size: tuple[int, int] = DESK, scheme: Any = "light") -> Page:
        query = "" if here is None else "?view=" + urllib.parse.quote(json.dumps(here))
        page = visit(f"{server.url}/lessons{query}", at="lessons", fresh=True)
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(color_scheme=scheme)
        page.get_by_role("heading", level=1).wait_for()
        settle(page)
        if page.locator("[data-testid=stSidebar][data-collapsed=false]").is_visible():
            page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()  # the sheet of a narrowed window
        return page

    return opened


def focused(page: Page) -> str:
    """The words of what has the focus."""
    return str(page.evaluate("document.activeElement.innerText"))


def tab_to(page: Page, name: str) -> None:
    """Press the Tab key until the button of this name has the focus."""
    for _ in range(STOPS):
        page.keyboard.press("Tab")
        if name in page.evaluate("document.activeElement.tagName === 'BUTTON' ? document.activeElement.innerText : ''"):
            return
    raise AssertionError(f"no button {name!r} within {STOPS} stops")


@pytest.mark.parametrize("size, scheme", [(DESK, "light"), (PHONE, "dark")])
def test_a_whole_lesson_with_the_keys_alone(opened: Open, size: tuple[int, int], scheme: str):
    page = opened(None, size, scheme)
    tab_to(page, LESSON.title)
    page.keyboard.press("Enter")
    expect(page.get_by_text("First predict")).to_be_visible()
    eventually(page, lambda: focused(page), LESSON.title)
    tab_to(page, RIGHT)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What was seen")).to_be_visible()
    eventually(page, lambda: focused(page), "Right, that is what happens.")
    for button, heading in (("Why?", "Why"), ("In your training", "In your training")):
        tab_to(page, button)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        eventually(page, lambda: focused(page), heading)
    place = [choice.right for choice in LESSON.choices].index(True)
    eventually(page, lambda: view(page), {"lesson": NAME, "at": 3, "choice": place, "done": [LESSON.order]})
    levels = page.get_by_role("heading").evaluate_all("all => all.map(each => +each.tagName[1])")
    assert levels == [1, *[2] * (len(levels) - 1)]
    tab_to(page, "All lessons")
    page.keyboard.press("Enter")
    expect(page.get_by_text("done").first).to_be_visible()


@pytest.mark.parametrize("size, scheme", [(DESK, "light"), (DESK, "dark"), (PHONE, "light"), (PHONE, "dark")])
def test_nothing_shifts_when_the_answer_is_revealed_and_all_can_be_read(opened: Open, size: tuple[int, int], scheme: str):
    page = opened({"lesson": NAME}, size, scheme)
    tag = f"lessons-{size[0]}-{scheme}"
    shoot(page, f"{tag}-question")
    assert violations(page) == []
    stage = page.locator(".st-key-stage")
    page.evaluate(SHIFTS)
    before = stage.bounding_box()
    page.get_by_role("button", name=LESSON.choices[1].text).click()
    arena(page)
    settle(page)
    after = stage.bounding_box()
    assert before is not None
    assert after is not None
    assert (after["x"], after["y"], after["width"]) == (before["x"], before["y"], before["width"])
    assert page.evaluate("globalThis.shift") <= 0.01
    page.get_by_role("button", name="Why?").click()
    page.get_by_role("heading", name="Why", exact=True).wait_for()
    settle(page)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= size[0]
    shoot(page, f"{tag}-answer")
    assert violations(page) == []


def test_the_figure_plays_once_for_who_predicted(opened: Open):
    page = opened({"lesson": NAME})
    page.get_by_role("button", name=RIGHT).click()
    steps = LESSON.shown[0].experiment.steps
    step = arena(page).get_by_role("slider", name="Step")
    assert int(step.input_value()) < steps
    expect(step).to_have_value(str(steps), timeout=PATIENCE)
    page.get_by_role("button", name="Why?").click()
    page.get_by_role("heading", name="Why", exact=True).wait_for()
    settle(page)
    assert int(step.input_value()) == steps, "it would play anew at every step of the lesson"


def test_back_and_forward_go_through_the_steps(opened: Open):
    page = opened({"lesson": NAME})
    page.get_by_role("button", name=RIGHT).click()
    expect(page.get_by_role("heading", name="What was seen")).to_be_visible()
    settle(page)
    page.get_by_role("button", name="Why?").click()
    expect(page.get_by_role("heading", name="Why", exact=True)).to_be_visible()
    settle(page)
    page.go_back()
    expect(page.get_by_role("heading", name="Why", exact=True)).to_be_hidden()
    expect(page.get_by_role("heading", name="What was seen")).to_be_visible()
    settle(page)
    page.go_back()
    expect(page.get_by_text("First predict")).to_be_visible()
    settle(page)
    page.go_forward()
    expect(page.get_by_role("heading", name="What was seen")).to_be_visible()
    assert view(page)["at"] == 1


def test_a_turn_in_the_figure_is_said_and_undone(opened: Open):
    page = opened({"lesson": NAME, "at": 1})
    frame = arena(page)
    seen = page.locator(".st-key-lesson-answer").inner_text()
    slider = frame.get_by_role("slider", name="estim_lr0")
    slider.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    undo = page.get_by_role("button", name="As in the lesson")
    expect(undo).to_be_visible()
    assert link(page)["contenders"][0]["knobs"]["estim_lr0"] > 1e-6
    assert page.locator(".st-key-lesson-answer").inner_text() == seen, "the numbers are the lesson's"
    undo.click()
    expect(undo).to_be_hidden()
    assert "knobs" not in link(page)["contenders"][0]


def test_the_race_opens_as_the_lesson_has_it(opened: Open):
    page = opened({"lesson": NAME, "at": 3})
    experiment = link(page)
    page.get_by_role("button", name="Open in the race").click()
    expect(page.get_by_role("table").first).to_be_visible()
    page.locator(ARENA).wait_for()
    eventually(page, lambda: link(page), experiment)
    page.go_back()
    expect(page.get_by_role("heading", name=LESSON.title)).to_be_visible()


def test_the_list_can_be_read_by_all(opened: Open):
    page = opened()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for size in (DESK, PHONE):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            settle(page)
            assert violations(page) == []
            assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= size[0]
            shoot(page, f"lessons-{size[0]}-{scheme}-list")


@pytest.mark.skipif(not lessons.clinic(), reason="the clinic has no case")
def test_a_case_is_found_by_a_word_and_opened(opened: Open):
    name, languages = next(iter(lessons.clinic().items()))
    page = opened()
    field = page.get_by_role("searchbox")
    field.press_sequentially(languages["en"].title[:20])
    expect(page.locator(".st-key-clinic button").first).to_be_visible()
    eventually(page, lambda: page.locator(".st-key-clinic button").count() < len(lessons.clinic()), len(lessons.clinic()) > 1)
    page.get_by_role("button", name=languages["en"].title).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(languages["en"].title.replace("`", ""))
    arena(page)
    settle(page)
    assert view(page) == {"case": name}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for size in (DESK, PHONE):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            settle(page)
            eventually(page, lambda: violations(page), [])
            shoot(page, f"lessons-{size[0]}-{scheme}-case")
