"""Every value's run is in the scene, on scales that hold them all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app import jobs
from app.figures.arena.records import Scene, Scrub, Variant
from app.figures.arena.scrub import scrub
from app.theme import styles
from app.views import sweeps
from app.views.scrub import _chosen
from prodigy_core.engine.runner import run_contender
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.sweep.result import SweepTrace
from tests.figures.runs import array, landscape_of
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
    ground = landscape_of(experiment) if experiment.definition.domain else None
    return scrub(trace, 0, styles(experiment.contenders, experiment.labels), ground)


def scrubbed() -> Scrub:
    scrubbed = made().scrub
    assert scrubbed is not None
    return scrubbed


def test_each_value_has_its_own_run():
    variants = made().contenders[0].variants
    assert variants is not None
    assert len(variants) == len(RATES)
    for i, variant in enumerate(variants):
        experiment = found().sweep.at(0, (i,))
        trace = run_contender(experiment, experiment.contenders[0])
        steps = array(made(), variant.axes["steps"])
        assert steps.tolist() == trace.steps[: steps.size].tolist()
        assert steps.size == trace.loss.size
        for name, values in {"loss": trace.loss, "x": trace.position[:, 0], "distance": trace.distance_linf}.items():
            np.testing.assert_allclose(array(made(), variant.channels[name].at), values, rtol=1e-5, atol=1e-30)
        assert variant.ending == trace.ending
        assert variant.broken == (i == 3)


def test_where_the_knob_stands_is_shown_first_and_the_others_as_they_are():
    first, other = made().contenders
    assert scrubbed().now == 2
    assert first.variants is not None
    assert first.channels == first.variants[2].channels
    assert other.variants is None
    assert {"D", "loss", "above", "effective_step"} <= set(other.channels)


def test_words_and_losses_of_every_value():
    assert scrubbed().values == ["0.0001", "0.0005", "0.001", "1000"]
    losses = found().grids[0].metrics["final_loss"][:, 0]
    assert scrubbed().losses == [*losses[:3], None]
    assert scrubbed().words[3] == "learning_rate 1000, final loss broke off"


def test_no_scale_moves_while_one_drags():
    for panel in made().panels:
        assert panel.range is not None
        low, high = panel.range
        assert 0 < low < high
        for line in panel.lines:
            contender = made().contenders[line.contender]
            runs: Sequence[Variant] = contender.variants or [contender]
            for run in runs[:3]:
                values = array(made(), run.channels[line.channel].at).astype(float)
                shown = values[(values > 0) & np.isfinite(values)]
                assert (shown <= high * (1 + 1e-5)).all()


def test_many_variables_have_a_plot_that_holds_all_paths():
    drawn = made("rosenbrock_nd").map
    assert drawn.grid is None
    for ends in (drawn.x.range, drawn.y.range):
        assert ends is not None
        assert ends.low < 0 < ends.high
    assert not drawn.clickable


def test_the_scene_is_json_and_small():
    scene = made()
    json.dumps(scene.described, allow_nan=False)
    assert scene.nbytes < 400_000


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
    chosen = _chosen(found(), 0, value)
    assert (None if chosen is None else chosen.contenders[0].knobs["learning_rate"]) == rate


# --- the page ------------------------------------------------------------------------------------------------------


def _page() -> None:
    from app.views import scrub

    scrub.page()


@pytest.fixture
def patient(monkeypatch):
    monkeypatch.setattr(sweeps, "PATIENCE", 120.0)
    monkeypatch.setattr(jobs, "FORGOTTEN", 1e9)


def scene_of(at: AppTest) -> dict[str, Any]:
    (instance,) = at.get("component_instance")
    return dict(json.loads(instance.proto.json_args)["scene"])


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
