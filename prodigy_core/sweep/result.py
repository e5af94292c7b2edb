"""The results of a sweep: for each contender arrays over its axes and the seeds."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from prodigy_core.sweep.block import BlockResult
from prodigy_core.sweep.plan import Block, Group, Plan, entry_steps
from prodigy_core.sweep.spec import Axis, Sweep
from prodigy_core.table import csv_text
from prodigy_core.trace import FINISHED, RUNNING, STATUSES, array_bytes, frozen


@dataclass(frozen=True, eq=False)
class Grid:
    """The runs of one contender. Every array begins with the dimensions of its axes and then that of the seeds.

    Attributes:
      axes: the axes that concern the contender.
      seeds: of the sweep; where no seed changes anything, all have the same numbers.
      metrics: by name, float64, NaN of a run that is still to come:
        "final_loss": the loss at the end, of a model over all its training examples; inf of a run that broke off.
        "best_loss": the least loss of all entries before it broke off; of a model, of a batch.
        "mean_loss": the mean of the losses of all entries, the area under the curve; inf of a run that broke off.
        "steps_to": the first number of steps with a loss within the tolerance of the minimum, of a model with a loss of at
          most the tolerance; inf if there is none.
        "D", "effective_step", "distance_linf": of the last entry that is finite, as in a `Trace`.
        A model adds its evaluation ("train_loss", "validation_accuracy" ...), a search "tuned", the value that it took, and
        "tries", their number.
      status: how each run ended, int8, a place in `STATUSES`; "RUNNING" of a run that is still to come.
      stopped_at: the step it ended at.
      steps: steps of the traces, (entries,); empty without traces.
      traces: by name ("loss", "D", "effective_step", "distance_linf", "position" with a last axis of two coordinates),
        (..., entries): NaN from the step on at which a run broke off.
    """

    axes: tuple[Axis, ...]
    seeds: tuple[int, ...]
    metrics: Mapping[str, Float[np.ndarray, "..."]]
    status: Int[np.ndarray, "..."]
    stopped_at: Int[np.ndarray, "..."]
    steps: Int[np.ndarray, " entries"]
    traces: Mapping[str, Float[np.ndarray, "..."]]

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of values of each axis, without the seeds."""
        return self.status.shape[:-1]

    @property
    def there(self) -> Bool[np.ndarray, "..."]:
        """Whether each run is done, bool, of the shape of `status`."""
        return np.asarray(self.status != RUNNING)

    @property
    def broke_off(self) -> Bool[np.ndarray, "..."]:
        """Whether each run diverged or became NaN, bool, of the shape of `status`."""
        return np.asarray(self.there & (self.status != FINISHED))


@dataclass(frozen=True, eq=False)
class SweepTrace:
    """A sweep's results.

    Attributes:
      sweep: the sweep.
      grids: the results of each contender.
    """

    sweep: Sweep
    grids: tuple[Grid, ...]

    @property
    def ended(self) -> bool:
        """Whether all runs are done."""
        return all(bool(grid.there.all()) for grid in self.grids)

    def columns(self) -> dict[str, list[Any]]:
        """Return a table with one row for each run that is done, by column: the contender, the values of all axes (None of one
        that does not concern it), the seed, the status, `stopped_at`, and every metric."""
        names = [f"{_owner_prefix(self.sweep, axis)}{axis.knob}" for axis in self.sweep.axes]
        metrics = list(dict.fromkeys(name for grid in self.grids for name in grid.metrics))
        table: dict[str, list[Any]] = {name: [] for name in ("contender", *names, "seed", "status", "stopped_at", *metrics)}
        for label, grid in zip(self.sweep.labels, self.grids, strict=True):
            for place in zip(*np.nonzero(grid.there), strict=True):
                table["contender"].append(label)
                values = dict(
                    zip(map(id, grid.axes), (axis.values[i] for axis, i in zip(grid.axes, place, strict=False)), strict=True)
                )
                for name, axis in zip(names, self.sweep.axes, strict=True):
                    table[name].append(values.get(id(axis)))
                table["seed"].append(grid.seeds[place[-1]])
                table["status"].append(STATUSES[grid.status[place]].name.lower())
                table["stopped_at"].append(int(grid.stopped_at[place]))
                for name in metrics:
                    table[name].append(float(grid.metrics[name][place]) if name in grid.metrics else None)
        return table

    def to_csv(self) -> str:
        """Return `columns` as text, numbers with all their digits; a missing value is empty."""
        return csv_text(self.columns())

    def to_parquet(self) -> bytes:
        """Return `columns` as a Parquet file, with the sweep in its metadata as "prodigy_lab.sweep"."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        columns = {name: _uniform(values) for name, values in self.columns().items()}
        table = pa.table(columns).replace_schema_metadata({"prodigy_lab.sweep": self.sweep.to_json()})
        out = io.BytesIO()
        pq.write_table(table, out)
        return out.getvalue()

    def to_json(self) -> str:
        """Return the sweep and `columns` as JSON; a number that is not finite is null."""
        columns = {
            name: [None if isinstance(value, float) and not math.isfinite(value) else value for value in values]
            for name, values in self.columns().items()
        }
        return json.dumps({"sweep": json.loads(self.sweep.to_json()), "runs": columns}, allow_nan=False)


class Store:
    """Room for the results of a sweep, filled as blocks arrive."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._results: list[BlockResult | None] = [None] * len(plan.groups)

    @property
    def nbytes(self) -> int:
        """Memory of all results so far, in bytes."""
        return sum(array_bytes(result) for result in self._results)

    def put(self, block: Block, result: BlockResult) -> None:
        """Take in the result of a block; the same block again changes nothing."""
        group, room = self.plan.groups[block.group], self._results[block.group]
        if room is None:
            room = self._results[block.group] = _room(len(group.seeds) * len(group.cells), result)
        for name in ("status", "stopped_at", "objective"):
            getattr(room, name)[result.runs] = getattr(result, name)
        for arrays, arrived in ((room.metrics, result.metrics), (room.traces, result.traces)):
            for name, values in arrived.items():
                arrays[name][result.runs] = values

    def trace(self) -> SweepTrace:
        """Return the results so far."""
        return SweepTrace(self.plan.sweep, tuple(self._grid(c) for c in range(len(self.plan.sweep.experiment.contenders))))

    def _grid(self, contender: int) -> Grid:
        sweep = self.plan.sweep
        axes, shape = sweep.axes_of(contender), sweep.shape_of(contender)
        cells_and_seeds = (math.prod(shape), len(sweep.seeds))
        metrics: dict[str, np.ndarray] = {}
        traces: dict[str, np.ndarray] = {}
        status, stopped_at = np.zeros(cells_and_seeds, np.int8), np.zeros(cells_and_seeds, np.int64)
        steps = np.zeros(0, int)
        for group, result in zip(self.plan.groups, self._results, strict=True):
            if group.contender != contender or result is None:
                continue
            cells, chosen = _by_cell(group, result)
            status[cells], stopped_at[cells] = chosen.status, chosen.stopped_at
            steps = entry_steps(group, sweep.entries) if sweep.entries else steps
            for arrays, arrived in ((metrics, chosen.metrics), (traces, chosen.traces)):
                for name, values in arrived.items():
                    room = arrays.setdefault(name, np.full((*cells_and_seeds, *values.shape[2:]), np.nan))
                    room[cells] = values  # the one seed of runs that are not random stands for all
        return Grid(
            axes=axes,
            seeds=sweep.seeds,
            metrics={name: frozen(values.reshape(*shape, len(sweep.seeds))) for name, values in metrics.items()},
            status=frozen(status.reshape(*shape, len(sweep.seeds))),
            stopped_at=frozen(stopped_at.reshape(*shape, len(sweep.seeds))),
            steps=frozen(steps),
            traces={name: frozen(values.reshape(*shape, *values.shape[1:])) for name, values in traces.items()},
        )


