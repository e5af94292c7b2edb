"""An accelerator against this machine's processor: the work from which on it is worth it, which is `devices.WORTH`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import numpy as np

from benchmarks import peers
from benchmarks.clock import Effort, race
from benchmarks.rows import models
from benchmarks.table import Line
from prodigy_core import Axis, Contender, Experiment, run, sweep
from prodigy_core.engine import devices

ALONE = ("logistic_regression", "mlp", "autoencoder", "cnn", "transformer")
STEPS = 500
SIDES = (64, 256)
PEER = "processor"
NEVER = float("inf")


def at(worth: float, call: Callable[[], Any]) -> Callable[[], Any]:
    """Return the call, with the accelerator used from so much work in a step on."""

    def patched() -> Any:
        with patch.object(devices, "WORTH", worth):
            return call()

    return patched


def check(name: str) -> None:
    """Raise Disagreement where the accelerator computes other numbers than the processor does."""
    same = models.experiment(name, steps=models.AGREED, precision="float64")
    there, here = (at(worth, lambda: run(same)[0])() for worth in (0, NEVER))
    peers.agree("accelerator", "loss", here.loss, there.loss, within=1e-6)
    seeds = at(0, lambda: sweep.run(same, seeds=range(3)))().grids[0].metrics
    peers.agree("accelerator", "loss of a sweep", here.metrics["train_loss"][-1], seeds["train_loss"][0], within=1e-6)
    single = models.experiment(name, steps=1)
    there, here = (at(worth, lambda: run(single)[0])() for worth in (0, NEVER))
    # Products of factors that were rounded to 10 bits would be off by 1e-4.
    peers.agree("accelerator", "loss in float32", here.loss[0], there.loss[0], within=1e-5)


def lines(effort: Effort) -> Iterator[Line]:
    if not devices.accelerators():
        yield Line("accelerator", note="JAX sees none here: pip install '.[gpu]' on a machine that has one")
        return
    what = devices.accelerators()[0].device_kind
    for name, (call, steps, unit) in _calls().items():
        if name in ALONE:
            check(name)
        times = race({"there": at(0, call), PEER: at(NEVER, call)}, effort)
        yield Line("accelerator", f"{what}, {name}", PEER, unit, times["there"] / steps, times[PEER] / steps)


def _calls() -> dict[str, tuple[Callable[[], Any], int, str]]:
    """Return each call by its name, with its number of steps and the unit that a step is of."""
    plane = Experiment("rosenbrock", contenders=(Contender("prodigy"),), steps=STEPS)
    calls: dict[str, tuple[Callable[[], Any], int, str]] = {"rosenbrock": (lambda: run(plane), STEPS, "step")}
    for name in ALONE:
        calls[name] = (_alone(name), STEPS, "step")
    for name in ALONE:
        calls[f"{name}, {models.SEEDS} seeds at once"] = (_seeds(name), STEPS * models.SEEDS, "step of one")
    for side in SIDES:
        calls[f"rosenbrock, {side} x {side}"] = (_map(side), STEPS * side * side, "configuration-step")
    return calls


def _alone(name: str) -> Callable[[], Any]:
    same = models.experiment(name, steps=STEPS)
    return lambda: run(same)


def _seeds(name: str) -> Callable[[], Any]:
    same = models.experiment(name, steps=STEPS)
    return lambda: sweep.run(same, seeds=range(models.SEEDS))


def _map(side: int) -> Callable[[], Any]:
    same = Experiment("rosenbrock", contenders=(Contender("prodigy"),), steps=STEPS, precision="float32")
    first = Axis("estim_lr0", tuple(np.geomspace(1e-7, 1e-2, side).tolist()), 0)
    axes = (first, Axis("beta3", tuple(np.sqrt(np.linspace(0.99, 0.9999, side)).tolist()), 0))
    return lambda: sweep.run(same, axes)
