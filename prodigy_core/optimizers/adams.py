"""Adam and AdamW, from optax: steps of about the learning rate, which a person must find."""

from __future__ import annotations

from typing import Any

import jax
import optax

from prodigy_core.optimizers.hyperparameters import BETA1, BETA2, epsilon, learning_rate, weight_decay
from prodigy_core.optimizers.optimizer import Hyperparameters, Optimizer
from prodigy_core.optimizers.traits import GridSearch, Rate, Scout, Story
from prodigy_core.optimizers.transformations import mask
from prodigy_core.param import Param
from prodigy_core.prodigy import bias_correction
from prodigy_core.schedules import Schedule

DECAY_HELP = "Decoupled weight decay, times the learning rate: pulls every parameter towards 0."
RATE = learning_rate(1e-3, "The size of a step.")


def _adam(hyper: Hyperparameters, schedule: Schedule) -> optax.GradientTransformation:
    return optax.adam(schedule, b1=hyper["beta1"], b2=hyper["beta2"], eps=hyper["eps"])


def _adamw(hyper: Hyperparameters, schedule: Schedule) -> optax.GradientTransformation:
    return optax.adamw(
        schedule, b1=hyper["beta1"], b2=hyper["beta2"], eps=hyper["eps"], weight_decay=hyper["weight_decay"], mask=mask(hyper)
    )


def adam_step(state: Any, hyper: Hyperparameters, k: jax.Array, lr: jax.Array) -> dict[str, jax.Array]:
    """Kingma and Ba's alpha_t: the learning rate times the bias correction. The direction is m / sqrt(v)."""
    return {"effective_step": lr * bias_correction(hyper["beta1"], hyper["beta2"], k + 1)}


def moments(state: Any, hyper: Hyperparameters) -> dict[str, Any]:
    """Return Adam's two moments, without the correction of their bias."""
    return {"m": state[0].mu, "v": state[0].nu}


FACTOR = Param(
    name="factor",
    default=1.0,
    low=0.0,
    above_low=True,
    high=1e6,
    span=(1e-2, 1e2),
    scale="log",
    help="Adam's learning rate as a multiple of Prodigy's D. At 1 it goes on with the step size that Prodigy found.",
)


def _end(name: str, default: float, help: str) -> Param:
    return Param(name=name, default=default, low=0.0, above_low=True, high=1e6, span=(1e-6, 1e2), scale="log", help=help)


OPTIMIZERS = (
    Optimizer(
        name="adam",
        title="Adam",
        summary="Steps of about the learning rate in every coordinate, along the averaged gradient.",
        paper="Kingma and Ba, 2015, arXiv 1412.6980",
        colour="#2b7cbc",
        dash="solid",
        raced_often=True,
        hyperparameters=(
            learning_rate(1e-3, "The size of a step. What Prodigy finds by itself must be found by hand here."),
            BETA1,
            BETA2,
            epsilon(1e-8),
        ),
        library=optax.adam,
        rate=Rate.BOUND,
        axes=("learning_rate", "beta1"),
        build=_adam,
        probe=adam_step,
        vectors=moments,
        story=Story.ADAM,
    ),
    Optimizer(
        name="tuned_adam",
        title="Tuned Adam",
        summary="Adam at the best of many learning rates, each tried in a whole run of its own: what tuning buys, and costs.",
        paper="Kingma and Ba, 2015, arXiv 1412.6980",
        colour="#6c549c",
        dash="dashdot",
        raced_often=True,
        hyperparameters=(
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
        library=optax.adam,
        rate=Rate.BOUND,
        axes=("search_low", "beta1"),
        build=_adam,
        probe=adam_step,
        vectors=moments,
        search=GridSearch(knob="learning_rate", untuned="adam", low="search_low", high="search_high", size="search_size"),
        story=Story.ADAM,
    ),
    Optimizer(
        name="adam_at_d",
        title="Adam at Prodigy’s D",
        summary="Adam with the last D of a run of Prodigy as its learning rate: one run before it in place of a search.",
        paper="Kingma and Ba, 2015, arXiv 1412.6980; Mishchenko and Defazio, 2023, arXiv 2306.06101",
        colour="#dd0099",
        dash="longdashdot",
        hyperparameters=(FACTOR, BETA1, BETA2, epsilon(1e-8)),
        library=optax.adam,
        rate=Rate.BOUND,
        axes=("factor", "beta1"),
        build=_adam,
        probe=adam_step,
        vectors=moments,
        search=Scout(knob="learning_rate", untuned="adam", scout="prodigy", factor="factor"),
        story=Story.ADAM,
    ),
    Optimizer(
        name="adamw",
        title="AdamW",
        summary="Adam with a weight decay that the adaptive step size does not touch.",
        paper="Loshchilov and Hutter, 2019, arXiv 1711.05101",
        colour="#0e9479",
        dash="solid",
        raced_often=True,
        hyperparameters=(RATE, BETA1, BETA2, epsilon(1e-8), weight_decay(1e-4, DECAY_HELP)),
        library=optax.adamw,
        rate=Rate.BOUND,
        axes=("learning_rate", "beta1"),
        build=_adamw,
        probe=adam_step,
        vectors=moments,
        story=Story.ADAM,
    ),
)
