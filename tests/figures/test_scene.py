"""What the browser is sent of a race: the numbers of the traces, each contender in its one colour."""

from __future__ import annotations

import json

import numpy as np
import pytest

from app.figures.arena.records import Coordinates
from app.figures.arena.scene import scene as build_scene
from app.figures.arena.window import window
from app.theme import styles
from prodigy_core.engine.runner import run
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.landscape.grid import landscape
from prodigy_core.trace import Status
from tests.figures.runs import (
    SIX,
    drawn_runs,
    every_problem,
    heights_of,
    lines,
    path,
    real_race,
    scene_of,
    styles_of,
    trace_of,
    vectors,
)
from tests.traces import OWN_PANELS

PANELS = ("distance", "loss", "step", *OWN_PANELS)


@every_problem
def test_every_panel_of_every_problem_has_its_lines_over_steps(problem):
    experiment, traces = drawn_runs(problem)
    scene = scene_of(experiment, traces)
    json.dumps(scene.described, allow_nan=False)  # JSON knows no NaN: the browser would read nothing at all
    assert [panel.id for panel in scene.panels] == list(PANELS)
    for name in PANELS:
        for line in lines(scene, name):
            assert line.x.size == line.y.size > 0
            assert (np.diff(line.x) > 0).all()
            assert np.isfinite(line.y).any()
    assert scene.last == traces[0].steps[-1]


def test_a_contender_has_its_one_colour_and_dash_everywhere():
    """A person follows a colour from panel to panel."""
    experiment, traces = drawn_runs("rosenbrock", SIX)
    scene, drawn = scene_of(experiment, traces), styles_of(experiment)
    assert [(one.label, one.colour) for one in scene.contenders] == [(style.label, style.colour) for style in drawn]
    assert len({(one.colour, tuple(one.dash)) for one in scene.contenders}) == len(SIX)
    for name in PANELS:
        assert {line.contender for line in lines(scene, name)} == {style.label for style in drawn}


@pytest.mark.parametrize("problem", ["rosenbrock", "goldstein_price", "monkey_saddle", "mccormick"])
@pytest.mark.parametrize("entries", [0, 1, 2])
def test_runs_that_broke_off_at_once_or_later_are_drawn_too(problem, entries):
    """Divergence is what a person came to see: it must never be an error page."""
    experiment, (complete, _) = drawn_runs(problem)
    cut = trace_of(complete.position[:entries], complete.loss[:entries], Status.DIVERGED)
    nan = trace_of(complete.position[:entries], complete.loss[:entries], Status.NOT_A_NUMBER, with_d=False)
    for traces in ([cut, complete], [complete, nan], [cut, nan], [cut, cut]):
        scene = scene_of(experiment, traces)
        json.dumps(scene.described, allow_nan=False)
        broken = [contender.broken for contender in scene.contenders]
        assert broken == [trace.status is not Status.FINISHED for trace in traces]


def test_a_path_that_left_the_range_of_float32_is_sent_without_a_warning():
    experiment, (complete, _) = drawn_runs("rosenbrock")
    far = complete.position.copy()
    far[-3:] = [[1e5, 1e4], [-1e12, 1e11], [1e60, -1e51]]
    loss = complete.loss.copy()
    loss[-3:] = [1e22, 1e50, 1e240]
    scene = scene_of(experiment, [trace_of(far, loss, Status.DIVERGED), complete])
    assert np.isfinite(path(scene, 0)).all()
    assert (np.sign(path(scene, 0)[-1]) == [1, -1]).all()


def test_a_real_race_is_sent_from_its_start_to_its_end_with_all_that_a_step_is_made_of():
    experiment, traces = real_race()
    scene = scene_of(experiment, traces)
    for name in PANELS:
        for line in lines(scene, name):
            assert line.x.tolist() == list(range(101))
    prodigy, adam = scene.contenders
    both = {"gx", "gy", "ux", "uy", "mx", "my", "vx", "vy", "loss", "x", "y", "distance", "to_minimiser"}
    assert both <= set(adam.channels)
    assert both | {"sx", "sy", "D", "d_hat", "numerator", "denominator", "inner"} <= set(prodigy.channels)
    np.testing.assert_array_equal(vectors(scene, 0, Coordinates("ux", "uy")), traces[0].vectors["update"].astype("f4"))


def test_two_contenders_of_2000_steps_are_under_400_kB():
    """Every turn of a knob sends it anew, perhaps over the network of a school."""
    experiment = Experiment("rosenbrock", steps=2_000)
    ground = landscape(experiment.problem, experiment.settings, window(experiment))
    scene = build_scene(experiment, run(experiment), styles(experiment.contenders, experiment.labels), ground)
    assert all(line.x.size == 2_001 for line in lines(scene, "loss")), "every step is there"
    assert scene.nbytes < 400_000
    assert heights_of(scene).shape == ground.loss.shape


def test_another_problem_has_another_key_and_a_turned_knob_has_not():
    """The zoom and the step would be lost at every turn, or kept where they mean nothing."""

    def key(experiment: Experiment) -> str:
        _, traces = drawn_runs("rosenbrock")
        return scene_of(experiment, traces).key

    usual = Experiment()
    for same in (
        Experiment(start=(1.0, 1.5)),
        Experiment(contenders=(Contender("prodigy", {"estim_lr0": 0.1}), Contender("adam"))),
        Experiment(steps=77),
    ):
        assert key(same) == key(usual)
    assert key(Experiment(problem="beale")) != key(usual)
    assert key(Experiment(problem="formula", formula="x*y")) != key(Experiment(problem="formula", formula="x+y"))
