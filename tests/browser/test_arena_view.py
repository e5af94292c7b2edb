"""What a person looks at in the arena stays as it is when the experiment changes beneath it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Frame, Position, expect

from .conftest import Open, arena, drawn, eventually, link, unfold
from .test_arena import BEALE, seek

pytestmark = pytest.mark.browser


def test_a_click_on_the_landscape_starts_there_and_the_view_stays(visit: Open):
    page = visit(BEALE)
    frame = arena(page)
    frame.locator("#map").hover()
    frame.get_by_role("button", name="Zoom in").first.click()
    zoomed = frame.evaluate("arena.parts.map.pixel(1, 1)")
    frame.evaluate("globalThis.mark = 'the same document'")
    seek(frame, 50)
    at = frame.evaluate("arena.parts.map.pixel(2, -1)")
    frame.locator("#map .map-plot").click(position=_within(frame, "#map .map-plot", at))
    eventually(page, lambda: [round(x, 1) for x in link(page).get("start", [])], [2.0, -1.0])
    assert frame.evaluate("globalThis.mark") == "the same document", "the page would flash, and all of the view be lost"
    assert frame.evaluate("arena.parts.map.pixel(1, 1)") == zoomed
    assert frame.evaluate("arena.player.step") == 50
    start = link(page)["start"]
    assert [drawn(page, "paths")[0][axis][0] for axis in "xy"] == [pytest.approx(part, rel=1e-6) for part in start]
    eventually(page, lambda: "view=" in page.url, True)
    unfold(page, "Start, shape, steps")
    assert float(page.get_by_label("start x, exact").input_value()) == start[0]


def test_a_turned_knob_leaves_the_view_as_it_is(visit: Open):
    page = visit(BEALE)
    frame = arena(page)
    frame.evaluate("globalThis.mark = 'the same document'")
    frame.get_by_role("button", name="3-D").click()
    frame.get_by_role("tab", name="Step by step").click()
    seek(frame, 77)
    frame.evaluate("arena.parts.surface.view.focus()")
    page.keyboard.press("ArrowLeft")
    camera = frame.evaluate("JSON.stringify(arena.parts.surface.camera)")
    field = page.get_by_label("estim_lr0, exact").first
    before = drawn(page, "loss")
    field.fill("0.01")
    field.press("Enter")
    eventually(page, lambda: drawn(page, "loss") != before, True)
    assert frame.evaluate("globalThis.mark") == "the same document"
    assert frame.evaluate("arena.player.step") == 77
    assert frame.evaluate("arena.view.ground") == "surface"
    assert frame.evaluate("JSON.stringify(arena.parts.surface.camera)") == camera
    expect(frame.get_by_role("tab", name="Step by step")).to_have_attribute("aria-selected", "true")


def _within(frame: Frame, selector: str, at: dict[str, float]) -> Position:
    """A point of the window, from the upper left corner of an element."""
    corner = "s => { const box = document.querySelector(s).getBoundingClientRect(); return [box.left, box.top]; }"
    box = frame.evaluate(corner, selector)
    return {"x": at["x"] - box[0], "y": at["y"] - box[1]}
