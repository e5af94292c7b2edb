"""Two directions in the space of all parameters, for a plane to look at a loss on: principal ones, and random ones.

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

BLOCK, ROUNDS = 8, 100  # of the search for eigenvectors
NEGLIGIBLE = 1e-12  # of the variance: positions are kept in float32, whose rounding alone makes up about as much


def principal(points: Float[np.ndarray, "points parameters"], spare: Pair) -> tuple[Pair, Float[np.ndarray, " 2"]]:
    """The two orthonormal directions in which the points spread most, and the variance of each as a fraction of all of it.

    They come from the points' inner products, a matrix of points x points: with it, one of its eigenvectors u belongs to the
    direction points^T u.

    Args:
      points: less their mean.
      spare: directions that stand in where the points spread in one direction only, or not at all.
    """
    total = float(np.sum(points**2))
    values, vectors = _leading(points @ points.T)
    found = [vector @ points for value, vector in zip(values, vectors, strict=True) if value > NEGLIGIBLE * total]
    fractions = np.zeros(2)
    fractions[: len(found)] = values[: len(found)] / total
    return orthonormal(np.stack([*found, *spare])), fractions


def _leading(gram: Float[np.ndarray, "points points"]) -> tuple[Float[np.ndarray, " found"], Float[np.ndarray, "found points"]]:
    """The two largest eigenvalues and their eigenvectors, the largest first; one where there is one point.

    By subspace iteration, until the values no longer change. A full decomposition is as quick on an idle machine, but its
    thousands of small multithreaded steps wait for each other on a busy one: seconds instead of hundredths.
    """
    block = gram @ np.random.default_rng(0).normal(size=(len(gram), min(len(gram), BLOCK)))
    values = np.zeros(0)
    for _ in range(ROUNDS):
        basis = np.linalg.qr(block)[0]
        image = gram @ basis
        before, (values, turn) = values, np.linalg.eigh(basis.T @ image)
        block = image @ turn
        if before.size and np.abs(values - before)[-2:].max() <= 1e-15 * values[-1]:
            break
    return values[:-3:-1], (basis @ turn).T[:-3:-1]


def random(centre: Float[np.ndarray, " parameters"], shapes: Shapes, least: float, generator: np.random.Generator) -> Pair:
    """Two Gaussian directions, each filter of them as long as the same filter of the centre.

    A filter is what stands at one index of a leaf's first axis, as in the authors' code: all that enters one unit of a layer
    or one channel of a convolution, a row of a table. Biases and other vectors stay where they are, which is the
    authors' `ignore="biasbn"`. Where there are vectors alone, as of a function, the whole is one filter.

    Args:
      centre: where the plane passes through.
      shapes: of the leaves that the centre consists of, in order.
      least: where the whole is one filter, its length at least.
      generator: draws them.
    """
    cuts = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]
    found = generator.normal(size=(2, centre.size))
    unscaled = found.copy()
    if all(len(shape) < 2 for shape in shapes):
        found *= max(_norm(centre), least) / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), np.finfo(float).tiny)
    else:
        for direction in found:
            for part, like, shape in zip(np.split(direction, cuts), np.split(centre, cuts), shapes, strict=True):
                part *= _filters(part, like, shape)  # noqa: PLW2901  # a view: this writes into the direction
    return found if found.any() else orthonormal(unscaled)  # a centre of zeros has no lengths to go by


def _filters(
    part: Float[np.ndarray, " entries"], like: Float[np.ndarray, " entries"], shape: tuple[int, ...]
) -> Float[np.ndarray, " entries"]:
    """The factor on each entry that makes the filters of this leaf as long as those of the other; 0 for a vector."""
    if len(shape) < 2:
        return np.zeros(part.size)
    drawn, wanted = (np.linalg.norm(values.reshape(shape[0], -1), axis=1) for values in (part, like))
    factors: np.ndarray = np.repeat(wanted / np.maximum(drawn, np.finfo(float).tiny), part.size // shape[0])
    return factors


def orthonormal(directions: Float[np.ndarray, "directions parameters"]) -> Pair:
    """The first two of these that are independent, made orthonormal in their order; zeros where there are fewer."""
    kept: list[np.ndarray] = []
    for direction in directions:
        length = _norm(direction)
        if len(kept) == 2 or not length:
            continue
        rest = direction / length
        for _ in range(2):  # twice is enough: what rounding left of the first time goes in the second
            for other in kept:
                rest = rest - (rest @ other) * other
        if _norm(rest) > 1e-6:
            kept.append(rest / _norm(rest))
    return np.stack([*kept, *np.zeros((2, directions.shape[1]))])[:2]


def _norm(values: np.ndarray) -> float:
    return float(np.linalg.norm(values))
