"""What an optimizer is here: how it is built, what its knobs are, and what of its inside is worth a curve."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Float

from prodigy_core import schedules
from prodigy_core.optimizers.hyperparameters import CLIP, COUPLED, DECAY, DECAYS, GRADIENT, MASK
from prodigy_core.optimizers.transformations import Info, Transformation, at_least_float32, clip_by_global_norm, mask, steady
from prodigy_core.param import Param, Value
from prodigy_core.schedules import Schedule

# A knob's name -> its value, traced. A choice arrives as its index, None as NaN; a static knob as it is.
Hyper = Mapping[str, Any]


@dataclass(frozen=True)
class Search:
    """A knob that is not set but found: the run with the lowest final loss among runs over a logarithmic grid.

    Attributes:
      knob: what is searched for.
      low, high, size: the names of the knobs that say the ends of the grid and its number of values.
    """

    knob: str
    low: str
    high: str
    size: str

    def grid(self, knobs: Mapping[str, Value]) -> Float[np.ndarray, " tries"]:
        """The values that are tried, ascending."""
        low, high, size = (float(str(knobs[name])) for name in (self.low, self.high, self.size))
        return np.geomspace(min(low, high), max(low, high), int(size))


@dataclass(frozen=True, kw_only=True)
class Optimizer:
    """An entry of the catalogue.

    Attributes:
      name: how an experiment calls it.
      title: how a person calls it.
      summary: one sentence: what it does with a gradient.
      paper: authors, year and where.
      knobs: its own knobs, in the order of its signature, `learning_rate` first unless it is searched for; `params`
        adds those all have. One that is called `weight_decay` is the library's own decoupled decay.
      build: (knobs, learning rate schedule) -> the optax transformation. It may take the keyword `value`, the loss.
      probe: (state, knobs, step k, its learning rate) -> what to record before step k, scalars by name. Every
        optimizer has "effective_step", the factor on its direction, normalised or not, that step k is about to take;
        where the gradient of step k decides it, the factor that the step before took, and NaN at first. "D" has an
        optimizer that estimates the distance to a solution or what it multiplies Adam's step by.
      info: (gradient of step k, state before it, params before it) -> what else to record of step k, scalars by name:
        what only its gradient decides.
      vectors: (state, knobs) -> what it keeps for every parameter, before step k, by name and in the units of its
        paper: "m", the running sum or average of the gradients that its steps go along, without the correction of
        its bias; "v", the average of their squares; "s", the weighted sum of gradients behind an estimate of D.
      evaluation_params: (state, params) -> the parameters that it would hand over now, where those are not the ones it takes
        gradients at.
      search: what it finds out by trying before the run.
    """

    name: str
    title: str
    summary: str
    paper: str
    knobs: tuple[Param, ...]
    build: Callable[[Hyper, Schedule], optax.GradientTransformation]
    probe: Callable[[Any, Hyper, jax.Array, jax.Array], dict[str, jax.Array]]
    info: Callable[[Any, Any, Any], Info] | None = None
    vectors: Callable[[Any, Hyper], dict[str, Any]] | None = None
    evaluation_params: Callable[[Any, Any], Any] | None = None
    search: Search | None = None

    @property
    def decays(self) -> bool:
        """Whether the library's own optimizer has a decoupled weight decay."""
        return any(param.name == "weight_decay" for param in self.knobs)

    @property
    def params(self) -> tuple[Param, ...]:
        """All knobs: the optimizer's own, those of its learning rate's schedule, and those of clipping and decay."""
        own = tuple(param for param in self.knobs if param.group != GRADIENT)
        decay = tuple(param for param in self.knobs if param.group == GRADIENT)
        return (*own, *schedules.PARAMS, CLIP, *((*decay, DECAY, MASK) if self.decays else (COUPLED, MASK)))

    @property
    def defaults(self) -> dict[str, Any]:
        return {param.name: param.default for param in self.params}

    def transformation(self, h: Hyper, schedule: Schedule) -> Transformation:
        """Return the optimizer behind clipping and coupled decay, with its own state; every leaf keeps its dtype.

        The gradient of `info` is the one behind clipping and coupled decay; its scalars have at least 32 bits.
        """
        weight = 0.0 if h["decay_mask"] == "none" else h["weight_decay"]
        decoupled = h["decay"] == DECAYS.index("decoupled") if self.decays else False
        beside, added = jnp.where(decoupled, weight, 0.0), jnp.where(decoupled, 0.0, weight)
        inner = steady(self.build({**h, "weight_decay": beside}, schedule))
        before = optax.chain(clip_by_global_norm(h["clip"]), optax.add_decayed_weights(added, mask(h)))

        untouched = jnp.isnan(h["clip"]) & (added == 0)

        def touched(updates: Any, params: Any) -> Any:
            return optax.tree.cast_like(before.update(updates, before.init(params), params)[0], updates)

        def update(gradient: Any, state: Any, params: Any, *, value: Any) -> tuple[Any, Any, Info]:
            # A branch: a run without clipping and decay must not pay for the norm and for another pass over the params.
            gradient = jax.lax.cond(untouched, lambda updates, params: updates, touched, gradient, params)
            value = value + added / 2 * _squares(params, mask(h))  # the L2 penalty whose gradient was added above
            updates, after = inner.update(gradient, state, params, value=value)
            dtype = jnp.result_type(jnp.float32, *jax.tree.leaves(params))
            info = self.info(gradient, state, params) if self.info else {}
            return updates, after, {name: jnp.asarray(scalar, dtype) for name, scalar in info.items()}

        return Transformation(inner.init, update)


def _squares(params: Any, mask: Callable[[Any], Any] | None) -> jax.Array:
    """The sum of the squares of the leaves that decay."""
    decaying = params if mask is None else jax.tree.map(lambda on, p: p if on else jnp.zeros((), p.dtype), mask(params), params)
    return jnp.asarray(optax.tree.norm(at_least_float32(decaying), squared=True))
