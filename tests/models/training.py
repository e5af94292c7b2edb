"""A plain training loop, so that what is said of a model here does not rest on the engine."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from prodigy_core.problems.models import MODELS
from prodigy_core.problems.problem import Batch, Learning, Params, Problem
from prodigy_core.prodigy import prodigy

# Thousands of steps; and for networks it is the newer code generator that takes less time (see `prodigy_core.xla`).
FAST = {"xla_backend_optimization_level": 3, "xla_cpu_use_fusion_emitters": True}
ENTRIES = {model.name: model for model in MODELS}


class Model(NamedTuple):
    """A model at one choice of its settings, with its examples and its start."""

    learning: Learning
    settings: dict[str, Any]
    train: Batch
    validation: Batch
    params: Params


class Trained(NamedTuple):
    losses: np.ndarray  # (steps,), of the batches, penalty and all
    params: Params
    train: dict[str, float]
    validation: dict[str, float]


def model(name: str, seed: int = 0, upload: Any = None, **changes: Any) -> Model:
    """A model with these settings changed; ValueError where it has no such setting."""
    entry = ENTRIES[name]
    settings = {param.name: param.default for param in entry.settings} | changes
    if set(settings) != {param.name for param in entry.settings}:
        raise ValueError(f"{name} has no setting among {sorted(changes)}")
    learning = learning_of(entry)
    train, validation = learning.examples(settings, upload, np.random.default_rng(seed))
    return Model(learning, settings, train, validation, learning.start(settings, train, np.random.default_rng(seed)))


def learning_of(entry: Problem) -> Learning:
    assert entry.learning is not None
    return entry.learning


def cast(tree: Any, dtype: Any) -> Any:
    """The floating-point arrays of a pytree in this dtype; whole numbers stay as they are."""
    return jax.tree.map(lambda leaf: jnp.asarray(leaf, dtype if np.issubdtype(leaf.dtype, np.floating) else leaf.dtype), tree)


def penalised(found: Model, params: Params, batch: Batch) -> Any:
    matrices = [leaf for leaf in jax.tree.leaves(params) if leaf.ndim >= 2]
    squares = sum(jnp.sum(leaf**2) for leaf in matrices)
    return found.learning.loss(params, batch, found.settings) + found.settings["l2"] / 2 * squares


def train(found: Model, steps: int, optimizer: optax.GradientTransformation | None = None, seed: int = 0) -> Trained:
    """A run in float32, each epoch a permutation of the examples; Prodigy with its default knobs unless told otherwise."""
    optimizer = prodigy() if optimizer is None else optimizer
    data, start = cast(found.train, np.float32), cast(found.params, np.float32)
    count = len(jax.tree.leaves(data)[0])
    size = count if found.settings["batch"] == "full" else min(int(found.settings["batch"]), count)
    rng = np.random.default_rng(seed)
    epochs = -(-steps // (count // size))
    rows = np.concatenate([rng.permutation(count)[: count // size * size].reshape(-1, size) for _ in range(epochs)])[:steps]

    @partial(jax.jit, compiler_options=FAST)
    def run(params, rows, data, validation):  # the data are arguments: as constants, XLA would compute with them as it compiles
        def step(carry, row):
            params, state = carry
            batch = data if size == count else jax.tree.map(lambda array: array[row], data)
            loss, gradient = jax.value_and_grad(lambda p: penalised(found, p, batch))(params)
            updates, state = optimizer.update(gradient, state, params)
            return (optax.apply_updates(params, updates), state), loss

        (params, _), losses = jax.lax.scan(step, (params, optimizer.init(params)), rows)
        judged = [found.learning.metrics(params, part, found.settings) for part in (data, validation)]
        return losses, params, *judged

    losses, params, *judged = jax.device_get(run(start, rows, data, cast(found.validation, np.float32)))
    return Trained(losses, params, *({name: float(value) for name, value in part.items()} for part in judged))
