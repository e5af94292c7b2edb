"""The landscape and the paths over it."""

from __future__ import annotations

import numpy as np
import pytest

from app.figures.paths import paths, projection
from app.figures.window import window
from prodigy_core.experiment import Experiment
from prodigy_core.problems import PROBLEMS
from prodigy_core.trace import Status, Trace
from tests.figures.runs import drawn_runs, every_problem, ground_of, looks_of, named, trace_of


@every_problem
def test_the_landscape_shows_the_domain_the_start_and_every_minimiser(problem):
    experiment, traces = drawn_runs(problem)
    figure, entry = paths(experiment, ground_of(experiment), traces, looks_of(experiment)), PROBLEMS[problem]
    assert entry.domain is not None
    (left, right), (low, high) = figure.layout.xaxis.range, figure.layout.yaxis.range
    assert left <= entry.domain[0][0] < entry.domain[0][1] <= right
    assert low <= entry.domain[1][0] < entry.domain[1][1] <= high
    stars = named(figure, "minimiser")
    np.testing.assert_array_equal(np.reshape([stars.x, stars.y], (2, -1)).T, np.reshape(entry.minimisers, (-1, 2)))
    start = named(figure, "start")
    assert ((start.x[0], start.y[0]),) == (experiment.start,)
    ground = figure.data[0]
    assert ground.type == "contour"
    assert np.shape(ground.z) == (len(ground.y), len(ground.x))
    assert np.isfinite(ground.z).all()


@pytest.mark.parametrize("start", [(1e6, -1e6), (2.0, 3.0), (-1.99, -0.99)])
def test_the_window_is_wide_enough_for_any_start_and_ends_behind_it(start):
    (left, right), (low, high) = window(Experiment(start=start))
    assert left <= -2 < 2 <= right
    assert low <= -1 < 3 <= high
    assert left < start[0] < right
    assert low < start[1] < high


@every_problem
def test_every_path_goes_through_the_points_of_its_run_and_ends_where_it_ended(problem):
    experiment, traces = drawn_runs(problem)
    figure = paths(experiment, ground_of(experiment), traces, looks_of(experiment))
    for trace, look in zip(traces, looks_of(experiment), strict=True):
        line, end = named(figure, look.label), named(figure, f"{look.label}, end")
        np.testing.assert_allclose(np.stack([line.x, line.y], axis=1), trace.position, rtol=1e-6, atol=1e-6)
        np.testing.assert_array_equal(line.customdata[:, 0], np.arange(trace.loss.size))
        np.testing.assert_array_equal(line.customdata[:, 1], trace.loss)
        np.testing.assert_array_equal((end.x[0], end.y[0]), trace.position[-1])
        assert end.marker.symbol == "circle"
        assert end.marker.color == look.colour
    broken = trace_of(traces[0].position, traces[0].loss, Status.DIVERGED)
    figure = paths(experiment, ground_of(experiment), [broken, traces[1]], looks_of(experiment))
    assert named(figure, f"{looks_of(experiment)[0].label}, end").marker.symbol == "x"


