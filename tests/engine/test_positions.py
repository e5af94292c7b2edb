"""Where a run of many variables goes: its distances, its path on two directions, and the positions kept whole."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest

from prodigy_core import limits
from prodigy_core.engine.prepare import prepare
from prodigy_core.engine.runner import run_contender
from prodigy_core.experiment import Contender
from tests.engine.runs import BOWL, NETWORK, STEPS, experiment, ran

FAMILIES = {"bowl": BOWL, "network": NETWORK, "three variables": {"problem": "formula", "formula": "x1**2 + x2**2 + x3**4"}}
every_family = pytest.mark.parametrize("fields", list(FAMILIES.values()), ids=list(FAMILIES))


def _flat(tree: Any) -> np.ndarray:
    return np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(tree)]).astype(float)


def _directions(**fields: Any) -> tuple[np.ndarray, np.ndarray]:
    directions = prepare(experiment(**fields), Contender("adam"), None).inputs.directions
    assert directions is not None
    first, second = (_flat(direction) for direction in directions)
    return first, second


@every_family
def test_the_two_directions_are_orthonormal(fields):
    """Else lengths and angles in the picture of the path would be those of nothing."""
    first, second = _directions(**fields)
    np.testing.assert_allclose([first @ first, second @ second, first @ second], [1, 1, 0], atol=1e-6)


def test_the_first_direction_leads_to_the_known_minimiser():
    """So the solution stands at a known place of the picture: straight on, at its distance."""
    for settings, solution in (({"start_at": 2.0, "start_spread": 1.0}, 0.0), ({"start_at": -1.0}, 0.0)):
        fields = {"problem": "quadratic_nd", "settings": {"dimension": 10, **settings}}
        origin = experiment(**fields).origin
        assert origin is not None
        first, second = _directions(**fields)
        assert first @ (solution - origin) == pytest.approx(np.linalg.norm(solution - origin))
        assert second @ (solution - origin) == pytest.approx(0, abs=1e-9)


def test_a_start_at_the_minimiser_has_directions_too():
    first, second = _directions(problem="quadratic_nd", settings={"dimension": 10, "start_at": 0.0})
    np.testing.assert_allclose([first @ first, second @ second, first @ second], [1, 1, 0], atol=1e-9)


@every_family
def test_a_position_is_how_far_the_run_has_gone_along_the_two_directions(fields):
    trace = ran("prodigy", **fields, precision="float64")
    assert trace.projected
    assert trace.position.shape == (STEPS + 1, 2)
    np.testing.assert_array_equal(trace.position[0], (0, 0))
    travelled = trace.snapshots - trace.snapshots[0].astype(float)
    expected = travelled @ np.stack(_directions(**fields, precision="float64"), axis=1)
    np.testing.assert_allclose(trace.position, expected, rtol=1e-4, atol=1e-5)
    assert np.abs(trace.position[-1]).max() > 1e-3


@every_family
def test_the_distances_are_those_of_all_coordinates_together(fields):
    """D is held against the L-infinity distance: of one layer alone it would seem too large."""
    trace = ran("prodigy", **fields, precision="float64")
    travelled = trace.snapshots - trace.snapshots[0].astype(float)
    np.testing.assert_allclose(trace.distance_linf, np.abs(travelled).max(axis=1), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(trace.distance_l2, np.linalg.norm(travelled, axis=1), rtol=1e-4, atol=1e-5)
    assert trace.distance_l2[-1] > 1.5 * trace.distance_linf[-1] > 0


def test_every_contender_is_seen_from_the_same_side():
    """In two planes, two paths cannot be compared."""
    for fields in FAMILIES.values():
        one, other = (prepare(experiment(**fields), Contender(name), None).inputs.directions for name in ("adam", "prodigy"))
        np.testing.assert_array_equal(_flat(one), _flat(other))


def test_a_path_in_the_plane_is_kept_as_it_is():
    trace = ran("prodigy")
    assert not trace.projected
    assert trace.evaluated.size == trace.snapshots.size == trace.snapshot_steps.size == 0
    assert not trace.metrics
    own = ran("prodigy", problem="formula", formula="(1 - x)**2 + 100*(y - x**2)**2")
    assert not own.projected
    np.testing.assert_allclose(own.position, trace.position, rtol=1e-9)


@pytest.mark.parametrize("steps", [STEPS, 128, 300])
@pytest.mark.parametrize("room", [1, 2, 3, 10, 33, 65, 66, 129, 131])
def test_positions_are_kept_whole_as_far_as_their_budget_goes(steps, room, monkeypatch):
    """A large network, run long by fifty students, must not fill the server's memory."""
    parameters = 35
    whole = ran("adam", **NETWORK, steps=steps)
    monkeypatch.setattr(limits, "SNAPSHOT_BYTES", room * parameters * 4 + 3)
    trace = run_contender(experiment(**NETWORK, steps=steps), Contender("adam"))
    assert trace.snapshots.shape == (trace.snapshot_steps.size, parameters)
    assert trace.snapshots.dtype == np.float32
    assert trace.snapshots.nbytes <= limits.SNAPSHOT_BYTES
    assert trace.snapshot_steps[0] == 0
    assert set(trace.snapshot_steps) <= set(trace.evaluated)
    assert list(trace.snapshot_steps) == sorted(set(trace.snapshot_steps))
    at = np.searchsorted(whole.snapshot_steps, trace.snapshot_steps)
    np.testing.assert_array_equal(trace.snapshots, whole.snapshots[at])
    if room > 10:
        assert trace.snapshots.nbytes > limits.SNAPSHOT_BYTES / 4 or trace.snapshots.shape == whole.snapshots.shape
    if room > whole.snapshot_steps.size:
        assert trace.snapshots.shape == whole.snapshots.shape, "what fits is kept"
