"""What a step of Prodigy costs beside a step of Adam, in the training of a network of the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import optax

from benchmarks import loops
from benchmarks.clock import Effort, race
from benchmarks.rows.models import STEPS, experiment
from benchmarks.table import Bar, Line
from prodigy_core import prodigy

BAR = Bar("within", 1.15)


def lines(effort: Effort) -> Iterator[Line]:
    for name in ("mlp", "cnn"):
        calls = {
            "ours": bare(name, prodigy()),
            "not compensated": bare(name, prodigy(compensate=False)),
            "adam": bare(name, optax.adam(1e-3)),
            "engine ours": loops.training(experiment(name)),
            "engine adam": loops.training(experiment(name, "adam")),
        }
        times = {key: value / STEPS for key, value in race(calls, effort).items()}
        for what, mine, theirs in (
            ("step", "ours", "adam"),
            ("step without compensation", "not compensated", "adam"),
            ("engine's loop", "engine ours", "engine adam"),
        ):
            yield Line("step-vs-adam", f"{name}, {what}", "optax.adam", "step", times[mine], times[theirs], BAR)


def bare(name: str, optimizer: Any) -> Callable[[], Any]:
    """A training that records nothing but the loss: the optimizer, the network, and a gather for the batch."""
    made = loops.prepared(experiment(name))
    problem, settings = experiment(name).definition, {**made.inputs.settings, **dict(made.program.settings)}
    indices = jnp.asarray(made.indices(0, STEPS))
    train = jax.tree.map(jnp.asarray, made.inputs.train)
    start = jax.tree.map(jnp.asarray, made.inputs.start)

    def whole(start: Any, train: Any, indices: jax.Array) -> jax.Array:
        def step(carry: Any, batch: jax.Array) -> tuple[Any, jax.Array]:
            params, state = carry
            examples = jax.tree.map(lambda values: values[batch], train)
            loss, gradient = jax.value_and_grad(lambda p: problem.objective(p, examples, settings))(params)
            updates, state = optimizer.update(gradient, state, params)
            return (optax.apply_updates(params, updates), state), loss

        losses: jax.Array = jax.lax.scan(step, (start, optimizer.init(start)), indices)[1]
        return losses

    compiled = jax.jit(whole)  # as anybody's own training is
    return lambda: compiled(start, train, indices)
