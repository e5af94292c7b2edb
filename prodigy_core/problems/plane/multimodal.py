"""Many local minima: ripples, cusps and dimples that a gradient cannot see beyond.

A new function is its formula and, right under it, one `append`.
"""

from __future__ import annotations

import math

import jax.numpy as jnp
from jaxtyping import Array, Float

from prodigy_core.problems.kinks import absolute, root
from prodigy_core.problems.problem import Problem, Settings

MULTIMODAL: list[Problem] = []


def rastrigin(point: Float[Array, "2"], settings: Settings) -> Float[Array, ""]:
    x, y = point[0], point[1]
    return 20 + x**2 - 10 * jnp.cos(2 * math.pi * x) + y**2 - 10 * jnp.cos(2 * math.pi * y)


MULTIMODAL.append(
    Problem(
        name="rastrigin",
        title="Rastrigin's function",
        formula=r"20 + x^2 - 10\cos(2\pi x) + y^2 - 10\cos(2\pi y)",
        teaches="A regular lattice of local minima hides a simple bowl, and small steps end in the nearest dimple.",
        source="Rastrigin (1974), Systems of Extremal Control",
        fn=rastrigin,
        domain=((-5.12, 5.12), (-5.12, 5.12)),
        start=(2.3, -3.4),
        minimisers=((0.0, 0.0),),
        minimum=0.0,
        levels="linear",
    )
)


def ackley(point: Float[Array, "2"], settings: Settings) -> Float[Array, ""]:
    x, y = point[0], point[1]
    distance = root((x**2 + y**2) / 2)
    ripples = (jnp.cos(2 * math.pi * x) + jnp.cos(2 * math.pi * y)) / 2
    return -20 * jnp.exp(-0.2 * distance) - jnp.exp(ripples) + 20 + math.e


MULTIMODAL.append(
    Problem(
        name="ackley",
        title="Ackley's function",
        formula=r"-20\exp\left(-0.2\sqrt{\tfrac{x^2+y^2}{2}}\right)"
        r" - \exp\left(\tfrac{\cos 2\pi x+\cos 2\pi y}{2}\right) + 20 + e",
        teaches="Far out it is a rippled plain, in the middle a sharp funnel whose slope does not shrink towards the minimum.",
        source="Ackley (1987), A Connectionist Machine for Genetic Hillclimbing",
        fn=ackley,
        domain=((-5.0, 5.0), (-5.0, 5.0)),
        start=(-3.3, 2.6),
        minimisers=((0.0, 0.0),),
        minimum=0.0,
        levels="linear",
    )
)


def levy(point: Float[Array, "2"], settings: Settings) -> Float[Array, ""]:
    u, v = 1 + (point[0] - 1) / 4, 1 + (point[1] - 1) / 4
    rise = (u - 1) ** 2 * (1 + 10 * jnp.sin(math.pi * u + 1) ** 2) + (v - 1) ** 2 * (1 + jnp.sin(2 * math.pi * v) ** 2)
    return jnp.sin(math.pi * u) ** 2 + rise


MULTIMODAL.append(
    Problem(
        name="levy",
        title="Levy's function",
        formula=r"\sin^2\pi u + (u-1)^2\left(1+10\sin^2(\pi u+1)\right) + (v-1)^2\left(1+\sin^2 2\pi v\right),"
        r"\quad u = 1+\tfrac{x-1}{4},\quad v = 1+\tfrac{y-1}{4}",
        teaches="Deep grooves run parallel to the y axis, so a path crosses few of them and slides along the one it is in.",
        source="Laguna & Martí (2005); Surjanovic & Bingham (2013)",
        fn=levy,
        domain=((-10.0, 10.0), (-10.0, 10.0)),
        start=(-8.0, 7.0),
        minimisers=((1.0, 1.0),),
        minimum=0.0,
    )
)


def griewank(point: Float[Array, "2"], settings: Settings) -> Float[Array, ""]:
    x, y = point[0], point[1]
    return 1 + (x**2 + y**2) / 4000 - jnp.cos(x) * jnp.cos(y / math.sqrt(2))


MULTIMODAL.append(
    Problem(
        name="griewank",
        title="Griewank's function",
        formula=r"1 + \tfrac{x^2+y^2}{4000} - \cos x\,\cos\tfrac{y}{\sqrt{2}}",
        teaches="Many local minima differ by a few hundredths only, so a low loss does not mean that the minimum is near.",
        source="Griewank (1981), Journal of Optimization Theory and Applications 34",
        fn=griewank,
        domain=((-10.0, 10.0), (-10.0, 10.0)),
        start=(-8.0, 7.0),
        minimisers=((0.0, 0.0),),
        minimum=0.0,
        levels="linear",
    )
)


def bohachevsky(point: Float[Array, "2"], settings: Settings) -> Float[Array, ""]:
    x, y = point[0], point[1]
    return x**2 + 2 * y**2 - 0.3 * jnp.cos(3 * math.pi * x) - 0.4 * jnp.cos(4 * math.pi * y) + 0.7


MULTIMODAL.append(
    Problem(
        name="bohachevsky",
        title="Bohachevsky's first function",
        formula=r"x^2 + 2y^2 - 0.3\cos 3\pi x - 0.4\cos 4\pi y + 0.7",
        teaches="Far out the bowl rules and a path is straight; near the minimum the ripples rule and catch a slow one.",
        source="Bohachevsky, Johnson & Stein (1986), Technometrics 28",
        fn=bohachevsky,
        domain=((-2.0, 2.0), (-2.0, 2.0)),
        start=(-1.7, 1.4),
        minimisers=((0.0, 0.0),),
        minimum=0.0,
    )
)


