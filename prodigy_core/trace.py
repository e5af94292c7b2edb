"""What a run leaves behind: arrays with a common axis of steps, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import numpy as np
from jaxtyping import Float


class Status(Enum):
    """How a run ended. The value is the sentence for a person, `{step}` the number of steps."""

    FINISHED = "Ran all {step} steps."
    DIVERGED = "Diverged at step {step}: the loss or a parameter grew beyond all bounds."
    NOT_A_NUMBER = "Stopped at step {step}: a parameter became NaN, not a number."

    def sentence(self, step: int) -> str:
        return self.value.format(step=f"{step:,}")


@dataclass(frozen=True, eq=False)
class Trace:
    """One contender's run. Entry k of every array is what holds after k steps, before the next one.

    So `loss[0]` is the loss at the start and `probes["D"][k]` the estimate that step k uses. A run of n steps has
    n + 1 entries; a run that broke off at step k has the k entries before it, all with a finite loss and position. Only the
    gradient or the step that broke it may be out of range, in the last entry.

    Attributes:
      loss: f(x), in the units of the problem.
      position: x.
      gradient_norm: the L2 norm of the gradient at x.
      update_norm: the L2 norm of the step taken from x.
      distance_linf, distance_l2: how far x is from the start.
      probes: the optimizer's inside, by name ("D", "d_hat", "effective_step" ...); NaN where not yet defined.
      status: how the run ended.
      stopped_at: the step it ended at: the first at which the loss is not finite or a parameter
        is beyond `engine.FAR`, else the last.
    """

    loss: Float[np.ndarray, " entries"]
    position: Float[np.ndarray, "entries dim"]
    gradient_norm: Float[np.ndarray, " entries"]
    update_norm: Float[np.ndarray, " entries"]
    distance_linf: Float[np.ndarray, " entries"]
    distance_l2: Float[np.ndarray, " entries"]
    probes: Mapping[str, Float[np.ndarray, " entries"]]
    status: Status
    stopped_at: int

    @property
    def ending(self) -> str:
        """How the run ended, in a sentence."""
        return self.status.sentence(self.stopped_at)

    def steps_to(self, loss: float) -> int | None:
        """The first number of steps after which the loss is at most this; None where it never is."""
        reached = np.flatnonzero(self.loss <= loss)
        return int(reached[0]) if reached.size else None
