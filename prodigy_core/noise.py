"""Noise on the gradient, as a mini-batch has it: an optimizer meets another gradient than that of the loss.

It is drawn inside the run from the seed and the step's number alone, so that every contender meets the same noise at the same
step, and neither chunks nor lengths change it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike
from jaxtyping import Array, Float

from prodigy_core.param import Param, Value

KINDS = ("none", "gaussian", "heavy tails", "one bad batch")


def _noisy(values: Mapping[str, Value]) -> bool:
    return values["noise"] != "none"


def _once(values: Mapping[str, Value]) -> bool:
    return values["noise"] == "one bad batch"


NOISE = Param(
    name="noise",
    default="none",
    choices=KINDS,
    static=True,
    help="Noise added to every gradient. Heavy tails: Student's t with 2 degrees of freedom, whose variance is infinite. "
    "One bad batch: a single step with Gaussian noise.",
)
SIZE = Param(
    name="noise_size",
    default=1.0,
    low=0.0,
    high=1e6,
    span=(1e-3, 1e4),
    scale="log",
    applies=_noisy,
    help="The scale of the noise in every coordinate: the standard deviation where it is Gaussian.",
)
AT = Param(
    name="noise_at",
    default=100,
    low=0,
    high=1_000_000,
    span=(1, 10_000),
    scale="log",
    applies=_once,
    help="The step that meets the bad batch; the first step is 0.",
)
PARAMS = (NOISE, SIZE, AT)


def perturb(gradient: Any, kind: str, size: ArrayLike, at: ArrayLike, seed: ArrayLike, k: ArrayLike) -> Any:
    """Return the gradient with the noise of step k.

    Args:
      gradient: a pytree of floating-point arrays; the result keeps its dtypes.
      kind: one of `KINDS`.
      size: scale of the noise, at least 0.
      at: the step of the one bad batch.
      seed: the experiment's.
      k: the step.
    """
    if kind == "none":
        return gradient

    def draw() -> Any:
        leaves, tree = jax.tree.flatten(gradient)
        keys = jax.random.split(jax.random.fold_in(jax.random.key(seed), k), len(leaves))
        return jax.tree.unflatten(tree, [_draw(key, leaf, kind) for key, leaf in zip(keys, leaves, strict=True)])

    if kind == "one bad batch":
        noise = jax.lax.cond(
            k == at, draw, lambda: jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, _drawn_dtype(leaf)), gradient)
        )
    else:
        noise = draw()
    return jax.tree.map(lambda g, n: (g + size * n).astype(g.dtype), gradient, noise)


def _draw(key: Array, leaf: Float[Array, "..."], kind: str) -> Float[Array, "..."]:
    if kind == "heavy tails":
        # The quantile function of Student's t with 2 degrees of freedom, which is closed: (2u - 1) / sqrt(2u (1 - u)).
        smallest = jnp.finfo(_drawn_dtype(leaf)).eps
        u = jax.random.uniform(key, leaf.shape, _drawn_dtype(leaf), minval=smallest, maxval=1 - smallest)
        return (2 * u - 1) / jnp.sqrt(2 * u * (1 - u))
    return jax.random.normal(key, leaf.shape, _drawn_dtype(leaf))


def _drawn_dtype(leaf: Float[Array, "..."]) -> jnp.dtype:
    """Return the dtype that noise is drawn in: 16-bit numbers have too few values."""
    return jnp.promote_types(leaf.dtype, jnp.float32)
