"""The cut of a sweep into blocks of work: the same on every machine, or larger ones for an accelerator of this process.

The runs of a contender that one program can compute make a `Group`: what differs between them is an array. A hyperparameter
that shapes the program gives a group for each of its values. A block is some tiles of a group (see `engine.batch`), a few
tenths of a second of work.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import jax
import numpy as np
from jaxtyping import Int

from prodigy_core import limits
from prodigy_core.data.datasets import Dataset
from prodigy_core.engine import devices
from prodigy_core.engine.batch import tile_width
from prodigy_core.engine.loop import traced
from prodigy_core.engine.prepare import LENGTHS, PreparedRun, prepare
from prodigy_core.engine.tile import PerRun
from prodigy_core.experiment import Contender, Experiment, ExperimentError
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.optimizers.traits import GridSearch, Scout
from prodigy_core.param import Fault, Param
from prodigy_core.sweep.spec import Axis, Owner, Sweep

RUN_WORK = 20  # work of a run's step beside that of its parameters, in the units of `limits`
BLOCK_WORK = 1_000_000_000  # work of a block, in the units of `limits`: some tenths of a second
FEWEST = 4  # tiles of a block, at least, so that a few cores are all busy
ACCELERATED = 100  # factor by which an accelerator's blocks are larger
ENOUGH = 4  # work of a step of an accelerator's block, at least, in units of `devices.WORTH`
MOMENT = 2_048  # steps of an accelerator between two reports of progress, at most, however little work they are
NO_RUN = -1


@dataclass(frozen=True, eq=False)
class Group:
    """The runs of a contender that one program computes.

    Attributes:
      contender: its place.
      experiment: the experiment of all runs, but for what differs.
      cells: the cell of each run in the contender's grid without seeds, flat; the tries of a search have the same one.
      per_run: what differs between runs, each array of shape (cells, ...).
      seeds: those that change anything.
      tries: the value that a search tries in each run; None without a search.
      scout: the runs before these of another optimizer, whose D each of them takes; None without.
      prepared: the prepared run of the first seed, with the program.
      width: number of runs of a tile.
      accelerated: whether blocks are cut for an accelerator.
    """

    contender: int
    experiment: Experiment
    cells: Int[np.ndarray, " cells"]
    per_run: PerRun
    seeds: tuple[int, ...]
    tries: np.ndarray | None
    scout: Group | None
    prepared: PreparedRun
    width: int
    accelerated: bool

    @property
    def learns(self) -> bool:
        return self.experiment.definition.learning is not None

    @property
    def steps(self) -> int:
        """Number of passes of a run's loop. The last one of a function only takes the entry after the last step."""
        return self.experiment.steps + (not self.learns)

    @property
    def passes(self) -> int:
        """Number of whole runs that each run takes, that of a scout before it counted."""
        return 1 if self.scout is None else 2

    @cached_property
    def runs(self) -> Int[np.ndarray, "tiles width"]:
        """The run at each place of each tile, counted seed by seed; `NO_RUN` where there is none.

        The seeds of a function are side by side in a tile; those of a model have other examples, and so tiles of their own.
        """
        rows = len(self.seeds) if self.learns else 1
        numbers = np.arange(len(self.seeds) * len(self.cells)).reshape(rows, -1)
        padded = np.full((rows, -(-numbers.shape[1] // self.width) * self.width), NO_RUN)
        padded[:, : numbers.shape[1]] = numbers
        return padded.reshape(-1, self.width)

    @property
    def work(self) -> float:
        """Work of one step of one run, in the units of `limits`."""
        learning = self.experiment.definition.learning
        return RUN_WORK + self.prepared.parameters * max(self.prepared.batches.size, 1) * (learning.uses if learning else 1)

    @cached_property
    def tiles(self) -> int:
        """Number of tiles of a block: a power of two, so that few programs are compiled."""
        work = self.work * self.width
        wanted = max(self._block_work / (self.steps * work), FEWEST)
        if self.accelerated:
            wanted = max(wanted, ENOUGH * devices.WORTH / work)
        return 1 << math.ceil(math.log2(min(wanted, len(self.runs))))

    @cached_property
    def chunk(self) -> int:
        """Number of steps between two reports of progress."""
        fits = max(1, int(2 * self._block_work / (self.tiles * self.width * self.work)))
        fits = min(fits, MOMENT) if self.accelerated else fits
        return min(self.steps, fits, LENGTHS[-1]) if self.learns else min(self.steps, fits)

    @property
    def _block_work(self) -> float:
        return BLOCK_WORK * (ACCELERATED if self.accelerated else 1)


@dataclass(frozen=True)
class Block:
    """Some tiles of a group, from `first` to before `end`."""

    group: int
    first: int
    end: int


@dataclass(frozen=True, eq=False)
class Plan:
    """A sweep and its blocks."""

    sweep: Sweep
    groups: tuple[Group, ...]
    blocks: tuple[Block, ...]

    def work(self, number: int) -> float:
        """Return the work of a block, in the units of `limits`."""
        block = self.blocks[number]
        group = self.groups[block.group]
        return (block.end - block.first) * group.width * group.steps * group.work * group.passes


def make_plan(sweep: Sweep, upload: Dataset | None = None, *, accelerator: bool = False) -> Plan:
    """Return the blocks of a sweep.

    Args:
      sweep: the sweep.
      upload: the data that its experiment calls its upload; needed if it does.
      accelerator: whether an accelerator is there to compute what is worth it; without, the blocks are the same on every
        machine.

    Raises:
      ExperimentError: a run, or all together, would be larger than the limits allow; or the upload is missing or does not suit.
    """
    groups = tuple(group for c in range(len(sweep.experiment.contenders)) for group in _groups(sweep, c, upload))
    if accelerator:
        groups = tuple(_accelerated(group) if group.runs.size * group.work >= devices.WORTH else group for group in groups)
    work = sum(group.runs.size * group.steps * group.work * group.passes for group in groups)
    if work > limits.MAX_SWEEP_WORK:
        fits = max(1, int(sweep.runs * limits.MAX_SWEEP_WORK / work))
        allowed = f"at most about {fits:,} of these (PRODIGY_LAB_MAX_SWEEP_WORK is {limits.MAX_SWEEP_WORK:.3g})"
        raise ExperimentError([Fault("runs", sweep.runs, f"{allowed}: fewer values on an axis, fewer seeds, or fewer steps")])
    blocks = (
        Block(i, first, min(first + group.tiles, len(group.runs)))
        for i, group in enumerate(groups)
        for first in range(0, len(group.runs), group.tiles)
    )
    return Plan(sweep, groups, tuple(blocks))


def _accelerated(group: Group) -> Group:
    """Return a group whose blocks are cut for an accelerator, those of its scout alike."""
    return replace(group, accelerated=True, scout=None if group.scout is None else _accelerated(group.scout))


def entry_steps(group: Group, entries: int) -> Int[np.ndarray, " entries"]:
    """Return the steps of the traces' entries: every n-th, and of a function the last."""
    steps = group.experiment.steps
    kept = np.arange(0, group.steps, entry_every(group.experiment, entries))
    return kept if group.learns or kept[-1] == steps else np.append(kept, steps)


def entry_every(experiment: Experiment, entries: int) -> int:
    """Return how many steps lie between two entries of the traces, where about so many entries are kept of each run."""
    return -(-experiment.steps // max(entries - 1, 1))


def _groups(sweep: Sweep, contender: int, upload: Dataset | None) -> Iterator[Group]:
    axes = sweep.axes_of(contender)
    shape = sweep.shape_of(contender)
    moving = [i for i, axis in enumerate(axes) if _moves(sweep.experiment, axis)]
    shaping = [i for i in range(len(axes)) if i not in moving]
    for places in itertools.product(*(range(shape[i]) for i in shaping)):
        experiment = sweep.experiment
        for i, place in zip(shaping, places, strict=True):
            experiment = axes[i].placed_in(experiment, axes[i].values[place])
        index = np.zeros((len(axes), math.prod(shape[i] for i in moving)), int)
        for i, place in zip(shaping, places, strict=True):
            index[i] = place
        for i, values in zip(moving, np.indices([shape[i] for i in moving]), strict=True):
            index[i] = values.ravel()
        cells = np.asarray(np.ravel_multi_index(tuple(index), shape)) if axes else np.zeros(1, int)
        yield _group(sweep, contender, experiment, cells, [(axes[i], index[i]) for i in moving], upload)


def _group(
    sweep: Sweep,
    place: int,
    experiment: Experiment,
    cells: Int[np.ndarray, " cells"],
    moving: list[tuple[Axis, np.ndarray]],
    upload: Dataset | None,
) -> Group:
    """Return the group of a contender's cells; with each moving axis comes the place of its value in each cell."""
    contender = experiment.contenders[place]
    per_run = _per_run(experiment, len(cells), moving)
    seeds = sweep.seeds if experiment.random else sweep.seeds[:1]
    tries, scout = None, None
    search = OPTIMIZERS[contender.optimizer].search
    if isinstance(search, Scout):
        others = list(experiment.contenders)
        others[place] = Contender(search.scout)
        scouting = replace(experiment, contenders=tuple(others))
        scout = _group(sweep, place, scouting, cells, [(axis, index) for axis, index in moving if not _owned(axis)], upload)
    if isinstance(search, GridSearch):
        own = [(axis, index) for axis, index in moving if _owned(axis)]
        changed = [{axis.name: axis.values[index[j]] for axis, index in own} for j in range(len(cells))]
        grids = [search.grid({**contender.knobs, **knobs}) for knobs in changed]
        repeats = [grid.size for grid in grids]
        cells, tries = np.repeat(cells, repeats), np.concatenate(grids)
        repeated: PerRun = jax.tree.map(lambda values: np.repeat(values, repeats, axis=0), per_run)
        per_run = repeated._replace(knobs={**repeated.knobs, search.knob: tries})
    prepared = prepare(replace(experiment, seed=seeds[0]), contender, upload)
    width = tile_width(prepared, traces=bool(sweep.entries))
    return Group(place, experiment, cells, per_run, seeds, tries, scout, prepared, width, accelerated=False)


def _owned(axis: Axis) -> bool:
    """Whether an axis is a hyperparameter of a contender."""
    return axis.owner is Owner.CONTENDER


def _per_run(experiment: Experiment, cells: int, moving: list[tuple[Axis, np.ndarray]]) -> PerRun:
    """Return the values of the moving axes in each cell."""
    per_run = PerRun({}, {}, {})
    start = np.tile(np.asarray(experiment.start or (), float), (cells, 1))
    for axis, index in moving:
        param = axis.param_in(experiment)
        if axis.owner is Owner.START:
            start[:, axis.coordinate_in(experiment)] = np.asarray(axis.values)[index]
            per_run.fields["start"] = start
            continue
        parts = {Owner.CONTENDER: per_run.knobs, Owner.SETTING: per_run.settings, Owner.EXPERIMENT: per_run.fields}
        parts[axis.owner][axis.name] = np.asarray([traced(param, value) for value in axis.values], _dtype(param))[index]
    return per_run


def _moves(experiment: Experiment, axis: Axis) -> bool:
    """Whether all values of an axis go through one program, side by side."""
    if axis.param_in(experiment).static:
        return False
    if axis.owner in (Owner.CONTENDER, Owner.START):
        return True
    if axis.owner is Owner.EXPERIMENT:
        return axis.name in ("noise_size", "noise_at")
    # Outside the plane a setting may decide where a run starts or what it learns from.
    return experiment.definition.domain is not None


def _dtype(param: Param) -> Any:
    return {"float": np.float64, "int": np.int32, "bool": np.bool_, "choice": np.int32}[param.kind]
