"""Losses and gradients at any number of points by one program, in chunks of one size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import numpy as np


def in_chunks(
    loss_and_gradient: Callable[[Any, Any], Any], points: Any, settings: Any, chunk: int
) -> tuple[np.ndarray, np.ndarray]:
    """Apply a function of points (chunk, n) to one point, (n,), or to many, (points, n); return losses and gradients."""
    rows = np.atleast_2d(points)
    padded = np.concatenate([rows, np.repeat(rows[-1:], -len(rows) % chunk, axis=0)])
    with jax.enable_x64(True):
        results = jax.device_get([loss_and_gradient(part, settings) for part in padded.reshape(-1, chunk, rows.shape[1])])
    loss, gradient = (np.concatenate(parts)[: len(rows)] for parts in zip(*results, strict=True))
    return (loss, gradient) if np.ndim(points) == 2 else (loss[0], gradient[0])
