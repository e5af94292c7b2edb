"""Where a step has nothing to learn from, or numbers leave their range."""

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from prodigy_core.prodigy import prodigy
from tests.prodigy.runs import away_from, run, step

TARGET = np.array([3.0, -1.0, 2.0])
ROOM = 30_700  # steps


class Ran(NamedTuple):
    """Entry k is after step k; the state is that of the end."""

    x: Any
    d: Any
    d_max: Any
    state: Any


@functools.cache
def program(compensate: bool) -> Any:
    """A compiled run for any numbers, start, target and length; `pull` and `rate` say how strong each step's gradient
    and learning rate are."""

    @jax.jit
    def go(numbers: dict[str, Any], steps: Any, start: Any, target: Any, pull: Any, rate: Any) -> Ran:
        optimizer = prodigy(lambda count: rate[count], compensate=compensate, **numbers)

        def one(k: Any, carry: tuple[Any, Ran]) -> tuple[Any, Ran]:
            params, (x, d, d_max, state) = carry
            _, state, params = step(optimizer, pull[k] * (params - target), state, params)
            return params, Ran(x.at[k].set(params), d.at[k].set(state.estim_lr), d_max.at[k].set(state.estim_lr_max), state)

        state = optimizer.init(start)
        x, d = jnp.zeros((ROOM, *start.shape), start.dtype), jnp.zeros(ROOM, state.estim_lr.dtype)
        entries: Ran = jax.lax.fori_loop(0, steps, one, (start, Ran(x, d, d, state)))[1]
        return entries

    return go


def ran(
    steps: int,
    start: Any = (0.0, 0.0, 0.0),
    target: Any = TARGET,
    pull: Any = 1.0,
    rate: Any = 1.0,
    betas: tuple[float, float] = (0.9, 0.999),
    growth_rate: float | None = None,
    compensate: bool = True,
    **numbers: Any,
) -> Ran:
    numbers = {"eps": 1e-8, "estim_lr0": 1e-6, "weight_decay": 0.0, "safeguard_warmup": False, **numbers}
    numbers |= {"betas": betas, "beta3": numbers.get("beta3", betas[1] ** 0.5)}
    if growth_rate is not None:
        numbers["growth_rate"] = growth_rate
    tables = np.broadcast_to(pull, (ROOM, 3)), np.broadcast_to(rate, ROOM)
    run: Ran = jax.device_get(program(compensate)(numbers, steps, *(np.asarray(x, float) for x in (start, target, *tables))))
    return Ran(run.x[:steps], run.d[:steps], run.d_max[:steps], run.state)


@functools.cache
def under_way(**setting: Any) -> Ran:
    """After 60 steps: D has risen."""
    done = ran(60, **setting)
    assert done.d[-1] > 1e-5
    return done


@functools.partial(jax.jit, static_argnames=("growth_rate", "use_bias_correction"))
def one_step(
    gradient: Any,
    state: Any,
    params: Any,
    learning_rate: Any = 1.0,
    safeguard_warmup: Any = False,
    growth_rate: float | None = None,
    use_bias_correction: bool = True,
) -> tuple[Any, Any, Any]:
    optimizer = prodigy(
        learning_rate,
        safeguard_warmup=safeguard_warmup,
        growth_rate=growth_rate,
        use_bias_correction=use_bias_correction,
    )
    return step(optimizer, gradient, state, params)


@pytest.mark.parametrize("safeguard_warmup", [False, True])
def test_a_step_with_learning_rate_0_moves_only_the_averages(safeguard_warmup: bool) -> None:
    """A schedule that touches 0 would jump, or forget its estimate."""
    before = under_way(safeguard_warmup=safeguard_warmup)
    old, gradient = before.state, np.array([0.5, -2.0, 1.0])
    updates, new, params = jax.device_get(one_step(gradient, old, before.x[-1], 0.0, safeguard_warmup))

    np.testing.assert_array_equal(params, before.x[-1])
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
    warm_up = np.minimum(np.arange(ROOM) / 100, 1.0)
    ours = ran(1500, rate=warm_up, safeguard_warmup=safeguard_warmup, growth_rate=growth_rate)
    assert ours.d[0] == np.float32(1e-6)
    np.testing.assert_array_equal(ours.x[0], 0)
    np.testing.assert_allclose(ours.x[-1], TARGET, atol=0.03)


def test_learning_rate_0_does_not_raise_d_under_a_growth_cap() -> None:
    """While the schedule rests at 0, a capped D would go on to climb to its ceiling."""
    paused = ran(65, rate=np.arange(ROOM) < 60, growth_rate=1.05, estim_lr0=1e-2)
    assert 1e-5 < paused.d[59] < paused.d_max[59]
    np.testing.assert_array_equal(paused.d[60:], paused.d[59])


