"""The loss, the distance with its estimate, the effective step and a model's scores: the numbers of the traces, unchanged."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType

import numpy as np
import pytest

from app.figures.arena import panels
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.problems import PROBLEMS
from prodigy_core.trace import Trace
from tests.figures.runs import SIX, N, drawn_runs, every_problem, lines, named, panel_of, scene_of, shift, styles_of, trace_of
from tests.traces import OWN_PANELS

# --- the loss ------------------------------------------------------------------------------------------------------


@every_problem
def test_the_loss_curve_is_the_loss_above_the_minimum(problem):
    experiment, traces = drawn_runs(problem)
    scene = scene_of(experiment, traces)
    minimum = PROBLEMS[problem].minimum
    for trace, style in zip(traces, styles_of(experiment), strict=True):
        line = named(scene, "loss", style.label)
        np.testing.assert_array_equal(line.x, np.arange(trace.loss.size))
        np.testing.assert_allclose(line.y, trace.loss - (minimum or 0), rtol=1e-6, atol=1e-6)
    panel = panel_of(scene, "loss")
    assert panel.scale == ("linear" if minimum is None else "log")
    assert panel.title == ("Loss above the minimum" if minimum else "Loss")


def test_the_tolerance_is_a_line_in_the_loss_figure_where_a_person_set_it():
    experiment, traces = drawn_runs("rosenbrock")
    (level,) = panels.loss(experiment, traces, styles_of(experiment)).levels
    assert level.value == experiment.tolerance


def test_a_path_below_the_known_minimum_turns_the_loss_axis_linear():
    """Outside its domain McCormick's function falls without bound: there a logarithm would hide it."""
    experiment, (complete, other) = drawn_runs("mccormick")
    minimum = PROBLEMS["mccormick"].minimum or 0
    deep = trace_of(complete.position, np.where(np.arange(N) > 6, minimum - 5, complete.loss))
    scene = scene_of(experiment, [deep, other])
    panel = panel_of(scene, "loss")
    assert (panel.scale, panel.title) == ("linear", "Loss")
    np.testing.assert_array_equal(named(scene, "loss", "Prodigy").y, deep.loss.astype("f4"))
    assert panel.range is not None
    low, high = panel.range
    assert low < minimum - 5 < max(other.loss) < high


def test_a_loss_that_rounding_took_to_the_minimum_or_below_stays_in_the_picture():
    """An optimizer that arrives exactly must not vanish from the figure as if it had failed."""
    experiment, (complete, other) = drawn_runs("booth")
    arrived = trace_of(complete.position, np.where(np.arange(N) > 6, np.array([0.0, -1e-17])[np.arange(N) % 2], complete.loss))
    scene = scene_of(experiment, [arrived, other])
    line = named(scene, "loss", "Prodigy")
    assert panel_of(scene, "loss").scale == "log"
    assert (line.y > 0).all()
    assert line.y[-1] == np.float32(min(complete.loss[:7]))
    nothing = trace_of(complete.position, np.zeros(N))
    assert np.isnan(named(scene_of(experiment, [nothing, other]), "loss", "Prodigy").y).all()


# --- the estimate and the step -------------------------------------------------------------------------------------


def test_d_stands_beside_the_distance_in_the_norm_that_it_estimates():
    experiment, traces = drawn_runs("rosenbrock")
    scene = scene_of(experiment, traces)
    np.testing.assert_array_equal(named(scene, "distance", "Prodigy, D").y, traces[0].probes["D"].astype("f4"))
    for i, name in enumerate(("Prodigy", "Adam")):
        away = named(scene, "distance", f"{name}, distance")
        np.testing.assert_array_equal(away.y, traces[i].distance_linf.astype("f4"))
        assert away.style == "dotted"
    assert not [line for line in lines(scene, "distance") if line.name == "Adam, D"]
    (level,) = panel_of(scene, "distance").levels
    assert level.value == np.abs(np.subtract((1.0, 1.0), experiment.start or ())).max()


@pytest.mark.parametrize("problem, start", [("monkey_saddle", (1.0, 1.0)), ("shifted_sphere", (3.0, 3.0))])
def test_without_a_distance_to_go_there_is_no_line_for_it(problem, start):
    experiment = Experiment(problem=problem, start=start)
    _, traces = drawn_runs(problem)
    assert not panels.distance(experiment, traces, styles_of(experiment)).levels


def test_the_effective_step_is_drawn_as_recorded():
    experiment, traces = drawn_runs("rosenbrock")
    line = named(scene_of(experiment, traces), "step", "Adam")
    np.testing.assert_array_equal(line.y, traces[1].probes["effective_step"].astype("f4"))


def test_every_panel_says_in_words_where_its_curves_end():
    """Who cannot see the picture is told what it comes to."""
    experiment, traces = drawn_runs("rosenbrock")
    for panel in scene_of(experiment, traces).panels:
        assert panel.words.endswith(".")
    assert f"Prodigy {traces[0].loss[-1]:.3g}" in panels.loss(experiment, traces, styles_of(experiment)).words


# --- what a model has that a function has not ----------------------------------------------------------------------


