"""Experiment -> Traces: one jitted loop for each contender, in chunks if it is long.

`follow` reports after every chunk; whoever takes no further report has cancelled the run. `run` and `run_contender` take all
of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

import jax
import numpy as np
from jaxtyping import Float, Int

from prodigy_core.data.datasets import Dataset
from prodigy_core.engine import devices
from prodigy_core.engine.loop import Evaluations, Record, advance, begin, compiled
from prodigy_core.engine.prepare import Chunks, PreparedRun, prepare
from prodigy_core.engine.search import tune
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.optimizers.hyperparameters import number
from prodigy_core.optimizers.traits import GridSearch, Scout, Search
from prodigy_core.progress import Progress, nothing_yet
from prodigy_core.trace import Status, Trace, Tuning, frozen, is_finite


class _Records(NamedTuple):
    """The records of some steps that are kept: their steps, and a record with an array for each number."""

    steps: Int[np.ndarray, " entries"]
    record: Record


class _Judged(NamedTuple):
    """The evaluations of some steps, and the whole positions that the budget of bytes allows."""

    steps: Int[np.ndarray, " evaluations"]
    metrics: dict[str, np.ndarray]
    snapshot_steps: Int[np.ndarray, " snapshots"]
    snapshots: Float[np.ndarray, "snapshots parameters"]


def run(experiment: Experiment, upload: Dataset | None = None) -> list[Trace]:
    """Run every contender from the same start. Divergence is a `Status` of its Trace, not an exception.

    Args:
      experiment: the experiment.
      upload: the data that the experiment calls its upload; needed if it does.

    Raises:
      ExperimentError: the run would be larger than the limits allow, or the upload is missing or does not suit.
    """
    return [run_contender(experiment, contender, upload) for contender in experiment.contenders]


def run_contender(experiment: Experiment, contender: Contender, upload: Dataset | None = None) -> Trace:
    """Run one contender, whether or not the experiment lists it. Raises as `run` does."""
    *_, last = follow(experiment, contender, upload)
    assert last.result is not None  # the last report has the whole run
    return last.result


def follow(experiment: Experiment, contender: Contender, upload: Dataset | None = None) -> Iterator[Progress[Trace | None]]:
    """`run_contender`, chunk by chunk.

    The result of a report is the run so far, with `Status.RUNNING` before the end; None during a search before the run. The
    last report has the whole run. Raises as `run` does, before the first.
    """
    prepared = prepare(experiment, contender, upload)
    inputs, search = prepared.inputs, OPTIMIZERS[contender.optimizer].search
    tuning, searched = None, 0
    if search is not None:
        searched = search.tries(contender.knobs) * prepared.steps
        for tuning in _searches(search, prepared, experiment, contender, upload):
            yield Progress(tuning.steps / (searched + prepared.steps), 0, nothing_yet)
        assert tuning is not None
        inputs = inputs._replace(knobs={**inputs.knobs, search.knob: tuning.best})
    records: tuple[_Records, ...] = ()
    judged: tuple[_Judged, ...] = ()
    carry = _call(begin, prepared, inputs)
    for at, count in prepared.chunks.ranges():
        carry, table, evaluations = _call(
            advance,
            prepared,
            carry,
            np.int32(at),
            np.int32(count),
            np.int32(prepared.chunks.eval_every),
            prepared.indices(at, count),
            inputs,
            length=prepared.chunks.length,
            evaluations=prepared.chunks.evaluations,
        )
        record = table.columns(count)
        broken = bool((~is_finite(record["loss"], record["largest"])).any())
        records = (*records, _kept(record, at, count, prepared.chunks))
        if evaluations is not None:
            judged = (*judged, _judged(evaluations, at, count, prepared.chunks))
        if at + count == prepared.steps and not broken:
            continue  # the record after the last step is a chunk of its own: one report after both
        fraction = (searched + at + count) / (searched + prepared.steps + 1)
        nbytes = sum(leaf.nbytes for leaf in jax.tree.leaves((records, judged)))
        yield Progress(fraction, nbytes, partial(_trace, prepared, records, judged, tuning), stopped=broken)
        if broken:
            return


def _searches(
    search: Search, prepared: PreparedRun, experiment: Experiment, contender: Contender, upload: Dataset | None
) -> Iterator[Tuning]:
    """Yield the search before a run, after each of its chunks; the last one is whole."""
    if isinstance(search, GridSearch):
        yield from tune(prepared, search.knob, search.grid(contender.knobs))
    if isinstance(search, Scout):
        for report in follow(experiment, Contender(search.scout), upload):
            assert report.result is not None  # a scout searches for nothing itself
            yield _scouted(search, report.result, number(contender.knobs, search.factor))


def _scouted(search: Scout, trace: Trace, factor: float) -> Tuning:
    """Return what a scout's run has come to."""
    rate = factor * float(trace.probes["D"][-1]) if trace.loss.size else float("nan")
    loss = trace.final_loss if trace.status is Status.FINISHED else np.inf
    title = OPTIMIZERS[search.scout].title
    return Tuning(search.knob, frozen(np.array([rate])), frozen(np.array([loss])), rate, trace.stopped_at, title)


