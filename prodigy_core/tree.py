"""Parameters as one flat vector and as a pytree: traces and planes keep positions flat, problems take pytrees.

A vector holds the leaves one after the other, in the order of `jax.tree.leaves`, each in row-major order. All of it is NumPy.
"""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
from jaxtyping import Float


def flatten(tree: Any) -> Float[np.ndarray, " parameters"]:
    """Return all leaves as one vector of float64, of shape (parameters,)."""
    return np.concatenate([np.ravel(leaf).astype(float) for leaf in jax.tree.leaves(tree)])


def unflatten(vectors: Float[np.ndarray, "*leading parameters"], like: Any) -> Any:
    """Return vectors as a pytree with the structure of `like`.

    Args:
      vectors: one vector, or an array of them along the last axis.
      like: a pytree whose leaves have `parameters` numbers in all; only their shapes count.

    Returns:
      A pytree of NumPy arrays of the dtype of `vectors`; each leaf has the shape (*leading, *shape of the leaf of `like`).
    """
    leaves, structure = jax.tree.flatten(like)
    ends = np.cumsum([np.size(leaf) for leaf in leaves])
    parts = np.split(vectors, ends[:-1], axis=-1)
    shapes = [vectors.shape[:-1] + np.shape(leaf) for leaf in leaves]
    return jax.tree.unflatten(structure, [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)])
