"""Losses and gradients at any number of points by one program, however many there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import numpy as np


def in_rooms(both: Callable[[Any, Any], Any], points: Any, settings: Any, room: int) -> tuple[np.ndarray, np.ndarray]:
    """What `both`, over points of shape (room, n), says of one point of shape (n,) or of many of shape (points, n)."""
    where = np.atleast_2d(points)
    padded = np.concatenate([where, np.repeat(where[-1:], -len(where) % room, axis=0)])
    with jax.enable_x64(True):
        found = jax.device_get([both(part, settings) for part in padded.reshape(-1, room, where.shape[1])])
    loss, gradient = (np.concatenate(parts)[: len(where)] for parts in zip(*found, strict=True))
    return (loss, gradient) if np.ndim(points) == 2 else (loss[0], gradient[0])
