"""The landscape under the paths of a function of the plane: its loss on a grid of points."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from prodigy_core.engine import devices
from prodigy_core.engine.loop import traced
from prodigy_core.param import Value
from prodigy_core.problems import find

Window = tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True, eq=False)
class Landscape:
    """The loss of a problem over a window. `loss[i, j]` stands at (x[j], y[i])."""

    x: Float[np.ndarray, " columns"]
    y: Float[np.ndarray, " rows"]
    loss: Float[np.ndarray, "rows columns"]


def landscape(problem: str, settings: Mapping[str, Value], window: Window, formula: str = "", points: int = 101) -> Landscape:
    """Return the loss of a function of the plane on `points` times `points` points of a window, by one vmapped program."""
    definition = find(problem, formula)
    with devices.on(devices.processors()[0]):
        x, y = (np.linspace(low, high, points) for low, high in window)
        values = {param.name: traced(param, settings[param.name]) for param in definition.settings}
        loss = np.asarray(_grid(problem, formula)(x, y, values))
    return Landscape(x=x, y=y, loss=loss)


@lru_cache(maxsize=200)
def _grid(problem: str, formula: str) -> Callable[..., Array]:
    """Return the jitted function (x, y, traced settings) -> loss on the grid. Evicted, it takes its compiled programs along."""
    function = find(problem, formula).fn
    assert function is not None  # models have no landscape

    def grid(
        x: Float[Array, " columns"], y: Float[Array, " rows"], settings: Mapping[str, Any]
    ) -> Float[Array, "rows columns"]:
        def loss(x: Array, y: Array) -> Array:
            return function(jnp.stack([x, y]), settings)

        return jax.vmap(lambda row: jax.vmap(lambda column: loss(column, row))(x))(y)

    return jax.jit(grid)
