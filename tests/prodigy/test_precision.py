"""Coarse floats: D must not depend on them, and no step may be lost in them."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from prodigy_core.prodigy import prodigy
from tests.prodigy import reference
from tests.prodigy.runs import away_from, run, step

SCALE = np.array([1.0, 0.1, 3.0, 0.5])


def bowl(centre: Any) -> Any:
    """A gradient of steepness SCALE around `centre`, rounded to the dtype of the params as in any training."""
    return lambda x: (SCALE * (x - np.asarray(centre, np.float32))).astype(x.dtype)


@pytest.mark.parametrize("size", [0.0, 1.0, 30.0, 1000.0])
def test_float32_follows_float64_wherever_it_starts(size: float) -> None:
    """The first steps of 1e-6 would vanish in parameters of this size, and D would lag or stick."""
    start = np.full(4, size, np.float32)
    centre = start + np.array([3.0, -1.0, 2.0, 0.5], np.float32)
    ours = run(prodigy(), bowl(centre), jnp.asarray(start), 60)
    known = reference.prodigy(bowl(centre), start.astype(np.float64), 60)
    assert known.d[-1] > 0.3
    np.testing.assert_allclose(ours.d, known.d, rtol=1e-4)


def test_without_compensation_float32_loses_its_way() -> None:
    """What `compensate` is for: the same run without it, far from 0."""
    start = np.full(4, 1000.0, np.float32)
    centre = start + np.array([3.0, -1.0, 2.0, 0.5], np.float32)
    ours = run(prodigy(compensate=False), bowl(centre), jnp.asarray(start), 60)
    assert ours.d[-1] == np.float32(1e-6)
    assert ours.state.residual is None


@pytest.mark.parametrize("dtype", [jnp.bfloat16, jnp.float16])
def test_half_precision_at_1_leaves_estim_lr0(dtype: Any) -> None:
    """D stuck at d0, the report of users who train in bfloat16."""
    centre = jnp.array([3.0, 0.0, -1.0, 2.0])
    ours = run(prodigy(estim_lr0=1e-6), bowl(centre), jnp.ones(4, dtype), 1500)
    assert ours.d.dtype == jnp.float32
    assert 0.3 < ours.d[-1] < 4.0
    # The nearest numbers that the dtype holds, or the ones beside them.
    np.testing.assert_allclose(ours.params.astype(jnp.float32), centre, atol=6 * float(jnp.finfo(dtype).eps))


def test_optax_is_stuck_there() -> None:
    """The comparison that the README makes."""
    centre = jnp.array([3.0, 0.0, -1.0, 2.0])
    theirs = run(optax.contrib.prodigy(estim_lr0=1e-6), bowl(centre), jnp.ones(4, jnp.bfloat16), 1500)
    assert theirs.d[-1] == jnp.bfloat16(1e-6)
    np.testing.assert_array_equal(theirs.params, 1)


CAPPED = prodigy(estim_lr0=1e-7, growth_rate=1.3)
PULL = np.array([1.0, 0.125, 3.0, 0.5])  # held exactly by every dtype


def pull(x: Any) -> Any:
    return jnp.asarray(PULL, x.dtype)


@pytest.mark.parametrize("dtype", [jnp.bfloat16, jnp.float16, jnp.float32])
@pytest.mark.parametrize("size", [3e-5, 1e-2, 1.0, 30.0])
def test_p_and_its_residual_together_follow_float64(dtype: Any, size: float) -> None:
    """With the gradient given, p + c is the exact path: rounding p, subnormal float16 too, may lose nothing."""
    start = jnp.full(4, size, dtype)
    exact = np.asarray(start, np.float64)
    ours = run(CAPPED, pull, start, 60)
    known = reference.prodigy(lambda _: PULL, exact, 60, estim_lr0=1e-7, growth_rate=1.3)
    assert known.d[-1] > 1e-2
    together = np.asarray(ours.params, np.float64) + np.asarray(ours.state.residual, np.float64)
    np.testing.assert_allclose(together - exact, known.x[-1] - exact, rtol=1e-5, atol=1e-7 * size)
    np.testing.assert_allclose(ours.d, known.d, rtol=1e-5)


@pytest.mark.parametrize("dtype", [jnp.bfloat16, jnp.float16, jnp.float32])
def test_compiled_is_not_compiled(dtype: Any) -> None:
    """A compiler that keeps more digits than the dtype has would make the residual wrong."""
    optimizer, gradient = prodigy(weight_decay=1e-2), jnp.array([1.0, -0.5, 3.0, 0.25], dtype)
    params = jnp.ones(4, dtype)
    state = optimizer.init(params)
    for _ in range(20):
        _, state, params = step(optimizer, gradient, state, params)
    compiled = run(optimizer, lambda _: gradient, jnp.ones(4, dtype), 20)
    np.testing.assert_allclose(compiled.d[-1], state.estim_lr, rtol=1e-5)
    np.testing.assert_array_equal(compiled.params, params)
    ours, theirs = (
        np.asarray(p, np.float64) + c for p, c in ((compiled.params, compiled.state.residual), (params, state.residual))
    )
    np.testing.assert_allclose(ours - 1, theirs - 1, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("dtype", [jnp.bfloat16, jnp.float16])
def test_rounding_is_not_left_to_casts(dtype: Any) -> None:
    """Compilers for accelerators may delete a cast there and back, and D would stick there. The one for CPUs keeps it,
    so that no run on a CPU can tell the two apart: look at the program instead."""
    params = jnp.ones(4, dtype)
    program = str(jax.make_jaxpr(prodigy().update)(params, prodigy().init(params), params))
    assert program.count("reduce_precision[") >= 3  # p + t, what p takes, and where p then is


def test_a_leaf_that_is_not_trained_keeps_its_bits() -> None:
    """A frozen bfloat16 leaf would drift by what rounding left over before it was frozen."""
    params = {"on": jnp.ones(2, jnp.bfloat16), "off": jnp.ones(2, jnp.bfloat16)}
    optimizer = prodigy(betas=(0.0, 0.99))  # no momentum: a zero gradient is a zero step
    warm = run(optimizer, away_from({"on": 3.0, "off": -2.0}), params, 40)
    assert jnp.all(warm.state.residual["off"] != 0)
    frozen = run(
        optimizer,
        lambda p: {"on": p["on"] - 3.0, "off": jnp.zeros_like(p["off"])},
        warm.params,
        40,
        warm.state,
    )
    np.testing.assert_array_equal(frozen.x["off"], jnp.broadcast_to(warm.params["off"], (40, 2)))
    np.testing.assert_array_equal(frozen.state.residual["off"], warm.state.residual["off"])


def test_a_leaf_that_is_not_trained_keeps_its_bits_after_a_projection() -> None:
    """Moved to where the dtype is finer, p could take what is left over; without a gradient it must not."""
    optimizer, gradient = prodigy(estim_lr0=1.0, growth_rate=1.0), jnp.full(2, 0.25, jnp.bfloat16)
    _, state, _ = step(optimizer, gradient, optimizer.init(gradient), jnp.full(2, 1000.0, jnp.bfloat16))
    assert jnp.all(jnp.abs(state.residual) > 0.1)
    state = state._replace(exp_avg=jnp.zeros(2))  # no momentum is left, only the residual
    updates, new, _ = step(optimizer, jnp.zeros_like(gradient), state, jnp.full(2, 0.01, jnp.bfloat16))
    np.testing.assert_array_equal(updates, 0)
    np.testing.assert_array_equal(new.residual, state.residual)


def test_one_bfloat16_leaf_does_not_make_d_coarse() -> None:
    """In a mixed model D, shared by all leaves, would have three digits."""
    params = {"fine": jnp.zeros(3), "coarse": jnp.zeros(3, jnp.bfloat16)}
    ours = run(prodigy(), away_from({"fine": 3.0, "coarse": 2.0}), params, 400)
    assert ours.d.dtype == jnp.float32
    assert ours.d[-1] != ours.d[-1].astype(jnp.bfloat16)
    np.testing.assert_allclose(ours.params["fine"], 3.0, atol=0.03)
    np.testing.assert_allclose(ours.params["coarse"].astype(jnp.float32), 2.0, atol=0.03)
