"""What a function is at a start where there is no first step, and the nearest start that has one."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import jax
import numpy as np
from jaxtyping import Array, Float

from prodigy_core.engine import devices
from prodigy_core.engine.loop import traced
from prodigy_core.experiment import Experiment
from prodigy_core.problems import find

POINTS = 21  # of each coordinate of the plane; of many variables, points on the diagonal and on each axis through the start
WINDOW = (-5.0, 5.0)  # the coordinates that are tried where a function has no window of its own


class Start(NamedTuple):
    """A function at a start, and where else it has a slope.

    Attributes:
      loss: its value there, which may be NaN or infinite.
      elsewhere: the nearest of `tried` points with a finite value and a finite slope that is not 0; None if there is none.
      tried: the number of points.
    """

    loss: float
    elsewhere: tuple[float, ...] | None
    tried: int


def look(experiment: Experiment) -> Start | None:
    """Return what the function of an experiment is at its start; None for a model, and where the settings give the start."""
    start = tuple(experiment.start or ())
    if experiment.definition.fn is None or not start:
        return None
    settings = tuple(experiment.settings.items())
    return _look(experiment.problem, experiment.formula, settings, start, experiment.precision == "float64")


@lru_cache(maxsize=64)  # a page asks at every rerun
def _look(problem: str, formula: str, settings: tuple[tuple[str, Any], ...], start: tuple[float, ...], double: bool) -> Start:
    definition = find(problem, formula)
    points = _points(start, definition.domain or (WINDOW,) * len(start))
    given = dict(settings)
    with devices.on(devices.processors()[0]):
        values = {param.name: traced(param, given[param.name]) for param in definition.settings}
        places = np.array([start, *points]).astype(np.float64 if double else np.float32)
        loss, slope = map(np.asarray, _slopes(problem, formula)(places, values))
    fine = np.isfinite(loss) & np.isfinite(slope).all(axis=1) & slope.any(axis=1)
    elsewhere = next((point for point, good in zip(points, fine[1:], strict=True) if good), None)
    return Start(float(loss[0]), elsewhere, len(points))


def _points(start: tuple[float, ...], window: tuple[tuple[float, float], ...]) -> list[tuple[float, ...]]:
    """Return points over the window, the nearest to the start first, measured in widths of the window."""
    axes = [[float(f"{x:.2g}") for x in np.linspace(low, high, POINTS)] for low, high in window]
    if len(start) <= 2:
        points = set(itertools.product(*axes))
    else:
        points = set(zip(*axes, strict=True))
        points |= {(*start[:i], x, *start[i + 1 :]) for i, axis in enumerate(axes) for x in axis}
    widths = np.array([high - low for low, high in window])
    return sorted(points - {start}, key=lambda point: (float(np.linalg.norm((np.array(point) - start) / widths)), point))


@lru_cache(maxsize=32)
def _slopes(problem: str, formula: str) -> Callable[..., tuple[Array, Array]]:
    """Return the jitted function (points, traced settings) -> losses and gradients."""
    function = find(problem, formula).fn
    assert function is not None

    def slopes(points: Float[Array, "n dim"], settings: Mapping[str, Any]) -> tuple[Array, Array]:
        return jax.vmap(jax.value_and_grad(function), in_axes=(0, None))(points, settings)

    return jax.jit(slopes)
