"""Prodigy twice: ours, and the one optax ships, so that one can see both."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import optax

from prodigy_core.optimizers.hyperparameters import BETA1, BETA2, epsilon, first_estimate, learning_rate, weight_decay
from prodigy_core.optimizers.optimizer import Hyperparameters, Optimizer
from prodigy_core.optimizers.traits import Estimate, Rate, Story
from prodigy_core.optimizers.transformations import mask, select, undo_decay_where_masked
from prodigy_core.param import Param
from prodigy_core.prodigy import bias_correction, prodigy
from prodigy_core.schedules import Schedule

MOMENTS = "β, ε"  # group of Adam's hyperparameters: they get a tab of their own, for one comes to turn those of the estimate

HYPERPARAMETERS = (
    learning_rate(
        1.0,
        "A factor on the step size that Prodigy finds by itself. Leave it near 1 and shape it with the schedule.",
        span=(1e-3, 10.0),
    ),
    replace(BETA1, group=MOMENTS),
    replace(BETA2, group=MOMENTS),
    Param(
        name="beta3",
        default=None,
        none_means="sqrt(beta2)",
        instead=0.9995,
        low=0.0,
        high=1.0,
        span=(0.0, 0.99999),
        scale="log1m",
        help="Decay rate of the sums behind D: how long old gradients count in the estimate. From beta2: its square root.",
    ),
    replace(epsilon(1e-8), group=MOMENTS),
    first_estimate("estim_lr0", 1e-6, "The first estimate of the distance D, often written d0. D only ever grows from here."),
    Param(
        name="estim_lr_coef",
        default=1.0,
        low=0.0,
        above_low=True,
        high=1e6,
        span=(1e-2, 1e2),
        scale="log",
        help="A factor on every estimate of D. The knob to turn where a larger or smaller step is wanted.",
    ),
    weight_decay(0.0, "Decoupled weight decay, times D and the learning rate."),
    Param(
        name="safeguard_warmup",
        default=False,
        help="Keep the learning rate out of the estimate's denominator, so that a warm-up does not inflate D.",
    ),
)


def _arguments(hyper: Hyperparameters, schedule: Schedule, safeguard_warmup: Any) -> dict[str, Any]:
    return {
        "learning_rate": schedule,
        "betas": (hyper["beta1"], hyper["beta2"]),
        "beta3": jnp.where(jnp.isnan(hyper["beta3"]), hyper["beta2"] ** 0.5, hyper["beta3"]),
        "eps": hyper["eps"],
        "estim_lr0": hyper["estim_lr0"],
        "estim_lr_coef": hyper["estim_lr_coef"],
        "weight_decay": hyper["weight_decay"],
        "safeguard_warmup": safeguard_warmup,
    }


def _build_ours(hyper: Hyperparameters, schedule: Schedule) -> optax.GradientTransformation:
    return prodigy(**_arguments(hyper, schedule, hyper["safeguard_warmup"]), weight_decay_mask=mask(hyper))


def _build_optax(hyper: Hyperparameters, schedule: Schedule) -> optax.GradientTransformation:
    guarded, plain = (optax.contrib.prodigy(**_arguments(hyper, schedule, flag)) for flag in (True, False))
    optimizer = select(hyper["safeguard_warmup"], guarded, plain)
    return undo_decay_where_masked(optimizer, mask(hyper), lambda state: decay_of_a_step(state, hyper, schedule))


def _info_ours(gradient: Any, state: Any, params: Any) -> dict[str, jax.Array]:
    """<g, x0 - x> of the step, by which the numerator grows: beta3 of it stays, and D^2 / d0 q <g, x0 - x> is added."""
    parts = jax.tree.map(
        lambda g, p0, p, c: jnp.sum(g.astype(c.dtype) * (p0.astype(c.dtype) - p.astype(c.dtype) - c)),
        gradient,
        state.params0,
        params,
        state.residual,
    )
    return {"inner": jnp.asarray(sum(jax.tree.leaves(parts)))}


def _info_optax(gradient: Any, state: Any, params: Any) -> dict[str, jax.Array]:
    """<g, x0 - x> of the step, as in `_info_ours`."""
    return {"inner": optax.tree.vdot(gradient, jax.tree.map(jnp.subtract, state.params0, params))}


def decay_of_a_step(state: Any, hyper: Hyperparameters, schedule: Schedule) -> jax.Array:
    """Return the fraction of the parameters that the decay takes, also in D-Adaptation: weight decay times step size."""
    return jnp.asarray(hyper["weight_decay"] * step_size(state, hyper, state.count, schedule(state.count)))


def step_size(state: Any, hyper: Hyperparameters, k: jax.Array, lr: jax.Array) -> jax.Array:
    """Return D times Adam's step size."""
    return jnp.asarray(state.estim_lr * lr * bias_correction(hyper["beta1"], hyper["beta2"], k + 1))


