"""Experiment -> Traces: one jitted loop for each contender, in chunks where it is long.

`follow` hands out what there is after every chunk; whoever takes no more of it has cancelled the run. `run` and
`run_contender` take all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from types import MappingProxyType
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from prodigy_core.data.datasets import Dataset
from prodigy_core.engine import devices
from prodigy_core.engine.loop import PROBE, VECTOR, Carry, advance, advance_tries, begin, begin_tries, compiled
from prodigy_core.engine.prepare import PreparedRun, prepare
from prodigy_core.engine.recorder import Recorder
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.trace import Status, Trace, Tuning

Chunks = tuple[dict[str, np.ndarray], ...]
NO_STEPS = np.zeros(0, int)
FAR = 1e12  # a parameter beyond this has left for good: starts and domains end a million times nearer


@dataclass(frozen=True)
class Progress:
    """How far a contender's run is.

    Attributes:
      fraction: of the work that is done, in [0, 1].
      result: the run so far, with `Status.RUNNING` before the end; None while a search goes on before it.
    """

    fraction: float
    make: Callable[[], Trace] | None = field(repr=False)

    @cached_property
    def result(self) -> Trace | None:
        return self.make() if self.make else None

    @property
    def nbytes(self) -> int:
        """The memory that the run so far takes, in bytes."""
        return self.result.nbytes if self.result else 0

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.fraction >= 1 or (self.result is not None and self.result.ended)


def run(experiment: Experiment, upload: Dataset | None = None) -> list[Trace]:
    """Runs every contender from the same start. Divergence is a `Status` of its Trace, not an exception.

    Args:
      experiment: what to run.
      upload: the data that the experiment calls its upload; needed where it does.

    Raises:
      ExperimentError: the run would be larger than the limits allow, or the upload is missing or does not suit.
    """
    return [run_contender(experiment, contender, upload) for contender in experiment.contenders]


def run_contender(experiment: Experiment, contender: Contender, upload: Dataset | None = None) -> Trace:
    """One contender's run of this experiment, whether or not the experiment lists it. Raises as `run` does."""
    *_, last = follow(experiment, contender, upload)
    assert last.result is not None  # the last Progress always has one
    return last.result


def follow(experiment: Experiment, contender: Contender, upload: Dataset | None = None) -> Iterator[Progress]:
    """`run_contender`, chunk by chunk. The last Progress has the whole run. Raises as `run` does, before the first."""
    task = prepare(experiment, contender, upload)
    inputs, search = task.inputs, OPTIMIZERS[contender.optimizer].search
    tuning, tried = None, 0
    if search is not None:
        values = search.grid(contender.knobs)
        tried = values.size * experiment.steps
        for tuning in _tune(task, search.knob, values):
            yield Progress(tuning.steps / (tried + experiment.steps), None)
        assert tuning is not None
        inputs = inputs._replace(knobs={**inputs.knobs, search.knob: tuning.best})
    chunks: Chunks = ()
    judged: Chunks = ()
    carry = _call(begin, task, inputs)
    for at, count in task.chunks():
        carry, rows, evaluations = _call(
            advance,
            task,
            carry,
            np.int32(at),
            np.int32(count),
            np.int32(task.every),
            task.indices(at, count),
            inputs,
            length=task.length,
            evaluations=task.evaluations,
        )
        records = rows.columns(count)
        chunks = (*chunks, _kept(records, at, count, task))
        if evaluations is not None:
            metrics, places = evaluations
            judged = (*judged, _judged(metrics, places, at, count, task))
        broken = bool(_broken(records).any())
        if at + count == experiment.steps and not broken:
            continue  # the entry after the last step is a chunk of its own, not worth a word between
        done = (tried + at + count) / (tried + experiment.steps + 1)
        yield Progress(done, partial(_trace, task, chunks, judged, tuning))
        if broken:
            return


def _tune(task: PreparedRun, knob: str, values: Float[np.ndarray, " tries"]) -> Iterator[Tuning]:
    """The search for a knob, chunk by chunk: what was found so far."""
    carry: Carry = _call(begin_tries, task, values, task.inputs, knob=knob)
    for at in range(0, task.steps, task.chunk):
        count = min(task.chunk, task.steps - at)
        carry, losses = _call(
            advance_tries,
            task,
            carry,
            values,
            np.int32(at),
            np.int32(count),
            task.indices(at, count),
            task.inputs,
            knob=knob,
        )
        losses = np.asarray(losses, float)
        losses = np.where(np.isfinite(losses), losses, np.inf)
        yield Tuning(knob, _frozen(values), _frozen(losses), float(values[losses.argmin()]), values.size * (at + count))


