"""MoMo: momentum with Polyak's step size, which the loss itself decides. From optax.

The step reaches to where a linear model of the loss, averaged as the momentum is, meets the lower bound of the loss, and
is never longer than the learning rate. The gradient and the loss of the step itself decide it, so the curves show the step
before.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import optax

from prodigy_core.optimizers.hyperparameters import BETA1, BETA2, decay_rate, epsilon, learning_rate, weight_decay
from prodigy_core.optimizers.optimizer import Hyperparameters, Optimizer
from prodigy_core.optimizers.traits import Rate
from prodigy_core.optimizers.transformations import keep_last_step, mask, select, undo_decay_where_masked
from prodigy_core.param import Param
from prodigy_core.schedules import Schedule

LAST = ("effective_step", "step_bound")


def _momo(hyper: Hyperparameters, schedule: Schedule) -> optax.GradientTransformation:
    def with_bound(adaptive: bool) -> optax.GradientTransformationExtraArgs:
        return optax.contrib.momo(
            schedule, hyper["beta"], hyper["lower_bound"], hyper["weight_decay"], adapt_lower_bound=adaptive
        )

    def describe(before: Any, after: Any, params: Any) -> dict[str, Any]:
        bound = _bound(before, after, params, hyper, schedule, optax.tree.norm(after.exp_avg, squared=True), 1.0)
        return {"step_bound": bound, "effective_step": jnp.minimum(schedule(before.count), bound)}

    return _built(with_bound(True), with_bound(False), hyper, schedule, describe)


def _momo_adam(hyper: Hyperparameters, schedule: Schedule) -> optax.GradientTransformation:
    def with_bound(adaptive: bool) -> optax.GradientTransformationExtraArgs:
        betas = (hyper["beta1"], hyper["beta2"])
        return optax.contrib.momo_adam(
            schedule, *betas, hyper["eps"], hyper["lower_bound"], hyper["weight_decay"], adapt_lower_bound=adaptive
        )

    def describe(before: Any, after: Any, params: Any) -> dict[str, Any]:
        correction1, correction2 = 1 - hyper["beta1"] ** after.count, 1 - hyper["beta2"] ** after.count
        root = jnp.sqrt(correction2)  # brings the step to Adam's m / sqrt(v), neither of them corrected
        parts = jax.tree.map(lambda m, v: jnp.sum(m**2 / (hyper["eps"] + jnp.sqrt(v) / root)), after.exp_avg, after.exp_avg_sq)
        bound = _bound(before, after, params, hyper, schedule, jnp.asarray(sum(jax.tree.leaves(parts))), correction1)
        limit = schedule(before.count) / correction1
        return {"step_bound": bound * root, "effective_step": jnp.minimum(limit, bound) * root}

    return _built(with_bound(True), with_bound(False), hyper, schedule, describe)


def _built(
    adaptive: Any, fixed: Any, hyper: Hyperparameters, schedule: Schedule, describe: Any
) -> optax.GradientTransformation:
    def pull(state: Any) -> jax.Array:
        shrunk = schedule(state.count) * hyper["weight_decay"]
        return jnp.asarray(shrunk / (1 + shrunk))

    # A leaf that does not decay is not shrunk; the length of the step counts the decay of all leaves, as optax's does.
    return keep_last_step(
        undo_decay_where_masked(select(hyper["adapt_lower_bound"], adaptive, fixed), mask(hyper), pull), LAST, describe
    )


def _bound(
    before: Any, after: Any, params: Any, hyper: Hyperparameters, schedule: Schedule, norm: jax.Array, correction: Any
) -> jax.Array:
    """Return Polyak's step along the averaged gradient: to where the model of the loss meets its lower bound.

    Args:
      before, after: the state before a step and after it.
      params: before the step.
      hyper, schedule: as given to the optimizer.
      norm: the squared norm of the averaged gradient, in the optimizer's own metric.
      correction: of the average's bias: 1 - beta1^k.
    """
    grown = 1 + schedule(before.count) * hyper["weight_decay"]
    model = grown * (after.barf - after.gamma) + optax.tree.vdot(after.exp_avg, params)
    scale = grown * correction
    # An adaptive lower bound is reset where the model already lies below it.
    reset = jnp.maximum(model / (2 * scale), hyper["lower_bound"])
    lowest = jnp.where(hyper["adapt_lower_bound"] & (model < scale * before.lb), reset, before.lb)
    still = norm <= jnp.finfo(float).eps  # no direction left: optax takes no step then
    return jnp.where(still, 0, jnp.maximum(model - scale * lowest, 0) / jnp.where(still, 1, norm))


def _probe(state: Any, hyper: Hyperparameters, k: jax.Array, lr: jax.Array) -> dict[str, jax.Array]:
    return {"lower_bound": state.inner.lb, **state.last}


def _average(state: Any, hyper: Hyperparameters) -> dict[str, Any]:
    return {"m": state.inner.exp_avg}


def _moments(state: Any, hyper: Hyperparameters) -> dict[str, Any]:
    return {"m": state.inner.exp_avg, "v": state.inner.exp_avg_sq}


HYPERPARAMETERS = (
    Param(
        name="lower_bound",
        default=0.0,
        low=-1e9,
        high=1e9,
        span=(-10.0, 10.0),
        help="A value that the loss does not fall below. The closer to the lowest loss, the better the step.",
    ),
    weight_decay(0.0, "Weight decay, times the learning rate, with the step's length taking it into account."),
    Param(
        name="adapt_lower_bound",
        default=False,
        help="Estimate the lower bound on the way; the one above is then only the least that it may be.",
    ),
)

OPTIMIZERS = (
    Optimizer(
        name="momo",
        title="MoMo",
        summary="SGD with momentum whose step goes down to a known lower bound of the loss, as an averaged model has it.",
        paper="Schaipp, Ohana, Eickenberg, Defazio and Gower, 2023, arXiv 2305.07583",
        colour="#0090fc",
        dash="solid",
        hyperparameters=(
            learning_rate(1.0, "The longest step. It is meant to be large: the loss decides how much of it is taken."),
            decay_rate("beta", 0.9, "How long gradients and losses are remembered."),
            *HYPERPARAMETERS,
        ),
        library=optax.contrib.momo,
        rate=Rate.CEILING,
        axes=("learning_rate", "beta"),
        build=_momo,
        probe=_probe,
        vectors=_average,
    ),
    Optimizer(
        name="momo_adam",
        title="MoMo-Adam",
        summary="Adam whose step goes down to a known lower bound of the loss, and is at most the learning rate.",
        paper="Schaipp, Ohana, Eickenberg, Defazio and Gower, 2023, arXiv 2305.07583",
        colour="#009cd8",
        dash="longdashdot",
        hyperparameters=(
            learning_rate(1e-2, "The longest step. It is meant to be large: the loss decides how much of it is taken."),
            BETA1,
            BETA2,
            epsilon(1e-8),
            *HYPERPARAMETERS,
        ),
        library=optax.contrib.momo_adam,
        rate=Rate.CEILING,
        axes=("learning_rate", "beta1"),
        build=_momo_adam,
        probe=_probe,
        vectors=_moments,
    ),
)
