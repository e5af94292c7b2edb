"""How this process computes a block of a sweep: the lanes' arguments in, metrics and traces out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import jax
import numpy as np
from jaxtyping import Int

from prodigy_core import schedules
from prodigy_core.data.datasets import Dataset
from prodigy_core.engine import devices
from prodigy_core.engine.loop import PROBE, Inputs, StaticSpec, traced
from prodigy_core.engine.prepare import LENGTHS, PreparedRun, prepare
from prodigy_core.engine.recorder import Recorder
from prodigy_core.experiment import Experiment
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.optimizers.hyperparameters import GRADIENT
from prodigy_core.sweep.batch import DIRECTIONS, KNOB, SEED, SETTING, START, Done, When, advance, begin, compiled
from prodigy_core.sweep.plan import DIVERGED, FINISHED, NO_LANE, NOT_A_NUMBER, Group, Plan, entry_steps

# Structure: where such a knob stands at its default, what it would switch on is not in the program.
CONSTANT = (schedules.GROUP, GRADIENT)
NAN = math.nan  # the one object, so that equal programs are equal


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
    shared = _shared(group)
    call = compiled(advance, program, shared, rows=rows)
    kept, target = [], _target(group.experiment)
    data = _stacked([_data(task) for task in tasks]) if group.learns else {}
    with devices.on(shared[0]):
        held = compiled(begin, program, shared)(lanes, chosen, data, inputs)
    for at in range(0, group.steps, group.chunk):
        count = min(group.chunk, group.steps - at)
        seeded = dict(data)
        if group.learns and tasks[0].batch < tasks[0].examples:
            seeded["indices"] = _stacked([task.indices(at, count) for task in tasks])
        with devices.on(shared[0]):
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


def _arguments(group: Group, runs: Int[np.ndarray, "tiles width"]) -> tuple[dict[str, Any], Inputs, StaticSpec]:
    """What differs from lane to lane, what does not, and the program, with the knobs that switch nothing on as constants."""
    each = len(group.cells)
    flat = np.maximum(runs, 0)
    lanes: dict[str, Any] = {name: values[flat % each] for name, values in group.lanes.items()}
    start, inputs, program = group.task.inputs.start, group.task.inputs, group.task.program
    if not group.learns:
        seeds = np.asarray(group.seeds, np.uint32)
        lanes[SEED] = seeds[flat // each]
        if group.experiment.settings.get("start_spread"):  # from each start another way leads to the minimiser
            each_seed = [_task(group.experiment, group.contender, seed, None).inputs for seed in group.seeds]
            starts, directions = _stacked([(inputs.start, inputs.directions) for inputs in each_seed])
            lanes[START] = starts[flat // each]
            lanes[DIRECTIONS] = jax.tree.map(lambda leaf: leaf[flat // each], directions)
        if START in lanes:
            lanes[START] = lanes[START].astype(start.dtype)
    else:  # a tile without anything that differs has its width from this
        lanes[SEED] = np.zeros(runs.shape, np.uint32)
        if group.experiment.noise != "none":
            lanes[SEED] = np.asarray(group.seeds, np.uint32)[flat // each]
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


def _seeds(group: Group, places: np.ndarray, upload: Dataset | None) -> tuple[Int[np.ndarray, " tiles"], list[PreparedRun]]:
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
def _task(experiment: Experiment, contender: int, seed: int, upload: Dataset | None) -> PreparedRun:
    return prepare(replace(experiment, seed=seed), experiment.contenders[contender], upload)


def _data(task: PreparedRun) -> dict[str, Any]:
    return {"start": task.inputs.start, "train": task.inputs.train, "validation": task.inputs.validation}


def _stacked(trees: list[Any]) -> Any:
    return jax.tree.map(lambda *leaves: np.stack(leaves), *trees)


def _shared(group: Group) -> tuple[jax.Device, ...]:
    """The devices of this process that share a block: a power of two, as the tiles are."""
    found = devices.of(group.tiles * group.width * group.work)
    return found[: min(group.tiles, 1 << int(math.log2(len(found))))]


def _target(experiment: Experiment) -> float:
    """The loss at which a run has arrived; of a model, whose minimum is not known, the tolerance itself."""
    return (experiment.definition.minimum or 0.0) + experiment.tolerance


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


def _table(table: Recorder, at: int, count: int, every: int, steps: int) -> dict[str, np.ndarray]:
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
