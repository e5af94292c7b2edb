"""The loss on a plane through the paths of a problem with many parameters.

A plane shows two directions of thousands, so it says how much of the paths it holds, and how far the loss at a path's
projection onto it is from the loss on the path itself. `directions.py` chooses the two; here the loss is evaluated.

The loss is the one that the contenders minimise, with the L2 penalty, over the same training examples everywhere:
`true_loss` and `shadow_loss` differ by the step from the path to the plane and by nothing else.
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
from prodigy_core.landscape.loss_at import BASES, LossAt, work_of_example
from prodigy_core.progress import Progress, nothing_yet
from prodigy_core.trace import Status, Trace, array_bytes, frozen
from prodigy_core.tree import flatten

PlaneKind = Literal["pca", "random"]

WORK = 6e10  # work of one plane in the units of `limits`: some seconds on two cores, since a loss costs a third of a step
SIDES = (25, 41)  # points of the grid in each direction: at least and at most
EXAMPLES = (64, 128, 256, 512)  # training examples: the most of these that the work allows; all of them where there are fewer
MARGIN = 0.15  # width added on each side of the window, as a part of the paths' extent
NARROWEST = 0.1  # ratio of the window's shorter extent to its longer one, at least
RISE = 100.0  # diverged if loss - loss at the start > RISE * (loss at the start - lowest loss)
REACH = 2.0  # snapshots of a broken run farther out than REACH times the other runs' largest distance are ignored

Position = Float[np.ndarray, " parameters"]
Projection = Float[np.ndarray, " 2"]


@dataclass(frozen=True, eq=False)
class Plane:
    """The loss on a plane, and the paths' projections onto it. Tuples have an entry for each trace, in their order.

    Attributes:
      kind: "pca": through the mean of all positions, in the two directions in which they spread most. "random": through
        the last position of the first contender, in two random directions, each filter of them as long as there.
      explained: the part of the paths' variance that lies in each direction; None for random ones, and where no run moved.
      held: the part of the paths' variance that lies in the plane; 1 where no run moved.
      landscape: the loss on the window, in coordinates of the plane: along the unit vectors of "pca" the units of the
        parameters, along those of "random" the size of the network's own filters.
      paths: the snapshots' projections, by least squares.
      snapshot_steps: the snapshots' steps.
      true_loss: the loss at the snapshots; NaN and inf as they come.
      shadow_loss: the loss at their projections; NaN and inf as they come.
      start: the projection of the start.
      minimiser: the projection of the known minimiser nearest to the start; None where none is known.
      examples: the number of training examples that the losses are over; 0 for a function.
    """

    kind: PlaneKind
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
        """The memory of its arrays, in bytes."""
        return array_bytes(self)


def follow_plane(
    experiment: Experiment, traces: Sequence[Trace], kind: PlaneKind, upload: Dataset | None = None, points: int | None = None
) -> Iterator[Progress[Plane | None]]:
    """Yield the progress of the plane through these runs, chunk by chunk; the last report has it. To cancel, take no more.

    Args:
      experiment: the experiment of the traces, on a problem of many parameters.
      traces: its runs as far as they are; those of some contenders may be missing.
      kind: see `Plane`.
      upload: the data that the experiment calls its upload; needed where it does.
      points: the grid's points in each direction; None for as many as some seconds allow.

    Raises:
      ExperimentError: as `engine.run` does, before the first report.
    """
    assert experiment.definition.domain is None, "a function of the plane has its own landscape"
    prepared = prepare(experiment, Contender("adam"), upload)  # the start and the examples are the same for every contender
    start = flatten(prepared.inputs.start)
    counts = [len(trace.snapshots) for trace in traces]
    examples, side = _size(prepared, 1 + 2 * sum(counts), points)
    loss_at = LossAt(prepared, examples)
    holds = sum(trace.nbytes for trace in traces)
    total = side**2 + 1 + 2 * sum(counts)

    positions = [start, *(row for trace in traces for row in trace.snapshots)]
    step, losses = min(loss_at.chunk, BASES), np.zeros(0)
    for at in range(0, len(positions), step):
        losses = np.append(losses, loss_at.at_points(np.stack(positions[at : at + step])))
        yield Progress(losses.size / total, holds, nothing_yet)
    first, *true_loss = np.split(losses, np.cumsum([1, *counts])[:-1])

    not_diverged = _not_diverged(traces, start, float(first[0]), true_loss)
    geometry = _geometry(experiment, prepared, kind, start, [trace.snapshots for trace in traces], not_diverged)
    x, y = (np.linspace(low, high, side) for low, high in _window(geometry, not_diverged))
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    coordinates, plane_losses = np.concatenate([grid, *geometry.paths]), np.zeros(0)
    loss_at.set_plane(geometry.origin, geometry.basis)
    for at in range(0, len(coordinates), loss_at.chunk):
        if at:
            yield Progress((losses.size + plane_losses.size) / total, holds, nothing_yet)
        plane_losses = np.append(plane_losses, loss_at.on_plane(coordinates[at : at + loss_at.chunk]))
    ground, *shadow_loss = np.split(plane_losses, np.cumsum([side**2, *counts])[:-1])
    plane = Plane(
        kind=kind,
        explained=geometry.explained,
        held=geometry.held,
        landscape=Landscape(x=frozen(x), y=frozen(y), loss=frozen(ground.reshape(side, side))),
        paths=tuple(map(frozen, geometry.paths)),
        snapshot_steps=tuple(trace.snapshot_steps for trace in traces),
        true_loss=tuple(map(frozen, true_loss)),
        shadow_loss=tuple(map(frozen, shadow_loss)),
        start=frozen(geometry.start),
        minimiser=None if geometry.minimiser is None else frozen(geometry.minimiser),
        examples=examples,
    )
    yield Progress(1.0, plane.nbytes, lambda: plane)


def _size(prepared: PreparedRun, others: int, points: int | None) -> tuple[int, int]:
    """Return the number of examples and of the grid's points in each direction, with `others` points beside the grid."""
    fewest = (points or SIDES[0]) ** 2 + others
    most_examples = WORK / (work_of_example(prepared) * fewest)
    examples = min(prepared.batches.examples, max((size for size in EXAMPLES if size <= most_examples), default=EXAMPLES[0]))
    room = max(WORK / (work_of_example(prepared) * max(examples, 1)) - others, 0)
    return examples, points or int(np.clip(int(room**0.5), *SIDES))


