"""Where a step has nothing to learn from, or numbers leave their range."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from prodigy_core.prodigy import prodigy
from tests.prodigy.runs import away_from, run, step

TARGET = jnp.array([3.0, -1.0, 2.0])


def after(steps: int, **setting: Any) -> Any:
    """A run already on its way: D has risen."""
    done = run(prodigy(**setting), away_from(TARGET), jnp.zeros(3), steps)
    assert done.d[-1] > 1e-5
    return done


@pytest.mark.parametrize("safeguard_warmup", [False, True])
def test_a_step_with_learning_rate_0_moves_only_the_averages(safeguard_warmup: bool) -> None:
    """A schedule that touches 0 would jump, or forget its estimate."""
    before = after(60, safeguard_warmup=safeguard_warmup)
    old = before.state
    gradient = jnp.array([0.5, -2.0, 1.0])
    optimizer = prodigy(0.0, safeguard_warmup=safeguard_warmup)
    updates, new, params = step(optimizer, gradient, old, before.params)

    np.testing.assert_array_equal(params, before.params)
    np.testing.assert_array_equal(updates, 0)
    np.testing.assert_array_equal(new.residual, old.residual)
    for field in ("estim_lr", "estim_lr_max"):
        np.testing.assert_array_equal(getattr(new, field), getattr(old, field))
    assert new.count == old.count + 1
    rho, beta3 = old.estim_lr_prev / old.estim_lr, 0.999**0.5
    np.testing.assert_allclose(new.exp_avg, 0.9 * rho * old.exp_avg + 0.1 * gradient, rtol=1e-5)
    np.testing.assert_allclose(new.exp_avg_sq, 0.999 * rho**2 * old.exp_avg_sq + 0.001 * gradient**2, rtol=1e-5)
    np.testing.assert_allclose(new.numerator_weighted, beta3 * rho**2 * old.numerator_weighted, rtol=1e-6)
    kept = beta3 * rho**2 * old.grad_sum
    np.testing.assert_allclose(new.grad_sum, kept + gradient if safeguard_warmup else kept, rtol=1e-5)


@pytest.mark.parametrize("growth_rate", [None, 1.5])
@pytest.mark.parametrize("safeguard_warmup", [False, True])
def test_a_warm_up_from_0_trains(safeguard_warmup: bool, growth_rate: float | None) -> None:
    """optax's linear warm-up starts at 0: the first quotient is 0/0, and NaN would be for ever."""
    schedule = optax.linear_schedule(0.0, 1.0, 100)
    optimizer = prodigy(schedule, safeguard_warmup=safeguard_warmup, growth_rate=growth_rate)
    ours = run(optimizer, away_from(TARGET), jnp.zeros(3), 1500)
    assert ours.d[0] == np.float32(1e-6)
    np.testing.assert_array_equal(ours.x[0], 0)
    np.testing.assert_allclose(ours.params, TARGET, atol=0.03)


def test_learning_rate_0_does_not_raise_d_under_a_growth_cap() -> None:
    """While the schedule rests at 0, a capped D would go on to climb to its ceiling."""
    before = after(60, growth_rate=1.05, estim_lr0=1e-2)
    assert before.state.estim_lr < before.state.estim_lr_max
    paused = run(prodigy(0.0, growth_rate=1.05, estim_lr0=1e-2), away_from(TARGET), before.params, 5, before.state)
    np.testing.assert_array_equal(paused.d, before.state.estim_lr)


def test_gradients_of_zero_from_the_start_change_nothing_but_decay() -> None:
    """Starting at a stationary point divides 0 by 0: NaN for ever."""
    start = jnp.array([1.0, -2.0, 4.0])
    ours = run(prodigy(weight_decay=0.1, estim_lr0=0.5, betas=(0.0, 0.0), eps=0.0), jnp.zeros_like, start, 1)
    assert ours.d[0] == 0.5
    np.testing.assert_allclose(ours.params, start * (1 - 0.1 * 0.5), rtol=1e-6)
    late = run(prodigy(), away_from(TARGET), start, 1000, run(prodigy(), jnp.zeros_like, start, 5).state)
    np.testing.assert_allclose(late.params, TARGET, atol=0.03)


