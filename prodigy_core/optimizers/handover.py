"""Prodigy that hands over to Adam: the step size that it has found, and nothing else."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from prodigy_core.optimizers import prodigies
from prodigy_core.optimizers.adams import FACTOR
from prodigy_core.optimizers.optimizer import Hyperparameters, Optimizer
from prodigy_core.optimizers.prodigy_hyperparameters import ESTIMATE_KNOBS, MOMENT_KNOBS, STEP_MARKS
from prodigy_core.optimizers.traits import Rate, Story
from prodigy_core.param import Param
from prodigy_core.prodigy import ProdigyState, bias_correction, prodigy
from prodigy_core.schedules import Schedule

HAND_OVER = Param(
    name="hand_over_at",
    default=100,
    low=1,
    high=1_000_000_000,
    span=(int(STEP_MARKS[0]), int(STEP_MARKS[-1])),
    scale="log",
    marks=STEP_MARKS,
    unit="steps",
    help="From this step on Adam takes the steps, with the D of this step as its learning rate, from moments of its own that "
    "begin at 0. Handing the moments over too is what Prodigy's stop_d_at shows.",
)


class HandOverState(NamedTuple):
    """State of a run that is handed over.

    Attributes:
      prodigy: Prodigy's; from the hand-over on as it was then, but for its count of all steps.
      mu, nu: Adam's moments, like the params; 0 until the hand-over.
    """

    prodigy: ProdigyState
    mu: Any
    nu: Any


def _build(hyper: Hyperparameters, schedule: Schedule) -> optax.GradientTransformation:
    """Return both phases as one: both are computed at every step, and one of them is taken.

    Adam's count is derived from that of all steps: runs side by side share their counts, and hand over at steps of their own.
    """
    beta1, beta2 = hyper["beta1"], hyper["beta2"]
    finds = prodigy(**prodigies.arguments(hyper, schedule, hyper["safeguard_warmup"]))

    def init(params: Any) -> HandOverState:
        return HandOverState(finds.init(params), optax.tree.zeros_like(params), optax.tree.zeros_like(params))

    def update(updates: Any, state: HandOverState, params: Any = None, **extra: Any) -> tuple[Any, HandOverState]:
        count = state.prodigy.count
        finding = count < hyper["hand_over_at"]

        def taken(yes: Any, no: Any) -> Any:
            return jax.tree.map(lambda a, b: jnp.where(finding, a, b), yes, no)

        found, after = finds.update(updates, state.prodigy, params)
        mu = optax.tree.update_moment(updates, state.mu, beta1, 1)
        nu = optax.tree.update_moment_per_elem_norm(updates, state.nu, beta2, 2)
        j = _adams_count(hyper, count)
        rate = hyper["factor"] * state.prodigy.estim_lr * schedule(count)
        unbiased = optax.tree.bias_correction(mu, beta1, j), optax.tree.bias_correction(nu, beta2, j)
        steps = jax.tree.map(lambda m, v: -rate * m / (jnp.sqrt(v) + hyper["eps"]), *unbiased)
        kept = taken(after, state.prodigy)._replace(count=after.count)
        return taken(found, steps), HandOverState(kept, taken(state.mu, mu), taken(state.nu, nu))

    return optax.GradientTransformationExtraArgs(init, update)


def _adams_count(hyper: Hyperparameters, k: Any) -> jax.Array:
    """Return the number of Adam's own steps, step k among them; 1 before the hand-over."""
    return jnp.maximum(k + 1 - hyper["hand_over_at"], 1)


def _probe(state: HandOverState, hyper: Hyperparameters, k: jax.Array, lr: jax.Array) -> dict[str, jax.Array]:
    """Return D and its estimate, which stand still from the hand-over on, and the step size of whoever takes step k."""
    curves = prodigies.curves(state.prodigy, hyper, k, lr)
    adams = bias_correction(hyper["beta1"], hyper["beta2"], _adams_count(hyper, k))
    return {
        "D": curves["D"],
        "d_hat": curves["d_hat"],
        "effective_step": jnp.where(
            k < hyper["hand_over_at"], curves["effective_step"], hyper["factor"] * curves["D"] * lr * adams
        ),
    }


OPTIMIZERS = (
    Optimizer(
        name="prodigy_then_adam",
        title="Prodigy, then Adam",
        summary="Prodigy until it has found D; from then on Adam from scratch, with D as its learning rate.",
        paper="Mishchenko and Defazio, 2023, arXiv 2306.06101; Kingma and Ba, 2015, arXiv 1412.6980",
        colour="#bb5577",
        dash="dash",
        hyperparameters=(HAND_OVER, FACTOR, *ESTIMATE_KNOBS, *MOMENT_KNOBS),
        library=prodigy,
        rate=Rate.FACTOR,
        axes=("estim_lr0", "hand_over_at"),
        build=_build,
        probe=_probe,
        estimate=prodigies.ESTIMATE,
        story=Story.HANDED,
    ),
)
