"""Optimizers of optax that find their step size by themselves, as Prodigy does.

DoG, DoWG and Mechanic settle the size of a step after they have seen its gradient. Their curves therefore show, before
each step, the estimate that the steps so far have left, and the factor that the step before took.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import optax

from prodigy_core.optimizers.hyperparameters import BETA1, BETA2, epsilon, first_estimate, learning_rate, weight_decay
from prodigy_core.optimizers.optimizer import Hyperparameters, Optimizer
from prodigy_core.optimizers.prodigies import decay_of_a_step, step_size, vectors
from prodigy_core.optimizers.traits import Estimate, Rate, Story
from prodigy_core.optimizers.transformations import keep_last_step, mask, undo_decay_where_masked
from prodigy_core.param import Param
from prodigy_core.prodigy import bias_correction
from prodigy_core.schedules import Schedule

FACTOR = learning_rate(
    1.0,
    "A factor on the step size that it finds by itself. Leave it near 1 and shape it with the schedule.",
    span=(1e-3, 10.0),
)


# --- D-Adaptation --------------------------------------------------------------------------------------------------


def _dadapt(hyper: Hyperparameters, schedule: Schedule) -> optax.GradientTransformation:
    optimizer = optax.contrib.dadapt_adamw(
        schedule,
        betas=(hyper["beta1"], hyper["beta2"]),
        eps=hyper["eps"],
        estim_lr0=hyper["estim_lr0"],
        weight_decay=hyper["weight_decay"],
    )

    def update(updates: Any, state: Any, params: Any = None) -> Any:
        updates, after = optimizer.update(updates, state, params)
        # optax divides 0 by 0, and its D is NaN for ever, while there was no gradient or no learning rate, as in the first
        # step of a warm-up; the authors' own code leaves D alone then.
        estimate = jnp.where(jnp.isnan(after.estim_lr), state.estim_lr, after.estim_lr)
        return updates, after._replace(estim_lr=estimate)

    guarded = optax.GradientTransformation(optimizer.init, update)
    return undo_decay_where_masked(guarded, mask(hyper), lambda state: decay_of_a_step(state, hyper, schedule))


def _probe_dadapt(state: Any, hyper: Hyperparameters, k: jax.Array, lr: jax.Array) -> dict[str, jax.Array]:
    sums = sum(jnp.sum(jnp.abs(s)) for s in jax.tree.leaves(state.grad_sum))
    summed = sums > 0  # before the first step there is no estimate yet
    d_hat = state.numerator_weighted / ((1 - hyper["beta2"] ** 0.5) * jnp.where(summed, sums, 1))
    return {"D": state.estim_lr, "d_hat": jnp.where(summed, d_hat, jnp.nan), "effective_step": step_size(state, hyper, k, lr)}


# --- Distance over gradients ---------------------------------------------------------------------------------------


def _dog(hyper: Hyperparameters, schedule: Schedule) -> optax.GradientTransformation:
    """Build DoG. Its state and DoWG's are (nothing, the estimate, the learning rate's count)."""
    optimizer = optax.contrib.dog(schedule, init_step=("heuristic", hyper["reps_rel"]), eps=hyper["eps"])

    def describe(before: Any, after: Any, params: Any) -> dict[str, Any]:
        estimate, lr = after[1], schedule(before[2].count)
        return {"effective_step": lr * estimate.max_dist / jnp.sqrt(estimate.sum_sq_norm_grads + hyper["eps"])}

    return keep_last_step(optimizer, ("effective_step",), describe)


def _probe_dog(state: Any, hyper: Hyperparameters, k: jax.Array, lr: jax.Array) -> dict[str, jax.Array]:
    return {"D": state.inner[1].max_dist, **state.last}


def _dowg(hyper: Hyperparameters, schedule: Schedule) -> optax.GradientTransformation:
    first = jnp.where(jnp.isnan(hyper["init_estim_sq_dist"]), hyper["eps"], hyper["init_estim_sq_dist"])
    optimizer = optax.contrib.dowg(schedule, init_estim_sq_dist=first, eps=hyper["eps"])

    def describe(before: Any, after: Any, params: Any) -> dict[str, Any]:
        estimate, lr = after[1], schedule(before[2].count)
        return {"effective_step": lr * estimate.estim_sq_dist / (jnp.sqrt(estimate.weighted_sq_norm_grads) + hyper["eps"])}

    return keep_last_step(optimizer, ("effective_step",), describe)


def _probe_dowg(state: Any, hyper: Hyperparameters, k: jax.Array, lr: jax.Array) -> dict[str, jax.Array]:
    return {"D": jnp.sqrt(state.inner[1].estim_sq_dist), **state.last}


# --- Coin betting --------------------------------------------------------------------------------------------------


def _cocob(hyper: Hyperparameters, schedule: Schedule) -> optax.GradientTransformation:
    # optax multiplies the gradients by the learning rate, and COCOB is blind to their size: the knob would do nothing.
    # Here it is a factor on the step, as everywhere else. At 1 the two are the same.
    return optax.chain(
        optax.contrib.scale_by_cocob(alpha=hyper["alpha"], eps=hyper["eps"]),
        optax.scale_by_learning_rate(schedule, flip_sign=False),
    )


def _probe_cocob(state: Any, hyper: Hyperparameters, k: jax.Array, lr: jax.Array) -> dict[str, jax.Array]:
    """COCOB has no step size. Each coordinate bets a fraction, at most 1, of its wealth on where to stand from the start."""
    estimate = state[0]
    wealth = jax.tree.map(lambda scale, reward: jnp.max((scale + reward) / scale), estimate.scale, estimate.reward)
    largest = jnp.max(jnp.stack(jax.tree.leaves(wealth)))
    return {"wealth": largest, "effective_step": lr * largest}


# --- Mechanic ------------------------------------------------------------------------------------------------------


def _mechanic(hyper: Hyperparameters, schedule: Schedule) -> optax.GradientTransformation:
    adam = optax.adam(schedule, b1=hyper["beta1"], b2=hyper["beta2"], eps=hyper["eps"])
    optimizer = optax.contrib.mechanize(adam, weight_decay=hyper["s_decay"], s_init=hyper["s_init"])

    def describe(before: Any, after: Any, params: Any) -> dict[str, Any]:
        alpha = schedule(before.count) * bias_correction(hyper["beta1"], hyper["beta2"], after.count)
        return {"effective_step": jnp.sum(after.s) * alpha}

    return keep_last_step(optimizer, ("effective_step",), describe)


def _probe_mechanic(state: Any, hyper: Hyperparameters, k: jax.Array, lr: jax.Array) -> dict[str, jax.Array]:
    """D is the learned rate, a sum over Mechanic's bets; in optax's first state the bets do not add up to it yet."""
    return {"D": jnp.where(state.inner.count == 0, hyper["s_init"], jnp.sum(state.inner.s)), **state.last}


def _vectors_mechanic(state: Any, hyper: Hyperparameters) -> dict[str, Any]:
    """Adam's, under Mechanic."""
    adam = state.inner.base_optimizer_state[0]
    return {"m": adam.mu, "v": adam.nu}


