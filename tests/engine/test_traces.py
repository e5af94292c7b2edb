"""The engine, held against a plain Python loop: the same numbers, at the same entries."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import prodigy_core
from prodigy_core.engine.runner import run, run_contender
from prodigy_core.experiment import PARAMS, Contender, Experiment
from prodigy_core.param import Value
from prodigy_core.trace import Status
from tests.engine.runs import STEPS, plain_loop, ran
from tests.traces import RECORDED


def _exact(schedule: optax.Schedule) -> optax.Schedule:
    """An optax schedule in float64: given an int32 count, optax rounds to float32."""
    return lambda count: schedule(jnp.asarray(count, jnp.int64))


def _cosine(peak: float) -> optax.Schedule:
    return _exact(optax.warmup_cosine_decay_schedule(0.0, peak, 10, STEPS))


SHAPE: dict[str, Value] = {"schedule": "cosine", "warmup": 0.1}
PRODIGY: dict[str, Value] = {
    "beta1": 0.8,
    "beta2": 0.99,
    "estim_lr0": 1e-3,
    "estim_lr_coef": 0.7,
    "weight_decay": 0.01,
    "eps": 1e-7,
}
AS_OPTAX: dict[str, Any] = {"betas": (0.8, 0.99), "estim_lr0": 1e-3, "estim_lr_coef": 0.7, "weight_decay": 0.01, "eps": 1e-7}


def _told(transformation: optax.GradientTransformationExtraArgs) -> optax.GradientTransformation:
    """The transformation with the loss in its hand."""

    def update(updates: Any, state: Any, params: Any = None) -> Any:
        loss = (1 - params[0]) ** 2 + 100 * (params[1] - params[0] ** 2) ** 2
        return transformation.update(updates, state, params, value=loss)

    return optax.GradientTransformation(transformation.init, update)


# What a person would write by hand for the same knobs.
PLAIN: dict[str, tuple[str, dict[str, Value], Callable[[], optax.GradientTransformation]]] = {
    "prodigy": ("prodigy", {}, prodigy_core.prodigy),
    "prodigy, every knob": (
        "prodigy",
        {**PRODIGY, **SHAPE, "learning_rate": 0.9, "beta3": 0.95, "safeguard_warmup": True},
        lambda: prodigy_core.prodigy(_cosine(0.9), **AS_OPTAX, beta3=0.95, safeguard_warmup=True),
    ),
    "optax_prodigy": ("optax_prodigy", {}, optax.contrib.prodigy),
    "optax_prodigy, every knob": (
        "optax_prodigy",
        {**PRODIGY, **SHAPE, "learning_rate": 0.9, "beta3": 0.95, "safeguard_warmup": True},
        lambda: optax.contrib.prodigy(_cosine(0.9), **AS_OPTAX, beta3=0.95, safeguard_warmup=True),
    ),
    "adam": (
        "adam",
        {**SHAPE, "learning_rate": 0.1, "beta1": 0.8, "beta2": 0.95, "eps": 1e-6},
        lambda: optax.adam(_cosine(0.1), b1=0.8, b2=0.95, eps=1e-6),
    ),
    "adamw": (
        "adamw",
        {"learning_rate": 0.05, "beta1": 0.8, "beta2": 0.95, "eps": 1e-6, "weight_decay": 0.1, "schedule": "linear"},
        lambda: optax.adamw(_exact(optax.linear_schedule(0.05, 0, STEPS)), b1=0.8, b2=0.95, eps=1e-6, weight_decay=0.1),
    ),
    "sgd": ("sgd", {"learning_rate": 5e-4, "momentum": 0.8}, lambda: optax.sgd(5e-4, momentum=0.8)),
    "sgd, nesterov": (
        "sgd",
        {"learning_rate": 5e-4, "momentum": 0.8, "nesterov": True},
        lambda: optax.sgd(5e-4, momentum=0.8, nesterov=True),
    ),
    "rmsprop": (
        "rmsprop",
        {"learning_rate": 0.01, "decay": 0.8, "eps": 1e-6, "momentum": 0.3},
        lambda: optax.rmsprop(0.01, decay=0.8, eps=1e-6, momentum=0.3),
    ),
    "lion": (
        "lion",
        {"learning_rate": 0.01, "beta1": 0.8, "beta2": 0.95, "weight_decay": 0.2},
        lambda: optax.lion(0.01, b1=0.8, b2=0.95, weight_decay=0.2),
    ),
    "dadapt_adamw": ("dadapt_adamw", {"estim_lr0": 1e-3}, lambda: optax.contrib.dadapt_adamw(estim_lr0=1e-3)),
    "dadapt_adamw, every knob": (
        "dadapt_adamw",
        {
            "learning_rate": 0.9,
            "beta1": 0.8,
            "beta2": 0.99,
            "eps": 1e-7,
            "estim_lr0": 1e-2,
            "weight_decay": 0.01,
            "schedule": "linear",
        },
        lambda: optax.contrib.dadapt_adamw(
            _exact(optax.linear_schedule(0.9, 0, STEPS)), betas=(0.8, 0.99), eps=1e-7, estim_lr0=1e-2, weight_decay=0.01
        ),
    ),
    "dog": (
        "dog",
        {"reps_rel": 1e-4, "eps": 1e-6, "schedule": "linear", "learning_rate": 0.5, "weight_decay": 0.1},
        lambda: optax.contrib.dog(
            _exact(optax.linear_schedule(0.5, 0, STEPS)), init_step=("heuristic", 1e-4), eps=1e-6, weight_decay=0.1
        ),
    ),
    "dowg": ("dowg", {}, optax.contrib.dowg),
    "dowg, every knob": (
        "dowg",
        {"learning_rate": 0.5, "init_estim_sq_dist": 1e-3, "eps": 1e-5, "weight_decay": 0.1},
        lambda: optax.contrib.dowg(0.5, init_estim_sq_dist=1e-3, eps=1e-5, weight_decay=0.1),
    ),
    "cocob": ("cocob", {"alpha": 50.0, "eps": 1e-3}, lambda: optax.contrib.cocob(alpha=50.0, eps=1e-3)),
    "mechanic_adam": (
        "mechanic_adam",
        {**SHAPE, "learning_rate": 0.5, "beta1": 0.8, "beta2": 0.95, "eps": 1e-6, "s_init": 1e-3, "s_decay": 0.1},
        lambda: optax.contrib.mechanize(optax.adam(_cosine(0.5), b1=0.8, b2=0.95, eps=1e-6), weight_decay=0.1, s_init=1e-3),
    ),
    "momo": (
        "momo",
        {"learning_rate": 1e-3, "beta": 0.8, "lower_bound": -1.0, "weight_decay": 0.1},
        lambda: _told(optax.contrib.momo(1e-3, beta=0.8, lower_bound=-1.0, weight_decay=0.1)),
    ),
    "momo, adaptive": (
        "momo",
        {"learning_rate": 1e-3, "lower_bound": -1.0, "adapt_lower_bound": True},
        lambda: _told(optax.contrib.momo(1e-3, lower_bound=-1.0, adapt_lower_bound=True)),
    ),
    "momo_adam": (
        "momo_adam",
        {**SHAPE, "learning_rate": 0.1, "beta1": 0.8, "beta2": 0.95, "eps": 1e-6, "lower_bound": -1.0, "weight_decay": 0.1},
        lambda: _told(optax.contrib.momo_adam(_cosine(0.1), b1=0.8, b2=0.95, eps=1e-6, lower_bound=-1.0, weight_decay=0.1)),
    ),
    "schedule_free_adamw": (
        "schedule_free_adamw",
        {"learning_rate": 0.01, "beta1": 0.8, "beta2": 0.95, "eps": 1e-6, "weight_decay": 0.1, "weight_lr_power": 1.0},
        lambda: optax.contrib.schedule_free_adamw(0.01, b1=0.8, b2=0.95, eps=1e-6, weight_decay=0.1, weight_lr_power=1.0),
    ),
    "nadam": (
        "nadam",
        {"learning_rate": 0.01, "beta1": 0.8, "beta2": 0.95, "eps": 1e-6},
        lambda: optax.nadam(0.01, b1=0.8, b2=0.95, eps=1e-6),
    ),
    "radam": (
        "radam",
        {"learning_rate": 1e-4, "beta1": 0.8, "beta2": 0.95, "eps": 1e-6, "threshold": 6.0},
        lambda: optax.radam(1e-4, b1=0.8, b2=0.95, eps=1e-6, threshold=6.0),
    ),
    "amsgrad": (
        "amsgrad",
        {"learning_rate": 0.1, "beta1": 0.8, "beta2": 0.95, "eps": 1e-6},
        lambda: optax.amsgrad(0.1, b1=0.8, b2=0.95, eps=1e-6),
    ),
    "adamax": (
        "adamax",
        {"learning_rate": 0.1, "beta1": 0.8, "beta2": 0.95, "eps": 1e-6},
        lambda: optax.adamax(0.1, b1=0.8, b2=0.95, eps=1e-6),
    ),
    "adabelief": (
        "adabelief",
        {"learning_rate": 0.1, "beta1": 0.8, "beta2": 0.95, "eps": 1e-6, "eps_root": 1e-7},
        lambda: optax.adabelief(0.1, b1=0.8, b2=0.95, eps=1e-6, eps_root=1e-7),
    ),
    "yogi": (
        "yogi",
        {"learning_rate": 0.1, "beta1": 0.8, "beta2": 0.95, "eps": 1e-6},
        lambda: optax.yogi(0.1, b1=0.8, b2=0.95, eps=1e-6),
    ),
    "adan": (
        "adan",
        {"learning_rate": 0.1, "beta1": 0.9, "beta2": 0.8, "beta3": 0.95, "eps": 1e-6, "eps_root": 1e-7, "weight_decay": 0.1},
        lambda: optax.adan(0.1, b1=0.9, b2=0.8, b3=0.95, eps=1e-6, eps_root=1e-7, weight_decay=0.1),
    ),
    "adagrad": (
        "adagrad",
        {"learning_rate": 0.1, "initial_accumulator_value": 0.5, "eps": 1e-6},
        lambda: optax.adagrad(0.1, initial_accumulator_value=0.5, eps=1e-6),
    ),
    "adam, clipped and with an L2 penalty": (
        "adam",
        {"learning_rate": 0.1, "clip": 5.0, "weight_decay": 0.1},
        lambda: optax.chain(optax.clip_by_global_norm(5.0), optax.add_decayed_weights(0.1), optax.adam(0.1)),
    ),
}


@cache
def _looped(case: str) -> list[dict[str, Any]]:
    return plain_loop(PLAIN[case][2](), STEPS)


@pytest.mark.parametrize("case", list(PLAIN))
def test_every_entry_is_that_of_a_plain_loop(case):
    """A person who copies the knobs into a script of their own must see the same run, at the same step numbers."""
    optimizer, knobs, _ = PLAIN[case]
    trace, loop = ran(optimizer, tuple(knobs.items())), _looped(case)
    start = np.array((-1.5, 2.0))
    assert trace.status is Status.FINISHED
    assert trace.stopped_at == STEPS
    if optimizer == "schedule_free_adamw":  # judged at the average, not where it takes gradients
        for entry in loop:
            x, y = entry["position"] = optax.contrib.schedule_free_eval_params(entry["state"], entry["position"])
            entry["loss"] = (1 - x) ** 2 + 100 * (y - x**2) ** 2
    expected = {
        "loss": [entry["loss"] for entry in loop],
        "position": [entry["position"] for entry in loop],
        "gradient_norm": [np.hypot(*entry["gradient"]) for entry in loop],
        "update_norm": [np.hypot(*entry["updates"]) for entry in loop],
        "distance_linf": [np.abs(entry["position"] - start).max() for entry in loop],
        "distance_l2": [np.hypot(*(entry["position"] - start)) for entry in loop],
    }
    for name, values in expected.items():
        # A coordinate on its way through 0 is as exact as it is where it is largest, not more.
        atol = 1e-9 * float(np.max(np.abs(values)))
        np.testing.assert_allclose(getattr(trace, name), values, rtol=1e-7, atol=atol, err_msg=name)
    assert trace.loss[-1] < trace.loss[0]


def test_the_estimate_recorded_at_k_is_the_one_that_step_k_uses():
    """Recorded after the step instead, every curve of D would be shifted against the path it explains."""
    knobs = PLAIN["prodigy, every knob"][1]
    trace, loop = ran("prodigy", tuple(knobs.items())), _looped("prodigy, every knob")
    states = [entry["state"] for entry in loop]
    d = np.array([state.estim_lr for state in states])
    np.testing.assert_allclose(trace.probes["D"], d, rtol=1e-9)
    assert trace.probes["D"][0] == 1e-3
    with jax.enable_x64(True):
        rates = np.asarray(jax.jit(_cosine(0.9))(np.arange(STEPS + 1)))
    k = np.arange(1, STEPS + 2)
    np.testing.assert_allclose(
        trace.probes["effective_step"], d * rates * np.sqrt(1 - 0.99**k) / (1 - 0.8**k), rtol=1e-7, atol=1e-15
    )


def test_what_prodigy_shows_of_its_inside_is_in_the_units_of_the_paper():
    """Numerator and denominator are stored rescaled; shown so, they would contradict the paper and optax beside them."""
    ours, theirs = ran("prodigy"), ran("optax_prodigy")
    for name in ("D", "d_hat", "numerator", "denominator", "effective_step"):
        np.testing.assert_allclose(ours.probes[name], theirs.probes[name], rtol=1e-5, atol=1e-12, err_msg=name)
    assert math.isnan(ours.probes["d_hat"][0])
    quotient = ours.probes["numerator"][1:] / ours.probes["denominator"][1:]
    np.testing.assert_allclose(ours.probes["d_hat"][1:], quotient, rtol=1e-9)
    np.testing.assert_allclose(ours.probes["D"], np.fmax.accumulate(np.fmax(ours.probes["d_hat"], 1e-6)), rtol=1e-12)


def test_nobody_can_change_a_trace_that_others_look_at():
    trace = ran("prodigy")
    arrays = [getattr(trace, name) for name in ("steps", *RECORDED)]
    for values in (*arrays, *trace.probes.values(), *trace.vectors.values()):
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 0
    for mapping in (trace.probes, trace.vectors):
        with pytest.raises(TypeError):
            mapping["D"] = trace.loss  # type: ignore[index]


def test_a_race_has_one_trace_a_contender_in_their_order():
    traces = run(Experiment("rosenbrock", steps=STEPS, contenders=(Contender("sgd"), Contender("prodigy"))))
    assert ["D" in trace.probes for trace in traces] == [False, True]
    np.testing.assert_array_equal(traces[1].loss, ran("prodigy").loss)
    assert run(Experiment(contenders=())) == []


def test_each_field_of_the_run_matters():
    """A field that is shown but not passed on is a lie on the page."""
    usual = ran("adam").loss
    changes: list[dict[str, Any]] = [
        {"settings": {"b": 7.0}},
        {"start": (0.0, 0.5)},
        {"precision": "float32"},
        {"noise": "gaussian"},
        {"noise": "gaussian", "noise_size": 2.0},
        {"noise": "one bad batch", "noise_at": 3},
        {"problem": "formula", "formula": "x**2 + y**2"},
    ]
    for fields in changes:
        other = run_contender(Experiment(**{"problem": "rosenbrock", "steps": STEPS, **fields}), Contender("adam"))
        assert not np.array_equal(other.loss, usual), fields
    assert {param.name for param in PARAMS} == {"steps", "seed", "precision", "tolerance", "noise", "noise_size", "noise_at"}
