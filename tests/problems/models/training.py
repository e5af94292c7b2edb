"""A plain training loop, so that the tests of models do not depend on the engine.

Few programs serve many runs: a model's gradient for any numbers and data, and an optimizer's step for any model.
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

BY_NAME = {model_of.name: model_of for model_of in MODELS}
PRODIGY = prodigy()
ROOMS = (1 << 11, 1 << 14)  # sizes to which a model's parameters are padded; the padding stays 0
FAST = {"xla_backend_optimization_level": 1}  # enough optimisation for thousands of steps

# The structure of a model's pytree and the shapes of its leaves, to rebuild it from one vector.
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
    def traced(self) -> dict[str, float]:
        """The settings that are traced."""
        return {name: value for name, value in self.settings.items() if isinstance(value, float)}


class Trained(NamedTuple):
    losses: np.ndarray  # (steps,), of the batches, with the penalty
    params: Params
    train: dict[str, float]
    validation: dict[str, float]


def model_of(name: str, seed: int = 0, upload: Any = None, **changes: Any) -> Model:
    """Return a model with these settings changed; raise ValueError if it has no such setting."""
    problem = BY_NAME[name]
    settings = {param.name: param.default for param in problem.settings} | changes
    if set(settings) != {param.name for param in problem.settings}:
        raise ValueError(f"{name} has no setting among {sorted(changes)}")
    learning = learning_of(problem)
    train, validation = learning.examples(settings, upload, np.random.default_rng(seed))
    return Model(name, learning, settings, train, validation, learning.start(settings, train, np.random.default_rng(seed)))


def learning_of(problem: Problem) -> Learning:
    assert problem.learning is not None
    return problem.learning


def cast(tree: Any, dtype: Any) -> Any:
    """Return a pytree with its floating-point arrays in this dtype and its integers unchanged."""
    return jax.tree.map(lambda leaf: np.asarray(leaf, dtype if np.issubdtype(leaf.dtype, np.floating) else leaf.dtype), tree)


def loss_and_metrics(model: Model, params: Params, batch: Batch) -> tuple[Any, dict[str, Any]]:
    """Return the loss and the metrics, from one program."""

    def both(params: Params, batch: Batch) -> Any:
        return model.learning.loss(params, batch, model.settings), model.learning.metrics(params, batch, model.settings)

    loss, metrics = jax.device_get(jax.jit(both)(params, batch))
    return loss, metrics


def penalised(learning: Learning, params: Params, batch: Batch, settings: dict[str, Any]) -> Any:
    squares = sum(jnp.sum(leaf**2) for leaf in jax.tree.leaves(params) if leaf.ndim >= 2)
    return learning.loss(params, batch, settings) + settings["l2"] / 2 * squares


def train(model: Model, steps: int, optimizer: optax.GradientTransformation = PRODIGY, seed: int = 0) -> Trained:
    """Return a run in float32, each epoch a permutation of the examples; by default of Prodigy at its defaults."""
    data, (leaves, tree) = cast(model.train, np.float32), jax.tree.flatten(cast(model.params, np.float32))
    form: Form = (tree, tuple(leaf.shape for leaf in leaves))
    flat = np.concatenate([leaf.ravel() for leaf in leaves])
    position: Any = np.pad(flat, (0, min(room for room in ROOMS if room >= flat.size) - flat.size))
    slope, (begin, move) = _loss_and_gradient(model.name), _begin_and_move(optimizer)
    state, examples, losses = begin(position), jax.device_put(data), []
    for rows in _batches(model, steps, np.random.default_rng(seed)):
        loss, gradient = slope(position, rows, examples, model.traced, form=form, static=model.static)
        position, state = move(gradient, state, position)
        losses.append(loss)
    params = _shaped(np.asarray(position), form)
    judged = _judge(model.name)(params, (data, cast(model.validation, np.float32)), model.traced, static=model.static)
    return Trained(
        np.array(jax.device_get(losses)), params, *({name: float(value) for name, value in part.items()} for part in judged)
    )


def _batches(model: Model, steps: int, rng: np.random.Generator) -> np.ndarray:
    """Return the rows of the examples in each step's batch: (steps, examples)."""
    count = len(jax.tree.leaves(model.train)[0])
    if model.settings["batch"] == "full":
        return np.tile(np.arange(count), (steps, 1))
    size = min(int(model.settings["batch"]), count)
    epochs = -(-steps // (count // size))
    return np.concatenate([rng.permutation(count)[: count // size * size].reshape(-1, size) for _ in range(epochs)])[:steps]


def _shaped(flat: Any, form: Form) -> Any:
    tree, shapes = form
    ends = np.cumsum([0, *(np.prod(shape, dtype=int) for shape in shapes)])
    leaves = [flat[start:end].reshape(shape) for start, end, shape in zip(ends[:-1], ends[1:], shapes, strict=True)]
    return jax.tree.unflatten(tree, leaves)


@cache
def _loss_and_gradient(name: str) -> Callable[..., Any]:
    """Return (position, rows, examples, traced settings) -> loss and gradient."""
    # XLA's older code generator takes half the time, but unrolls the transformer's small products (`prodigy_core.engine.xla`).
    options = {**FAST, "xla_cpu_use_fusion_emitters": name == "transformer"}
    learning = learning_of(BY_NAME[name])

    @partial(jax.jit, static_argnames=("form", "static"), compiler_options=options)
    def slope(position: Any, rows: Any, examples: Any, traced: Any, form: Form, static: Any) -> Any:
        batch, settings = jax.tree.map(lambda array: array[rows], examples), {**dict(static), **traced}
        loss, gradient = jax.value_and_grad(lambda p: penalised(learning, p, batch, settings))(_shaped(position, form))
        flat = jnp.concatenate([leaf.ravel() for leaf in jax.tree.leaves(gradient)])
        return loss, jnp.pad(flat, (0, position.size - flat.size))

    return slope


@cache
def _judge(name: str) -> Callable[..., Any]:
    """Return (parameters, parts of the examples, traced settings) -> metrics of each part."""
    learning = learning_of(BY_NAME[name])

    @partial(jax.jit, static_argnames="static")
    def judge(params: Any, parts: Any, traced: Any, static: Any) -> Any:
        return [learning.metrics(params, part, {**dict(static), **traced}) for part in parts]

    return judge


@cache
def _begin_and_move(optimizer: optax.GradientTransformation) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return the optimizer's init, and its step (gradient, state, position) -> position, state."""

    @partial(jax.jit, compiler_options=FAST)
    def move(gradient: Any, state: Any, position: Any) -> Any:
        updates, state = optimizer.update(gradient, state, position)
        return optax.apply_updates(position, updates), state

    return jax.jit(optimizer.init), move
