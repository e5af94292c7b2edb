"""A sweep over two or three hyperparameters as the cells of maps: what `heat` draws, in numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from prodigy_core.param import Value
from prodigy_core.sweep.result import SweepTrace
from prodigy_core.sweep.spec import Axis

from . import ticks
from .measures import Measure, best, logarithmic, middle, title, values

USUAL = 0.95  # share of the cells, at which the scale ends when the others are far worse


@dataclass(frozen=True)
class Side:
    """A hyperparameter along the cells, or among the maps.

    Attributes:
      name: its name for a person.
      kind: how its values are spread, as `ticks.kind` says.
      values: one for each row, column or map.
      now: the place of the experiment's own value among them; None where it lies outside.
    """

    name: str
    kind: str
    values: tuple[Value, ...]
    now: float | None


@dataclass(frozen=True)
class Maps:
    """The cells of all maps and their common scale.

    Attributes:
      measure: what the cells show.
      title: its title.
      sides: down, across, and where there are several maps, among them.
      cells: medians over the seeds; inf where the run broke off, NaN where it is still to come.
      shown: the finite cells on the scale, log10 where it is logarithmic; else NaN.
      log: whether the scale is logarithmic.
      low, high: the ends of the scale, as `shown`.
      beyond: whether there are worse cells beyond its end.
    """

    measure: Measure
    title: str
    sides: tuple[Side, ...]
    cells: Float[np.ndarray, "down across maps"]
    shown: Float[np.ndarray, "down across maps"]
    log: bool
    low: float
    high: float
    beyond: bool

    @property
    def down(self) -> Side:
        return self.sides[0]

    @property
    def across(self) -> Side:
        return self.sides[1]

    @property
    def now(self) -> tuple[float | None, ...]:
        """The place of the experiment: down, across, and among the maps."""
        return (*(side.now for side in self.sides), 0.0)[:3]

    @property
    def best(self) -> tuple[int, ...] | None:
        return best(self.measure, self.cells, self.now)


def maps_of(trace: SweepTrace, measure: Measure) -> Maps:
    """The maps of a sweep of one contender over two or three axes."""
    experiment, grid = trace.sweep.experiment, trace.grids[0]
    cells = middle(values(measure, experiment, grid))
    cells = cells if cells.ndim == 3 else cells[..., None]
    log = logarithmic(measure, [cells])
    finite = np.where(np.isfinite(cells), cells, np.nan)
    shown = np.log10(finite) if log else finite
    sides = tuple(_side(trace, axis) for axis in grid.axes)
    low, high, beyond = _span(measure, shown[np.isfinite(shown)])
    return Maps(measure, title(measure, experiment), sides, cells, shown, log, low, high, beyond)


def _side(trace: SweepTrace, axis: Axis) -> Side:
    experiment = trace.sweep.experiment
    param = axis.param_in(experiment)
    kind = ticks.kind(param, axis.values)
    return Side(param.label, kind, axis.values, ticks.place(kind, axis.values, axis.value_in(experiment)))


def _span(measure: Measure, finite: Float[np.ndarray, " cells"]) -> tuple[float, float, bool]:
    """The ends of the scale, and whether there are worse cells beyond: a few explosions would leave no colours for the rest."""
    if not finite.size:
        return 0.0, 1.0, False
    low, high = float(finite.min()), float(finite.max())
    usual = float(np.quantile(finite, USUAL))
    beyond = measure.best < 0 and usual - low < 0.75 * (high - low) and usual > low
    return low, usual if beyond else high if high > low else low + 1, beyond
