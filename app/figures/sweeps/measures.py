"""What can be asked of the runs of a sweep, how it is drawn, and what is nearly as good as the best.

A loss is counted from the minimum where one is known. A number that is not there because the run broke off, or never came
within the tolerance, is inf; one that is still to come is NaN.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float

from prodigy_core.experiment import Experiment
from prodigy_core.param import format_number
from prodigy_core.sweep.metrics import METRICS, Metric
from prodigy_core.sweep.result import Grid

ROUNDING = 1e-9  # relative to the minimum: a loss that is so little below it is at it
FLOOR = 1e-17  # of a loss above the minimum: what is less is nothing in float64
TIMES, POINTS = 10, 0.02  # how far from the best is nearly as good: of a loss above a known minimum, and of an accuracy


Measure = Metric
MEASURES = {metric.name: metric for metric in METRICS if metric.offered}
LOSS = MEASURES["final_loss"]
LOSSES = ("final_loss", "best_loss", "mean_loss")


def measures(experiment: Experiment) -> dict[str, Measure]:
    """Return the metrics that can be shown of this experiment's runs, by name."""
    return {name: measure for name, measure in MEASURES.items() if measure.offered and measure.offered(experiment)}


def title(measure: Measure, experiment: Experiment) -> str:
    """The measure over an axis: a loss says where it is counted from."""
    above = measure.name in LOSSES and bool(experiment.definition.minimum)
    return f"{measure.title} above the minimum" if above else measure.title


def values(measure: Measure, experiment: Experiment, grid: Grid) -> Float[np.ndarray, "... seeds"]:
    """The measure of every run."""
    found = grid.metrics.get(measure.name)
    if found is None:
        return np.full(grid.status.shape, np.nan)
    lost = grid.broke_off & ((measure.best == 0) | np.isnan(found))
    minimum = experiment.definition.minimum
    if measure.name in LOSSES and minimum is not None:
        above = found - minimum
        if not (above < -ROUNDING * (1 + abs(minimum))).any():
            found = np.where(np.isnan(above), np.nan, np.maximum(above, FLOOR))
    return np.where(lost, np.inf, found)


def middle(found: Float[np.ndarray, "... seeds"], quantile: float = 0.5) -> Float[np.ndarray, "..."]:
    """A quantile over the seeds, of runs in the place where they are whole: NaN as long as one is missing."""
    ordered = np.sort(found, axis=-1)  # NaN last
    place = quantile * (found.shape[-1] - 1)
    low, high = ordered[..., int(np.floor(place))], ordered[..., int(np.ceil(place))]
    ends = np.isfinite(low) & np.isfinite(high)
    between = np.where(ends, low, 0) + (place - np.floor(place)) * (np.where(ends, high, 0) - np.where(ends, low, 0))
    return np.where(np.isnan(ordered[..., -1]), np.nan, np.where(ends, between, low if place == np.floor(place) else high))


def logarithmic(measure: Measure, parts: Sequence[Float[np.ndarray, "..."]]) -> bool:
    """Whether a logarithmic axis can show it: nothing finite is zero or below."""
    return measure.log and not any((part[np.isfinite(part)] <= 0).any() for part in parts)


def number(value: float) -> str:
    """A loss, or another number, as people write it; what is not finite by what it means."""
    if not np.isfinite(value):
        return "not yet there" if np.isnan(value) else "broke off"
    return "under 1e-17" if value == FLOOR else f"{value:,.0f}" if 1_000 <= value < 1e6 else f"{value:.3g}"


def told(measure: Measure, value: float) -> str:
    """The measure of a run, or of the middle one of several, beside the pointer; what is not finite by what it means."""
    if np.isinf(value):
        return lost(measure)
    return f"{value:.1%}" if measure.name == "validation_accuracy" and np.isfinite(value) else number(value)


def lost(measure: Measure) -> str:
    """What became of runs whose measure is not finite."""
    return "not within the steps" if measure.name == "steps_to" else "broke off"


def best(measure: Measure, found: Float[np.ndarray, "..."], near: Sequence[float | None] = ()) -> tuple[int, ...] | None:
    """The place of the best; None where there is none.

    Args:
      measure: which says what is better.
      found: the values.
      near: a place, None where it is not known along an axis; of several that are as good the nearest to it is taken.
    """
    finite: Bool[np.ndarray, ...] = np.isfinite(found)
    if not measure.best or not finite.any():
        return None
    worth = np.where(finite, -measure.best * found, np.inf)
    places = np.argwhere(worth == worth.min())
    there = np.array([np.nan if at is None else at for at in near] or [np.nan] * found.ndim, float)
    ways = np.nansum(np.abs(places - there), axis=1)
    return tuple(int(i) for i in places[ways.argmin()])


def nearly(measure: Measure, experiment: Experiment, found: Float[np.ndarray, "..."]) -> tuple[Bool[np.ndarray, "..."], str]:
    """Which are nearly as good as the best of them, and in words what that means.

    A loss above a known minimum: within the tolerance where the best is, else at most `TIMES` the best. Another loss, steps: at
    most twice the best. An accuracy: at most `POINTS` below. None and "" where there is no best, or no such range around it.
    """
    place = best(measure, found)
    if place is None:
        return np.zeros(found.shape, bool), ""
    top = float(found[place])
    finite = np.isfinite(found)
    if measure.name == "validation_accuracy":
        return finite & (found >= top - POINTS), f"within {100 * POINTS:g} points of its best, {top:.1%},"
    known = measure.name in LOSSES and experiment.definition.minimum is not None
    if known and TIMES * top <= experiment.tolerance:
        return found <= experiment.tolerance, f"within {format_number(experiment.tolerance)} of the minimum"
    if top <= 0:
        return np.zeros(found.shape, bool), ""
    times, word = (TIMES, f"{TIMES} times") if known else (2, "twice")
    return found <= times * top, f"at most {word} its best, {number(top)},"
