"""Settings that several models share. A function stands where models differ in the default or in the limits."""

from __future__ import annotations

from prodigy_core.param import Param

DATA = "Data"
NETWORK = "Network"

ACTIVATIONS = ("relu", "tanh", "gelu", "silu", "sigmoid")
BATCHES = ("16", "32", "64", "128", "256", "full")

LABEL_NOISE = Param(
    name="label_noise",
    default=0.0,
    low=0.0,
    high=0.5,
    group=DATA,
    help="How wrong the training data are: the fraction of the examples that carry another class than their own; for numbers "
    "as targets the standard deviation of what is added to them. The validation data stay clean.",
)


def data(*names: str) -> Param:
    """Return the choice of a data set among these and an upload; the first is the default."""
    return Param(
        name="data",
        default=names[0],
        choices=(*names, "upload"),
        static=True,
        group=DATA,
        help="What the model learns from: one of the classic data sets, or a table of your own.",
    )


def batch(default: str) -> Param:
    return Param(
        name="batch",
        default=default,
        choices=BATCHES,
        static=True,
        group=DATA,
        help="How many examples make up the gradient of a step. The fewer, the quicker the step and the noisier the gradient; "
        "full means all of them, without noise.",
    )


def init_scale(default: float = 1.0) -> Param:
    return Param(
        name="init_scale",
        label="scale of the start",
        default=default,
        low=0.01,
        high=10.0,
        scale="log",
        group=NETWORK,
        help="A factor on the random weights at the start, 1 for the usual ones. Small weights start a network nearly linear "
        "and with small gradients; large ones saturate it.",
    )


def l2(default: float = 0.0) -> Param:
    return Param(
        name="l2",
        label="L2 penalty",
        default=default,
        low=0.0,
        high=1.0,
        span=(1e-6, 1.0),
        scale="log",
        group=NETWORK,
        help="How much large weights cost: half of this, times the sum of their squares, is added to the loss.",
    )


def width(default: int, high: int = 256, help: str = "How many units each hidden layer has.") -> Param:
    return Param(name="width", default=default, low=4, high=high, scale="log", static=True, group=NETWORK, help=help)


def depth(default: int, low: int = 0, high: int = 4, help: str = "How many hidden layers there are.") -> Param:
    return Param(name="depth", default=default, low=low, high=high, static=True, group=NETWORK, help=help)


def activation(default: str, choices: tuple[str, ...] = ACTIVATIONS) -> Param:
    return Param(
        name="activation",
        default=default,
        choices=choices,
        static=True,
        group=NETWORK,
        help="The function that bends the output of each hidden unit; without it all layers together would be one linear map.",
    )
