"""The landscape and the paths over it."""

from __future__ import annotations

import numpy as np
import pytest

from app.figures.paths import paths
from app.figures.window import window
from prodigy_core.experiment import Experiment
from prodigy_core.problems import PROBLEMS
from prodigy_core.trace import Status
from tests.figures.runs import drawn_runs, every_problem, ground_of, looks_of, named, trace_of


@every_problem
def test_the_landscape_shows_the_domain_the_start_and_every_minimiser(problem):
    experiment, traces = drawn_runs(problem)
    figure, entry = paths(experiment, ground_of(experiment), traces, looks_of(experiment)), PROBLEMS[problem]
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
