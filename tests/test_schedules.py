"""The learning rate over a run, held against optax's own schedules."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import optax
import pytest

from prodigy_core.param import Param
from prodigy_core.schedules import PARAMS, SHAPES, of, schedule

PEAK = 0.7
WARMUPS = (0.0, 0.01, 0.1, 0.125, 0.3)
STEPS = (1, 2, 3, 10, 100, 101, 1000)
CYCLES, END = 3, 0.02


def _restarts(steps: int, cycles: int) -> optax.Schedule:
    """Cosines from the peak to 0, the next beginning with the first step that lies beyond its share of all steps."""
    ends = sorted({-(-i * steps // cycles) for i in range(1, cycles + 1)})
    lengths = np.diff([0, *ends])
    return optax.join_schedules([optax.cosine_decay_schedule(PEAK, int(length)) for length in lengths], ends[:-1])


def _optax(shape: str, rise: int, steps: int, begin: float = 0.0, cycles: int = CYCLES) -> optax.Schedule:
    fall = max(steps - rise, 1)
    falling = {
        "constant": lambda: optax.constant_schedule(PEAK),
        "linear": lambda: optax.linear_schedule(PEAK, 0.0, fall),
        "cosine": lambda: optax.cosine_decay_schedule(PEAK, fall),
        "restarts": lambda: _restarts(fall, cycles),
        "exponential": lambda: optax.exponential_decay(PEAK, fall, END, end_value=PEAK * END),
    }[shape]()
    if rise == 0:
        return falling
    return optax.join_schedules([optax.linear_schedule(begin, PEAK, rise), falling], [rise])


COUNTS = np.arange(max(STEPS) + 3)  # also beyond the end, where the trace's length is rounded up


@jax.jit
def _rates(shape, warmup, steps, cycles, warmup_from):
    at = schedule(PEAK, shape, warmup, steps, cycles=cycles, end_fraction=END, warmup_from=warmup_from)
    return jax.vmap(at)(COUNTS)


def _assert_as_optax(shape: str, steps: int, theirs: optax.Schedule, warmup: float = 0, cycles: int = 1, begin: float = 0):
    with jax.enable_x64(True):
        ours = np.asarray(_rates(SHAPES.index(shape), float(warmup), float(steps), cycles, float(begin)))
        expected = np.broadcast_to(theirs(COUNTS), COUNTS.shape)
    assert ours.dtype == np.float64
    np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("steps", STEPS)
@pytest.mark.parametrize("warmup", WARMUPS)
@pytest.mark.parametrize("shape", SHAPES)
def test_every_step_has_optaxs_learning_rate(shape, warmup, steps):
    """A run here would else differ from the same run in a person's own optax script."""
    theirs = _optax(shape, round(warmup * steps), steps, 0.25 * PEAK)
    _assert_as_optax(shape, steps, theirs, warmup, CYCLES, 0.25)


@pytest.mark.parametrize("steps", [1, 7, 60, 97])
def test_every_number_of_restarts_is_a_chain_of_optaxs_cosines(steps):
    for cycles in range(1, 11):
        _assert_as_optax("restarts", steps, _optax("restarts", 0, steps, cycles=cycles), cycles=cycles)
        with jax.enable_x64(True):
            assert (_rates(SHAPES.index("restarts"), 0.0, float(steps), cycles, 0.0) == PEAK).sum() == min(cycles, steps)


def test_restarts_of_equal_length_are_optaxs_sgdr_schedule():
    one = {"init_value": PEAK, "peak_value": PEAK, "warmup_steps": 0, "decay_steps": 20}
    _assert_as_optax("restarts", 80, optax.sgdr_schedule([one] * 4), cycles=4)


@pytest.mark.parametrize("begin", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("steps, warmup", [(100, 0.1), (1000, 0.2), (10, 0.1)])
def test_a_warmed_up_cosine_is_optaxs_warmup_cosine_decay_schedule(steps, warmup, begin):
    theirs = optax.warmup_cosine_decay_schedule(begin * PEAK, PEAK, round(warmup * steps), steps)
    _assert_as_optax("cosine", steps, theirs, warmup, begin=begin)


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
    def rates(knobs, steps):
        nonlocal compiled
        compiled += 1  # runs only while tracing
        return jax.vmap(of(knobs, steps))(np.arange(20))

    knobs = {param.name: param.default for param in PARAMS} | {"learning_rate": 1.0, "schedule": 0}
    others = {"warmup": 0.1, "cycles": 5, "end_fraction": 0.5, "warmup_from": 0.7, "learning_rate": 0.0}
    usual = {}
    for shape in range(len(SHAPES)):
        usual[shape] = rates(knobs | {"schedule": shape}, 20.0)
        for name, value in others.items():
            rates_of_steps = rates(knobs | {"schedule": shape, name: value}, 15.0)
            assert np.isfinite(rates_of_steps).all()
    assert compiled == 1
    assert len({tuple(np.asarray(rates_of_steps).round(6)) for rates_of_steps in usual.values()}) == len(SHAPES)


@pytest.mark.parametrize("name", ["end_fraction", "warmup", "steps", "cycles", "warmup_from"])
def test_knobs_of_different_types_are_one_schedule(name):
    """In a sweep one of them is an array, and the others stay Python's numbers."""
    values: dict[str, Any] = {"warmup": 0.1, "steps": 20.0, "cycles": 3, "end_fraction": 0.01, "warmup_from": 0.5}
    with jax.enable_x64(True):
        at = schedule(PEAK, np.int32(1), **{**values, name: np.float32(values[name])})
        assert jax.eval_shape(at, np.int32(7)).shape == ()


def test_the_choices_of_the_knob_are_the_shapes_in_their_order():
    """A choice reaches the engine as its index: another order would run cosine under the name linear."""
    by_name: dict[str, Param] = {param.name: param for param in PARAMS}
    assert by_name["schedule"].choices == SHAPES
    assert SHAPES[:3] == ("constant", "linear", "cosine")