@every_problem
def test_the_ground_is_as_high_as_the_loss_or_its_decades(problem):
    """The path would else run uphill on the picture while the loss falls."""
    experiment, traces = drawn_runs(problem)
    grid, entry = ground_of(experiment), PROBLEMS[problem]
    contour = paths(experiment, grid, traces, looks_of(experiment)).data[0]
    np.testing.assert_allclose(contour.x, grid.x, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(contour.y, grid.y, rtol=1e-6, atol=1e-6)
    if entry.levels == "linear":
        np.testing.assert_allclose(contour.z, grid.loss, rtol=1e-5, atol=1e-5)
    else:
        above = grid.loss - entry.minimum
        seen = above > above.max() * 1e-5
        np.testing.assert_allclose(contour.z[seen], np.log10(above[seen]), rtol=1e-4, atol=1e-4)
        assert contour.z.max() - contour.z.min() <= 6.0001  # a deep minimum does not flatten all the rest
    assert ("10<sup>" in contour.hovertemplate) == (entry.levels == "log")


@pytest.mark.parametrize(
    "formula, lowest",
    [("x**2 + y**2", 0.0), ("sqrt(x) + y**2", 0.0), ("log(x*y)", None), ("1/(x*y)", None), ("-x**2 - y", None)],
)
def test_the_ground_of_a_formula_is_drawn_above_its_lowest_point(formula, lowest):
    """Nobody knows its minimum; and where it is undefined there is no ground."""
    experiment = Experiment(problem="formula", formula=formula)
    grid, trace = ground_of(experiment), trace_of(np.array([[1.0, 1.0], [0.5, 0.5]]), np.ones(2))
    height = paths(experiment, grid, [trace, trace], looks_of(experiment)).data[0].z
    finite = np.isfinite(grid.loss)
    above = grid.loss[finite] - grid.loss[finite].min()
    assert lowest is None or grid.loss[finite].min() == pytest.approx(lowest, abs=0.03)
    np.testing.assert_array_equal(np.isfinite(height), finite)
    seen = above > above.max() * 1e-5
    np.testing.assert_allclose(height[finite][seen], np.log10(above[seen]), rtol=1e-4, atol=1e-4)
    assert np.ptp(height[finite]) <= 6.0001


@pytest.mark.parametrize("formula", ["0*x*y + 3", "log(-1 - x**2 - y**2)", "x*y - y*x", "1e308*x**9*y**9*exp(y**9)"])
def test_a_formula_that_is_flat_or_defined_nowhere_has_a_picture_too(formula):
    experiment = Experiment(problem="formula", formula=formula)
    trace = trace_of(np.array([[1.0, 1.0], [0.5, 0.5]]), np.ones(2))
    figure = paths(experiment, ground_of(experiment), [trace, trace], looks_of(experiment))
    assert figure.to_json()
    assert len(named(figure, "minimiser").x) == 0


def projected_runs(experiment: Experiment) -> list[Trace]:
    """Two runs along the first direction and a little across."""
    at = np.linspace(0, 2, 9)
    return [trace_of(np.stack([at, i + at**2], axis=1) * (at > 0)[:, None], 3 - at, projected=True) for i in range(2)]


@pytest.mark.parametrize("problem", [problem.name for problem in PROBLEMS.values() if problem.family == "space"])
def test_a_projected_path_begins_at_the_origin_and_its_minimiser_is_as_far_as_it_is(problem):
    experiment = Experiment(problem=problem, settings={"dimension": 20})
    traces = projected_runs(experiment)
    figure = projection(experiment, traces, looks_of(experiment))
    for trace, look in zip(traces, looks_of(experiment), strict=True):
        line, end = named(figure, look.label), named(figure, f"{look.label}, end")
        np.testing.assert_allclose(np.stack([line.x, line.y], axis=1), trace.position, rtol=1e-6)
        np.testing.assert_array_equal(line.customdata, np.stack([trace.steps, trace.loss], axis=1))
        np.testing.assert_array_equal((end.x[0], end.y[0]), trace.position[-1])
        assert (line.line.color, line.line.dash, end.marker.symbol) == (look.colour, look.dash, "circle")
    start = named(figure, "start")
    assert (start.x[0], start.y[0]) == (0, 0)
    solution, origin = PROBLEMS[problem].solution, experiment.origin
    assert solution is not None
    assert origin is not None
    star = named(figure, "minimiser")
    assert (star.x[0], star.y[0]) == (pytest.approx(np.sqrt(((solution - origin) ** 2).sum())), 0)
    assert "towards the minimiser" in figure.layout.xaxis.title.text


@pytest.mark.parametrize("problem", ["mlp", "formula"])
def test_where_no_minimiser_is_known_there_is_no_star_and_both_directions_are_random(problem):
    experiment = Experiment(problem=problem, formula="x1 + x2 + x3" if problem == "formula" else "")
    broken = trace_of(np.zeros((3, 2)), np.ones(3), Status.DIVERGED)
    figure = projection(experiment, [broken, *projected_runs(experiment)[:1]], looks_of(experiment))
    assert not [trace for trace in figure.data if trace.name == "minimiser"]
    assert "random" in figure.layout.xaxis.title.text
    assert named(figure, "Prodigy, end").marker.symbol == "x"


def test_a_landscape_is_wide_enough_for_the_start_of_a_formula():
    (left, right), _ = window(Experiment(problem="formula", formula="x + y", start=(40.0, 0.0)))
    assert left <= -5
    assert right > 40
