"""What lies under the paths of problems with many parameters: the loss on a plane through all of them.

A plane shows two directions of thousands, so it says how much of the paths it holds, and how far its loss at a path's foot
point is from the loss on the path itself. `directions.py` chooses the two; here the loss is evaluated.

The loss is what the contenders minimise, with the L2 penalty, over the same training examples everywhere: what differs
between `true_loss` and `shadow_loss` is the way from the path to the plane and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import jax
import numpy as np
from jaxtyping import Bool, Float, Int

from prodigy_core.data.datasets import Dataset
from prodigy_core.engine.prepare import PreparedRun, prepare
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.landscape import directions
from prodigy_core.landscape.grid import Landscape
from prodigy_core.landscape.pointwise import BASES, Pointwise, work_each
from prodigy_core.progress import Progress, nothing_yet
from prodigy_core.trace import Status, Trace, array_bytes, frozen

Kind = Literal["pca", "random"]

WORK = 6e10  # of a plane, in the units of `limits`: some seconds on two cores, since a loss costs a third of a step
SIDES = (25, 41)  # points of the grid in each direction: at least, at most
EXAMPLES = (64, 128, 256, 512)  # how many of the training examples, as the work allows; all of them where they are fewer
MARGIN = 0.15  # of the paths' extent, on each side of the window
NARROWEST = 0.1  # the extent of the window in one direction, of that in the other
RISE = 100.0  # a loss this many times further above the start's than the start's is above the lowest has blown up
REACH = 2.0  # a run that broke off counts as far as this many times the distance that the others went

Position = Float[np.ndarray, " parameters"]
Foot = Float[np.ndarray, " 2"]


@dataclass(frozen=True, eq=False)
class Plane:
    """The loss on a plane, and the paths' foot points on it. Tuples have an entry for each trace, in their order.

    Attributes:
      kind: "pca": through the mean of all positions, in the two directions in which they spread most. "random": through
        the last position of the first contender, in two random directions, each filter of them as long as there.
      explained: the part of the paths' variance that lies in each direction; None of random ones, and where nobody moved.
      held: the part that lies in the plane; 1 where nobody moved.
      landscape: the loss on the window, in coordinates of the plane: along the unit vectors of "pca" the units of the
        parameters, along those of "random" the size of the network's own filters.
      paths: where the snapshots' foot points lie, by least squares.
      snapshot_steps: their steps.
      true_loss: the loss at the snapshots.
      shadow_loss: the loss at their foot points. NaN and inf as they come.
      start: the foot point of the start.
      minimiser: that of the known minimiser, the one nearest to the start; None where none is known.
      examples: how many training examples the losses are over; 0 of a function.
    """

    kind: Kind
    explained: tuple[float, float] | None
    held: float
    landscape: Landscape
    paths: tuple[Float[np.ndarray, "snapshots 2"], ...]
    snapshot_steps: tuple[Int[np.ndarray, " snapshots"], ...]
    true_loss: tuple[Float[np.ndarray, " snapshots"], ...]
    shadow_loss: tuple[Float[np.ndarray, " snapshots"], ...]
    start: Float[np.ndarray, " 2"]
    minimiser: Float[np.ndarray, " 2"] | None
    examples: int

    @property
    def nbytes(self) -> int:
        """The memory that it takes, in bytes."""
        return array_bytes(self)


def follow_plane(
    experiment: Experiment, traces: Sequence[Trace], kind: Kind, upload: Dataset | None = None, points: int | None = None
) -> Iterator[Progress[Plane | None]]:
    """The plane through these runs, chunk by chunk; the last word has it. Whoever takes no more has cancelled it.

    Args:
      experiment: what was run, on a problem of many parameters.
      traces: its runs as far as they are; those of some contenders may be missing.
      kind: see `Plane`.
      upload: the data that the experiment calls its upload; needed where it does.
      points: of the grid in each direction; None for as many as some seconds allow.

    Raises:
      ExperimentError: as `engine.run` does, before the first word.
    """
    assert experiment.definition.domain is None, "a function of the plane has its own landscape"
    task = prepare(experiment, Contender("adam"), upload)  # of whom only the start and the examples count: everybody's
    start = np.concatenate([np.ravel(leaf).astype(float) for leaf in jax.tree.leaves(task.inputs.start)])
    counts = [len(trace.snapshots) for trace in traces]
    examples, side = _size(task, 1 + 2 * sum(counts), points)
    loss = Pointwise(task, examples)
    holds = sum(trace.nbytes for trace in traces)
    total = side**2 + 1 + 2 * sum(counts)

    rows = [start, *(row for trace in traces for row in trace.snapshots)]
    step, there = min(loss.chunk, BASES), np.zeros(0)
    for at in range(0, len(rows), step):
        there = np.append(there, loss.at(np.stack(rows[at : at + step])))
        yield Progress(there.size / total, holds, nothing_yet)
    first, *true = np.split(there, np.cumsum([1, *counts])[:-1])

    calm = _calm(traces, start, float(first[0]), true)
    view = _view(experiment, task, kind, start, [trace.snapshots for trace in traces], calm)
    x, y = (np.linspace(low, high, side) for low, high in _window(view, calm))
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    places, on = np.concatenate([grid, *view.paths]), np.zeros(0)
    loss.lie(view.origin, view.ways)
    for at in range(0, len(places), loss.chunk):
        if at:
            yield Progress((there.size + on.size) / total, holds, nothing_yet)
        on = np.append(on, loss.on(places[at : at + loss.chunk]))
    ground, *shadows = np.split(on, np.cumsum([side**2, *counts])[:-1])
    made = Plane(
        kind=kind,
        explained=view.explained,
        held=view.held,
        landscape=Landscape(x=frozen(x), y=frozen(y), loss=frozen(ground.reshape(side, side))),
        paths=tuple(map(frozen, view.paths)),
        snapshot_steps=tuple(trace.snapshot_steps for trace in traces),
        true_loss=tuple(map(frozen, true)),
        shadow_loss=tuple(map(frozen, shadows)),
        start=frozen(view.start),
        minimiser=None if view.minimiser is None else frozen(view.minimiser),
        examples=examples,
    )
    yield Progress(1.0, made.nbytes, lambda: made)


def _size(task: PreparedRun, beside: int, points: int | None) -> tuple[int, int]:
    """How many examples and how many points in each direction, where so many points come beside the grid."""
    least = (points or SIDES[0]) ** 2 + beside
    fits = WORK / (work_each(task) * least)
    examples = min(task.batches.examples, max((size for size in EXAMPLES if size <= fits), default=EXAMPLES[0]))
    room = max(WORK / (work_each(task) * max(examples, 1)) - beside, 0)
    return examples, points or int(np.clip(int(room**0.5), *SIDES))


def _calm(
    traces: Sequence[Trace], start: Position, first: float, losses: Sequence[Float[np.ndarray, " snapshots"]]
) -> list[Bool[np.ndarray, " snapshots"]]:
    """Which snapshots have not blown up: neither is their loss absurd, nor are they, of a run that broke off, far out.

    A loss alone does not tell: one that has no lower bound falls as the position runs away. Nor does a distance: where one
    contender hardly moves, all others are far away.
    """
    lowest = min([first, *(float(loss[np.isfinite(loss)].min(initial=first)) for loss in losses)])
    scale = max(first - lowest, abs(first))
    ceiling = first + RISE * scale if scale else np.inf
    away = [np.linalg.norm(trace.snapshots - start, axis=1) for trace in traces]
    level = [np.isfinite(loss) & (loss <= ceiling) & np.isfinite(far) for loss, far in zip(losses, away, strict=True)]
    whole = [trace.status not in (Status.DIVERGED, Status.NOT_A_NUMBER) for trace in traces]
    reach = max((far[kept].max(initial=0.0) for far, kept, fine in zip(away, level, whole, strict=True) if fine), default=0.0)
    if not reach:  # nobody else went anywhere: what broke off grew and grew, so that most of its way was short
        moved = np.concatenate([far[kept & (far > 0)] for far, kept in zip(away, level, strict=True)] or [np.zeros(0)])
        reach = float(np.median(moved)) if moved.size else 0.0
    return [kept & (fine | (far <= REACH * reach)) for kept, fine, far in zip(level, whole, away, strict=True)]


@dataclass(frozen=True, eq=False)
class _View:
    """Where the plane lies, and the paths as seen on it; see `Plane`."""

    kind: Kind
    origin: Position
    ways: directions.Pair
    explained: tuple[float, float] | None
    held: float
    paths: list[Float[np.ndarray, "snapshots 2"]]
    start: Foot
    minimiser: Foot | None


def _view(
    experiment: Experiment,
    task: PreparedRun,
    kind: Kind,
    start: Position,
    snapshots: Sequence[Float[np.ndarray, "snapshots parameters"]],
    calm: Sequence[Bool[np.ndarray, " snapshots"]],
) -> _View:
    """The plane of this kind, from the snapshots that have not blown up."""
    points = np.concatenate([start[None][:0], *(rows[kept] for rows, kept in zip(snapshots, calm, strict=True))])
    ends = [rows[kept][-1] for rows, kept in zip(snapshots, calm, strict=True) if kept.any()]
    end = ends[0].astype(float) if ends else start
    shapes = [np.shape(leaf) for leaf in jax.tree.leaves(task.inputs.start)]
    least = float(np.linalg.norm(end - start))
    ways = directions.random(end, shapes, least, np.random.default_rng((experiment.seed, 2)))
    mean = points.mean(axis=0) if len(points) else start
    points -= mean
    total = float(np.sum(points**2))
    origin, explained = end, None
    if kind == "pca" and total:
        origin = mean
        ways, parts = directions.principal(points, ways)
        explained = float(parts[0]), float(parts[1])
        ways *= np.where(ways @ (start - origin) > 0, -1.0, 1.0)[:, None]  # paths set out to the right and upwards
    products = ways @ ways.T
    feet = ways.T @ np.linalg.pinv(products)  # least squares
    inside = points @ feet
    way = experiment.definition.to_minimiser(start)
    with np.errstate(over="ignore", invalid="ignore"):  # of what blew up
        paths = [(rows - origin) @ feet for rows in snapshots]
    return _View(
        kind=kind,
        origin=origin,
        ways=ways,
        explained=explained,
        held=float(np.sum(inside @ products * inside)) / total if total else 1.0,
        paths=paths,
        start=(start - origin) @ feet,
        minimiser=None if way is None else (start + way - origin) @ feet,
    )


def _window(view: _View, calm: Sequence[Bool[np.ndarray, " snapshots"]]) -> list[tuple[float, float]]:
    """What the grid shows: the paths with a margin, but for what has blown up.

    Of random directions it is the unit square around the origin at least: one is the size of the network's own filters,
    which is what they were scaled for. So it is where nobody moved.
    """
    seen = np.concatenate([view.start[None], *(path[kept] for path, kept in zip(view.paths, calm, strict=True))])
    low, high = seen.min(axis=0), seen.max(axis=0)
    extent = high - low
    extent = np.maximum(extent, NARROWEST * extent.max())
    low, high = ((low + high) / 2 + sign * (0.5 + MARGIN) * extent for sign in (-1, 1))
    if view.explained is None:
        low, high = np.minimum(low, -1.0), np.maximum(high, 1.0)
    return list(zip(low.tolist(), high.tolist(), strict=True))
