"""The loss, the distance with its estimate and the effective step: the numbers of the traces, unchanged."""

from __future__ import annotations

import numpy as np
import pytest

from app.figures import curves
from prodigy_core.experiment import Experiment
from prodigy_core.problems import PROBLEMS
from tests.figures.runs import N, drawn_runs, every_problem, lines, looks_of, named, trace_of

# --- the loss ------------------------------------------------------------------------------------------------------


@every_problem
def test_the_loss_curve_is_the_loss_above_the_minimum(problem):
    experiment, traces = drawn_runs(problem)
    figure = curves.loss(experiment, traces, looks_of(experiment))
    minimum = PROBLEMS[problem].minimum
    for trace, look in zip(traces, looks_of(experiment), strict=True):
        line = named(figure, look.label)
        np.testing.assert_array_equal(line.x, np.arange(trace.loss.size))
        np.testing.assert_allclose(line.y, trace.loss - (minimum or 0), rtol=1e-9, atol=1e-9)
    assert figure.layout.yaxis.type == ("log" if minimum is not None else None)
    assert figure.layout.title.text == ("Loss above the minimum" if minimum else "Loss")


def test_the_tolerance_is_a_line_in_the_loss_figure_where_a_person_set_it():
    experiment, traces = drawn_runs("rosenbrock")
    figure = curves.loss(experiment, traces, looks_of(experiment))
    (shape,) = figure.layout.shapes
    assert shape.y0 == shape.y1 == experiment.tolerance
    (note,) = figure.layout.annotations
    assert note.y == pytest.approx(np.log10(experiment.tolerance))  # annotations count in decades, shapes do not


def test_a_path_below_the_known_minimum_turns_the_loss_axis_linear():
    """Outside its domain McCormick's function falls without bound: there a logarithm would hide it."""
    experiment, (whole, other) = drawn_runs("mccormick")
    minimum = PROBLEMS["mccormick"].minimum or 0
    deep = trace_of(whole.position, np.where(np.arange(N) > 6, minimum - 5, whole.loss))
    figure = curves.loss(experiment, [deep, other], looks_of(experiment))
    assert figure.layout.yaxis.type != "log"
    np.testing.assert_array_equal(named(figure, "Prodigy").y, deep.loss)
    assert figure.layout.title.text == "Loss"


def test_a_loss_that_rounding_took_to_the_minimum_or_below_stays_in_the_picture():
    """An optimizer that arrives exactly must not vanish from the figure as if it had failed."""
    experiment, (whole, other) = drawn_runs("booth")
    arrived = trace_of(whole.position, np.where(np.arange(N) > 6, np.array([0.0, -1e-17])[np.arange(N) % 2], whole.loss))
    figure = curves.loss(experiment, [arrived, other], looks_of(experiment))
    line = named(figure, "Prodigy")
    assert figure.layout.yaxis.type == "log"
    assert (line.y > 0).all()
    assert line.y[-1] == min(whole.loss[:7])
    nothing = trace_of(whole.position, np.zeros(N))
    assert np.isnan(named(curves.loss(experiment, [nothing, other], looks_of(experiment)), "Prodigy").y).all()


# --- the estimate and the step -------------------------------------------------------------------------------------


def test_d_stands_beside_the_distance_in_the_norm_that_it_estimates():
    experiment, traces = drawn_runs("rosenbrock")
    figure = curves.distance(experiment, traces, looks_of(experiment))
    np.testing.assert_array_equal(named(figure, "Prodigy, D").y, traces[0].probes["D"])
    for name in ("Prodigy", "Adam"):
        away = np.asarray(named(figure, f"{name}, distance").y)
        assert np.isnan(away[0])  # 0 at the start: a gap on a logarithmic axis
        np.testing.assert_array_equal(away[1:], traces[0].distance_linf[1:])
    assert not [line for line in lines(figure) if line.name == "Adam, D"]
    (shape,) = figure.layout.shapes
    assert shape.y0 == np.abs(np.subtract((1.0, 1.0), experiment.start or ())).max()


@pytest.mark.parametrize(
    "problem, start, distance",
    [
        ("himmelblau", (3.0, 2.5), 0.5),
        ("himmelblau", (-3.8, -3.3), 0.020689),  # the nearest of four
        ("shifted_sphere", (0.0, 1.0), 3.0),
        ("monkey_saddle", (1.0, 1.0), None),
    ],
)
def test_the_known_distance_is_that_to_the_nearest_minimiser(problem, start, distance):
    found = curves.nearest_minimiser(Experiment(problem=problem, start=start))
    assert found == (distance if distance is None else pytest.approx(distance, abs=1e-5))


@pytest.mark.parametrize("problem, start", [("monkey_saddle", (1.0, 1.0)), ("shifted_sphere", (3.0, 3.0))])
def test_without_a_distance_to_go_there_is_no_line_for_it(problem, start):
    experiment = Experiment(problem=problem, start=start)
    _, traces = drawn_runs(problem)
    assert not curves.distance(experiment, traces, looks_of(experiment)).layout.shapes


def test_the_effective_step_is_drawn_as_recorded_and_zero_is_a_gap():
    experiment, traces = drawn_runs("rosenbrock")
    figure = curves.effective_step(traces, looks_of(experiment))
    np.testing.assert_array_equal(named(figure, "Adam").y, traces[1].probes["effective_step"])
    assert np.isnan(curves.positive(np.array([0.0, -1.0]))).all()
