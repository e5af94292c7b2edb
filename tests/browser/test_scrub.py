"""A knob dragged through its whole axis, in a real browser: what is drawn moves, and the server hears nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Frame, Page

from .conftest import ARENA, PATIENCE

pytestmark = pytest.mark.browser

RACE = {"steps": 200, "contenders": [{"optimizer": "prodigy"}, {"optimizer": "adam"}]}
SCENE = "document.querySelector('iframe[title*=arena]')?.contentWindow.arena?.scene()"
PIXELS = """() => [...document.querySelectorAll('canvas')].map((canvas) => {
  const data = canvas.getContext('2d').getImageData(0, 0, canvas.width || 1, canvas.height || 1).data;
  let sum = 0;
  for (let k = 0; k < data.length; k += 4) sum = (sum * 31 + data[k] + 2 * data[k + 1] + 3 * data[k + 2] + 5 * data[k + 3]) | 0;
  return sum;
})"""


@pytest.fixture
def scrub(visit) -> tuple[Page, Frame]:
    page = visit(RACE)
    page.get_by_role("link", name="Scrub").click()
    page.wait_for_url("**/scrub**")
    page.wait_for_function(f"() => {SCENE}?.scrub", timeout=PATIENCE)
    frame = page.query_selector(ARENA).content_frame()
    assert frame is not None
    return page, frame


def test_dragging_redraws_everything_and_tells_the_server_nothing(sent: list[str], scrub):
    _, frame = scrub
    slider = frame.get_by_role("slider", name="estim_lr0")
    assert frame.locator("[data-variants=value]").inner_text() == "1e-06"
    assert sent, "the socket is heard"
    asked = len(sent)
    before = frame.evaluate(PIXELS)
    scenes = frame.evaluate("() => document.querySelector('.arena').dataset.scenes")
    slider.focus()
    for _ in range(12):
        slider.press("ArrowRight")
    after = frame.evaluate(PIXELS)
    changed = sum(one != other for one, other in zip(before, after, strict=True))
    assert changed >= 6, "landscape, three panels and the strip are drawn anew"
    assert frame.evaluate("() => document.querySelector('.arena').dataset.varied") == "12"
    assert frame.evaluate("() => document.querySelector('.arena').dataset.scenes") == scenes
    assert len(sent) == asked
    value = frame.locator("[data-variants=value]").inner_text()
    assert float(value) > 1e-6
    losses, values = frame.evaluate("() => [arena.scene().scrub.losses, arena.scene().scrub.values]")
    loss = losses[values.index(value)]
    assert frame.evaluate("() => arena.scene().contenders[0].channels.loss.values.at(-1)") == pytest.approx(loss, rel=1e-5)


def test_no_axis_moves_and_the_race_of_a_value_opens(scrub):
    page, frame = scrub
    slider = frame.get_by_role("slider", name="estim_lr0")
    ranges = "() => arena.parts.curves.panels.map((panel) => panel.range.join())"
    before = frame.evaluate(ranges)
    slider.press("Home")
    assert frame.evaluate(ranges) == before
    assert frame.locator("[data-variants=value]").inner_text() == "1e-10"
    frame.get_by_role("button", name="Open in the race").click()
    page.wait_for_url(lambda url: "/scrub" not in url and "1e-10" in url)
    page.wait_for_function(
        "() => document.querySelector('iframe[title*=arena]')?.contentWindow.arena?.scene()?.algorithm.length"
    )
