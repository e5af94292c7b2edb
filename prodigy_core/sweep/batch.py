"""Many runs of one program at once, to be jitted: the loop of `program` under vmap, in tiles, over this process's devices.

A tile is a fixed number of runs, its lanes, that go side by side in one vectorised loop, few enough for the cache; a core
takes its tiles one after the other. The width of a tile depends on the program alone, so that every run is computed by the
same instructions whatever else is computed with it. An accelerator takes all of its tiles at once, since what it waits for is
the start of each operation; how many there are may then show in the last bits of a run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax._src.lax.lax import _convert_element_type  # there is no public way to say that an array is weakly typed
from jax.sharding import AxisType, Mesh, PartitionSpec
from jaxtyping import Array, Float, Int

from prodigy_core.engine import xla
from prodigy_core.engine.devices import accelerates
from prodigy_core.engine.loop import COMPILED, PROBE, Carry, Inputs, Loop, StaticSpec, _largest
from prodigy_core.engine.recorder import Recorder
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.optimizers.transformations import at_least_float32
from prodigy_core.problems import find
from prodigy_core.sweep.running_metrics import NOTED, RunningMetrics

# What may differ from lane to lane beside knobs, settings and the noise.
START, SEED, DIRECTIONS = "start", "seed", "directions"
KNOB, SETTING = "knobs/", "settings/"  # before the name of one that does
TRACED = (*NOTED, "position")  # of every so manieth entry, where traces are asked for

Lanes = Mapping[str, Any]  # what differs -> its values, (tiles, width) or (tiles, width, dim), or a pair of these


class When(NamedTuple):
    """Which steps a call takes.

    Attributes:
      at: the number of the first one.
      count: how many.
      target: the loss whose step is noted.
      every: each so manieth entry is kept, counted from step 0, and the one after the last step, where there are rows.
    """

    at: Any
    count: Any
    target: Any
    every: Any

    def row(self, i: Any, steps: Any, rows: int) -> Any:
        """Where the entry before the call's step i is kept; `rows`, a row that means nothing, where it is not."""
        k = self.at + i
        first = (self.at + self.every - 1) // self.every
        return jnp.where((k % self.every == 0) | (k == steps), (k + self.every - 1) // self.every - first, rows)


class Held(NamedTuple):
    """Where runs stand between two calls: arrays of shape (tiles, width, ...), whole numbers of shape (tiles, ...).

    What counts steps is the same in all lanes of a tile: one number, whose powers are taken once and not once a lane.
    """

    carry: Carry
    tally: RunningMetrics


class Done(NamedTuple):
    """What a call hands back, every array of shape (tiles, width, ...) but for the whole numbers of `Held`.

    Attributes:
      held: where the runs stand.
      tally: what is known of them; of a model after a look at all its data.
      found: what that look found, by name: the metrics of `Loop.evaluate`, and the "objective"; nothing of a function.
      table: the entries that were kept, and one row that means nothing; None without rows.
    """

    held: Held
    tally: RunningMetrics
    found: dict[str, Float[Array, "tiles width"]]
    table: Recorder | None


@lru_cache(maxsize=COMPILED)
def compiled(function: Callable[..., Any], program: StaticSpec, devices: tuple[jax.Device, ...], **static: Any) -> Any:
    """`begin` or `advance`, jitted, to be called within `devices.on` the first of these."""
    made = partial(function, program=program, devices=devices, **static)
    options = xla.options(devices[0].platform, learns=program.learns)
    return jax.jit(made, donate_argnames=("held",) if function is advance else (), compiler_options=options)


def begin(
    lanes: Lanes,
    chosen: Int[Array, " tiles"],
    seeded: Mapping[str, Any],
    inputs: Inputs,
    *,
    program: StaticSpec,
    devices: tuple[jax.Device, ...],
) -> Held:
    """Where all runs stand before their first step. The arguments are those of `advance`."""

    def tile(lanes: Lanes, data: Mapping[str, Any], inputs: Inputs) -> Held:
        held: Held = jax.vmap(lambda values: _begin(_loop(program, placed(inputs, values, data))))(lanes)
        first: Held = jax.tree.map(lambda leaf, axis: leaf[0] if axis is None else leaf, held, _axes(held))
        return first

    held: Held = _tiled(tile, devices, dict(lanes), chosen, dict(seeded), inputs)
    return held


def advance(
    held: Held,
    lanes: Lanes,
    chosen: Int[Array, " tiles"],
    seeded: Mapping[str, Any],
    inputs: Inputs,
    when: When,
    *,
    program: StaticSpec,
    devices: tuple[jax.Device, ...],
    rows: int,
) -> Done:
    """Takes steps of all runs.

    Args:
      held: where the runs stand.
      lanes: what differs from run to run.
      chosen: which of the seeds each tile has.
      seeded: what differs from seed to seed, (seeds, ...): of a model its "start", "train", "validation" and "indices", the
        batches of these steps.
      inputs: what stays the same.
      when: which steps, and what is kept of them.
      program, devices, rows: static. The devices share the tiles evenly.
    """

    def tile(given: tuple[Held, Lanes], data: Mapping[str, Any], whole: tuple[Inputs, When]) -> Done:
        held, lanes = given
        inputs, when = whole
        axes, indices = _axes(held), data.get("indices")

        def loop(values: Lanes) -> Loop:
            return _loop(program, placed(inputs, values, data))

        # The lanes go side by side inside the loop, not around it: JAX would else have to find out what comes to depend on
        # what differs, and go through the loop anew for each answer.
        def step(i: Any, carried: tuple[Held, Recorder | None]) -> tuple[Held, Recorder | None]:
            batch = None if indices is None else indices[i]

            def one(values: Lanes, held: Held, table: Recorder | None) -> tuple[Held, Recorder | None]:
                return _step(loop(values), held, table, when, i, batch)

            after: tuple[Held, Recorder | None] = jax.vmap(one, in_axes=(0, axes, 0), out_axes=(axes, 0))(lanes, *carried)
            return after

        held, table = jax.lax.fori_loop(0, when.count, step, (held, _room(held.tally, rows) if rows else None))
        tally, found = jax.vmap(lambda values, held: _end(loop(values), held, when), in_axes=(0, axes))(lanes, held)
        return Done(held, tally, found, table)

    done: Done = _tiled(tile, devices, (held, dict(lanes)), chosen, dict(seeded), (inputs, when))
    return done


def _tiled(
    tile: Callable[..., Any],
    devices: tuple[jax.Device, ...],
    given: Any,
    chosen: Int[Array, " tiles"],
    seeded: Mapping[str, Any],
    whole: Any,
) -> Any:
    """What `tile` makes of each tile: of its part of what is given, of the data of the seed chosen for it, and of the rest."""

    def device(given: Any, chosen: Any, seeded: Any, whole: Any) -> Any:
        def one(mine: Any) -> Any:
            given, seed = mine
            return tile(given, jax.tree.map(lambda leaf: leaf[seed], seeded), whole)

        mine = (given, chosen)
        return jax.vmap(one)(mine) if accelerates(devices[0]) else jax.lax.map(one, mine)

    if len(devices) == 1:
        return device(given, chosen, seeded, whole)
    tiles, same = PartitionSpec("tiles"), PartitionSpec()
    specs = (tiles, tiles, same, same)
    shared = jax.shard_map(device, mesh=_mesh(devices), in_specs=specs, out_specs=tiles, check_vma=False)
    return shared(given, chosen, seeded, whole)


def _axes(held: Held) -> Any:
    """Which axis of each leaf of a tile's are the lanes; None of a whole number, which counts steps, the same in all."""
    return jax.tree.map(lambda leaf: None if jnp.issubdtype(leaf.dtype, jnp.integer) else 0, held)


class _Split(Loop):
    """The loop with each coordinate of the plane as a number of its own.

    Side by side, the lanes' pairs would be an array whose rows are two numbers short, which suits no processor's vectors: so
    this takes half the time. An optimizer that sums over all parameters sums over all leaves; not so a layer-wise one.
    """

    def __init__(self, program: StaticSpec, inputs: Inputs) -> None:
        super().__init__(program, inputs._replace(start=(inputs.start[0], inputs.start[1])))

    def _position(self, place: Any, travelled: Any) -> Float[Array, " dim"]:
        return jnp.stack(at_least_float32(place))


def _loop(program: StaticSpec, inputs: Inputs) -> Loop:
    # Noise is drawn leaf by leaf: split, it would be another noise than that of the race.
    planar = find(program.problem, program.formula).domain is not None
    split = planar and program.noise == "none" and not OPTIMIZERS[program.optimizer].layerwise
    return (_Split if split else Loop)(program, inputs)


def _step(loop: Loop, held: Held, table: Recorder | None, when: When, i: Any, indices: Any) -> tuple[Held, Recorder | None]:
    """One run's step, the call's i-th."""
    now, tally = held
    k = when.at + i
    after, entry = loop.step(now, k, indices)
    if table is not None:
        table = table.put(when.row(i, loop.inputs.steps, table.values.shape[0] - 1), entry)
    return Held(after, tally.with_entry(entry, k, when.target)), table


def _end(loop: Loop, held: Held, when: When) -> tuple[RunningMetrics, dict[str, Any]]:
    """What is known of one run where a call ends, of a model after a look at all its data; and what that look found."""
    if loop.problem.learning is None:
        return held.tally, {}
    k = when.at + when.count
    entry, found = _closing(loop, held.carry, k)
    return held.tally.with_entry(entry, k, when.target), found


def _begin(loop: Loop) -> Held:
    first = loop.first()
    names = ("loss", "distance_linf", *(PROBE + name for name in _probes(loop, first, jnp.int32(0))))
    dtype = jnp.result_type(*jax.tree.leaves(at_least_float32(first.params)))
    return Held(first, RunningMetrics.empty((name for name in NOTED if name in names), dtype))


def _room(tally: RunningMetrics, rows: int) -> Recorder:
    """Room for so many entries of each lane, and a row for what is not kept."""
    one = jax.tree.map(lambda leaf: leaf[0], tally)
    entry = {**one.last, "position": jnp.zeros(2, one.best.dtype)}
    empty = Recorder.empty(rows + 1, {name: entry[name] for name in TRACED if name in entry})
    room: Recorder = jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (*tally.best.shape, *leaf.shape)), empty)
    return room


