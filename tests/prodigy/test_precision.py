"""Coarse floats: D must not depend on them, and no step may be lost in them."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from prodigy_core.prodigy import prodigy
from tests.prodigy import reference
from tests.prodigy.runs import Run, away_from, run, step

SCALE = np.array([1.0, 0.1, 3.0, 0.5])


def bowl(centre: Any) -> Any:
    """A gradient of steepness SCALE around `centre`, rounded to the dtype of the params as in any training."""
    return lambda x: (SCALE * (x - centre)).astype(x.dtype)


@functools.partial(jax.jit, static_argnames=("optimizer", "steps"))
def around(centre: Any, start: Any, optimizer: Any, steps: int) -> Run:
    """A run in the bowl around any centre: the same optimizer compiles once."""
    return run(optimizer, bowl(centre), start, steps)


PLAIN = prodigy()


@pytest.mark.parametrize("size", [0.0, 1.0, 30.0, 1000.0])
def test_float32_follows_float64_wherever_it_starts(size: float) -> None:
    """The first steps of 1e-6 would vanish in parameters of this size, and D would lag or stick."""
    start = np.full(4, size, np.float32)
    centre = start + np.array([3.0, -1.0, 2.0, 0.5], np.float32)
    ours = around(centre, start, PLAIN, 60)
    known = reference.prodigy(bowl(centre), start.astype(np.float64), 60)
    assert known.d[-1] > 0.3
    np.testing.assert_allclose(ours.d, known.d, rtol=1e-4)


def test_without_compensation_float32_loses_its_way() -> None:
    """What `compensate` is for: the same run without it, far from 0."""
    start = np.full(4, 1000.0, np.float32)
    centre = start + np.array([3.0, -1.0, 2.0, 0.5], np.float32)
    ours = around(centre, start, prodigy(compensate=False), 60)
    assert np.asarray(ours.d)[-1] == np.float32(1e-6)
    assert ours.state.residual is None


CENTRE = np.array([3.0, 0.0, -1.0, 2.0], np.float32)


@pytest.mark.parametrize("dtype", [jnp.bfloat16, jnp.float16])
def test_half_precision_at_1_leaves_estim_lr0(dtype: Any) -> None:
    """D stuck at d0, the report of users who train in bfloat16."""
    ours = jax.device_get(around(CENTRE, np.ones(4, dtype), prodigy(estim_lr0=1e-6), 1500))
    assert ours.d.dtype == np.float32
    assert 0.3 < ours.d[-1] < 4.0
    # The nearest numbers that the dtype holds, or the ones beside them.
    np.testing.assert_allclose(ours.params.astype(np.float32), CENTRE, atol=6 * float(jnp.finfo(dtype).eps))


def test_optax_is_stuck_there() -> None:
    """The comparison that the README makes."""
    theirs = jax.device_get(around(CENTRE, np.ones(4, jnp.bfloat16), optax.contrib.prodigy(estim_lr0=1e-6), 1500))
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
    start = np.full(4, size, dtype)
    exact = start.astype(np.float64)
    ours = run(CAPPED, pull, start, 60)
    known = reference.prodigy(lambda _: PULL, exact, 60, estim_lr0=1e-7, growth_rate=1.3)
    assert known.d[-1] > 1e-2
    together = np.asarray(ours.params, np.float64) + np.asarray(ours.state.residual, np.float64)
    np.testing.assert_allclose(together - exact, known.x[-1] - exact, rtol=1e-5, atol=1e-7 * size)
    np.testing.assert_allclose(ours.d, known.d, rtol=1e-5)


DTYPES = ("bfloat16", "float16", "float32")


@pytest.fixture(scope="module")
def both_ways() -> tuple[Any, Any]:
    """State and params after 20 steps with a leaf of each dtype: compiled, and operation by operation."""
    optimizer = prodigy(weight_decay=1e-2)
    gradient = {kind: jnp.asarray(np.array([1.0, -0.5, 3.0, 0.25], jnp.dtype(kind))) for kind in DTYPES}
    start = params = {kind: jnp.asarray(np.ones(4, jnp.dtype(kind))) for kind in DTYPES}
    state = optimizer.init(params)
    for _ in range(20):
        _, state, params = step(optimizer, gradient, state, params)
    compiled = run(optimizer, lambda _: gradient, start, 20)
    found: tuple[Any, Any] = jax.device_get(((compiled.state, compiled.params), (state, params)))
    return found


@pytest.mark.parametrize("dtype", DTYPES)
def test_compiled_is_not_compiled(both_ways: tuple[Any, Any], dtype: str) -> None:
    """A compiler that keeps more digits than the dtype has would make the residual wrong."""
    (state, params), (known, theirs) = both_ways
    assert theirs[dtype].dtype == jnp.dtype(dtype)
    np.testing.assert_allclose(state.estim_lr, known.estim_lr, rtol=1e-5)
    np.testing.assert_array_equal(params[dtype], theirs[dtype])
    at, there = (p[dtype].astype(np.float64) + c.residual[dtype] for p, c in ((params, state), (theirs, known)))
    np.testing.assert_allclose(at - 1, there - 1, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("dtype", [jnp.bfloat16, jnp.float16])
def test_rounding_is_not_left_to_casts(dtype: Any) -> None:
    """Compilers for accelerators may delete a cast there and back, and D would stick there. The one for CPUs keeps it,
    so that no run on a CPU can tell the two apart: look at the program instead."""
    params = jax.ShapeDtypeStruct((4,), dtype)
    program = str(jax.make_jaxpr(prodigy().update)(params, jax.eval_shape(prodigy().init, params), params))
    assert program.count("reduce_precision[") >= 3  # p + t, what p takes, and where p then is


def test_a_leaf_that_is_not_trained_keeps_its_bits() -> None:
    """A frozen bfloat16 leaf would drift by what rounding left over before it was frozen."""
    optimizer = prodigy(betas=(0.0, 0.99))  # no momentum: a zero gradient is a zero step

    @jax.jit
    def forty_steps(params: Any, state: Any, pull: Any) -> Run:
        return run(optimizer, lambda p: {"on": p["on"] - 3.0, "off": pull * (p["off"] + 2.0)}, params, 40, state)

    start = {"on": np.ones(2, jnp.bfloat16), "off": np.ones(2, jnp.bfloat16)}
    warm = forty_steps(start, optimizer.init(start), 1.0)
    frozen, warm = jax.device_get((forty_steps(warm.params, warm.state, 0.0), warm))
    assert np.all(warm.state.residual["off"] != 0)
    np.testing.assert_array_equal(frozen.x["off"], np.broadcast_to(warm.params["off"], (40, 2)))
    np.testing.assert_array_equal(frozen.state.residual["off"], warm.state.residual["off"])


def test_a_leaf_that_is_not_trained_keeps_its_bits_after_a_projection() -> None:
    """Moved to where the dtype is finer, p could take what is left over; without a gradient it must not."""
    optimizer, gradient = prodigy(estim_lr0=1.0, growth_rate=1.0), np.full(2, 0.25, jnp.bfloat16)
    update = jax.jit(optimizer.update)
    _, state = update(gradient, optimizer.init(gradient), np.full(2, 1000.0, jnp.bfloat16))
    assert np.all(np.abs(np.asarray(state.residual)) > 0.1)
    state = state._replace(exp_avg=np.zeros(2, np.float32))  # no momentum is left, only the residual
    updates, new = update(np.zeros_like(gradient), state, np.full(2, 0.01, jnp.bfloat16))
    np.testing.assert_array_equal(updates, 0)
    np.testing.assert_array_equal(new.residual, state.residual)


def test_one_bfloat16_leaf_does_not_make_d_coarse() -> None:
    """In a mixed model D, shared by all leaves, would have three digits."""
    params = {"fine": np.zeros(3, np.float32), "coarse": np.zeros(3, jnp.bfloat16)}
    ours = jax.device_get(run(prodigy(), away_from({"fine": 3.0, "coarse": 2.0}), params, 400))
    assert ours.d.dtype == np.float32
    assert ours.d[-1] != ours.d[-1].astype(jnp.bfloat16).astype(np.float32)
    np.testing.assert_allclose(ours.params["fine"], 3.0, atol=0.03)
    np.testing.assert_allclose(ours.params["coarse"].astype(np.float32), 2.0, atol=0.03)
