"""The ground under the paths."""

from __future__ import annotations

import numpy as np
import pytest

from app.figures.arena.scene import scene as build_scene
from app.figures.arena.window import window
from prodigy_core.experiment import Experiment
from prodigy_core.landscape.grid import Landscape
from prodigy_core.landscape.plane import Plane
from prodigy_core.problems import PROBLEMS
from prodigy_core.trace import Status, Trace
from tests.figures.runs import (
    array,
    drawn_runs,
    every_problem,
    heights_of,
    landscape_of,
    panel_of,
    path,
    scene_of,
    styles_of,
    trace_of,
)


@every_problem
def test_the_landscape_shows_the_domain_the_start_and_every_minimiser(problem):
    experiment, traces = drawn_runs(problem)
    drawn, definition = scene_of(experiment, traces).map, PROBLEMS[problem]
    assert definition.domain is not None
    assert drawn.x.range is not None
    assert drawn.y.range is not None
    (left, right), (low, high) = drawn.x.range, drawn.y.range
    assert left <= definition.domain[0][0] < definition.domain[0][1] <= right
    assert low <= definition.domain[1][0] < definition.domain[1][1] <= high
    np.testing.assert_array_equal(np.reshape(drawn.minimisers, (-1, 2)), np.reshape(definition.minimisers, (-1, 2)))
    assert drawn.start == experiment.start
    assert drawn.clickable
    grid, landscape = drawn.grid, landscape_of(experiment)
    assert grid is not None
    assert (grid.x, grid.y) == ((landscape.x[0], landscape.x[-1]), (landscape.y[0], landscape.y[-1]))


@pytest.mark.parametrize("start", [(1e6, -1e6), (2.0, 3.0), (-1.99, -0.99)])
def test_the_window_is_wide_enough_for_any_start_and_ends_behind_it(start):
    (left, right), (low, high) = window(Experiment("rosenbrock", start=start))
    assert left <= -2 < 2 <= right
    assert low <= -1 < 3 <= high
    assert left < start[0] < right
    assert low < start[1] < high


@every_problem
def test_every_path_goes_through_the_points_of_its_run(problem):
    experiment, traces = drawn_runs(problem)
    scene = scene_of(experiment, traces)
    for i, trace in enumerate(traces):
        np.testing.assert_array_equal(path(scene, i), trace.position.astype("f4"))
        assert not scene.contenders[i].broken
    broken = trace_of(traces[0].position, traces[0].loss, Status.DIVERGED)
    assert scene_of(experiment, [broken, traces[1]]).contenders[0].broken


@every_problem
def test_the_ground_is_as_high_as_the_loss_or_its_decades(problem):
    """The path would else run uphill on the picture while the loss falls."""
    experiment, traces = drawn_runs(problem)
    scene, landscape, definition = scene_of(experiment, traces), landscape_of(experiment), PROBLEMS[problem]
    height = heights_of(scene)
    assert np.isfinite(height).all()
    if definition.levels == "linear" or definition.minimum is None:
        np.testing.assert_allclose(height, landscape.loss, rtol=1e-5, atol=1e-5)
    else:
        above = landscape.loss - definition.minimum
        seen = above > above.max() * 1e-5
        np.testing.assert_allclose(height[seen], np.log10(above[seen]), rtol=1e-4, atol=1e-4)
        assert height.max() - height.min() <= 6.0001  # a deep minimum does not flatten all the rest
    assert scene.map.logarithmic == (definition.levels == "log" and definition.minimum is not None)


@every_problem
def test_contour_lines_go_through_all_of_the_landscape(problem):
    """A valley between two lines would not be seen."""
    experiment, traces = drawn_runs(problem)
    scene = scene_of(experiment, traces)
    levels, height = np.asarray(scene.map.levels), heights_of(scene)
    assert 12 <= levels.size <= 24
    assert (np.diff(levels) > 0).all()
    assert height.min() < levels[0] < levels[-1] < height.max()


@pytest.mark.parametrize(
    "formula, lowest",
    [("x**2 + y**2", 0.0), ("sqrt(x) + y**2", 0.0), ("log(x*y)", None), ("1/(x*y)", None), ("-x**2 - y", None)],
)
def test_the_ground_of_a_formula_is_drawn_above_its_lowest_point(formula, lowest):
    """Nobody knows its minimum; and where it is undefined there is no ground."""
    experiment = Experiment(problem="formula", formula=formula)
    grid, trace = landscape_of(experiment), trace_of(np.array([[1.0, 1.0], [0.5, 0.5]]), np.ones(2))
    height = heights_of(scene_of(experiment, [trace, trace]))
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
    drawn = scene_of(experiment, [trace, trace]).map
    assert not drawn.minimisers
    assert drawn.levels == [] or formula.startswith("1e308")