def drop_wave(point: Float[Array, "2"], settings: Settings) -> Float[Array, ""]:
    x, y = point[0], point[1]
    square = x**2 + y**2
    return -(1 + jnp.cos(12 * root(square))) / (0.5 * square + 2)


MULTIMODAL.append(
    Problem(
        name="drop_wave",
        title="Drop wave",
        formula=r"-\frac{1+\cos\left(12\sqrt{x^2+y^2}\right)}{0.5\,(x^2+y^2)+2}",
        teaches="Ring-shaped troughs surround the minimum, and on the floor of a ring no slope is left to follow.",
        source="Molga & Smutnicki (2005); Surjanovic & Bingham (2013)",
        fn=drop_wave,
        domain=((-2.0, 2.0), (-2.0, 2.0)),
        start=(-1.3, 0.9),
        minimisers=((0.0, 0.0),),
        minimum=-1.0,
        levels="linear",
    )
)


def schaffer_2(point: Float[Array, "2"], settings: Settings) -> Float[Array, ""]:
    x, y = point[0], point[1]
    return 0.5 + (jnp.sin(x**2 - y**2) ** 2 - 0.5) / (1 + 0.001 * (x**2 + y**2)) ** 2


MULTIMODAL.append(
    Problem(
        name="schaffer_2",
        title="Schaffer's second function",
        formula=r"0.5 + \frac{\sin^2(x^2-y^2)-0.5}{\left(1+0.001\,(x^2+y^2)\right)^2}",
        teaches="Crossed troughs lead to the minimum, but their floors fall so gently that a path all but stops there.",
        source="Schaffer (1984); Surjanovic & Bingham (2013)",
        fn=schaffer_2,
        domain=((-3.0, 3.0), (-3.0, 3.0)),
        start=(-1.0, 2.0),
        minimisers=((0.0, 0.0),),
        minimum=0.0,
        levels="linear",
    )
)


def cross_in_tray(point: Float[Array, "2"], settings: Settings) -> Float[Array, ""]:
    x, y = point[0], point[1]
    height = absolute(jnp.sin(x) * jnp.sin(y))
    above = height > 0
    # exp(100) does not fit into float32, so the tenth root of 1 + g is taken as exp(log(1 + g) / 10) from log(g) alone.
    lift = absolute(100 - root(x**2 + y**2) / math.pi)
    logarithm = jnp.where(above, jnp.log(jnp.where(above, height, 1)) + lift, -lift)
    return -0.0001 * jnp.exp(jnp.logaddexp(logarithm, 0.0) / 10)


MULTIMODAL.append(
    Problem(
        name="cross_in_tray",
        title="Cross in tray",
        formula=r"-0.0001\left(\left|\sin x\,\sin y\,"
        r"\exp\left(\left|100-\tfrac{\sqrt{x^2+y^2}}{\pi}\right|\right)\right|+1\right)^{0.1}",
        teaches="Walls as thin as a line part a tray of basins, and towards a wall the gradient grows without bound.",
        source="Mishra (2006); Jamil & Yang (2013)",
        fn=cross_in_tray,
        domain=((-10.0, 10.0), (-10.0, 10.0)),
        start=(6.0, 5.2),
        minimisers=(
            (1.3494066171539108, 1.3494066171539108),
            (1.3494066171539108, -1.3494066171539108),
            (-1.3494066171539108, 1.3494066171539108),
            (-1.3494066171539108, -1.3494066171539108),
        ),
        minimum=-2.0626118708227367,
        levels="linear",
    )
)


def bukin_6(point: Float[Array, "2"], settings: Settings) -> Float[Array, ""]:
    x, y = point[0], point[1]
    # 100 sqrt|y - 0.01 x^2| without the 0.01: the root would magnify its rounding to 0.02 at the minimum in float32.
    return 10 * root(absolute(100 * y - x**2)) + 0.01 * absolute(x + 10)


MULTIMODAL.append(
    Problem(
        name="bukin_6",
        title="Bukin's sixth function",
        formula=r"100\sqrt{\left|y-0.01x^2\right|} + 0.01\left|x+10\right|",
        teaches="The slope grows without bound towards a bent crease, so no fixed step comes to rest in it.",
        source="Bukin (1997); Surjanovic & Bingham (2013)",
        fn=bukin_6,
        domain=((-15.0, -5.0), (-3.0, 3.0)),
        start=(-6.0, 2.5),
        minimisers=((-10.0, 1.0),),
        minimum=0.0,
        levels="linear",
    )
)


def schwefel(point: Float[Array, "2"], settings: Settings) -> Float[Array, ""]:
    x, y = point[0], point[1]
    # The literature writes 418.9829; with all its digits the minimum is 0.
    return 2 * 418.9828872724337 - x * jnp.sin(root(absolute(x))) - y * jnp.sin(root(absolute(y)))


MULTIMODAL.append(
    Problem(
        name="schwefel",
        title="Schwefel's function",
        formula=r"837.96577 - x\sin\sqrt{|x|} - y\sin\sqrt{|y|}",
        teaches="The best minimum lies near a corner, far from the next best ones, and no slope leads from one to the other.",
        source="Schwefel (1981), Numerical Optimization of Computer Models",
        fn=schwefel,
        domain=((-500.0, 500.0), (-500.0, 500.0)),
        start=(-150.0, 250.0),
        # Outside the square the formula falls lower.
        minimisers=((420.968746359982, 420.968746359982),),
        minimum=0.0,
        levels="linear",
    )
)
