"""The loss of a problem of many parameters at any points of their space: on a plane, or wherever somebody was.

It is what a run minimises, with the L2 penalty, in the precision in which a run computes losses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from prodigy_core import limits
from prodigy_core.engine import devices
from prodigy_core.engine.loop import StaticSpec, compiled
from prodigy_core.engine.prepare import PreparedRun, host
from prodigy_core.problems import find

ROOM = 256  # points in one call, at most
BASES = 8  # of them away from the plane, at most

Points = Float[np.ndarray, "points parameters"]
Places = Float[np.ndarray, "points 2"]
Losses = Float[np.ndarray, " points"]


def losses(
    bases: Any,
    ways: tuple[Any, Any],
    places: Float[Array, "room 2"],
    which: Int[Array, " room"],
    count: Any,
    batch: Mapping[str, Any] | None,
    settings: Mapping[str, Any],
    *,
    program: StaticSpec,
) -> Float[Array, " room"]:
    """The loss at the first `count` points: at bases[which[i]] + places[i, 0] * ways[0] + places[i, 1] * ways[1].

    One after the other, not with `vmap`: a network's activations then stay in the processor's cache, which is up to nine
    times as fast, and no number depends on how many points there are.
    """
    problem = find(program.problem, program.formula)
    knobs = {**settings, **dict(program.settings)}

    def at(i: Any) -> Float[Array, ""]:
        def moved(base: Array, one: Array, other: Array) -> Array:
            return base[which[i]] + places[i, 0] * one + places[i, 1] * other

        return problem.objective(jax.tree.map(moved, bases, *ways), batch, knobs)

    def put(i: Any, found: Array) -> Array:
        return found.at[i].set(at(i).astype(found.dtype))

    found: Array = jax.lax.fori_loop(0, count, put, jnp.zeros(len(places), places.dtype))
    return found


class Pointwise:
    """The loss of a run at any points, with all at hand that the jitted function takes.

    Attributes:
      chunk: how many points of the plane a call may ask for: some hundredths of a second of work.
    """

    def __init__(self, task: PreparedRun, examples: int) -> None:
        """`examples`: how many of the training examples the loss is over, always the same ones."""
        self._leaves, self._tree = jax.tree.flatten(task.inputs.start)
        self._dtype = "float64" if self._leaves[0].dtype == np.float64 else "float32"  # 16 bits are for parameters alone
        self._program = replace(task.program, optimizer="", knobs=(), noise="")  # no step is taken here
        self._settings, self._batch = task.inputs.settings, task.inputs.train
        if self._batch is not None and examples < task.batches.examples:
            kept = np.sort(np.random.default_rng(0).permutation(task.batches.examples)[:examples])
            self._batch = {name: values[kept] for name, values in self._batch.items()}
        work = max(work_each(task) * max(examples, 1), limits.OVERHEAD)
        self.chunk = int(np.clip(limits.CHUNK_WORK / work, 1, ROOM))
        self._device = devices.of(work)[0]
        self.lie(np.zeros(task.parameters), np.zeros((2, task.parameters)))

    def lie(self, origin: Float[np.ndarray, " parameters"], ways: Float[np.ndarray, "2 parameters"]) -> None:
        """Where the plane lies from now on."""
        bases = self._shaped(np.repeat(origin[None], BASES, axis=0))
        with devices.on(self._device):
            self._origin, self._ways = jax.device_put((bases, (self._shaped(ways[0]), self._shaped(ways[1]))))

    def on(self, places: Places) -> Losses:
        """The loss at these points of the plane, at most `chunk`."""
        return self._call(self._origin, places, np.zeros(ROOM, np.int32))

    def at(self, points: Points) -> Losses:
        """The loss at these points of the space, at most `BASES`."""
        bases = np.zeros((BASES, points.shape[1]))
        bases[: len(points)] = points
        return self._call(self._shaped(bases), np.zeros((len(points), 2)), np.arange(ROOM, dtype=np.int32) % BASES)

    def _call(self, bases: Any, places: Places, which: Int[np.ndarray, " room"]) -> Losses:
        room = np.zeros((ROOM, 2), self._dtype)
        room[: len(places)] = places
        with devices.on(self._device):
            function = compiled(losses, self._program, self._device.platform)
            found = function(bases, self._ways, room, which, np.int32(len(places)), self._batch, self._settings)
        return np.asarray(found, float)[: len(places)]

    def _shaped(self, flat: Float[np.ndarray, "*leading parameters"]) -> Any:
        """Flat vectors as the problem's parameters."""
        parts = np.split(flat, np.cumsum([leaf.size for leaf in self._leaves])[:-1], axis=-1)
        shaped = [part.reshape(*flat.shape[:-1], *leaf.shape) for part, leaf in zip(parts, self._leaves, strict=True)]
        return host(jax.tree.unflatten(self._tree, shaped), self._dtype)


def work_each(task: PreparedRun) -> float:
    """The work of the loss of one example, or of a function, in the units of `limits`."""
    learning = find(task.program.problem, task.program.formula).learning
    return task.parameters * (learning.uses if learning else 1.0)
