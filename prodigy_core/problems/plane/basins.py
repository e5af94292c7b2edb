"""A few smooth basins: which minimum a path reaches depends on its start and on the length of its steps.

A new function is its formula and, right under it, one `append`.
"""

from __future__ import annotations

import math

import jax.numpy as jnp
from jaxtyping import Array, Float

from prodigy_core.problems.problem import Problem, Settings

BASINS: list[Problem] = []


def himmelblau(point: Float[Array, "2"], settings: Settings) -> Float[Array, ""]:
    x, y = point[0], point[1]
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


BASINS.append(
    Problem(
        name="himmelblau",
        title="Himmelblau's function",
        formula=r"(x^2+y-11)^2 + (x+y^2-7)^2",
        teaches="Four minima are equally good, and optimizers from the same start may end in different ones.",
        source="Himmelblau (1972), Applied Nonlinear Programming",
        fn=himmelblau,
        domain=((-5.0, 5.0), (-5.0, 5.0)),
        start=(0.0, 0.0),
        minimisers=(
            (3.0, 2.0),
            (-2.805118086952745, 3.131312518250573),
            (-3.779310253377747, -3.283185991286169),
            (3.584428340330492, -1.848126526964404),
        ),
        minimum=0.0,
        usual={"steps": 300},
    )
)


def styblinski_tang(point: Float[Array, "2"], settings: Settings) -> Float[Array, ""]:
    x, y = point[0], point[1]
    return (x**4 - 16 * x**2 + 5 * x + y**4 - 16 * y**2 + 5 * y) / 2


BASINS.append(
    Problem(
        name="styblinski_tang",
        title="Styblinski-Tang function",
        formula=r"\tfrac{1}{2}\left(x^4-16x^2+5x + y^4-16y^2+5y\right)",
        teaches="Three local minima look like the global one, and no gradient tells which of the four is the lowest.",
        source="Styblinski & Tang (1990), Neural Networks 3",
        fn=styblinski_tang,
        domain=((-5.0, 5.0), (-5.0, 5.0)),
        start=(4.0, -1.0),
        minimisers=((-2.903534027771177, -2.903534027771177),),
        minimum=-78.33233140754283,
        levels="linear",
    )
)


def three_hump_camel(point: Float[Array, "2"], settings: Settings) -> Float[Array, ""]:
    x, y = point[0], point[1]
    return 2 * x**2 - 1.05 * x**4 + x**6 / 6 + x * y + y**2


BASINS.append(
    Problem(
        name="three_hump_camel",
        title="Three-hump camel",
        formula=r"2x^2 - 1.05x^4 + \tfrac{x^6}{6} + xy + y^2",
        teaches="A local minimum lies on either side of the global one; "
        "momentum may carry a path over the saddles between them.",
        source="Jamil & Yang (2013); Surjanovic & Bingham (2013)",
        fn=three_hump_camel,
        domain=((-2.5, 2.5), (-2.5, 2.5)),
        start=(-2.2, -1.5),
        minimisers=((0.0, 0.0),),
        minimum=0.0,
    )
)


def six_hump_camel(point: Float[Array, "2"], settings: Settings) -> Float[Array, ""]:
    x, y = point[0], point[1]
    return (4 - 2.1 * x**2 + x**4 / 3) * x**2 + x * y + (4 * y**2 - 4) * y**2


BASINS.append(
    Problem(
        name="six_hump_camel",
        title="Six-hump camel",
        formula=r"\left(4-2.1x^2+\tfrac{x^4}{3}\right)x^2 + xy + \left(4y^2-4\right)y^2",
        teaches="Six minima, two of them global, lie close together, so a step that is a little longer may change the basin.",
        source="Branin (1972); Dixon & Szegö (1978)",
        fn=six_hump_camel,
        domain=((-2.0, 2.0), (-1.2, 1.2)),
        start=(-1.2, 1.0),
        minimisers=((0.08984201310031806, -0.7126564030207396), (-0.08984201310031806, 0.7126564030207396)),
        minimum=-1.0316284534898774,
    )
)


def mccormick(point: Float[Array, "2"], settings: Settings) -> Float[Array, ""]:
    x, y = point[0], point[1]
    return jnp.sin(x + y) + (x - y) ** 2 - 1.5 * x + 2.5 * y + 1


BASINS.append(
    Problem(
        name="mccormick",
        title="McCormick's function",
        formula=r"\sin(x+y) + (x-y)^2 - 1.5x + 2.5y + 1",
        teaches="The valley is a staircase of minima: the known one is the lowest of the window, "
        "and a path that leaves it to the lower left finds ever lower ones.",
        source="Adorio & Diliman (2005); Jamil & Yang (2013)",
        fn=mccormick,
        domain=((-1.5, 4.0), (-3.0, 4.0)),
        start=(3.0, 0.0),
        # With x - y = 1 the first-order conditions become cos(x + y) = -1/2.
        minimisers=((0.5 - math.pi / 3, -0.5 - math.pi / 3),),
        minimum=-math.sqrt(3) / 2 - math.pi / 3,
    )
)


def branin(point: Float[Array, "2"], settings: Settings) -> Float[Array, ""]:
    x, y = point[0], point[1]
    bend = y - 5.1 / (4 * math.pi**2) * x**2 + 5 / math.pi * x - 6
    return bend**2 + 10 * (1 - 1 / (8 * math.pi)) * jnp.cos(x) + 10


BASINS.append(
    Problem(
        name="branin",
        title="Branin's function",
        formula=r"\left(y-\tfrac{5.1}{4\pi^2}x^2+\tfrac{5}{\pi}x-6\right)^2 + 10\left(1-\tfrac{1}{8\pi}\right)\cos x + 10",
        teaches="Three equally good minima lie in one bent valley, "
        "and a path settles in one that its speed does not carry it past.",
        source="Branin (1972); Dixon & Szegö (1978)",
        fn=branin,
        domain=((-5.0, 10.0), (0.0, 15.0)),
        start=(6.0, 13.0),
        # The bend vanishes and cos x = -1.
        minimisers=((-math.pi, 12.275), (math.pi, 2.275), (3 * math.pi, 2.475)),
        minimum=5 / (4 * math.pi),
    )
)
