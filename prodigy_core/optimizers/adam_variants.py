"""Adam's relatives, from optax: another second moment, another look ahead, or a warm-up by calculation."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import optax

from prodigy_core.optimizers.adams import DECAY_HELP, RATE, adam_step, moments
from prodigy_core.optimizers.hyperparameters import BETA1, BETA2, decay_rate, epsilon, learning_rate, weight_decay
from prodigy_core.optimizers.optimizer import Hyperparameters, Optimizer
from prodigy_core.optimizers.traits import Rate
from prodigy_core.optimizers.transformations import mask
from prodigy_core.param import Param
from prodigy_core.prodigy import bias_correction
from prodigy_core.schedules import Schedule


def _nadam(hyper: Hyperparameters, schedule: Schedule) -> optax.GradientTransformation:
    return optax.nadam(schedule, b1=hyper["beta1"], b2=hyper["beta2"], eps=hyper["eps"])


def _radam(hyper: Hyperparameters, schedule: Schedule) -> optax.GradientTransformation:
    return optax.radam(schedule, b1=hyper["beta1"], b2=hyper["beta2"], eps=hyper["eps"], threshold=hyper["threshold"])


def _amsgrad(hyper: Hyperparameters, schedule: Schedule) -> optax.GradientTransformation:
    return optax.amsgrad(schedule, b1=hyper["beta1"], b2=hyper["beta2"], eps=hyper["eps"])


def _adamax(hyper: Hyperparameters, schedule: Schedule) -> optax.GradientTransformation:
    return optax.adamax(schedule, b1=hyper["beta1"], b2=hyper["beta2"], eps=hyper["eps"])


def _adabelief(hyper: Hyperparameters, schedule: Schedule) -> optax.GradientTransformation:
    return optax.adabelief(schedule, b1=hyper["beta1"], b2=hyper["beta2"], eps=hyper["eps"], eps_root=hyper["eps_root"])


def _yogi(hyper: Hyperparameters, schedule: Schedule) -> optax.GradientTransformation:
    return optax.yogi(schedule, b1=hyper["beta1"], b2=hyper["beta2"], eps=hyper["eps"])


def _adan(hyper: Hyperparameters, schedule: Schedule) -> optax.GradientTransformation:
    return optax.adan(
        schedule,
        b1=hyper["beta1"],
        b2=hyper["beta2"],
        b3=hyper["beta3"],
        eps=hyper["eps"],
        eps_root=hyper["eps_root"],
        weight_decay=hyper["weight_decay"],
        mask=mask(hyper),
    )


def _radam_step(state: Any, hyper: Hyperparameters, k: jax.Array, lr: jax.Array) -> dict[str, jax.Array]:
    """Adam's times the rectification, along m / sqrt(v); along m itself while the variance of v is still out of hand."""
    j = k + 1
    power = hyper["beta2"] ** j
    final = 2 / (1 - hyper["beta2"]) - 1
    length = final - 2 * j * power / (1 - power)
    trusted = length >= hyper["threshold"]
    above = jnp.where(trusted, length, 5)  # the root is only taken where the threshold, at least 4, has been reached
    ratio = (above - 4) * (above - 2) * final / ((final - 4) * (final - 2) * above)
    rectified = jnp.sqrt(jnp.where(trusted, ratio, 1)) * bias_correction(hyper["beta1"], hyper["beta2"], j)
    return {"effective_step": lr * jnp.where(trusted, rectified, 1 / (1 - hyper["beta1"] ** j))}


def _first_moment_step(state: Any, hyper: Hyperparameters, k: jax.Array, lr: jax.Array) -> dict[str, jax.Array]:
    """The learning rate over the bias of the first moment: what m is divided by has no bias, or is corrected for it."""
    return {"effective_step": lr / (1 - hyper["beta1"] ** (k + 1))}


def _nadam_step(state: Any, hyper: Hyperparameters, k: jax.Array, lr: jax.Array) -> dict[str, jax.Array]:
    """The learning rate times the correction of the second moment: the look ahead is corrected before it is mixed."""
    return {"effective_step": lr * jnp.sqrt(1 - hyper["beta2"] ** (k + 1))}


def _adan_step(state: Any, hyper: Hyperparameters, k: jax.Array, lr: jax.Array) -> dict[str, jax.Array]:
    """As Nadam's, with Adan's third decay rate, that of the second moment."""
    return {"effective_step": lr * jnp.sqrt(1 - hyper["beta3"] ** (k + 1))}


def _first_moment(state: Any, hyper: Hyperparameters) -> dict[str, Any]:
    """The first moment alone: AdaMax divides it by a maximum, AdaBelief by how far gradients stray from it."""
    return {"m": state[0].mu}


def _adan_moments(state: Any, hyper: Hyperparameters) -> dict[str, Any]:
    """The second moment is n in Adan's paper, and v the averaged difference."""
    return {"m": state[0].m, "v": state[0].n}


