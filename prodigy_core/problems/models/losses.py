"""Losses of models as means over examples, and the metrics beside them."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float


def cross_entropy(logits: Float[Array, "examples classes"], labels: Float[Array, "examples classes"]) -> Float[Array, ""]:
    """The mean negative log-likelihood of the one-hot labels under softmax(logits)."""
    return -jnp.mean(jnp.sum(labels * jax.nn.log_softmax(logits), axis=1))


def accuracy(logits: Float[Array, "examples classes"], labels: Float[Array, "examples classes"]) -> Float[Array, ""]:
    """The fraction of the examples whose class has the largest logit; among equal ones the first class counts."""
    return jnp.mean(jnp.argmax(logits, axis=1) == jnp.argmax(labels, axis=1), dtype=logits.dtype)


def mean_squared_error(predictions: Float[Array, "..."], targets: Float[Array, "..."]) -> Float[Array, ""]:
    return jnp.mean((predictions - targets) ** 2)


def r_squared(predictions: Float[Array, "examples ..."], targets: Float[Array, "examples ..."]) -> Float[Array, ""]:
    """The coefficient of determination: the part of the targets' variance that is predicted; at most 1."""
    return 1 - mean_squared_error(predictions, targets) / _positive(jnp.mean((targets - jnp.mean(targets, axis=0)) ** 2))


def relative_error(predictions: Float[Array, "..."], targets: Float[Array, "..."]) -> Float[Array, ""]:
    """|predictions - targets| / |targets| in the L2 norm."""
    return jnp.sqrt(mean_squared_error(predictions, targets) / _positive(jnp.mean(targets**2)))


def _positive(denominator: Float[Array, ""]) -> Float[Array, ""]:
    """Return a mean of squares to divide by; the smallest normal number if equal targets make it 0."""
    return jnp.maximum(denominator, jnp.finfo(denominator.dtype).tiny)