def projected_runs(experiment: Experiment) -> list[Trace]:
    """Two runs along the first direction and a little across."""
    at = np.linspace(0, 2, 9)
    return [trace_of(np.stack([at, i + at**2], axis=1) * (at > 0)[:, None], 3 - at, projected=True) for i in range(2)]


@pytest.mark.parametrize("problem", [problem.name for problem in PROBLEMS.values() if problem.family == "space"])
def test_a_projected_path_begins_at_the_origin_and_its_minimiser_is_as_far_as_it_is(problem):
    experiment = Experiment(problem=problem, settings={"dimension": 20})
    traces = projected_runs(experiment)
    scene = scene_of(experiment, traces)
    for i, trace in enumerate(traces):
        np.testing.assert_array_equal(path(scene, i), trace.position.astype("f4"))
    assert scene.map.start == (0, 0)
    assert scene.map.grid is None
    assert not scene.map.clickable
    solution, origin = PROBLEMS[problem].solution, experiment.origin
    assert solution is not None
    assert origin is not None
    (minimiser,) = scene.map.minimisers
    assert minimiser == pytest.approx((np.sqrt(((solution - origin) ** 2).sum()), 0))
    assert "towards the minimiser" in scene.map.x.label


@pytest.mark.parametrize("problem", ["mlp", "formula"])
def test_where_no_minimiser_is_known_there_is_no_star_and_both_directions_are_random(problem):
    experiment = Experiment(problem=problem, formula="x1 + x2 + x3" if problem == "formula" else "")
    broken = trace_of(np.zeros((3, 2)), np.ones(3), Status.DIVERGED)
    drawn = scene_of(experiment, [broken, *projected_runs(experiment)[:1]]).map
    assert not drawn.minimisers
    assert "random" in drawn.x.label


def test_a_landscape_is_wide_enough_for_the_start_of_a_formula():
    (left, right), _ = window(Experiment(problem="formula", formula="x + y", start=(40.0, 0.0)))
    assert left <= -5
    assert right > 40


def test_a_plane_has_the_projections_of_the_paths_and_the_loss_on_both():
    """With x for y, or another contender's path, the picture would tell of other runs."""
    experiment = Experiment(problem="mlp")
    traces, steps = projected_runs(experiment), np.array([0, 4, 8])
    paths = tuple(np.array([[0.0, i], [1.0, i + 1], [2.0, i - 1]]) for i in range(2))
    losses = np.geomspace(1e-3, 1.0, 6).reshape(2, 3)
    plane = Plane(
        kind="pca",
        explained=(0.75, 0.125),
        held=0.875,
        landscape=Landscape(np.array([-1.0, 0.0, 1.0]), np.array([-2.0, 2.0]), losses),
        paths=paths,
        snapshot_steps=(steps, steps),
        true_loss=(np.array([3.0, 2.0, 1.0]), np.array([6.0, 5.0, 4.0])),
        shadow_loss=(np.array([3.5, 2.5, 1.5]), np.array([6.5, 5.5, 4.5])),
        start=np.array([0.5, -0.5]),
        minimiser=np.array([1.0, 2.0]),
        examples=0,
    )
    scene = build_scene(experiment, traces, styles_of(experiment), plane=plane, ground="pca")
    for i, expected in enumerate(paths):
        np.testing.assert_array_equal(path(scene, i), expected.astype("f4"))
        channels, axes = scene.contenders[i].channels, scene.contenders[i].axes
        assert {channels[name].axis for name in ("px", "py", "true_loss", "shadow_loss")} == {"snapshots"}
        np.testing.assert_array_equal(array(scene, axes["snapshots"]), steps)
        np.testing.assert_array_equal(array(scene, channels["true_loss"].at), plane.true_loss[i])
        np.testing.assert_array_equal(array(scene, channels["shadow_loss"].at), plane.shadow_loss[i])
    np.testing.assert_allclose(heights_of(scene), np.log10(losses), rtol=1e-6)
    assert (scene.map.x.label, scene.map.y.label) == ("principal direction 1 (75 %)", "principal direction 2 (12 %)")
    assert (scene.map.x.range, scene.map.y.range) == ((-1, 1), (-2, 2))
    assert (scene.map.start, scene.map.minimisers) == ((0.5, -0.5), [(1, 2)])
    assert "87.5 %" in scene.map.note
    assert "1 / 1.5" in scene.map.note
    assert scene.beneath is not None
    assert scene.beneath.chosen == "pca"
    assert panel_of(scene, "shadow").lines[1].channel == "shadow_loss"
