"""Measures: numbers of one run that a claim compares and a text quotes, one entry each.

Where a sweep keeps a number too, the entry names its column, so that many runs are one program; all others are read off traces.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from prodigy_core.diagnosis import diagnose
from prodigy_core.experiment import Experiment
from prodigy_core.trace import STATUSES, Status, Trace

Kind = Literal["number", "yes or no", "status"]
STATUS_NAMES = tuple(status.name.lower() for status in STATUSES)  # a status as a number is its place here


@dataclass(frozen=True)
class Race:
    """A race that was run.

    Attributes:
      experiment: the experiment.
      traces: the contenders' traces, in their order.
    """

    experiment: Experiment
    traces: Sequence[Trace]


@dataclass(frozen=True, kw_only=True)
class Detail:
    """What a measure asks for beside its name; each measure says in `takes` which of these.

    Attributes:
      named: the name of a metric, a finding or a hyperparameter.
      coordinate: the place of a coordinate, from 0.
      at: a step, or as a float the part of all steps, in [0, 1]; None for the end.
      part: the part of the last D, in (0, 1].
    """

    named: str = ""
    coordinate: int = 0
    at: float | int | None = None
    part: float = 1.0


def _same(value: float, experiment: Experiment) -> float:
    return value


AT_THE_END = Detail()


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One number of a run.

    Attributes:
      name: its name in a lesson's file.
      help: what it is, in words, with its unit.
      of: (race, the contender's place, detail) -> its value before `finish`; NaN where the run has none.
      column: the metric of a sweep that is the same number; "" where there is none, `detail.named` where it is "named".
      finish: (value, experiment) -> the value in its own unit: above the minimum, or as a part of the distance.
      takes: the fields of `Detail` that it needs; "at" may be left out.
      kind: whether it is a number, 1 for yes and 0 for no, or a place in `STATUS_NAMES`.
      alone: whether the contender's own trace is enough; else the whole race is run.
    """

    name: str
    help: str
    of: Callable[[Race, int, Detail], float]
    column: str = ""
    finish: Callable[[float, Experiment], float] = _same
    takes: tuple[str, ...] = ()
    kind: Kind = "number"
    alone: bool = True

    def value(self, race: Race, contender: int, detail: Detail) -> float:
        """Return the measure of one contender of a race."""
        return self.finish(self.of(race, contender, detail), race.experiment)

    def column_of(self, detail: Detail) -> str:
        """Return the name of a sweep's metric that is the same number; "" where a trace is needed."""
        if detail.at is not None:
            return ""
        return detail.named if self.column == "named" else self.column


def _probe(name: str) -> Callable[[Race, int, Detail], float]:
    def last(race: Race, contender: int, detail: Detail) -> float:
        return _entry(race, contender, _probes(race.traces[contender], name), detail.at)

    return last


def _probes(trace: Trace, name: str) -> Float[np.ndarray, " entries"]:
    return np.asarray(trace.probes.get(name, np.full(trace.steps.size, np.nan)))


def _step(race: Race, at: float | int) -> int:
    return round(at * race.experiment.steps) if isinstance(at, float) else at


def _entry(race: Race, contender: int, values: Float[np.ndarray, " entries"], at: float | int | None) -> float:
    """Return the value at a step, of entries that are fewer than the steps the last one before it; NaN behind the run's end."""
    if at is None:
        return float(values[-1]) if values.size else np.nan
    steps, step = race.traces[contender].steps, _step(race, at)
    if not steps.size or step > race.traces[contender].stopped_at:
        return np.nan
    return float(values[np.searchsorted(steps, step, side="right") - 1])


def _losses(trace: Trace) -> tuple[np.ndarray, np.ndarray]:
    """Return steps and losses, of a model over all its training examples."""
    if "train_loss" in trace.metrics:
        return trace.evaluated, trace.metrics["train_loss"]
    return trace.steps, trace.loss


def _loss(race: Race, contender: int, detail: Detail) -> float:
    trace = race.traces[contender]
    if trace.status in (Status.DIVERGED, Status.NOT_A_NUMBER):
        return np.inf
    steps, losses = _losses(trace)
    if not losses.size:
        return np.nan
    last = steps[-1] if detail.at is None else _step(race, detail.at)
    return float(losses[max(np.searchsorted(steps, last, side="right") - 1, 0)])


def _above_minimum(value: float, experiment: Experiment) -> float:
    return value - (experiment.definition.minimum or 0.0)


def _loss_left(race: Race, contender: int, detail: Detail) -> float:
    start = _above_minimum(float(_losses(race.traces[contender])[1][0]), race.experiment)
    return _above_minimum(_loss(race, contender, detail), race.experiment) / start


def _of_distance(value: float, experiment: Experiment) -> float:
    distance = experiment.definition.distance_to_minimiser(experiment.origin)
    return value / distance if distance else np.nan


def _steps_to(race: Race, contender: int, detail: Detail) -> float:
    steps = race.traces[contender].steps_to((race.experiment.definition.minimum or 0.0) + race.experiment.tolerance)
    return np.inf if steps is None else float(steps)


