"""Prodigy against recorded float64 runs of the authors' PyTorch package and of optax."""

import functools
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import optax
import pytest

from prodigy_core.prodigy import prodigy
from tests.reference import recorded

TOLERANCES = {True: (1e-6, 2e-2), False: (1e-8, 2e-3)}  # compensate: of D, of the loss


@functools.cache
def _replay(problem: str, compensate: bool, *static: tuple[str, Any]) -> Callable[..., tuple[jax.Array, jax.Array, Any]]:
    """A compiled run: losses, estimates, last parameters. Settings that only differ in numbers share it."""
    value_and_grad = jax.value_and_grad(recorded.loss(problem))

    @jax.jit
    def run(params: Any, table: jax.Array, numbers: dict[str, Any]) -> tuple[jax.Array, jax.Array, Any]:
        optimizer = prodigy(lambda count: table[count], compensate=compensate, **dict(static), **numbers)

        def step(carry: Any, _: None) -> tuple[Any, tuple[jax.Array, jax.Array]]:
            params, state = carry
            value, grads = value_and_grad(params)
            updates, state = optimizer.update(grads, state, params)
            return (optax.apply_updates(params, updates), state), (value, state.estim_lr)

        (params, _), (losses, estimates) = jax.lax.scan(step, (params, optimizer.init(params)), length=recorded.STEPS)
        return losses, estimates, params

    return run


@functools.cache
def _replayed(problem: str, compensate: bool, setting: tuple[tuple[str, Any], ...]) -> tuple[np.ndarray, np.ndarray, Any]:
    """Losses, estimates and last parameters; both packages recorded some settings under a name of their own."""
    # All numbers are named, so that settings which only differ in them are one program.
    numbers: dict[str, Any] = {
        "betas": (0.9, 0.999),
        "estim_lr0": 1e-6,
        "weight_decay": 0.0,
        "safeguard_warmup": False,
        "growth_rate": np.inf,
    }
    numbers |= {"weight_decay_mask": recorded.LEAVES, "learning_rate": "constant", **dict(setting)}
    params = recorded.start(problem)
    schedule = recorded.SCHEDULES[numbers.pop("learning_rate")]
    table = np.array([schedule(k) for k in range(recorded.STEPS)])
    static = [(name, numbers.pop(name)) for name in ("use_bias_correction", "slice_p") if name in numbers]
    numbers["weight_decay_mask"] = {key: np.array(key in numbers["weight_decay_mask"]) for key in params}
    run: tuple[np.ndarray, np.ndarray, Any] = jax.device_get(_replay(problem, compensate, *static)(params, table, numbers))
    return run


@pytest.mark.parametrize("compensate", [True, False], ids=["compensated", "plain"])
@pytest.mark.parametrize("setting", recorded.SETTINGS)
@pytest.mark.parametrize("problem", recorded.PROBLEMS)
@pytest.mark.usefixtures("x64")
def test_it_follows_the_recorded_run(problem: str, setting: str, compensate: bool) -> None:
    """A user who comes from prodigyopt or optax would see other curves."""
    losses, estimates, final = _replayed(problem, compensate, tuple(recorded.SETTINGS[setting].items()))
    known = {field: recorded.golden()[f"{problem}/{setting}/{field}"] for field in ("loss", "d", "final")}
    of_d, of_loss = TOLERANCES[compensate]
    np.testing.assert_allclose(estimates, known["d"], rtol=of_d)
    scale = np.maximum(np.abs(known["loss"]), 1e-6 * known["loss"][0])  # a loss near 0 is all rounding
    assert np.max(np.abs(losses - known["loss"]) / scale) < of_loss
    assert sum(x.size for x in jax.tree.leaves(final)) == known["final"].size