def _call(function: Callable[..., Any], prepared: PreparedRun, *given: Any, **static: Any) -> Any:
    device = devices.of(prepared.work)[0]
    with devices.on(device):
        return compiled(function, prepared.program, device.platform)(*given, **static)


def _kept(record: Record, at: int, count: int, chunks: Chunks) -> _Records:
    """Return the records of a chunk that are kept: every n-th, the last one, and the first that is not finite."""
    steps = np.arange(at, at + count)
    kept = (steps % chunks.record_every == 0) | (steps == chunks.steps)
    kept[np.flatnonzero(~is_finite(record["loss"], record["largest"]))[:1]] = True
    if kept.all():  # nothing to pick out: no copy
        return _Records(steps, record)
    return _Records(steps[kept], jax.tree.map(lambda values: values[kept], record))


def _judged(evaluations: Evaluations, at: int, count: int, chunks: Chunks) -> _Judged:
    """Return the evaluations of a chunk, and every n-th of its whole positions."""
    steps = np.arange(at, at + count, chunks.eval_every)
    snapshot = (steps // chunks.eval_every) % chunks.snapshot_every == 0
    positions = np.asarray(evaluations.positions)[: steps.size]
    return _Judged(steps, evaluations.metrics.columns(steps.size), steps[snapshot], positions[snapshot])


def _trace(prepared: PreparedRun, chunks: tuple[_Records, ...], judged: tuple[_Judged, ...], tuning: Tuning | None) -> Trace:
    """Return the chunks so far as one trace, up to the first entry that is not finite."""
    steps, record = _joined(chunks)
    largest = record.pop("largest")
    broken = np.flatnonzero(~is_finite(record["loss"], largest))
    stopped_at, kept = int(steps[-1]), steps.size
    status = Status.FINISHED if stopped_at == prepared.steps else Status.RUNNING
    if broken.size:
        kept = int(broken[0])
        stopped_at = int(steps[kept])
        # Where the loss blows up, it or the position is large before anything is NaN; a sudden NaN is the optimizer's.
        status = Status.NOT_A_NUMBER if np.isnan(largest[kept]) else Status.DIVERGED
    none = np.zeros(0, int)
    at, metrics, snapshot_steps, snapshots = (
        _joined(judged) if judged else _Judged(none, {}, none, np.zeros((0, prepared.parameters)))
    )
    last = stopped_at - bool(broken.size)  # an evaluation at the broken step is broken too
    evaluated, whole = (int(np.searchsorted(where, last, side="right")) for where in (at, snapshot_steps))

    def keep(values: np.ndarray) -> np.ndarray:
        if kept < values.shape[0]:
            return frozen(values[:kept])
        values.setflags(write=False)  # joined just now: nobody else has it
        return values

    probes, vectors = (_mapped(keep, record.pop(name)) for name in ("probes", "vectors"))
    return Trace(
        steps=keep(steps),
        **{name: keep(values) for name, values in record.items()},
        projected=prepared.inputs.directions is not None,
        probes=probes,
        evaluated=frozen(at[:evaluated]),
        metrics=_mapped(lambda values: frozen(values[:evaluated]), metrics),
        snapshots=frozen(snapshots[:whole]),
        snapshot_steps=frozen(snapshot_steps[:whole]),
        status=status,
        stopped_at=stopped_at,
        tuning=tuning,
        vectors=vectors,
    )


def _mapped(function: Callable[[np.ndarray], np.ndarray], arrays: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
    return MappingProxyType({name: function(values) for name, values in arrays.items()})


def _joined(chunks: tuple[Any, ...]) -> Any:
    """Return chunks of arrays as one, in the same pytree."""
    return jax.tree.map(lambda *parts: np.concatenate(parts), *chunks)
