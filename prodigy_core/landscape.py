"""What lies under a path: the loss on a grid of points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from prodigy_core.engine import traced
from prodigy_core.param import Value
from prodigy_core.problems import PROBLEMS

Window = tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True, eq=False)
class Landscape:
    """The loss of a problem over a window. `loss[i, j]` stands at (x[j], y[i])."""

    x: Float[np.ndarray, " columns"]
    y: Float[np.ndarray, " rows"]
    loss: Float[np.ndarray, "rows columns"]


def landscape(problem: str, settings: Mapping[str, Value], window: Window, points: int = 121) -> Landscape:
    """The loss on `points` times `points` points of a window, one vmapped program."""
    entry = PROBLEMS[problem]
    with jax.enable_x64(True):
        x, y = (np.linspace(low, high, points) for low, high in window)
        values = {param.name: traced(param, settings[param.name]) for param in entry.settings}
        loss = np.asarray(_grid(x, y, values, problem=problem))
    return Landscape(x=x, y=y, loss=loss)


@partial(jax.jit, static_argnames="problem")
def _grid(
    x: Float[Array, " columns"], y: Float[Array, " rows"], settings: Mapping[str, Any], *, problem: str
) -> Float[Array, "rows columns"]:
    def fn(across: Array, up: Array) -> Array:
        return PROBLEMS[problem].fn(jnp.stack([across, up]), settings)

    return jax.vmap(lambda up: jax.vmap(lambda across: fn(across, up))(x))(y)
