"""The measures of a sweep's runs: how each is drawn and written, and which results are nearly as good as the best.

A loss is counted from the minimum where one is known. A run that broke off, or never came within the tolerance, has inf in
the place of a number; one that is still to come has NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from prodigy_core.experiment import Experiment
from prodigy_core.param import format_number
from prodigy_core.sweep.metrics import METRICS, Metric, Unit
from prodigy_core.sweep.result import Grid

ROUNDING = 1e-9  # relative to the minimum: a loss that lies no further below it is at it
FLOOR = 1e-17  # loss above the minimum: what is less is nothing in float64
TIMES = 10  # ratio to the best loss above a known minimum, up to which a loss is nearly as good
POINTS = 0.02  # difference from the best accuracy, up to which an accuracy is nearly as good


@dataclass(frozen=True)
class Measure:
    """One number of a run, as the pages draw it; see `Metric`."""

    metric: Metric

    @property
    def name(self) -> str:
        return self.metric.name

    @property
    def title(self) -> str:
        return self.metric.title

    @property
    def log(self) -> bool:
        return self.metric.log

    @property
    def best(self) -> int:
        return self.metric.best

    @property
    def from_minimum(self) -> bool:
        """Whether it is a loss that is counted from the minimum where one is known."""
        return self.metric.unit is Unit.LOSS

    @property
    def percent(self) -> bool:
        """Whether it is a share, written in percent."""
        return self.metric.unit is Unit.SHARE

    @property
    def to_tolerance(self) -> bool:
        """Whether it counts steps to the tolerance, which a run may not reach."""
        return self.metric.unit is Unit.STEPS

    def text(self, value: float) -> str:
        """The measure of a run, or the median of several, beside the pointer; what is not finite by its cause."""
        if np.isinf(value):
            return self.missing
        return f"{value:.1%}" if self.percent and np.isfinite(value) else number(value)

    @property
    def missing(self) -> str:
        """What became of runs whose measure is not finite."""
        return "not within the steps" if self.to_tolerance else "broke off"


MEASURES = {metric.name: Measure(metric) for metric in METRICS if metric.offered}
LOSS = MEASURES["final_loss"]


def measures(experiment: Experiment) -> dict[str, Measure]:
    """The measures that this experiment's runs have, by name."""
    return {
        name: measure for name, measure in MEASURES.items() if measure.metric.offered and measure.metric.offered(experiment)
    }


def title(measure: Measure, experiment: Experiment) -> str:
    """The title of an axis of the measure: a loss says where it is counted from."""
    above = measure.from_minimum and bool(experiment.definition.minimum)
    return f"{measure.title} above the minimum" if above else measure.title


def values(measure: Measure, experiment: Experiment, grid: Grid) -> Float[np.ndarray, "... seeds"]:
    """The measure of every run."""
    metric = grid.metrics.get(measure.name)
    if metric is None:
        return np.full(grid.status.shape, np.nan)
    missing = grid.broke_off & ((measure.best == 0) | np.isnan(metric))
    minimum = experiment.definition.minimum
    if measure.from_minimum and minimum is not None:
        above = metric - minimum
        if not (above < -ROUNDING * (1 + abs(minimum))).any():
            metric = np.where(np.isnan(above), np.nan, np.maximum(above, FLOOR))
    return np.where(missing, np.inf, metric)


def middle(runs: Float[np.ndarray, "... seeds"], quantile: float = 0.5) -> Float[np.ndarray, "..."]:
    """A quantile over the seeds: NaN as long as a run is missing."""
    ordered = np.sort(runs, axis=-1)  # NaN last
    place = quantile * (runs.shape[-1] - 1)
    low, high = ordered[..., int(np.floor(place))], ordered[..., int(np.ceil(place))]
    finite = np.isfinite(low) & np.isfinite(high)
    between = np.where(finite, low, 0) + (place - np.floor(place)) * (np.where(finite, high, 0) - np.where(finite, low, 0))
    return np.where(np.isnan(ordered[..., -1]), np.nan, np.where(finite, between, low if place == np.floor(place) else high))


def logarithmic(measure: Measure, parts: Sequence[Float[np.ndarray, "..."]]) -> bool:
    """Whether a logarithmic axis can show it: nothing finite is zero or below."""
    return measure.log and not any((part[np.isfinite(part)] <= 0).any() for part in parts)


def number(value: float) -> str:
    """A loss, or another number, as people write it; what is not finite by its cause."""
    if not np.isfinite(value):
        return "not yet there" if np.isnan(value) else "broke off"
    return "under 1e-17" if value == FLOOR else f"{value:,.0f}" if 1_000 <= value < 1e6 else f"{value:.3g}"


def best(measure: Measure, results: Float[np.ndarray, "..."], near: Sequence[float | None] = ()) -> tuple[int, ...] | None:
    """The place of the best result; None where there is none.

    Args:
      measure: which says what is better.
      results: finite, or not there yet.
      near: a place, None where it is not known along an axis; of several equal results the nearest to it is taken.
    """
    finite: Bool[np.ndarray, ...] = np.isfinite(results)
    if not measure.best or not finite.any():
        return None
    cost = np.where(finite, -measure.best * results, np.inf)
    places = np.argwhere(cost == cost.min())
    target = np.array([np.nan if place is None else place for place in near] or [np.nan] * results.ndim, float)
    distances = np.nansum(np.abs(places - target), axis=1)
    return tuple(int(i) for i in places[distances.argmin()])


def nearly(measure: Measure, experiment: Experiment, results: Float[np.ndarray, "..."]) -> tuple[Bool[np.ndarray, "..."], str]:
    """Whether each result is nearly as good as the best of them, and in words what that means.

    A loss above a known minimum: within the tolerance where the best is, else at most `TIMES` the best. Another loss, steps: at
    most twice the best. An accuracy: at most `POINTS` below. No result is, and the words are "", where there is no best, or no
    such range around it.
    """
    place = best(measure, results)
    if place is None:
        return np.zeros(results.shape, bool), ""
    top = float(results[place])
    if measure.percent:
        return np.isfinite(results) & (results >= top - POINTS), f"within {100 * POINTS:g} points of its best, {top:.1%},"
    known = measure.from_minimum and experiment.definition.minimum is not None
    if known and TIMES * top <= experiment.tolerance:
        return results <= experiment.tolerance, f"within {format_number(experiment.tolerance)} of the minimum"
    if top <= 0:
        return np.zeros(results.shape, bool), ""
    times, words = (TIMES, f"{TIMES} times") if known else (2, "twice")
    return results <= times * top, f"at most {words} its best, {number(top)},"
