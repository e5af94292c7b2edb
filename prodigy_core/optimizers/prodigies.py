"""Prodigy twice: ours, and the one optax ships, so that one can see both."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import optax
from jax.typing import ArrayLike

from prodigy_core.optimizers.optimizer import Hyperparameters, Optimizer
from prodigy_core.optimizers.prodigy_hyperparameters import EXTENDED, HYPERPARAMETERS
from prodigy_core.optimizers.traits import Estimate, Rate, Story
from prodigy_core.optimizers.transformations import mask, select, undo_decay_where_masked
from prodigy_core.prodigy import bias_correction, prodigy
from prodigy_core.schedules import Schedule


def arguments(hyper: Hyperparameters, schedule: Schedule, safeguard_warmup: Any) -> dict[str, Any]:
    """Return the arguments that both Prodigies take, by name."""
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
    """Return our Prodigy, whose D stays from step `stop_d_at` on.

    An estimate of 0 raises no D. Under a cap D may still be on its way up to an estimate of before: a cap of 1 ends that.
    """
    given = arguments(hyper, schedule, hyper["safeguard_warmup"])
    cap = jnp.where(jnp.isnan(hyper["growth_rate"]), jnp.inf, hyper["growth_rate"])
    last = jnp.where(jnp.isnan(hyper["stop_d_at"]), jnp.inf, hyper["stop_d_at"])

    def at(count: Any) -> optax.GradientTransformationExtraArgs:
        rises = count < last
        return prodigy(
            **{**given, "estim_lr_coef": jnp.where(rises, hyper["estim_lr_coef"], 0)},
            weight_decay_mask=mask(hyper),
            use_bias_correction=hyper["use_bias_correction"],
            growth_rate=jnp.where(rises, cap, 1),
            slice_p=hyper["slice_p"],
        )

    def update(updates: Any, state: Any, params: Any = None, **extra: Any) -> Any:
        return at(state.count).update(updates, state, params, **extra)

    return optax.GradientTransformationExtraArgs(at(0).init, update)


def _build_optax(hyper: Hyperparameters, schedule: Schedule) -> optax.GradientTransformation:
    guarded, plain = (optax.contrib.prodigy(**arguments(hyper, schedule, flag)) for flag in (True, False))
    optimizer = select(hyper["safeguard_warmup"], guarded, plain)
    return undo_decay_where_masked(optimizer, mask(hyper), lambda state: decay_of_a_step(state, hyper, schedule))


def _info_ours(gradient: Any, state: Any, params: Any, hyper: Hyperparameters) -> dict[str, jax.Array]:
    """<g, x0 - x> of the step, by which the numerator grows: beta3 of it stays, and D^2 / d0 q <g, x0 - x> is added."""

    def sliced(x: jax.Array) -> jax.Array:
        return x if hyper["slice_p"] == 1 else x.ravel()[:: hyper["slice_p"]]

    def inner(g: jax.Array, p0: jax.Array, p: jax.Array, c: jax.Array) -> jax.Array:
        return jnp.sum(sliced(g).astype(c.dtype) * (p0.astype(c.dtype) - sliced(p).astype(c.dtype) - sliced(c)))

    parts = jax.tree.map(inner, gradient, state.params0, params, state.residual)
    return {"inner": jnp.asarray(sum(jax.tree.leaves(parts)))}


def _info_optax(gradient: Any, state: Any, params: Any, hyper: Hyperparameters) -> dict[str, jax.Array]:
    """<g, x0 - x> of the step, as in `_info_ours`."""
    return {"inner": optax.tree.vdot(gradient, jax.tree.map(jnp.subtract, state.params0, params))}


def decay_of_a_step(state: Any, hyper: Hyperparameters, schedule: Schedule) -> jax.Array:
    """Return the fraction of the parameters that the decay takes, also in D-Adaptation: weight decay times step size."""
    return jnp.asarray(hyper["weight_decay"] * step_size(state, hyper, state.count, schedule(state.count)))


def step_size(state: Any, hyper: Hyperparameters, k: jax.Array, lr: jax.Array) -> jax.Array:
    """Return D times Adam's step size; without the correction of its bias where that is switched off."""
    corrected = hyper.get("use_bias_correction", True)
    return jnp.asarray(state.estim_lr * lr * jnp.where(corrected, bias_correction(hyper["beta1"], hyper["beta2"], k + 1), 1))


def curves(state: Any, hyper: Hyperparameters, k: jax.Array, lr: jax.Array, scale: ArrayLike = 1.0) -> dict[str, jax.Array]:
    """Return the curves of a Prodigy, whichever.

    Args:
      state: Prodigy's state before step k.
      hyper: the hyperparameters.
      k: the step.
      lr: its learning rate.
      scale: brings the sums to the paper's units, those of optax's state.
    """
    denominator = sum(jnp.sum(jnp.abs(s)) for s in jax.tree.leaves(state.grad_sum))
    summed = denominator > 0  # before the first step there is no estimate yet
    d_hat = hyper["estim_lr_coef"] * state.numerator_weighted / jnp.where(summed, denominator, 1)
    return {
        "D": state.estim_lr,
        "d_hat": jnp.where(summed, d_hat, jnp.nan),
        "numerator": jnp.asarray(scale * state.numerator_weighted),
        "denominator": jnp.asarray(scale * denominator),
        "effective_step": step_size(state, hyper, k, lr),
    }


def _probe_ours(state: Any, hyper: Hyperparameters, k: jax.Array, lr: jax.Array) -> dict[str, jax.Array]:
    d = state.estim_lr_prev
    return curves(state, hyper, k, lr, d * (d / hyper["estim_lr0"]))


def _probe_optax(state: Any, hyper: Hyperparameters, k: jax.Array, lr: jax.Array) -> dict[str, jax.Array]:
    return curves(state, hyper, k, lr, jnp.ones_like(state.estim_lr))


def _vectors_ours(state: Any, hyper: Hyperparameters) -> dict[str, Any]:
    d = state.estim_lr_prev  # the D of the step that wrote the vectors; the state holds them divided by it
    units = {"m": d, "v": d**2, "s": d * (d / hyper["estim_lr0"])}
    named = vectors(state, hyper)
    if hyper["slice_p"] > 1:  # 0 for the entries that do not count
        named["s"] = jax.tree.map(partial(_spread, hyper["slice_p"]), state.exp_avg, state.grad_sum)
    return {name: jax.tree.map(partial(jnp.multiply, units[name]), tree) for name, tree in named.items()}


def _spread(stride: int, whole: jax.Array, sliced: jax.Array) -> jax.Array:
    """Return every n-th entry at its place, and 0 between them, in the shape of `whole`."""
    return jnp.zeros_like(whole, sliced.dtype).ravel().at[::stride].set(sliced).reshape(whole.shape)


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
        hyperparameters=EXTENDED,
        library=prodigy,
        rate=Rate.FACTOR,
        axes=("estim_lr0", "estim_lr_coef"),
        build=_build_ours,
        layerwise_with="slice_p",
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
