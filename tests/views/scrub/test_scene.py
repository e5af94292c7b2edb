"""Every value's run is in the scene, on scales that hold them all."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app import jobs
from app.figures.arena.scene import Scene
from app.figures.arena.scrub import scrub
from app.theme import styles
from app.views import sweeps
from app.views.scrub import _clicked
from prodigy_core.engine.runner import run_contender
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.sweep.result import SweepTrace
from tests.figures.runs import ground_of
from tests.sweep.runs import axis, swept

RATES = (1e-4, 5e-4, 1e-3, 1e3)  # the last one breaks off
RACE = Experiment(contenders=(Contender("sgd", {"learning_rate": 1e-3}), Contender("prodigy")), steps=40)


@cache
def found(problem: str = "rosenbrock") -> SweepTrace:
    race = RACE if problem == "rosenbrock" else Experiment(problem, contenders=RACE.contenders, steps=40)
    return swept(race, axis("learning_rate", *RATES), entries=60)


@cache
def made(problem: str = "rosenbrock") -> Scene:
    trace = found(problem)
    experiment = trace.sweep.experiment
    ground = ground_of(experiment) if experiment.definition.domain else None
    return scrub(trace, 0, styles(experiment.contenders, experiment.labels), ground)


def array(scene: Scene, at: list[int]) -> np.ndarray:
    return np.frombuffer(scene.blob, "<f4")[at[0] : at[0] + at[1]]


def test_each_value_has_its_own_run():
    variants = made().described["contenders"][0]["variants"]
    assert len(variants) == len(RATES)
    for i, variant in enumerate(variants):
        experiment = found().sweep.at(0, (i,))
        trace = run_contender(experiment, experiment.contenders[0])
        steps = array(made(), variant["axes"]["steps"])
        assert steps.tolist() == trace.steps[: steps.size].tolist()
        assert steps.size == trace.loss.size
        for name, values in {"loss": trace.loss, "x": trace.position[:, 0], "distance": trace.distance_linf}.items():
            np.testing.assert_allclose(array(made(), variant["channels"][name]["at"]), values, rtol=1e-5, atol=1e-30)
        assert variant["ending"] == trace.ending
        assert variant["broken"] == (i == 3)


def test_where_the_knob_stands_is_shown_first_and_the_others_as_they_are():
    first, other = made().described["contenders"]
    assert made().described["scrub"]["now"] == 2
    assert first["channels"] == first["variants"][2]["channels"]
    assert "variants" not in other
    assert {"D", "loss", "above", "effective_step"} <= set(other["channels"])


def test_words_and_losses_of_every_value():
    described = made().described["scrub"]
    assert described["values"] == ["0.0001", "0.0005", "0.001", "1000"]
    losses = found().grids[0].metrics["final_loss"][:, 0]
    assert described["losses"] == [*losses[:3], None]
    assert described["words"][3] == "learning_rate 1000, final loss broke off"


def test_no_scale_moves_while_one_drags():
    for panel in made().described["panels"]:
        low, high = panel["range"]
        assert 0 < low < high
        for line in panel["lines"]:
            contender = made().described["contenders"][line["contender"]]
            for run in contender.get("variants", [contender])[:3]:
                values = array(made(), run["channels"][line["channel"]]["at"]).astype(float)
                shown = values[(values > 0) & np.isfinite(values)]
                assert (shown <= high * (1 + 1e-5)).all()


def test_many_variables_have_a_plot_that_holds_all_paths():
    described = made("rosenbrock_nd").described
    assert described["map"]["grid"] is None
    for name in "xy":
        low, high = described["map"][name]["range"]
        assert low < 0 < high
    assert not described["map"]["clickable"]


def test_the_scene_is_json_and_small():
    whole = made()
    json.dumps(whole.described, allow_nan=False)
    assert whole.nbytes < 400_000


@pytest.mark.parametrize(
    "value, rate",
    [
        ({"event": "variant", "index": 1, "nth": 1}, 5e-4),
        ({"event": "variant", "index": 4}, None),
        ({"event": "variant", "index": -1}, None),
        ({"event": "variant", "index": "x"}, None),
        ({"event": "start", "at": [0, 0]}, None),
        (None, None),
        (7, None),
        ({"event": "variant", "index": float("inf")}, None),
    ],
)
def test_only_a_value_of_the_axis_opens_a_race(value, rate):
    chosen = _clicked(found(), 0, value)
    assert (None if chosen is None else chosen.contenders[0].knobs["learning_rate"]) == rate


# --- the page ------------------------------------------------------------------------------------------------------


def _page() -> None:
    from app.views import scrub

    scrub.page()


@pytest.fixture
def patient(monkeypatch):
    monkeypatch.setattr(sweeps, "PATIENCE", replace(sweeps.PATIENCE, begin=120.0))
    monkeypatch.setattr(jobs, "FORGOTTEN", 1e9)


def scene_of(at: AppTest) -> dict[str, Any]:
    (instance,) = at.get("component_instance")
    return dict(json.loads(instance.proto.json_args)["scene"])


@pytest.mark.parametrize("precision, told", [("float64", False), ("float32", True)])
def test_the_page_says_where_the_race_of_a_value_may_come_to_another_number(patient, precision, told):
    at = AppTest.from_function(_page, default_timeout=200)
    at.query_params["experiment"] = Experiment(steps=30, precision=precision).to_json(full=False)
    at.run()
    assert (sweeps.ROUNDING in [caption.value for caption in at.caption]) == told


def test_the_page_sends_the_whole_axis(patient):
    at = AppTest.from_function(_page, default_timeout=200)
    at.query_params["experiment"] = Experiment(steps=30).to_json(full=False)
    at.run()
    assert not at.exception, [element.message for element in at.exception]
    described = scene_of(at)["scrub"]
    assert described["knob"] == "estim_lr0"
    assert len(described["values"]) in (65, 66)
    assert described["values"][described["now"]] == "1e-06"
    next(box for box in at.selectbox if box.label == "Knob").set_value("safeguard_warmup")
    at.run()
    assert scene_of(at)["scrub"]["values"] == ["false", "true"]
