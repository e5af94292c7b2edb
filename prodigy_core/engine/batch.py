"""Many runs of one program at once, to be jitted: the loop of a run under vmap, in tiles, over this process's devices.

A tile is a fixed number of runs that go side by side in one vectorised loop, few enough for the cache; a core takes its tiles
one after the other. The width of a tile depends on the program alone, so that every run is computed by the same instructions
whatever else is computed with it. An accelerator takes all of its tiles at once, since it waits for the start of each
operation; their number may then show in the last bits of a run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.sharding import AxisType, Mesh, PartitionSpec
from jaxtyping import Array, Float, Int

from prodigy_core.engine import quantities, xla
from prodigy_core.engine.devices import accelerates
from prodigy_core.engine.loop import COMPILED, Carry, Inputs, Loop, Record, StaticSpec
from prodigy_core.engine.prepare import PreparedRun
from prodigy_core.engine.quantities import StepView
from prodigy_core.engine.recorder import Recorder
from prodigy_core.engine.running_metrics import RunningMetrics
from prodigy_core.engine.weak import weak
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.optimizers.transformations import at_least_float32
from prodigy_core.problems import find

WIDEST = 512  # runs of a tile, at most: beyond some hundreds the loop's numbers leave the fastest cache
TRACED = 8  # factor by which a tile is narrower where traces are kept
TILE_BYTES = 512 * 1024  # bytes of a tile's parameters and optimizer states
COPIES = 10  # size of a run's parameters and optimizer state together, in sizes of its parameters, about
MODEL_WIDEST = 8  # runs of a model in a tile, at most: batches and activations take the room
MODEL_WORK = 2_000_000  # work of a model's tile in a step, in the units of `limits`: larger models go alone
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


def tile_width(task: PreparedRun, *, traces: bool = False) -> int:
    """Return the number of runs of a tile, from the program alone."""
    learning = find(task.program.problem, task.program.formula).learning
    if learning is not None:
        fits = MODEL_WORK / (task.parameters * task.batches.size * learning.uses)
        return 1 << int(math.log2(min(max(fits, 1), MODEL_WIDEST)))
    size = max(leaf.dtype.itemsize for leaf in jax.tree.leaves(at_least_float32(task.inputs.start)))
    fits = TILE_BYTES / (COPIES * size * task.parameters)
    return 1 << int(math.log2(min(max(fits, 1), WIDEST // TRACED if traces else WIDEST)))


@lru_cache(maxsize=COMPILED)
def compiled(function: Callable[..., Any], program: StaticSpec, devices: tuple[jax.Device, ...], **static: Any) -> Any:
    """Return `begin` or `advance`, jitted. Call it within `devices.on` the first of these devices."""
    specialised = partial(function, program=program, devices=devices, **static)
    options = xla.options(devices[0].platform, learns=program.learns)
    return jax.jit(specialised, donate_argnames=("state",) if function is advance else (), compiler_options=options)


def begin(
    per_run: PerRun,
    seed_of_tile: Int[Array, " tiles"],
    per_seed: Mapping[str, Any],
    inputs: Inputs,
    *,
    program: StaticSpec,
    devices: tuple[jax.Device, ...],
    losses_alone: bool = False,
) -> LoopState:
    """Return the state of all runs before their first step. The arguments are those of `advance`."""
    state: LoopState = _tiled(partial(_begin_tile, program, losses_alone), devices, per_run, seed_of_tile, per_seed, inputs)
    return state


def advance(
    state: LoopState,
    per_run: PerRun,
    seed_of_tile: Int[Array, " tiles"],
    per_seed: Mapping[str, Any],
    inputs: Inputs,
    steps: StepRange,
    *,
    program: StaticSpec,
    devices: tuple[jax.Device, ...],
    rows: int,
    losses_alone: bool = False,
) -> StepResult:
    """Take some steps of all runs.

    Args:
      state: the state of the runs.
      per_run: what differs between runs.
      seed_of_tile: the place of each tile's seed in `per_seed`.
      per_seed: what differs between seeds, by name, (seeds, ...): of a model "start", "train" and "validation" where they are
        not those of `inputs`, and "indices", the batches of these steps.
      inputs: what all runs share.
      steps: the steps, and what is kept of them.
      program, devices, rows: static. The devices share the tiles evenly; each run's table has so many rows, none for 0.
      losses_alone: static: whether the loss is the only final quantity, and the objective a model's only evaluation.
    """
    tile = partial(_advance_tile, program, losses_alone, rows)
    result: StepResult = _tiled(tile, devices, (state, per_run), seed_of_tile, per_seed, (inputs, steps))
    return result


# --- tiles ---------------------------------------------------------------------------------------------------------


def _tiled(
    tile: Callable[[Any, Any, Any], Any],
    devices: tuple[jax.Device, ...],
    per_tile: Any,
    seed_of_tile: Int[Array, " tiles"],
    per_seed: Mapping[str, Any],
    shared: Any,
) -> Any:
    """Return `tile` of each tile: of its part of `per_tile`, of the data of its seed, and of what all share."""
    share = partial(_share, tile, accelerates(devices[0]))
    if len(devices) == 1:
        return share(per_tile, seed_of_tile, per_seed, shared)
    tiles, same = PartitionSpec("tiles"), PartitionSpec()
    specs = (tiles, tiles, same, same)
    share = jax.shard_map(share, mesh=_mesh(devices), in_specs=specs, out_specs=tiles, check_vma=False)
    return share(per_tile, seed_of_tile, per_seed, shared)


def _share(
    tile: Callable[[Any, Any, Any], Any], at_once: bool, per_tile: Any, seed_of_tile: Any, per_seed: Any, shared: Any
) -> Any:
    """Return `tile` of a device's share of the tiles, one after the other or all at once."""

    def one(given: Any) -> Any:
        part, seed = given
        return tile(part, jax.tree.map(lambda leaf: leaf[seed], per_seed), shared)

    tiles = (per_tile, seed_of_tile)
    return jax.vmap(one)(tiles) if at_once else jax.lax.map(one, tiles)


def _begin_tile(
    program: StaticSpec, losses_alone: bool, per_run: PerRun, of_seed: Mapping[str, Any], inputs: Inputs
) -> LoopState:
    tile = _Tile(program, losses_alone, per_run, of_seed, inputs)
    state: LoopState = jax.vmap(tile.first)(per_run)
    first: LoopState = jax.tree.map(lambda leaf, axis: leaf[0] if axis is None else leaf, state, _axes(state))
    return first


def _advance_tile(
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
    return planar and program.noise == "none" and not OPTIMIZERS[program.optimizer].layerwise


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


@lru_cache(maxsize=8)
def _mesh(devices: tuple[jax.Device, ...]) -> Mesh:
    return jax.make_mesh((len(devices),), ("tiles",), axis_types=(AxisType.Auto,), devices=devices)
