"""One update of ten million parameters, whose time is that of the memory it goes through."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from benchmarks import peers, plain
from benchmarks.clock import Effort, race
from benchmarks.table import Bar, Line
from prodigy_core import prodigy

PARAMETERS = 10_000_000
BAR = Bar("within", 1.5)
PEER = "C, two passes"


class Scalars(ctypes.Structure):
    """d, the d before it, and r."""

    _fields_ = (("d", ctypes.c_float), ("d_prev", ctypes.c_float), ("r", ctypes.c_float))


def lines(effort: Effort) -> Iterator[Line]:
    note = peers.no_compiler()
    for compensate in (True, False):
        what = "with compensation" if compensate else "without"
        calls: dict[str, Callable[[], Any]] = {"ours": ours(PARAMETERS, compensate)}
        if not note:
            check(compensate)
            calls["c"] = c(PARAMETERS, compensate)
        times = race(calls, effort)
        yield Line("traffic", what, PEER, "update", times["ours"], times.get("c"), BAR, note)


def check(compensate: bool, parameters: int = 1000, steps: int = 5) -> None:
    """Raise Disagreement where the C computes another position or estimate than our update."""
    mine, theirs = ours(parameters, compensate), c(parameters, compensate)
    for _ in range(steps):
        position, d = mine()
        their_position, estimate = theirs()
    peers.agree(PEER, "position", position, their_position, within=1e-5)
    peers.agree(PEER, "D", d, estimate, within=1e-4)


def arrays(parameters: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a start and a gradient, which stays the same."""
    generator = np.random.default_rng(0)
    return tuple(generator.standard_normal(parameters, np.float32) for _ in range(2))  # type: ignore[return-value]


def ours(parameters: int, compensate: bool) -> Callable[[], Any]:
    """Our update, jitted, with params and state donated. A call takes one step and returns (params, D)."""
    optimizer = prodigy(compensate=compensate)

    @partial(jax.jit, donate_argnums=(0, 1))  # compiled as anybody's own training is
    def step(p: jax.Array, state: Any, g: jax.Array) -> tuple[jax.Array, Any]:
        updates, state = optimizer.update(g, state, p)
        return jnp.asarray(optax.apply_updates(p, updates)), state

    p, g = (jnp.array(values) for values in arrays(parameters))
    current = [(p, optimizer.init(p))]

    def call() -> Any:
        current[0] = step(*current[0], g)
        return current[0][0], current[0][1].estim_lr

    return call


def c(parameters: int, compensate: bool) -> Callable[[], Any]:
    """The update in C. No fast math: that would take the compensation away."""
    library = peers.compiled("update.c", "-fno-math-errno", "-fno-trapping-math")
    pointer = peers.array(np.float32)
    p, g = arrays(parameters)
    p0 = p.copy()
    residual = np.zeros_like(p) if compensate else None
    peers.declare(
        library.update,
        [ctypes.c_long, *[pointer] * 6, pointer if compensate else ctypes.c_void_p, *[ctypes.c_float] * 5, ctypes.c_void_p],
    )
    m, v, s = (np.zeros_like(p) for _ in range(3))
    scalars = Scalars(1e-6, 1e-6, 0)
    correction = iter(np.append(plain.corrections(10_000), 1.0))
    rates = (plain.BETA1, plain.BETA2, plain.BETA3, plain.EPS)

    def call() -> Any:
        library.update(parameters, g, p, m, v, s, p0, residual, next(correction), *rates, ctypes.byref(scalars))
        return p, scalars.d

    return call
