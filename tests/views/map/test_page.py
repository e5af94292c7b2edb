"""The page from its link and its widgets to its map and the race."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import streamlit as st

from app import state
from app.views import map as page
from prodigy_core.experiment import Contender
from prodigy_core.sweep.runner import run
from prodigy_core.sweep.spec import Axis
from tests.views.sensitivity.pages import EXPERIMENT, choose, chosen, errors, figure, open_page, text_of

FEW: dict[str, Any] = {"side__plane": 8}


START = EXPERIMENT.start or ()


def titles(at) -> tuple[str, str]:
    layout = figure(at)["layout"]
    return layout["xaxis"]["title"]["text"], layout["yaxis"]["title"]["text"]


def cells(at) -> list[int]:
    """How many there are in each map."""
    return [len(trace["text"]) for trace in figure(at)["data"] if trace["name"].startswith("cells")]


def test_the_map_is_of_one_contender_and_two_of_its_knobs():
    at = open_page("map", **FEW)
    assert titles(at) == ("estim_lr0", "estim_lr_coef")
    assert cells(at) == [64]
    assert "The best of 64 cells is" in text_of(at)
    assert titles(choose(at, "map/contender", 1)) == ("learning_rate", "beta1")
    assert chosen(at)["map/contender"] == 1


def test_starts_give_the_basins():
    at = open_page("map", across__prodigy="start.x", down__prodigy="start.y", **FEW)
    assert titles(at) == ("start x", "start y")
    assert any(trace["name"] == "where the knobs stand" for trace in figure(at)["data"])


def test_a_third_knob_gives_small_maps_and_where_it_stands_is_among_them():
    at = open_page("map", maps__prodigy="safeguard_warmup", **FEW)
    assert cells(at) == [64, 64]
    words = [note["text"] for note in figure(choose(at, "map/maps/prodigy", "learning_rate"))["layout"]["annotations"]]
    assert len(words) == 4
    assert "<b>learning_rate 1</b>" in words


def test_two_axes_are_never_the_same_knob():
    at = choose(open_page("map", **FEW), "map/across/prodigy", "estim_lr_coef")
    assert titles(at) == ("estim_lr_coef", "estim_lr0")


def test_a_choice_against_a_number():
    at = open_page("map", down__prodigy="schedule", measure="D", **FEW)
    assert titles(at) == ("estim_lr0", "schedule")
    assert cells(at) == [40]


def test_too_many_cells_are_explained():
    at = open_page("map", replace(EXPERIMENT, noise="gaussian"), side__plane=128, seeds=16)
    assert "it must be at most 100,000 in all" in errors(at)
    assert not figure(at)


@pytest.mark.parametrize("third", [None, "schedule"])
def test_a_click_opens_the_whole_race_of_that_cell(monkeypatch, third):
    """Another run would be shown than the one that was clicked at."""
    opened: list[str] = []
    monkeypatch.setattr(state, "visit", opened.append)
    event = {"selection": {"points": [{"curve_number": 1 if third else 0, "x": 2, "y": 5}]}}
    monkeypatch.setattr(st, "plotly_chart", lambda *args, **given: event)
    view: dict[str, Any] = {"maps__adam": third} if third else {}
    at = open_page("map", **FEW, contender=1, across__adam="learning_rate", down__adam="start.x", **view)
    assert opened == ["Race"]
    race = at.session_state[state.SESSION].experiment
    assert race.contenders[0] == EXPERIMENT.contenders[0]
    params = {param.name: param for param in EXPERIMENT.definition.start_params}
    assert race.start == (params["x"].spread(8)[5], START[1])
    assert race.contenders[1].knobs["learning_rate"] == pytest.approx(np.geomspace(1e-5, 10, 8)[2])
    assert race.contenders[1].knobs["schedule"] == ("linear" if third else "constant")


@pytest.mark.parametrize(
    "point",
    [
        None,
        3,
        {},
        {"curve_number": 0, "x": 9, "y": 0},
        {"curve_number": 1, "x": 0, "y": 0},
        {"curve_number": 0, "x": -1, "y": 0},
        {"curve_number": 0, "x": 1e400, "y": "a"},
    ],
)
def test_a_click_that_no_browser_of_ours_sends_does_nothing(point):
    alone = replace(EXPERIMENT, contenders=(Contender("adam"),), steps=1)
    found = run(alone, (Axis("beta1", (0.0, 0.9), 0), Axis("learning_rate", (0.1, 1.0), 0)))
    assert page._clicked(alone, 0, found, {"selection": {"points": [point]}}) is None


def test_nobody_in_the_race_is_said():
    assert "Nobody is in the race" in open_page("map", replace(EXPERIMENT, contenders=())).info[0].value
