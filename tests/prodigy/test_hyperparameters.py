"""Hyperparameters as traced numbers: swept, injected, differentiated, in any dtype."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from prodigy_core.prodigy import prodigy
from tests.prodigy.runs import away_from, dtypes, run, step

TARGET = np.array([3.0, -1.0, 2.0], np.float32)
START = np.zeros(3, np.float32)
GRADIENT = away_from(TARGET)
NUMBERS: dict[str, Any] = {
    "learning_rate": 0.7,
    "betas": (0.8, 0.98),
    "beta3": 0.95,
    "eps": 1e-6,
    "estim_lr0": 1e-4,
    "estim_lr_coef": 1.3,
    "weight_decay": 0.01,
    "growth_rate": 1.4,
}


def end(**setting: Any) -> tuple[jax.Array, jax.Array]:
    done = run(prodigy(**setting), GRADIENT, jnp.zeros(3), 80)
    return done.params, done.d


@pytest.mark.usefixtures("x64")
def test_a_sweep_is_the_runs_one_by_one() -> None:
    """The sweep page would show other curves than the single runs; so would a slider, whose numbers are traced."""
    other: dict[str, Any] = {"learning_rate": 1.0, "betas": (0.0, 0.9), "beta3": 1.0, "eps": 0.0, "estim_lr0": 1e-6}
    other |= {"estim_lr_coef": 1.0, "weight_decay": 0.0, "growth_rate": np.inf}
    settings = [{**numbers, "safeguard_warmup": safe} for numbers in (NUMBERS, other) for safe in (False, True)]
    stacked = jax.tree.map(lambda *each: np.array(each), *settings)
    swept, alone = jax.device_get(
        jax.jit(lambda stacked: (jax.vmap(lambda setting: end(**setting))(stacked), [end(**one) for one in settings]))(stacked)
    )
    for i, (params, d) in enumerate(alone):
        np.testing.assert_allclose(swept[0][i], params, rtol=1e-9)
        np.testing.assert_allclose(swept[1][i], d, rtol=1e-12)
    assert len({d[-1] for _, d in alone}) == 4


def test_a_loop_is_a_scan() -> None:
    """A training loop and the engine's scan give one result."""
    optimizer, params = prodigy(), START
    one = jax.jit(lambda state, params: step(optimizer, GRADIENT(params), state, params)[1:])
    state = optimizer.init(params)
    for _ in range(80):
        state, params = one(state, params)
    known = jax.device_get(run(optimizer, GRADIENT, START, 80))
    np.testing.assert_allclose(params, known.params, rtol=1e-5)
    np.testing.assert_allclose(state.estim_lr, known.d[-1], rtol=1e-5)


def test_inject_hyperparams_injects_every_number() -> None:
    """Changing a setting during training is what optax offers this for."""
    numbers = {key: value for key, value in NUMBERS.items() if key != "betas"}
    optimizer = optax.inject_hyperparams(prodigy, static_args=("weight_decay_mask",))(
        **numbers, betas=(0.8, 0.98), weight_decay_mask=lambda params: True, slice_p=None, axis_name=None
    )
    params = START
    state = jax.jit(optimizer.init)(params)
    assert set(state.hyperparams) == set(numbers)
    plain = prodigy(**NUMBERS)
    known = plain.init(params)
    assert dtypes(state.inner_state) == dtypes(known)
    for _ in range(3):
        updates, state = jax.jit(optimizer.update)(params - TARGET, state, params)
        theirs, known = jax.jit(plain.update)(params - TARGET, known, params)
        np.testing.assert_allclose(updates, theirs, rtol=1e-5)
        params = params + np.asarray(updates)
    state.hyperparams["weight_decay"] = jnp.array(0.5)
    state.hyperparams["learning_rate"] = jnp.array(0.0)
    still, _ = jax.jit(optimizer.update)(params - TARGET, state, params)
    np.testing.assert_array_equal(still, 0)


def test_inject_hyperparams_leaves_the_defaults_alone() -> None:
    """Options whose default is a number would turn into arrays, and what must be static would break."""
    optimizer = optax.inject_hyperparams(prodigy)()
    state = jax.eval_shape(optimizer.init, np.ones(2, np.float32))
    assert set(state.hyperparams) == {"learning_rate", "eps", "estim_lr0", "estim_lr_coef", "weight_decay"}
    optimizer = optax.inject_hyperparams(prodigy, static_args="slice_p")(slice_p=2)
    assert jax.eval_shape(optimizer.init, np.ones(5, np.float32)).inner_state.grad_sum.shape == (3,)


def test_an_injected_schedule_is_the_schedule() -> None:
    """optax hands the schedule's value on as an array."""
    schedule = optax.linear_schedule(0.0, 1.0, 10)
    injected, plain = optax.inject_hyperparams(prodigy)(learning_rate=schedule), prodigy(schedule)

    @jax.jit
    def four_steps() -> Any:
        state, known, params, pairs = injected.init(START), plain.init(START), jnp.asarray(START), []
        for _ in range(4):
            updates, state = injected.update(params - TARGET, state, params)
            theirs, known = plain.update(params - TARGET, known, params)
            params = params + updates
            pairs.append((updates, theirs))
        return pairs

    for updates, theirs in four_steps():
        np.testing.assert_allclose(updates, theirs, rtol=1e-6)
    assert np.any(np.asarray(updates) != 0)


