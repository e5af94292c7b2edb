"""The runs of one tile: what differs between them, their state, and their steps, side by side in one vectorised loop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from prodigy_core.engine import quantities
from prodigy_core.engine.loop import Carry, Inputs, Loop, Record, StaticSpec
from prodigy_core.engine.quantities import StepView
from prodigy_core.engine.recorder import Recorder
from prodigy_core.engine.running_metrics import RunningMetrics
from prodigy_core.engine.weak import weak
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.optimizers.transformations import at_least_float32
from prodigy_core.problems import find

STRONG = ("start", "seed", "directions")  # fields of `Inputs` that keep their dtype; numbers are weakly typed


class PerRun(NamedTuple):
    """What differs between runs, by name: hyperparameters, settings and fields of `Inputs`.

    Each is an array of shape (tiles, width, ...), or a pytree of those.
    """

    knobs: dict[str, Any]
    settings: dict[str, Any]
    fields: dict[str, Any]


class StepRange(NamedTuple):
    """The steps of a call.

    Attributes:
      at: number of the first step.
      count: number of steps.
      target: the loss whose step is noted.
      every: every n-th entry is kept, counted from step 0, and the one after the last step, if there is a table.
    """

    at: Any
    count: Any
    target: Any
    every: Any

    def row(self, i: Any, steps: Any, rows: int) -> Any:
        """Return the row of the entry before the call's step i; `rows`, a row that is not read, if it is not kept."""
        k = self.at + i
        first = (self.at + self.every - 1) // self.every
        return jnp.where((k % self.every == 0) | (k == steps), (k + self.every - 1) // self.every - first, rows)


class LoopState(NamedTuple):
    """The state of runs between two calls: arrays of shape (tiles, width, ...), integers of shape (tiles, ...).

    Integers count steps, and are the same for all runs of a tile: powers of one are taken once and not once a run.
    """

    carry: Carry
    metrics: RunningMetrics


class StepResult(NamedTuple):
    """The result of a call, every array of shape (tiles, width, ...) but for the integers of `LoopState`.

    Attributes:
      state: the state of the runs.
      metrics: their metrics; of a model with an entry after its last step, on all its data.
      evaluation: a model's metrics on all its data, of `Loop.evaluate`, and the "objective"; empty for a function.
      table: the traced quantities of the entries that are kept, and a row that is not read; None without rows.
    """

    state: LoopState
    metrics: RunningMetrics
    evaluation: dict[str, Float[Array, "tiles width"]]
    table: Recorder | None


def begin_tile(
    program: StaticSpec, losses_alone: bool, per_run: PerRun, of_seed: Mapping[str, Any], inputs: Inputs
) -> LoopState:
    tile = _Tile(program, losses_alone, per_run, of_seed, inputs)
    state: LoopState = jax.vmap(tile.first)(per_run)
    first: LoopState = jax.tree.map(lambda leaf, axis: leaf[0] if axis is None else leaf, state, _axes(state))
    return first


def advance_tile(
    program: StaticSpec,
    losses_alone: bool,
    rows: int,
    per_tile: tuple[LoopState, PerRun],
    of_seed: Mapping[str, Any],
    shared: tuple[Inputs, StepRange],
) -> StepResult:
    state, per_run = per_tile
    inputs, steps = shared
    tile = _Tile(program, losses_alone, per_run, of_seed, inputs)
    table = _room(state.metrics, rows) if rows else None
    state, table = jax.lax.fori_loop(0, steps.count, partial(tile.step, steps), (state, table))
    metrics, evaluation = jax.vmap(partial(tile.end, steps), in_axes=(0, _axes(state)))(per_run, state)
    return StepResult(state, metrics, evaluation, table)


@dataclass(frozen=True)
class _Tile:
    """The runs of a tile, inside a trace. Functions of one run are vmapped over `per_run`."""

    program: StaticSpec
    losses_alone: bool
    per_run: PerRun
    of_seed: Mapping[str, Any]
    inputs: Inputs

    def loop(self, values: PerRun) -> Loop:
        """Return the loop of the run with these values."""
        inputs = with_values(self.inputs, values, self.of_seed)
        if _takes_apart(self.program):
            inputs = inputs._replace(start=(inputs.start[0], inputs.start[1]))
        return Loop(self.program, inputs)

    def first(self, values: PerRun) -> LoopState:
        """Return the state of one run before its first step."""
        loop = self.loop(values)
        carry = loop.first()
        names = ("loss",) if self.losses_alone else quantities.final_names(loop.probes(carry, jnp.int32(0)))
        dtype = jnp.result_type(*jax.tree.leaves(at_least_float32(carry.params)))
        return LoopState(carry, RunningMetrics.empty(names, dtype))

    def step(self, steps: StepRange, i: Any, carried: tuple[LoopState, Recorder | None]) -> tuple[LoopState, Recorder | None]:
        """Take the call's i-th step of all runs.

        The vmap stands inside the fori_loop: outside, JAX retraces the body until the batched carry is a fixed point.
        """
        axes = _axes(carried[0])
        one = partial(self.step_of_one, steps, i)
        after: tuple[LoopState, Recorder | None]
        after = jax.vmap(one, in_axes=(0, axes, 0), out_axes=(axes, 0))(self.per_run, *carried)
        return after

    def step_of_one(
        self, steps: StepRange, i: Any, values: PerRun, state: LoopState, table: Recorder | None
    ) -> tuple[LoopState, Recorder | None]:
        """Take the call's i-th step of one run."""
        loop, k = self.loop(values), steps.at + i
        batch = self.of_seed["indices"][i] if "indices" in self.of_seed else None
        carry, record = loop.step(state.carry, k, batch)
        if table is not None:
            row = steps.row(i, loop.inputs.steps, table.values.shape[0] - 1)
            table = table.put(row, quantities.named(quantities.traced_shapes(state.metrics.last), record))
        return LoopState(carry, state.metrics.with_entry(record, k, steps.target)), table

    def end(self, steps: StepRange, values: PerRun, state: LoopState) -> tuple[RunningMetrics, dict[str, Any]]:
        """Return the metrics of one run where a call ends; of a model with an entry on all its data, and its evaluation."""
        loop = self.loop(values)
        if loop.problem.learning is None:
            return state.metrics, {}
        k = steps.at + steps.count
        record, evaluation = (_closing_loss if self.losses_alone else _closing)(loop, state.carry, k)
        return state.metrics.with_entry(record, k, steps.target), evaluation


def _axes(state: LoopState) -> Any:
    """Return the axis of a tile's runs in each leaf; None of an integer, which counts steps, the same for all of them."""
    return jax.tree.map(lambda leaf: None if jnp.issubdtype(leaf.dtype, jnp.integer) else 0, state)


def _takes_apart(program: StaticSpec) -> bool:
    """Whether a tile has the two coordinates of the plane as two leaves.

    As one leaf they would be an array whose rows are two numbers short, which suits no processor's vectors: two leaves take
    half the time. A layer-wise optimizer would be another one with two leaves. Noise is drawn leaf by leaf, and so would be
    another one than that of the race.
    """
    planar = find(program.problem, program.formula).domain is not None
    return planar and program.noise == "none" and not OPTIMIZERS[program.optimizer].by_layers(dict(program.knobs))


def _room(metrics: RunningMetrics, rows: int) -> Recorder:
    """Return tables for so many entries of each run, and a row for those that are not kept."""
    shapes = quantities.traced_shapes(metrics.last)
    empty = Recorder.empty(rows + 1, {name: jax.ShapeDtypeStruct(shape, metrics.best.dtype) for name, shape in shapes.items()})
    room: Recorder = jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (*metrics.best.shape, *leaf.shape)), empty)
    return room


