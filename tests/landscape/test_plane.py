"""The loss on a plane through the paths of all contenders."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import jax
import numpy as np
import pytest

from prodigy_core import limits
from prodigy_core.engine.prepare import PreparedRun, prepare
from prodigy_core.engine.runner import run
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.landscape import plane
from prodigy_core.landscape.plane import follow_plane
from prodigy_core.landscape.pointwise import Pointwise
from prodigy_core.trace import Status, Trace
from tests.compilations import compilations
from tests.landscape.views import DIMENSION, bowl, loss_at, network, seen, walked


@cache
def raced() -> tuple[Experiment, tuple[Trace, ...]]:
    """Two walks of a network from its start."""
    experiment = network()
    start = np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(_task(experiment).inputs.start)])
    ways = np.random.default_rng(5).normal(size=(2, 12, start.size)) * 0.2
    ways[:, 0] = 0
    return experiment, tuple(walked(start + way.cumsum(axis=0)) for way in ways)


def _task(experiment: Experiment) -> PreparedRun:
    return prepare(experiment, Contender("adam"), None)


def within(first: int, second: int, steps: int = 9) -> np.ndarray:
    """A path from (1, ..., 1) on which two coordinates change, along a curve."""
    found = np.ones((steps, DIMENSION))
    found[:, first] = np.linspace(1, -2, steps)
    found[:, second] = np.linspace(1, 0, steps) ** 2
    return found


def apart(seed: int = 0) -> np.ndarray:
    """A path from (1, ..., 1) that goes in all directions."""
    steps = np.random.default_rng(seed).normal(size=(9, DIMENSION))
    steps[0] = 1
    return steps.cumsum(axis=0)


# --- the paths on the plane ----------------------------------------------------------------------------------------


def test_paths_in_a_plane_are_explained_by_it_and_their_loss_is_its_loss():
    found = seen(bowl(), [walked(within(2, 7)), walked(within(7, 2))])
    assert found.explained is not None
    assert sum(found.explained) == pytest.approx(1, abs=1e-9)
    assert found.held == pytest.approx(1, abs=1e-9)
    for true, shadow, path in zip(found.true_loss, found.shadow_loss, found.paths, strict=True):
        np.testing.assert_allclose(shadow, true, rtol=1e-6)
        np.testing.assert_allclose(path[0], found.start, atol=1e-9)
    lengths = np.linalg.norm(np.diff(found.paths[0], axis=0), axis=1)
    np.testing.assert_allclose(lengths, np.linalg.norm(np.diff(within(2, 7), axis=0), axis=1), rtol=1e-6)


def test_a_path_outside_the_plane_has_another_loss_than_its_foot_point():
    """Or a figure would claim that the optimizer is where it is not."""
    experiment, traces = bowl(), [walked(apart(0)), walked(apart(1))]
    found = seen(experiment, traces)
    assert found.explained is not None
    assert 0.3 < sum(found.explained) < 0.99
    assert found.held == pytest.approx(sum(found.explained))
    for trace, true, shadow in zip(traces, found.true_loss, found.shadow_loss, strict=True):
        np.testing.assert_allclose(true, [loss_at(experiment, at) for at in trace.snapshots], rtol=1e-12)
        assert np.abs(true - shadow).max() > 0.1


@pytest.mark.parametrize("kind", ["pca", "random"])
def test_the_foot_point_is_the_nearest_point_of_the_plane(kind):
    """By the distances in the full space: every point of the plane is further away than the foot."""
    experiment, rows = bowl(), [apart(0).astype(np.float32), apart(1).astype(np.float32)]
    start = np.ones(DIMENSION)
    calm = [np.ones(len(part), bool) for part in rows]
    view = plane._view(experiment, _task(experiment), kind, start, rows, calm)
    for part, path in zip(rows, view.paths, strict=True):
        rest = part - (view.origin + path @ view.ways)
        np.testing.assert_allclose(rest @ view.ways.T, 0, atol=1e-6)
    foot = view.origin + view.minimiser @ view.ways
    np.testing.assert_allclose((np.zeros(DIMENSION) - foot) @ view.ways.T, 0, atol=1e-9)
    whole = np.concatenate(rows).astype(float)
    whole -= whole.mean(axis=0)
    flat = np.linalg.svd(view.ways, full_matrices=False)[2]
    assert view.held == pytest.approx(np.sum((whole @ flat.T) ** 2) / np.sum(whole**2))


@pytest.mark.parametrize("kind", ["pca", "random"])
def test_all_contenders_share_one_plane(kind):
    alone, both = [walked(apart(0))], [walked(apart(0)), walked(apart(1))]
    found = seen(bowl(), both, kind)
    assert len(found.paths) == len(found.true_loss) == len(found.shadow_loss) == len(found.snapshot_steps) == 2
    for path in found.paths:
        np.testing.assert_allclose(path[0], found.start, atol=1e-6)
    if kind == "pca":
        assert seen(bowl(), alone).explained != found.explained


def test_paths_set_out_to_the_right_and_upwards():
    """So that the picture does not flip as a contender comes or goes."""
    for seed in range(4):
        assert (seen(bowl(), [walked(apart(seed))]).start <= 1e-9).all()


# --- the loss on the grid ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["pca", "random"])
def test_the_grid_has_the_loss_of_the_parameters_there(kind):
    """Over all examples and with the penalty, as in a plain Python loop."""
    experiment, traces = raced()
    found = seen(experiment, traces, kind, points=4)
    task = _task(experiment)
    start = np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(task.inputs.start)]).astype(float)
    calm = [np.ones(len(trace.snapshots), bool) for trace in traces]
    view = plane._view(experiment, task, kind, start, [trace.snapshots for trace in traces], calm)
    for i, y in enumerate(found.landscape.y):
        for j, x in enumerate(found.landscape.x):
            wanted = loss_at(experiment, view.origin + x * view.ways[0] + y * view.ways[1])
            assert found.landscape.loss[i, j] == pytest.approx(wanted, rel=1e-4)
    assert found.examples == 120
    for trace, true in zip(traces, found.true_loss, strict=True):
        np.testing.assert_allclose(true, [loss_at(experiment, at) for at in trace.snapshots], rtol=1e-5)


def test_random_directions_start_from_where_the_first_contender_ended():
    experiment, traces = raced()
    found = seen(experiment, traces, "random")
    np.testing.assert_allclose(found.paths[0][-1], 0, atol=1e-9)
    assert found.explained is None
    assert 0 < found.held < 1
    assert found.shadow_loss[0][-1] == pytest.approx(found.true_loss[0][-1], rel=1e-6)
    assert found.landscape.x[0] <= -1
    assert found.landscape.y[-1] >= 1


@pytest.mark.parametrize("kind", ["pca", "random"])
def test_chunks_change_no_number(kind, monkeypatch):
    """And a progress bar moves between them."""
    experiment, traces = raced()
    whole = seen(experiment, traces, kind, points=6)
    monkeypatch.setattr(limits, "CHUNK_WORK", 7 * 35 * 120)
    words = list(follow_plane(experiment, traces, kind, points=6))
    fractions = [word.fraction for word in words]
    assert len(words) > 10
    assert fractions == sorted(set(fractions))
    assert fractions[-1] == 1
    assert all(word.result is None and word.nbytes for word in words[:-1])
    cut = words[-1].result
    assert cut is not None
    assert words[-1].nbytes == cut.nbytes < 50_000
    np.testing.assert_array_equal(cut.landscape.loss, whole.landscape.loss)
    for name in ("paths", "true_loss", "shadow_loss"):
        for one, other in zip(getattr(cut, name), getattr(whole, name), strict=True):
            np.testing.assert_array_equal(one, other)
            assert not one.flags.writeable


def test_another_setting_kind_or_contender_compiles_nothing():
    """One waits a second for a network to compile."""
    traces = [walked(apart(0)), walked(apart(1))]
    seen(bowl(), traces)
    with compilations() as compiled:
        seen(bowl(settings={"condition": 7.0}, seed=3, tolerance=1e-3), traces[:1], "random", points=9)
    assert not compiled


def test_a_large_model_gets_fewer_examples_and_points_always_the_same(monkeypatch):
    experiment, traces = raced()
    monkeypatch.setattr(plane, "WORK", 1)
    *_, last = follow_plane(experiment, traces, "pca")
    found = last.result
    assert found is not None
    assert found.examples == 64
    assert found.landscape.loss.shape == (25, 25)
    task = _task(experiment)
    first, again = (Pointwise(task, 64).at(traces[0].snapshots[:3]) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(found.true_loss[0][:3], first)
    assert np.abs(first / Pointwise(task, 120).at(traces[0].snapshots[:3]) - 1).max() < 0.3
    monkeypatch.setattr(plane, "WORK", 1e30)
    assert seen(bowl(), [walked(apart())], points=None).landscape.loss.shape == (41, 41)


# --- runs that went wrong, or not far ------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [Status.DIVERGED, Status.FINISHED])
@pytest.mark.parametrize("kind", ["pca", "random"])
def test_a_contender_that_blew_up_sets_neither_the_window_nor_the_directions(kind, status):
    """All others would be a dot."""
    fine = walked(apart(0))
    blown = walked(1 + 10.0 ** np.arange(-2, 10)[:, None] * apart(1)[3], status)
    found, alone = seen(bowl(), [fine, blown], kind), seen(bowl(), [fine], kind)
    for one, other in ((found.landscape.x, alone.landscape.x), (found.landscape.y, alone.landscape.y)):
        assert np.ptp(one) < 8 * np.ptp(other)
    assert np.isfinite(found.landscape.loss).all()
    assert np.abs(found.paths[1][-1]).max() > 1e6, "where it went is still told"
    assert found.true_loss[1][-1] > 1e12


def test_a_contender_that_hardly_moved_does_not_hide_the_others():
    """Prodigy stuck with a tiny D is what people come for."""
    stuck, fine = walked(1 + 1e-6 * apart(0)), walked(apart(1))
    found = seen(bowl(), [stuck, fine])
    low, high = found.landscape.x[[0, -1]]
    assert ((found.paths[1][:, 0] >= low) & (found.paths[1][:, 0] <= high)).all()


def test_a_run_away_down_a_slope_without_end_does_not_set_the_window():
    """Its loss only falls, so that nothing but its end tells."""
    experiment = Experiment(problem="formula", formula="x1 + x2 + x3")
    fine = walked([[1, 1, 1], [0, 1, 1], [0, 0, 1], [0, 0, 0.5]])
    away = walked(1 - 10.0 ** np.arange(-1, 11)[:, None] * np.ones(3), Status.DIVERGED)
    found = seen(experiment, [fine, away])
    assert np.ptp(found.landscape.x) < 20


def test_where_all_diverged_there_is_a_picture_still():
    found = seen(bowl(), [walked(1 + 4.0 ** np.arange(9)[:, None] * apart(1)[3], Status.DIVERGED)])
    assert np.isfinite(found.landscape.loss).all()
    assert np.ptp(found.landscape.x) < 1e4


@pytest.mark.parametrize("kind", ["pca", "random"])
@pytest.mark.parametrize("rows", [[], [np.zeros((0, DIMENSION))], [np.ones((1, DIMENSION))], [np.full((3, DIMENSION), np.nan)]])
def test_without_a_way_there_is_a_plane_around_the_start(rows, kind):
    """Runs that have just begun, or broke off at once."""
    found = seen(bowl(), [walked(part) for part in rows], kind)
    assert (found.explained, found.held) == (None, 1.0)
    np.testing.assert_allclose(found.start, 0, atol=1e-9)
    assert (found.landscape.x[0], found.landscape.x[-1]) == (-1, 1)
    assert np.isfinite(found.landscape.loss).all()
    assert np.ptp(found.landscape.loss) > 0


def test_a_path_along_a_line_has_a_window_with_two_sides():
    found = seen(bowl(), [walked(np.linspace(1, 0, 5)[:, None] * np.ones(DIMENSION))])
    assert found.explained == pytest.approx((1, 0), abs=1e-9)
    assert np.ptp(found.landscape.y) == pytest.approx(0.1 * np.ptp(found.landscape.x))
    assert found.minimiser is not None
    np.testing.assert_allclose(found.paths[0][-1], found.minimiser, atol=1e-6)


def test_the_loss_on_the_path_of_a_run_is_what_the_run_itself_was_judged_by():
    """Mixed up parameters have a loss as well."""
    experiment = network(contenders=(Contender("sgd"),), steps=20, settings={"l2": 0.0})
    (trace,) = run(experiment)
    found = seen(experiment, [trace])
    assert trace.evaluated.tolist() == trace.snapshot_steps.tolist() == found.snapshot_steps[0].tolist()
    np.testing.assert_allclose(found.true_loss[0], trace.metrics["train_loss"], rtol=1e-5)


def test_sixteen_bits_are_for_the_parameters_alone():
    """A loss in them would be all steps."""
    wide, traces = raced()
    coarse = replace(wide, precision="bfloat16")
    found = seen(coarse, traces)
    assert len(np.unique(found.landscape.loss)) == found.landscape.loss.size
    for trace, true in zip(traces, found.true_loss, strict=True):
        np.testing.assert_allclose(true, [loss_at(wide, at) for at in trace.snapshots], rtol=1e-5)
