"""The metrics of a sweep's runs, one entry each: the columns of its exports, and what its pages can draw.

A model's evaluation adds metrics by its own names ("train_loss", "train_accuracy" ...); those that the pages draw have an entry
too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from prodigy_core.engine.quantities import QUANTITIES
from prodigy_core.engine.running_metrics import RunningMetrics
from prodigy_core.experiment import Experiment
from prodigy_core.optimizers import OPTIMIZERS


class Unit(StrEnum):
    """The unit of a metric, in words. The pages write losses, shares and steps each in a way of their own."""

    LOSS = "the problem's"
    SHARE = "share of the examples"
    STEPS = "steps"
    PARAMETERS = "parameters"
    FACTOR = "parameters / direction"


class Ending(NamedTuple):
    """The end of some runs, on the host: arrays of one shape, in float64.

    Attributes:
      running: their metrics.
      evaluation: a model's evaluation, by name; empty for a function.
      steps: number of steps of a run.
      broken: which of them broke off.
    """

    running: RunningMetrics
    evaluation: Mapping[str, Float[np.ndarray, "..."]]
    steps: int
    broken: Bool[np.ndarray, "..."]


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One number of every run of a sweep.

    Attributes:
      name: its name in a `Grid` and in exports.
      title: its name for a person.
      unit: its unit. A loss counts from the minimum where one is known.
      quantity: the final quantity that it is; "" of another metric.
      compute: the ends of runs -> its values; None for the quantity itself, or the evaluation's metric of this name.
      log: whether it is drawn on a logarithmic axis.
      best: +1 where more is better, -1 where less is, 0 where neither.
      offered: whether the pages offer it for an experiment; None if they never do.
    """

    name: str
    title: str
    unit: Unit
    quantity: str = ""
    compute: Callable[[Ending], Float[np.ndarray, "..."]] | None = None
    log: bool = True
    best: int = -1
    offered: Callable[[Experiment], bool] | None = None

    def of(self, ending: Ending) -> Float[np.ndarray, "..."] | None:
        """Return its values; None where the runs have none."""
        if self.quantity and self.quantity not in ending.running.last:
            return None
        if self.compute:
            return self.compute(ending)
        return ending.running.last[self.quantity] if self.quantity else ending.evaluation.get(self.name)  # type: ignore[return-value]


def _always(experiment: Experiment) -> bool:
    return True


def _has_target(experiment: Experiment) -> bool:
    return experiment.definition.minimum is not None or experiment.definition.learning is not None


def _learns(experiment: Experiment) -> bool:
    return experiment.definition.learning is not None


def _classifies(experiment: Experiment) -> bool:
    learning = experiment.definition.learning
    return learning is not None and learning.outputs is not None


def _estimates(experiment: Experiment) -> bool:
    return any(OPTIMIZERS[contender.optimizer].estimate for contender in experiment.contenders)


def _steps_to(ending: Ending) -> Float[np.ndarray, "..."]:
    steps = ending.running.steps_to_target
    return np.where(steps <= ending.steps, steps, np.inf)


METRICS = (
    Metric(
        name="final_loss", title="Final loss", unit=Unit.LOSS, quantity="loss", offered=_always,
        compute=lambda ending: np.where(ending.broken, np.inf, ending.running.last["loss"]),
    ),
    Metric(
        name="best_loss", title="Lowest loss", unit=Unit.LOSS, offered=_always,
        compute=lambda ending: np.asarray(ending.running.best),
    ),
    Metric(  # there is an entry before each step, and one after the last
        name="mean_loss", title="Mean loss", unit=Unit.LOSS, offered=_always,
        compute=lambda ending: np.where(ending.broken, np.inf, ending.running.total / (ending.steps + 1)),
    ),
    Metric(name="steps_to", title="Steps to tolerance", unit=Unit.STEPS, offered=_has_target, compute=_steps_to),
    Metric(name="validation_loss", title="Validation loss", unit=Unit.LOSS, offered=_learns),
    Metric(
        name="validation_accuracy", title="Validation accuracy", unit=Unit.SHARE, log=False, best=1,
        offered=_classifies,
    ),
    Metric(name="D", title="Final D", unit=Unit.PARAMETERS, quantity="D", best=0, offered=_estimates),
    Metric(
        name="distance_linf", title="Distance gone (farthest coordinate)",
        unit=Unit.PARAMETERS, quantity="distance_linf", best=0, offered=_always,
    ),
    Metric(
        name="effective_step", title="Final effective step size", unit=Unit.FACTOR, quantity="effective_step",
        best=0,
    ),
)  # fmt: skip


def metrics_of(ending: Ending) -> dict[str, Float[np.ndarray, "..."]]:
    """Return all metrics of runs by name, in the order of the columns of exports.

    First come the final quantities, by name, those of the optimizers after the others; then a model's evaluation, and the
    remaining metrics.
    """
    quantities = sorted((each for each in QUANTITIES if each.final), key=lambda each: (each.compute is None, each.name))
    by_quantity = {metric.quantity: metric for metric in METRICS}
    ordered = [by_quantity[each.name] for each in quantities]
    columns = {metric.name: metric.of(ending) for metric in ordered}
    columns |= ending.evaluation
    columns |= {metric.name: metric.of(ending) for metric in METRICS if not metric.quantity}
    return {name: values for name, values in columns.items() if values is not None}
