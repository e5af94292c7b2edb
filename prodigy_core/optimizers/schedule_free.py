"""Schedule-free AdamW, from optax: an average of the iterates in the place of a falling learning rate.

Three sequences: z takes the steps, x is their average and what the optimizer would hand over, and the gradients are taken
at y between the two. The params that the loop holds are y.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import optax

from prodigy_core.optimizers.hyperparameters import BETA2, epsilon, learning_rate, weight_decay
from prodigy_core.optimizers.optimizer import Hyperparameters, Optimizer
from prodigy_core.optimizers.traits import Rate
from prodigy_core.optimizers.transformations import mask
from prodigy_core.param import Param
from prodigy_core.schedules import Schedule


def _schedule_free(hyper: Hyperparameters, schedule: Schedule) -> optax.GradientTransformation:
    """Build `optax.contrib.schedule_free_adamw` from its parts, because that function takes no mask."""
    adamw = optax.chain(
        optax.scale_by_rms(decay=hyper["beta2"], eps=hyper["eps"], eps_in_sqrt=False, bias_correction=True),
        optax.add_decayed_weights(hyper["weight_decay"], mask(hyper)),
        optax.scale_by_learning_rate(schedule),
    )
    return optax.contrib.schedule_free(adamw, schedule, b1=hyper["beta1"], weight_lr_power=hyper["weight_lr_power"])


def _probe(state: Any, hyper: Hyperparameters, k: jax.Array, lr: jax.Array) -> dict[str, jax.Array]:
    """The step of z: the learning rate times the bias correction of the second moment. There is no first one."""
    return {"effective_step": lr * jnp.sqrt(1 - hyper["beta2"] ** (k + 1))}


def _vectors(state: Any, hyper: Hyperparameters) -> dict[str, Any]:
    return {"v": state.base_optimizer_state[0].nu}


def _average(state: Any, params: Any) -> Any:
    return optax.contrib.schedule_free_eval_params(state, params)


OPTIMIZERS = (
    Optimizer(
        name="schedule_free_adamw",
        title="Schedule-free AdamW",
        summary="AdamW that averages its iterates instead of letting the learning rate fall; judged at the average.",
        paper="Defazio et al., 2024, arXiv 2405.15682",
        colour="#4848fc",
        dash="dashdot",
        raced_often=True,
        hyperparameters=(
            learning_rate(2.5e-3, "The size of a step. Leave the schedule constant; a warm-up is welcome."),
            Param(
                name="beta1",
                default=0.9,
                low=0.0,
                above_low=True,
                high=1.0,
                below_high=True,
                span=(0.01, 0.99999),
                scale="log1m",
                help="How close to the average the gradients are taken: near 1 at the average, near 0 at the last step.",
            ),
            BETA2,
            epsilon(1e-8),
            weight_decay(0.0, "Decoupled weight decay, times the learning rate: pulls every parameter towards 0."),
            Param(
                name="weight_lr_power",
                default=2.0,
                low=0.0,
                high=10.0,
                help="A step counts in the average as the largest learning rate so far to this power.",
            ),
        ),
        library=optax.contrib.schedule_free_adamw,
        rate=Rate.PLAIN,
        axes=("learning_rate", "beta1"),
        build=_schedule_free,
        probe=_probe,
        vectors=_vectors,
        evaluation_params=_average,
    ),
)
