"""Prodigy with an estimate D for each layer, as a pull request to the authors' package proposes it."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import optax

from prodigy_core.optimizers import prodigies
from prodigy_core.optimizers.optimizer import Hyperparameters, Optimizer
from prodigy_core.optimizers.prodigy_hyperparameters import HYPERPARAMETERS
from prodigy_core.optimizers.traits import Rate, Story
from prodigy_core.optimizers.transformations import mask
from prodigy_core.prodigy import ProdigyState, bias_correction, prodigy
from prodigy_core.schedules import Schedule

States = tuple[ProdigyState, ...]  # one for each leaf of the params


def _build(hyper: Hyperparameters, schedule: Schedule) -> optax.GradientTransformation:
    one = prodigy(
        **prodigies.arguments(hyper, schedule, hyper["safeguard_warmup"]),
        weight_decay_mask=mask(hyper),
    )

    def init(params: Any) -> States:
        return tuple(map(one.init, jax.tree.leaves(params)))

    def update(updates: Any, state: States, params: Any = None, **extra: Any) -> tuple[Any, States]:
        gradients, tree = jax.tree.flatten(updates)
        steps = [one.update(*leaf) for leaf in zip(gradients, state, jax.tree.leaves(params), strict=True)]
        return jax.tree.unflatten(tree, [step for step, _ in steps]), tuple(after for _, after in steps)

    return optax.GradientTransformationExtraArgs(init, update)


def _probe(state: States, hyper: Hyperparameters, k: jax.Array, lr: jax.Array) -> dict[str, jax.Array]:
    """Return the largest D and the largest estimate: the next largest D is the larger of the two. And the smallest D."""
    each = [prodigies.curves(one, hyper, k, lr) for one in state]
    D, d_hat = (jnp.stack([curves[name] for curves in each]) for name in ("D", "d_hat"))
    estimated = jnp.isfinite(d_hat)
    return {
        "D": D.max(),
        "D_smallest": D.min(),
        "d_hat": jnp.where(estimated.any(), jnp.where(estimated, d_hat, -jnp.inf).max(), jnp.nan),
        "effective_step": D.max() * lr * bias_correction(hyper["beta1"], hyper["beta2"], k + 1),
    }


OPTIMIZERS = (
    Optimizer(
        name="prodigy_by_layer",
        title="Prodigy, a D each",
        summary="Prodigy with a D of its own for each layer of a model, or for each coordinate of the plane. "
        "The D that is shown is the largest.",
        paper="Mishchenko and Defazio, 2023, arXiv 2306.06101, and pull request 20 of its package",
        colour="#bb7755",
        dash="longdash",
        hyperparameters=HYPERPARAMETERS,
        library=prodigy,
        rate=Rate.FACTOR,
        axes=("estim_lr0", "estim_lr_coef"),
        build=_build,
        layerwise=True,
        in_layers=True,
        compensated=True,
        probe=_probe,
        estimate=prodigies.ESTIMATE,
        story=Story.ESTIMATE,
    ),
)
