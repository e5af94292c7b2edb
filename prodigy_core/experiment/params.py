"""The fields of an experiment and the values that they allow; `noise` states those of the gradient's noise."""

from __future__ import annotations

from prodigy_core import limits
from prodigy_core.noise import AT as NOISE_AT
from prodigy_core.noise import NOISE
from prodigy_core.noise import SIZE as NOISE_SIZE
from prodigy_core.param import Param

MAX_CONTENDERS = 6
PROBLEM = "himmelblau"  # of an experiment that names none

STEPS = Param(
    name="steps",
    default=500,
    low=1,
    high=limits.MAX_STEPS,
    span=(10, min(20_000, limits.MAX_STEPS)),
    scale="log",
    help="How many steps every contender takes.",
)
SEED = Param(name="seed", default=0, low=0, high=2**31 - 1, span=(0, 99), help="Fixes everything random about the run.")
PRECISION = Param(
    name="precision",
    default="float64",
    choices=("float64", "float32", "bfloat16", "float16"),
    help="The floating-point numbers of the parameters. Where they are coarse, small steps are rounded away. "
    "Losses and gradients are computed in float32 at least.",
)
TOLERANCE = Param(
    name="tolerance",
    default=1e-6,
    low=0.0,
    above_low=True,
    high=1e6,
    span=(1e-12, 1e2),
    scale="log",
    help="A contender has arrived when its loss is within this of the minimum.",
)
PARAMS = (STEPS, SEED, PRECISION, TOLERANCE, NOISE, NOISE_SIZE, NOISE_AT)
FIELDS = ("problem", "formula", "data", "settings", "start", "contenders", *(param.name for param in PARAMS))
