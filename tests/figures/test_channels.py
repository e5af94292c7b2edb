"""Long runs, and numbers of any size, on their way to the browser."""

from __future__ import annotations

import numpy as np
import pytest

from app.figures.arena.channels import MOST_ENTRIES, MOST_OF_ALL, Pack, single, thin, to_minimiser
from prodigy_core.experiment import Experiment
from tests.figures.runs import SIX, drawn_runs, lines, scene_of, styles_of, trace_of


@pytest.mark.parametrize("most", [MOST_ENTRIES, 1_024])
@pytest.mark.parametrize("entries", [0, 1, 2, 1_024, MOST_ENTRIES, MOST_ENTRIES + 1, 5_000, 20_001, 10**6])
def test_a_long_run_is_thinned_from_its_first_entry_to_its_last(entries, most):
    kept = thin(entries, most)
    assert len(kept) <= most
    assert (np.diff(kept) > 0).all()
    if entries:
        assert kept[0] == 0
        assert kept[-1] == entries - 1
    if entries <= most:
        assert len(kept) == entries
    else:
        assert (np.diff(kept)[: most // 4 - 1] == 1).all()  # the first steps, where D rises, are all there
        assert np.diff(kept).max() < 2 * entries / (most / 3)
        beside = np.diff(kept) == 1
        assert (np.append(beside, False) | np.insert(beside, 0, False)).all(), "a step without its neighbour is no step"


def test_a_thinned_curve_keeps_its_step_numbers():
    """Drawn over 0, 1, 2 ..., a run of 5,000 steps would seem to be one of 2,000."""
    n = 5_000
    experiment, _ = drawn_runs("rosenbrock")
    position = np.stack([np.linspace(1.2, -1, n), np.linspace(2.2, 0, n)], axis=1)
    trace = trace_of(position, np.linspace(9.0, 1.0, n))
    scene = scene_of(experiment, [trace, trace])
    for name in ("loss", "distance", "step"):
        for line in lines(scene, name):
            assert line.x.size <= MOST_ENTRIES
            assert line.x[-1] == n - 1
    for line in lines(scene, "loss"):
        np.testing.assert_allclose(line.y, trace.loss[line.x.astype(int)], rtol=1e-6)


def test_six_long_runs_share_what_a_message_may_take():
    n = 3_000
    experiment, _ = drawn_runs("rosenbrock", SIX)
    position = np.stack([np.linspace(1.2, -1, n), np.linspace(2.2, 0, n)], axis=1)
    scene = scene_of(experiment, [trace_of(position, np.linspace(9.0, 1.0, n))] * len(SIX))
    assert sum(line.x.size for line in lines(scene, "loss")) <= MOST_OF_ALL
    assert len(styles_of(experiment)) == len(SIX)


def test_numbers_beyond_float32_keep_their_direction():
    np.testing.assert_array_equal(np.sign(single(np.array([-1e300, 0.0, 1e300]))), [-1, 0, 1])
    assert single(np.array([1.5])).dtype == np.dtype("<f4")
    assert np.isnan(single(np.array([np.nan]))[0])
    pack, values = Pack(), np.array([-1e300, -1e39, -0.0, 0.1, 1e39, np.inf, np.nan])
    pack.add(values)
    np.testing.assert_array_equal(np.frombuffer(pack.blob, "<f4"), single(values))


def test_arrays_come_out_of_the_buffer_as_they_went_in():
    pack = Pack()
    arrays = [np.arange(5.0), np.zeros(0), np.array([[1.0, 2.0], [3.0, np.nan]])]
    spans = [pack.add(array) for array in arrays]
    buffer = np.frombuffer(pack.blob, "<f4")
    for array, (offset, size) in zip(arrays, spans, strict=True):
        np.testing.assert_array_equal(buffer[offset : offset + size], array.ravel())


def test_the_nearest_minimiser_may_be_another_one_at_every_step():
    experiment = Experiment(problem="himmelblau", start=(3.0, 2.5))
    position = np.array([[3.0, 2.5], [-3.8, -3.3], [3.0, 2.0]])
    np.testing.assert_allclose(to_minimiser(experiment, trace_of(position, np.ones(3))), [0.5, 0.020689, 0.0], atol=1e-5)