def test_gradients_of_zero_from_the_start_change_nothing_but_decay() -> None:
    """Starting at a stationary point divides 0 by 0: NaN for ever."""
    start = np.array([1.0, -2.0, 4.0])
    ours = ran(1, start, pull=0.0, weight_decay=0.1, estim_lr0=0.5, betas=(0.0, 0.0), eps=0.0)
    assert ours.d[0] == 0.5
    np.testing.assert_allclose(ours.x[0], start * (1 - 0.1 * 0.5), rtol=1e-6)
    late = ran(1005, start, pull=(np.arange(ROOM) >= 5)[:, None])
    np.testing.assert_array_equal(late.x[:5], np.broadcast_to(start, (5, 3)))
    np.testing.assert_allclose(late.x[-1], TARGET, atol=0.03)


def test_a_denominator_that_cancels_to_zero_says_nothing() -> None:
    """Two opposite gradients with beta3 = 1: r > 0 stands over 0, and D would take r for the distance."""
    optimizer = prodigy(beta3=1.0, use_bias_correction=False, compensate=False)
    update, start, gradient = jax.jit(optimizer.update), np.zeros(1, np.float32), np.ones(1, np.float32)
    _, state = update(gradient, optimizer.init(start), start)
    _, state = update(-gradient, state, np.array([5.0], np.float32))  # projected by the user: -g (p0 - p) = 5
    assert np.asarray(state.grad_sum) == 0
    assert state.numerator_weighted > 1
    assert state.estim_lr == np.float32(1e-6)


EMPTY = {"dict": {}, "tuple": (), "None": optax.MaskedNode(), "None leaf": {"a": None}}


@functools.cache
def first_steps_of_empty_trees() -> Any:
    optimizer = prodigy(weight_decay=0.1)
    return jax.jit(lambda: {name: step(optimizer, tree, optimizer.init(tree), tree)[:2] for name, tree in EMPTY.items()})()


@pytest.mark.parametrize("name", EMPTY)
def test_an_empty_tree(name: str) -> None:
    """A model whose trainable part is empty would crash or hand NaN to the next one."""
    updates, state = first_steps_of_empty_trees()[name]
    assert jax.tree.leaves(updates) == []
    assert state.estim_lr == np.float32(1e-6)
    assert state.count == 1


@pytest.mark.parametrize("setting", [{}, {"beta3": 0.9}, {"growth_rate": 1.2}, {"betas": (0.9, 0.9)}], ids=str)
def test_thirty_thousand_zero_gradients(setting: dict[str, Any]) -> None:
    """A pause this long underflows the averages; D must survive it, and training resume after it."""
    k = np.arange(ROOM)
    ours = ran(30_660, pull=((k < 60) | (k >= 30_060))[:, None], **setting)
    np.testing.assert_array_equal(ours.d[60:30_060], ours.d[59])
    assert np.all(np.isfinite(ours.x))
    np.testing.assert_allclose(ours.x[-1], TARGET, atol=0.05)


@pytest.mark.parametrize("growth_rate", [None, 1.5])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_bad_gradient_shows_in_the_update_but_not_in_d(bad: float, growth_rate: float | None) -> None:
    """Hidden, it would train on; in D, which never falls, it would be for ever."""
    before = under_way()
    updates, state, _ = one_step(np.array([bad, 1.0, 1.0]), before.state, before.x[-1], growth_rate=growth_rate)
    _, later, _ = one_step(np.ones(3), state, before.x[-1], growth_rate=growth_rate)
    updates, state, later = jax.device_get((updates, state, later))
    assert not np.isfinite(updates[0])
    assert not np.isfinite(state.exp_avg[0])
    assert not np.isfinite(state.exp_avg_sq[0])
    assert np.all(np.isfinite(updates[1:]))
    assert np.all(np.isfinite(state.residual)), "what is left over would spoil even restored params"
    assert before.d[-1] <= later.estim_lr < 10
    assert later.estim_lr_max < 10


def test_apply_if_finite_skips_a_bad_gradient() -> None:
    """optax's guard is what we refer to: it must hold our state back."""
    optimizer, params = optax.apply_if_finite(prodigy(), 3), np.ones(3, np.float32)
    state = optimizer.init(params)
    updates, new = jax.jit(optimizer.update)(np.array([np.nan, 1.0, 1.0], np.float32), state, params)
    np.testing.assert_array_equal(updates, 0)
    jax.tree.map(np.testing.assert_array_equal, new.inner_state, state.inner_state)


