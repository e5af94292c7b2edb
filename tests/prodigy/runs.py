"""Compiled runs of an optimizer, for most of the tests here."""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from optax import GradientTransformationExtraArgs as Optimizer

Gradient = Callable[[Any], Any]


class Run(NamedTuple):
    """A run: entry k of x and d is after step k."""

    x: Any  # the params, with a leading axis of steps
    d: jax.Array  # (steps,), the estimate of the distance
    params: Any  # after the last step
    state: Any


def run(optimizer: Optimizer, gradient: Gradient, params: Any, steps: int, state: Any = None) -> Run:
    """Take `steps` steps of `optimizer` from `params` (and `state`). The same optimizer and gradient compile once."""
    finished: Run = _scan(optimizer, gradient, steps, params, state)
    return finished


@functools.partial(jax.jit, static_argnums=(0, 1, 2))
def _scan(optimizer: Optimizer, gradient: Gradient, steps: int, params: Any, state: Any) -> Run:
    def one(carry: Any, _: None) -> tuple[Any, tuple[Any, jax.Array]]:
        _, state, params = step(optimizer, gradient(carry[0]), carry[1], carry[0])
        return (params, state), (params, state.estim_lr)

    begin = (params, optimizer.init(params) if state is None else state)
    (last, state), (x, d) = jax.lax.scan(one, begin, length=steps)
    return Run(x, d, last, state)


def step(optimizer: Optimizer, gradient: Any, state: Any, params: Any) -> tuple[Any, Any, Any]:
    """Take one step, not compiled; return updates, new state, new params."""
    updates, state = optimizer.update(gradient, state, params)
    return updates, state, optax.apply_updates(params, updates)


def dtypes(tree: Any) -> Any:
    """Return the dtype and shape of every leaf, and whether its dtype is weak; of abstract leaves too."""
    return jax.tree.map(lambda x: (x.dtype, x.shape, x.weak_type), jax.eval_shape(lambda x: x, tree))


def away_from(centre: Any) -> Gradient:
    """Return the gradient of half the squared distance from `centre`, in the dtypes of the params."""
    return lambda params: jax.tree.map(lambda p, c: p - jnp.asarray(c, p.dtype), params, centre)
