"""Prodigy as a plain NumPy loop in float64, written from the paper and independent of `prodigy_core`.

K. Mishchenko and A. Defazio, arXiv 2306.06101, Algorithm "Prodigy (Adam version)". m, v, r and s carry their powers of
d, as printed there. Where the two published packages agree with each other but not with the listing, this follows
them: eps stands beside the new d, and the decay is decoupled and times the step size.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Path(NamedTuple):
    """Path of a run: row k is after step k."""

    x: np.ndarray  # (steps, n), the parameters
    d: np.ndarray  # (steps,), the estimate of the distance


def prodigy(
    gradient: Callable[[np.ndarray], np.ndarray],
    start: np.ndarray,
    steps: int,
    *,
    learning_rate: Callable[[int], float] = lambda k: 1.0,
    betas: tuple[float, float] = (0.9, 0.999),
    beta3: float | None = None,
    eps: float = 1e-8,
    estim_lr0: float = 1e-6,
    estim_lr_coef: float = 1.0,
    weight_decay: float = 0.0,
    decayed: np.ndarray | bool = True,
    safeguard_warmup: bool = False,
    use_bias_correction: bool = True,
    growth_rate: float = np.inf,
    slice_p: int = 1,
) -> Path:
    """Run `steps` steps from `start`, a vector, real or complex."""
    beta1, beta2 = betas
    beta3 = np.sqrt(beta2) if beta3 is None else beta3
    x0 = x = np.array(start)
    m, v, s = np.zeros_like(x), np.zeros(x.shape), np.zeros_like(x[::slice_p])
    r, d, d_max = 0.0, estim_lr0, estim_lr0
    path: list[tuple[np.ndarray, float]] = []
    for k in range(steps):
        g = gradient(x)
        eta = d * learning_rate(k)
        if use_bias_correction:
            eta *= np.sqrt(1 - beta2 ** (k + 1)) / (1 - beta1 ** (k + 1))
        m = beta1 * m + (1 - beta1) * d * g
        v = beta2 * v + (1 - beta2) * d**2 * np.abs(g) ** 2
        inner = np.vdot(g[::slice_p], (x0 - x)[::slice_p]).real
        r = beta3 * r + d * eta * inner
        s = beta3 * s + d * (d if safeguard_warmup else eta) * g[::slice_p]
        d_hat = estim_lr_coef * r / np.sum(np.abs(s))
        d_max = max(d_max, d_hat)
        risen = max(d, d_hat) if d == estim_lr0 else d
        d = min(d_max, risen * growth_rate)
        x = x - eta * m / (np.sqrt(v) + d * eps) - weight_decay * eta * decayed * x
        path.append((x, d))
    return Path(np.array([x for x, _ in path]), np.array([d for _, d in path]))
