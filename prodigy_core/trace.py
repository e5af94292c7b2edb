"""The record of one run: arrays with a common axis of steps, and how the run ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from enum import Enum
from typing import Any

import numpy as np
from jaxtyping import Float, Int

FAR = 1e12  # in the units of a parameter: one beyond it has diverged; starts and domains end a million times nearer


class Status(Enum):
    """How a run ended. The value is the sentence for a person, `{step}` the number of steps."""

    RUNNING = "At step {step}."
    FINISHED = "Ran all {step} steps."
    CANCELLED = "Cancelled after {step} steps."
    DIVERGED = "Diverged at step {step}: the loss or a parameter grew beyond all bounds."
    NOT_A_NUMBER = "Stopped at step {step}: a parameter became NaN, not a number."

    def sentence(self, step: int) -> str:
        return self.value.format(step=f"{step:,}")


# Arrays hold a status as its place in this tuple: an int8, 0 where a run is still to come.
STATUSES = (Status.RUNNING, Status.FINISHED, Status.DIVERGED, Status.NOT_A_NUMBER, Status.CANCELLED)
RUNNING, FINISHED, DIVERGED, NOT_A_NUMBER, CANCELLED = range(5)


def is_finite(loss: Any, largest: Any) -> Any:
    """Return whether a run may go on from an entry: the loss is finite, and no parameter is beyond `FAR` or NaN.

    Args:
      loss: the loss at the entry.
      largest: the L-infinity norm of the parameters there.

    Returns:
      A bool, or an array of them. The operators are those that NumPy and JAX share; comparisons with NaN are false.
    """
    return (abs(loss) < np.inf) & (largest <= FAR)


@dataclass(frozen=True, eq=False)
class Tuning:
    """The search for a hyperparameter that a contender did before its run, and the cost of that search.

    It tried several values, or took the one that a run of another optimizer had come to.

    Attributes:
      knob: the name of the hyperparameter.
      values: the values that were tried, ascending; of a scout the value that it came to.
      losses: the final loss of each try; inf of a try that broke off.
      best: the value with the lowest loss, which the run has.
      steps: number of steps that all tries took together.
      scout: the title of the other optimizer that ran before; "" where values were tried.
    """

    knob: str
    values: Float[np.ndarray, " tries"]
    losses: Float[np.ndarray, " tries"]
    best: float
    steps: int
    scout: str = ""


@dataclass(frozen=True, eq=False)
class Trace:
    """One contender's run. Entry k of an array holds the state after `steps[k]` steps, before the next one.

    So `loss[0]` is the loss at the start and `probes["D"][k]` the estimate that the next step uses. A run of n steps has
    n + 1 entries, or every n-th step if there would be more than `limits.ENTRIES`; a run that broke off at step k has those
    before it, all with a finite loss and position. Only the gradient or the step that broke it may be out of range, in the
    last entry.

    The arrays with one entry a step are the `engine.quantities.QUANTITIES` that are fields here.

    Attributes:
      steps: number of steps taken before each entry, ascending from 0.
      loss: f(x), in the units of the problem; for a model, the loss of the batch.
      position: x, for a function of the plane; else the distances of x from the start along two fixed directions.
      projected: whether `position` is such a projection.
      gradient_norm: the L2 norm of the gradient at x, as the optimizer met it.
      update_norm: the L2 norm of the step taken from x.
      distance_linf, distance_l2: the distance of x from the start.
      probes: the optimizer's inner quantities, by name ("D", "d_hat", "effective_step" ...); NaN where not yet defined.
        Prodigy's "inner" is <g, x0 - x> of the step taken from x, with g as that step met it: clipped, and with a coupled
        decay.
      evaluated: the steps at which a model was evaluated on all its data, and at which whole positions were taken.
      metrics: a model's losses and accuracies there, by name ("train_loss", "validation_accuracy" ...); for a function
        of many variables its "loss".
      snapshots: whole positions, at every n-th evaluation, as many as the budget of bytes allows.
      snapshot_steps: their steps.
      status: how the run ended.
      stopped_at: the step it ended at: the first at which `is_finite` is false, else the last.
      tuning: the search before the run, if there was one.
      vectors: for a function of the plane, quantities with two coordinates, by name: "gradient" at the point where it is
        taken, noise included and not yet clipped; "update", the step taken from there; and of an optimizer that has them, as
        before the step and in the units of its paper, the first moment "m", the second "v", and the weighted sum of
        gradients "s" behind an estimate of D. The point is x, but an optimizer that takes gradients elsewhere
        (schedule-free) has another: there the differences of `position` are not "update".
    """

    steps: Int[np.ndarray, " entries"]
    loss: Float[np.ndarray, " entries"]
    position: Float[np.ndarray, "entries dim"]
    projected: bool
    gradient_norm: Float[np.ndarray, " entries"]
    update_norm: Float[np.ndarray, " entries"]
    distance_linf: Float[np.ndarray, " entries"]
    distance_l2: Float[np.ndarray, " entries"]
    probes: Mapping[str, Float[np.ndarray, " entries"]]
    evaluated: Int[np.ndarray, " evaluations"]
    metrics: Mapping[str, Float[np.ndarray, " evaluations"]]
    snapshots: Float[np.ndarray, "snapshots parameters"]
    snapshot_steps: Int[np.ndarray, " snapshots"]
    status: Status
    stopped_at: int
    tuning: Tuning | None = None
    vectors: Mapping[str, Float[np.ndarray, "entries dim"]] = field(default_factory=dict)

    @property
    def ending(self) -> str:
        """How the run ended, in a sentence."""
        return self.status.sentence(self.stopped_at)

    @property
    def ended(self) -> bool:
        """Whether the run will not go on: it is neither running nor cancelled."""
        return self.status not in (Status.RUNNING, Status.CANCELLED)

    @property
    def nbytes(self) -> int:
        """Memory of all arrays, in bytes."""
        return array_bytes(self)

    @property
    def final_loss(self) -> float:
        """The loss at the end, of a model over all its training examples; NaN where no entry was finite."""
        values = self.metrics.get("train_loss", self.loss)
        return float(values[-1]) if values.size else float("nan")

    def cancelled(self) -> Trace:
        """Return this trace with `Status.CANCELLED` in place of `Status.RUNNING`."""
        return replace(self, status=Status.CANCELLED) if self.status is Status.RUNNING else self

    def steps_to(self, loss: float) -> int | None:
        """Return the first number of steps after which the loss is at most this; None if it never is."""
        reached = np.flatnonzero(self.loss <= loss)
        return int(self.steps[reached[0]]) if reached.size else None


def array_bytes(record: object) -> int:
    """Return the memory in bytes of all arrays in a dataclass, its mappings, tuples and dataclasses among them."""
    if isinstance(record, np.ndarray):
        return record.nbytes
    if isinstance(record, Mapping):
        return sum(map(array_bytes, record.values()))
    if isinstance(record, tuple):
        return sum(map(array_bytes, record))
    if is_dataclass(record):
        return sum(array_bytes(getattr(record, each.name)) for each in fields(record))
    return 0


def frozen(values: np.ndarray) -> np.ndarray:
    """Return a read-only copy."""
    values = np.array(values)
    values.setflags(write=False)
    return values
