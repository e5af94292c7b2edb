"""The engine's loop alone: what trains, with all that it records of each step, without the evaluations between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jax
import numpy as np

from prodigy_core import Experiment
from prodigy_core.program import advance, begin, compiled
from prodigy_core.task import Task, prepare


def task(experiment: Experiment) -> Task:
    """The first contender's run, in one chunk."""
    made = prepare(experiment, experiment.contenders[0], None)
    return replace(made, chunk=experiment.steps, length=experiment.steps)


def training(experiment: Experiment) -> Callable[[], Any]:
    """All steps of the first contender's run; the batches are drawn beforehand, as the peers' are."""
    made = task(experiment)
    steps = np.int32(experiment.steps)
    indices = made.indices(0, experiment.steps)
    first, more = (compiled(function, made.program) for function in (begin, advance))

    def call() -> Any:
        with jax.enable_x64(True):
            carry = first(made.inputs)
            return more(carry, np.int32(0), steps, np.int32(1), indices, made.inputs, length=experiment.steps, evaluations=0)

    return call
