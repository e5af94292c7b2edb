"""Runs of the engine, and the plain Python loop that they are held against."""

from __future__ import annotations

from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import optax

from prodigy_core.engine import run_contender
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.param import Value
from prodigy_core.trace import Trace

STEPS = 100


@cache
def ran(optimizer: str, knobs: tuple[tuple[str, Value], ...] = (), **fields: Any) -> Trace:
    return run_contender(Experiment(**{"steps": STEPS, **fields}), Contender(optimizer, dict(knobs)))


def _rosenbrock(x: jax.Array) -> jax.Array:
    """Written out once more, so that a wrong formula cannot agree with itself."""
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


def plain_loop(transformation: optax.GradientTransformation, steps: int, dtype: str = "float64") -> list[dict[str, Any]]:
    """What holds after k = 0, 1, ... steps, and the step that is taken from there."""

    @jax.jit
    def step(x, state):
        loss, gradient = jax.value_and_grad(_rosenbrock)(x)
        updates, after = transformation.update(gradient, state, x)
        return loss, gradient, updates, optax.apply_updates(x, updates), after

    with jax.enable_x64(True):
        x = jnp.asarray((-1.5, 2.0), dtype)
        state, found = transformation.init(x), []
        for _ in range(steps + 1):
            loss, gradient, updates, after, next_state = step(x, state)
            entry = {"loss": loss, "position": x, "gradient": gradient, "updates": updates, "state": state}
            found.append(jax.device_get(entry))
            x, state = after, next_state
    return found