def test_a_denominator_that_cancels_to_zero_says_nothing() -> None:
    """Two opposite gradients with beta3 = 1: r > 0 stands over 0, and D would take r for the distance."""
    optimizer = prodigy(beta3=1.0, use_bias_correction=False, compensate=False)
    start = jnp.zeros(1)
    _, state, _ = step(optimizer, jnp.ones(1), optimizer.init(start), start)
    _, state, _ = step(optimizer, -jnp.ones(1), state, jnp.array([5.0]))  # projected by the user: -g (p0 - p) = 5
    assert state.grad_sum[0] == 0
    assert state.numerator_weighted > 1
    assert state.estim_lr == np.float32(1e-6)


@pytest.mark.parametrize("params", [{}, (), None, {"a": None}], ids=["dict", "tuple", "None", "None leaf"])
def test_an_empty_tree(params: Any) -> None:
    """A model whose trainable part is empty would crash or hand NaN to the next one."""
    optimizer = prodigy(weight_decay=0.1)
    if params is None:
        params = optax.MaskedNode()
    updates, state, _ = step(optimizer, params, optimizer.init(params), params)
    assert jax.tree.leaves(updates) == []
    assert state.estim_lr == np.float32(1e-6)
    assert state.count == 1


@pytest.mark.parametrize("setting", [{}, {"beta3": 0.9}, {"growth_rate": 1.2}, {"betas": (0.9, 0.9)}], ids=str)
def test_thirty_thousand_zero_gradients(setting: dict[str, Any]) -> None:
    """A pause this long underflows the averages; D must survive it, and training resume after it."""
    optimizer = prodigy(**setting)
    start = run(optimizer, away_from(TARGET), jnp.zeros(3), 60)
    pause = run(optimizer, jnp.zeros_like, start.params, 30_000, start.state)
    np.testing.assert_array_equal(pause.d, start.d[-1])
    assert jnp.all(jnp.isfinite(pause.params))
    resumed = run(optimizer, away_from(TARGET), pause.params, 600, pause.state)
    np.testing.assert_allclose(resumed.params, TARGET, atol=0.05)


@pytest.mark.parametrize("growth_rate", [None, 1.5])
@pytest.mark.parametrize("bad", [jnp.nan, jnp.inf, -jnp.inf])
def test_a_bad_gradient_shows_in_the_update_but_not_in_d(bad: float, growth_rate: float | None) -> None:
    """Hidden, it would train on; in D, which never falls, it would be for ever."""
    before = after(40)
    optimizer = prodigy(growth_rate=growth_rate)
    updates, state, _ = step(optimizer, jnp.array([bad, 1.0, 1.0]), before.state, before.params)
    assert not jnp.isfinite(updates[0])
    assert not jnp.isfinite(state.exp_avg[0])
    assert not jnp.isfinite(state.exp_avg_sq[0])
    assert jnp.all(jnp.isfinite(updates[1:]))
    assert jnp.all(jnp.isfinite(state.residual)), "what is left over would spoil even restored params"
    _, state, _ = step(optimizer, jnp.ones(3), state, before.params)
    assert before.d[-1] <= state.estim_lr < 10
    assert state.estim_lr_max < 10


def test_apply_if_finite_skips_a_bad_gradient() -> None:
    """optax's guard is what we refer to: it must hold our state back."""
    optimizer = optax.apply_if_finite(prodigy(), 3)
    state = optimizer.init(jnp.ones(3))
    updates, new = optimizer.update(jnp.array([jnp.nan, 1.0, 1.0]), state, jnp.ones(3))
    np.testing.assert_array_equal(updates, 0)
    jax.tree.map(np.testing.assert_array_equal, new.inner_state, state.inner_state)


def test_eps_0_and_a_dead_coordinate() -> None:
    """A unit that has no gradient yet divides 0 by 0 where eps is 0."""
    ours = run(prodigy(eps=0.0), lambda x: (x - TARGET) * jnp.array([1.0, 0.0, 1.0]), jnp.zeros(3), 800)
    np.testing.assert_array_equal(ours.x[:, 1], 0)
    np.testing.assert_allclose(ours.params, TARGET * jnp.array([1.0, 0.0, 1.0]), atol=0.03)