def _curves(state: Any, hyper: Hyperparameters, k: jax.Array, lr: jax.Array, scale: jax.Array) -> dict[str, jax.Array]:
    """Return the curves of either Prodigy. `scale` brings the sums to the paper's units, those of optax's state."""
    denominator = sum(jnp.sum(jnp.abs(s)) for s in jax.tree.leaves(state.grad_sum))
    summed = denominator > 0  # before the first step there is no estimate yet
    d_hat = hyper["estim_lr_coef"] * state.numerator_weighted / jnp.where(summed, denominator, 1)
    return {
        "D": state.estim_lr,
        "d_hat": jnp.where(summed, d_hat, jnp.nan),
        "numerator": scale * state.numerator_weighted,
        "denominator": scale * denominator,
        "effective_step": step_size(state, hyper, k, lr),
    }


def _probe_ours(state: Any, hyper: Hyperparameters, k: jax.Array, lr: jax.Array) -> dict[str, jax.Array]:
    d = state.estim_lr_prev
    return _curves(state, hyper, k, lr, d * (d / hyper["estim_lr0"]))


def _probe_optax(state: Any, hyper: Hyperparameters, k: jax.Array, lr: jax.Array) -> dict[str, jax.Array]:
    return _curves(state, hyper, k, lr, jnp.ones_like(state.estim_lr))


def _vectors_ours(state: Any, hyper: Hyperparameters) -> dict[str, Any]:
    d = state.estim_lr_prev  # the D of the step that wrote the vectors; the state holds them divided by it
    units = {"m": d, "v": d**2, "s": d * (d / hyper["estim_lr0"])}
    return {name: jax.tree.map(partial(jnp.multiply, units[name]), tree) for name, tree in vectors(state, hyper).items()}


def vectors(state: Any, hyper: Hyperparameters) -> dict[str, Any]:
    """Return the vectors of optax's Prodigy and of D-Adaptation."""
    return {"m": state.exp_avg, "v": state.exp_avg_sq, "s": state.grad_sum}


ESTIMATE = Estimate(starts_at="estim_lr0", scaled_by="estim_lr_coef", lower_bound=True)
PAPER = "Mishchenko and Defazio, 2023, arXiv 2306.06101"

OPTIMIZERS = (
    Optimizer(
        name="prodigy",
        title="Prodigy",
        summary="Adam whose step size is an estimate D of the distance to the solution, raised as the run goes.",
        paper=PAPER,
        colour="#fb4208",
        dash="solid",
        raced_often=True,
        hyperparameters=HYPERPARAMETERS,
        library=prodigy,
        rate=Rate.FACTOR,
        axes=("estim_lr0", "estim_lr_coef"),
        build=_build_ours,
        compensated=True,
        probe=_probe_ours,
        info=_info_ours,
        vectors=_vectors_ours,
        estimate=ESTIMATE,
        story=Story.PRODIGY,
    ),
    Optimizer(
        name="optax_prodigy",
        title="Prodigy (optax)",
        summary="Prodigy as the installed optax ships it, without compensated steps and without guards.",
        paper=PAPER,
        colour="#bf5197",
        dash="solid",
        raced_often=True,
        hyperparameters=HYPERPARAMETERS,
        library=optax.contrib.prodigy,
        rate=Rate.FACTOR,
        axes=("estim_lr0", "estim_lr_coef"),
        build=_build_optax,
        divides_by_rate=True,
        robust_variant="prodigy",
        probe=_probe_optax,
        info=_info_optax,
        vectors=vectors,
        estimate=ESTIMATE,
        story=Story.PRODIGY,
    ),
)
