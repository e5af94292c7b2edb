"""One run on Rosenbrock's function of 64 dimensions, the loop with what it records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from benchmarks import loops, naive
from benchmarks.clock import Effort, race
from benchmarks.table import Bar, Line
from prodigy_core import Contender, Experiment, run

BAR = Bar("faster", 4)


def lines(effort: Effort) -> Iterator[Line]:
    experiment = Experiment(
        "rosenbrock_nd",
        settings={"dimension": naive.DIMENSIONS},
        contenders=(Contender("prodigy"),),
        steps=naive.STEPS,
    )
    calls: dict[str, Callable[[], Any]] = {
        "loop": loops.training(experiment),
        "engine": lambda: run(experiment)[0].loss,
    }
    times = race(calls, effort)
    theirs = naive.measured("space") / naive.STEPS
    for what in calls:
        yield Line("space", what, "naive scan of optax's", "step", times[what] / naive.STEPS, theirs, BAR)
