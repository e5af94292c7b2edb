"""Sensitivity as a person meets it: what is drawn, what the pointer tells, and the race behind a point."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from prodigy_core import Experiment
from prodigy_core.sweep.runner import run
from prodigy_core.sweep.spec import Axis, knobs_of

from .conftest import Open, eventually, link, settle, shoot

pytestmark = pytest.mark.browser

RACE: dict[str, Any] = {
    "problem": "ill_conditioned_quadratic",
    "steps": 100,
    "contenders": [{"optimizer": "prodigy"}, {"optimizer": "adam"}],
}
CURVES = """() => (document.querySelector('.js-plotly-plot')?.calcdata ?? []).filter(points => points[0].trace.showlegend)
  .map(points => ({name: points[0].trace.name, x: points.map(point => point.x), y: points.map(point => point.y)}))"""


PLACE = """([x, y]) => { const p = document.querySelector('.js-plotly-plot'), {xaxis, yaxis} = p._fullLayout;
  const box = p.querySelector('.nsewdrag').getBoundingClientRect();
  return [box.x + xaxis.d2p(x), box.y + yaxis.d2p(y)]; }"""


def highest(page: Page) -> float | None:
    """The last learning rate of Adam's curve, where that is there."""
    found = page.evaluate(CURVES)
    there = [x for x in found[1]["x"] if x is not None] if len(found) > 1 else []
    return round(max(there), 6) if there else None


def test_the_curves_are_the_sweeps_and_a_click_on_a_point_races_it(visit: Open):
    """A curve would be there, but of something else; or a click would be lost."""
    page = visit(RACE, at="sensitivity")
    page.wait_for_selector(".js-plotly-plot")
    settle(page)
    adam = page.evaluate(CURVES)[1]
    assert adam["name"] == "Adam: learning_rate"
    rates = tuple(sorted({*knobs_of(Experiment(), 1)["learning_rate"].spread(65), 1e-3}))  # type: ignore[type-var]
    grid = run(Experiment(problem=RACE["problem"], steps=100), (Axis("learning_rate", rates, 1),)).grids[1]
    assert adam["x"] == pytest.approx(rates, rel=1e-6)
    assert adam["y"] == pytest.approx(np.maximum(grid.metrics["final_loss"][:, 0], 1e-17), rel=1e-5)
    at = page.evaluate(PLACE, [adam["x"][10], adam["y"][10]])
    page.mouse.move(*at)
    expect(page.locator(".hoverlayer .hovertext")).to_contain_text(f"learning_rate {rates[10]:g}")
    expect(page.get_by_text("Adam: 5 of 66 values")).to_be_visible()
    shoot(page, "sensitivity")
    page.mouse.click(*at)
    page.wait_for_selector("iframe[title*=arena]")
    eventually(page, lambda: link(page)["contenders"][1].get("knobs"), {"learning_rate": rates[10]})


def test_choices_in_a_drawer_show_what_is_chosen_and_outlive_a_visit_elsewhere(visit: Open):
    """A drawer that is drawn only when it is opened would show the first of its options."""
    page = visit(RACE, at="sensitivity")
    page.wait_for_selector(".js-plotly-plot")
    settle(page)
    page.get_by_role("button", name="Range").click()
    expect(page.get_by_label("learning_rate to")).to_have_value("10")
    page.get_by_label("learning_rate to").fill("1")
    page.get_by_label("learning_rate to").press("Enter")
    eventually(page, lambda: highest(page), 1)
    page.get_by_role("link", name="Race", exact=True).click()
    page.wait_for_selector("iframe[title*=arena]")
    settle(page)
    page.get_by_role("link", name="Sensitivity").click()
    page.wait_for_selector(".js-plotly-plot")
    eventually(page, lambda: highest(page), 1)
