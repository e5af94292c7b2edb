"""Flat regions: the gradient is almost 0 though the minimum is far away.

A new function is its formula and, right under it, one `append`.
"""

from __future__ import annotations

import math

import jax.numpy as jnp
from jaxtyping import Array, Float

from prodigy_core.problems.problem import Problem, Settings

FLAT: list[Problem] = []


def plateau(point: Float[Array, "2"], settings: Settings) -> Float[Array, ""]:
    x, y = point[0], point[1]
    # expm1 keeps the digits near the minimum, where 1 - exp(-t) would lose them.
    return -jnp.expm1(-(x**2 + y**2) / 2)


FLAT.append(
    Problem(
        name="plateau",
        title="Plateau",
        formula=r"1 - \exp\left(-\tfrac{1}{2}(x^2+y^2)\right)",
        teaches="Far out the gradient is next to nothing: a step in proportion to it stands still, "
        "one divided by its size walks on.",
        source="Rahnamayan, Tizhoosh & Salama (2007), the exponential function, raised by 1",
        fn=plateau,
        domain=((-5.0, 5.0), (-5.0, 5.0)),
        start=(3.0, 2.0),
        minimisers=((0.0, 0.0),),
        minimum=0.0,
        levels="linear",
    )
)


def easom(point: Float[Array, "2"], settings: Settings) -> Float[Array, ""]:
    x, y = point[0], point[1]
    return -jnp.cos(x) * jnp.cos(y) * jnp.exp(-((x - math.pi) ** 2) - (y - math.pi) ** 2)


FLAT.append(
    Problem(
        name="easom",
        title="Easom's function",
        formula=r"-\cos x\,\cos y\,\exp\left(-(x-\pi)^2-(y-\pi)^2\right)",
        teaches="The minimum is a small hole in a wide plain, and outside the hole the gradient tells next to nothing.",
        source="Easom (1990), A Survey of Global Optimization Techniques, University of Louisville",
        fn=easom,
        domain=((-1.0, 7.0), (-1.0, 7.0)),
        start=(1.8, 4.4),
        minimisers=((math.pi, math.pi),),
        minimum=-1.0,
        levels="linear",
    )
)


def michalewicz(point: Float[Array, "2"], settings: Settings) -> Float[Array, ""]:
    x, y = point[0], point[1]
    return -jnp.sin(x) * jnp.sin(x**2 / math.pi) ** 20 - jnp.sin(y) * jnp.sin(2 * y**2 / math.pi) ** 20


FLAT.append(
    Problem(
        name="michalewicz",
        title="Michalewicz's function",
        formula=r"-\sin x\,\sin^{20}\!\left(\tfrac{x^2}{\pi}\right) - \sin y\,\sin^{20}\!\left(\tfrac{2y^2}{\pi}\right)",
        teaches="Narrow trenches cross a plain: the plain has no slope to follow, "
        "and the edge of a trench suddenly has a steep one.",
        source="Michalewicz (1992), Genetic Algorithms + Data Structures = Evolution Programs",
        fn=michalewicz,
        domain=((0.0, math.pi), (0.0, math.pi)),
        start=(1.8, 1.2),
        # Outside the square on which it is defined the formula falls lower.
        minimisers=((2.2029055201726093, math.pi / 2),),
        minimum=-1.8013034100985525,
        levels="linear",
    )
)


def monkey_saddle(point: Float[Array, "2"], settings: Settings) -> Float[Array, ""]:
    x, y = point[0], point[1]
    return x**3 - 3 * x * y**2


FLAT.append(
    Problem(
        name="monkey_saddle",
        title="Monkey saddle",
        formula=r"x^3 - 3xy^2",
        teaches="Gradient and curvature both vanish at the saddle, so a path lingers there before it falls without end.",
        source="Hilbert & Cohn-Vossen (1932), Anschauliche Geometrie",
        fn=monkey_saddle,
        domain=((-2.0, 2.0), (-2.0, 2.0)),
        start=(1.5, 0.1),
        minimisers=(),
        minimum=None,
        levels="linear",
    )
)
