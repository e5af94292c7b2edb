"""Two data sets of two features, drawn at random from a fixed seed: what a model makes of them can be seen on a page."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

Points = Float[np.ndarray, "examples 2"]
Labels = Int[np.ndarray, " examples"]

SEED = 0  # another seed would be another data set under the same name
EACH = 250  # points of each class
MOON_NOISE = 0.15  # standard deviation, where a moon has the radius 1: the moons just about touch
SPIRAL_NOISE = 0.05  # where an arm ends at the radius 1
TURNS = 1.25  # of an arm around the middle
INNERMOST = 0.2  # the radius at which an arm begins; nearer to the middle the noise would hide which arm it is
DECIMALS = 4  # sines and cosines differ in their last digits from processor to processor


def moons() -> tuple[Points, Labels]:
    """Two half circles that reach into each other, upper and lower."""
    rng = np.random.default_rng(SEED)
    upper, lower = np.pi * rng.uniform(size=(2, EACH))
    points = [np.stack([np.cos(upper), np.sin(upper)], axis=1), np.stack([1 - np.cos(lower), 0.5 - np.sin(lower)], axis=1)]
    return _noisy(points, MOON_NOISE, rng)


def spirals() -> tuple[Points, Labels]:
    """Two arms of a spiral, one turned by half a turn from the other; as many points everywhere along an arm's area."""
    rng = np.random.default_rng(SEED)
    points = []
    for arm in range(2):
        radius = np.sqrt(rng.uniform(INNERMOST**2, 1, EACH))
        angle = 2 * np.pi * TURNS * radius + np.pi * arm
        points.append(np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1))
    return _noisy(points, SPIRAL_NOISE, rng)


def _noisy(points: list[Points], deviation: float, rng: np.random.Generator) -> tuple[Points, Labels]:
    """The classes one after the other, with normal noise."""
    exact = np.concatenate(points)
    labels = np.repeat(np.arange(len(points), dtype=np.int32), [len(part) for part in points])
    return np.round(exact + rng.normal(0, deviation, exact.shape), DECIMALS), labels