def _closing(loop: Loop, now: Carry, k: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What holds of a model after its last step, its loss that over all its examples; and what else it is judged by."""
    place = loop.evaluation_params(now)
    found, _ = loop.evaluate(now)
    found["objective"] = loop.objective(place, loop.inputs.train)
    travelled = jax.tree.map(jnp.subtract, at_least_float32(place), at_least_float32(loop.inputs.start))
    entry = {"loss": found["train_loss"], "largest": _largest(place), "distance_linf": _largest(travelled)}
    return entry | {PROBE + name: value for name, value in _probes(loop, now, k).items()}, found


def _probes(loop: Loop, now: Carry, k: Any) -> dict[str, Any]:
    return loop.optimizer.probe(now.state, loop.knobs, k, loop.rate(k))


def placed(inputs: Inputs, values: Mapping[str, Any], data: Mapping[str, Any]) -> Inputs:
    """The inputs of one run: what differs from run to run and from seed to seed in its place."""
    found = inputs._replace(**{name: data[name] for name in (START, "train", "validation") if name in data})
    knobs, settings = dict(inputs.knobs), dict(inputs.settings)
    for name, value in values.items():
        if name.startswith(KNOB):
            knobs[name.removeprefix(KNOB)] = _weak(value)
        elif name.startswith(SETTING):
            settings[name.removeprefix(SETTING)] = _weak(value)
        else:
            found = found._replace(**{name: value if name in (START, SEED, DIRECTIONS) else _weak(value)})
    return found._replace(knobs=knobs, settings=settings)


def _weak(value: Any) -> Any:
    """A number as Python's own are to JAX: it takes on the precision of what it meets."""
    kind = jnp.result_type(value)
    return value if kind == jnp.bool_ else _convert_element_type(value, kind, weak_type=True)


@lru_cache(maxsize=8)
def _mesh(devices: tuple[jax.Device, ...]) -> Mesh:
    return jax.make_mesh((len(devices),), ("tiles",), axis_types=(AxisType.Auto,), devices=devices)
