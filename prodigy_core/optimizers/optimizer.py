"""What an optimizer is here: how it is built, what its knobs are, and what of its inside is worth a curve."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jax
import optax
from jax.typing import ArrayLike

from prodigy_core import schedules
from prodigy_core.param import Param
from prodigy_core.schedules import Schedule

# A knob's name -> its value, traced. A choice arrives as its index, None as NaN.
Hyper = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Optimizer:
    """An entry of the catalogue.

    Attributes:
      name: how an experiment calls it.
      title: how a person calls it.
      summary: one sentence: what it does with a gradient.
      paper: authors, year and where.
      knobs: its own knobs, in the order of its signature; `params` adds the schedule's.
      build: (knobs, learning rate schedule) -> the optax transformation.
      probe: (state, knobs, step k, its learning rate) -> what to record before step k, scalars by name. Every
        optimizer has "effective_step", the factor on its normalised direction; an optimizer that estimates a
        distance has "D".
    """

    name: str
    title: str
    summary: str
    paper: str
    knobs: tuple[Param, ...]
    build: Callable[[Hyper, Schedule], optax.GradientTransformation]
    probe: Callable[[Any, Hyper, jax.Array, jax.Array], dict[str, jax.Array]]

    @property
    def params(self) -> tuple[Param, ...]:
        """All knobs: the optimizer's own and those of its learning rate's schedule, which stand behind it."""
        first, *rest = self.knobs
        return (first, *schedules.PARAMS, *rest)

    @property
    def defaults(self) -> dict[str, Any]:
        return {param.name: param.default for param in self.params}


def decay_rate(name: str, default: float, help: str) -> Param:
    """A knob for an exponential moving average: in [0, 1), fine-grained close to 1."""
    return Param(name=name, default=default, low=0.0, high=1.0, below_high=True, span=(0.0, 0.99999), scale="log1m", help=help)


def learning_rate(default: float, help: str, span: tuple[float, float] = (1e-5, 10.0)) -> Param:
    """The knob that every optimizer has."""
    return Param(name="learning_rate", default=default, low=0.0, high=1e6, span=span, scale="log", help=help)


def epsilon(default: float) -> Param:
    return Param(
        name="eps",
        default=default,
        low=0.0,
        high=1.0,
        span=(1e-16, 1e-1),
        scale="log",
        help="Added to the root of the second moment, so that a tiny gradient is not blown up.",
    )


def weight_decay(default: float, help: str) -> Param:
    return Param(name="weight_decay", default=default, low=0.0, high=100.0, span=(1e-6, 1.0), scale="log", help=help)


def switch(on: ArrayLike, yes: optax.GradientTransformation, no: optax.GradientTransformation) -> optax.GradientTransformation:
    """`yes` where a traced flag is true, else `no`; for flags that optax wants as a Python bool.

    Both must keep the same state but for its values.
    """

    def update(updates: Any, state: Any, params: Any = None) -> Any:
        return jax.tree.map(
            lambda a, b: jax.numpy.where(on, a, b), yes.update(updates, state, params), no.update(updates, state, params)
        )

    return optax.GradientTransformation(yes.init, update)