def _closing(loop: Loop, carry: Carry, k: Any) -> tuple[Record, dict[str, Any]]:
    """Return a model's record after its last step, with the loss on all its examples; and its evaluation."""
    place = loop.evaluation_params(carry)
    evaluation, _ = loop.evaluate(carry)
    evaluation["objective"] = loop.objective(place, loop.inputs.train)
    view = StepView(evaluation["train_loss"], place, loop.travelled(place), None, None, loop.inputs.directions)
    return {"largest": quantities.largest(place), **quantities.closing(view), "probes": loop.probes(carry, k)}, evaluation


def _closing_loss(loop: Loop, carry: Carry, k: Any) -> tuple[Record, dict[str, Any]]:
    """Return what `_closing` does of the objective alone."""
    place = loop.evaluation_params(carry)
    objective = loop.objective(place, loop.inputs.train)
    return {"largest": quantities.largest(place), "loss": objective}, {"objective": objective}


def with_values(inputs: Inputs, values: PerRun, of_seed: Mapping[str, Any]) -> Inputs:
    """Return the inputs of one run: those that all share, with the values of its seed and its own."""
    fields = {name: of_seed[name] for name in ("start", "train", "validation") if name in of_seed}
    fields |= {name: value if name in STRONG else weak(value) for name, value in values.fields.items()}
    return inputs._replace(
        knobs={**inputs.knobs, **{name: weak(value) for name, value in values.knobs.items()}},
        settings={**inputs.settings, **{name: weak(value) for name, value in values.settings.items()}},
        **fields,
    )
