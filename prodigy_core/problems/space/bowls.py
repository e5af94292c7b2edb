"""Convex functions of many variables, for which Prodigy's D is a lower bound of the distance, here known exactly.

A new function is its formula and, right under it, one `append`.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from prodigy_core.param import Param
from prodigy_core.problems.kinks import absolute
from prodigy_core.problems.plane.convex import CONDITION
from prodigy_core.problems.problem import Problem, Settings
from prodigy_core.problems.space.settings import DIMENSION, start

BOWLS: list[Problem] = []

SPECTRA = ("geometric", "linear", "clusters", "outlier")


def sum_of_squares_at_3(x: Float[Array, " n"], settings: Settings) -> Float[Array, ""]:
    return jnp.sum((x - 3) ** 2)


BOWLS.append(
    Problem(
        name="sum_of_squares_at_3",
        title="Sum of squares around 3",
        formula=r"\sum_{i=1}^{n} (x_i-3)^2",
        teaches="The Euclidean distance to the solution grows with the square root of the dimension. The distance in the "
        "farthest coordinate (L∞) is always 3, and from 0 Prodigy's D ends at 1.52 in every dimension.",
        source="De Jong (1975), function F1, moved to 3",
        family="space",
        fn=sum_of_squares_at_3,
        solution=3.0,
        minimum=0.0,
        settings=(DIMENSION, *start(0.0, 10.0)),
    )
)


def quadratic_nd(x: Float[Array, " n"], settings: Settings) -> Float[Array, ""]:
    u = jax.lax.cond(settings["rotated"], _rotated, lambda x: x, x)
    return jnp.sum(_curvatures(x, settings) * u**2) / 2


def _curvatures(x: Float[Array, " n"], settings: Settings) -> Float[Array, " n"]:
    """The eigenvalues of the Hessian, from 1 up to the condition number."""
    n, condition = len(x), settings["condition"]
    rank = jnp.arange(n)
    place = (rank / (n - 1)).astype(x.dtype)  # from 0 to 1; n >= 2
    between = jnp.stack([place, (rank >= n // 2).astype(x.dtype), (rank == n - 1).astype(x.dtype)])
    rising = jnp.concatenate([(condition**place)[None], 1 + (condition - 1) * between])  # in the order of SPECTRA
    return rising[settings["spectrum"]]


def _rotated(x: Float[Array, " n"]) -> Float[Array, " n"]:
    """Return an orthogonal transform of x that mixes all coordinates in n log n operations: flip signs, then cosines.

    The diagonal of the Hessian then tells little of its eigenvalues, so that no step size per coordinate can correct the
    scaling. Without the signs a start with equal coordinates would lie on a single eigenvector; the transform of the
    Rudin-Shapiro signs spreads over nearly all of them. In the plane this is a rotation by 45 degrees.
    """
    i = jnp.arange(len(x))
    signs = 1 - 2 * (jax.lax.population_count(i & (i >> 1)) % 2)
    return jax.scipy.fft.dct(signs.astype(x.dtype) * x, norm="ortho").astype(x.dtype)  # dct computes 16 bits in float32


BOWLS.append(
    Problem(
        name="quadratic_nd",
        title="Quadratic with a chosen spectrum",
        formula=r"\tfrac{1}{2}\sum_{i=1}^{n} \lambda_i u_i^2,\quad 1=\lambda_1\le\dots\le\lambda_n=\kappa,"
        r"\quad u = x\ \text{or}\ u = Qx",
        teaches="Along the axes one step size a coordinate mends any spread of curvatures; once rotated it mends next to none, "
        "and how the curvatures are spread decides how long the way is.",
        source="Nocedal & Wright (2006), Numerical Optimization, chapters 3 and 5",
        family="space",
        fn=quadratic_nd,
        solution=0.0,
        minimum=0.0,
        settings=(
            DIMENSION,
            CONDITION,
            Param(
                name="spectrum",
                default="geometric",
                choices=SPECTRA,
                help="How the curvatures lie between the smallest and the largest: evenly on a logarithmic scale, evenly, "
                "in two clusters at the ends, or all at the smallest but one.",
            ),
            Param(
                name="rotated",
                default=False,
                help="Whether an orthogonal transform Q mixes all coordinates, so that no axis is an eigenvector.",
            ),
            *start(1.0, 5.0),
        ),
    )
)


def spring_chain(x: Float[Array, " n"], settings: Settings) -> Float[Array, ""]:
    return ((x[0] - 1) ** 2 + jnp.sum((x[1:] - x[:-1]) ** 2)) / 2


BOWLS.append(
    Problem(
        name="spring_chain",
        title="Chain of springs",
        formula=r"\tfrac{1}{2}\left((x_1-1)^2 + \sum_{i=1}^{n-1} (x_{i+1}-x_i)^2\right)",
        teaches="Only one end is pulled, and each step lets one more coordinate know, "
        "so the far end does not move before as many steps as there are coordinates.",
        source="Nesterov (2004), Introductory Lectures on Convex Optimization, section 2.1.2, with a free end",
        family="space",
        fn=spring_chain,
        solution=1.0,
        minimum=0.0,
        settings=(DIMENSION, *start(0.0, 5.0)),
    )
)


def unequal_layers(x: Float[Array, " n"], settings: Settings) -> Float[Array, ""]:
    square = jnp.where(jnp.arange(len(x)) < len(x) // 2, x, settings["ratio"] * x) ** 2
    return jnp.sum(square / (1 + jnp.sqrt(1 + square)))  # sqrt(1 + z^2) - 1, without its cancellation for small z


BOWLS.append(
    Problem(
        name="unequal_layers",
        title="Two layers of unequal scale",
        formula=r"\sum_{i=1}^{n} \left(\sqrt{1+z_i^2}-1\right),\quad"
        r" z_i = x_i\ \text{for}\ i\le\tfrac{n}{2},\quad z_i = \rho\,x_i\ \text{for}\ i>\tfrac{n}{2}",
        teaches="The first half of the coordinates forgives a long step, the second does not and has the larger gradients, "
        "and an optimizer with one estimate D must serve both.",
        source="Charbonnier et al. (1994), the pseudo-Huber loss, here in two scales",
        family="space",
        fn=unequal_layers,
        solution=0.0,
        minimum=0.0,
        layers=lambda n: (n // 2, n - n // 2),
        settings=(
            DIMENSION,
            Param(
                name="ratio",
                default=100.0,
                low=1.0,
                high=1e4,
                scale="log",
                help="How many times steeper and narrower the second half is than the first.",
            ),
            *start(3.0, 10.0),
        ),
    )
)


def absolute_sum_nd(x: Float[Array, " n"], settings: Settings) -> Float[Array, ""]:
    return jnp.sum(absolute(x))


BOWLS.append(
    Problem(
        name="absolute_sum_nd",
        title="Sum of absolute values, n dimensions",
        formula=r"\sum_{i=1}^{n} |x_i|",
        teaches="Every coordinate has the same slope all the way, so the estimate of the distance is at its best, "
        "and a step that does not shrink jumps to and fro over the kinks.",
        source="Schwefel (1981); Schwefel 2.20 in Jamil & Yang (2013)",
        family="space",
        fn=absolute_sum_nd,
        solution=0.0,
        minimum=0.0,
        settings=(DIMENSION, *start(3.0, 10.0)),
    )
)


def max_norm_nd(x: Float[Array, " n"], settings: Settings) -> Float[Array, ""]:
    return jnp.max(absolute(x))


BOWLS.append(
    Problem(
        name="max_norm_nd",
        title="Maximum norm, n dimensions",
        formula=r"\max_{1\le i\le n} |x_i|",
        teaches="The loss is the distance to the solution in the farthest coordinate (L∞), which is what D estimates from "
        "below. With a spread start one coordinate at a time has a gradient.",
        source="Schwefel (1981); Schwefel 2.21 in Jamil & Yang (2013)",
        family="space",
        fn=max_norm_nd,
        solution=0.0,
        minimum=0.0,
        settings=(DIMENSION, *start(3.0, 10.0)),
    )
)
