"""A table that a loop fills on the device row by row, and that the host reads as nested records."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float


class Layout(NamedTuple):
    """The order of a row's numbers: the pytree of a record, and the shape of each of its leaves."""

    tree: Any
    shapes: tuple[tuple[int, ...], ...]


@jax.tree_util.register_dataclass
@dataclass
class Recorder:
    """A table that a loop fills, one record a row: one write a step, however many numbers there are.

    Attributes:
      values: the numbers.
      layout: their order in a row.
    """

    values: Float[Array, "*leading rows columns"]
    layout: Layout = field(metadata={"static": True})

    @classmethod
    def empty(cls, rows: int, record: Any) -> Recorder:
        """Return a table of zeros for records like this one: a pytree of arrays, or of shapes. All take its first dtype."""
        leaves, tree = jax.tree.flatten(record)
        layout = Layout(tree, tuple(leaf.shape for leaf in leaves))
        return cls(jnp.zeros((rows, sum(map(math.prod, layout.shapes))), leaves[0].dtype), layout)

    def put(self, i: Any, record: Any) -> Recorder:
        """Return the table with this record in row i."""
        row = jnp.concatenate([jnp.ravel(leaf).astype(self.values.dtype) for leaf in jax.tree.leaves(record)])
        return Recorder(self.values.at[i].set(row), self.layout)

    def columns(self, count: int) -> Any:
        """Return the first `count` rows on the host: a record whose leaves have the shape (*leading, count, *shape of one)."""
        values = np.asarray(self.values)[..., :count, :]
        leaves: list[np.ndarray] = []
        start = 0
        for shape in self.layout.shapes:
            end = start + math.prod(shape)
            leaves.append(values[..., start:end].reshape(*values.shape[:-1], *shape) if shape else values[..., start])
            start = end
        return self.layout.tree.unflatten(leaves)
