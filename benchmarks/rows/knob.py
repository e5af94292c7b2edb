"""A turned knob, as far as the engine goes: two contenders of 500 steps on the plane, every time with another value."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.clock import Effort, race
from benchmarks.table import Bar, Line
from prodigy_core import Contender, Experiment, run
from tests.compilations import compilations

STEPS = 500


def lines(effort: Effort) -> Iterator[Line]:
    values = iter(np.geomspace(1e-7, 1e-3, 10_000))

    def turn() -> object:
        return run(
            Experiment(
                "rosenbrock",
                contenders=(Contender("prodigy", {"estim_lr0": float(next(values))}), Contender("adam")),
                steps=STEPS,
            )
        )

    turn()
    with compilations() as compiled:
        seconds = race({"turn": turn}, effort)["turn"]
    yield Line("knob", "engine", unit="turn", ours=seconds, bar=Bar("under", 1e-3))
    yield Line("knob", "engine", ours=float(len(compiled)), bar=Bar("compiled", 0))
