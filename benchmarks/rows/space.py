"""One run on Rosenbrock's function of 64 dimensions: the engine with its full record, and the bare optimizer in a loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import jax
import numpy as np

from benchmarks import loops, naive
from benchmarks.clock import Effort, race
from benchmarks.table import Bar, Line
from prodigy_core import Contender, Experiment, prodigy, run

BAR = Bar("faster", 4)


def lines(effort: Effort) -> Iterator[Line]:
    experiment = Experiment(
        "rosenbrock_nd",
        settings={"dimension": naive.DIMENSIONS},
        contenders=(Contender("prodigy"),),
        steps=naive.STEPS,
    )
    calls: dict[str, Callable[[], Any]] = {
        "engine": lambda: run(experiment)[0].loss,
        "loop": loops.training(experiment),
        "bare optimizer": bare(compensate=True),
        "without compensation": bare(compensate=False),
    }
    with jax.enable_x64(True):
        times = race(calls, effort)
    theirs = naive.measured("space") / naive.STEPS
    for what in calls:
        yield Line("space", what, "naive scan of optax's", "step", times[what] / naive.STEPS, theirs, BAR)


def bare(*, compensate: bool) -> Callable[[], Any]:
    """Our optimizer alone, with the loss and D of each step, as the naive scan has them."""
    return loops.bare(naive.value, np.zeros(naive.DIMENSIONS), naive.STEPS, prodigy(compensate=compensate))
