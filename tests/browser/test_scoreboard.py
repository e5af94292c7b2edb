"""The scoreboard as a person meets it: what is drawn, the race behind a row, and that it is there again afterwards."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from prodigy_core.experiment import Contender
from prodigy_core.scoreboard import costs, problem_result, profile
from prodigy_core.scoreboard import sweeps as suite_of
from prodigy_core.sweep.runner import run
from tests.views.scoreboard.pages import STEPS, SUITE, VIEW

from .conftest import Open, arena, eventually, link, settle, shoot

pytestmark = pytest.mark.browser

RACE = {"steps": 100, "contenders": [{"optimizer": "prodigy"}, {"optimizer": "adam"}]}
TABLE = "[data-testid=stDataFrame]"
CURVES = """() => document.querySelector('.js-plotly-plot').calcdata.map(drawn =>
  [drawn[0].trace.name, drawn.map(point => point.x), drawn.map(point => point.y)])"""
ROW = 35  # pixels


def board(visit: Open, **given: Any) -> Page:
    """The page with a small suite, as a link brings it, once all problems are there."""
    return whole(visit(RACE, at="scoreboard", view=VIEW, **given))


def whole(page: Page) -> Page:
    page.wait_for_selector(".js-plotly-plot .scatterlayer")
    expect(page.get_by_text("2 problems, of 4 cases each")).to_be_visible()
    settle(page)
    return page


def click_cell(page: Page, row: int) -> None:
    """Clicks at a row's problem; -1 is the head."""
    box = page.locator(TABLE).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 60, box["y"] + box["height"] - (len(SUITE) - row - 0.5) * ROW)


def test_the_curves_are_the_sweeps_a_row_opens_its_race_and_back_is_the_board(visit: Open):
    page = board(visit, fresh=True)
    made = suite_of((Contender("prodigy"), Contender("adam")), SUITE, STEPS, starts=2)
    boards = [problem_result(run(s.experiment, s.axes, s.seeds, entries=s.entries)) for s in made]
    needed = np.concatenate([costs(each, 1e-3) for each in boards])
    drawn = page.evaluate(CURVES)
    assert [name for name, _, _ in drawn] == ["Prodigy", "Adam"]
    for i, (_, x, y) in enumerate(drawn):
        assert np.array(y) == pytest.approx(profile(needed, np.array(x) * (1 + 1e-6))[i], abs=1e-6)
    shoot(page, "scoreboard")
    click_cell(page, -1)  # sorts by the titles: Booth's function is then above the sphere
    settle(page)
    click_cell(page, 0)
    arena(page)
    found = boards[SUITE.index("booth")].experiment
    eventually(page, lambda: (link(page)["problem"], tuple(link(page)["start"])), ("booth", found.start))
    page.go_back()
    whole(page)
    assert "/scoreboard" in page.url


def test_the_board_fits_a_phone_and_is_there_again_after_another_page(visit: Open):
    page = board(visit)
    page.emulate_media(color_scheme="dark")
    page.get_by_role("link", name="Race").click()
    arena(page)
    page.get_by_role("link", name="Scoreboard").click()
    whole(page)
    page.set_viewport_size({"width": 390, "height": 800})
    eventually(page, lambda: page.evaluate("document.documentElement.scrollWidth") <= 390, True)
    shoot(page, "scoreboard-390")
