"""The computation of a block of a sweep in this process: the values of its runs in, metrics and traces out."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

import jax
import numpy as np
from jaxtyping import Bool, Float, Int

from prodigy_core import schedules
from prodigy_core.data.datasets import Dataset
from prodigy_core.engine import devices
from prodigy_core.engine.batch import advance, begin, compiled
from prodigy_core.engine.loop import Inputs, StaticSpec, traced
from prodigy_core.engine.prepare import PreparedRun, prepare, room_for
from prodigy_core.engine.recorder import Recorder
from prodigy_core.engine.running_metrics import RunningMetrics
from prodigy_core.engine.tile import PerRun, StepRange, StepResult
from prodigy_core.experiment import Experiment
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.optimizers.hyperparameters import GRADIENT, number
from prodigy_core.optimizers.traits import Scout
from prodigy_core.sweep.metrics import Ending, metrics_of
from prodigy_core.sweep.plan import NO_RUN, Group, Plan, entry_every, entry_steps
from prodigy_core.trace import DIVERGED, FINISHED, NOT_A_NUMBER

# Groups of hyperparameters that are constants of a program at their defaults: what they switch on is then not in the program.
CONSTANT = (schedules.GROUP, GRADIENT)
NAN = math.nan  # one shared nan: tuples compare by identity first, and nan != nan


@dataclass(frozen=True, eq=False)
class BlockResult:
    """The result of a block.

    Attributes:
      runs: the numbers of its runs in the group.
      metrics: the metrics of `sweep.metrics`, by name.
      status: how each run ended, a place in `STATUSES`.
      stopped_at: the step it ended at.
      objective: the loss by which a search chooses among its tries; inf of a run that broke off.
      traces: the traced quantities, by name, (runs, entries) or (runs, entries, 2); empty where no traces are asked for.
    """

    runs: Int[np.ndarray, " runs"]
    metrics: Mapping[str, Float[np.ndarray, " runs"]]
    status: Int[np.ndarray, " runs"]
    stopped_at: Int[np.ndarray, " runs"]
    objective: Float[np.ndarray, " runs"]
    traces: Mapping[str, Float[np.ndarray, "runs entries *coordinates"]]


def compute(plan: Plan, number: int, upload: Dataset | None = None) -> Iterator[float | BlockResult]:
    """Compute a block on the devices of this process: yield the fraction that is done after each chunk, and last the result."""
    block = plan.blocks[number]
    group, entries = plan.groups[block.group], plan.sweep.entries
    places = np.minimum(np.arange(block.first, block.first + group.tiles), len(group.runs) - 1)  # the last tile is repeated
    runs = group.runs[places]
    there = (runs != NO_RUN) & (np.arange(len(places)) < block.end - block.first)[:, None]
    found: dict[str, np.ndarray] = {}
    tuned: dict[str, np.ndarray] = {}
    if group.scout is not None:
        result = yield from _advanced(group.scout, places, {}, 0, upload, 0.0, 1 / group.passes)
        found = _scouted(group, runs, result.last)
        tuned = {"tuned": next(iter(found.values()))[there], "tries": np.ones(int(there.sum()))}
    result = yield from _advanced(group, places, found, entries, upload, 1 - 1 / group.passes, 1 / group.passes)
    yield _result(group, runs, there, result, tuned, entries)


class _Advanced(NamedTuple):
    """The runs of a block at their end: the result of the last call, and the entries that each call kept."""

    last: StepResult
    tables: list[dict[str, np.ndarray]]


def _advanced(
    group: Group,
    places: Int[np.ndarray, " tiles"],
    found: Mapping[str, np.ndarray],
    entries: int,
    upload: Dataset | None,
    before: float,
    share_of_all: float,
) -> Generator[float, None, _Advanced]:
    """Take all steps of the runs of some tiles. Yield the fraction of the block that is done, after each chunk but the last.

    Args:
      group: the group.
      places: the tiles.
      found: hyperparameters that runs before have found, by name, (tiles, width).
      entries: the number of entries to keep of each run.
      upload: the data that the experiment calls its upload.
      before, share_of_all: the fraction that was done before, and that of all these steps.
    """
    runs = group.runs[places]
    batch, prepared_runs = _batch(group, runs, places, found, upload)
    share = _devices(group)
    every = entry_every(group.experiment, entries)
    target, tables = _target(group.experiment), []
    call = compiled(advance, batch.program, share, rows=_rows(group.chunk, every) if entries else 0)
    with devices.on(share[0]):
        state = compiled(begin, batch.program, share)(batch.per_run, batch.seed_of_tile, batch.per_seed, batch.inputs)
    for at in range(0, group.steps, group.chunk):
        count = min(group.chunk, group.steps - at)
        per_seed = dict(batch.per_seed)
        if group.learns and prepared_runs[0].batches.size < prepared_runs[0].batches.examples:
            per_seed["indices"] = _stacked(
                [prepared.batches.indices(at, count, room_for(group.chunk)) for prepared in prepared_runs]
            )
        steps = StepRange(np.int32(at), np.int32(count), target, np.int32(every))
        with devices.on(share[0]):
            result: StepResult = call(state, batch.per_run, batch.seed_of_tile, per_seed, batch.inputs, steps)
        if result.table is not None:
            tables.append(_kept(result.table, at, count, every, group.experiment.steps))
        state = result.state
        if at + count < group.steps:
            jax.block_until_ready(state)
            yield before + share_of_all * (at + count) / group.steps
    return _Advanced(result, tables)


def _scouted(group: Group, runs: Int[np.ndarray, "tiles width"], result: StepResult) -> dict[str, np.ndarray]:
    """Return the hyperparameter that each run takes from its scout's last D, by name."""
    optimizer = OPTIMIZERS[group.prepared.program.optimizer]
    assert isinstance(optimizer.search, Scout)
    knobs = group.experiment.contenders[group.contender].knobs
    factor = _per_run(group, runs).knobs.get(optimizer.search.factor, number(knobs, optimizer.search.factor))
    return {optimizer.search.knob: factor * np.asarray(result.metrics.last["D"], float)}