@pytest.mark.parametrize("x64", [False, True], ids=["float32", "float64"])
@pytest.mark.parametrize("compensate", [True, False])
@pytest.mark.parametrize("scale, estim_lr0", [(1e10, 1e-6), (1.0, 1e-25), (1e10, 1e-25)])
def test_far_away_and_from_a_tiny_first_estimate(x64: bool, compensate: bool, scale: float, estim_lr0: float) -> None:
    """d^2 and 1/d0 would overflow or underflow float32 where the averages carry them."""
    with jax.enable_x64(x64):
        target = jnp.array([3.0, -1.0, 2.0]) * scale
        ours = run(prodigy(estim_lr0=estim_lr0, compensate=compensate), away_from(target), jnp.zeros(3), 3000)
        # Adam's own bursts, long after it has converged, may stand at any one step: the closest approach is what counts.
        assert jnp.min(jnp.max(jnp.abs(ours.x - target), axis=1)) < 1e-3 * scale
        assert 0.3 * scale < ours.d[-1] < 10 * scale


def test_count_stops_at_the_largest_int32() -> None:
    """After two billion steps a count that wraps is negative, and the bias correction NaN."""
    before = after(40)
    last = jnp.array(jnp.iinfo(jnp.int32).max, jnp.int32)
    state = before.state._replace(count=last)
    updates, new, _ = step(prodigy(), jnp.ones(3), state, before.params)
    plain, _, _ = step(prodigy(use_bias_correction=False), jnp.ones(3), state, before.params)
    assert new.count == last
    np.testing.assert_allclose(updates, plain, rtol=1e-6)


@pytest.mark.parametrize("traced", [False, True])
@pytest.mark.parametrize("k", [0, 3, 20])
def test_the_bias_correction_has_all_its_digits(k: int, traced: bool) -> None:
    """1 - 0.999^j in float32 is off in the fourth digit: the first steps would be, too, plain or swept."""
    betas = np.array([0.9, 0.999], np.float32 if traced else np.float64)

    def first(betas: Any) -> Any:
        optimizer = prodigy(betas=betas, estim_lr0=1.0, eps=0.0, compensate=False)
        state = optimizer.init(jnp.zeros(1))._replace(count=jnp.array(k, jnp.int32))
        return optimizer.update(jnp.ones(1), state, jnp.zeros(1))[0]

    beta1, beta2 = betas.astype(np.float64)
    exact = np.sqrt(1 - beta2 ** (k + 1)) / (1 - beta1 ** (k + 1)) * (1 - beta1) / np.sqrt(1 - beta2)
    np.testing.assert_allclose(jax.jit(first)(betas) if traced else first(tuple(betas)), -exact, rtol=2e-6)


def test_params_moved_by_the_user() -> None:
    """Projected training: the estimate must be made at the real params, or the constraint is not seen."""
    optimizer = prodigy(use_bias_correction=False)
    start = jnp.array([10.0, 10.0])
    _, state, _ = step(optimizer, jnp.array([1.0, -1.0]), optimizer.init(start), start)
    clipped = jnp.array([4.0, 13.0])
    gradient = jnp.array([2.0, -0.5])
    _, new, _ = step(optimizer, gradient, state, clipped)
    beta3 = 0.999**0.5
    inner = jnp.dot(gradient, start - clipped - state.residual)
    np.testing.assert_allclose(new.numerator_weighted, beta3 * state.numerator_weighted + inner, rtol=1e-6)
    np.testing.assert_allclose(new.grad_sum, beta3 * state.grad_sum + gradient, rtol=1e-6)
    np.testing.assert_allclose(new.estim_lr, new.numerator_weighted / jnp.sum(jnp.abs(new.grad_sum)), rtol=1e-6)


def test_complex_params_converge() -> None:
    """Spectral and wave models: without the conjugate in <g, x> D stays at its start."""
    target = jnp.array([3.0 + 1.0j, -1.0j])
    ours = run(prodigy(), away_from(target), jnp.zeros(2, jnp.complex64), 1500)
    np.testing.assert_allclose(ours.params, target, atol=0.03)