def _arrives(value: float, experiment: Experiment) -> float:
    return float(np.isfinite(value))


def _status(race: Race, contender: int, detail: Detail) -> float:
    return float(STATUSES.index(race.traces[contender].status))


def _gone(race: Race, contender: int, detail: Detail) -> float:
    return _entry(race, contender, race.traces[contender].distance_linf, detail.at)


def _coordinate(race: Race, contender: int, detail: Detail) -> float:
    return _entry(race, contender, race.traces[contender].position[:, detail.coordinate], detail.at)


def _changes(sign: int) -> Callable[[Race, int, Detail], float]:
    def count(race: Race, contender: int, detail: Detail) -> float:
        return float((sign * np.diff(_probes(race.traces[contender], "D")) > 0).sum())

    return count


def _steps_to_part(race: Race, contender: int, detail: Detail) -> float:
    trace = race.traces[contender]
    values = _probes(trace, "D")
    reached = np.flatnonzero(values >= detail.part * values[-1])
    return float(trace.steps[reached[0]]) if reached.size else np.nan


def _negative(race: Race, contender: int, detail: Detail) -> float:
    values = _probes(race.traces[contender], "d_hat")
    known = values[~np.isnan(values)]
    return float((known < 0).mean()) if known.size else np.nan


def _metric(race: Race, contender: int, detail: Detail) -> float:
    trace = race.traces[contender]
    values = trace.metrics.get(detail.named, np.zeros(0))
    if not values.size:
        return np.nan
    last = trace.evaluated[-1] if detail.at is None else _step(race, detail.at)
    return float(values[max(np.searchsorted(trace.evaluated, last, side="right") - 1, 0)])


def _finding(race: Race, contender: int, detail: Detail) -> float:
    findings = diagnose(race.experiment, race.traces)
    return float(any(finding.rule == detail.named and finding.contender == contender for finding in findings))


def _hyperparameter(race: Race, contender: int, detail: Detail) -> float:
    value = race.experiment.contenders[contender].knobs[detail.named]
    return float(value) if isinstance(value, int | float) else np.nan


_ENTRIES = (
    Measure(
        name="D", help="D at the end (or at a step), in the units of a parameter", of=_probe("D"), column="D", takes=("at",),
    ),
    Measure(
        name="D_of_distance", help="D over the L-infinity distance from the start to the nearest known minimum", of=_probe("D"),
        column="D", finish=_of_distance, takes=("at",),
    ),
    Measure(
        name="steps_to_part_of_D", help="the first step at which D is at least `part` of its last value", of=_steps_to_part,
        takes=("part",),
    ),
    Measure(name="rises_of_D", help="the number of entries at which D has risen", of=_changes(1)),
    Measure(name="falls_of_D", help="the number of entries at which D has fallen", of=_changes(-1)),
    Measure(name="negative_share", help="the share of entries whose estimate d_hat is below 0", of=_negative),
    Measure(
        name="effective_step", help="the effective step size at the end (or at a step)", of=_probe("effective_step"),
        column="effective_step", takes=("at",),
    ),
    Measure(
        name="loss", help="the loss at the end (or at a step) above the minimum where one is known, of a model over all "
        "training examples; infinite of a run that broke off",
        of=_loss, column="final_loss", finish=_above_minimum, takes=("at",),
    ),
    Measure(name="loss_left", help="that loss over the one at the start", of=_loss_left, takes=("at",)),
    Measure(
        name="steps_to", help="the first step with a loss within the tolerance of the minimum; infinite if there is none",
        of=_steps_to, column="steps_to",
    ),
    Measure(
        name="arrives", help="whether the loss comes within the tolerance of the minimum", of=_steps_to, column="steps_to",
        finish=_arrives, kind="yes or no",
    ),
    Measure(name="status", help="how the run ended", of=_status, kind="status"),
    Measure(
        name="stopped_at", help="the step at which the run ended",
        of=lambda race, contender, detail: float(race.traces[contender].stopped_at),
    ),
    Measure(
        name="distance_gone", help="the L-infinity distance from the start, at the end (or at a step)", of=_gone,
        column="distance_linf", takes=("at",),
    ),
    Measure(
        name="share_of_way", help="that distance over the one to the nearest known minimum", of=_gone, column="distance_linf",
        finish=_of_distance, takes=("at",),
    ),
    Measure(
        name="coordinate", help="a coordinate of the position at the end (or at a step)", of=_coordinate,
        takes=("coordinate", "at"),
    ),
    Measure(
        name="metric", help="a model's metric at the end (or at a step): validation_accuracy, validation_loss, train_loss ...",
        of=_metric, column="named", takes=("named", "at"),
    ),
    Measure(
        name="finding", help="whether the diagnosis of the race has this finding on the contender", of=_finding,
        takes=("named",), kind="yes or no", alone=False,
    ),
    Measure(name="hyperparameter", help="the number that a hyperparameter stands at", of=_hyperparameter, takes=("named",)),
)  # fmt: skip
MEASURES = {measure.name: measure for measure in _ENTRIES}
