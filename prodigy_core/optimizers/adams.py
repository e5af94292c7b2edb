"""Adam and its kin, from optax: steps of about the learning rate, which a person must find."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import optax

from prodigy_core.optimizers.hyperparameters import BETA1, BETA2, decay_rate, epsilon, learning_rate, weight_decay
from prodigy_core.optimizers.optimizer import Hyper, Optimizer, Search
from prodigy_core.optimizers.transformations import mask
from prodigy_core.param import Param
from prodigy_core.prodigy import bias_correction
from prodigy_core.schedules import Schedule

DECAY_HELP = "Decoupled weight decay, times the learning rate: pulls every parameter towards 0."
RATE = learning_rate(1e-3, "The size of a step.")


def _adam(h: Hyper, schedule: Schedule) -> optax.GradientTransformation:
    return optax.adam(schedule, b1=h["beta1"], b2=h["beta2"], eps=h["eps"])


def _adamw(h: Hyper, schedule: Schedule) -> optax.GradientTransformation:
    return optax.adamw(schedule, b1=h["beta1"], b2=h["beta2"], eps=h["eps"], weight_decay=h["weight_decay"], mask=mask(h))


def _nadam(h: Hyper, schedule: Schedule) -> optax.GradientTransformation:
    return optax.nadam(schedule, b1=h["beta1"], b2=h["beta2"], eps=h["eps"])


def _radam(h: Hyper, schedule: Schedule) -> optax.GradientTransformation:
    return optax.radam(schedule, b1=h["beta1"], b2=h["beta2"], eps=h["eps"], threshold=h["threshold"])


def _amsgrad(h: Hyper, schedule: Schedule) -> optax.GradientTransformation:
    return optax.amsgrad(schedule, b1=h["beta1"], b2=h["beta2"], eps=h["eps"])


def _adamax(h: Hyper, schedule: Schedule) -> optax.GradientTransformation:
    return optax.adamax(schedule, b1=h["beta1"], b2=h["beta2"], eps=h["eps"])


def _adabelief(h: Hyper, schedule: Schedule) -> optax.GradientTransformation:
    return optax.adabelief(schedule, b1=h["beta1"], b2=h["beta2"], eps=h["eps"], eps_root=h["eps_root"])


def _yogi(h: Hyper, schedule: Schedule) -> optax.GradientTransformation:
    return optax.yogi(schedule, b1=h["beta1"], b2=h["beta2"], eps=h["eps"])


def _adan(h: Hyper, schedule: Schedule) -> optax.GradientTransformation:
    return optax.adan(
        schedule,
        b1=h["beta1"],
        b2=h["beta2"],
        b3=h["beta3"],
        eps=h["eps"],
        eps_root=h["eps_root"],
        weight_decay=h["weight_decay"],
        mask=mask(h),
    )


def _adam_step(state: Any, h: Hyper, k: jax.Array, lr: jax.Array) -> dict[str, jax.Array]:
    """Kingma and Ba's alpha_t: the learning rate times the bias correction. The direction is m / sqrt(v)."""
    return {"effective_step": lr * bias_correction(h["beta1"], h["beta2"], k + 1)}


def _radam_step(state: Any, h: Hyper, k: jax.Array, lr: jax.Array) -> dict[str, jax.Array]:
    """Adam's times the rectification, along m / sqrt(v); along m itself while the variance of v is still out of hand."""
    j = k + 1
    power = h["beta2"] ** j
    final = 2 / (1 - h["beta2"]) - 1
    length = final - 2 * j * power / (1 - power)
    trusted = length >= h["threshold"]
    above = jnp.where(trusted, length, 5)  # the root is only taken where the threshold, at least 4, has been reached
    ratio = (above - 4) * (above - 2) * final / ((final - 4) * (final - 2) * above)
    rectified = jnp.sqrt(jnp.where(trusted, ratio, 1)) * bias_correction(h["beta1"], h["beta2"], j)
    return {"effective_step": lr * jnp.where(trusted, rectified, 1 / (1 - h["beta1"] ** j))}


def _first_moment_step(state: Any, h: Hyper, k: jax.Array, lr: jax.Array) -> dict[str, jax.Array]:
    """The learning rate over the bias of the first moment: what m is divided by has no bias, or is corrected for it."""
    return {"effective_step": lr / (1 - h["beta1"] ** (k + 1))}


def _nadam_step(state: Any, h: Hyper, k: jax.Array, lr: jax.Array) -> dict[str, jax.Array]:
    """The learning rate times the correction of the second moment: the look ahead is corrected before it is mixed."""
    return {"effective_step": lr * jnp.sqrt(1 - h["beta2"] ** (k + 1))}


def _adan_step(state: Any, h: Hyper, k: jax.Array, lr: jax.Array) -> dict[str, jax.Array]:
    """As Nadam's, with Adan's third decay rate, that of the second moment."""
    return {"effective_step": lr * jnp.sqrt(1 - h["beta3"] ** (k + 1))}


def _moments(state: Any, h: Hyper) -> dict[str, Any]:
    return {"m": state[0].mu, "v": state[0].nu}


