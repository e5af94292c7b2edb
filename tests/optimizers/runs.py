"""Runs of a single entry of the catalogue in a plain scan, without the engine around it: one compilation an optimizer."""

from __future__ import annotations

from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from prodigy_core import schedules
from prodigy_core.engine.loop import traced
from prodigy_core.optimizers import OPTIMIZERS, Optimizer
from prodigy_core.optimizers.traits import Rate
from prodigy_core.param import Value

STEPS = 500
START = (-1.0, 0.5)
BOWL, VALLEY = (1.0, 0.0), (0.0, 0.01)  # weights of the two parts of `objective`

every_optimizer = pytest.mark.parametrize("optimizer", [pytest.param(entry, id=name) for name, entry in OPTIMIZERS.items()])

# Learning rates among which one covers a distance of 4 in 500 steps, whatever the optimizer makes of it.
RATES = (0.002, 0.01, 0.05, 0.1, 0.3, 0.5, 1.0, 10.0)


def objective(x: jax.Array, weights: Any) -> Any:
    """A bowl with its minimum 0 at (3, 3), and Rosenbrock's valley."""
    bowl = (x[0] - 3) ** 2 + 2 * (x[1] - 3) ** 2
    return weights[0] * bowl + weights[1] * ((1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2)


def rates(optimizer: Optimizer) -> dict[str, Value]:
    """Return a learning rate that suits the bowl; nothing for an optimizer that must do with its default there."""
    return {} if optimizer.rate is Rate.FACTOR else {"learning_rate": _best_rate(optimizer.name)}


@cache
def _best_rate(name: str) -> float:
    ends = {rate: ran(name, (("learning_rate", rate),))["loss"][-1] for rate in RATES}
    return min(ends, key=lambda rate: np.nan_to_num(ends[rate], nan=np.inf))


def arguments(optimizer: Optimizer, hyperparameters: dict[str, Value]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return all hyperparameters as the engine passes them: the traced ones, that of a search too, and the static ones."""
    values = {**optimizer.defaults, **({"learning_rate": 0.02} if optimizer.search else {}), **hyperparameters}
    static = {param.name: values.pop(param.name) for param in optimizer.params if param.static}
    by_name = {param.name: param for param in optimizer.params}
    return {name: traced(by_name[name], value) if name in by_name else value for name, value in values.items()}, static


@cache
def program(name: str, static: tuple[tuple[str, Value], ...], whole: bool = True) -> Any:
    """Return (traced hyperparameters, start, weights of the objective) -> the entries of a run, or its path alone."""
    optimizer = OPTIMIZERS[name]

    def run(hyperparameters: dict[str, Any], start: Any, weights: Any) -> dict[str, Any]:
        hyper = {**hyperparameters, **dict(static)}
        rate = schedules.of(hyper, float(STEPS))
        transformation = optimizer.transformation(hyper, rate)

        def step(carry: Any, k: Any) -> Any:
            (x, state), now = carry, rate(k)
            loss, gradient = jax.value_and_grad(objective)(x, weights)
            updates, after, _ = transformation.update(gradient, state, x, value=loss)
            moved = (optax.apply_updates(x, updates), after)
            if not whole:
                return moved, {"x": x}
            entry = {
                "loss": loss,
                "x": x,
                "gradient": gradient,
                "updates": updates,
                "rate": now,
                "judged": optimizer.evaluation_params(state, x) if optimizer.evaluation_params else x,
                **optimizer.probe(state, hyper, k, now),
            }
            return moved, entry

        recorded: dict[str, Any] = jax.lax.scan(step, (start, transformation.init(start)), jnp.arange(STEPS + 1))[1]
        return recorded

    return run


@cache
def compiled(name: str, static: tuple[tuple[str, Value], ...] = ()) -> Any:
    return jax.jit(program(name, static), compiler_options=QUICK)


# Half the time to compile; the numbers are the same but for the last digit.
QUICK = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}


@cache
def ran(
    name: str, hyperparameters: tuple[tuple[str, Value], ...] = (), weights: tuple[float, float] = BOWL
) -> dict[str, np.ndarray]:
    """Return the entries of a run with these hyperparameters and the defaults for all others."""
    moving, static = arguments(OPTIMIZERS[name], dict(hyperparameters))
    with jax.enable_x64(True):
        entries: dict[str, np.ndarray] = jax.device_get(
            compiled(name, tuple(static.items()))(moving, np.asarray(START), np.asarray(weights))
        )
    return entries
