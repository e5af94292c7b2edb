"""The learning rate over a run, held against optax's own schedules."""

from __future__ import annotations

import jax
import numpy as np
import optax
import pytest

from prodigy_core.param import Param
from prodigy_core.schedules import PARAMS, SHAPES, schedule

PEAK = 0.7
WARMUPS = (0.0, 0.01, 0.1, 0.125, 0.2)
STEPS = (1, 2, 3, 10, 100, 101, 1000)


def _optax(shape: str, rise: int, steps: int) -> optax.Schedule:
    fall = max(steps - rise, 1)
    falling = {
        "constant": lambda: optax.constant_schedule(PEAK),
        "linear": lambda: optax.linear_schedule(PEAK, 0.0, fall),
        "cosine": lambda: optax.cosine_decay_schedule(PEAK, fall),
    }[shape]()
    if rise == 0:
        return falling
    return optax.join_schedules([optax.linear_schedule(0.0, PEAK, rise), falling], [rise])


@pytest.mark.parametrize("steps", STEPS)
@pytest.mark.parametrize("warmup", WARMUPS)
@pytest.mark.parametrize("shape", SHAPES)
def test_every_step_has_optaxs_learning_rate(shape, warmup, steps):
    """A run here would else differ from the same run in a person's own optax script."""
    rise = round(warmup * steps)
    counts = np.arange(steps + 3)  # also beyond the end, where the trace's length is rounded up
    with jax.enable_x64(True):
        ours = np.asarray(jax.vmap(schedule(PEAK, SHAPES.index(shape), warmup, float(steps)))(counts))
        theirs = np.broadcast_to(_optax(shape, rise, steps)(counts), counts.shape)
    assert ours.dtype == np.float64
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)


@pytest.mark.parametrize("steps, warmup", [(100, 0.1), (1000, 0.2), (10, 0.1)])
def test_a_warmed_up_cosine_is_optaxs_warmup_cosine_decay_schedule(steps, warmup):
    with jax.enable_x64(True):
        ours = schedule(PEAK, SHAPES.index("cosine"), warmup, steps)
        theirs = optax.warmup_cosine_decay_schedule(0.0, PEAK, round(warmup * steps), steps)
        for count in range(steps + 1):
            assert float(ours(count)) == pytest.approx(float(theirs(count)), abs=1e-12)


def test_a_warm_up_begins_at_zero_reaches_the_peak_and_a_decay_ends_at_zero():
    with jax.enable_x64(True):
        at = schedule(PEAK, SHAPES.index("cosine"), 0.2, 50)
        assert float(at(0)) == 0.0
        assert float(at(10)) == PEAK
        assert float(at(50)) == pytest.approx(0.0, abs=1e-15)
        assert float(schedule(PEAK, 0, 0.0, 50)(0)) == PEAK


def test_turning_a_knob_of_the_schedule_does_not_compile_again():
    """A slider that waits for the compiler at every stop feels broken."""
    compiled = 0

    @jax.jit
    def rates(peak, shape, warmup, steps):
        nonlocal compiled
        compiled += 1  # runs only while tracing
        return jax.vmap(schedule(peak, shape, warmup, steps))(np.arange(20))

    for shape in range(len(SHAPES)):
        for warmup, steps, peak in ((0.0, 1.0, 1.0), (0.1, 20.0, 0.0), (0.2, 15.0, 1e-5)):
            assert np.isfinite(rates(peak, shape, warmup, steps)).all()
    assert compiled == 1


def test_the_choices_of_the_knob_are_the_shapes_in_their_order():
    """A choice reaches the engine as its index: another order would run cosine under the name linear."""
    by_name: dict[str, Param] = {param.name: param for param in PARAMS}
    assert by_name["schedule"].choices == SHAPES
