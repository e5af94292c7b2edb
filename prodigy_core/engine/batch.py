"""Many runs of one program at once, to be jitted: the loop of a run under vmap, in tiles, over this process's devices.

A tile is a fixed number of runs that go side by side in one vectorised loop, few enough for the cache; a core takes its tiles
one after the other. The width of a tile depends on the program alone, so that every run is computed by the same instructions
whatever else is computed with it. An accelerator takes all of its tiles at once, since it waits for the start of each
operation; their number may then show in the last bits of a run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any

import jax
from jax.sharding import AxisType, Mesh, PartitionSpec
from jaxtyping import Array, Int

from prodigy_core.engine import xla
from prodigy_core.engine.devices import accelerates
from prodigy_core.engine.loop import COMPILED, Inputs, StaticSpec
from prodigy_core.engine.prepare import PreparedRun
from prodigy_core.engine.tile import LoopState, PerRun, StepRange, StepResult, advance_tile, begin_tile
from prodigy_core.optimizers.transformations import at_least_float32
from prodigy_core.problems import find

WIDEST = 512  # runs of a tile, at most: beyond some hundreds the loop's numbers leave the fastest cache
TRACED = 8  # factor by which a tile is narrower where traces are kept
TILE_BYTES = 512 * 1024  # bytes of a tile's parameters and optimizer states
COPIES = 10  # size of a run's parameters and optimizer state together, in sizes of its parameters, about
MODEL_WIDEST = 8  # runs of a model in a tile, at most: batches and activations take the room
MODEL_WORK = 2_000_000  # work of a model's tile in a step, in the units of `limits`: larger models go alone


def tile_width(prepared: PreparedRun, *, traces: bool = False) -> int:
    """Return the number of runs of a tile, from the program alone."""
    learning = find(prepared.program.problem, prepared.program.formula).learning
    if learning is not None:
        fits = MODEL_WORK / (prepared.parameters * prepared.batches.size * learning.uses)
        return 1 << int(math.log2(min(max(fits, 1), MODEL_WIDEST)))
    size = max(leaf.dtype.itemsize for leaf in jax.tree.leaves(at_least_float32(prepared.inputs.start)))
    fits = TILE_BYTES / (COPIES * size * prepared.parameters)
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
    state: LoopState = _tiled(partial(begin_tile, program, losses_alone), devices, per_run, seed_of_tile, per_seed, inputs)
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
    tile = partial(advance_tile, program, losses_alone, rows)
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


@lru_cache(maxsize=8)
def _mesh(devices: tuple[jax.Device, ...]) -> Mesh:
    return jax.make_mesh((len(devices),), ("tiles",), axis_types=(AxisType.Auto,), devices=devices)