def _not_diverged(
    traces: Sequence[Trace], start: Position, first: float, losses: Sequence[Float[np.ndarray, " snapshots"]]
) -> list[Bool[np.ndarray, " snapshots"]]:
    """Return which snapshots the plane is laid through: those without an absurd loss and, in a broken run, not far out.

    The loss alone does not tell: one without a lower bound falls as the position runs away. Nor does the distance alone:
    where one contender hardly moves, all others are far away.
    """
    lowest = min([first, *(float(loss[np.isfinite(loss)].min(initial=first)) for loss in losses)])
    scale = max(first - lowest, abs(first))
    ceiling = first + RISE * scale if scale else np.inf
    distances = [np.linalg.norm(trace.snapshots - start, axis=1) for trace in traces]
    in_range = [np.isfinite(loss) & (loss <= ceiling) & np.isfinite(far) for loss, far in zip(losses, distances, strict=True)]
    unbroken = [trace.status not in (Status.DIVERGED, Status.NOT_A_NUMBER) for trace in traces]
    others = [far[fine].max(initial=0.0) for far, fine, ran in zip(distances, in_range, unbroken, strict=True) if ran]
    reach = max(others, default=0.0)
    if not reach:  # no other run moved: use the median distance of the diverged one, which grew so fast that it is short
        moved = np.concatenate([far[fine & (far > 0)] for far, fine in zip(distances, in_range, strict=True)] or [np.zeros(0)])
        reach = float(np.median(moved)) if moved.size else 0.0
    return [fine & (ran | (far <= REACH * reach)) for fine, ran, far in zip(in_range, unbroken, distances, strict=True)]


@dataclass(frozen=True, eq=False)
class _Geometry:
    """The plane's position in the space of all parameters, and the projections onto it; see `Plane`."""

    kind: PlaneKind
    origin: Position
    basis: directions.Pair
    explained: tuple[float, float] | None
    held: float
    paths: list[Float[np.ndarray, "snapshots 2"]]
    start: Projection
    minimiser: Projection | None


def _geometry(
    experiment: Experiment,
    prepared: PreparedRun,
    kind: PlaneKind,
    start: Position,
    snapshots: Sequence[Float[np.ndarray, "snapshots parameters"]],
    not_diverged: Sequence[Bool[np.ndarray, " snapshots"]],
) -> _Geometry:
    """Return the plane of this kind through the snapshots that have not diverged."""
    points = np.concatenate([start[None][:0], *(rows[kept] for rows, kept in zip(snapshots, not_diverged, strict=True))])
    ends = [rows[kept][-1] for rows, kept in zip(snapshots, not_diverged, strict=True) if kept.any()]
    end = ends[0].astype(float) if ends else start
    shapes = [np.shape(leaf) for leaf in jax.tree.leaves(prepared.inputs.start)]
    shortest = float(np.linalg.norm(end - start))
    basis = directions.random(end, shapes, shortest, np.random.default_rng((experiment.seed, 2)))
    mean = points.mean(axis=0) if len(points) else start
    points -= mean
    total = float(np.sum(points**2))
    origin, explained = end, None
    if kind == "pca" and total:
        origin = mean
        basis, parts = directions.principal(points, basis)
        explained = float(parts[0]), float(parts[1])
        basis *= np.where(basis @ (start - origin) > 0, -1.0, 1.0)[:, None]  # paths set out to the right and upwards
    products = basis @ basis.T
    projection = basis.T @ np.linalg.pinv(products)  # least squares
    inside = points @ projection
    to_minimiser = experiment.definition.to_minimiser(start)
    with np.errstate(over="ignore", invalid="ignore"):  # diverged snapshots may overflow
        paths = [(rows - origin) @ projection for rows in snapshots]
    return _Geometry(
        kind=kind,
        origin=origin,
        basis=basis,
        explained=explained,
        held=float(np.sum(inside @ products * inside)) / total if total else 1.0,
        paths=paths,
        start=(start - origin) @ projection,
        minimiser=None if to_minimiser is None else (start + to_minimiser - origin) @ projection,
    )


def _window(geometry: _Geometry, not_diverged: Sequence[Bool[np.ndarray, " snapshots"]]) -> list[tuple[float, float]]:
    """Return the window of the grid: the paths with a margin, without the snapshots that have diverged.

    For random directions, and where no run moved, it is at least the square from -1 to 1: random directions are scaled so
    that 1 is the size of the network's own filters.
    """
    paths = (path[kept] for path, kept in zip(geometry.paths, not_diverged, strict=True))
    shown = np.concatenate([geometry.start[None], *paths])
    low, high = shown.min(axis=0), shown.max(axis=0)
    extent = high - low
    extent = np.maximum(extent, NARROWEST * extent.max())
    low, high = ((low + high) / 2 + sign * (0.5 + MARGIN) * extent for sign in (-1, 1))
    if geometry.explained is None:
        low, high = np.minimum(low, -1.0), np.maximum(high, 1.0)
    return list(zip(low.tolist(), high.tolist(), strict=True))
