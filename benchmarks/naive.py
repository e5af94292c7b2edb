"""The program that one writes first in JAX: a scan of optax's Prodigy, and vmap of it, with XLA as it comes.

    python -m benchmarks.naive space|sweep      prints the seconds of one call

A process of its own, because XLA reads its flags as it starts, and ours sets some.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from benchmarks import plain
from benchmarks.clock import QUICK, race

DIMENSIONS, STEPS = 64, 2000


def value(x: jax.Array) -> jax.Array:
    return jnp.sum((1 - x[:-1]) ** 2 + plain.B * (x[1:] - x[:-1] ** 2) ** 2)


def trajectory(start: Any, steps: int, **knobs: Any) -> tuple[jax.Array, jax.Array]:
    """Return the losses and D before each step and after the last, of shape (steps + 1,) each."""
    optimizer = optax.contrib.prodigy(**knobs)

    def step(carry: Any, _: None) -> tuple[Any, tuple[jax.Array, jax.Array]]:
        x, state = carry
        loss, gradient = jax.value_and_grad(value)(x)
        updates, after = optimizer.update(gradient, state, x)
        return (optax.apply_updates(x, updates), after), (loss, state.estim_lr)

    x = jnp.asarray(start)
    history: tuple[jax.Array, jax.Array] = jax.lax.scan(step, (x, optimizer.init(x)), None, length=steps + 1)[1]
    return history


def reference(d0: np.ndarray, beta3: np.ndarray, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the least loss and the last D of each configuration on Rosenbrock's function, by optax, in float64."""

    def one(d0: jax.Array, beta3: jax.Array) -> tuple[jax.Array, jax.Array]:
        losses, d = trajectory(plain.START, steps, estim_lr0=d0, beta3=beta3)
        return losses.min(), d[-1]

    with jax.enable_x64(True):
        best, last = jax.jit(jax.vmap(one))(jnp.asarray(d0, float), jnp.asarray(beta3, float))
        return np.asarray(best), np.asarray(last)


def space() -> Callable[[], Any]:
    """One run of many variables, in float64."""
    jax.config.update("jax_enable_x64", True)
    run = jax.jit(lambda start: trajectory(start, STEPS))
    start = jnp.zeros(DIMENSIONS)
    return lambda: run(start)


def sweep() -> Callable[[], Any]:
    """Every configuration's whole run in float32, reduced to the least loss, the steps to the tolerance and the last D."""

    def one(d0: jax.Array, beta3: jax.Array) -> tuple[jax.Array, jax.Array]:
        return trajectory(np.asarray(plain.START, np.float32), plain.STEPS, estim_lr0=d0, beta3=beta3)

    @jax.jit
    def run(d0: jax.Array, beta3: jax.Array) -> Any:
        losses, d = jax.vmap(one)(d0, beta3)
        within = losses <= plain.TOLERANCE
        return losses.min(1), jnp.where(within.any(1), within.argmax(1), plain.STEPS + 1), d[:, -1]

    d0, beta3 = plain.grid()
    return lambda: run(d0, beta3)


def measured(name: str) -> float:
    """Return the seconds of one call, in a process of its own with XLA as it comes."""
    env = {key: value for key, value in os.environ.items() if key != "XLA_FLAGS"}
    process = subprocess.run(
        [sys.executable, "-m", "benchmarks.naive", name],
        env=env,
        cwd=Path(__file__).resolve().parent.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(process.stdout)


if __name__ == "__main__":
    call = {"space": space, "sweep": sweep}[sys.argv[1]]()
    print(race({"call": call}, QUICK)["call"])
