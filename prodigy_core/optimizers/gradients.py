"""The oldest optimizers and the newest, from optax: steps along the gradient, scaled or signed, at a rate set by hand."""

from __future__ import annotations

from typing import Any

import jax
import optax

from prodigy_core.optimizers.hyperparameters import decay_rate, epsilon, learning_rate, weight_decay
from prodigy_core.optimizers.optimizer import Hyperparameters, Optimizer
from prodigy_core.optimizers.traits import Rate
from prodigy_core.optimizers.transformations import mask, select
from prodigy_core.param import Param
from prodigy_core.schedules import Schedule


def _adagrad(hyper: Hyperparameters, schedule: Schedule) -> optax.GradientTransformation:
    return optax.adagrad(schedule, initial_accumulator_value=hyper["initial_accumulator_value"], eps=hyper["eps"])


def _sgd(hyper: Hyperparameters, schedule: Schedule) -> optax.GradientTransformation:
    nesterov, heavy_ball = (optax.sgd(schedule, momentum=hyper["momentum"], nesterov=flag) for flag in (True, False))
    return select(hyper["nesterov"], nesterov, heavy_ball)


def _rmsprop(hyper: Hyperparameters, schedule: Schedule) -> optax.GradientTransformation:
    return optax.rmsprop(schedule, decay=hyper["decay"], eps=hyper["eps"], momentum=hyper["momentum"])


def _lion(hyper: Hyperparameters, schedule: Schedule) -> optax.GradientTransformation:
    return optax.lion(schedule, b1=hyper["beta1"], b2=hyper["beta2"], weight_decay=hyper["weight_decay"], mask=mask(hyper))


def _plain_step(state: Any, hyper: Hyperparameters, k: jax.Array, lr: jax.Array) -> dict[str, jax.Array]:
    return {"effective_step": lr}


def _velocity(state: Any, hyper: Hyperparameters) -> dict[str, Any]:
    """The sum of all gradients, each weighted by the momentum to the power of its age."""
    return {"m": state[0].trace}


def _square(state: Any, hyper: Hyperparameters) -> dict[str, Any]:
    """The second moment alone: its momentum is not that of the gradients, but of the steps."""
    return {"v": state[0].nu}


def _average(state: Any, hyper: Hyperparameters) -> dict[str, Any]:
    return {"m": state[0].mu}


def _momentum(default: float) -> Param:
    return decay_rate("momentum", default, "How much of the last step is taken again.")


OPTIMIZERS = (
    Optimizer(
        name="adagrad",
        title="AdaGrad",
        summary="A step along the gradient divided by the root of the sum of all its squares: shorter and shorter steps.",
        paper="Duchi, Hazan and Singer, 2011, JMLR 12",
        colour="#547830",
        dash="dashdot",
        hyperparameters=(
            learning_rate(1e-2, "The size of the first steps."),
            Param(
                name="initial_accumulator_value",
                default=0.1,
                low=0.0,
                high=1e6,
                span=(1e-6, 1e2),
                scale="log",
                help="What the sum of squares starts from: larger means shorter first steps.",
            ),
            epsilon(1e-7, "Added to the sum of squares under the root."),
        ),
        library=optax.adagrad,
        rate=Rate.BOUND,
        axes=("learning_rate", "eps"),
        build=_adagrad,
        probe=_plain_step,
    ),
    Optimizer(
        name="sgd",
        title="SGD",
        summary="A step along the gradient, as long as the gradient is steep, with momentum.",
        paper="Polyak, 1964; Nesterov, 1983; Sutskever et al., 2013",
        colour="#8162d7",
        dash="solid",
        raced_often=True,
        hyperparameters=(
            learning_rate(1e-3, "The step is this times the gradient: too large and a steep valley throws it out."),
            _momentum(0.9),
            Param(name="nesterov", default=False, help="Look ahead along the momentum before the gradient is applied."),
        ),
        library=optax.sgd,
        rate=Rate.PLAIN,
        axes=("learning_rate", "momentum"),
        build=_sgd,
        probe=_plain_step,
        vectors=_velocity,
    ),
    Optimizer(
        name="rmsprop",
        title="RMSProp",
        summary="A step along the gradient divided by the root of its averaged square.",
        paper="Tieleman and Hinton, 2012, lecture 6.5 of Neural Networks for Machine Learning",
        colour="#9a8b1e",
        dash="solid",
        hyperparameters=(
            learning_rate(1e-3, "The size of a step."),
            decay_rate("decay", 0.9, "How long the gradient's size is remembered."),
            epsilon(1e-8),
            _momentum(0.0),
        ),
        library=optax.rmsprop,
        rate=Rate.PLAIN,
        axes=("learning_rate", "momentum"),
        build=_rmsprop,
        probe=_plain_step,
        vectors=_square,
    ),
    Optimizer(
        name="lion",
        title="Lion",
        summary="The sign of an averaged gradient: every step has the same length in every coordinate.",
        paper="Chen et al., 2023, arXiv 2302.06675",
        colour="#61993e",
        dash="solid",
        raced_often=True,
        hyperparameters=(
            learning_rate(1e-4, "The length of every step in every coordinate."),
            decay_rate("beta1", 0.9, "How much of the average counts in the direction of a step."),
            decay_rate("beta2", 0.99, "How long the average is remembered."),
            weight_decay(1e-3, "Decoupled weight decay, times the learning rate: pulls every parameter towards 0."),
        ),
        library=optax.lion,
        rate=Rate.BOUND,
        axes=("learning_rate", "beta1"),
        build=_lion,
        probe=_plain_step,
        vectors=_average,
    ),
)
