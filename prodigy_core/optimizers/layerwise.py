"""Optimizers that measure each layer by its norm, for large batches; from optax.

A layer is a leaf of the parameters: a matrix, a vector of biases, the point of a function. All three divide a layer's
gradient by a norm of the whole layer, so a layer's step has about the length that the learning rate says, as a fraction
of the layer itself in LARS and LAMB.
"""

from __future__ import annotations

from typing import Any

import jax
import optax

from prodigy_core.optimizers.adams import DECAY_HELP, moments
from prodigy_core.optimizers.hyperparameters import BETA1, BETA2, decay_rate, epsilon, learning_rate, weight_decay
from prodigy_core.optimizers.optimizer import Hyperparameters, Optimizer
from prodigy_core.optimizers.traits import Rate
from prodigy_core.optimizers.transformations import mask, select
from prodigy_core.param import Param
from prodigy_core.schedules import Schedule

# NovoGrad and LARS have no decoupled decay here: optax's goes through NovoGrad's momentum, where no mask could take it
# back, and in LARS it is the coupled one that every optimizer has.


def _novograd(hyper: Hyperparameters, schedule: Schedule) -> optax.GradientTransformation:
    return optax.novograd(schedule, b1=hyper["beta1"], b2=hyper["beta2"], eps=hyper["eps"])


def _lamb(hyper: Hyperparameters, schedule: Schedule) -> optax.GradientTransformation:
    return optax.lamb(
        schedule, b1=hyper["beta1"], b2=hyper["beta2"], eps=hyper["eps"], weight_decay=hyper["weight_decay"], mask=mask(hyper)
    )


def _lars(hyper: Hyperparameters, schedule: Schedule) -> optax.GradientTransformation:
    nesterov, heavy_ball = (
        optax.lars(
            schedule,
            trust_coefficient=hyper["trust_coefficient"],
            eps=hyper["eps"],
            momentum=hyper["momentum"],
            nesterov=flag,
        )
        for flag in (True, False)
    )
    return select(hyper["nesterov"], nesterov, heavy_ball)


def _rate_step(state: Any, hyper: Hyperparameters, k: jax.Array, lr: jax.Array) -> dict[str, jax.Array]:
    """The learning rate. NovoGrad's direction is its momentum, LAMB's is as long as the layer."""
    return {"effective_step": lr}


def _lars_step(state: Any, hyper: Hyperparameters, k: jax.Array, lr: jax.Array) -> dict[str, jax.Array]:
    """The learning rate times the trust coefficient, along the gradient brought to the length of the layer.

    A layer of norm 0 has no length to bring it to: optax then takes the gradient itself, times the learning rate.
    """
    return {"effective_step": lr * hyper["trust_coefficient"]}


def _novograd_moment(state: Any, hyper: Hyperparameters) -> dict[str, Any]:
    """The sum of gradients, each over the root of its layer's second moment, which is one number and so not shown."""
    return {"m": state[0].mu}


OPTIMIZERS = (
    Optimizer(
        name="novograd",
        title="NovoGrad",
        summary="Momentum of gradients that are each divided by the averaged norm of their layer.",
        paper="Ginsburg et al., 2019, arXiv 1905.11286",
        colour="#aa00ff",
        dash="longdash",
        hyperparameters=(
            learning_rate(1e-2, "The length of a layer's step, about, before the momentum adds steps up."),
            decay_rate("beta1", 0.9, "How much of the last step is taken again."),
            decay_rate("beta2", 0.25, "Decay rate of a layer's second moment: how long its gradient's norm is remembered."),
            epsilon(1e-6),
        ),
        library=optax.novograd,
        rate=Rate.PLAIN,
        axes=("learning_rate", "beta1"),
        build=_novograd,
        layerwise=True,
        probe=_rate_step,
        vectors=_novograd_moment,
    ),
    Optimizer(
        name="lamb",
        title="LAMB",
        summary="Adam whose step is brought to the length of the layer that it moves, times the learning rate.",
        paper="You et al., 2020, arXiv 1904.00962",
        colour="#556688",
        dash="dots",
        hyperparameters=(
            learning_rate(1e-3, "The length of a layer's step, as a fraction of the layer's own norm."),
            BETA1,
            BETA2,
            epsilon(1e-6),
            weight_decay(0.0, DECAY_HELP),
        ),
        library=optax.lamb,
        rate=Rate.PLAIN,
        axes=("learning_rate", "beta1"),
        build=_lamb,
        layerwise=True,
        probe=_rate_step,
        vectors=moments,
    ),
    Optimizer(
        name="lars",
        title="LARS",
        summary="SGD with momentum whose gradient is brought to a small fraction of the length of the layer that it moves.",
        paper="You, Gitman and Ginsburg, 2017, arXiv 1708.03888",
        colour="#00aa66",
        dash="dots",
        hyperparameters=(
            learning_rate(
                1.0,
                "A factor on the trust coefficient, for the schedule to shape. A layer at 0 moves by the gradient times this.",
            ),
            Param(
                name="trust_coefficient",
                default=1e-3,
                low=0.0,
                above_low=True,
                high=1e3,
                span=(1e-5, 1.0),
                scale="log",
                help="The length of a layer's step, as a fraction of the layer's own norm, at a learning rate of 1.",
            ),
            epsilon(0.0, "Added to the norm of a layer's gradient."),
            decay_rate("momentum", 0.9, "How much of the last step is taken again."),
            Param(name="nesterov", default=False, help="Look ahead along the momentum before the gradient is applied."),
        ),
        library=optax.lars,
        rate=Rate.PLAIN,
        axes=("learning_rate", "momentum"),
        build=_lars,
        layerwise=True,
        probe=_lars_step,
    ),
)
