"""The map as a person meets it: its cells, what the pointer tells, the race behind a cell, and the way back."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import expect

from prodigy_core import Contender, Experiment
from prodigy_core.sweep.runner import run
from prodigy_core.sweep.spec import Axis, knobs_of

from .conftest import Open, eventually, link, settle, shoot

pytestmark = pytest.mark.browser

RACE = {"problem": "beale", "steps": 100, "contenders": [{"optimizer": "adam"}]}
CELLS = """() => document.querySelector('.js-plotly-plot').calcdata.map(drawn => drawn[0])
  .find(drawn => drawn.trace.type === 'heatmap').z.map(row => Array.from(row))"""
PLACE = """([i, j]) => { const p = document.querySelector('.js-plotly-plot'), {xaxis, yaxis} = p._fullLayout;
  const box = p.querySelector('.nsewdrag').getBoundingClientRect();
  return [box.x + xaxis.d2p(i), box.y + yaxis.d2p(j)]; }"""


def test_the_cells_are_the_sweeps_a_click_races_one_and_back_is_the_map(visit: Open):
    """A click on a heat map is heard by nobody: what lies over it must be where the cells are."""
    page = visit(RACE)
    page.get_by_role("link", name="Map").click()
    page.wait_for_selector(".js-plotly-plot .hm image")
    settle(page)
    experiment = Experiment(problem="beale", steps=100, contenders=(Contender("adam"),))
    down, across = (knobs_of(experiment, 0)[name].spread(64) for name in ("beta1", "learning_rate"))
    (grid,) = run(experiment, (Axis("beta1", down, 0), Axis("learning_rate", across, 0))).grids
    cells = np.array(page.evaluate(CELLS), float)
    assert cells == pytest.approx(np.log10(np.maximum(grid.metrics["final_loss"][..., 0], 1e-17)), abs=1e-4)
    page.mouse.move(*page.evaluate(PLACE, [40, 20]))
    told = page.locator(".hoverlayer .hovertext")
    expect(told).to_contain_text(f"learning_rate {across[40]:.3g}")
    shoot(page, "map")
    page.mouse.click(*page.evaluate(PLACE, [40, 20]))
    page.wait_for_selector("iframe[title*=arena]")
    knobs = {"learning_rate": across[40], "beta1": down[20]}
    eventually(page, lambda: link(page)["contenders"][0].get("knobs"), knobs)
    page.go_back()
    page.wait_for_selector(".js-plotly-plot .hm image")
    settle(page)
    assert "/map" in page.url


def test_a_map_fits_the_screen(visit: Open):
    page = visit(RACE, at="map")
    page.emulate_media(color_scheme="dark")
    page.wait_for_selector(".js-plotly-plot .hm image")
    settle(page)
    box = page.locator(".js-plotly-plot").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 800
    page.set_viewport_size({"width": 390, "height": 800})
    eventually(page, lambda: page.evaluate("document.documentElement.scrollWidth") <= 390, True)
    shoot(page, "map-390")
