"""Many runs of one program at once, to be jitted: the loop of `program` under vmap, in tiles, over this process's devices.

A tile is a fixed number of runs, its lanes, that go side by side in one vectorised loop, few enough for the cache; a core
takes its tiles one after the other. The width of a tile depends on the program alone, so that every run is computed by the
same instructions whatever else is computed with it. An accelerator takes all of its tiles at once, since what it waits for is
the start of each operation; how many there are may then show in the last bits of a run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax._src.lax.lax import _convert_element_type  # there is no public way to say that an array is weakly typed
from jax.sharding import AxisType, Mesh, PartitionSpec
from jaxtyping import Array, Bool, Float, Int

from prodigy_core import xla
from prodigy_core.devices import accelerates
from prodigy_core.engine import FAR
from prodigy_core.optimizers.transformations import Recorded, wide
from prodigy_core.problems import find
from prodigy_core.program import COMPILED, PROBE, Carry, Inputs, Loop, Program, _largest
from prodigy_core.rows import Rows

START, SEED = "start", "seed"  # what may differ from lane to lane beside knobs, settings and the noise
KNOB, SETTING = "knobs/", "settings/"  # before the name of one that does
NOTED = ("loss", PROBE + "D", PROBE + "effective_step", "distance_linf")  # of the last entry that is not broken
TRACED = (*NOTED, "position")  # of every so manieth entry, where traces are asked for

Lanes = Mapping[str, Any]  # what differs -> its values, (tiles, width) or (tiles, width, dim)


class Tally(NamedTuple):
    """What is known of a run so far. Counts are of the numbers' own type, so that all of it goes through one kind of vector.

    Attributes:
      lived: how many entries there were before the first broken one.
      sane: how many there were before the first with a parameter that is NaN.
      waited: how many there were before the first loss of at most the target; all where none was before the run broke.
      best, total: the least loss, and the sum of all, before it broke.
      last: of the last entry before it broke, by name.
    """

    lived: Float[Array, ""]
    sane: Float[Array, ""]
    waited: Float[Array, ""]
    best: Float[Array, ""]
    total: Float[Array, ""]
    last: dict[str, Float[Array, ""]]

    @classmethod
    def empty(cls, names: Iterable[str], dtype: Any) -> Tally:
        """Before the first entry. Of the last one, what is named is kept."""
        none, infinite = jnp.zeros((), dtype), jnp.asarray(jnp.inf, dtype)
        last = {name: jnp.asarray(jnp.nan, dtype) for name in names}
        return cls(none, none, none, infinite, none, last)

    def with_entry(self, entry: Mapping[str, Any], k: Any, target: Any) -> Tally:
        """With what holds after k steps."""
        loss, largest, k = (jnp.asarray(x).astype(self.best.dtype) for x in (entry["loss"], entry["largest"], k))
        good = jnp.isfinite(loss) & (largest <= FAR)  # false for NaN
        # Behind a barrier, so that what depends on them does not find out again, each for itself, whether the entry is good.
        lived = jax.lax.optimization_barrier(self.lived + (good & (self.lived == k)))
        alive = lived > k
        best = jax.lax.optimization_barrier(_either(alive & (loss < self.best), loss, self.best))
        return Tally(
            lived=lived,
            sane=self.sane + (~jnp.isnan(largest) & (self.sane == k)),
            waited=self.waited + ~(best <= target),
            best=best,
            total=self.total + jnp.where(alive, loss, 0),
            last={name: _either(alive, entry[name].astype(value.dtype), value) for name, value in self.last.items()},
        )


def _either(first: Bool[Array, ""], new: Float[Array, ""], old: Float[Array, ""]) -> Float[Array, ""]:
    """`new` where `first` is true, else `old`; for what a loop carries.

    As a select it would be written where it was read, for which LLVM takes masked stores; some processors need ten times as
    long for these as for all else.
    """
    return jnp.where(first, new, 0) + jnp.where(first, 0, old)


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
    """Where runs stand between two calls."""

    carry: Carry
    tally: Tally


class Done(NamedTuple):
    """What a call hands back, every array of shape (tiles, width, ...).

    Attributes:
      held: where the runs stand.
      tally: what is known of them; of a model after a look at all its data.
      found: what that look found, by name: the metrics of `Loop.evaluate`, and the "objective"; nothing of a function.
      table: the entries that were kept, and one row that means nothing; None without rows.
    """

    held: Held
    tally: Tally
    found: dict[str, Float[Array, "tiles width"]]
    table: Rows | None


@lru_cache(maxsize=COMPILED)
def compiled(program: Program, devices: tuple[jax.Device, ...], rows: int) -> Any:
    """`advance`, jitted, to be called within `devices.on` the first of these."""
    made = partial(advance, program=program, devices=devices, rows=rows)
    return jax.jit(made, donate_argnames=("held",), compiler_options=xla.options(devices[0].platform, learns=program.learns))


def advance(
    held: Held | None,
    lanes: Lanes,
    chosen: Int[Array, " tiles"],
    seeded: Mapping[str, Any],
    inputs: Inputs,
    when: When,
    *,
    program: Program,
    devices: tuple[jax.Device, ...],
    rows: int,
) -> Done:
    """Takes steps of all runs.

    Args:
      held: where the runs stand; None before their first step.
      lanes: what differs from run to run.
      chosen: which of the seeds each tile has.
      seeded: what differs from seed to seed, (seeds, ...): of a model its "start", "train", "validation" and "indices", the
        batches of these steps.
      inputs: what stays the same.
      when: which steps, and what is kept of them.
      program, devices, rows: static. The devices share the tiles evenly.
    """

    def device(held: Any, lanes: Any, chosen: Any, seeded: Any, inputs: Any, when: When) -> Done:
        def tile(given: Any) -> Done:
            now, values, seed = given
            data = jax.tree.map(lambda leaf: leaf[seed], seeded)

            def one(held: Held | None, values: Lanes) -> Done:
                loop = _loop(program, placed(inputs, values, data))
                return _run(loop, held, data.get("indices"), when, rows)

            done: Done = jax.vmap(one)(now, values)
            return done

        given = (held, lanes, chosen)
        done: Done = jax.vmap(tile)(given) if accelerates(devices[0]) else jax.lax.map(tile, given)
        return done

    given = (held, dict(lanes), chosen, dict(seeded), inputs, when)
    if len(devices) == 1:
        return device(*given)
    tiles, whole = PartitionSpec("tiles"), PartitionSpec()
    specs = (tiles, tiles, tiles, whole, whole, whole)
    done: Done = jax.shard_map(device, mesh=_mesh(devices), in_specs=specs, out_specs=tiles, check_vma=False)(*given)
    return done


class _Split(Loop):
    """The loop with each coordinate of the plane as a number of its own.

    Side by side, the lanes' pairs would be an array whose rows are two numbers short, which suits no processor's vectors: so
    this takes half the time. To an optimizer it is all the same: what it sums over all parameters it sums over all leaves.
    """

    def __init__(self, program: Program, inputs: Inputs) -> None:
        super().__init__(program, inputs._replace(start=(inputs.start[0], inputs.start[1])))

    def _position(self, place: Any, travelled: Any) -> Float[Array, " dim"]:
        return jnp.stack(wide(place))


def _loop(program: Program, inputs: Inputs) -> Loop:
    # Noise is drawn leaf by leaf: split, it would be another noise than that of the race.
    planar = find(program.problem, program.formula).domain is not None
    return (_Split if planar and program.noise == "none" else Loop)(program, inputs)


def _run(loop: Loop, held: Held | None, indices: Any, when: When, rows: int) -> Done:
    """One run's part of `advance`."""
    now, tally = held or _begin(loop)
    table = _room(tally, rows) if rows else None

    def step(i: Any, carried: tuple[Carry, Tally, Rows | None]) -> tuple[Carry, Tally, Rows | None]:
        now, tally, table = carried
        k = when.at + i
        after, entry = loop.step(now, k, None if indices is None else indices[i])
        if table is not None:
            table = table.put(when.row(i, loop.inputs.steps, rows), entry)
        return after, tally.with_entry(entry, k, when.target), table

    before = now.state
    now, tally, table = jax.lax.fori_loop(0, when.count, step, (now, tally, table))
    if isinstance(now.state, Recorded):  # nobody looks at it here: XLA leaves it out of a loop that does not hand it on
        now = now._replace(state=now.state._replace(last=before.last))
    if loop.problem.learning is None:
        return Done(Held(now, tally), tally, {}, table)
    k = when.at + when.count
    entry, found = _closing(loop, now, k)
    return Done(Held(now, tally), tally.with_entry(entry, k, when.target), found, table)


