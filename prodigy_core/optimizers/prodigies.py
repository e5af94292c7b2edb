"""Prodigy twice: ours, and the one optax ships, so that one can see both."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import optax

from prodigy_core.optimizers.hyperparameters import BETA1, BETA2, epsilon, first_estimate, learning_rate, weight_decay
from prodigy_core.optimizers.optimizer import Hyper, Optimizer
from prodigy_core.optimizers.transformations import mask, spare, switch
from prodigy_core.param import Param
from prodigy_core.prodigy import bias_correction, prodigy
from prodigy_core.schedules import Schedule

MOMENTS = "β, ε"  # what is Adam's stands aside: the knobs of the estimate are what one comes to turn

KNOBS = (
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


def _arguments(h: Hyper, schedule: Schedule, safeguard_warmup: Any) -> dict[str, Any]:
    return {
        "learning_rate": schedule,
        "betas": (h["beta1"], h["beta2"]),
        "beta3": jnp.where(jnp.isnan(h["beta3"]), h["beta2"] ** 0.5, h["beta3"]),
        "eps": h["eps"],
        "estim_lr0": h["estim_lr0"],
        "estim_lr_coef": h["estim_lr_coef"],
        "weight_decay": h["weight_decay"],
        "safeguard_warmup": safeguard_warmup,
    }


def _build_ours(h: Hyper, schedule: Schedule) -> optax.GradientTransformation:
    return prodigy(**_arguments(h, schedule, h["safeguard_warmup"]), weight_decay_mask=mask(h))


def _build_optax(h: Hyper, schedule: Schedule) -> optax.GradientTransformation:
    guarded, plain = (optax.contrib.prodigy(**_arguments(h, schedule, flag)) for flag in (True, False))
    optimizer = switch(h["safeguard_warmup"], guarded, plain)
    return spare(optimizer, mask(h), lambda state: decay_of_a_step(state, h, schedule))


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


def decay_of_a_step(state: Any, h: Hyper, schedule: Schedule) -> jax.Array:
    """The fraction of the parameters that the decay takes: the weight decay times the step size, as in D-Adaptation."""
    return jnp.asarray(h["weight_decay"] * step_size(state, h, state.count, schedule(state.count)))


def step_size(state: Any, h: Hyper, k: jax.Array, lr: jax.Array) -> jax.Array:
    """D times Adam's step size."""
    return jnp.asarray(state.estim_lr * lr * bias_correction(h["beta1"], h["beta2"], k + 1))


def _inside(state: Any, h: Hyper, k: jax.Array, lr: jax.Array, scale: jax.Array) -> dict[str, jax.Array]:
    """The curves of either Prodigy. `scale` brings the sums to the paper's units, those of optax's state."""
    denominator = sum(jnp.sum(jnp.abs(s)) for s in jax.tree.leaves(state.grad_sum))
    some = denominator > 0  # before the first step there is no estimate yet
    d_hat = h["estim_lr_coef"] * state.numerator_weighted / jnp.where(some, denominator, 1)
    return {
        "D": state.estim_lr,
        "d_hat": jnp.where(some, d_hat, jnp.nan),
        "numerator": scale * state.numerator_weighted,
        "denominator": scale * denominator,
        "effective_step": step_size(state, h, k, lr),
    }


def _probe_ours(state: Any, h: Hyper, k: jax.Array, lr: jax.Array) -> dict[str, jax.Array]:
    d = state.estim_lr_prev
    return _inside(state, h, k, lr, d * (d / h["estim_lr0"]))


def _probe_optax(state: Any, h: Hyper, k: jax.Array, lr: jax.Array) -> dict[str, jax.Array]:
    return _inside(state, h, k, lr, jnp.ones_like(state.estim_lr))


def _vectors_ours(state: Any, h: Hyper) -> dict[str, Any]:
    d = state.estim_lr_prev  # of the step that wrote them, by which they are kept divided
    units = {"m": d, "v": d**2, "s": d * (d / h["estim_lr0"])}
    return {name: jax.tree.map(partial(jnp.multiply, units[name]), tree) for name, tree in vectors(state, h).items()}


def vectors(state: Any, h: Hyper) -> dict[str, Any]:
    """Of optax's Prodigy and its kin."""
    return {"m": state.exp_avg, "v": state.exp_avg_sq, "s": state.grad_sum}


PAPER = "Mishchenko and Defazio, 2023, arXiv 2306.06101"

OPTIMIZERS = (
    Optimizer(
        name="prodigy",
        title="Prodigy",
        summary="Adam whose step size is an estimate D of the distance to the solution, raised as the run goes.",
        paper=PAPER,
        knobs=KNOBS,
        build=_build_ours,
        probe=_probe_ours,
        info=_info_ours,
        vectors=_vectors_ours,
    ),
    Optimizer(
        name="optax_prodigy",
        title="Prodigy (optax)",
        summary="Prodigy as the installed optax ships it, without compensated steps and without guards.",
        paper=PAPER,
        knobs=KNOBS,
        build=_build_optax,
        probe=_probe_optax,
        info=_info_optax,
        vectors=vectors,
    ),
)
