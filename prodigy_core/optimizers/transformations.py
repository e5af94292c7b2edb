"""Wrappers of optax transformations that the catalogue needs and optax lacks, or has for Python numbers only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

import jax
import jax.numpy as jnp
import optax
from jax.typing import ArrayLike

Mask = Callable[[Any], Any]  # params -> a tree like them, True for the leaves that decay
Info = dict[str, jax.Array]  # scalars by name


class Update(Protocol):
    """A step: (gradient, state, params, the loss at params) -> (updates, state after the step, info of the step)."""

    def __call__(self, gradient: Any, state: Any, params: Any, *, value: Any) -> tuple[Any, Any, Info]: ...


class Transformation(NamedTuple):
    """An optimizer as two pure functions, as in optax, except that a step hands back its info beside its state.

    Attributes:
      init: params -> the state before the first step.
      update: the step. Its info holds scalars that only the gradient of this step decides.
    """

    init: Callable[[Any], Any]
    update: Update


def at_least_float32(tree: Any) -> Any:
    """Return the tree with its 16-bit leaves as float32: sums of their squares would overflow, or lose all but two digits."""
    return jax.tree.map(lambda leaf: leaf.astype(jnp.promote_types(leaf.dtype, jnp.float32)), tree)


def matrices(params: Any) -> Any:
    """Return a mask that is True for the leaves with two axes or more."""
    return jax.tree.map(lambda leaf: jnp.ndim(leaf) >= 2, params)


def mask(hyper: Mapping[str, Any]) -> Mask | None:
    """Return the mask of the leaves that decay, as optax takes it: None for all."""
    return matrices if hyper["decay_mask"] == "matrices" else None


def select(
    on: ArrayLike, yes: optax.GradientTransformation, no: optax.GradientTransformation
) -> optax.GradientTransformationExtraArgs:
    """Apply `yes` where a traced flag is true, else `no`; for flags that optax takes as a Python bool only.

    Both must have states of the same structure, shapes and dtypes.
    """
    yes, no = optax.with_extra_args_support(yes), optax.with_extra_args_support(no)

    def update(updates: Any, state: Any, params: Any = None, **extra: Any) -> Any:
        return jax.tree.map(
            lambda a, b: jnp.where(on, a, b),
            yes.update(updates, state, params, **extra),
            no.update(updates, state, params, **extra),
        )

    return optax.GradientTransformationExtraArgs(yes.init, update)


def keep_dtypes(inner: optax.GradientTransformation) -> optax.GradientTransformationExtraArgs:
    """Cast the updates of `inner` to the dtypes of the params, and its state to the dtypes that it began with.

    A loop on the device needs a state of constant dtypes; some of optax's optimizers promote 16 bits to the dtype of
    their scalars.
    """
    inner = optax.with_extra_args_support(inner)

    def update(updates: Any, state: Any, params: Any = None, **extra: Any) -> Any:
        updates, after = inner.update(updates, state, params, **extra)
        return optax.tree.cast_like(updates, params), optax.tree.cast_like(after, state)

    return optax.GradientTransformationExtraArgs(inner.init, update)


def clip_by_global_norm(limit: ArrayLike) -> optax.GradientTransformation:
    """Shorten the gradient, all leaves together, to this L2 norm where it is longer; NaN for no limit.

    optax's own divides and multiplies by the limit in the leaves' dtype, which gives NaN where the limit or the norm is
    infinite, and a gradient in float16 has an infinite norm from 256 on.
    """

    def update(updates: Any, state: Any, params: Any = None) -> Any:
        leaves = jax.tree.leaves(at_least_float32(updates))
        largest = jnp.max(jnp.stack([jnp.max(jnp.abs(g)) for g in leaves]))
        scale = jnp.where(largest > 0, largest, 1)  # the squares of an exploding gradient would leave the range of numbers
        norm = scale * jnp.sqrt(sum(jnp.sum((g / scale) ** 2) for g in leaves))
        factor = jnp.where(norm > limit, limit / norm, 1)  # above a positive limit, so not 0
        return jax.tree.map(lambda g: (at_least_float32(g) * factor).astype(g.dtype), updates), state

    return optax.GradientTransformation(lambda params: optax.EmptyState(), update)


def undo_decay_where_masked(
    inner: optax.GradientTransformation, mask: Mask | None, pull: Callable[[Any], ArrayLike]
) -> optax.GradientTransformationExtraArgs:
    """Take the decay of `inner`, which decays every leaf and knows no mask, back from the leaves that shall not decay.

    Args:
      inner: the optimizer.
      mask: True for the leaves that decay; None for all.
      pull: state before a step -> the fraction of the parameters that this step's decay takes away.
    """
    inner = optax.with_extra_args_support(inner)
    if mask is None:
        return inner

    def update(updates: Any, state: Any, params: Any = None, **extra: Any) -> Any:
        updates, after = inner.update(updates, state, params, **extra)
        back = pull(state)
        return jax.tree.map(lambda on, u, p: u if on else u + back * p, mask(params), updates, params), after

    return optax.GradientTransformationExtraArgs(inner.init, update)


class Layers(NamedTuple):
    """The layers of a vector.

    Attributes:
      split: the vector -> its layers, a pytree.
      join: the layers -> the vector.
    """

    split: Callable[[Any], Any]
    join: Callable[[Any], Any]


def in_layers(inner: optax.GradientTransformation, layers: Layers) -> optax.GradientTransformationExtraArgs:
    """Hand params and gradients to `inner` in layers, and put its updates together again."""
    inner = optax.with_extra_args_support(inner)

    def update(updates: Any, state: Any, params: Any = None, **extra: Any) -> Any:
        updates, after = inner.update(layers.split(updates), state, layers.split(params), **extra)
        return layers.join(updates), after

    return optax.GradientTransformationExtraArgs(lambda params: inner.init(layers.split(params)), update)


class LastStep(NamedTuple):
    """State of `keep_last_step`.

    Attributes:
      inner: the optimizer's own state.
      last: scalars of the last step, by name; NaN before the first.
    """

    inner: Any
    last: dict[str, jax.Array]


def keep_last_step(
    inner: optax.GradientTransformation, names: tuple[str, ...], describe: Callable[[Any, Any, Any], dict[str, Any]]
) -> optax.GradientTransformationExtraArgs:
    """Keep in the state of `inner` how its last step came out, for a probe that shows it before the next step.

    Args:
      inner: the optimizer.
      names: names of the scalars that are kept.
      describe: (state before the step, state after it, params before it) -> the scalars by these names.
    """
    inner = optax.with_extra_args_support(inner)

    def init(params: Any) -> LastStep:
        dtype = jnp.result_type(jnp.float32, *jax.tree.leaves(params))
        return LastStep(inner.init(params), {name: jnp.full((), jnp.nan, dtype) for name in names})

    def update(updates: Any, state: LastStep, params: Any = None, **extra: Any) -> tuple[Any, LastStep]:
        steps, after = inner.update(updates, state.inner, params, **extra)
        return steps, LastStep(after, {**state.last, **describe(state.inner, after, params)})

    return optax.GradientTransformationExtraArgs(init, update)
