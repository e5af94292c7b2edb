"""A plain training loop, so that what is said of a model here does not rest on the engine.

Few programs for many runs: the gradient of a model, whatever its numbers and data, and a step of an optimizer on any model.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from prodigy_core.problems.models import MODELS
from prodigy_core.problems.problem import Batch, Learning, Params, Problem
from prodigy_core.prodigy import prodigy

ENTRIES = {model.name: model for model in MODELS}
PRODIGY = prodigy()
ROOMS = (1 << 11, 1 << 14)  # for the parameters of a model; what it does not need stays 0 and moves nothing
FAST = {"xla_backend_optimization_level": 1}  # thousands of steps

# A model as one vector: how its pytree is built, and the shapes of its leaves.
Form = tuple[Any, tuple[tuple[int, ...], ...]]


class Model(NamedTuple):
    """A model at one choice of its settings, with its examples and its start."""

    name: str
    learning: Learning
    settings: dict[str, Any]
    train: Batch
    validation: Batch
    params: Params

    @property
    def static(self) -> tuple[tuple[str, Any], ...]:
        """The settings that a program is compiled for."""
        return tuple((name, value) for name, value in self.settings.items() if name != "data" and not isinstance(value, float))

    @property
    def moving(self) -> dict[str, float]:
        """The settings that are traced."""
        return {name: value for name, value in self.settings.items() if isinstance(value, float)}


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
    return Model(name, learning, settings, train, validation, learning.start(settings, train, np.random.default_rng(seed)))


def learning_of(entry: Problem) -> Learning:
    assert entry.learning is not None
    return entry.learning


def cast(tree: Any, dtype: Any) -> Any:
    """The floating-point arrays of a pytree in this dtype; whole numbers stay as they are."""
    return jax.tree.map(lambda leaf: np.asarray(leaf, dtype if np.issubdtype(leaf.dtype, np.floating) else leaf.dtype), tree)


def said(found: Model, params: Params, batch: Batch) -> tuple[Any, dict[str, Any]]:
    """The loss and the metrics, in one program."""

    def both(params: Params, batch: Batch) -> Any:
        return found.learning.loss(params, batch, found.settings), found.learning.metrics(params, batch, found.settings)

    loss, metrics = jax.device_get(jax.jit(both)(params, batch))
    return loss, metrics


def penalised(learning: Learning, params: Params, batch: Batch, settings: dict[str, Any]) -> Any:
    squares = sum(jnp.sum(leaf**2) for leaf in jax.tree.leaves(params) if leaf.ndim >= 2)
    return learning.loss(params, batch, settings) + settings["l2"] / 2 * squares


def train(found: Model, steps: int, optimizer: optax.GradientTransformation = PRODIGY, seed: int = 0) -> Trained:
    """A run in float32, each epoch a permutation of the examples; Prodigy with its default knobs unless told otherwise."""
    data, (leaves, tree) = cast(found.train, np.float32), jax.tree.flatten(cast(found.params, np.float32))
    form: Form = (tree, tuple(leaf.shape for leaf in leaves))
    flat = np.concatenate([leaf.ravel() for leaf in leaves])
    position: Any = np.pad(flat, (0, min(room for room in ROOMS if room >= flat.size) - flat.size))
    slope, (begin, move) = _slope(found.name), _moves(optimizer)
    state, examples, losses = begin(position), jax.device_put(data), []
    for rows in _batches(found, steps, np.random.default_rng(seed)):
        loss, gradient = slope(position, rows, examples, found.moving, form=form, static=found.static)
        position, state = move(gradient, state, position)
        losses.append(loss)
    params = _shaped(np.asarray(position), form)
    judged = _judge(found.name)(params, (data, cast(found.validation, np.float32)), found.moving, static=found.static)
    return Trained(
        np.array(jax.device_get(losses)), params, *({name: float(value) for name, value in part.items()} for part in judged)
    )


def _batches(found: Model, steps: int, rng: np.random.Generator) -> np.ndarray:
    """The rows of the examples of each step: (steps, examples)."""
    count = len(jax.tree.leaves(found.train)[0])
    if found.settings["batch"] == "full":
        return np.tile(np.arange(count), (steps, 1))
    size = min(int(found.settings["batch"]), count)
    epochs = -(-steps // (count // size))
    return np.concatenate([rng.permutation(count)[: count // size * size].reshape(-1, size) for _ in range(epochs)])[:steps]


def _shaped(flat: Any, form: Form) -> Any:
    tree, shapes = form
    ends = np.cumsum([0, *(np.prod(shape, dtype=int) for shape in shapes)])
    leaves = [flat[start:end].reshape(shape) for start, end, shape in zip(ends[:-1], ends[1:], shapes, strict=True)]
    return jax.tree.unflatten(tree, leaves)


@cache
def _slope(name: str) -> Callable[..., Any]:
    """(position, rows, examples, traced settings) -> the loss and its gradient."""
    # XLA's older code generator takes half the time, but unrolls the transformer's small products (`prodigy_core.engine.xla`).
    options = {**FAST, "xla_cpu_use_fusion_emitters": name == "transformer"}
    learning = learning_of(ENTRIES[name])

    @partial(jax.jit, static_argnames=("form", "static"), compiler_options=options)
    def slope(position: Any, rows: Any, examples: Any, moving: Any, form: Form, static: Any) -> Any:
        batch, settings = jax.tree.map(lambda array: array[rows], examples), {**dict(static), **moving}
        loss, gradient = jax.value_and_grad(lambda p: penalised(learning, p, batch, settings))(_shaped(position, form))
        flat = jnp.concatenate([leaf.ravel() for leaf in jax.tree.leaves(gradient)])
        return loss, jnp.pad(flat, (0, position.size - flat.size))

    return slope


@cache
def _judge(name: str) -> Callable[..., Any]:
    """(parameters, parts of the examples, traced settings) -> the metrics of each part."""
    learning = learning_of(ENTRIES[name])

    @partial(jax.jit, static_argnames="static")
    def judge(params: Any, parts: Any, moving: Any, static: Any) -> Any:
        return [learning.metrics(params, part, {**dict(static), **moving}) for part in parts]

    return judge


@cache
def _moves(optimizer: optax.GradientTransformation) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The optimizer's first state, and its step: (gradient, state, position) -> position, state."""

    @partial(jax.jit, compiler_options=FAST)
    def move(gradient: Any, state: Any, position: Any) -> Any:
        updates, state = optimizer.update(gradient, state, position)
        return optax.apply_updates(position, updates), state

    return jax.jit(optimizer.init), move
