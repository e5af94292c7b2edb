"""Two directions in the space of all parameters that span a plane to show a loss on: principal ones, or random ones.

Li, Xu, Taylor, Studer & Goldstein (2018), Visualizing the loss landscape of neural nets, arXiv 1712.09913: the principal
directions of a path, and random directions that are normalised filter by filter. Positions are flat vectors here; nothing
of the size parameters x parameters is ever formed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

Pair = Float[np.ndarray, "2 parameters"]
Shapes = Sequence[tuple[int, ...]]

BLOCK = 8  # vectors in the subspace iteration
ROUNDS = 100  # iterations of it, at most
NEGLIGIBLE = 1e-12  # part of the variance that float32 rounding of the positions alone makes up


def principal(points: Float[np.ndarray, "points parameters"], spare: Pair) -> tuple[Pair, Float[np.ndarray, " 2"]]:
    """Return the two orthonormal directions in which the points spread most, and each one's fraction of all variance.

    They come from the points' inner products, a matrix of points x points: with it, one of its eigenvectors u belongs to the
    direction points^T u.

    Args:
      points: the points minus their mean.
      spare: directions that stand in where the points spread in one direction only, or not at all.
    """
    total = float(np.sum(points**2))
    values, vectors = _leading(points @ points.T)
    axes = [vector @ points for value, vector in zip(values, vectors, strict=True) if value > NEGLIGIBLE * total]
    fractions = np.zeros(2)
    fractions[: len(axes)] = values[: len(axes)] / total
    return orthonormal(np.stack([*axes, *spare])), fractions


def _leading(
    gram: Float[np.ndarray, "points points"],
) -> tuple[Float[np.ndarray, " leading"], Float[np.ndarray, "leading points"]]:
    """Return the two largest eigenvalues and their eigenvectors, the largest first; only one if there is one point.

    They come from subspace iteration, until the values no longer change. A full decomposition is as quick on an idle
    machine, but its thousands of small multithreaded steps wait for each other on a busy one: seconds instead of hundredths.
    """
    block = gram @ np.random.default_rng(0).normal(size=(len(gram), min(len(gram), BLOCK)))
    values = np.zeros(0)
    for _ in range(ROUNDS):
        basis = np.linalg.qr(block)[0]
        image = gram @ basis
        before, (values, rotation) = values, np.linalg.eigh(basis.T @ image)
        block = image @ rotation
        if before.size and np.abs(values - before)[-2:].max() <= 1e-15 * values[-1]:
            break
    return values[:-3:-1], (basis @ rotation).T[:-3:-1]


def random(centre: Float[np.ndarray, " parameters"], shapes: Shapes, shortest: float, generator: np.random.Generator) -> Pair:
    """Return two Gaussian directions, each filter of them as long as the same filter of the centre.

    A filter is one index of a leaf's first axis, as in the authors' code: the weights into one unit of a layer or one channel
    of a convolution, or a row of a table. Biases and other vectors do not move, which is the authors' `ignore="biasbn"`.
    Where there are only vectors, as in a function, all parameters together are one filter.

    Args:
      centre: a point of the plane.
      shapes: the shapes of the leaves that the centre consists of, in order.
      shortest: the least length of a direction where all parameters are one filter.
      generator: draws the directions.
    """
    cuts = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]
    pair = generator.normal(size=(2, centre.size))
    unscaled = pair.copy()
    if all(len(shape) < 2 for shape in shapes):
        pair *= max(_norm(centre), shortest) / np.maximum(np.linalg.norm(pair, axis=1, keepdims=True), np.finfo(float).tiny)
    else:
        for direction in pair:
            for part, like, shape in zip(np.split(direction, cuts), np.split(centre, cuts), shapes, strict=True):
                part *= _filters(part, like, shape)  # noqa: PLW2901  # a view: this writes into the direction
    return pair if pair.any() else orthonormal(unscaled)  # a centre of zeros has no lengths to scale by


def _filters(
    part: Float[np.ndarray, " entries"], like: Float[np.ndarray, " entries"], shape: tuple[int, ...]
) -> Float[np.ndarray, " entries"]:
    """Return the factor on each entry of `part` that makes its filters as long as those of `like`; 0 for a vector."""
    if len(shape) < 2:
        return np.zeros(part.size)
    lengths, wanted = (np.linalg.norm(values.reshape(shape[0], -1), axis=1) for values in (part, like))
    factors: np.ndarray = np.repeat(wanted / np.maximum(lengths, np.finfo(float).tiny), part.size // shape[0])
    return factors


def orthonormal(directions: Float[np.ndarray, "directions parameters"]) -> Pair:
    """Return the first two independent directions, made orthonormal in their order; zeros where there are fewer."""
    kept: list[np.ndarray] = []
    for direction in directions:
        length = _norm(direction)
        if len(kept) == 2 or not length:
            continue
        rest = direction / length
        for _ in range(2):  # the second pass removes what rounding left in the first; two are enough
            for other in kept:
                rest = rest - (rest @ other) * other
        if _norm(rest) > 1e-6:
            kept.append(rest / _norm(rest))
    return np.stack([*kept, *np.zeros((2, directions.shape[1]))])[:2]


def _norm(values: np.ndarray) -> float:
    return float(np.linalg.norm(values))
