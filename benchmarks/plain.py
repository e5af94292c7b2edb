"""Prodigy on Rosenbrock's function of the plane as plain loops over numbers, to be compiled by numba or run as they are.

The algorithm of arXiv 2306.06101 with Adam's bias correction, as optax has it; without the compensation that prodigy_core
adds. In the paper's symbols: r and s are the sums behind the estimate d.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

START, B, TOLERANCE = (-1.5, 2.0), 100.0, 1e-6
BETA1, BETA2, EPS = 0.9, 0.999, 1e-8
BETA3 = math.sqrt(BETA2)
SIDE, STEPS = 64, 1000  # of the sweep: values of each of its two hyperparameters, and steps of each run
CONFIGURATIONS = SIDE * SIDE

Compile = Callable[[Any], Any]


class Loops(NamedTuple):
    """Functions that fill the arrays that they are given.

    Attributes:
      record: (records, d0, beta3) -> None. One run; records, (steps, 4), get the loss, D and the position before each step.
      sweep: (d0, beta3, corrections, best, waited, d) -> None. A run for each d0 and beta3; of each the least loss, how many
        steps it took to come within the tolerance (steps + 1 for never), and the last D.
    """

    record: Any
    sweep: Any


def grid(real: Any = np.float32) -> tuple[np.ndarray, np.ndarray]:
    """Return estim_lr0 and beta3 of each configuration of the sweep, of shape (CONFIGURATIONS,) each."""
    first, decay = np.meshgrid(np.geomspace(1e-7, 1e-2, SIDE), np.sqrt(np.linspace(0.99, 0.9999, SIDE)))
    return first.ravel().astype(real), decay.ravel().astype(real)


def corrections(steps: int) -> np.ndarray:
    """Return Adam's bias correction of each step, of shape (steps,)."""
    k = np.arange(1, steps + 1)
    return np.asarray(np.sqrt(-np.expm1(k * math.log(BETA2))) / -np.expm1(k * math.log(BETA1)))


def loops(real: Any, inner: Compile = lambda f: f, outer: Compile = lambda f: f, spread: Any = range) -> Loops:
    """Return the loops for numbers of one type.

    Args:
      real: np.float32 or np.float64.
      inner, outer: the compilers of the functions, and of the one whose loop goes over configurations.
      spread: range, or numba's prange.
    """
    # A bare 2 in a product would make float64 of float32.
    zero, one, two, four = real(0), real(1), real(2), real(4)
    x0, y0, b, tolerance = real(START[0]), real(START[1]), real(B), real(TOLERANCE)
    beta1, beta2, eps, rest1, rest2 = real(BETA1), real(BETA2), real(EPS), real(1 - BETA1), real(1 - BETA2)

    def value(x, y):  # type: ignore[no-untyped-def]
        u, w = one - x, y - x * x
        return u * u + b * w * w

    def step(x, y, d, mx, my, vx, vy, sx, sy, r, correction, d0, beta3):  # type: ignore[no-untyped-def]
        w = y - x * x
        gx, gy = -two * (one - x) - four * b * x * w, two * b * w
        dlr = d * correction
        weight = d / d0 * dlr
        mx, my = beta1 * mx + rest1 * d * gx, beta1 * my + rest1 * d * gy
        vx, vy = beta2 * vx + rest2 * d * d * gx * gx, beta2 * vy + rest2 * d * d * gy * gy
        sx, sy = beta3 * sx + weight * gx, beta3 * sy + weight * gy
        r = beta3 * r + weight * (gx * (x0 - x) + gy * (y0 - y))
        below = abs(sx) + abs(sy)
        if below > zero:
            d = max(d, r / below)
        x, y = x - dlr * mx / (math.sqrt(vx) + d * eps), y - dlr * my / (math.sqrt(vy) + d * eps)
        return x, y, d, mx, my, vx, vy, sx, sy, r

    value, step = inner(value), inner(step)

    def record(records, d0, beta3):  # type: ignore[no-untyped-def]
        x, y, d = x0, y0, d0
        mx, my, vx, vy, sx, sy, r = zero, zero, zero, zero, zero, zero, zero
        for k in range(len(records)):
            records[k, 0], records[k, 1], records[k, 2], records[k, 3] = value(x, y), d, x, y
            correction = math.sqrt(one - beta2 ** (k + 1)) / (one - beta1 ** (k + 1))
            x, y, d, mx, my, vx, vy, sx, sy, r = step(x, y, d, mx, my, vx, vy, sx, sy, r, correction, d0, beta3)

    def sweep(starts, beta3, correction, best, waited, last):  # type: ignore[no-untyped-def]
        for i in spread(starts.size):
            x, y, d = x0, y0, starts[i]
            mx, my, vx, vy, sx, sy, r = zero, zero, zero, zero, zero, zero, zero
            least, count = value(x, y), 0
            for k in range(correction.size):
                if least > tolerance:
                    count += 1
                x, y, d, mx, my, vx, vy, sx, sy, r = step(
                    x, y, d, mx, my, vx, vy, sx, sy, r, correction[k], starts[i], beta3[i]
                )
                least = min(least, value(x, y))
            best[i], waited[i], last[i] = least, count + (least > tolerance), d

    return Loops(inner(record), outer(sweep))


def numba_loops(real: Any, *, fastmath: bool) -> Loops:
    """Return the loops compiled by numba, the sweep over all cores."""
    import numba

    inner = numba.njit(fastmath=fastmath)
    return loops(real, inner, numba.njit(fastmath=fastmath, parallel=True), numba.prange)