def _call(function: Callable[..., Any], task: PreparedRun, *given: Any, **static: Any) -> Any:
    device = devices.of(task.work)[0]
    with devices.on(device):
        return compiled(function, task.program, device.platform)(*given, **static)


def _kept(records: dict[str, np.ndarray], at: int, count: int, task: PreparedRun) -> dict[str, np.ndarray]:
    """What was recorded in a chunk, with its steps: every so manieth entry, the last one, and the first that is broken."""
    steps = np.arange(at, at + count)
    kept = (steps % task.stride == 0) | (steps == task.steps)
    kept[np.flatnonzero(_broken(records))[:1]] = True
    if kept.all():  # nothing to pick out: no copy
        return {"steps": steps, **records}
    return {"steps": steps[kept], **{name: values[kept] for name, values in records.items()}}


def _judged(metrics: Recorder, places: Any, at: int, count: int, task: PreparedRun) -> dict[str, np.ndarray]:
    """What the evaluations of a chunk found, with their steps, and the positions that the budget of bytes allows."""
    steps = np.arange(at, at + count, task.every)
    whole = (steps // task.every) % task.rarely == 0
    found = metrics.columns(steps.size)
    return {"at": steps, "snapshot": np.asarray(places)[: steps.size][whole], "snapshot_at": steps[whole], **found}


def _broken(records: dict[str, np.ndarray]) -> Bool[np.ndarray, " entries"]:
    near = records["largest"] <= FAR  # false for NaN
    return np.asarray(~(np.isfinite(records["loss"]) & near))


def _trace(task: PreparedRun, chunks: Chunks, judged: Chunks, tuning: Tuning | None) -> Trace:
    """The chunks so far as one, up to the first entry that is not finite."""
    recorded = _joined(chunks)
    steps, broken = recorded["steps"], np.flatnonzero(_broken(recorded))
    stopped_at, kept = int(steps[-1]), steps.size
    status = Status.FINISHED if stopped_at == task.steps else Status.RUNNING
    if broken.size:
        kept = int(broken[0])
        stopped_at = int(steps[kept])
        # Where the loss blows up, it or the position is large before anything is NaN; a sudden NaN is the optimizer's.
        status = Status.NOT_A_NUMBER if np.isnan(recorded["largest"][kept]) else Status.DIVERGED
    del recorded["largest"]
    found = _joined(judged) or {"at": NO_STEPS, "snapshot": np.zeros((0, task.parameters)), "snapshot_at": NO_STEPS}
    at, snapshot, snapshot_at = (found.pop(name) for name in ("at", "snapshot", "snapshot_at"))
    sane = stopped_at - bool(broken.size)  # an evaluation at the broken step is broken too
    before, whole = (int(np.searchsorted(where, sane, side="right")) for where in (at, snapshot_at))

    def keep(values: np.ndarray) -> np.ndarray:
        if kept < values.shape[0]:
            return _frozen(values[:kept])
        values.setflags(write=False)  # joined just now: nobody else has it
        return values

    def named(prefix: str) -> Mapping[str, np.ndarray]:
        found = {name: values for name, values in recorded.items() if name.startswith(prefix)}
        return MappingProxyType({name.removeprefix(prefix): keep(values) for name, values in found.items()})

    return Trace(
        **{name: keep(values) for name, values in recorded.items() if not name.startswith((PROBE, VECTOR))},
        projected=task.inputs.directions is not None,
        probes=named(PROBE),
        evaluated=_frozen(at[:before]),
        metrics=MappingProxyType({name: _frozen(values[:before]) for name, values in found.items()}),
        snapshots=_frozen(snapshot[:whole]),
        snapshot_steps=_frozen(snapshot_at[:whole]),
        status=status,
        stopped_at=stopped_at,
        tuning=tuning,
        vectors=named(VECTOR),
    )


def _joined(chunks: Chunks) -> dict[str, np.ndarray]:
    return {name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]} if chunks else {}


def _frozen(values: np.ndarray) -> np.ndarray:
    """A copy that nobody can change."""
    values = np.array(values)
    values.setflags(write=False)
    return values