class _Batch(NamedTuple):
    """The arguments of `engine.batch` for the runs of a block."""

    per_run: PerRun
    seed_of_tile: Int[np.ndarray, " tiles"]
    per_seed: dict[str, Any]
    inputs: Inputs
    program: StaticSpec


def _batch(
    group: Group,
    runs: Int[np.ndarray, "tiles width"],
    places: Int[np.ndarray, " tiles"],
    found: Mapping[str, np.ndarray],
    upload: Dataset | None,
) -> tuple[_Batch, list[PreparedRun]]:
    """Return the arguments of a block, and a model's prepared run of each of its seeds."""
    seed_of_tile, prepared_runs = _seeds(group, places, upload)
    names = ("start", "train", "validation") if group.learns else ()
    per_seed = {name: _stacked([getattr(prepared.inputs, name) for prepared in prepared_runs]) for name in names}
    per_run = _per_run(group, runs)
    per_run = per_run._replace(knobs={**per_run.knobs, **found})
    inputs, program = _shared(group, per_run)
    return _Batch(per_run, seed_of_tile, per_seed, inputs, program), prepared_runs


def _per_run(group: Group, runs: Int[np.ndarray, "tiles width"]) -> PerRun:
    """Return what differs between the runs of a block."""
    numbers = np.maximum(runs, 0)
    seed, cell = np.divmod(numbers, len(group.cells))
    values: PerRun = jax.tree.map(lambda array: array[cell], group.per_run)
    fields, seeds = dict(values.fields), np.asarray(group.seeds, np.uint32)
    if group.learns:  # a tile in which nothing differs has its width from this
        fields["seed"] = seeds[seed] if group.experiment.noise != "none" else np.zeros(runs.shape, np.uint32)
        return values._replace(fields=fields)
    fields["seed"] = seeds[seed]
    if group.experiment.settings.get("start_spread"):  # each start has another way to the minimiser
        each = [_prepared(group.experiment, group.contender, number, None).inputs for number in group.seeds]
        starts, directions = _stacked([(inputs.start, inputs.directions) for inputs in each])
        fields["start"] = starts[seed]
        fields["directions"] = jax.tree.map(lambda leaf: leaf[seed], directions)
    if "start" in fields:
        fields["start"] = fields["start"].astype(group.prepared.inputs.start.dtype)
    return values._replace(fields=fields)