def _room(runs: int, like: BlockResult) -> BlockResult:
    """Return a result for all runs of a group, none of which is there: counts 0, numbers NaN."""

    def empty(values: np.ndarray) -> np.ndarray:
        return np.full((runs, *values.shape[1:]), 0 if values.dtype.kind in "iu" else np.nan, values.dtype)

    return BlockResult(
        runs=np.arange(runs),
        metrics={name: empty(values) for name, values in like.metrics.items()},
        status=empty(like.status),
        stopped_at=empty(like.stopped_at),
        objective=empty(like.objective),
        traces={name: empty(values) for name, values in like.traces.items()},
    )


def _by_cell(group: Group, result: BlockResult) -> tuple[Int[np.ndarray, " cells"], BlockResult]:
    """Return the cells of a group, and its runs as arrays (cells, seeds, ...): of a search the best try, once all are there."""
    seeds = len(group.seeds)
    cells, first = np.unique(group.cells, return_index=True)
    order = np.argsort(first)
    cells, first = cells[order], first[order]
    ends = np.append(first[1:], len(group.cells))
    objective, status = (values.reshape(seeds, -1) for values in (result.objective, result.status))
    if group.tries is None:
        best = np.broadcast_to(first, (seeds, len(first)))
    else:
        losses = np.where(status == FINISHED, objective, np.inf)
        best = np.stack([a + np.argmin(losses[:, a:b], axis=1) for a, b in zip(first, ends, strict=True)], axis=1)
    there = np.minimum.reduceat(status, first, axis=1).T != RUNNING

    def pick(values: np.ndarray) -> np.ndarray:
        picked = np.swapaxes(values.reshape(seeds, -1, *values.shape[1:])[np.arange(seeds)[:, None], best], 0, 1)
        blank = 0 if values.dtype.kind in "iu" else np.nan
        shape = (*there.shape, *[1] * (picked.ndim - 2))
        return np.where(there.reshape(shape), picked, blank).astype(values.dtype)

    metrics = {name: pick(values) for name, values in result.metrics.items()}
    if group.tries is not None:
        metrics["tuned"] = np.where(there, group.tries[best].T, np.nan)
        metrics["tries"] = np.where(there, (ends - first)[:, None].astype(float), np.nan)
    return cells, BlockResult(
        runs=cells,
        metrics=metrics,
        status=pick(result.status),
        stopped_at=pick(result.stopped_at),
        objective=pick(result.objective),
        traces={name: pick(values) for name, values in result.traces.items()},
    )


def _owner_prefix(sweep: Sweep, axis: Axis) -> str:
    """Return the prefix of an axis's column: its contender where several axes have the same name, else ""."""
    alike = [other for other in sweep.axes if other.knob == axis.knob]
    if axis.contender is None or len(alike) == 1:
        return ""
    return f"{sweep.experiment.contenders[axis.contender].optimizer}[{axis.contender}]."


def _uniform(values: list[Any]) -> list[Any]:
    """Return a column of one type: text where numbers and words meet, floats where whole and other numbers do."""
    kinds = {type(value) for value in values if value is not None}
    if len(kinds) < 2:
        return values
    convert = float if kinds <= {int, float} else str
    return [None if value is None else convert(value) for value in values]
