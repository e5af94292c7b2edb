"""Known figures of D: it estimates the L-infinity distance from below, and clipping, noise and precision distort it.

The runs are plain scans of the optimizer, so that the engine can neither hide nor cause the effects.
"""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from prodigy_core.problems.space.bowls import BOWLS
from prodigy_core.prodigy import prodigy
from tests.problems.spaces import run, runs, space

STEPS = 50  # D of the sum of squares has stopped rising by then
DIMENSIONS = [2, 10, 100, 1000, 10_000]


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_d_of_the_sum_of_squares_is_the_same_in_every_dimension(dimension: int) -> None:
    instance = space("sum_of_squares_at_3", dimension=dimension)
    with jax.enable_x64(True):
        d = run(instance.function, instance.start(), prodigy(), 20 * STEPS).d
    assert 1.515 <= d[STEPS - 1] <= 1.525
    assert d[STEPS - 1] == d[-1]
    away = instance.solution() - instance.start()
    assert np.abs(away).max() == 3
    assert np.linalg.norm(away) == pytest.approx(3 * math.sqrt(dimension))


@pytest.mark.parametrize("name, changes", [*((p.name, {}) for p in BOWLS), ("quadratic_nd", {"rotated": True})])
def test_d_is_a_lower_bound_of_the_l_infinity_distance(name: str, changes: dict[str, Any]) -> None:
    """The paper proves this for convex functions."""
    instance = space(name, start_spread=1.0, **changes)
    with jax.enable_x64(True):
        d = run(instance.function, instance.start(), prodigy(), 500).d
    distance = np.abs(instance.solution() - instance.start()).max()
    assert 0.05 * distance < d[-1] <= distance * (1 + 1e-12)


@pytest.mark.parametrize("name, d0", [("sum_of_squares_at_3", 1e-6), ("sum_of_squares_at_3", 1e-3), ("quadratic_nd", 1e-3)])
def test_bfloat16_parameters_at_1_hold_d_at_its_start_in_optax_but_not_here(name: str, d0: float) -> None:
    instance = space(name, start_at=1.0)
    start = np.asarray(instance.start(), jnp.bfloat16)
    stuck = run(instance.function, start, optax.contrib.prodigy(estim_lr0=d0), 300)
    assert (stuck.d == np.asarray(d0, jnp.bfloat16)).all()
    assert (stuck.loss == stuck.loss[0]).all()
    free = run(instance.function, start, prodigy(estim_lr0=d0), 300)
    assert free.d[-1] > 0.1
    assert free.loss[-1] < 0.01 * stuck.loss[-1]


def test_a_schedule_from_zero_gives_nan_in_optax_but_not_here() -> None:
    instance = space("sum_of_squares_at_3")
    warmup = optax.linear_schedule(0.0, 1.0, 20)
    with jax.enable_x64(True):
        broken = run(instance.function, instance.start(), optax.contrib.prodigy(warmup), 200)
        sound = run(instance.function, instance.start(), prodigy(warmup), 200)
        guarded = run(instance.function, instance.start(), optax.contrib.prodigy(warmup, safeguard_warmup=True), 200)
    assert np.isnan(broken.loss).all()
    assert np.isfinite(sound.d).all()
    assert sound.loss[-1] < 1e-3 * sound.loss[0]
    assert np.isfinite(guarded.loss).all()


def test_clipping_inflates_d_under_noise_with_bad_batches() -> None:
    """A bad batch counts most in D if it is not clipped, and tells least about the distance.

    The noise is Gaussian, with a standard deviation of 3, and of 90 in every tenth gradient.
    """
    instance = space("sum_of_squares_at_3")

    def noise(key: jax.Array, k: jax.Array) -> jax.Array:
        return jnp.where(k % 10 == 0, 90, 3) * jax.random.normal(key, instance.start().shape)

    with jax.enable_x64(True):
        plain, clipped = (
            np.median(runs(instance.function, instance.start(), optimizer, 1000, noise, seeds=9).d[:, -1])
            for optimizer in (prodigy(), optax.chain(optax.clip_by_global_norm(1.0), prodigy()))
        )
    assert clipped > 2 * plain


def test_clipping_moves_d_even_without_noise() -> None:
    """A D of a clipped run must not be compared with one of a run without clipping."""
    instance = space("sum_of_squares_at_3")
    with jax.enable_x64(True):
        clipped = run(instance.function, instance.start(), optax.chain(optax.clip_by_global_norm(1.0), prodigy()), 1000).d[-1]
    assert 2.0 < clipped < 2.1
