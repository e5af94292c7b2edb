"""Schedules of the learning rate over a run: a shape, and a warm-up before it.

The shapes are those of optax (`linear_schedule`, `cosine_decay_schedule`, `sgdr_schedule`, `exponential_decay`,
`warmup_cosine_decay_schedule`), written so that shape, warm-up and length are traced: optax wants the lengths as Python
numbers, which would compile again at every turn of a knob. The tests compare them with optax's own.

The restarts are those of I. Loshchilov and F. Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts",
arXiv 1608.03983, with cycles of one length.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from prodigy_core.param import Param, Value

Schedule = Callable[[Any], jax.Array]

# The engine knows a shape by its index: add new ones at the end.
SHAPES = ("constant", "linear", "cosine", "restarts", "exponential")

GROUP = "Schedule"  # heading of these hyperparameters on the page


def _restarts(values: Mapping[str, Value]) -> bool:
    return values["schedule"] == "restarts"


def _exponential(values: Mapping[str, Value]) -> bool:
    return values["schedule"] == "exponential"


def _warms_up(values: Mapping[str, Value]) -> bool:
    return values["warmup"] != 0


PARAMS = (
    Param(
        name="schedule",
        default="constant",
        choices=SHAPES,
        group=GROUP,
        help="How the learning rate moves: it stays, falls to 0 on a line or a half cosine, does so again and again from the "
        "full value, or falls by the same factor at every step.",
    ),
    Param(
        name="cycles",
        default=3,
        low=1,
        high=10,
        group=GROUP,
        applies=_restarts,
        help="How many times the learning rate falls from its full value to 0.",
    ),
    Param(
        name="end_fraction",
        default=0.01,
        low=0.0,
        above_low=True,
        high=1.0,
        span=(1e-4, 1.0),
        scale="log",
        group=GROUP,
        applies=_exponential,
        help="What is left of the full value at the end.",
    ),
    Param(
        name="warmup",
        default=0.0,
        low=0.0,
        high=0.3,
        group=GROUP,
        help="Fraction of the steps over which the learning rate first rises to its full value.",
    ),
    Param(
        name="warmup_from",
        default=0.0,
        low=0.0,
        high=1.0,
        group=GROUP,
        applies=_warms_up,
        help="The fraction of the full value at which the warm-up begins.",
    ),
)


def of(values: Mapping[str, Any], steps: ArrayLike) -> Schedule:
    """Return the schedule with these values of `learning_rate` and of all hyperparameters in `PARAMS`."""
    return schedule(
        values["learning_rate"],
        values["schedule"],
        values["warmup"],
        steps,
        cycles=values["cycles"],
        end_fraction=values["end_fraction"],
        warmup_from=values["warmup_from"],
    )


def schedule(
    peak: ArrayLike,
    shape: ArrayLike,
    warmup: ArrayLike,
    steps: ArrayLike,
    *,
    cycles: ArrayLike = 3,
    end_fraction: ArrayLike = 0.01,
    warmup_from: ArrayLike = 0.0,
) -> Schedule:
    """Return the learning rate of each step.

    Args:
      peak: the highest learning rate.
      shape: index into `SHAPES`.
      warmup: fraction of the steps, in [0, 1), rounded to whole steps.
      steps: number of steps of the run, where the decaying shapes end.
      cycles: number of cycles of the restarts, >= 1, at most one a step. Their lengths differ by one step at most.
      end_fraction: of the peak, in (0, 1], where the exponential shape ends.
      warmup_from: fraction of the peak, in [0, 1], where the warm-up begins.

    Returns:
      count -> learning rate, both of shape (). All arguments may be traced.
    """
    rise = jnp.round(jnp.asarray(warmup) * steps)
    fall = jnp.maximum(steps - rise, 1)
    log_end = jnp.log(end_fraction)

    def wave(past: jax.Array) -> jax.Array:
        rounds = jnp.minimum(cycles, fall)  # no cycle is empty
        # The cycle that this step is in, and its first step and the next one's; at the very end still the last cycle.
        cycle = jnp.minimum(jnp.floor(past * rounds / fall), rounds - 1)
        first, last = jnp.ceil(cycle * fall / rounds), jnp.ceil((cycle + 1) * fall / rounds)
        return 0.5 * (1 + jnp.cos(jnp.pi * (past - first) / (last - first)))

    shapes: tuple[Callable[[jax.Array], jax.Array], ...] = (
        jnp.ones_like,
        lambda past: 1 - past / fall,
        lambda past: 0.5 * (1 + jnp.cos(jnp.pi * past / fall)),
        wave,
        lambda past: jnp.exp(log_end * past / fall),
    )

    # All shapes must have one type, whatever types the hyperparameters have: that of all of them together.
    zero = 0 * (log_end + cycles)

    def at(count: Any) -> jax.Array:
        falling = jax.lax.switch(shape, shapes, jnp.clip(count - rise, 0, fall) + zero)
        rising = warmup_from + (1 - warmup_from) * count / jnp.maximum(rise, 1)
        return jnp.asarray(peak * jnp.where(count < rise, rising, falling))

    return at
