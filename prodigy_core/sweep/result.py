"""What a sweep leaves behind: for each contender arrays over its axes and the seeds."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from prodigy_core.sweep.block import Found
from prodigy_core.sweep.plan import FINISHED, RUNNING, STATUSES, Block, Group, Plan, entry_steps
from prodigy_core.sweep.spec import Axis, Sweep

# Of every run, beside those that a model adds ("train_loss", "validation_accuracy" ...), a search ("tuned", the value that it
# took, and "tries", how many it tried), and an optimizer that has an estimate ("D"):
METRICS = ("final_loss", "best_loss", "mean_loss", "steps_to", "distance_linf", "effective_step")
RENAMED = {"loss": "final_loss", "best": "best_loss", "mean": "mean_loss", "reached": "steps_to"}
INNER = ("objective", "status", "stopped_at")  # of what a block finds, what is no metric


@dataclass(frozen=True, eq=False)
class Grid:
    """The runs of one contender. Every array begins with the dimensions of its axes and then that of the seeds.

    Attributes:
      axes: those that concern the contender.
      seeds: of the sweep; where no seed changes anything, all have the same numbers.
      metrics: by name, float64, NaN where a run is still to come:
        "final_loss": the loss at the end, of a model over all its training examples; inf of a run that broke off.
        "best_loss": the least loss of all entries before it broke off; of a model, of a batch.
        "mean_loss": the mean of the losses of all entries, the area under the curve; inf of a run that broke off.
        "steps_to": the first number of steps with a loss within the tolerance of the minimum, of a model with a loss of at
          most the tolerance; inf where it never is.
        "D", "effective_step", "distance_linf": of the last entry that is not broken, as in a `Trace`.
      status: how each run ended, int8, a place in `STATUSES`; "RUNNING" where it is still to come.
      stopped_at: the step it ended at.
      steps: of the traces, (entries,); empty without traces.
      traces: by name ("loss", "D", "effective_step", "distance_linf", "position" with two coordinates at last), (..., entries):
        NaN from the step on at which a run broke off.
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
        """How many values the axes have, without the seeds."""
        return self.status.shape[:-1]

    @property
    def there(self) -> Bool[np.ndarray, "..."]:
        """Which runs are done, bool, of the shape of `status`."""
        return np.asarray(self.status != RUNNING)

    @property
    def broke_off(self) -> Bool[np.ndarray, "..."]:
        """Which runs diverged or became NaN, bool, of the shape of `status`."""
        return np.asarray(self.there & (self.status != FINISHED))


@dataclass(frozen=True, eq=False)
class SweepTrace:
    """A sweep's results.

    Attributes:
      sweep: what was run.
      grids: for each contender.
    """

    sweep: Sweep
    grids: tuple[Grid, ...]

    @property
    def ended(self) -> bool:
        """Whether all runs are done."""
        return all(bool(grid.there.all()) for grid in self.grids)

    def columns(self) -> dict[str, list[Any]]:
        """One row a run that is done, by column: the contender, the values of all axes (None where one does not concern it),
        the seed, the status, `stopped_at`, and every metric."""
        names = [f"{_whose(self.sweep, axis)}{axis.knob}" for axis in self.sweep.axes]
        metrics = list(dict.fromkeys(name for grid in self.grids for name in grid.metrics))
        found: dict[str, list[Any]] = {name: [] for name in ("contender", *names, "seed", "status", "stopped_at", *metrics)}
        for label, grid in zip(self.sweep.experiment.labels, self.grids, strict=True):
            for place in zip(*np.nonzero(grid.there), strict=True):
                found["contender"].append(label)
                values = dict(
                    zip(map(id, grid.axes), (axis.values[i] for axis, i in zip(grid.axes, place, strict=False)), strict=True)
                )
                for name, axis in zip(names, self.sweep.axes, strict=True):
                    found[name].append(values.get(id(axis)))
                found["seed"].append(grid.seeds[place[-1]])
                found["status"].append(STATUSES[grid.status[place]].name.lower())
                found["stopped_at"].append(int(grid.stopped_at[place]))
                for name in metrics:
                    found[name].append(float(grid.metrics[name][place]) if name in grid.metrics else None)
        return found

    def to_csv(self) -> str:
        """`columns` as text, numbers with all their digits; what is not there is empty."""
        columns = self.columns()
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
        return out.getvalue()

    def to_parquet(self) -> bytes:
        """`columns` as a Parquet file, with the sweep in its metadata as "prodigy_lab.sweep"."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        columns = {name: _uniform(values) for name, values in self.columns().items()}
        table = pa.table(columns).replace_schema_metadata({"prodigy_lab.sweep": self.sweep.to_json()})
        out = io.BytesIO()
        pq.write_table(table, out)
        return out.getvalue()

    def to_json(self) -> str:
        """The sweep and `columns`; a number that is not finite is null."""
        columns = {
            name: [None if isinstance(value, float) and not math.isfinite(value) else value for value in values]
            for name, values in self.columns().items()
        }
        return json.dumps({"sweep": json.loads(self.sweep.to_json()), "runs": columns}, allow_nan=False)


class Store:
    """Room for the results of a sweep, filled as blocks arrive."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.found: list[dict[str, np.ndarray]] = [{} for _ in plan.groups]
        self.traces: list[dict[str, np.ndarray]] = [{} for _ in plan.groups]

    @property
    def nbytes(self) -> int:
        return sum(values.nbytes for found in (*self.found, *self.traces) for values in found.values())

    def put(self, block: Block, found: Found) -> None:
        """Takes in what a block found; the same block again changes nothing."""
        group = self.plan.groups[block.group]
        runs = len(group.seeds) * len(group.cells)
        for store, arrived in ((self.found[block.group], found.metrics), (self.traces[block.group], found.traces)):
            for name, values in arrived.items():
                if name not in store:
                    whole = values.dtype.kind in "iu"
                    store[name] = np.full((runs, *values.shape[1:]), 0 if whole else np.nan, values.dtype)
                store[name][found.runs] = values

    def trace(self) -> SweepTrace:
        """What there is so far."""
        return SweepTrace(self.plan.sweep, tuple(self._grid(c) for c in range(len(self.plan.sweep.experiment.contenders))))

    def _grid(self, contender: int) -> Grid:
        sweep = self.plan.sweep
        axes, shape = sweep.axes_of(contender), sweep.shape_of(contender)
        whole = (math.prod(shape), len(sweep.seeds))
        metrics: dict[str, np.ndarray] = {}
        traces: dict[str, np.ndarray] = {}
        status, stopped_at = np.zeros(whole, np.int8), np.zeros(whole, np.int64)
        steps = np.zeros(0, int)
        for place, group in enumerate(self.plan.groups):
            if group.contender != contender or not self.found[place]:
                continue
            found, cells = _taken(group, self.found[place], self.traces[place])
            status[cells], stopped_at[cells] = found.pop("status"), found.pop("stopped_at")
            steps = entry_steps(group, sweep.entries) if sweep.entries else steps
            for name, values in found.items():
                into = traces if name.startswith(TRACE) else metrics
                room = into.setdefault(name.removeprefix(TRACE), np.full((*whole, *values.shape[2:]), np.nan))
                room[cells] = values  # the one seed of runs that are not random stands for all
        return Grid(
            axes=axes,
            seeds=sweep.seeds,
            metrics={name: _frozen(values.reshape(*shape, len(sweep.seeds))) for name, values in metrics.items()},
            status=_frozen(status.reshape(*shape, len(sweep.seeds))),
            stopped_at=_frozen(stopped_at.reshape(*shape, len(sweep.seeds))),
            steps=_frozen(steps),
            traces={name: _frozen(values.reshape(*shape, *values.shape[1:])) for name, values in traces.items()},
        )