def _root_epsilon(default: float) -> Param:
    return Param(
        name="eps_root",
        default=default,
        low=0.0,
        high=1.0,
        span=(1e-20, 1e-1),
        scale="log",
        help="Added to the second moment under the root.",
    )


OPTIMIZERS = (
    Optimizer(
        name="nadam",
        title="Nadam",
        summary="Adam that looks one step ahead along its momentum, as Nesterov's method does.",
        paper="Dozat, 2016, ICLR workshop",
        colour="#5454d8",
        dash="longdashdot",
        hyperparameters=(RATE, BETA1, BETA2, epsilon(1e-8)),
        library=optax.nadam,
        rate=Rate.BOUND,
        axes=("learning_rate", "beta1"),
        build=_nadam,
        probe=_nadam_step,
        vectors=moments,
    ),
    Optimizer(
        name="radam",
        title="RAdam",
        summary="Adam that trusts its second moment only as far as enough gradients have been seen: a warm-up by calculation.",
        paper="Liu et al., 2020, arXiv 1908.03265",
        colour="#c03c24",
        dash="longdashdot",
        hyperparameters=(
            RATE,
            BETA1,
            BETA2,
            epsilon(1e-8),
            Param(
                name="threshold",
                default=5.0,
                low=4.0,
                above_low=True,
                high=1e6,
                span=(4.1, 100.0),
                scale="log",
                help="How many gradients, about, the second moment must be made of before it is trusted.",
            ),
        ),
        library=optax.radam,
        rate=Rate.PLAIN,
        axes=("learning_rate", "beta1"),
        build=_radam,
        probe=_radam_step,
        vectors=moments,
    ),
    Optimizer(
        name="amsgrad",
        title="AMSGrad",
        summary="Adam that divides by the largest second moment so far, so that its steps never grow again.",
        paper="Reddi, Kale and Kumar, 2018, arXiv 1904.09237",
        colour="#549c54",
        dash="dash",
        hyperparameters=(RATE, BETA1, BETA2, epsilon(1e-8)),
        library=optax.amsgrad,
        rate=Rate.BOUND,
        axes=("learning_rate", "beta1"),
        build=_amsgrad,
        probe=_first_moment_step,
        vectors=moments,
    ),
    Optimizer(
        name="adamax",
        title="AdaMax",
        summary="Adam that divides by the largest recent gradient instead of the root of an averaged square.",
        paper="Kingma and Ba, 2015, arXiv 1412.6980",
        colour="#5484b4",
        dash="dash",
        hyperparameters=(
            learning_rate(2e-3, "The size of a step."),
            BETA1,
            BETA2,
            epsilon(1e-8, "Added to the largest recent gradient."),
        ),
        library=optax.adamax,
        rate=Rate.BOUND,
        axes=("learning_rate", "beta1"),
        build=_adamax,
        probe=_first_moment_step,
        vectors=_first_moment,
    ),
    Optimizer(
        name="adabelief",
        title="AdaBelief",
        summary="Adam that divides by how far gradients stray from their average: long steps where they agree.",
        paper="Zhuang et al., 2020, arXiv 2010.07468",
        colour="#f000fc",
        dash="dots",
        hyperparameters=(RATE, BETA1, BETA2, epsilon(1e-16), _root_epsilon(1e-16)),
        library=optax.adabelief,
        rate=Rate.PLAIN,
        axes=("learning_rate", "beta1"),
        build=_adabelief,
        probe=adam_step,
        vectors=_first_moment,
    ),
    Optimizer(
        name="yogi",
        title="Yogi",
        summary="Adam whose second moment grows and shrinks slowly, however suddenly the gradients do.",
        paper="Zaheer et al., 2018, NeurIPS",
        colour="#3c7854",
        dash="longdashdot",
        hyperparameters=(learning_rate(1e-2, "The size of a step."), BETA1, BETA2, epsilon(1e-3)),
        library=optax.yogi,
        rate=Rate.BOUND,
        axes=("learning_rate", "beta1"),
        build=_yogi,
        probe=adam_step,
        vectors=moments,
    ),
    Optimizer(
        name="adan",
        title="Adan",
        summary="Adam with Nesterov's look ahead taken from the difference of two gradients in a row.",
        paper="Xie et al., 2022, arXiv 2208.06677",
        colour="#6054b4",
        dash="longdash",
        hyperparameters=(
            RATE,
            decay_rate("beta1", 0.98, "Decay rate of the averaged gradient."),
            decay_rate("beta2", 0.92, "Decay rate of the averaged difference of two gradients in a row."),
            decay_rate("beta3", 0.99, "Decay rate of the second moment."),
            epsilon(1e-8),
            _root_epsilon(1e-8),
            weight_decay(0.0, DECAY_HELP),
        ),
        library=optax.adan,
        rate=Rate.PLAIN,
        axes=("learning_rate", "beta1"),
        build=_adan,
        probe=_adan_step,
        vectors=_adan_moments,
    ),
)
