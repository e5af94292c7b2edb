"""Races that show the fault a rule finds, and healthy ones; each is run once."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np

from prodigy_core.diagnosis import Finding, diagnose
from prodigy_core.engine.runner import run
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.param import Value
from prodigy_core.trace import Status, Trace
from tests import traces


def race(*contenders: tuple[str, dict[str, Value]] | str, **fields: Any) -> Experiment:
    pairs = [(one, {}) if isinstance(one, str) else one for one in contenders]
    return Experiment(
        **{"problem": "rosenbrock", **fields, "contenders": tuple(Contender(name, knobs) for name, knobs in pairs)}
    )


@cache
def ran(experiment: Experiment) -> tuple[Trace, ...]:
    return tuple(run(experiment))


def findings(experiment: Experiment) -> tuple[Finding, ...]:
    return diagnose(experiment, ran(experiment))


def rules(experiment: Experiment, contender: int = 0) -> list[str]:
    return [finding.rule for finding in findings(experiment) if finding.contender == contender]


def cut(trace: Trace, entries: int, status: Status) -> Trace:
    """Return the first entries of a run, as if it had gone no further."""
    steps = trace.steps[:entries]
    seen = int(steps[-1]) if entries else -1
    judged, whole = int(np.sum(trace.evaluated <= seen)), int(np.sum(trace.snapshot_steps <= seen))
    return traces.cut(
        trace,
        entries,
        evaluated=trace.evaluated[:judged],
        metrics=MappingProxyType({name: values[:judged] for name, values in trace.metrics.items()}),
        snapshots=trace.snapshots[:whole],
        snapshot_steps=trace.snapshot_steps[:whole],
        status=status,
        stopped_at=max(seen, 0),
    )


AT_ONE = {"problem": "sphere", "start": (1.0, 1.0), "steps": 200}
BF16 = {**AT_ONE, "precision": "bfloat16"}
F16 = {**AT_ONE, "precision": "float16"}
MANY = {"problem": "sum_of_squares_at_3", "settings": {"start_at": 1.0}, "precision": "bfloat16", "steps": 50}
F32 = {"problem": "sphere", "steps": 200, "precision": "float32"}
BAD_BATCH = {"noise": "one bad batch", "noise_size": 1e3, "noise_at": 200, "seed": 2}
BEALE = {"problem": "beale"}
COSH = {"problem": "formula", "formula": "exp(x) + exp(-x) + y**2", "start": (20.0, 1.0)}
FLOWERS = {"problem": "mlp", "settings": {"data": "iris", "batch": "16", "width": 4}, "steps": 120}
LINEAR = {"problem": "logistic_regression", "settings": {"data": "iris"}}
LOGARITHM: dict[str, Any] = {"problem": "formula", "formula": "x - log(x) + y^2", "steps": 50}
MINIMUM = {"start": (1.0, 1.0)}  # of Rosenbrock's valley
GUARD: dict[str, Value] = {"safeguard_warmup": True}
WARM: dict[str, Value] = {"warmup": 0.2}

# A rule -> races whose first contender shows its fault, with the number of remedies, from the first on, that cure it.
SHOWN: dict[str, list[tuple[Experiment, int]]] = {
    "start_not_finite": [
        (race("sgd", problem="cross_in_tray", start=(1e6, 1e6), steps=50), 1),
        (race("prodigy", **LOGARITHM, start=(-1.5, 2.0)), 1),
        (race("adam", **LOGARITHM, start=(0.0, 0.0)), 1),
        (race("adam", problem="formula", formula="1/x + y^2", start=(0.0, 1.0), steps=50), 1),
        (race("adam", problem="formula", formula="log(x1) + x2^2 + x3^2", start=(-1.0, 1.0, 1.0), steps=50), 1),
        (race("adam", problem="formula", formula="sqrt(-1 - x^2) + y", steps=50), 0),
    ],
    "zero_gradient": [
        (race("prodigy", **MINIMUM), 1),
        (race("optax_prodigy", **MINIMUM), 1),
        (race("adam", **MINIMUM), 1),
        (race("adam", problem="monkey_saddle", start=(0.0, 0.0), steps=50), 1),
    ],
    "warmup_from_zero": [(race(("optax_prodigy", {"warmup": 0.1})), 3), (race(("optax_prodigy", {"learning_rate": 0.0})), 2)],
    "float16_underflow": [(race("optax_prodigy", **F16), 2)],
    "stuck_by_rounding": [
        (race("optax_prodigy", **BF16), 3),
        (race("optax_prodigy", start=(100.0, 100.0), **F32), 3),
        (race("optax_prodigy", **FLOWERS, precision="bfloat16"), 0),
    ],
    "d_overshot": [
        (race(("prodigy", {"estim_lr_coef": 1e6}), **BEALE), 1),
        (race(("prodigy", {"estim_lr0": 1e4}), **BEALE), 1),
        (race(("prodigy", {"estim_lr0": 1e3}), **COSH), 1),
    ],
    "no_lower_bound": [(race("prodigy", problem="monkey_saddle"), 0)],
    "diverged": [(race(("sgd", {"learning_rate": 0.01})), 1)],
    "rounded_away": [(race("adam", **BF16), 2), (race("adam", **MANY), 1)],
    "learning_rate_far_from_1": [
        (race(("prodigy", {"learning_rate": 0.01})), 2),
        (race(("prodigy", {"learning_rate": 100.0})), 2),
    ],
    "safeguard_slows_d": [(race(("prodigy", GUARD), problem="sphere", steps=130), 1)],
    "too_few_steps": [(race("prodigy", steps=20), 2), (race("optax_prodigy", steps=10), 1), (race("prodigy", steps=3), 1)],
    "outlier_raised_d": [(race("prodigy", **BAD_BATCH), 2)],
    "clipping_inflates_d": [(race(("prodigy", {"clip": 1.0})), 1), (race(("prodigy", {"clip": 1.0}), problem="booth"), 1)],
    "warmup_inflates_d": [(race(("prodigy", WARM), problem="sphere", start=(0.1, 0.1), noise="gaussian"), 1)],
    "too_slow": [(race("adam"), 1), (race("adam", "prodigy"), 1)],
    "better_tuned": [(race("prodigy", "tuned_adam"), 1), (race("prodigy", "adam", ("adam", {"learning_rate": 1.0})), 1)],
}

# A rule -> races that come near to its fault and do not show it.
NOT_SHOWN: dict[str, list[Experiment]] = {
    "start_not_finite": [race("sgd", steps=200)],
    "zero_gradient": [
        race("prodigy", start=(1.0, 1.0 + 1e-9)),
        race("prodigy", **MINIMUM, noise="one bad batch", noise_at=20),
    ],
    "warmup_from_zero": [race(("optax_prodigy", {"warmup": 0.1, "warmup_from": 0.01})), race(("prodigy", {"warmup": 0.1}))],
    "float16_underflow": [race("prodigy", **F16)],
    "stuck_by_rounding": [
        race("prodigy", **BF16),
        race("optax_prodigy", start=(4.0, 4.0), **F32),
        race("optax_prodigy", steps=3),
        race(("optax_prodigy", {"learning_rate": 0.0, **GUARD}), **BF16),
    ],
    "d_overshot": [
        race(("prodigy", {"estim_lr0": 1e3}), problem="sphere"),
        race("prodigy", **BEALE),
        race("prodigy", problem="monkey_saddle"),
        race(("optax_prodigy", {"warmup": 0.1})),
    ],
    "no_lower_bound": [race(("sgd", {"learning_rate": 0.01})), race("prodigy", **BEALE)],
    "diverged": [race("sgd", steps=200), race("prodigy", problem="monkey_saddle")],
    "rounded_away": [
        race("adam", **BF16, tolerance=10.0),
        race(("adam", {"learning_rate": 0.02}), **BF16),
        race("prodigy", **BF16),
    ],
    "learning_rate_far_from_1": [
        race(("prodigy", {"learning_rate": 0.2})),
        race(("prodigy", {"learning_rate": 5.0})),
        race(("adam", {"learning_rate": 0.01})),
    ],
    "safeguard_slows_d": [
        race(("prodigy", GUARD), problem="sphere"),
        race(("prodigy", {**GUARD, **WARM})),
        race("prodigy", problem="sphere", steps=130),
        race(("prodigy", GUARD), problem="rastrigin"),
        race(("prodigy", {**GUARD, "schedule": "cosine"}), problem="sphere", steps=130),
    ],
    "too_few_steps": [
        race("prodigy", steps=60),
        race("prodigy", problem="sphere", steps=60),
        race("prodigy", **LINEAR, steps=130),
    ],
    "outlier_raised_d": [
        race("prodigy", **{**BAD_BATCH, "seed": 0}),
        race("prodigy", noise="heavy tails"),
        race("prodigy", **{**BAD_BATCH, "noise_size": 1.0}),
    ],
    "clipping_inflates_d": [
        race(("prodigy", {"clip": 1.0}), problem="sphere"),
        race(("prodigy", {"clip": 1e3})),
        race(("adam", {"clip": 1.0})),
    ],
    "warmup_inflates_d": [race(("prodigy", WARM)), race("prodigy", problem="sphere", start=(0.1, 0.1), noise="gaussian")],
    "too_slow": [
        race(("adam", {"learning_rate": 0.1})),
        race("prodigy", "adam"),
        race("adam", problem="monkey_saddle", steps=50),
    ],
    "better_tuned": [race("prodigy", "adam"), race("prodigy", ("adam", {"learning_rate": 0.2}), problem="sphere")],
}
