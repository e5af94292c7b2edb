"""How the learning rate moves over a run: a shape, and a warm-up from 0 in front of it.

The shapes are those of optax (`linear_schedule`, `cosine_decay_schedule`, `warmup_cosine_decay_schedule`), written so
that shape, warm-up and length are traced: optax wants the lengths as Python numbers, which would compile again at
every turn of the knob. The tests hold them against optax's own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from prodigy_core.param import Param

Schedule = Callable[[Any], jax.Array]

SHAPES = ("constant", "linear", "cosine")

PARAMS = (
    Param(
        name="schedule",
        default="constant",
        choices=SHAPES,
        help="How the learning rate moves: it stays, falls on a line to 0, or falls on a half cosine to 0.",
    ),
    Param(
        name="warmup",
        default=0.0,
        low=0.0,
        high=0.2,
        help="Fraction of the steps over which the learning rate first rises from 0 to its full value.",
    ),
)


def schedule(peak: ArrayLike, shape: ArrayLike, warmup: ArrayLike, steps: ArrayLike) -> Schedule:
    """The learning rate of each step.

    Args:
      peak: its highest value.
      shape: index into `SHAPES`.
      warmup: fraction of the steps, in [0, 1), rounded to whole steps.
      steps: how many steps the run has; the decaying shapes reach 0 there.

    Returns:
      count -> learning rate, both of shape (). All arguments may be traced.
    """
    rise = jnp.round(jnp.asarray(warmup) * steps)

    def at(count: Any) -> jax.Array:
        t = jnp.clip((count - rise) / jnp.maximum(steps - rise, 1), 0, 1)
        falling = jnp.stack([jnp.ones_like(t), 1 - t, 0.5 * (1 + jnp.cos(jnp.pi * t))])[shape]
        return jnp.asarray(peak * jnp.where(count < rise, count / jnp.maximum(rise, 1), falling))

    return at
