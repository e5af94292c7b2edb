"""An entry of the catalogue: how an optimizer is built, its hyperparameters, what it shows, and its traits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import optax

from prodigy_core import schedules
from prodigy_core.optimizers.hyperparameters import CLIP, COUPLED, DECAY, DECAYS, GRADIENT, MASK
from prodigy_core.optimizers.traits import Dash, Estimate, Rate, Search, Story
from prodigy_core.optimizers.transformations import (
    Info,
    Layers,
    Transformation,
    at_least_float32,
    clip_by_global_norm,
    in_layers,
    keep_dtypes,
    mask,
)
from prodigy_core.param import Param, Value
from prodigy_core.schedules import Schedule

# Name -> value, traced. A choice arrives as its index, None as NaN; a static hyperparameter as it is.
Hyperparameters = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Optimizer:
    """An entry of the catalogue. Whatever the rest of the program asks of an optimizer stands here.

    Attributes, for a person:
      name: its name in an experiment.
      title: its name on the page.
      summary: one sentence: what it does with a gradient.
      paper: authors, year and where.
      colour, dash: its line in every figure. `python -m app.colours` proposes a pair that is told apart from the others.
      raced_often: whether it is among those most often raced together, whose colours are told apart pair by pair.

    Attributes, hyperparameters:
      hyperparameters: its own, in the order of its signature, `learning_rate` first unless it is searched for; `params`
        adds those all have. One that is called `weight_decay` is the library's own decoupled decay.
      library: the function that a person would call, with the same hyperparameters and defaults.
      rate: the meaning of its learning rate.
      axes: the two hyperparameters that one asks about first: a sweep's axis, and the second one of a map.
      search: a hyperparameter that is found by runs before the run.

    Attributes, computation:
      build: (hyperparameters, learning rate schedule) -> the optax transformation. It may take the keyword `value`, the
        loss.
      evaluation_params: (state, params) -> the parameters that it would hand over now, where those are not the ones it
        takes gradients at.
      layerwise: whether it treats each leaf of the parameters by itself, by its norm for instance: the same numbers
        cut into other leaves then are another run.
      layerwise_with: the static hyperparameter with which it does so unless that stands at its default; "" for none.
      in_layers: whether it takes a function's vector apart into the problem's layers, each a leaf.
      compensated: whether it adds to the next step what rounding took from the last one.
      divides_by_rate: whether a first step at a learning rate of 0 is NaN, unless `safeguard_warmup` is on.
      robust_variant: the name of the entry that computes the same without these two weaknesses; "" for none.

    Attributes, what it shows:
      probe: (state, hyperparameters, step k, its learning rate) -> what to record before step k, scalars by name. Every
        optimizer has "effective_step", the factor on its direction, normalised or not, that step k is about to take;
        where the gradient of step k decides it, the factor that the step before took, and NaN at first. One with an
        `estimate` has "D".
      info: (gradient of step k, state before it, params before it, hyperparameters) -> what else to record of step k,
        scalars by name: what only its gradient decides.
      vectors: (state, hyperparameters) -> what it keeps for every parameter, before step k, by name and in the units of
        its paper: "m", the running sum or average of the gradients that its steps go along, without the correction of
        its bias; "v", the average of their squares; "s", the weighted sum of gradients behind an estimate of D.
      estimate: what D is; None for an optimizer without D.
      story: how Step by step explains a step.
    """

    name: str
    title: str
    summary: str
    paper: str
    colour: str
    dash: Dash
    raced_often: bool = False

    hyperparameters: tuple[Param, ...]
    library: Callable[..., Any]
    rate: Rate
    axes: tuple[str, str]
    search: Search | None = None

    build: Callable[[Hyperparameters, Schedule], optax.GradientTransformation]
    evaluation_params: Callable[[Any, Any], Any] | None = None
    layerwise: bool = False
    layerwise_with: str = ""
    in_layers: bool = False
    compensated: bool = False
    divides_by_rate: bool = False
    robust_variant: str = ""

    probe: Callable[[Any, Hyperparameters, jax.Array, jax.Array], dict[str, jax.Array]]
    info: Callable[[Any, Any, Any, Hyperparameters], Info] | None = None
    vectors: Callable[[Any, Hyperparameters], dict[str, Any]] | None = None
    estimate: Estimate | None = None
    story: Story = Story.NONE

    @property
    def decays(self) -> bool:
        """Whether the library's own optimizer has a decoupled weight decay."""
        return any(param.name == "weight_decay" for param in self.hyperparameters)

    @property
    def params(self) -> tuple[Param, ...]:
        """All hyperparameters: its own, those of the learning rate's schedule, and those of clipping and decay."""
        own = tuple(param for param in self.hyperparameters if param.group != GRADIENT)
        decay = tuple(param for param in self.hyperparameters if param.group == GRADIENT)
        return (*own, *schedules.PARAMS, CLIP, *((*decay, DECAY, MASK) if self.decays else (COUPLED, MASK)))

    @property
    def defaults(self) -> dict[str, Any]:
        """The default of every hyperparameter, by name."""
        return {param.name: param.default for param in self.params}

    def by_layers(self, static: Mapping[str, Value]) -> bool:
        """Whether it treats each leaf of the parameters by itself, with these static hyperparameters."""
        name = self.layerwise_with
        return self.layerwise or (bool(name) and static[name] != self.defaults[name])

    def transformation(self, hyper: Hyperparameters, schedule: Schedule, layers: Layers | None = None) -> Transformation:
        """Return the optimizer behind clipping and coupled decay, with its own state; every leaf keeps its dtype.

        `layers` are those of the problem, None where each leaf of the params is one. The gradient of `info` is the one behind
        clipping and coupled decay; its scalars have at least 32 bits.
        """
        weight = 0.0 if hyper["decay_mask"] == "none" else hyper["weight_decay"]
        decoupled = hyper["decay"] == DECAYS.index("decoupled") if self.decays else False
        beside, added = jnp.where(decoupled, weight, 0.0), jnp.where(decoupled, 0.0, weight)
        inner = keep_dtypes(self.build({**hyper, "weight_decay": beside}, schedule))
        if layers is not None and self.in_layers:
            inner = in_layers(inner, layers)
        before = optax.chain(clip_by_global_norm(hyper["clip"]), optax.add_decayed_weights(added, mask(hyper)))

        untouched = jnp.isnan(hyper["clip"]) & (added == 0)

        def touched(gradient: Any, params: Any) -> Any:
            return optax.tree.cast_like(before.update(gradient, before.init(params), params)[0], gradient)

        def update(gradient: Any, state: Any, params: Any, *, value: Any) -> tuple[Any, Any, Info]:
            # A branch: a run without clipping and decay must not pay for the norm and for another pass over the params.
            gradient = jax.lax.cond(untouched, lambda gradient, params: gradient, touched, gradient, params)
            value = value + added / 2 * _squares(params, mask(hyper))  # the L2 penalty whose gradient was added above
            updates, after = inner.update(gradient, state, params, value=value)
            dtype = jnp.result_type(jnp.float32, *jax.tree.leaves(params))
            info = self.info(gradient, state, params, hyper) if self.info else {}
            return updates, after, {name: jnp.asarray(scalar, dtype) for name, scalar in info.items()}

        return Transformation(inner.init, update)


def _squares(params: Any, mask: Callable[[Any], Any] | None) -> jax.Array:
    """Return the sum of the squares of the leaves that decay."""
    decaying = params if mask is None else jax.tree.map(lambda on, p: p if on else jnp.zeros((), p.dtype), mask(params), params)
    return jnp.asarray(optax.tree.norm(at_least_float32(decaying), squared=True))
