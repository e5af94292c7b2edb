"""Models of the catalogue, as it has them: our loop against the same network, batches and start in PyTorch."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks import loops, peers, torch_models
from benchmarks.clock import Effort, race
from benchmarks.table import Bar, Line
from prodigy_core import Contender, Experiment, sweep

STEPS = 200
SEEDS = 16
AGREED = 20  # steps, in float64: later, and in float32, rounding decides
MODELS = {"mlp": (Bar("faster", 20), Bar("faster", 35)), "cnn": (Bar("faster", 3), Bar("faster", 5))}
MODELS |= {"transformer": (Bar("faster", 2), Bar("faster", 3.5))}
PEER = "prodigyopt"


def ours(name: str) -> Callable[[], Any]:
    """`SEEDS` trainings at once by the sweep engine, from the plan of its blocks to the last number."""
    same = experiment(name)
    return lambda: sweep.run(same, seeds=range(SEEDS)).grids[0].metrics


def experiment(name: str, optimizer: str = "prodigy", steps: int = STEPS, precision: str = "float32") -> Experiment:
    return Experiment(name, contenders=(Contender(optimizer),), steps=steps, precision=precision)


def check(name: str) -> None:
    """Raises Disagreement where the network in PyTorch, or its training, computes other numbers than ours."""
    same = experiment(name, steps=AGREED, precision="float64")
    found = loops.training(same)()[1].columns(AGREED)
    losses, d = torch_models.training(name, loops.prepared(same), threads=1)()
    peers.agree(PEER, "loss", found["loss"], losses, within=1e-6)
    peers.agree(PEER, "D", found["probes/D"], d, within=1e-6)


def lines(name: str, effort: Effort) -> Iterator[Line]:
    alone = loops.training(experiment(name))
    note = peers.absent("torch", "prodigyopt")
    theirs: dict[str, Callable[[], Any]] = {}
    if not note:
        check(name)
        theirs = {f"{PEER}, threads {n}": torch_models.training(name, loops.prepared(experiment(name)), n) for n in _threads()}
    times = race({"one": alone, "seeds": ours(name)}, effort)
    slow = race(theirs, effort)
    peer = min(slow, key=lambda key: slow[key]) if slow else PEER
    theirs_best = slow[peer] / STEPS if slow else None
    one, many = MODELS[name]
    yield Line(name, "loop", peer, "step", times["one"] / STEPS, theirs_best, one, note)
    yield Line(name, f"{SEEDS} seeds at once", peer, "step of one", times["seeds"] / STEPS / SEEDS, theirs_best, many, note)


def _threads() -> tuple[int, ...]:
    """How many threads PyTorch is tried with: a small network is often quicker on one."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return (1, cores) if cores > 1 else (1,)
