"""The hyperparameters of a Prodigy, those that it is about first."""

from __future__ import annotations

from dataclasses import replace

from prodigy_core.optimizers.hyperparameters import BETA1, BETA2, epsilon, first_estimate, learning_rate, weight_decay
from prodigy_core.param import Param

# Numbers of steps, the stops of a slider.
STEP_MARKS = tuple(
    map(float, (*range(10, 50, 10), *range(50, 150, 25), *range(150, 350, 50), 500, 700, 1000, 2000, 5000, 10_000))
)
MOMENTS = "β, ε"  # group of Adam's hyperparameters: they get a tab of their own, for one comes to turn those of the estimate

FIRST_ESTIMATE = first_estimate(
    "estim_lr0", 1e-6, "The first estimate of the distance D, often written d0. D only ever grows from here."
)
BETA3 = Param(
    name="beta3",
    default=None,
    none_means="sqrt(beta2)",
    instead=0.9995,
    low=0.0,
    high=1.0,
    span=(0.0, 0.99999),
    scale="log1m",
    help="Decay rate of the sums behind D: how long old gradients count in the estimate. From beta2: its square root.",
)
SAFEGUARD = Param(
    name="safeguard_warmup",
    default=False,
    help="Keep the learning rate out of the estimate's denominator, so that a warm-up does not inflate D. Adam's bias "
    "correction is kept out with it, which alone makes D some 2 to 4 times smaller.",
)
RATE = learning_rate(
    1.0,
    "A factor on the step size that Prodigy finds by itself. Leave it near 1 and shape it with the schedule.",
    span=(1e-3, 10.0),
)
COEFFICIENT = Param(
    name="estim_lr_coef",
    default=1.0,
    low=0.0,
    above_low=True,
    high=1e6,
    span=(1e-2, 1e2),
    scale="log",
    help="A factor on every estimate of D. The knob to turn where a larger or smaller step is wanted.",
)
# Those that Prodigy is about come first, on the page too.
ESTIMATE_KNOBS = (FIRST_ESTIMATE, BETA3, SAFEGUARD, RATE, COEFFICIENT)
MOMENT_KNOBS = (replace(BETA1, group=MOMENTS), replace(BETA2, group=MOMENTS), replace(epsilon(1e-8), group=MOMENTS))
WEIGHT_DECAY = weight_decay(0.0, "Decoupled weight decay, times D and the learning rate.")

HYPERPARAMETERS = (*ESTIMATE_KNOBS, *MOMENT_KNOBS, WEIGHT_DECAY)  # what optax's has
EXTENDED = (
    *ESTIMATE_KNOBS,
    Param(
        name="growth_rate",
        default=None,
        none_means="no cap",
        instead=1.02,
        low=1.0,
        high=1e6,
        span=(1.0, 2.0),
        help="The most by which D may grow in one step, as a factor. Only its first rise from estim_lr0 is free.",
    ),
    Param(
        name="stop_d_at",
        default=None,
        none_means="never",
        instead=100.0,
        whole=True,
        low=0.0,
        high=1e9,
        scale="log",
        marks=STEP_MARKS,
        span=(STEP_MARKS[0], STEP_MARKS[-1]),
        unit="steps",
        help="From this step on D stays as it is, and everything else goes on: Adam with a learning rate of D, which keeps "
        "the moments that it has.",
    ),
    Param(
        name="slice_p",
        default=1,
        low=1,
        high=1000,
        span=(1, 20),
        static=True,
        help="D is estimated from every n-th entry of each array of parameters, to save memory; 11 is often advised.",
    ),
    *MOMENT_KNOBS,
    Param(
        name="use_bias_correction",
        default=True,
        group=MOMENTS,
        help="Adam's correction of the step size in the first steps, a warm-up in disguise. prodigyopt has it off by default; "
        "only then does safeguard_warmup do nothing without a warm-up.",
    ),
    WEIGHT_DECAY,
)
