"""A sweep cut into blocks of work, the same ones wherever they are computed; and how this process computes one.

The runs of a contender that one program can compute stand in a `Group`: what differs between them is an array. A knob that
shapes the program gives a group for each of its values. A block is some tiles of a group (see `lanes`), a few tenths of a
second of work.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import jax
import numpy as np
from jaxtyping import Int

from prodigy_core import limits, schedules
from prodigy_core.axes import SETTINGS, START, Axis, Sweep, param_of, placed
from prodigy_core.experiment import Experiment, ExperimentError
from prodigy_core.lanes import KNOB, SETTING, Done, When, compiled
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.optimizers.knobs import GRADIENT
from prodigy_core.param import Fault, Param
from prodigy_core.problems.datasets import Dataset
from prodigy_core.program import PROBE, Inputs, Program, traced
from prodigy_core.rows import Rows
from prodigy_core.task import LENGTHS, Task, prepare
from prodigy_core.trace import Status

WIDEST = 512  # lanes of a tile: beyond some hundreds the loop's numbers leave the fastest cache
TILE_BYTES = 512 * 1024  # of the parameters and of what an optimizer keeps for each of them, about so many times as large:
COPIES = 10
MODEL_LANES = 8  # of a model, whose batches and activations take the room
MODEL_WORK = 2_000_000  # of a tile's step: larger models go alone
LANE_WORK = 20  # the work that a step of a lane costs beside its parameters'
BLOCK_WORK = 1_000_000_000  # of a block: some tenths of a second
FEWEST = 4  # tiles of a block, where there are so many: none of a few processors stays idle
# Structure: where such a knob stands at its default, what it would switch on is not in the program.
CONSTANT = (schedules.GROUP, GRADIENT)
NAN = math.nan  # the one object, so that equal programs are equal
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
    """

    contender: int
    experiment: Experiment
    cells: Int[np.ndarray, " lanes"]
    lanes: Mapping[str, np.ndarray]
    seeds: tuple[int, ...]
    tries: np.ndarray | None
    task: Task
    width: int

    @property
    def learns(self) -> bool:
        return self.experiment.entry.learning is not None

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
        learning = self.experiment.entry.learning
        return LANE_WORK + self.task.parameters * max(self.task.batch, 1) * (learning.uses if learning else 1)

    @cached_property
    def tiles(self) -> int:
        """Of a block: a power of two, so that few programs are compiled."""
        wanted = max(BLOCK_WORK / (self.steps * self.work * self.width), FEWEST)
        return 1 << math.ceil(math.log2(min(wanted, len(self.runs))))

    @cached_property
    def chunk(self) -> int:
        """Steps between two words of progress."""
        fits = max(1, int(2 * BLOCK_WORK / (self.tiles * self.width * self.work)))
        return min(self.steps, fits, LENGTHS[-1]) if self.learns else min(self.steps, fits)


@dataclass(frozen=True)
class Block:
    """Some tiles of a group, from `first` to before `end`."""

    group: int
    first: int
    end: int


@dataclass(frozen=True, eq=False)
class Found:
    """What a block found.

    Attributes:
      runs: which runs of the group, (runs,).
      metrics: by name, (runs,): "loss", "best", "mean", "reached" and "stopped_at" in steps, "status" as a place in
        `STATUSES`, what was noted of the last entry, and what a model was judged by.
      traces: what was kept of the runs, by name, (runs, entries) or (runs, entries, 2); empty where none was asked for.
    """

    runs: Int[np.ndarray, " runs"]
    metrics: Mapping[str, np.ndarray]
    traces: Mapping[str, np.ndarray]


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


def plan(sweep: Sweep, upload: Dataset | None = None) -> Plan:
    """The blocks of a sweep: the same ones on every machine.

    Raises:
      ExperimentError: a run, or all together, would be larger than the limits allow; or the upload is missing or does not suit.
    """
    groups = tuple(group for c in range(len(sweep.experiment.contenders)) for group in _groups(sweep, c, upload))
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


