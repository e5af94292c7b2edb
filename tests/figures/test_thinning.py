"""Long runs, and numbers of any size, on their way into a figure."""

from __future__ import annotations

import numpy as np
import pytest

from app.figures.frame import MOST_POINTS, single, thin
from tests.figures.runs import build, drawn_runs, every_builder, lines, trace_of


@pytest.mark.parametrize("entries", [0, 1, 2, MOST_POINTS - 1, MOST_POINTS, MOST_POINTS + 1, 5_000, 20_001, 10**6])
def test_a_long_run_is_thinned_to_what_a_screen_can_show_from_its_first_entry_to_its_last(entries):
    kept = thin(entries)
    assert len(kept) <= MOST_POINTS
    assert (np.diff(kept) > 0).all()
    if entries:
        assert kept[0] == 0
        assert kept[-1] == entries - 1
    if entries <= MOST_POINTS:
        assert len(kept) == entries
    else:
        assert (np.diff(kept)[:250] == 1).all()  # the first steps, where D rises, are all there
        assert np.diff(kept).max() < 2 * entries / (MOST_POINTS / 2)


@every_builder
def test_a_thinned_curve_keeps_its_step_numbers(builder):
    """Drawn over 0, 1, 2 ..., a run of 20,000 steps would seem to be one of 1,200."""
    n = 5_000
    experiment, _ = drawn_runs("rosenbrock")
    position = np.stack([np.linspace(1.2, -1, n), np.linspace(2.2, 0, n)], axis=1)
    trace = trace_of(position, np.linspace(9.0, 1.0, n))
    for line in lines(build(builder, experiment, [trace, trace])):
        assert len(line.x) <= MOST_POINTS
        steps = line.x if line.customdata is None else line.customdata[:, 0]
        assert steps[-1] == n - 1
        last = [trace.loss, trace.distance_linf, trace.gradient_norm, *trace.probes.values(), *trace.metrics.values()]
        assert (line.y[-1] if line.customdata is None else line.customdata[-1, 1]) in [values[-1] for values in last]


def test_numbers_beyond_float32_keep_their_direction():
    np.testing.assert_array_equal(np.sign(single(np.array([-1e300, 0.0, 1e300]))), [-1, 0, 1])
    assert single(np.array([1.5])).dtype == np.float32
    assert np.isnan(single(np.array([np.nan]))[0])