@cache
def model_runs(optimizers: tuple[str, ...] = ("prodigy", "adam")) -> tuple[Experiment, list[Trace]]:
    """Runs of 5,000 steps of which every fifth was recorded, and every fortieth judged."""
    experiment = Experiment(problem="mlp", contenders=tuple(Contender(name) for name in optimizers), steps=5_000)
    n = 1_001
    position = np.stack([np.linspace(0, 1, n), np.linspace(0, -1, n)], axis=1)
    names = ("train_loss", "validation_loss", "train_accuracy", "validation_accuracy")
    metrics = {name: np.linspace(0.9 - 0.1 * i, 0.2 + 0.1 * i, n)[::8] for i, name in enumerate(names)}
    return experiment, [
        trace_of(
            position,
            np.geomspace(3, 0.1, n),
            with_d="prodigy" in name,
            steps=5 * np.arange(n),
            projected=True,
            evaluated=5 * np.arange(n)[::8],
            metrics=MappingProxyType({name: values + i / 100 for name, values in metrics.items()}),
            gradient_norm=np.geomspace(2 + i, 0.01, n),
        )
        for i, name in enumerate(optimizers)
    ]


@pytest.mark.parametrize("panel, metric", [("learning", "loss"), ("score", "accuracy")])
def test_both_parts_stand_at_the_steps_at_which_they_were_taken(panel, metric):
    """Drawn over 0, 1, 2 ..., or validation for training, the picture would tell of another run."""
    experiment, traces = model_runs()
    scene = scene_of(experiment, traces)
    assert len(lines(scene, panel)) == 4
    for trace, style in zip(traces, styles_of(experiment), strict=True):
        for part in ("train", "validation"):
            line = named(scene, panel, f"{style.label}, {part}")
            np.testing.assert_array_equal(line.x, trace.evaluated)
            np.testing.assert_array_equal(line.y, trace.metrics[f"{part}_{metric}"].astype("f4"))
            assert (line.colour, line.style) == (style.colour, "dotted" if part == "train" else "own")
    assert panel_of(scene, "learning").scale == "log"
    assert [panel.id for panel in scene.panels] == ["distance", "score", "learning", "step", *OWN_PANELS]


def test_the_score_of_an_accuracy_has_an_axis_that_ends_at_one():
    experiment, traces = model_runs()
    panel = panel_of(scene_of(experiment, traces), "score")
    assert panel.range is not None
    low, high = panel.range
    lowest = min(trace.metrics["validation_accuracy"].min() for trace in traces)
    assert max(0, lowest - 0.2) <= low < lowest
    assert 1 < high < 1.1
    assert panel.scale == "linear"
    assert "accuracy" in panel.title


@pytest.mark.parametrize("name, title", [("r_squared", "r squared"), ("relative_error", "relative error")])
def test_a_model_that_predicts_numbers_is_judged_by_its_own_score(name, title):
    """An R² below 0 is no error, and must not be cut off as an accuracy would be."""
    experiment, (first, _) = model_runs()
    values = np.linspace(-3, 0.5, first.evaluated.size)
    metrics = {"train_loss": values**2, "validation_loss": values**2, f"train_{name}": values, f"validation_{name}": values}
    trace = trace_of(first.position, first.loss, evaluated=first.evaluated, metrics=MappingProxyType(metrics))
    assert panels.score_name(trace) == name
    panel = panels.score([trace], styles_of(experiment)[:1])
    assert panel is not None
    assert title in panel.title
    assert panel.range is None


def test_a_model_with_losses_alone_has_no_score():
    experiment, (first, _) = model_runs()
    losses = {name: values for name, values in first.metrics.items() if name.endswith("loss")}
    trace = trace_of(first.position, first.loss, evaluated=first.evaluated, metrics=MappingProxyType(losses))
    assert panels.score([trace], styles_of(experiment)[:1]) is None
    assert panels.score_name(trace_of(first.position, first.loss, metrics={"loss": np.zeros(1)})) is None, "nor a function"


def test_a_run_of_which_nothing_was_judged_leaves_room_for_the_others():
    """It broke off at its start; the others did not."""
    experiment, (first, second) = model_runs()
    nothing = trace_of(first.position[:0], first.loss[:0])
    for traces in ([nothing, second], [nothing, nothing]):
        assert panel_of(scene_of(experiment, traces), "score").lines
    line = named(scene_of(experiment, [nothing, second]), "learning", "Adam, validation")
    np.testing.assert_array_equal(line.y, second.metrics["validation_loss"].astype("f4"))


def test_the_gradient_of_a_model_is_drawn_as_each_contender_met_it():
    experiment, traces = model_runs()
    scene = scene_of(experiment, traces)
    for trace, style in zip(traces, styles_of(experiment), strict=True):
        line = named(scene, "gradient", style.label)
        np.testing.assert_array_equal(line.x, 5 * np.arange(1_001))
        np.testing.assert_array_equal(line.y, trace.gradient_norm.astype("f4"))


def test_six_models_are_told_apart():
    experiment, traces = model_runs(SIX)
    drawn = lines(scene_of(experiment, [shift(trace, i) for i, trace in enumerate(traces)]), "learning")
    assert len({(line.colour, tuple(line.dash)) for line in drawn if line.style == "own"}) == 6
    assert len({line.y[0] for line in drawn if line.name.endswith("validation")}) == 6
