"""Curved valleys: finding the floor is quick, following it to the minimum is slow.

A new function is its formula and, right under it, one `append`.
"""

from __future__ import annotations

from jaxtyping import Array, Float

from prodigy_core.param import Param
from prodigy_core.problems.problem import Problem, Settings

VALLEYS: list[Problem] = []


def rosenbrock(point: Float[Array, "2"], settings: Settings) -> Float[Array, ""]:
    x, y = point[0], point[1]
    loss: Array = (1 - x) ** 2 + settings["b"] * (y - x**2) ** 2
    return loss


VALLEYS.append(
    Problem(
        name="rosenbrock",
        title="Rosenbrock's banana",
        formula=r"(1-x)^2 + b\,(y-x^2)^2",
        teaches="The floor of a bent valley is found in a few steps, "
        "but the slope along it is so small that the rest takes long.",
        source="Rosenbrock (1960), The Computer Journal 3",
        fn=rosenbrock,
        domain=((-2.0, 2.0), (-1.0, 3.0)),
        start=(-1.5, 2.0),
        minimisers=((1.0, 1.0),),
        minimum=0.0,
        settings=(
            Param(
                name="b",
                default=100.0,
                low=1.0,
                high=1e4,
                scale="log",
                help="How steep the walls of the valley are beside its floor; Rosenbrock used 100.",
            ),
        ),
    )
)


def beale(point: Float[Array, "2"], settings: Settings) -> Float[Array, ""]:
    x, y = point[0], point[1]
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


VALLEYS.append(
    Problem(
        name="beale",
        title="Beale's function",
        formula=r"(1.5-x+xy)^2 + (2.25-x+xy^2)^2 + (2.625-x+xy^3)^2",
        teaches="Gradients are thousands of times larger in the corners than at the start, "
        "so one fixed step suits only one place.",
        source="Beale (1958); problem 5 of Moré, Garbow & Hillstrom (1981)",
        fn=beale,
        domain=((-4.5, 4.5), (-4.5, 4.5)),
        start=(1.0, 1.0),
        minimisers=((3.0, 0.5),),
        minimum=0.0,
    )
)


def goldstein_price(point: Float[Array, "2"], settings: Settings) -> Float[Array, ""]:
    x, y = point[0], point[1]
    first = 1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2)
    second = 30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2)
    return first * second


VALLEYS.append(
    Problem(
        name="goldstein_price",
        title="Goldstein-Price function",
        formula=r"\left[1+(x+y+1)^2(19-14x+3x^2-14y+6xy+3y^2)\right]"
        r"\left[30+(2x-3y)^2(18-32x+12x^2+48y-36xy+27y^2)\right]",
        teaches="Values run from 3 to a million, and some valleys end in local minima, so the start decides where a path ends.",
        source="Goldstein & Price (1971), Mathematics of Computation 25",
        fn=goldstein_price,
        domain=((-2.0, 2.0), (-2.0, 2.0)),
        start=(-1.0, 0.75),
        minimisers=((0.0, -1.0),),
        minimum=3.0,
    )
)


def freudenstein_roth(point: Float[Array, "2"], settings: Settings) -> Float[Array, ""]:
    x, y = point[0], point[1]
    return (-13 + x + ((5 - y) * y - 2) * y) ** 2 + (-29 + x + ((y + 1) * y - 14) * y) ** 2


VALLEYS.append(
    Problem(
        name="freudenstein_roth",
        title="Freudenstein-Roth function",
        formula=r"\left(-13+x+((5-y)y-2)y\right)^2 + \left(-29+x+((y+1)y-14)y\right)^2",
        teaches="The valley below the usual start ends in a local minimum near (11.41, -0.90), where the loss is still 48.98.",
        source="Freudenstein & Roth (1963); problem 2 of Moré, Garbow & Hillstrom (1981)",
        fn=freudenstein_roth,
        domain=((-5.0, 15.0), (-3.0, 6.0)),
        start=(0.5, -2.0),
        minimisers=((5.0, 4.0),),
        minimum=0.0,
    )
)


def dixon_price(point: Float[Array, "2"], settings: Settings) -> Float[Array, ""]:
    x, y = point[0], point[1]
    return (x - 1) ** 2 + 2 * (2 * y**2 - x) ** 2


VALLEYS.append(
    Problem(
        name="dixon_price",
        title="Dixon-Price function",
        formula=r"(x-1)^2 + 2\,(2y^2-x)^2",
        teaches="Two minima mirror each other in one bent valley, and the side of the start decides which of them is reached.",
        source="Dixon & Price (1989); Surjanovic & Bingham (2013)",
        fn=dixon_price,
        domain=((-3.0, 3.0), (-2.0, 2.0)),
        start=(-2.5, 0.4),
        minimisers=((1.0, 0.7071067811865476), (1.0, -0.7071067811865476)),
        minimum=0.0,
    )
)
