"""Convex functions: one minimum, and what makes the way there long is scale, rotation, flatness or a kink.

A new function is its formula and, right under it, one `append`.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Float

from prodigy_core.param import Param
from prodigy_core.problems.kinks import absolute
from prodigy_core.problems.problem import Problem, Settings

CONVEX: list[Problem] = []

CONDITION = Param(
    name="condition",
    default=100.0,
    low=1.0,
    high=1e6,
    scale="log",
    help="The condition number: the largest curvature divided by the smallest.",
)


def sphere(point: Float[Array, "2"], settings: Settings) -> Float[Array, ""]:
    x, y = point[0], point[1]
    return x**2 + y**2


CONVEX.append(
    Problem(
        name="sphere",
        title="Sphere",
        formula=r"x^2 + y^2",
        teaches="Every direction curves alike, so only the length of the steps matters.",
        source="De Jong (1975), function F1",
        fn=sphere,
        domain=((-5.12, 5.12), (-5.12, 5.12)),
        start=(-4.0, 3.0),
        minimisers=((0.0, 0.0),),
        minimum=0.0,
    )
)


def shifted_sphere(point: Float[Array, "2"], settings: Settings) -> Float[Array, ""]:
    x, y = point[0], point[1]
    return (x - 3) ** 2 + (y - 3) ** 2


CONVEX.append(
    Problem(
        name="shifted_sphere",
        title="Sphere around (3, 3)",
        formula=r"(x-3)^2 + (y-3)^2",
        teaches="From the origin each coordinate has a distance of exactly 3 to go, "
        "the length that an estimate of the distance can be held against.",
        source="De Jong (1975), function F1, moved to (3, 3)",
        fn=shifted_sphere,
        domain=((-1.0, 6.0), (-1.0, 6.0)),
        start=(0.0, 0.0),
        minimisers=((3.0, 3.0),),
        minimum=0.0,
    )
)


def ill_conditioned_quadratic(point: Float[Array, "2"], settings: Settings) -> Float[Array, ""]:
    x, y = point[0], point[1]
    loss: Array = (x**2 + settings["condition"] * y**2) / 2
    return loss


CONVEX.append(
    Problem(
        name="ill_conditioned_quadratic",
        title="Ill-conditioned quadratic",
        formula=r"\tfrac{1}{2}\left(x^2 + \kappa\, y^2\right)",
        teaches="A step that is safe along y is far too short along x; one step size a coordinate overcomes that.",
        source="Nocedal & Wright (2006), Numerical Optimization, chapter 3",
        fn=ill_conditioned_quadratic,
        domain=((-5.0, 5.0), (-5.0, 5.0)),
        start=(-4.0, 2.0),
        minimisers=((0.0, 0.0),),
        minimum=0.0,
        settings=(CONDITION,),
    )
)


def rotated_quadratic(point: Float[Array, "2"], settings: Settings) -> Float[Array, ""]:
    x, y = point[0], point[1]
    angle = jnp.deg2rad(settings["angle"])
    along = jnp.cos(angle) * x + jnp.sin(angle) * y
    across = -jnp.sin(angle) * x + jnp.cos(angle) * y
    loss: Array = (along**2 + settings["condition"] * across**2) / 2
    return loss


CONVEX.append(
    Problem(
        name="rotated_quadratic",
        title="Rotated quadratic",
        formula=r"\tfrac{1}{2}\left(u^2 + \kappa\, v^2\right),\quad"
        r" u = x\cos\theta + y\sin\theta,\quad v = -x\sin\theta + y\cos\theta",
        teaches="The long valley lies across the axes, where one step size a coordinate no longer mends the bad scaling.",
        source="Nocedal & Wright (2006), Numerical Optimization, chapter 3, turned by an angle",
        fn=rotated_quadratic,
        domain=((-5.0, 5.0), (-5.0, 5.0)),
        start=(-4.0, 1.0),
        minimisers=((0.0, 0.0),),
        minimum=0.0,
        settings=(
            CONDITION,
            Param(
                name="angle",
                default=45.0,
                low=-90.0,
                high=90.0,
                unit="°",
                help="How far the valley is turned away from the x axis; 45 mixes the two coordinates most.",
            ),
        ),
    )
)


def booth(point: Float[Array, "2"], settings: Settings) -> Float[Array, ""]:
    x, y = point[0], point[1]
    return (x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2


CONVEX.append(
    Problem(
        name="booth",
        title="Booth's function",
        formula=r"(x+2y-7)^2 + (2x+y-5)^2",
        teaches="A mild bowl that lies askew (condition number 9), which every sound optimizer should descend without trouble.",
        source="Jamil & Yang (2013); Surjanovic & Bingham (2013)",
        fn=booth,
        domain=((-10.0, 10.0), (-10.0, 10.0)),
        start=(-8.0, -5.0),
        minimisers=((1.0, 3.0),),
        minimum=0.0,
    )
)


def matyas(point: Float[Array, "2"], settings: Settings) -> Float[Array, ""]:
    x, y = point[0], point[1]
    return 0.26 * (x**2 + y**2) - 0.48 * x * y


CONVEX.append(
    Problem(
        name="matyas",
        title="Matyas's function",
        formula=r"0.26\,(x^2+y^2) - 0.48\,xy",
        teaches="The bowl is 25 times flatter along the diagonal than across it, "
        "so a path turns onto the diagonal and slows down.",
        source="Jamil & Yang (2013); Surjanovic & Bingham (2013)",
        fn=matyas,
        domain=((-10.0, 10.0), (-10.0, 10.0)),
        start=(8.0, -3.0),
        minimisers=((0.0, 0.0),),
        minimum=0.0,
    )
)


def zakharov(point: Float[Array, "2"], settings: Settings) -> Float[Array, ""]:
    x, y = point[0], point[1]
    tilt = 0.5 * x + y
    return x**2 + y**2 + tilt**2 + tilt**4


CONVEX.append(
    Problem(
        name="zakharov",
        title="Zakharov's function",
        formula=r"x^2 + y^2 + \left(\tfrac{x}{2}+y\right)^2 + \left(\tfrac{x}{2}+y\right)^4",
        teaches="The fourth power makes the first gradients enormous, "
        "and an optimizer that remembers them long takes small steps.",
        source="Jamil & Yang (2013); Surjanovic & Bingham (2013)",
        fn=zakharov,
        domain=((-5.0, 10.0), (-5.0, 10.0)),
        start=(8.0, 7.0),
        minimisers=((0.0, 0.0),),
        minimum=0.0,
    )
)


def quartic(point: Float[Array, "2"], settings: Settings) -> Float[Array, ""]:
    x, y = point[0], point[1]
    return x**4 + 2 * y**4


CONVEX.append(
    Problem(
        name="quartic",
        title="De Jong's quartic",
        formula=r"x^4 + 2y^4",
        teaches="The curvature vanishes at the minimum, "
        "so with a fixed step size progress becomes slower the nearer one comes.",
        source="De Jong (1975), function F4 without its noise",
        fn=quartic,
        domain=((-1.28, 1.28), (-1.28, 1.28)),
        start=(-1.1, 0.9),
        minimisers=((0.0, 0.0),),
        minimum=0.0,
    )
)


def absolute_sum(point: Float[Array, "2"], settings: Settings) -> Float[Array, ""]:
    x, y = point[0], point[1]
    return absolute(x) + absolute(y)


CONVEX.append(
    Problem(
        name="absolute_sum",
        title="Sum of absolute values",
        formula=r"|x| + |y|",
        teaches="The slope does not shrink towards the minimum, "
        "so a step size that does not shrink jumps to and fro over the kink.",
        source="Schwefel (1981); Schwefel 2.20 in Jamil & Yang (2013)",
        fn=absolute_sum,
        domain=((-5.0, 5.0), (-5.0, 5.0)),
        start=(-3.7, 2.3),
        minimisers=((0.0, 0.0),),
        minimum=0.0,
    )
)


def max_norm(point: Float[Array, "2"], settings: Settings) -> Float[Array, ""]:
    x, y = point[0], point[1]
    return jnp.maximum(absolute(x), absolute(y))


CONVEX.append(
    Problem(
        name="max_norm",
        title="Maximum norm",
        formula=r"\max\left(|x|, |y|\right)",
        teaches="Only the larger coordinate has a gradient, so a path runs to a diagonal and then zigzags along it.",
        source="Schwefel (1981); Schwefel 2.21 in Jamil & Yang (2013)",
        fn=max_norm,
        domain=((-5.0, 5.0), (-5.0, 5.0)),
        start=(4.1, -1.7),
        minimisers=((0.0, 0.0),),
        minimum=0.0,
    )
)
