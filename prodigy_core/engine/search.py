"""The search over a grid before a run: all values of one hyperparameter side by side, in the loop of sweeps."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float

from prodigy_core.engine import devices
from prodigy_core.engine.batch import advance, begin, compiled
from prodigy_core.engine.prepare import PreparedRun
from prodigy_core.engine.tile import PerRun, StepRange, StepResult
from prodigy_core.trace import Tuning, frozen


def tune(prepared: PreparedRun, knob: str, values: Float[np.ndarray, " tries"]) -> Iterator[Tuning]:
    """Search for the value of a hyperparameter with the lowest loss at the end of a run, chunk by chunk.

    Args:
      prepared: the run that follows; every try is this run with another value.
      knob: the name of the hyperparameter.
      values: the values to try, ascending.

    Yields:
      The search so far, after each chunk; the last one is whole. A loss is the objective, of a model over all its examples and
      with the penalty; inf where a try broke off.
    """
    per_run, seed_of_tile = PerRun({knob: values[None]}, {}, {}), np.zeros(1, np.int32)  # one tile, as wide as there are tries
    device = devices.of(prepared.work)[:1]
    # The entry after the last step of a function is another pass of the loop, of a model the evaluation at the end of a call.
    end = prepared.steps + (not prepared.program.learns)
    with devices.on(device[0]):
        state = compiled(begin, prepared.program, device, losses_alone=True)(per_run, seed_of_tile, {}, prepared.inputs)
    for at in range(0, end, prepared.chunks.size):
        count = min(prepared.chunks.size, end - at)
        indices = prepared.indices(at, count)
        per_seed = {} if indices is None else {"indices": indices[None]}
        steps = StepRange(np.int32(at), np.int32(count), np.inf, np.int32(1))
        with devices.on(device[0]):
            call = compiled(advance, prepared.program, device, rows=0, losses_alone=True)
            result: StepResult = call(state, per_run, seed_of_tile, per_seed, prepared.inputs, steps)
        state = result.state
        losses = np.asarray(result.evaluation.get("objective", result.metrics.last["loss"]), float)
        alive = np.asarray(result.metrics.n_finite) == at + count + prepared.program.learns
        losses = np.where(alive & np.isfinite(losses), losses, np.inf).ravel()
        best = float(values[losses.argmin()])
        yield Tuning(knob, frozen(values), frozen(losses), best, values.size * min(at + count, prepared.steps))
