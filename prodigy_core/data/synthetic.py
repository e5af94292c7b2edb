"""Two data sets of two features from a fixed seed: a model's decisions over them can be drawn in the plane."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

Points = Float[np.ndarray, "examples 2"]
Labels = Int[np.ndarray, " examples"]

SEED = 0  # another seed would be another data set under the same name
EACH = 250  # points of each class
MOON_NOISE = 0.15  # standard deviation in radii of a moon: the moons just about touch
SPIRAL_NOISE = 0.05  # standard deviation in units of the radius at which an arm ends
TURNS = 1.25  # turns of an arm around the centre
INNERMOST = 0.2  # radius at which an arm begins; nearer to the centre the noise would hide which arm it is
DECIMALS = 4  # decimals kept, since sines and cosines differ in their last digits between processors


def moons() -> tuple[Points, Labels]:
    """Return an upper and a lower half circle that reach into each other."""
    rng = np.random.default_rng(SEED)
    upper, lower = np.pi * rng.uniform(size=(2, EACH))
    points = [np.stack([np.cos(upper), np.sin(upper)], axis=1), np.stack([1 - np.cos(lower), 0.5 - np.sin(lower)], axis=1)]
    return _noisy(points, MOON_NOISE, rng)


def spirals() -> tuple[Points, Labels]:
    """Return two arms of a spiral, half a turn apart, with points of equal density in area."""
    rng = np.random.default_rng(SEED)
    points = []
    for arm in range(2):
        radius = np.sqrt(rng.uniform(INNERMOST**2, 1, EACH))
        angle = 2 * np.pi * TURNS * radius + np.pi * arm
        points.append(np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1))
    return _noisy(points, SPIRAL_NOISE, rng)


def _noisy(points: list[Points], deviation: float, rng: np.random.Generator) -> tuple[Points, Labels]:
    """Return the classes one after the other, with normal noise."""
    exact = np.concatenate(points)
    labels = np.repeat(np.arange(len(points), dtype=np.int32), [len(part) for part in points])
    return np.round(exact + rng.normal(0, deviation, exact.shape), DECIMALS), labels
