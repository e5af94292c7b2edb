"""What a run leaves behind: arrays with a common axis of steps, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

import numpy as np
from jaxtyping import Float, Int


class Status(Enum):
    """How a run ended. The value is the sentence for a person, `{step}` the number of steps."""

    RUNNING = "At step {step}."
    FINISHED = "Ran all {step} steps."
    CANCELLED = "Cancelled after {step} steps."
    DIVERGED = "Diverged at step {step}: the loss or a parameter grew beyond all bounds."
    NOT_A_NUMBER = "Stopped at step {step}: a parameter became NaN, not a number."

    def sentence(self, step: int) -> str:
        return self.value.format(step=f"{step:,}")


@dataclass(frozen=True, eq=False)
class Tuning:
    """The search that a contender did before its run, and what it cost.

    Attributes:
      knob: what was searched for.
      values: what was tried, ascending.
      losses: the final loss of each; inf where the run broke off.
      best: the value that was taken.
      steps: how many steps all tries took together.
    """

    knob: str
    values: Float[np.ndarray, " tries"]
    losses: Float[np.ndarray, " tries"]
    best: float
    steps: int


@dataclass(frozen=True, eq=False)
class Trace:
    """One contender's run. Entry k of an array is what holds after `steps[k]` steps, before the next one.

    So `loss[0]` is the loss at the start and `probes["D"][k]` the estimate that the next step uses. A run of n steps has
    n + 1 entries, or every so manieth of them where that would be too many; a run that broke off at step k has those
    before it, all with a finite loss and position. Only the gradient or the step that broke it may be out of range, in the
    last entry.

    Attributes:
      steps: how many steps were taken before each entry, ascending from 0.
      loss: f(x), in the units of the problem; of a model, the loss of the batch.
      position: x, of a function of the plane; else how far x has gone from the start along two fixed directions.
      projected: whether `position` is such a projection.
      gradient_norm: the L2 norm of the gradient at x, as the optimizer met it.
      update_norm: the L2 norm of the step taken from x.
      distance_linf, distance_l2: how far x is from the start.
      probes: the optimizer's inside, by name ("D", "d_hat", "effective_step" ...); NaN where not yet defined. Prodigy's
        "inner" is <g, x0 - x> of the step taken from x, with g as that step met it: clipped, and with a coupled decay.
      evaluated: the steps at which a model was judged on all its data, and at which positions were kept whole.
      metrics: a model's losses and accuracies there, by name ("train_loss", "validation_accuracy" ...); of a function
        of many variables its "loss".
      snapshots: positions kept whole, at every so manieth evaluation, as many as the budget of bytes allows.
      snapshot_steps: their steps.
      status: how the run ended.
      stopped_at: the step it ended at: the first at which the loss is not finite or a parameter
        is beyond `engine.FAR`, else the last.
      tuning: the search before the run, if there was one.
      vectors: of a function of the plane, what has two coordinates, by name: "gradient" at the place where it is taken,
        noise included and not yet clipped; "update", the step taken from there; and of an optimizer that has them, as it
        stood before the step and in the units of its paper, the first moment "m", the second "v", and the weighted sum
        of gradients "s" behind an estimate of D. The place is x, but with an optimizer that is judged elsewhere than
        it takes gradients (schedule-free): there the differences of `position` are not "update".
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
        """Whether the run went as far as it ever will."""
        return self.status not in (Status.RUNNING, Status.CANCELLED)

    @property
    def nbytes(self) -> int:
        """The memory that it takes, in bytes."""
        arrays = [self.steps, self.loss, self.position, self.gradient_norm, self.update_norm, self.distance_linf]
        arrays += [self.distance_l2, self.evaluated, self.snapshots, self.snapshot_steps]
        mappings = (self.probes, self.metrics, self.vectors)
        return sum(values.nbytes for values in (*arrays, *(values for found in mappings for values in found.values())))

    @property
    def final_loss(self) -> float:
        """The loss at the end, of a model over all its training examples; NaN where no entry was finite."""
        values = self.metrics.get("train_loss", self.loss)
        return float(values[-1]) if values.size else float("nan")

    def cancelled(self) -> Trace:
        """This part of a run as all there is of it."""
        return replace(self, status=Status.CANCELLED) if self.status is Status.RUNNING else self

    def steps_to(self, loss: float) -> int | None:
        """The first number of steps after which the loss is at most this; None where it never is."""
        reached = np.flatnonzero(self.loss <= loss)
        return int(self.steps[reached[0]]) if reached.size else None