def compute(plan: Plan, block: int, upload: Dataset | None = None) -> Iterator[float | Found]:
    """Computes a block on the devices of this process: the fraction that is done, after each chunk, and what was found last."""
    wanted = plan.blocks[block]
    group, entries = plan.groups[wanted.group], plan.sweep.entries
    places = np.minimum(np.arange(wanted.first, wanted.first + group.tiles), len(group.runs) - 1)  # the last tile fills up
    runs = group.runs[places]
    lanes, inputs, program = _arguments(group, runs)
    chosen, tasks = _seeds(group, places, upload)
    every = -(-group.experiment.steps // max(entries - 1, 1))
    rows = _rows(group.chunk, every) if entries else 0
    call = compiled(program, _devices(group.tiles), rows)
    held, kept, target = None, [], _target(group.experiment)
    data = _stacked([_data(task) for task in tasks]) if group.learns else {}
    for at in range(0, group.steps, group.chunk):
        count = min(group.chunk, group.steps - at)
        seeded = dict(data)
        if group.learns and tasks[0].batch < tasks[0].examples:
            seeded["indices"] = _stacked([task.indices(at, count) for task in tasks])
        with jax.enable_x64(True):
            done: Done = call(held, lanes, chosen, seeded, inputs, When(np.int32(at), np.int32(count), target, np.int32(every)))
        if done.table is not None:
            kept.append(_table(done.table, at, count, every, group.experiment.steps))
        held = done.held
        if at + count < group.steps:
            jax.block_until_ready(held)
            yield (at + count) / group.steps
    there = (runs != NO_LANE) & (np.arange(len(places)) < wanted.end - wanted.first)[:, None]
    metrics = _metrics(done, group.experiment.steps)
    traces = {name: np.concatenate([part[name] for part in kept], axis=2) for name in kept[0]} if kept else {}
    found = {name: values[there] for name, values in metrics.items()}
    broken_at = np.where(found["status"] == FINISHED, group.steps, found["stopped_at"])
    cut = _cut({name: values[there] for name, values in traces.items()}, entry_steps(group, entries), broken_at) if kept else {}
    yield Found(runs[there], found, cut)


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
            start[:, [p.name for p in experiment.entry.start_params].index(param.name)] = np.asarray(axis.values)[index]
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
    return Group(contender, experiment, cells, lanes, seeds, tries, task, width)


def _moves(experiment: Experiment, axis: Axis) -> bool:
    """Whether all values of an axis go through one program, side by side."""
    if _param(experiment, axis).static:
        return False
    if axis.contender is not None or axis.knob.startswith(START) or axis.knob in ("noise_size", "noise_at"):
        return True
    # Where there is no plane, a setting may say where a run starts or what it learns from.
    return axis.knob.startswith(SETTINGS) and experiment.entry.domain is not None


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


def _width(task: Task, experiment: Experiment, traces: bool) -> int:
    """Lanes of a tile: from the program alone."""
    learning = experiment.entry.learning
    if learning is not None:
        fits = MODEL_WORK / (task.parameters * task.batch * learning.uses)
        return 1 << int(math.log2(min(max(fits, 1), MODEL_LANES)))
    size = 8 if experiment.precision == "float64" else 4
    fits = TILE_BYTES / (COPIES * size * task.parameters)
    return 1 << int(math.log2(min(max(fits, 1), WIDEST // 8 if traces else WIDEST)))


def _arguments(group: Group, runs: Int[np.ndarray, "tiles width"]) -> tuple[dict[str, np.ndarray], Inputs, Program]:
    """What differs from lane to lane, what does not, and the program, with the knobs that switch nothing on as constants."""
    each = len(group.cells)
    flat = np.maximum(runs, 0)
    lanes = {name: values[flat % each] for name, values in group.lanes.items()}
    start, inputs, program = group.task.inputs.start, group.task.inputs, group.task.program
    if not group.learns:
        seeds = np.asarray(group.seeds, np.uint32)
        lanes["seed"] = seeds[flat // each]
        if group.experiment.settings.get("start_spread"):
            starts = [replace(group.experiment, seed=seed).origin for seed in group.seeds]
            lanes["start"] = np.asarray(starts)[flat // each]
        if "start" in lanes:
            lanes["start"] = lanes["start"].astype(start.dtype)
    else:  # a tile without anything that differs has its width from this
        lanes["seed"] = np.zeros(runs.shape, np.uint32)
        if group.experiment.noise != "none":
            lanes["seed"] = np.asarray(group.seeds, np.uint32)[flat // each]
    knobs = group.experiment.contenders[group.contender].knobs
    params = [param for param in OPTIMIZERS[program.optimizer].params if not param.static and KNOB + param.name not in lanes]
    constant = [param for param in params if param.group in CONSTANT and knobs[param.name] == param.default]
    fixed = tuple((param.name, NAN if knobs[param.name] is None else traced(param, knobs[param.name])) for param in constant)
    left = {param.name: traced(param, knobs[param.name]) for param in params if param not in constant}
    settings = {name: value for name, value in inputs.settings.items() if SETTING + name not in lanes}
    return (
        lanes,
        inputs._replace(knobs=left, settings=settings, train=None, validation=None),
        replace(program, knobs=(*program.knobs, *fixed)),
    )


def _seeds(group: Group, places: np.ndarray, upload: Dataset | None) -> tuple[Int[np.ndarray, " tiles"], list[Task]]:
    """Which of the tasks each tile of a block has, one for a seed; always as many tasks, whatever the block."""
    if not group.learns:
        return np.zeros(len(places), np.int32), []
    per_seed = len(group.runs) // len(group.seeds)
    seeds = places // per_seed
    several = min(len(group.seeds), group.tiles // per_seed + 2)
    first = min(int(seeds[0]), len(group.seeds) - several)
    tasks = [_task(group.experiment, group.contender, seed, upload) for seed in group.seeds[first : first + several]]
    # One knows how long the batches' table is to be, the others must do as it does.
    length = next((size for size in LENGTHS if size >= group.chunk), group.chunk)
    return (seeds - first).astype(np.int32), [replace(task, length=length) for task in tasks]


@lru_cache(maxsize=32)
def _task(experiment: Experiment, contender: int, seed: int, upload: Dataset | None) -> Task:
    return prepare(replace(experiment, seed=seed), experiment.contenders[contender], upload)


def _data(task: Task) -> dict[str, Any]:
    return {"start": task.inputs.start, "train": task.inputs.train, "validation": task.inputs.validation}


def _stacked(trees: list[Any]) -> Any:
    return jax.tree.map(lambda *leaves: np.stack(leaves), *trees)


def _devices(tiles: int) -> int:
    """How many devices of this process share a block: a power of two, as the tiles are."""
    return min(tiles, 1 << int(math.log2(jax.local_device_count())))


def _target(experiment: Experiment) -> float:
    """The loss at which a run has arrived; of a model, whose minimum is not known, the tolerance itself."""
    return (experiment.entry.minimum or 0.0) + experiment.tolerance


def _metrics(done: Done, steps: int) -> dict[str, np.ndarray]:
    tally = done.tally
    found = {name.removeprefix(PROBE): np.asarray(values, float) for name, values in tally.last.items()}
    found |= {name: np.asarray(values, float) for name, values in done.found.items()}
    lived, sane, waited = (np.asarray(values, float) for values in (tally.lived, tally.sane, tally.waited))
    broken = lived <= steps  # there is an entry before each step, and one after the last
    status = np.where(broken, np.where(sane == lived, NOT_A_NUMBER, DIVERGED), FINISHED)
    found["best"] = np.asarray(tally.best, float)
    found["mean"] = np.where(broken, np.inf, np.asarray(tally.total, float) / (steps + 1))
    found["loss"] = np.where(broken, np.inf, found["loss"])
    found["reached"] = np.where(waited <= steps, waited, np.inf)
    stopped_at = np.where(broken, lived, steps).astype(int)
    return {**found, "stopped_at": stopped_at, "status": status.astype(np.int8)}


def _rows(chunk: int, every: int) -> int:
    """Room for the entries that a chunk keeps, rounded up to a power of two."""
    return 1 << math.ceil(math.log2(-(-chunk // every) + 2))


def _table(table: Rows, at: int, count: int, every: int, steps: int) -> dict[str, np.ndarray]:
    """The entries that a chunk kept, by name: (tiles, width, entries) or (tiles, width, entries, 2)."""
    first, last = -(-at // every), (at + count - 1) // every
    kept = last - first + 1 + (at + count > steps and steps % every != 0)
    values = np.asarray(table.values)[:, :, :kept]
    ends = np.cumsum([width for _, width in table.layout])
    parts = np.split(values, ends[:-1], axis=-1)
    names = (name.removeprefix(PROBE) for name, _ in table.layout)
    return {name: part[..., 0] if part.shape[-1] == 1 else part for name, part in zip(names, parts, strict=True)}


def _cut(traces: dict[str, np.ndarray], steps: Int[np.ndarray, " entries"], broken_at: np.ndarray) -> dict[str, np.ndarray]:
    """The traces with NaN from where a run broke off."""
    gone = steps >= broken_at[:, None]
    for values in traces.values():
        values[gone] = np.nan
    return traces
