"""The page from its link and its widgets to its figure, its sentences and the race."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import jax
import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from app import state
from app.figures.sweeps.measures import MEASURES, measures
from app.views import sensitivity, sweep_widgets, sweeps
from prodigy_core.engine.loop import Inputs, Loop
from prodigy_core.engine.prepare import prepare
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.sweep.runner import run as run_sweep
from prodigy_core.sweep.spec import Axis, knobs_of
from tests.views.race.pages import checked, shown, values
from tests.views.sensitivity.pages import EXPERIMENT, PAGES, choose, chosen, errors, figure, open_page, text_of

FEW: dict[str, Any] = {"count": 5}
BETA: dict[str, Any] = {"1__adam": "beta1"}
WORDS: dict[str, Any] = {"0__prodigy": "safeguard_warmup", "1__adam": "schedule"}


def names(at) -> list[str]:
    return [trace["name"] for trace in figure(at)["data"] if trace.get("showlegend")]


def axes(at) -> dict[str, int]:
    """How many values each curve has, by its name."""
    return {trace["name"]: len(trace["text"]) for trace in figure(at)["data"] if trace.get("showlegend")}


def ends(at) -> tuple[str, str]:
    """The first and the last learning rate of Adam's curve."""
    (words,) = [
        trace["text"] for trace in figure(at)["data"] if trace["name"] == "Adam: learning_rate" and trace.get("showlegend")
    ]
    first, last = (word.partition("</b>")[0].rpartition(" ")[2] for word in (words[0], words[-1]))
    return first, last


def test_prodigys_first_estimate_stands_beside_adams_learning_rate():
    at = open_page("sensitivity")
    assert names(at) == ["Prodigy: estim_lr0", "Adam: learning_rate"]
    assert "Prodigy: 3 of 66 values of estim_lr0 do well: final loss" in text_of(at)
    assert "Adam: 5 of 66 values of learning_rate do well: final loss" in text_of(at)
    assert shown(at) == EXPERIMENT
    assert chosen(at) == {}


def test_any_knob_may_be_turned_and_stands_in_the_link_of_the_page():
    at = choose(open_page("sensitivity", **FEW), "sensitivity/1/adam", "beta1")
    assert names(at) == ["Prodigy: estim_lr0", "Adam: beta1"]
    assert chosen(at) == {"sensitivity/count": 5, "sensitivity/1/adam": "beta1"}
    again = open_page("sensitivity", **FEW, **BETA)
    assert figure(again) == figure(at)


def test_a_switch_and_a_choice_have_all_their_values():
    at = open_page("sensitivity", **WORDS)
    assert axes(at) == {"Prodigy: safeguard_warmup": 2, "Adam: schedule": 5}


def test_the_ends_of_a_knob_can_be_moved_and_a_wrong_one_is_explained():
    at = open_page("sensitivity", **FEW)
    field = "widget/sweeps/sensitivity/1/adam/learning_rate"
    checked(at.text_input(key=f"{field}/from").set_value("0.01").run())
    assert axes(at)["Adam: learning_rate"] == 6, "with where the knob stands among them"
    assert ends(at) == ("0.01", "10")
    checked(at.text_input(key=f"{field}/to").set_value("many").run())
    assert "it must be a number from 0" in errors(at)
    assert ends(at) == ("0.01", "10"), "the last good end stays"
    assert chosen(at)["sensitivity/1/adam/learning_rate/from"] == "0.01"


@pytest.mark.parametrize(
    "view",
    [
        '{"sensitivity/count": [1]}',
        '{"sensitivity/1/adam/learning_rate/from": 7, "sensitivity/measure": {}}',
        "[",
        "3",
        "{" * 5000,
    ],
)
def test_a_link_that_somebody_spoilt_shows_the_usual_page(view):
    at = open_page("sensitivity")
    usual = figure(at)
    at.query_params["view"] = view
    at.session_state[state.SESSION].views.clear()
    assert figure(checked(at.run())) == usual


def test_where_the_seed_decides_several_are_run_and_else_there_is_no_choice_of_them():
    quiet = open_page("sensitivity", **FEW)
    assert not [box for box in quiet.selectbox if box.label == "Seeds"]
    noisy = open_page("sensitivity", replace(EXPERIMENT, noise="gaussian"), **FEW, seeds=2)
    assert any(trace["name"].endswith("quartiles") for trace in figure(noisy)["data"])


def test_six_contenders_have_a_knob_each():
    contenders = tuple(Contender(name) for name in ("prodigy", "adam", "sgd", "dog", "lion", "cocob"))
    at = open_page("sensitivity", replace(EXPERIMENT, contenders=contenders, steps=20), **FEW)
    assert len(names(at)) == 6


def test_the_figure_is_that_of_the_sweep():
    at = open_page("sensitivity", **FEW)
    values = [
        sweep_widgets.axis_values(knobs_of(EXPERIMENT, c)[k], EXPERIMENT.contenders[c].knobs[k], 5)
        for c, k in enumerate(("estim_lr0", "learning_rate"))
    ]
    found = run_sweep(EXPERIMENT, (Axis("estim_lr0", values[0], 0), Axis("learning_rate", values[1], 1)))
    told = [trace["text"] for trace in figure(at)["data"] if trace.get("showlegend")]
    for grid, words in zip(found.grids, told, strict=True):
        for loss, word in zip(grid.metrics["final_loss"][:, 0], words, strict=True):
            assert f"Final loss {loss:.3g}" in word or loss < 1e-17 or loss >= 1000