@pytest.mark.usefixtures("x64")
@pytest.mark.parametrize("kind", [jnp.float64, np.float64, np.asarray, np.float32], ids=["jax", "numpy", "array", "float32"])
@pytest.mark.parametrize("params_dtype", [jnp.bfloat16, jnp.float32])
@pytest.mark.parametrize("name", [*NUMBERS, "safeguard_warmup"])
def test_float64_numbers_leave_narrow_params_alone(name: str, params_dtype: Any, kind: Any) -> None:
    """A value from np.linspace, under x64, would turn the state to float64 at the first step."""
    value = {**NUMBERS, "safeguard_warmup": True}[name]
    value = jnp.array(value) if name == "safeguard_warmup" else jax.tree.map(kind, value)
    setting: dict[str, Any] = {name: value}
    optimizer, params = prodigy(**setting), jax.ShapeDtypeStruct((3,), params_dtype)
    state = jax.eval_shape(optimizer.init, params)
    updates, new = jax.eval_shape(optimizer.update, params, state, params)
    assert updates.dtype == params_dtype
    assert jax.tree.map(lambda x: (x.shape, x.dtype), new) == jax.tree.map(lambda x: (x.shape, x.dtype), state)
    assert state.estim_lr.dtype == jnp.float32


@pytest.mark.usefixtures("x64")
def test_a_python_number_keeps_its_digits() -> None:
    """0.999 rounded to float32 is off by 1e-8, and 1 - beta2 by 1e-5."""
    first = jax.jit(lambda gradient, params: step(prodigy(eps=0.0), gradient, prodigy().init(params), params)[1])
    state = first(np.ones(2), np.zeros(2))
    np.testing.assert_allclose(state.exp_avg_sq, 0.001, rtol=1e-14)
    np.testing.assert_allclose(state.exp_avg, 0.1, rtol=1e-15)


@functools.cache
def slopes_of_the_end(compensate: bool) -> Any:
    """Compiled once for every gradient strength * (x - TARGET): the derivatives of where a run ends by its numbers."""

    @jax.jit
    @jax.value_and_grad
    def end_of_run(numbers: dict[str, Any], strength: jax.Array) -> jax.Array:
        done = run(prodigy(compensate=compensate, **numbers), lambda x: strength * (x - TARGET), jnp.zeros(3), 30)
        return jnp.sum((done.params - TARGET) ** 2) + done.d[-1]

    return end_of_run


@pytest.mark.parametrize("compensate", [True, False])
@pytest.mark.parametrize("learning_rate", [0.7, 0.0])
@pytest.mark.parametrize("strength", [(1.0, 1.0, 1.0), (1.0, 0.0, 1.0), (0.0, 0.0, 0.0)], ids=["bowl", "one dead", "zero"])
def test_hypergradients_are_finite(strength: tuple[float, ...], learning_rate: float, compensate: bool) -> None:
    """Learning a hyperparameter by descent: 0/0 and the root at 0 would make its gradient NaN."""
    numbers = jax.tree.map(np.float32, {**NUMBERS, "learning_rate": learning_rate, "eps": 0.0})
    _, slopes = jax.device_get(slopes_of_the_end(compensate)(numbers, np.array(strength)))
    assert all(np.isfinite(slope) for slope in jax.tree.leaves(slopes)), slopes


@pytest.mark.usefixtures("x64")
@pytest.mark.parametrize("compensate", [True, False])
def test_hypergradients_are_the_slopes(compensate: bool) -> None:
    """Finite is not yet right: compare with a difference quotient."""

    @jax.jit
    @jax.value_and_grad
    def last_loss(numbers: dict[str, Any]) -> jax.Array:
        return jnp.sum((run(prodigy(compensate=compensate, **numbers), GRADIENT, jnp.zeros(3), 8).params - TARGET) ** 2)

    at = {"learning_rate": 1.0, "estim_lr0": 0.05, "estim_lr_coef": 1.1, "weight_decay": 0.1}
    _, slopes = jax.device_get(last_loss(at))
    for name, value in at.items():
        above, below = (float(last_loss({**at, name: value * factor})[0]) for factor in (1 + 1e-5, 1 - 1e-5))
        assert slopes[name] != 0
        np.testing.assert_allclose(slopes[name], (above - below) / (2e-5 * value), rtol=1e-4, err_msg=name)


def test_sliders_do_not_recompile() -> None:
    """A new value of a number must reuse the compiled program."""
    traces: list[Any] = []

    @jax.jit
    def program(numbers: dict[str, Any]) -> jax.Array:
        traces.append(numbers)
        return end(**numbers)[1][-1]

    values = {**NUMBERS, "safeguard_warmup": False}
    assert program(values) != program({**values, "estim_lr0": 3e-4, "safeguard_warmup": True})
    assert len(traces) == 1