def _begin(loop: Loop) -> Held:
    first = loop.first()
    names = ("loss", "distance_linf", *(PROBE + name for name in _probes(loop, first, jnp.int32(0))))
    dtype = jnp.result_type(*jax.tree.leaves(wide(first.params)))
    return Held(first, Tally.empty((name for name in NOTED if name in names), dtype))


def _room(tally: Tally, rows: int) -> Rows:
    """Room for so many entries, and a row for what is not kept."""
    entry = {**tally.last, "position": jnp.zeros(2, tally.best.dtype)}
    return Rows.empty(rows + 1, {name: entry[name] for name in TRACED if name in entry})


def _closing(loop: Loop, now: Carry, k: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What holds of a model after its last step, its loss that over all its examples; and what else it is judged by."""
    place = loop.judged(now)
    found, _ = loop.evaluate(now)
    found["objective"] = loop.objective(place, loop.inputs.train)
    travelled = jax.tree.map(jnp.subtract, wide(place), wide(loop.inputs.start))
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
            found = found._replace(**{name: value if name in (START, SEED) else _weak(value)})
    return found._replace(knobs=knobs, settings=settings)


def _weak(value: Any) -> Any:
    """A number as Python's own are to JAX: it takes on the precision of what it meets."""
    kind = jnp.result_type(value)
    return value if kind == jnp.bool_ else _convert_element_type(value, kind, weak_type=True)


@lru_cache(maxsize=8)
def _mesh(devices: tuple[jax.Device, ...]) -> Mesh:
    return jax.make_mesh((len(devices),), ("tiles",), axis_types=(AxisType.Auto,), devices=devices)