def test_a_click_opens_the_whole_race_with_that_value(monkeypatch):
    """Another run would be shown than the one that was clicked at."""
    opened: list[str] = []
    monkeypatch.setattr(state, "visit", opened.append)
    event = {"selection": {"points": [{"customdata": [1, 0]}]}}
    monkeypatch.setattr(st, "plotly_chart", lambda *args, **given: event)
    at = open_page("sensitivity", **FEW)
    assert opened == ["Race"]
    race = at.session_state[state.SESSION].experiment
    assert race == replace(EXPERIMENT, contenders=(EXPERIMENT.contenders[0], Contender("adam", {"learning_rate": 1e-5})))


@pytest.mark.parametrize("data", [None, [], [9, 0], [0, 99], [-1, 0], [0, -1], "x", {"a": 1}, [1e400, 0], [None, None]])
def test_a_click_that_no_browser_of_ours_sends_does_nothing(data):
    found = run_sweep(replace(EXPERIMENT, steps=1), (Axis("estim_lr0", (1e-6,), 0), Axis("learning_rate", (0.1,), 1)))
    assert sensitivity._clicked(found, {"selection": {"points": [{"customdata": data}]}}) is None
    assert sensitivity._clicked(found, None) is None


def test_nobody_in_the_race_and_an_upload_that_is_missing_are_said():
    at = open_page("sensitivity", replace(EXPERIMENT, contenders=()))
    assert "Nobody is in the race" in at.info[0].value
    assert not figure(at)
    model = Experiment("logistic_regression", settings={"data": "upload"})
    assert "Upload" in open_page("sensitivity", model).info[0].value


def test_a_sweep_that_is_too_large_is_explained(monkeypatch):
    from prodigy_core import limits

    monkeypatch.setattr(limits, "MAX_RUNS", 7)
    at = open_page("sensitivity", **FEW)
    assert "at most 7 in all" in errors(at)
    assert not figure(at)


def test_what_runs_can_be_taken_home():
    at = open_page("sensitivity", **FEW)
    labels = [element.proto.label for element in at.get("download_button")]
    assert labels == ["Runs as CSV", "Runs as Parquet", "Runs as JSON", "Only the sweep, for prodigy-lab sweep"]


@pytest.mark.parametrize("optimizer", list(OPTIMIZERS))
def test_the_final_d_is_offered_where_there_is_one(optimizer):
    experiment = Experiment("sphere", steps=3, contenders=(Contender(optimizer),))
    assert ("D" in measures(experiment)) == ("D" in probes(experiment))


def probes(experiment: Experiment) -> set[str]:
    """Return the names of the contender's probes; no step is taken."""
    prepared = prepare(experiment, experiment.contenders[0], None)

    def step(inputs: Inputs) -> dict[str, Any]:
        loop = Loop(prepared.program, inputs)
        return loop.step(loop.first(), 0, None)[1]

    searched = {"learning_rate": 0.1}  # of who looks for it
    inputs = prepared.inputs._replace(knobs={**searched, **prepared.inputs.knobs})
    with jax.enable_x64(True):
        return set(jax.eval_shape(step, inputs)["probes"])


def test_every_measure_that_is_offered_is_there():
    experiment = Experiment("logistic_regression", steps=5, contenders=(Contender("prodigy"),))
    (grid,) = run_sweep(experiment, (Axis("estim_lr0", (1e-6, 1e-3), 0),)).grids
    for name in measures(experiment):
        assert name in grid.metrics, name
        assert not np.isnan(grid.metrics[name]).any() or name == "steps_to"
    assert set(measures(experiment)) <= set(MEASURES)


@pytest.mark.parametrize("page", ["sensitivity", "map"])
@pytest.mark.parametrize("precision, told", [("float64", False), ("float32", True)])
def test_a_page_says_where_the_race_of_a_point_may_come_to_another_number(page, precision, told):
    """A person would click on a point, read another number in the race, and trust neither."""
    few = FEW if page == "sensitivity" else {"side__plane": 8}
    at = open_page(page, replace(EXPERIMENT, precision=precision), **few)
    assert (sweeps.ROUNDING in text_of(at)) == told


def test_a_map_over_precisions_says_so_too():
    at = open_page("map", side__plane=8, down__prodigy="precision")
    assert sweeps.ROUNDING in text_of(at)


def test_whoever_comes_without_a_link_sees_the_valley_beside_the_plain():
    at = AppTest.from_function(PAGES["sensitivity"], default_timeout=60)
    checked(at.run())
    (link,) = values(at.query_params["experiment"])
    assert Experiment.from_json(link) == sensitivity.OPENING
    prodigy, adam = (count_of(sentence) for sentence in text_of(at).splitlines() if "values of" in sentence)
    assert prodigy > 0.95
    assert adam < 0.25


def count_of(sentence: str) -> float:
    """The share of values that do well, as a sentence says it."""
    match = re.search(r"(\d+) of (\d+) values", sentence)
    assert match is not None
    return int(match[1]) / int(match[2])


def test_the_first_minute_ends_over_the_results_for_all_values():
    at = AppTest.from_function(PAGES["sensitivity"], default_timeout=60)
    at.query_params["experiment"] = Experiment().to_json(full=False)
    at.query_params["view"] = '{"minute":3}'
    checked(at.run())
    assert "Your turn" in text_of(at)
    checked(at.button(key="widget/minute/skip").click().run())
    assert "Your turn" not in text_of(at)
    assert "minute" not in chosen(at)