TRACE = "trace/"  # before the name of one, among what was found


def _taken(
    group: Group, found: Mapping[str, np.ndarray], traces: Mapping[str, np.ndarray]
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """The runs of a group as (cells, seeds, ...), and their cells: of a search the best try, once all of them are there."""
    names = {**found, **{TRACE + name: values for name, values in traces.items()}}
    every = {name: values.reshape(len(group.seeds), len(group.cells), *values.shape[1:]) for name, values in names.items()}
    cells, first = np.unique(group.cells, return_index=True)
    order = np.argsort(first)
    cells, first = cells[order], first[order]
    if group.tries is None:
        taken = np.broadcast_to(first, (len(group.seeds), len(first)))
    else:
        losses = np.where(every["status"] == FINISHED, every.get("objective", every["loss"]), np.inf)
        ends = [*first[1:], len(group.cells)]
        best = [a + np.argmin(losses[:, a:b], axis=1) for a, b in zip(first, ends, strict=True)]
        taken = np.stack(best, axis=1)
    seeds = np.arange(len(group.seeds))[:, None]
    picked = {
        RENAMED.get(name, name): np.swapaxes(values[seeds, taken], 0, 1)
        for name, values in every.items()
        if name != "objective"
    }
    if group.tries is not None:
        counts = np.diff([*first, len(group.cells)])
        whole = np.minimum.reduceat(every["status"], first, axis=1).T != RUNNING
        picked["tuned"] = group.tries[taken].T
        picked["tries"] = np.broadcast_to(counts[:, None].astype(float), whole.shape)
        for name, values in picked.items():
            blank = 0 if values.dtype.kind in "iu" else np.nan
            picked[name] = np.where(whole.reshape(*whole.shape, *[1] * (values.ndim - 2)), values, blank).astype(values.dtype)
    return picked, cells


def _whose(sweep: Sweep, axis: Axis) -> str:
    """What stands before an axis's name where contenders could be mistaken for each other."""
    alike = [other for other in sweep.axes if other.knob == axis.knob]
    if axis.contender is None or len(alike) == 1:
        return ""
    return f"{sweep.experiment.contenders[axis.contender].optimizer}[{axis.contender}]."


def _uniform(values: list[Any]) -> list[Any]:
    """A column of one kind: as text where numbers and words meet, as numbers where whole ones and others do."""
    kinds = {type(value) for value in values if value is not None}
    if len(kinds) < 2:
        return values
    convert = float if kinds <= {int, float} else str
    return [None if value is None else convert(value) for value in values]


def _frozen(values: np.ndarray) -> np.ndarray:
    values = np.array(values)
    values.setflags(write=False)
    return values