def _shared(group: Group, per_run: PerRun) -> tuple[Inputs, StaticSpec]:
    """Return what all runs share, and the program: hyperparameters that switch nothing on are constants of it."""
    inputs, program = group.prepared.inputs, group.prepared.program
    knobs = group.experiment.contenders[group.contender].knobs
    params = [param for param in OPTIMIZERS[program.optimizer].params if not param.static and param.name not in per_run.knobs]
    constant = [param for param in params if param.group in CONSTANT and knobs[param.name] == param.default]
    fixed = tuple((param.name, NAN if knobs[param.name] is None else traced(param, knobs[param.name])) for param in constant)
    left = {param.name: traced(param, knobs[param.name]) for param in params if param not in constant}
    settings = {name: value for name, value in inputs.settings.items() if name not in per_run.settings}
    shared = inputs._replace(knobs=left, settings=settings, train=None, validation=None)
    return shared, replace(program, knobs=(*program.knobs, *fixed))


def _seeds(group: Group, places: np.ndarray, upload: Dataset | None) -> tuple[Int[np.ndarray, " tiles"], list[PreparedRun]]:
    """Return a model's prepared runs, one a seed, and the place of each tile's; as many for every block."""
    if not group.learns:
        return np.zeros(len(places), np.int32), []
    tiles_of_seed = len(group.runs) // len(group.seeds)
    seeds = places // tiles_of_seed
    several = min(len(group.seeds), group.tiles // tiles_of_seed + 2)
    first = min(int(seeds[0]), len(group.seeds) - several)
    prepared_runs = [
        _prepared(group.experiment, group.contender, seed, upload) for seed in group.seeds[first : first + several]
    ]
    return (seeds - first).astype(np.int32), prepared_runs


@lru_cache(maxsize=32)
def _prepared(experiment: Experiment, contender: int, seed: int, upload: Dataset | None) -> PreparedRun:
    return prepare(replace(experiment, seed=seed), experiment.contenders[contender], upload)


def _stacked(trees: list[Any]) -> Any:
    return jax.tree.map(lambda *leaves: np.stack(leaves), *trees)


def _devices(group: Group) -> tuple[jax.Device, ...]:
    """Return the devices of this process that share a block: a power of two, as the tiles are."""
    suited = devices.of(group.tiles * group.width * group.work)
    return suited[: min(group.tiles, 1 << int(math.log2(len(suited))))]


def _target(experiment: Experiment) -> float:
    """Return the loss at which a run has arrived; of a model, whose minimum is not known, the tolerance itself."""
    return (experiment.definition.minimum or 0.0) + experiment.tolerance


def _result(
    group: Group,
    runs: Int[np.ndarray, "tiles width"],
    there: Bool[np.ndarray, "tiles width"],
    ended: _Advanced,
    tuned: dict[str, np.ndarray],
    entries: int,
) -> BlockResult:
    """Return the result of those runs of a block that are there, with the metrics of runs before them."""
    steps, (result, tables) = group.experiment.steps, ended
    traces = {name: np.concatenate([table[name] for table in tables], axis=2)[there] for name in tables[0]} if tables else {}
    running: RunningMetrics = jax.tree.map(lambda values: np.asarray(values, float)[there], result.metrics)
    evaluation = {name: np.asarray(values, float)[there] for name, values in result.evaluation.items()}
    broken = np.asarray(running.n_finite <= steps)  # there is an entry before each step, and one after the last
    objective = evaluation.pop("objective", running.last["loss"])
    status = np.where(broken, np.where(running.n_not_nan == running.n_finite, NOT_A_NUMBER, DIVERGED), FINISHED)
    if traces:
        broken_at = np.where(broken, running.n_finite, group.steps)
        gone = entry_steps(group, entries) >= broken_at[:, None]
        for values in traces.values():
            values[gone] = np.nan
    return BlockResult(
        runs=runs[there],
        metrics={**metrics_of(Ending(running, evaluation, steps, broken)), **tuned},
        status=status.astype(np.int8),
        stopped_at=np.where(broken, running.n_finite, steps).astype(int),
        objective=np.where(broken, np.inf, objective),
        traces=traces,
    )


def _rows(chunk: int, every: int) -> int:
    """Return room for the entries that a chunk keeps, rounded up to a power of two."""
    return 1 << math.ceil(math.log2(-(-chunk // every) + 2))


def _kept(table: Recorder, at: int, count: int, every: int, steps: int) -> dict[str, np.ndarray]:
    """Return the entries that a chunk kept, by name: (tiles, width, entries) or (tiles, width, entries, 2)."""
    first, last = -(-at // every), (at + count - 1) // every
    kept: dict[str, np.ndarray] = table.columns(last - first + 1 + (at + count > steps and steps % every != 0))
    return kept
