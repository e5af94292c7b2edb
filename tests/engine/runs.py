"""Runs of the engine, and the plain Python loop that they are held against."""

from __future__ import annotations

from functools import cache
from typing import Any

import jax
import numpy as np
import optax

from prodigy_core.engine.runner import run_contender
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.param import Value
from prodigy_core.trace import Trace

STEPS = 100


Pairs = tuple[tuple[str, Value], ...]  # a mapping that a cache can look up

# A network of 35 parameters on 120 flowers: 7 batches of 16 make an epoch, and 8 examples are over.
NETWORK: dict[str, Any] = {"problem": "mlp", "settings": (("data", "iris"), ("batch", "16"), ("width", 4), ("l2", 0.1))}
EPOCH = 7
LOGISTIC: dict[str, Any] = {"problem": "logistic_regression", "settings": (("data", "iris"), ("batch", "16"), ("l2", 0.1))}
# A bowl of ten variables under noise, every run from another place.
BOWL: dict[str, Any] = {
    "problem": "quadratic_nd",
    "settings": (("dimension", 10), ("start_at", 2.0), ("start_spread", 1.0)),
    "noise": "gaussian",
    "noise_size": 0.5,
}
# Adam at the best of three learning rates.
TUNED: Pairs = (("search_low", 1e-3), ("search_high", 1.0), ("search_size", 3))


def experiment(**fields: Any) -> Experiment:
    return Experiment(**{"problem": "rosenbrock", "steps": STEPS, **fields, "settings": dict(fields.get("settings", ()))})


@cache
def ran(optimizer: str, knobs: Pairs = (), **fields: Any) -> Trace:
    return run_contender(experiment(**fields), Contender(optimizer, dict(knobs)))


def arrays(trace: Trace) -> dict[str, np.ndarray]:
    """Return all recorded arrays of a run, by name."""
    named = {name: values for name, values in vars(trace).items() if isinstance(values, np.ndarray)}
    named |= {f"probe {name}": values for name, values in trace.probes.items()}
    named |= {f"vector {name}": values for name, values in trace.vectors.items()}
    named |= {f"metric {name}": values for name, values in trace.metrics.items()}
    if trace.tuning is not None:
        named |= {"tries": trace.tuning.values, "found": trace.tuning.losses, "best": np.array(trace.tuning.best)}
    return named


def assert_same(one: Trace, other: Trace) -> None:
    """Two runs that agree to the last bit in all that was recorded."""
    assert (one.status, one.stopped_at) == (other.status, other.stopped_at)
    first, second = arrays(one), arrays(other)
    assert list(first) == list(second)
    for name, values in first.items():
        np.testing.assert_array_equal(values, second[name], err_msg=name)
        assert values.dtype == second[name].dtype, name


def _rosenbrock(x: jax.Array) -> jax.Array:
    """Written out once more, so that a wrong formula cannot agree with itself."""
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


def plain_loop(transformation: optax.GradientTransformation, steps: int, dtype: str = "float64") -> list[dict[str, Any]]:
    """Return the state after k = 0, 1, ... steps, and the step that is taken from there."""

    @jax.jit
    def step(x, state):
        loss, gradient = jax.value_and_grad(_rosenbrock)(x)
        updates, after = transformation.update(gradient, state, x)
        return loss, gradient, updates, optax.apply_updates(x, updates), after

    with jax.enable_x64(True):
        x: Any = np.asarray((-1.5, 2.0), dtype)
        state, entries = jax.jit(transformation.init)(x), []
        for _ in range(steps + 1):
            loss, gradient, updates, after, next_state = step(x, state)
            entry = {"loss": loss, "position": x, "gradient": gradient, "updates": updates, "state": state}
            entries.append(jax.device_get(entry))
            x, state = after, next_state
    return entries
