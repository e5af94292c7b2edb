"""What a loop records: a table that is filled on the device row by row, and read on the host by name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float


@jax.tree_util.register_dataclass
@dataclass
class Recorder:
    """A table that a loop fills, one row at a time: one write a step, however many numbers there are.

    Attributes:
      values: the numbers.
      layout: what stands in a row, from left to right: (name, how many columns).
    """

    values: Float[Array, "rows columns"]
    layout: tuple[tuple[str, int], ...] = field(metadata={"static": True})

    @classmethod
    def empty(cls, rows: int, entry: Mapping[str, Any]) -> Recorder:
        """Room for this many rows of entries like this one: scalars or vectors by name. All take the first one's dtype."""
        layout = tuple((name, math.prod(leaf.shape)) for name, leaf in entry.items())
        first = next(iter(entry.values()))
        return cls(jnp.zeros((rows, sum(width for _, width in layout)), first.dtype), layout)

    def put(self, i: Any, entry: Mapping[str, Any]) -> Recorder:
        """With this entry in row i."""
        row = jnp.concatenate([jnp.ravel(entry[name]).astype(self.values.dtype) for name, _ in self.layout])
        return Recorder(self.values.at[i].set(row), self.layout)

    def columns(self, count: int) -> dict[str, np.ndarray]:
        """The first so many rows on the host, by name: of shape (count,), or (count, width) of a vector."""
        values = np.asarray(self.values)[:count]
        ends = np.cumsum([width for _, width in self.layout])
        parts = np.split(values, ends[:-1], axis=1)
        return {name: part[:, 0] if width == 1 else part for (name, width), part in zip(self.layout, parts, strict=True)}