OPTIMIZERS = (
    Optimizer(
        name="dadapt_adamw",
        title="D-Adaptation",
        summary="AdamW whose step size is a lower bound of the distance to the solution, Prodigy's forerunner.",
        paper="Defazio and Mishchenko, 2023, arXiv 2301.07733",
        colour="#486c84",
        dash="longdash",
        raced_often=True,
        hyperparameters=(
            FACTOR,
            BETA1,
            BETA2,
            epsilon(1e-8),
            first_estimate("estim_lr0", 1e-6, "The first estimate of the distance D. D only ever grows from here."),
            weight_decay(0.0, "Decoupled weight decay, times D and the learning rate."),
        ),
        library=optax.contrib.dadapt_adamw,
        rate=Rate.FACTOR,
        axes=("estim_lr0", "beta1"),
        build=_dadapt,
        probe=_probe_dadapt,
        vectors=vectors,
        estimate=Estimate(starts_at="estim_lr0", lower_bound=True),
        story=Story.ESTIMATE,
    ),
    Optimizer(
        name="dog",
        title="DoG",
        summary="Gradient steps of the largest distance so far over the root of the sum of squared gradients; no averaging.",
        paper="Ivgi, Hinder and Carmon, 2023, arXiv 2302.12022",
        colour="#cc3c60",
        dash="solid",
        hyperparameters=(
            FACTOR,
            first_estimate(
                "reps_rel",
                1e-6,
                "The first distance, times 1 plus the norm of the start. Small, so that the first step is harmless.",
            ),
            epsilon(1e-8, "Added to the sum of the squared gradients, so that the first step is not divided by 0."),
        ),
        library=optax.contrib.dog,
        rate=Rate.FACTOR,
        axes=("reps_rel", "eps"),
        build=_dog,
        probe=_probe_dog,
        estimate=Estimate(starts_at="reps_rel"),
        story=Story.FARTHEST,
    ),
    Optimizer(
        name="dowg",
        title="DoWG",
        summary="DoG with each gradient weighted by the distance of its time, so that early ones count little; no averaging.",
        paper="Khaled, Mishchenko and Jin, 2023, arXiv 2305.16284",
        colour="#00a878",
        dash="longdashdot",
        hyperparameters=(
            FACTOR,
            Param(
                name="init_estim_sq_dist",
                default=None,
                none_means="eps",
                instead=1e-4,
                low=0.0,
                above_low=True,
                high=1e12,
                span=(1e-12, 1e2),
                scale="log",
                help="The first estimate of the squared distance to the solution.",
            ),
            epsilon(
                1e-4, "Added to the root of the weighted sum of squared gradients; usually also the first squared distance."
            ),
        ),
        library=optax.contrib.dowg,
        rate=Rate.FACTOR,
        axes=("init_estim_sq_dist", "eps"),
        build=_dowg,
        probe=_probe_dowg,
        estimate=Estimate(starts_at="init_estim_sq_dist"),
        story=Story.FARTHEST,
    ),
    Optimizer(
        name="cocob",
        title="COCOB",
        summary="Bets on the next gradient of each coordinate, and stands as far from the start as its winnings carry.",
        paper="Orabona and Tommasi, 2017, arXiv 1705.07795",
        colour="#4890a8",
        dash="dashdot",
        hyperparameters=(
            learning_rate(1.0, "The part of the way to the place of its bet that it goes in one step.", span=(1e-3, 10.0)),
            Param(
                name="alpha",
                default=100.0,
                low=0.0,
                high=1e6,
                span=(1.0, 1e4),
                scale="log",
                help="The first bet of a coordinate is 1 over this: larger is more careful at first.",
            ),
            epsilon(1e-8, "The first guess of the largest gradient of each coordinate."),
        ),
        library=optax.contrib.cocob,
        rate=Rate.FACTOR,
        axes=("alpha", "eps"),
        build=_cocob,
        probe=_probe_cocob,
    ),
    Optimizer(
        name="mechanic_adam",
        title="Mechanic (Adam)",
        summary="Adam whose learning rate is the winnings of bets on whether its path so far points downhill.",
        paper="Cutkosky, Defazio and Mehta, 2023, arXiv 2306.00144",
        colour="#0078fc",
        dash="dash",
        hyperparameters=(
            FACTOR,
            BETA1,
            BETA2,
            epsilon(1e-8),
            first_estimate("s_init", 1e-6, "The first learning rate that Mechanic tries."),
            Param(
                name="s_decay",
                default=1e-2,
                low=0.0,
                high=100.0,
                span=(1e-6, 1.0),
                scale="log",
                help="Holds the learned rate back, in proportion to itself. In optax it is mechanize's weight_decay.",
            ),
        ),
        library=optax.contrib.mechanize,
        rate=Rate.FACTOR,
        axes=("s_init", "beta1"),
        build=_mechanic,
        probe=_probe_mechanic,
        vectors=_vectors_mechanic,
        estimate=Estimate(starts_at="s_init"),
        story=Story.BETS,
    ),
)
