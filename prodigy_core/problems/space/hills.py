"""Functions of many variables that are no bowls: a bent valley, ripples, and exponentially many minima.

All losses but Griewank's are sums of terms that are 0 at the minimiser and do not cancel, so that float32 still tells a
small loss from 0 in 10,000 dimensions. Where the literature writes a function otherwise, a comment gives the identity.

A new function is its formula and, right under it, one `append`.
"""

from __future__ import annotations

import math

import jax.numpy as jnp
from jaxtyping import Array, Float

from prodigy_core.param import Param
from prodigy_core.problems.kinks import root
from prodigy_core.problems.problem import Problem, Settings
from prodigy_core.problems.space.settings import DIMENSION, start

HILLS: list[Problem] = []


def rosenbrock_nd(x: Float[Array, " n"], settings: Settings) -> Float[Array, ""]:
    return jnp.sum((1 - x[:-1]) ** 2 + settings["b"] * (x[1:] - x[:-1] ** 2) ** 2)


HILLS.append(
    Problem(
        name="rosenbrock_nd",
        title="Rosenbrock's function, n dimensions",
        formula=r"\sum_{i=1}^{n-1} \left[(1-x_i)^2 + b\,(x_{i+1}-x_i^2)^2\right]",
        teaches="Each coordinate wants to be the square of the one before, so the chain falls into place one after the other; "
        "from four dimensions on a local minimum lies near (-1, 1, ..., 1).",
        source="Rosenbrock (1960); chained as in Shang & Qiu (2006), Evolutionary Computation 14",
        family="space",
        fn=rosenbrock_nd,
        solution=1.0,
        minimum=0.0,
        settings=(
            DIMENSION,
            Param(
                name="b",
                default=100.0,
                low=1.0,
                high=1e4,
                scale="log",
                help="How steep the walls of the valley are beside its floor; Rosenbrock used 100.",
            ),
            *start(0.0, 2.0),
        ),
    )
)


def rastrigin_nd(x: Float[Array, " n"], settings: Settings) -> Float[Array, ""]:
    return jnp.sum(x**2 + 20 * jnp.sin(math.pi * x) ** 2)  # 10 - 10 cos(2 pi x) = 20 sin^2(pi x)


HILLS.append(
    Problem(
        name="rastrigin_nd",
        title="Rastrigin's function, n dimensions",
        formula=r"10n + \sum_{i=1}^{n} \left[x_i^2 - 10\cos(2\pi x_i)\right]",
        teaches="The number of local minima grows as the power of the dimension, "
        "and a path that sees only its own dimple ends one unit of loss or more too high in every coordinate.",
        source="Rastrigin (1974), Systems of Extremal Control; n dimensions by Mühlenbein, Schomisch & Born (1991)",
        family="space",
        fn=rastrigin_nd,
        solution=0.0,
        minimum=0.0,
        settings=(DIMENSION, *start(2.3, 5.12)),
    )
)


def ackley_nd(x: Float[Array, " n"], settings: Settings) -> Float[Array, ""]:
    funnel = -20 * jnp.expm1(-0.2 * root(jnp.mean(x**2)))
    # mean(cos(2 pi x)) = 1 - 2 mean(sin^2(pi x))
    return funnel - math.e * jnp.expm1(-2 * jnp.mean(jnp.sin(math.pi * x) ** 2))


HILLS.append(
    Problem(
        name="ackley_nd",
        title="Ackley's function, n dimensions",
        formula=r"-20\exp\left(-0.2\sqrt{\tfrac{1}{n}\sum_{i=1}^{n} x_i^2}\right)"
        r" - \exp\left(\tfrac{1}{n}\sum_{i=1}^{n} \cos 2\pi x_i\right) + 20 + e",
        teaches="Means, not sums, make up the loss, so each coordinate's slope shrinks as the dimension grows, "
        "and a step that is not normalised shrinks with it.",
        source="Ackley (1987), A Connectionist Machine for Genetic Hillclimbing; n dimensions by Bäck (1996)",
        family="space",
        fn=ackley_nd,
        solution=0.0,
        minimum=0.0,
        settings=(DIMENSION, *start(2.6, 5.0)),
    )
)