def _first_moment(state: Any, h: Hyper) -> dict[str, Any]:
    """What m is divided by is no average of squares: AdaMax keeps a maximum, AdaBelief squares what strays from m."""
    return {"m": state[0].mu}


def _adan_moments(state: Any, h: Hyper) -> dict[str, Any]:
    """The second moment is n in Adan's paper, and v the averaged difference."""
    return {"m": state[0].m, "v": state[0].n}


def _end(name: str, default: float, help: str) -> Param:
    return Param(name=name, default=default, low=0.0, above_low=True, high=1e6, span=(1e-6, 1e2), scale="log", help=help)


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
        vectors=_moments,
    ),
    Optimizer(
        name="tuned_adam",
        title="Tuned Adam",
        summary="Adam at the best of many learning rates, each tried in a whole run of its own: what tuning buys, and costs.",
        paper="Kingma and Ba, 2015, arXiv 1412.6980",
        knobs=(
            _end("search_low", 1e-5, "The smallest learning rate that is tried."),
            _end("search_high", 10.0, "The largest learning rate that is tried."),
            Param(
                name="search_size",
                default=25,
                low=2,
                high=101,
                static=True,
                help="How many learning rates are tried, evenly spread on a logarithmic scale. Each costs a run.",
            ),
            BETA1,
            BETA2,
            epsilon(1e-8),
        ),
        build=_adam,
        probe=_adam_step,
        vectors=_moments,
        search=Search(knob="learning_rate", low="search_low", high="search_high", size="search_size"),
    ),
    Optimizer(
        name="adamw",
        title="AdamW",
        summary="Adam with a weight decay that the adaptive step size does not touch.",
        paper="Loshchilov and Hutter, 2019, arXiv 1711.05101",
        knobs=(RATE, BETA1, BETA2, epsilon(1e-8), weight_decay(1e-4, DECAY_HELP)),
        build=_adamw,
        probe=_adam_step,
        vectors=_moments,
    ),
    Optimizer(
        name="nadam",
        title="Nadam",
        summary="Adam that looks one step ahead along its momentum, as Nesterov's method does.",
        paper="Dozat, 2016, ICLR workshop",
        knobs=(RATE, BETA1, BETA2, epsilon(1e-8)),
        build=_nadam,
        probe=_nadam_step,
        vectors=_moments,
    ),
    Optimizer(
        name="radam",
        title="RAdam",
        summary="Adam that trusts its second moment only as far as enough gradients have been seen: a warm-up by calculation.",
        paper="Liu et al., 2020, arXiv 1908.03265",
        knobs=(
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
        build=_radam,
        probe=_radam_step,
        vectors=_moments,
    ),
    Optimizer(
        name="amsgrad",
        title="AMSGrad",
        summary="Adam that divides by the largest second moment so far, so that its steps never grow again.",
        paper="Reddi, Kale and Kumar, 2018, arXiv 1904.09237",
        knobs=(RATE, BETA1, BETA2, epsilon(1e-8)),
        build=_amsgrad,
        probe=_first_moment_step,
        vectors=_moments,
    ),
    Optimizer(
        name="adamax",
        title="AdaMax",
        summary="Adam that divides by the largest recent gradient instead of the root of an averaged square.",
        paper="Kingma and Ba, 2015, arXiv 1412.6980",
        knobs=(
            learning_rate(2e-3, "The size of a step."),
            BETA1,
            BETA2,
            epsilon(1e-8, "Added to the largest recent gradient."),
        ),
        build=_adamax,
        probe=_first_moment_step,
        vectors=_first_moment,
    ),
    Optimizer(
        name="adabelief",
        title="AdaBelief",
        summary="Adam that divides by how far gradients stray from their average: long steps where they agree.",
        paper="Zhuang et al., 2020, arXiv 2010.07468",
        knobs=(RATE, BETA1, BETA2, epsilon(1e-16), _root_epsilon(1e-16)),
        build=_adabelief,
        probe=_adam_step,
        vectors=_first_moment,
    ),
    Optimizer(
        name="yogi",
        title="Yogi",
        summary="Adam whose second moment grows and shrinks slowly, however suddenly the gradients do.",
        paper="Zaheer et al., 2018, NeurIPS",
        knobs=(learning_rate(1e-2, "The size of a step."), BETA1, BETA2, epsilon(1e-3)),
        build=_yogi,
        probe=_adam_step,
        vectors=_moments,
    ),
    Optimizer(
        name="adan",
        title="Adan",
        summary="Adam with Nesterov's look ahead taken from the difference of two gradients in a row.",
        paper="Xie et al., 2022, arXiv 2208.06677",
        knobs=(
            RATE,
            decay_rate("beta1", 0.98, "Decay rate of the averaged gradient."),
            decay_rate("beta2", 0.92, "Decay rate of the averaged difference of two gradients in a row."),
            decay_rate("beta3", 0.99, "Decay rate of the second moment."),
            epsilon(1e-8),
            _root_epsilon(1e-8),
            weight_decay(0.0, DECAY_HELP),
        ),
        build=_adan,
        probe=_adan_step,
        vectors=_adan_moments,
    ),
)
