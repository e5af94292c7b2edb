"""The race on a desk and on a phone: nothing runs out of the page, and all can be reached."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from .conftest import ARENA, Open, Opened, address, arena, eventually, link, opened, settle, shoot, unfold
from .server import Server
from .test_arena import BEALE

pytestmark = pytest.mark.browser

PANELS = ("distance", "loss", "step")


@pytest.fixture(scope="module")
def held(server: Server, browser: BrowserContext, tab: Opened) -> Iterator[Opened]:
    """A phone, in the dark."""
    made = opened(server, browser, 390, 844, "dark")
    made.page.goto(address(server.url, BEALE))
    arena(made.page)
    settle(made.page)
    yield made
    made.page.close()


@pytest.fixture
def phone(held: Opened) -> Iterator[Page]:
    held.complaints.clear()
    held.page.bring_to_front()
    yield held.page
    assert held.complaints == []


def test_the_page_fits_a_desk(visit: Open):
    page = visit(BEALE)
    box = page.get_by_test_id("stSidebar").bounding_box()
    assert box is not None
    fits(page, 1280, box["x"] + box["width"])
    assert brightness(page) > 384
    shoot(page, "race-1280-light")
    page.get_by_role("table").scroll_into_view_if_needed()
    shoot(page, "race-1280-light-end")


def test_the_page_fits_a_phone(phone: Page):
    """One would scroll sideways, or a figure would run out of the page."""
    fits(phone, 390, 0)
    assert brightness(phone) <= 384
    shoot(phone, "race-390-dark")
    phone.get_by_role("table").scroll_into_view_if_needed()
    shoot(phone, "race-390-dark-end")


def test_the_arena_fits_a_phone_in_every_view(phone: Page):
    frame = arena(phone)
    for name in ("Run", "Inside D", "Step by step"):
        frame.get_by_role("tab", name=name).click()
        phone.wait_for_timeout(200)
        assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
        inner = frame.evaluate("document.querySelector('.arena').getBoundingClientRect().height")
        box = phone.locator(ARENA).bounding_box()
        assert box is not None
        assert abs(box["height"] - inner) <= 2, "nothing is cut off below"
        shoot(phone, f"arena-phone-{name.split()[0].lower()}")


def test_the_shelves_can_be_reached_and_read_on_a_desk(visit: Open):
    shelves(visit(BEALE), 1280)


def test_the_shelves_can_be_reached_and_read_on_a_phone(phone: Page):
    """A choice could run out of the sidebar, or its words be cut off."""
    phone.get_by_test_id("stExpandSidebarButton").click()
    shelves(phone, 390)


FIVE = {
    "problem": "himmelblau",
    "steps": 100,
    "contenders": [
        *({"optimizer": "prodigy", "knobs": {"estim_lr0": value, "warmup": 0.1}} for value in (1e-4, 1e-6, 1e-8)),
        {"optimizer": "adam"},
        {"optimizer": "tuned_adam", "knobs": {"search_size": 3}},
    ],
}


def test_five_contenders_results_fit_a_desk_and_keep_their_names_on_a_phone(visit: Open):
    """The last column would be gone, or the numbers would stand beside no name."""
    page = visit(FIVE)
    results = page.get_by_role("region", name="Results")
    expect(results.get_by_role("row")).to_have_count(6)
    assert results.evaluate("it => it.scrollWidth - it.clientWidth") == 0
    page.set_viewport_size({"width": 390, "height": 800})
    name = results.get_by_role("cell").first
    eventually(page, lambda: results.evaluate("it => it.scrollWidth > it.clientWidth"), True)
    before = name.bounding_box()
    results.evaluate("it => it.scrollTo(200, 0)")
    assert name.bounding_box() == before
    ground = "it => getComputedStyle(it).backgroundColor"
    assert name.evaluate(ground) == page.get_by_test_id("stApp").evaluate(ground), "no numbers shine through"
    results.scroll_into_view_if_needed()
    shoot(page, "results-390")


def fits(page: Page, width: int, left: float) -> None:
    """Whether all that is drawn of a race stands beside what is on its left and within the window."""
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    frame = arena(page)
    for selector in ("#map", *(f'[data-panel="{chart}"]' for chart in PANELS)):
        box = frame.locator(selector).first.bounding_box()
        assert box is not None
        assert box["x"] >= left
        assert box["x"] + box["width"] <= width
        assert box["width"] >= 300


def brightness(page: Page) -> int:
    """Of the ground, from 0 to 765."""
    ground = page.evaluate("getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor")
    return sum(int(part) for part in ground[4:-1].split(","))


def shelves(page: Page, width: int) -> None:
    """The two choices of a problem are seen whole; another kind is chosen, and the first one again."""
    sidebar = page.get_by_test_id("stSidebar")
    kind = sidebar.get_by_role("combobox", name="Problem", exact=True)
    eventually(page, partial(_inside, kind, width), True)
    choose(page, kind, "A function of many variables")
    eventually(page, lambda: link(page)["problem"], "sum_of_squares_at_3")
    unfold(page, "Start, shape, steps")
    expect(sidebar.get_by_label("dimension, exact")).to_be_visible()
    choose(page, kind, "A function of the plane")
    eventually(page, lambda: link(page)["problem"], "rosenbrock")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def choose(page: Page, box: Locator, option: str) -> None:
    box.scroll_into_view_if_needed()
    page.wait_for_timeout(300)  # a list that opens while the sidebar still scrolls closes again
    box.click()
    page.get_by_role("option", name=option, exact=True).click()
    settle(page)


def _inside(choice: Locator, width: int) -> bool:
    """Whether it is within the window, and its word within it."""
    box = choice.bounding_box()
    whole = choice.evaluate("it => it.scrollWidth <= it.clientWidth + 1")
    return bool(box and box["x"] >= 0 and box["x"] + box["width"] <= width and whole)
