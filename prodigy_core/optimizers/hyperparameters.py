"""The hyperparameters that optimizers share, each stated once."""

from __future__ import annotations

from collections.abc import Mapping

from prodigy_core.param import Param, Value

GRADIENT = "Clip, decay"  # group of the hyperparameters that `Optimizer.params` adds behind the schedule's
DECAYS = ("decoupled", "coupled")
MASKS = ("all", "matrices", "none")


def _decays(values: Mapping[str, Value]) -> bool:
    return values["weight_decay"] != 0


def number(hyperparameters: Mapping[str, Value], name: str) -> float:
    """Return the number that a hyperparameter stands at.

    Raises:
      TypeError: it is None, a word or a switch.
    """
    value = hyperparameters[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} is {value!r}, no number")
    return float(value)


def learning_rate(default: float, help: str, span: tuple[float, float] = (1e-5, 10.0)) -> Param:
    """Return the hyperparameter that every optimizer has, unless it searches for it."""
    return Param(name="learning_rate", default=default, low=0.0, high=1e6, span=span, scale="log", help=help)


def decay_rate(name: str, default: float, help: str) -> Param:
    """Return the decay rate of an exponential moving average: in [0, 1), fine-grained close to 1."""
    return Param(name=name, default=default, low=0.0, high=1.0, below_high=True, span=(0.0, 0.99999), scale="log1m", help=help)


def epsilon(default: float, help: str = "") -> Param:
    """Return the small constant of a divisor, in [0, 1]."""
    return Param(
        name="eps",
        default=default,
        low=0.0,
        high=1.0,
        span=(1e-16, 1e-1),
        scale="log",
        help=help or "Added to the root of the second moment, so that a tiny gradient is not blown up.",
    )


def first_estimate(name: str, default: float, help: str) -> Param:
    """Return the first value of an estimate: small, but not 0."""
    return Param(name=name, default=default, low=0.0, above_low=True, high=1e6, span=(1e-10, 1e1), scale="log", help=help)


def weight_decay(default: float, help: str) -> Param:
    """Return a weight decay, in [0, 100]."""
    return Param(
        name="weight_decay", default=default, low=0.0, high=100.0, span=(1e-6, 1.0), scale="log", group=GRADIENT, help=help
    )


BETA1 = decay_rate("beta1", 0.9, "Decay rate of the first moment: how long the direction is remembered.")
BETA2 = decay_rate("beta2", 0.999, "Decay rate of the second moment: how long the gradient's size is remembered.")

CLIP = Param(
    name="clip",
    default=None,
    none_means="no clipping",
    instead=1.0,
    low=0.0,
    above_low=True,
    high=1e6,
    span=(1e-3, 1e3),
    scale="log",
    group=GRADIENT,
    help="The gradient is shortened to this L2 norm where it is longer. Clipping moves what Prodigy estimates.",
)
COUPLED = weight_decay(0.0, "Coupled weight decay: this times each parameter is added to its gradient, as an L2 penalty does.")
DECAY = Param(
    name="decay",
    default="decoupled",
    choices=DECAYS,
    group=GRADIENT,
    applies=_decays,
    help="Decoupled: the decay acts on the parameters beside the step. Coupled: it joins the gradient, as an L2 penalty does.",
)
MASK = Param(
    name="decay_mask",
    default="all",
    choices=MASKS,
    static=True,
    group=GRADIENT,
    applies=_decays,
    help="Which parameters decay: all, only matrices (no biases, no scales of a normalisation), or none.",
)