def test_eps_0_and_a_dead_coordinate() -> None:
    """A unit that has no gradient yet divides 0 by 0 where eps is 0."""
    alive = np.array([1.0, 0.0, 1.0])
    ours = ran(800, pull=alive, eps=0.0)
    np.testing.assert_array_equal(ours.x[:, 1], 0)
    np.testing.assert_allclose(ours.x[-1], TARGET * alive, atol=0.03)


@pytest.mark.parametrize("x64", [False, True], ids=["float32", "float64"])
@pytest.mark.parametrize("compensate", [True, False])
@pytest.mark.parametrize("scale, estim_lr0", [(1e10, 1e-6), (1.0, 1e-25), (1e10, 1e-25)])
def test_far_away_and_from_a_tiny_first_estimate(x64: bool, compensate: bool, scale: float, estim_lr0: float) -> None:
    """d^2 and 1/d0 would overflow or underflow float32 where the averages carry them."""
    with jax.enable_x64(x64):
        ours = ran(3000, target=TARGET * scale, estim_lr0=estim_lr0, compensate=compensate)
    # Adam's own bursts, long after it has converged, may stand at any one step: the closest approach is what counts.
    assert np.min(np.max(np.abs(ours.x - TARGET * scale), axis=1)) < 1e-3 * scale
    assert 0.3 * scale < ours.d[-1] < 10 * scale
    assert ours.x.dtype == (np.float64 if x64 else np.float32)


def test_count_stops_at_the_largest_int32() -> None:
    """After two billion steps a count that wraps is negative, and the bias correction NaN."""
    before, last = under_way(), np.int32(np.iinfo(np.int32).max)
    state = before.state._replace(count=last)
    updates, new, _ = one_step(np.ones(3), state, before.x[-1])
    plain, _, _ = one_step(np.ones(3), state, before.x[-1], use_bias_correction=False)
    assert new.count == last
    np.testing.assert_allclose(updates, plain, rtol=1e-6)


def first_step(betas: Any, k: Any) -> Any:
    optimizer, zero = prodigy(betas=betas, estim_lr0=1.0, eps=0.0, compensate=False), jnp.zeros(1)
    return optimizer.update(jnp.ones(1), optimizer.init(zero)._replace(count=jnp.asarray(k, jnp.int32)), zero)[0]


first_step_of_plain = jax.jit(first_step, static_argnums=0)
first_step_of_traced = jax.jit(first_step)


@pytest.mark.parametrize("traced", [False, True])
@pytest.mark.parametrize("k", [0, 3, 20])
def test_the_bias_correction_has_all_its_digits(k: int, traced: bool) -> None:
    """1 - 0.999^j in float32 is off in the fourth digit: the first steps would be, too, plain or swept."""
    betas = np.array([0.9, 0.999], np.float32 if traced else np.float64)

    beta1, beta2 = betas.astype(np.float64)
    exact = np.sqrt(1 - beta2 ** (k + 1)) / (1 - beta1 ** (k + 1)) * (1 - beta1) / np.sqrt(1 - beta2)
    updates = first_step_of_traced(betas, k) if traced else first_step_of_plain(tuple(betas), k)
    np.testing.assert_allclose(updates, -exact, rtol=2e-6)


def test_params_moved_by_the_user() -> None:
    """Projected training: the estimate must be made at the real params, or the constraint is not seen."""
    start = np.array([10.0, 10.0, 10.0], np.float32)
    state = prodigy().init(start)
    _, state, _ = jax.device_get(one_step(np.array([1.0, -1.0, 0.5]), state, start, use_bias_correction=False))
    clipped, gradient = np.array([4.0, 13.0, 10.0], np.float32), np.array([2.0, -0.5, 1.0])
    _, new, _ = one_step(gradient, state, clipped, use_bias_correction=False)
    beta3 = 0.999**0.5
    inner = np.dot(gradient, start - clipped - state.residual)
    np.testing.assert_allclose(new.numerator_weighted, beta3 * state.numerator_weighted + inner, rtol=1e-6)
    np.testing.assert_allclose(new.grad_sum, beta3 * state.grad_sum + gradient, rtol=1e-6)
    np.testing.assert_allclose(new.estim_lr, new.numerator_weighted / np.sum(np.abs(new.grad_sum)), rtol=1e-6)


def test_complex_params_converge() -> None:
    """Spectral and wave models: without the conjugate in <g, x> D stays at its start."""
    target = np.array([3.0 + 1.0j, -1.0j])
    ours = run(prodigy(), away_from(target), np.zeros(2, np.complex64), 1500)
    np.testing.assert_allclose(ours.params, target, atol=0.03)
