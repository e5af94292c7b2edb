"""A sweep cut into blocks of work: the same ones on every machine, or larger ones for an accelerator of this process (see
`compute`).

The runs of a contender that one program can compute stand in a `Group`: what differs between them is an array. A knob that
shapes the program gives a group for each of its values. A block is some tiles of a group (see `lanes`), a few tenths of a
second of work.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Int

from prodigy_core import limits
from prodigy_core.data.datasets import Dataset
from prodigy_core.engine import devices
from prodigy_core.engine.loop import traced
from prodigy_core.engine.prepare import LENGTHS, PreparedRun, prepare
from prodigy_core.experiment import Experiment, ExperimentError
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.param import Fault, Param
from prodigy_core.sweep.batch import KNOB, SETTING
from prodigy_core.sweep.spec import SETTINGS, START, Axis, Sweep, param_of, placed
from prodigy_core.trace import Status

WIDEST = 512  # lanes of a tile: beyond some hundreds the loop's numbers leave the fastest cache
TILE_BYTES = 512 * 1024  # of the parameters and of what an optimizer keeps for each of them, about so many times as large:
COPIES = 10
MODEL_LANES = 8  # of a model, whose batches and activations take the room
MODEL_WORK = 2_000_000  # of a tile's step: larger models go alone
LANE_WORK = 20  # the work that a step of a lane costs beside its parameters'
BLOCK_WORK = 1_000_000_000  # of a block: some tenths of a second
FEWEST = 4  # tiles of a block, where there are so many: none of a few processors stays idle
ACCELERATED = 100  # so many times as large is a block that an accelerator computes,
ENOUGH = 4  # at least so many times what is worth it in each step,
MOMENT = 2_048  # and so many steps of it come between two words of progress, however little work they are
STATUSES = (Status.RUNNING, Status.FINISHED, Status.DIVERGED, Status.NOT_A_NUMBER, Status.CANCELLED)
RUNNING, FINISHED, DIVERGED, NOT_A_NUMBER, CANCELLED = range(5)
NO_LANE = -1


@dataclass(frozen=True, eq=False)
class Group:
    """The runs of a contender that one program computes.

    Attributes:
      contender: its place.
      experiment: what they run, but for what differs.
      cells: where the lanes stand in the contender's grid without seeds, flat; those of a search several in a row.
      lanes: what differs, by the names of `lanes`: (lanes, ...).
      seeds: as many as change anything.
      tries: what a search tries in each lane; None without.
      task: of the first seed, with the program.
      width: lanes of a tile.
      accelerated: whether blocks are cut for an accelerator.
    """

    contender: int
    experiment: Experiment
    cells: Int[np.ndarray, " lanes"]
    lanes: Mapping[str, np.ndarray]
    seeds: tuple[int, ...]
    tries: np.ndarray | None
    task: PreparedRun
    width: int
    accelerated: bool

    @property
    def learns(self) -> bool:
        return self.experiment.definition.learning is not None

    @property
    def steps(self) -> int:
        """Of a run: those that the loop takes. The last of a function only looks at where the run has got."""
        return self.experiment.steps + (not self.learns)

    @cached_property
    def runs(self) -> Int[np.ndarray, "tiles width"]:
        """Which run every lane of every tile is, seeds first; `NO_LANE` where there is none.

        The seeds of a function are side by side in a tile; those of a model have other examples, and so tiles of their own.
        """
        each = len(self.cells)
        whole = np.arange(len(self.seeds) * each).reshape((len(self.seeds), each) if self.learns else (1, -1))
        padded = -(-whole.shape[1] // self.width) * self.width
        found = np.full((len(whole), padded), NO_LANE)
        found[:, : whole.shape[1]] = whole
        return found.reshape(-1, self.width)

    @property
    def work(self) -> float:
        """Of one step of one run, in the units of `limits`."""
        learning = self.experiment.definition.learning
        return LANE_WORK + self.task.parameters * max(self.task.batch, 1) * (learning.uses if learning else 1)

    @cached_property
    def tiles(self) -> int:
        """Of a block: a power of two, so that few programs are compiled."""
        work = self.work * self.width
        wanted = max(self._block_work / (self.steps * work), FEWEST)
        if self.accelerated:
            wanted = max(wanted, ENOUGH * devices.WORTH / work)
        return 1 << math.ceil(math.log2(min(wanted, len(self.runs))))

    @cached_property
    def chunk(self) -> int:
        """Steps between two words of progress."""
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

    def work(self, block: int) -> float:
        """Of a block, in the units of `limits`."""
        found = self.blocks[block]
        group = self.groups[found.group]
        return (found.end - found.first) * group.width * group.steps * group.work


def make_plan(sweep: Sweep, upload: Dataset | None = None, *, accelerator: bool = False) -> Plan:
    """The blocks of a sweep.

    Args:
      sweep: what is run.
      upload: the data that its experiment calls its upload; needed where it does.
      accelerator: whether an accelerator is there to compute what is worth it; without, the blocks are the same on every
        machine.

    Raises:
      ExperimentError: a run, or all together, would be larger than the limits allow; or the upload is missing or does not suit.
    """
    groups = tuple(group for c in range(len(sweep.experiment.contenders)) for group in _groups(sweep, c, upload))
    if accelerator:
        groups = tuple(replace(group, accelerated=group.runs.size * group.work >= devices.WORTH) for group in groups)
    work = sum(group.runs.size * group.steps * group.work for group in groups)
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


def entry_steps(group: Group, entries: int) -> Int[np.ndarray, " entries"]:
    """After how many steps the entries of the traces stand: every so manieth, and of a function the last."""
    steps = group.experiment.steps
    found = np.arange(0, group.steps, -(-steps // max(entries - 1, 1)))
    return found if group.learns or found[-1] == steps else np.append(found, steps)


def _groups(sweep: Sweep, contender: int, upload: Dataset | None) -> Iterator[Group]:
    axes = sweep.axes_of(contender)
    shape = sweep.shape_of(contender)
    moving = [i for i, axis in enumerate(axes) if _moves(sweep.experiment, axis)]
    shaping = [i for i in range(len(axes)) if i not in moving]
    for chosen in itertools.product(*(range(shape[i]) for i in shaping)):
        experiment = sweep.experiment
        for i, value in zip(shaping, chosen, strict=True):
            experiment = placed(experiment, axes[i], axes[i].values[value])
        index = np.zeros((len(axes), math.prod(shape[i] for i in moving)), int)
        for i, value in zip(shaping, chosen, strict=True):
            index[i] = value
        for i, values in zip(moving, np.indices([shape[i] for i in moving]), strict=True):
            index[i] = values.ravel()
        cells = np.asarray(np.ravel_multi_index(tuple(index), shape)) if axes else np.zeros(1, int)
        yield _group(sweep, contender, experiment, cells, [(axes[i], index[i]) for i in moving], upload)


def _group(
    sweep: Sweep,
    contender: int,
    experiment: Experiment,
    cells: Int[np.ndarray, " cells"],
    moving: list[tuple[Axis, np.ndarray]],
    upload: Dataset | None,
) -> Group:
    who = experiment.contenders[contender]
    lanes: dict[str, np.ndarray] = {}
    start = np.tile(np.asarray(experiment.start or (), float), (len(cells), 1))
    for axis, index in moving:
        param = _param(experiment, axis)
        if axis.knob.startswith(START):
            start[:, [p.name for p in experiment.definition.start_params].index(param.name)] = np.asarray(axis.values)[index]
            lanes["start"] = start
        else:
            lanes[_name(axis)] = np.asarray([traced(param, value) for value in axis.values], _kind(param))[index]
    seeds = sweep.seeds if experiment.random else sweep.seeds[:1]
    tries = None
    if (search := OPTIMIZERS[who.optimizer].search) is not None:
        changed = [
            {axis.knob: axis.values[i[j]] for axis, i in moving if axis.contender is not None} for j in range(len(cells))
        ]
        grids = [search.grid({**who.knobs, **knobs}) for knobs in changed]
        repeat = [grid.size for grid in grids]
        cells, tries = np.repeat(cells, repeat), np.concatenate(grids)
        lanes = {name: np.repeat(values, repeat, axis=0) for name, values in lanes.items()}
        lanes[KNOB + search.knob] = tries
    task = prepare(replace(experiment, seed=seeds[0]), who, upload)
    width = _width(task, experiment, bool(sweep.entries))
    return Group(contender, experiment, cells, lanes, seeds, tries, task, width, accelerated=False)


def _moves(experiment: Experiment, axis: Axis) -> bool:
    """Whether all values of an axis go through one program, side by side."""
    if _param(experiment, axis).static:
        return False
    if axis.contender is not None or axis.knob.startswith(START) or axis.knob in ("noise_size", "noise_at"):
        return True
    # Where there is no plane, a setting may say where a run starts or what it learns from.
    return axis.knob.startswith(SETTINGS) and experiment.definition.domain is not None


def _param(experiment: Experiment, axis: Axis) -> Param:
    found = param_of(experiment, axis)
    assert found is not None  # the sweep was checked
    return found


def _name(axis: Axis) -> str:
    """What an axis is called among what differs from lane to lane."""
    if axis.contender is not None:
        return KNOB + axis.knob
    return SETTING + axis.knob.removeprefix(SETTINGS) if axis.knob.startswith(SETTINGS) else axis.knob


def _kind(param: Param) -> Any:
    return {"float": np.float64, "int": np.int32, "bool": np.bool_, "choice": np.int32}[param.kind]


def _width(task: PreparedRun, experiment: Experiment, traces: bool) -> int:
    """Lanes of a tile: from the program alone."""
    learning = experiment.definition.learning
    if learning is not None:
        fits = MODEL_WORK / (task.parameters * task.batch * learning.uses)
        return 1 << int(math.log2(min(max(fits, 1), MODEL_LANES)))
    size = 8 if experiment.precision == "float64" else 4
    fits = TILE_BYTES / (COPIES * size * task.parameters)
    return 1 << int(math.log2(min(max(fits, 1), WIDEST // 8 if traces else WIDEST)))
