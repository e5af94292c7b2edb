"""Absolute values and square roots with a gradient that is finite everywhere: 0 at the kink, a valid subgradient of |x|.

JAX gives |x| the slope 1 at 0, so that an optimizer exactly at such a minimum would leave it, and the square root an
infinite slope, which times 0 is NaN.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float


def absolute(number: Float[Array, ""]) -> Float[Array, ""]:
    """|number|, with the slope 0 at 0."""
    return number * jnp.sign(number)


def root(square: Float[Array, ""]) -> Float[Array, ""]:
    """The square root of a number that is never negative, with the slope 0 at 0."""
    positive = square > 0
    # The inner `where` keeps the infinite slope out of the unused branch, where 0 * inf would make it NaN.
    return jnp.where(positive, jnp.sqrt(jnp.where(positive, square, 1)), 0)
