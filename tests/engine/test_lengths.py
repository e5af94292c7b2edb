"""Runs of any length."""

from __future__ import annotations

import numpy as np
import pytest

from prodigy_core.engine.prepare import LENGTHS, prepare
from prodigy_core.experiment import Contender
from tests.engine.runs import STEPS, experiment, ran
from tests.traces import RECORDED


@pytest.mark.parametrize("steps, size", [(1, 128), (127, 128), (128, 512), (511, 512), (8_191, 8_192), (100_000, 8_192)])
def test_lengths_are_rounded_up_to_a_few_sizes(steps, size):
    """Every length would else be compiled anew, at each turn of the steps knob."""
    prepared = prepare(experiment(steps=steps), Contender("sgd"), None)
    assert prepared.chunks.length == size
    assert prepared.chunks.length in LENGTHS
    assert sum(count for _, count in prepared.chunks.ranges()) == steps + 1


@pytest.mark.parametrize("optimizer", ["prodigy", "sgd"])
def test_a_shorter_run_is_the_beginning_of_a_longer_one(optimizer):
    """More steps must continue the picture, not change it."""
    shorter, longer = ran(optimizer, steps=300), ran(optimizer, steps=400)
    assert shorter.loss.shape == (301,)
    assert longer.loss.shape == (401,)
    for name in RECORDED:
        np.testing.assert_array_equal(getattr(shorter, name), getattr(longer, name)[:301], err_msg=name)
    for name, values in shorter.probes.items():
        np.testing.assert_array_equal(values, longer.probes[name][:301], err_msg=name)
    shortest = ran(optimizer)  # of another size, and so another compiled program
    np.testing.assert_allclose(shortest.loss, longer.loss[: STEPS + 1], rtol=1e-9)


def test_a_run_of_one_step_has_the_start_and_what_follows():
    trace = ran("sgd", steps=1)
    assert trace.loss.shape == (2,)
    assert trace.stopped_at == 1
    np.testing.assert_array_equal(trace.position[0], (-1.5, 2.0))
    assert trace.distance_l2[1] == pytest.approx(trace.update_norm[0])
