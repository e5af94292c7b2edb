"""Traces written by hand, whose positions are known, and the planes through them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import jax
import numpy as np

from prodigy_core.engine.prepare import prepare
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.landscape.plane import Plane, PlaneKind, follow_plane
from prodigy_core.trace import Status, Trace
from tests.jobs.runs import trace_of

DIMENSION = 12


def bowl(**fields: Any) -> Experiment:
    """A badly conditioned bowl of twelve variables, started at (1, ..., 1)."""
    settings = {"dimension": DIMENSION, "start_at": 1.0, **fields.pop("settings", {})}
    return Experiment(problem="quadratic_nd", settings=settings, **fields)


def network(**fields: Any) -> Experiment:
    """A network of 35 parameters on 120 flowers."""
    settings = {"data": "iris", "width": 4, "l2": 0.1, **fields.pop("settings", {})}
    return Experiment(problem="mlp", settings=settings, steps=fields.pop("steps", 60), **fields)


def trace_at(positions: Any, status: Status = Status.FINISHED) -> Trace:
    """A trace with these positions as its snapshots."""
    snapshots = np.asarray(positions, np.float32)
    return replace(trace_of(1, 2, status), snapshots=snapshots, snapshot_steps=np.arange(len(snapshots)))


def plane_of(experiment: Experiment, traces: Sequence[Trace], kind: PlaneKind = "pca", points: int | None = 5) -> Plane:
    *_, last = follow_plane(experiment, traces, kind, points=points)
    assert last.result is not None
    return last.result


def loss_at(experiment: Experiment, position: Any) -> float:
    """Return the loss of one position over all training examples, with the penalty, computed from the problem's own parts."""
    leaves, tree, loss = _loss(experiment.to_json())
    with jax.enable_x64(True):
        parts = np.split(np.asarray(position, leaves[0].dtype), np.cumsum([leaf.size for leaf in leaves])[:-1])
        shaped = [part.reshape(leaf.shape) for part, leaf in zip(parts, leaves, strict=True)]
        return float(loss(jax.tree.unflatten(tree, shaped)))


@cache
def _loss(text: str) -> tuple[list[Any], Any, Callable[[Any], Any]]:
    experiment = Experiment.from_json(text)
    prepared = prepare(experiment, Contender("adam"), None)
    problem, train = experiment.definition, prepared.inputs.train
    settings = {**prepared.inputs.settings, **dict(prepared.program.settings)}

    def loss(params: Any) -> Any:
        if problem.learning is None or train is None:
            assert problem.fn is not None
            return problem.fn(params, settings)
        squares = sum((leaf**2).sum() for leaf in jax.tree.leaves(params) if leaf.ndim == 2)
        return problem.learning.loss(params, train, settings) + settings["l2"] / 2 * squares

    return *jax.tree.flatten(prepared.inputs.start), jax.jit(loss)
