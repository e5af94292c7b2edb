"""A physics-informed network: it learns a differential equation's solution from the equation alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from prodigy_core.data.datasets import Dataset
from prodigy_core.param import Param, Value
from prodigy_core.problems.models import losses, settings
from prodigy_core.problems.models.networks import ACTIVATE, MLP, Activation, draw
from prodigy_core.problems.problem import Batch, Learning, Problem, Settings

PHYSICS: list[Problem] = []

UNSEEN = 4  # ratio of validation points to training points
Points = Float[Array, " points"]


def exact(points: Points, frequency: Float[Array, ""]) -> Points:
    """The solution of u'' = -(k pi)^2 sin(k pi x) with u(0) = 0 and u(1) = sin(k pi), for the frequency k."""
    return jnp.sin(frequency * jnp.pi * points)


def residual(model: MLP, points: Points, frequency: Float[Array, ""], activate: Activation) -> Points:
    """Return the equation's residual at each point in units of the largest force: u'' / (k pi)^2 + sin(k pi x)."""

    def u(x: Points) -> Points:
        return model(x[:, None], activate)[:, 0]

    # Forward mode: no value depends on another point, so that one tangent serves all points.
    ones = jnp.ones_like(points)
    curvature: Points = jax.jvp(lambda x: jax.jvp(u, (x,), (ones,))[1], (points,), (ones,))[1]
    scaled = curvature / (frequency * jnp.pi) ** 2  # the frequency is at least 1
    return scaled + exact(points, frequency)


def loss(model: MLP, batch: Batch, settings: Settings) -> Float[Array, ""]:
    activate = ACTIVATE[settings["activation"]]
    frequency, weight = cast(Array, settings["frequency"]), cast(Array, settings["boundary_weight"])
    inside = jnp.mean(residual(model, batch["points"], frequency, activate) ** 2)
    ends = jnp.asarray([0.0, 1.0], batch["points"].dtype)
    boundary = jnp.mean((model(ends[:, None], activate)[:, 0] - exact(ends, frequency)) ** 2)
    return inside + weight * boundary


def metrics(model: MLP, batch: Batch, settings: Settings) -> dict[str, Float[Array, ""]]:
    u = model(batch["points"][:, None], ACTIVATE[settings["activation"]])[:, 0]
    return {"relative_error": losses.relative_error(u, exact(batch["points"], settings["frequency"]))}


def examples(settings: Mapping[str, Value], upload: Dataset | None, generator: np.random.Generator) -> tuple[Batch, Batch]:
    """Return collocation points, evenly over [0, 1] in the middle of their cells; for validation on a finer grid."""
    count = cast(int, settings["points"])
    return {"points": _cells(count)}, {"points": _cells(UNSEEN * count)}


def start(settings: Mapping[str, Value], examples: Batch, generator: np.random.Generator) -> MLP:
    hidden = [cast(int, settings["width"])] * cast(int, settings["depth"])
    return draw(lambda key: MLP([1, *hidden, 1], key=key), cast(float, settings["init_scale"]), generator)


def _cells(count: int) -> Float[np.ndarray, " points"]:
    return (np.arange(count) + 0.5) / count


PHYSICS.append(
    Problem(
        name="pinn",
        title="Physics-informed network",
        formula=r"\tfrac{1}{n}\sum_{i=1}^{n}\left(\frac{u''(x_i)}{(k\pi)^2} + \sin k\pi x_i\right)^2"
        r" + \tfrac{\lambda}{2}\left(u(0)^2 + \left(u(1) - \sin k\pi\right)^2\right)",
        teaches="Equation and boundary pull on the same weights with forces of different size, "
        "and the second derivative makes the loss badly conditioned.",
        source="Raissi, Perdikaris & Karniadakis (2019), Physics-informed neural networks",
        family="model",
        settings=(
            Param(
                name="frequency",
                default=2.0,
                low=1.0,
                high=8.0,
                group=settings.DATA,
                help="How many half waves the solution sin(k pi x) has between 0 and 1; networks learn high frequencies last.",
            ),
            Param(
                name="boundary_weight",
                label="boundary weight",
                default=1.0,
                low=0.01,
                high=1000.0,
                scale="log",
                group=settings.DATA,
                help="How much the values at both ends count beside the equation between them.",
            ),
            Param(
                name="points",
                default=64,
                low=8,
                high=512,
                scale="log",
                static=True,
                group=settings.DATA,
                help="At how many points between 0 and 1 the equation is asked for.",
            ),
            settings.batch("full"),
            settings.width(32),
            settings.depth(2, low=1),
            # Not relu: its second derivative is 0, so that the equation would teach the network nothing.
            settings.activation("gelu", tuple(name for name in settings.ACTIVATIONS if name != "relu")),
            settings.init_scale(),
            settings.l2(),
        ),
        # uses: the value, the first and the second derivative.
        learning=Learning(examples=examples, start=start, loss=loss, metrics=metrics, uses=3.0),
        usual={"steps": 2000, "precision": "float32"},
    )
)
