"""The optimizers whose learning rate a person must find: Adam and its relatives, from optax."""

from __future__ import annotations

from typing import Any

import jax
import optax

from prodigy_core.optimizers.optimizer import Hyper, Optimizer, decay_rate, epsilon, learning_rate, switch, weight_decay
from prodigy_core.param import Param
from prodigy_core.prodigy import bias_correction
from prodigy_core.schedules import Schedule

BETA1 = decay_rate("beta1", 0.9, "Decay rate of the first moment: how long the direction is remembered.")
BETA2 = decay_rate("beta2", 0.999, "Decay rate of the second moment: how long the gradient's size is remembered.")
DECAY_HELP = "Decoupled weight decay, times the learning rate: pulls every parameter towards 0."


def _adam(h: Hyper, schedule: Schedule) -> optax.GradientTransformation:
    return optax.adam(schedule, b1=h["beta1"], b2=h["beta2"], eps=h["eps"])


def _adamw(h: Hyper, schedule: Schedule) -> optax.GradientTransformation:
    return optax.adamw(schedule, b1=h["beta1"], b2=h["beta2"], eps=h["eps"], weight_decay=h["weight_decay"])


def _sgd(h: Hyper, schedule: Schedule) -> optax.GradientTransformation:
    nesterov, heavy_ball = (optax.sgd(schedule, momentum=h["momentum"], nesterov=flag) for flag in (True, False))
    return switch(h["nesterov"], nesterov, heavy_ball)


def _rmsprop(h: Hyper, schedule: Schedule) -> optax.GradientTransformation:
    return optax.rmsprop(schedule, decay=h["decay"], eps=h["eps"], momentum=h["momentum"])


def _lion(h: Hyper, schedule: Schedule) -> optax.GradientTransformation:
    return optax.lion(schedule, b1=h["beta1"], b2=h["beta2"], weight_decay=h["weight_decay"])


def _adam_step(state: Any, h: Hyper, k: jax.Array, lr: jax.Array) -> dict[str, jax.Array]:
    """Kingma and Ba's alpha_t: the learning rate times the bias correction."""
    return {"effective_step": lr * bias_correction(h["beta1"], h["beta2"], k + 1)}


def _plain_step(state: Any, h: Hyper, k: jax.Array, lr: jax.Array) -> dict[str, jax.Array]:
    return {"effective_step": lr}


def _momentum(default: float) -> Param:
    return decay_rate("momentum", default, "How much of the last step is taken again.")


OPTIMIZERS = (
    Optimizer(
        name="adam",
        title="Adam",
        summary="Steps of about the learning rate in every coordinate, along the averaged gradient.",
        paper="Kingma and Ba, 2015, arXiv 1412.6980",
        knobs=(
            learning_rate(1e-3, "The size of a step. What Prodigy finds by itself must be found by hand here."),
            BETA1,
            BETA2,
            epsilon(1e-8),
        ),
        build=_adam,
        probe=_adam_step,
    ),
    Optimizer(
        name="adamw",
        title="AdamW",
        summary="Adam with a weight decay that the adaptive step size does not touch.",
        paper="Loshchilov and Hutter, 2019, arXiv 1711.05101",
        knobs=(learning_rate(1e-3, "The size of a step."), BETA1, BETA2, epsilon(1e-8), weight_decay(1e-4, DECAY_HELP)),
        build=_adamw,
        probe=_adam_step,
    ),
    Optimizer(
        name="sgd",
        title="SGD",
        summary="A step along the gradient, as long as the gradient is steep, with momentum.",
        paper="Polyak, 1964; Nesterov, 1983; Sutskever et al., 2013",
        knobs=(
            learning_rate(1e-3, "The step is this times the gradient: too large and a steep valley throws it out."),
            _momentum(0.9),
            Param(name="nesterov", default=False, help="Look ahead along the momentum before the gradient is applied."),
        ),
        build=_sgd,
        probe=_plain_step,
    ),
    Optimizer(
        name="rmsprop",
        title="RMSProp",
        summary="A step along the gradient divided by the root of its averaged square.",
        paper="Tieleman and Hinton, 2012, lecture 6.5 of Neural Networks for Machine Learning",
        knobs=(
            learning_rate(1e-3, "The size of a step."),
            decay_rate("decay", 0.9, "How long the gradient's size is remembered."),
            epsilon(1e-8),
            _momentum(0.0),
        ),
        build=_rmsprop,
        probe=_plain_step,
    ),
    Optimizer(
        name="lion",
        title="Lion",
        summary="The sign of an averaged gradient: every step has the same length in every coordinate.",
        paper="Chen et al., 2023, arXiv 2302.06675",
        knobs=(
            learning_rate(1e-4, "The length of every step in every coordinate."),
            decay_rate("beta1", 0.9, "How much of the average counts in the direction of a step."),
            decay_rate("beta2", 0.99, "How long the average is remembered."),
            weight_decay(1e-3, DECAY_HELP),
        ),
        build=_lion,
        probe=_plain_step,
    ),
)
