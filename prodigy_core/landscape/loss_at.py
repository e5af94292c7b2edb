"""The loss of a problem of many parameters at any points of their space: on a plane, or where a run has been.

It is the loss that a run minimises, with the L2 penalty, in the precision in which a run computes losses.
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
from prodigy_core.tree import unflatten

ROOM = 256  # points: the most in one call; every call is padded to it, so that one program serves all
BASES = 8  # points: the most in one call that lie anywhere, since each takes a copy of all parameters

Points = Float[np.ndarray, "points parameters"]
Coordinates = Float[np.ndarray, "points 2"]
Losses = Float[np.ndarray, " points"]


def losses(
    bases: Any,
    basis: tuple[Any, Any],
    coordinates: Float[Array, "room 2"],
    base_of: Int[Array, " room"],
    count: Any,
    batch: Mapping[str, Any] | None,
    settings: Mapping[str, Any],
    *,
    program: StaticSpec,
) -> Float[Array, " room"]:
    """Return the loss at bases[base_of[i]] + coordinates[i, 0] * basis[0] + coordinates[i, 1] * basis[1] for i < `count`.

    The points are evaluated one after the other, not with `vmap`: a network's activations then stay in the processor's
    cache, which is up to nine times as fast, and no loss depends on how many points there are.
    """
    problem = find(program.problem, program.formula)
    all_settings = {**settings, **dict(program.settings)}

    def loss_of(i: Any) -> Float[Array, ""]:
        def point(base: Array, first: Array, second: Array) -> Array:
            return base[base_of[i]] + coordinates[i, 0] * first + coordinates[i, 1] * second

        return problem.objective(jax.tree.map(point, bases, *basis), batch, all_settings)

    def put(i: Any, values: Array) -> Array:
        return values.at[i].set(loss_of(i).astype(values.dtype))

    values: Array = jax.lax.fori_loop(0, count, put, jnp.zeros(len(coordinates), coordinates.dtype))
    return values


class LossAt:
    """The loss of one run at any points of its space, with everything that the jitted function takes.

    Attributes:
      chunk: the most points of the plane in one call, for some hundredths of a second of work.
    """

    def __init__(self, prepared: PreparedRun, examples: int) -> None:
        """Take the loss over this many of the run's training examples, the same ones in every call."""
        self._start = prepared.inputs.start
        # In 16 bits there are parameters only; losses are computed in float32 at least.
        self._dtype = "float64" if jax.tree.leaves(self._start)[0].dtype == np.float64 else "float32"
        self._program = replace(prepared.program, optimizer="", knobs=(), noise="")  # the loss depends on none of them
        self._settings, self._batch = prepared.inputs.settings, prepared.inputs.train
        if self._batch is not None and examples < prepared.batches.examples:
            subset = np.sort(np.random.default_rng(0).permutation(prepared.batches.examples)[:examples])
            self._batch = {name: values[subset] for name, values in self._batch.items()}
        work = max(work_of_example(prepared) * max(examples, 1), limits.OVERHEAD)
        self.chunk = int(np.clip(limits.CHUNK_WORK / work, 1, ROOM))
        self._device = devices.of(work)[0]
        self.set_plane(np.zeros(prepared.parameters), np.zeros((2, prepared.parameters)))

    def set_plane(self, origin: Float[np.ndarray, " parameters"], basis: Float[np.ndarray, "2 parameters"]) -> None:
        """Lay the plane of `on_plane` through `origin`, along the two vectors of `basis`."""
        bases = self._params(np.repeat(origin[None], BASES, axis=0))
        with devices.on(self._device):
            self._origin, self._basis = jax.device_put((bases, (self._params(basis[0]), self._params(basis[1]))))

    def on_plane(self, coordinates: Coordinates) -> Losses:
        """Return the loss at points of the plane, at most `chunk` of them, given along the two vectors of its basis."""
        return self._call(self._origin, coordinates, np.zeros(ROOM, np.int32))

    def at_points(self, points: Points) -> Losses:
        """Return the loss at points of the space, at most `BASES` of them."""
        bases = np.zeros((BASES, points.shape[1]))
        bases[: len(points)] = points
        return self._call(self._params(bases), np.zeros((len(points), 2)), np.arange(ROOM, dtype=np.int32) % BASES)

    def _call(self, bases: Any, coordinates: Coordinates, base_of: Int[np.ndarray, " room"]) -> Losses:
        count = len(coordinates)
        padded = np.zeros((ROOM, 2), self._dtype)
        padded[:count] = coordinates
        with devices.on(self._device):
            function = compiled(losses, self._program, self._device.platform)
            values = function(bases, self._basis, padded, base_of, np.int32(count), self._batch, self._settings)
        return np.asarray(values, float)[:count]

    def _params(self, vectors: Float[np.ndarray, "*leading parameters"]) -> Any:
        """Return flat vectors as the problem's parameters."""
        return host(unflatten(vectors, self._start), self._dtype)


def work_of_example(prepared: PreparedRun) -> float:
    """Return the work of the loss of one example, or of a function, in the units of `limits`."""
    learning = find(prepared.program.problem, prepared.program.formula).learning
    return prepared.parameters * (learning.uses if learning else 1.0)
