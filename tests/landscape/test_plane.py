"""The loss on a plane through the paths of all contenders."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from prodigy_core import limits
from prodigy_core.engine.prepare import PreparedRun, prepare
from prodigy_core.engine.runner import run
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.landscape import plane
from prodigy_core.landscape.loss_at import LossAt
from prodigy_core.landscape.plane import follow_plane
from prodigy_core.trace import Status, Trace
from prodigy_core.tree import flatten
from tests.compilations import compilations
from tests.landscape.planes import DIMENSION, bowl, loss_at, network, plane_of, trace_at


@cache
def raced() -> tuple[Experiment, tuple[Trace, ...]]:
    """Two walks of a network from its start."""
    experiment = network()
    start = flatten(_prepared(experiment).inputs.start)
    walks = np.random.default_rng(5).normal(size=(2, 12, start.size)) * 0.2
    walks[:, 0] = 0
    return experiment, tuple(trace_at(start + steps.cumsum(axis=0)) for steps in walks)


def _prepared(experiment: Experiment) -> PreparedRun:
    return prepare(experiment, Contender("adam"), None)


def within(first: int, second: int, steps: int = 9) -> np.ndarray:
    """A path from (1, ..., 1) on which two coordinates change, along a curve."""
    path = np.ones((steps, DIMENSION))
    path[:, first] = np.linspace(1, -2, steps)
    path[:, second] = np.linspace(1, 0, steps) ** 2
    return path


def apart(seed: int = 0) -> np.ndarray:
    """A path from (1, ..., 1) that goes in all directions."""
    steps = np.random.default_rng(seed).normal(size=(9, DIMENSION))
    steps[0] = 1
    return steps.cumsum(axis=0)


# --- the paths on the plane ----------------------------------------------------------------------------------------


def test_paths_in_a_plane_are_explained_by_it_and_their_loss_is_its_loss():
    shown = plane_of(bowl(), [trace_at(within(2, 7)), trace_at(within(7, 2))])
    assert shown.explained is not None
    assert sum(shown.explained) == pytest.approx(1, abs=1e-9)
    assert shown.held == pytest.approx(1, abs=1e-9)
    for true, shadow, path in zip(shown.true_loss, shown.shadow_loss, shown.paths, strict=True):
        np.testing.assert_allclose(shadow, true, rtol=1e-6)
        np.testing.assert_allclose(path[0], shown.start, atol=1e-9)
    lengths = np.linalg.norm(np.diff(shown.paths[0], axis=0), axis=1)
    np.testing.assert_allclose(lengths, np.linalg.norm(np.diff(within(2, 7), axis=0), axis=1), rtol=1e-6)


def test_a_path_outside_the_plane_has_another_loss_than_its_projection():
    """Otherwise a figure would claim that the optimizer is where it is not."""
    experiment, traces = bowl(), [trace_at(apart(0)), trace_at(apart(1))]
    shown = plane_of(experiment, traces)
    assert shown.explained is not None
    assert 0.3 < sum(shown.explained) < 0.99
    assert shown.held == pytest.approx(sum(shown.explained))
    for trace, true, shadow in zip(traces, shown.true_loss, shown.shadow_loss, strict=True):
        np.testing.assert_allclose(true, [loss_at(experiment, at) for at in trace.snapshots], rtol=1e-12)
        assert np.abs(true - shadow).max() > 0.1


@pytest.mark.parametrize("kind", ["pca", "random"])
def test_the_projection_is_the_nearest_point_of_the_plane(kind):
    """By the distances in the full space: every point of the plane is further away than the projection."""
    experiment, rows = bowl(), [apart(0).astype(np.float32), apart(1).astype(np.float32)]
    start = np.ones(DIMENSION)
    not_diverged = [np.ones(len(part), bool) for part in rows]
    geometry = plane._geometry(experiment, _prepared(experiment), kind, start, rows, not_diverged)
    for part, path in zip(rows, geometry.paths, strict=True):
        rest = part - (geometry.origin + path @ geometry.basis)
        np.testing.assert_allclose(rest @ geometry.basis.T, 0, atol=1e-6)
    projected = geometry.origin + geometry.minimiser @ geometry.basis
    np.testing.assert_allclose((np.zeros(DIMENSION) - projected) @ geometry.basis.T, 0, atol=1e-9)
    centred = np.concatenate(rows).astype(float)
    centred -= centred.mean(axis=0)
    orthonormal = np.linalg.svd(geometry.basis, full_matrices=False)[2]
    assert geometry.held == pytest.approx(np.sum((centred @ orthonormal.T) ** 2) / np.sum(centred**2))


@pytest.mark.parametrize("kind", ["pca", "random"])
def test_all_contenders_share_one_plane(kind):
    alone, both = [trace_at(apart(0))], [trace_at(apart(0)), trace_at(apart(1))]
    shown = plane_of(bowl(), both, kind)
    assert len(shown.paths) == len(shown.true_loss) == len(shown.shadow_loss) == len(shown.snapshot_steps) == 2
    for path in shown.paths:
        np.testing.assert_allclose(path[0], shown.start, atol=1e-6)
    if kind == "pca":
        assert plane_of(bowl(), alone).explained != shown.explained


def test_paths_set_out_to_the_right_and_upwards():
    """Otherwise the picture would flip as a contender comes or goes."""
    for seed in range(4):
        assert (plane_of(bowl(), [trace_at(apart(seed))]).start <= 1e-9).all()


# --- the loss on the grid ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["pca", "random"])
def test_the_grid_has_the_loss_of_the_parameters_there(kind):
    """Over all examples and with the penalty, as in a plain Python loop."""
    experiment, traces = raced()
    shown = plane_of(experiment, traces, kind, points=4)
    prepared = _prepared(experiment)
    start = flatten(prepared.inputs.start)
    not_diverged = [np.ones(len(trace.snapshots), bool) for trace in traces]
    geometry = plane._geometry(experiment, prepared, kind, start, [trace.snapshots for trace in traces], not_diverged)
    for i, y in enumerate(shown.landscape.y):
        for j, x in enumerate(shown.landscape.x):
            wanted = loss_at(experiment, geometry.origin + x * geometry.basis[0] + y * geometry.basis[1])
            assert shown.landscape.loss[i, j] == pytest.approx(wanted, rel=1e-4)
    assert shown.examples == 120
    for trace, true in zip(traces, shown.true_loss, strict=True):
        np.testing.assert_allclose(true, [loss_at(experiment, at) for at in trace.snapshots], rtol=1e-5)


def test_random_directions_start_from_where_the_first_contender_ended():
    experiment, traces = raced()
    shown = plane_of(experiment, traces, "random")
    np.testing.assert_allclose(shown.paths[0][-1], 0, atol=1e-9)
    assert shown.explained is None
    assert 0 < shown.held < 1
    assert shown.shadow_loss[0][-1] == pytest.approx(shown.true_loss[0][-1], rel=1e-6)
    assert shown.landscape.x[0] <= -1
    assert shown.landscape.y[-1] >= 1


@pytest.mark.parametrize("kind", ["pca", "random"])
def test_chunks_change_no_number(kind, monkeypatch):
    """A progress bar moves between them, too."""
    experiment, traces = raced()
    in_one = plane_of(experiment, traces, kind, points=6)
    monkeypatch.setattr(limits, "CHUNK_WORK", 7 * 35 * 120)
    reports = list(follow_plane(experiment, traces, kind, points=6))
    fractions = [report.fraction for report in reports]
    assert len(reports) > 10
    assert fractions == sorted(set(fractions))
    assert fractions[-1] == 1
    assert all(report.result is None and report.nbytes for report in reports[:-1])
    in_chunks = reports[-1].result
    assert in_chunks is not None
    assert reports[-1].nbytes == in_chunks.nbytes < 50_000
    np.testing.assert_array_equal(in_chunks.landscape.loss, in_one.landscape.loss)
    for name in ("paths", "true_loss", "shadow_loss"):
        for one, other in zip(getattr(in_chunks, name), getattr(in_one, name), strict=True):
            np.testing.assert_array_equal(one, other)
            assert not one.flags.writeable


def test_another_setting_kind_or_contender_compiles_nothing():
    """One waits a second for a network to compile."""
    traces = [trace_at(apart(0)), trace_at(apart(1))]
    plane_of(bowl(), traces)
    with compilations() as compiled:
        plane_of(bowl(settings={"condition": 7.0}, seed=3, tolerance=1e-3), traces[:1], "random", points=9)
    assert not compiled


def test_a_large_model_gets_fewer_examples_and_points_always_the_same(monkeypatch):
    experiment, traces = raced()
    monkeypatch.setattr(plane, "WORK", 1)
    *_, last = follow_plane(experiment, traces, "pca")
    shown = last.result
    assert shown is not None
    assert shown.examples == 64
    assert shown.landscape.loss.shape == (25, 25)
    prepared = _prepared(experiment)
    first, again = (LossAt(prepared, 64).at_points(traces[0].snapshots[:3]) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(shown.true_loss[0][:3], first)
    assert np.abs(first / LossAt(prepared, 120).at_points(traces[0].snapshots[:3]) - 1).max() < 0.3
    monkeypatch.setattr(plane, "WORK", 1e30)
    assert plane_of(bowl(), [trace_at(apart())], points=None).landscape.loss.shape == (41, 41)


# --- runs that went wrong, or not far ------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [Status.DIVERGED, Status.FINISHED])
@pytest.mark.parametrize("kind", ["pca", "random"])
def test_a_contender_that_diverged_sets_neither_the_window_nor_the_directions(kind, status):
    """All others would shrink to a dot."""
    fine = trace_at(apart(0))
    diverged = trace_at(1 + 10.0 ** np.arange(-2, 10)[:, None] * apart(1)[3], status)
    shown, alone = plane_of(bowl(), [fine, diverged], kind), plane_of(bowl(), [fine], kind)
    for one, other in ((shown.landscape.x, alone.landscape.x), (shown.landscape.y, alone.landscape.y)):
        assert np.ptp(one) < 8 * np.ptp(other)
    assert np.isfinite(shown.landscape.loss).all()
    assert np.abs(shown.paths[1][-1]).max() > 1e6, "its path is still there"
    assert shown.true_loss[1][-1] > 1e12


def test_a_contender_that_hardly_moved_does_not_hide_the_others():
    """Prodigy stuck with a tiny D is what people come for."""
    stuck, fine = trace_at(1 + 1e-6 * apart(0)), trace_at(apart(1))
    shown = plane_of(bowl(), [stuck, fine])
    low, high = shown.landscape.x[[0, -1]]
    assert ((shown.paths[1][:, 0] >= low) & (shown.paths[1][:, 0] <= high)).all()


def test_a_run_away_down_a_slope_without_end_does_not_set_the_window():
    """Its loss only falls, so that only its status tells that it diverged."""
    experiment = Experiment(problem="formula", formula="x1 + x2 + x3")
    fine = trace_at([[1, 1, 1], [0, 1, 1], [0, 0, 1], [0, 0, 0.5]])
    away = trace_at(1 - 10.0 ** np.arange(-1, 11)[:, None] * np.ones(3), Status.DIVERGED)
    shown = plane_of(experiment, [fine, away])
    assert np.ptp(shown.landscape.x) < 20


def test_where_all_diverged_there_is_still_a_picture():
    shown = plane_of(bowl(), [trace_at(1 + 4.0 ** np.arange(9)[:, None] * apart(1)[3], Status.DIVERGED)])
    assert np.isfinite(shown.landscape.loss).all()
    assert np.ptp(shown.landscape.x) < 1e4


@pytest.mark.parametrize("kind", ["pca", "random"])
@pytest.mark.parametrize("rows", [[], [np.zeros((0, DIMENSION))], [np.ones((1, DIMENSION))], [np.full((3, DIMENSION), np.nan)]])
def test_without_a_path_there_is_a_plane_around_the_start(rows, kind):
    """Runs that have just begun, or broke off at once."""
    shown = plane_of(bowl(), [trace_at(part) for part in rows], kind)
    assert (shown.explained, shown.held) == (None, 1.0)
    np.testing.assert_allclose(shown.start, 0, atol=1e-9)
    assert (shown.landscape.x[0], shown.landscape.x[-1]) == (-1, 1)
    assert np.isfinite(shown.landscape.loss).all()
    assert np.ptp(shown.landscape.loss) > 0


def test_a_path_along_a_line_has_a_window_with_two_sides():
    shown = plane_of(bowl(), [trace_at(np.linspace(1, 0, 5)[:, None] * np.ones(DIMENSION))])
    assert shown.explained == pytest.approx((1, 0), abs=1e-9)
    assert np.ptp(shown.landscape.y) == pytest.approx(0.1 * np.ptp(shown.landscape.x))
    assert shown.minimiser is not None
    np.testing.assert_allclose(shown.paths[0][-1], shown.minimiser, atol=1e-6)


def test_the_loss_on_the_path_of_a_run_is_what_the_run_itself_was_judged_by():
    """Parameters in the wrong order have a loss as well."""
    experiment = network(contenders=(Contender("sgd"),), steps=20, settings={"l2": 0.0})
    (trace,) = run(experiment)
    shown = plane_of(experiment, [trace])
    assert trace.evaluated.tolist() == trace.snapshot_steps.tolist() == shown.snapshot_steps[0].tolist()
    np.testing.assert_allclose(shown.true_loss[0], trace.metrics["train_loss"], rtol=1e-5)


def test_sixteen_bits_are_for_the_parameters_alone():
    """A landscape in 16 bits would be a staircase."""
    experiment, traces = raced()
    coarse = replace(experiment, precision="bfloat16")
    shown = plane_of(coarse, traces)
    assert len(np.unique(shown.landscape.loss)) == shown.landscape.loss.size
    for trace, true in zip(traces, shown.true_loss, strict=True):
        np.testing.assert_allclose(true, [loss_at(experiment, at) for at in trace.snapshots], rtol=1e-5)
