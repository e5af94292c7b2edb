"""What a loop records of every run, one entry a quantity.

From these entries follow the loop's record, the arrays of a `Trace`, what a sweep keeps of its runs, and the curves of the
arena. What one optimizer alone has (its probes) stands in that optimizer's entry.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from prodigy_core.optimizers.transformations import at_least_float32


class StepView(NamedTuple):
    """One step, as the quantities see it.

    Attributes:
      loss: the loss before the step.
      place: the parameters that the run would hand over before the step.
      travelled: `place` less the start, in at least float32.
      gradient, updates: the gradient that the optimizer meets, and the step that it takes; None after the last step.
      directions: the two directions of `Inputs`.
    """

    loss: Float[Array, ""]
    place: Any
    travelled: Any
    gradient: Any
    updates: Any
    directions: tuple[Any, Any] | None


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """A quantity that is recorded of every step.

    Attributes:
      name: the field of `Trace`; without `compute` the name of a probe.
      title: its name for a person.
      unit: its unit, in words.
      compute: step -> its value before the step, a scalar or a vector; None of a probe, which an optimizer computes.
      channels: the names of its curves in the arena, one a coordinate; () where the arena is not sent it.
      panel: whether the arena shows it in a panel of its own. The others stand in panels that say more than a curve.
      vector: the vector of the plane whose length it is: where there is that vector, the arena is sent it instead.
      final: whether a sweep keeps the value of a run's last entry, as a metric by this name. Its `compute` then works without
        gradient and updates.
      traced: whether a sweep keeps its curve, where traces are asked for. A probe of that kind is final too.
      coordinates: how many numbers the value has; 0 of a scalar.
    """

    name: str
    title: str
    unit: str
    compute: Callable[[StepView], Array] | None = None
    channels: tuple[str, ...] = ()
    panel: bool = False
    vector: str = ""
    final: bool = False
    traced: bool = False
    coordinates: int = 0

    def of(self, record: dict[str, Any]) -> Any:
        """Return its value in a record of the loop; None where the optimizer has no such probe."""
        return record["probes"].get(self.name) if self.compute is None else record[self.name]


def largest(tree: Any) -> Float[Array, ""]:
    """Return the L-infinity norm of all leaves together; NaN where any number is."""
    return jnp.max(jnp.stack([jnp.max(jnp.abs(leaf)) for leaf in jax.tree.leaves(at_least_float32(tree))]))


def norm(tree: Any) -> Float[Array, ""]:
    """Return the L2 norm of all leaves together, also where the squares of the numbers leave the range of their type."""
    top = largest(tree)
    scale = jnp.where((top > 0) & jnp.isfinite(top), top, 1)
    squares = sum(jnp.sum((leaf / scale) ** 2) for leaf in jax.tree.leaves(tree))
    return jnp.asarray(scale * jnp.sqrt(squares))


def _position(step: StepView) -> Float[Array, " dim"]:
    """The point of the plane, as one vector or taken apart; else the way from the start along the two directions."""
    if step.directions is None:
        leaves = jax.tree.leaves(at_least_float32(step.place))
        return jnp.asarray(leaves[0]) if len(leaves) == 1 else jnp.stack(leaves)
    along = (jax.tree.map(lambda a, b: jnp.sum(a * b), step.travelled, direction) for direction in step.directions)
    return jnp.stack([jnp.asarray(sum(jax.tree.leaves(parts))) for parts in along])


QUANTITIES = (
    Quantity(
        name="loss", title="Loss", unit="the problem's", channels=("loss",), final=True, traced=True,
        compute=lambda step: step.loss,
    ),
    Quantity(name="D", title="D", unit="parameters", channels=("D",), final=True, traced=True),
    Quantity(
        name="effective_step", title="Effective step size", unit="parameters / direction", channels=("effective_step",),
        final=True, traced=True,
    ),
    Quantity(
        name="position", title="Position", unit="parameters", channels=("x", "y"), coordinates=2, traced=True,
        compute=_position,
    ),
    Quantity(
        name="gradient_norm", title="Norm of the gradient", unit="loss / parameters", channels=("gradient_norm",),
        vector="gradient", compute=lambda step: norm(at_least_float32(step.gradient)),
    ),
    Quantity(
        name="update_norm", title="Length of the step", unit="parameters", channels=("update_norm",),
        vector="update", compute=lambda step: norm(at_least_float32(step.updates)),
    ),
    Quantity(
        name="distance_linf", title="Distance gone (farthest coordinate)",
        unit="parameters", channels=("distance",), final=True, traced=True,
        compute=lambda step: largest(step.travelled),
    ),
    Quantity(
        name="distance_l2", title="L2 distance gone", unit="parameters",
        compute=lambda step: norm(step.travelled),
    ),
)  # fmt: skip


def computed(step: StepView) -> dict[str, Array]:
    """Return all quantities of a step that the loop computes, by name."""
    return {quantity.name: quantity.compute(step) for quantity in QUANTITIES if quantity.compute}


def closing(step: StepView) -> dict[str, Array]:
    """Return the final quantities that the loop computes, of the state after a run's last step."""
    return {quantity.name: quantity.compute(step) for quantity in QUANTITIES if quantity.compute and quantity.final}


def final_names(probes: Collection[str]) -> tuple[str, ...]:
    """Return the names of the final quantities of an optimizer with these probes."""
    return tuple(each.name for each in QUANTITIES if each.final and (each.compute or each.name in probes))


def named(names: Collection[str], record: dict[str, Any]) -> dict[str, Array]:
    """Return these quantities of a record, by name."""
    return {each.name: each.of(record) for each in QUANTITIES if each.name in names}


def traced_shapes(final: Collection[str]) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the traced quantities of an optimizer with these final ones, by name."""
    known = (each for each in QUANTITIES if each.traced and (each.compute or each.name in final))
    return {each.name: (each.coordinates,) if each.coordinates else () for each in known}