STYBLINSKI_TANG_AT = -2.903534027771177  # the lowest root of 4 x^3 - 32 x + 5


def styblinski_tang_nd(x: Float[Array, " n"], settings: Settings) -> Float[Array, ""]:
    # x^4 - 16 x^2 + 5 x + 78.33... has a double zero at its minimiser a; the factors avoid its cancellation there.
    a = STYBLINSKI_TANG_AT
    return jnp.sum((x - a) ** 2 * ((x + a) ** 2 + 2 * a**2 - 16)) / 2


HILLS.append(
    Problem(
        name="styblinski_tang_nd",
        title="Styblinski-Tang function, n dimensions",
        formula=r"39.16616570377142\,n + \tfrac{1}{2}\sum_{i=1}^{n} \left(x_i^4 - 16x_i^2 + 5x_i\right)",
        teaches="Each coordinate has a good and a poor basin, so a spread start ends in one of two to the n minima, "
        "and 14 units of loss tell how many coordinates chose wrongly.",
        source="Styblinski & Tang (1990), Neural Networks 3; Surjanovic & Bingham (2013); shifted to a minimum of 0",
        family="space",
        fn=styblinski_tang_nd,
        solution=STYBLINSKI_TANG_AT,
        minimum=0.0,
        settings=(DIMENSION, *start(0.0, 5.0)),
    )
)


def griewank_nd(x: Float[Array, " n"], settings: Settings) -> Float[Array, ""]:
    i = jnp.arange(1, len(x) + 1, dtype=x.dtype)
    return jnp.sum(x**2) / 4000 + (1 - jnp.prod(jnp.cos(x / jnp.sqrt(i))))


HILLS.append(
    Problem(
        name="griewank_nd",
        title="Griewank's function, n dimensions",
        formula=r"1 + \tfrac{1}{4000}\sum_{i=1}^{n} x_i^2 - \prod_{i=1}^{n} \cos\tfrac{x_i}{\sqrt{i}}",
        teaches="In high dimensions the product of cosines all but vanishes away from the minimum: "
        "the ripples of the plane are gone and a mild bowl is left, the rare function that becomes easier.",
        source="Griewank (1981), Journal of Optimization Theory and Applications 34",
        family="space",
        fn=griewank_nd,
        solution=0.0,
        minimum=0.0,
        settings=(DIMENSION, *start(7.0, 10.0)),
    )
)


def levy_nd(x: Float[Array, " n"], settings: Settings) -> Float[Array, ""]:
    away = (x - 1) / 4  # w - 1; sin^2(pi w) has period 1, so the 1 can be left out
    grooves = away[:-1] ** 2 * (1 + 10 * jnp.sin(math.pi * away[:-1] + 1) ** 2)
    last = away[-1] ** 2 * (1 + jnp.sin(2 * math.pi * away[-1]) ** 2)
    return jnp.sin(math.pi * away[0]) ** 2 + jnp.sum(grooves) + last


HILLS.append(
    Problem(
        name="levy_nd",
        title="Levy's function, n dimensions",
        formula=r"\sin^2\pi w_1 + \sum_{i=1}^{n-1} (w_i-1)^2\left(1+10\sin^2(\pi w_i+1)\right)"
        r" + (w_n-1)^2\left(1+\sin^2 2\pi w_n\right),\quad w_i = 1+\tfrac{x_i-1}{4}",
        teaches="Deep grooves cross every axis but the last, so each coordinate may be caught on its own.",
        source="Laguna & Martí (2005); Surjanovic & Bingham (2013)",
        family="space",
        fn=levy_nd,
        solution=1.0,
        minimum=0.0,
        settings=(DIMENSION, *start(-8.0, 10.0)),
    )
)
