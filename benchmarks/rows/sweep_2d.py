"""4096 configurations of Prodigy on Rosenbrock's function of the plane, in float32, reduced to metrics."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from benchmarks import naive, peers, plain
from benchmarks.clock import Effort, race
from benchmarks.plain import CONFIGURATIONS, STEPS, grid
from benchmarks.table import Bar, Line
from prodigy_core import Contender, Experiment, sweep
from prodigy_core.sweep.spec import Axis

# With array params, as every problem of ours has them: a point of the plane is one array, not two numbers.
BARS = {"C, OpenMP": Bar("within", 3), "numba, prange": Bar("faster", 8), "naive vmap of a scan": None}


class Metrics(NamedTuple):
    """The least loss, the steps to the tolerance and the last D of each configuration."""

    best: np.ndarray
    waited: np.ndarray
    d: np.ndarray


def ours() -> Callable[[], Metrics]:
    """The sweep engine on this grid, from the plan of its blocks to the last number."""
    d0, beta3 = (tuple(float(x) for x in np.unique(values)) for values in grid(np.float64))
    experiment = Experiment(
        "rosenbrock", contenders=(Contender("prodigy"),), steps=STEPS, precision="float32", start=plain.START
    )
    axes = (Axis("beta3", beta3, 0), Axis("estim_lr0", d0, 0))

    def call() -> Metrics:
        metrics = sweep.run(experiment, axes).grids[0].metrics
        return Metrics(*(metrics[name].ravel() for name in ("best_loss", "steps_to", "D")))

    return call


def lines(effort: Effort) -> Iterator[Line]:
    notes = {"C, OpenMP": peers.no_compiler(), "numba, prange": peers.absent("numba")}
    calls: dict[str, Callable[[], Metrics]] = {}
    if not notes["C, OpenMP"]:
        calls["C, OpenMP"] = c(np.float32)
    if not notes["numba, prange"]:
        calls["numba, prange"] = _numba()
    check()
    times = race({"ours": ours(), **calls}, effort)
    times["naive vmap of a scan"] = naive.measured("sweep")
    for name, bar in BARS.items():
        at, theirs = (times[key] / CONFIGURATIONS / STEPS if key in times else None for key in ("ours", name))
        yield Line("sweep-2d", "sweep engine", name, "configuration-step", at, theirs, bar, notes.get(name, ""))


def check(configurations: int = 64, steps: int = 40) -> None:
    """Raise Disagreement where the C in float64 computes other numbers than optax does."""
    if peers.no_compiler():
        return
    d0, beta3 = (values[:: CONFIGURATIONS // configurations] for values in grid(np.float64))
    best, last = naive.reference(d0, beta3, steps)
    metrics = c(np.float64, d0, beta3, steps)()
    peers.agree("C", "least loss", best, metrics.best, within=1e-6)
    peers.agree("C", "D", last, metrics.d, within=1e-6)


def c(real: Any, d0: np.ndarray | None = None, beta3: np.ndarray | None = None, steps: int = STEPS) -> Callable[[], Metrics]:
    """The sweep in C, for whole vectors of configurations; those that only fill the last vector are cut off again."""
    size = {np.float32: ctypes.c_float, np.float64: ctypes.c_double}[real]
    name = {np.float32: "float", np.float64: "double"}[real]
    library = peers.compiled("sweep.c", "-ffast-math", f"-DREAL={name}")
    pointer = peers.array(real)
    library.group.restype = ctypes.c_long
    peers.declare(library.sweep, [ctypes.c_long] * 2 + [pointer] * 3 + [size] * 7 + [pointer] * 3)
    if d0 is None or beta3 is None:
        d0, beta3 = grid(real)
    count = d0.size
    padded = -(-count // library.group()) * library.group()
    d0, beta3 = (np.resize(values, padded).astype(real) for values in (d0, beta3))
    correction = plain.corrections(steps).astype(real)
    numbers = (*plain.START, plain.B, plain.TOLERANCE, plain.BETA1, plain.BETA2, plain.EPS)

    def call() -> Metrics:
        metrics = [np.empty(padded, real) for _ in Metrics._fields]
        library.sweep(padded, steps, d0, beta3, correction, *numbers, *metrics)
        return Metrics(*(values[:count] for values in metrics))

    return call


def _numba() -> Callable[[], Metrics]:
    sweep = plain.numba_loops(np.float32, fastmath=True).sweep
    d0, beta3 = grid()
    correction = plain.corrections(STEPS).astype(np.float32)  # a power per configuration and step would cost it half its time

    def call() -> Metrics:
        metrics = Metrics(*(np.empty(CONFIGURATIONS, np.float32) for _ in Metrics._fields))
        sweep(d0, beta3, correction, *metrics)
        return metrics

    return call
