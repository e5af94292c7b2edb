"""The engine, held against a plain Python loop: the same numbers, at the same entries, and no compilation in between."""

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
from prodigy_core.engine import FAR, LENGTHS, length, run, run_contender, traced
from prodigy_core.experiment import PARAMS, Contender, Experiment
from prodigy_core.landscape import landscape
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.param import Param, Value
from prodigy_core.problems import PROBLEMS
from prodigy_core.trace import Status, Trace

from .compilations import compilations

STEPS = 100
every_optimizer = pytest.mark.parametrize("optimizer", list(OPTIMIZERS))


@cache
def _run(optimizer: str, knobs: tuple[tuple[str, Value], ...] = (), **fields: Any) -> Trace:
    return run_contender(Experiment(**{"steps": STEPS, **fields}), Contender(optimizer, dict(knobs)))


def _rosenbrock(x: jax.Array) -> jax.Array:
    """Written out once more, so that a wrong formula cannot agree with itself."""
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


def _loop(transformation: optax.GradientTransformation, steps: int, dtype: str = "float64") -> list[dict[str, Any]]:
    """What holds after k = 0, 1, ... steps, and the step that is taken from there."""

    @jax.jit
    def step(x, state):
        loss, gradient = jax.value_and_grad(_rosenbrock)(x)
        updates, after = transformation.update(gradient, state, x)
        return loss, gradient, updates, optax.apply_updates(x, updates), after

    with jax.enable_x64(True):
        x = jnp.asarray((-1.5, 2.0), dtype)
        state, found = transformation.init(x), []
        for _ in range(steps + 1):
            loss, gradient, updates, after, next_state = step(x, state)
            entry = {"loss": loss, "position": x, "gradient": gradient, "updates": updates, "state": state}
            found.append(jax.device_get(entry))
            x, state = after, next_state
    return found


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
}


@pytest.mark.parametrize("case", list(PLAIN))
def test_every_entry_is_that_of_a_plain_loop(case):
    """A person who copies the knobs into a script of their own must see the same run, at the same step numbers."""
    optimizer, knobs, build = PLAIN[case]
    trace, loop = _run(optimizer, tuple(knobs.items())), _loop(build(), STEPS)
    start = np.array((-1.5, 2.0))
    assert trace.status is Status.FINISHED
    assert trace.stopped_at == STEPS
    expected = {
        "loss": [entry["loss"] for entry in loop],
        "position": [entry["position"] for entry in loop],
        "gradient_norm": [np.hypot(*entry["gradient"]) for entry in loop],
        "update_norm": [np.hypot(*entry["updates"]) for entry in loop],
        "distance_linf": [np.abs(entry["position"] - start).max() for entry in loop],
        "distance_l2": [np.hypot(*(entry["position"] - start)) for entry in loop],
    }
    for name, values in expected.items():
        np.testing.assert_allclose(getattr(trace, name), values, rtol=1e-7, atol=1e-11, err_msg=name)
    assert trace.loss[-1] < trace.loss[0]


def test_the_estimate_recorded_at_k_is_the_one_that_step_k_uses():
    """Recorded after the step instead, every curve of D would be shifted against the path it explains."""
    knobs = PLAIN["prodigy, every knob"][1]
    trace, loop = _run("prodigy", tuple(knobs.items())), _loop(PLAIN["prodigy, every knob"][2](), STEPS)
    states = [entry["state"] for entry in loop]
    d = np.array([state.estim_lr for state in states])
    np.testing.assert_allclose(trace.probes["D"], d, rtol=1e-9)
    assert trace.probes["D"][0] == 1e-3
    with jax.enable_x64(True):
        rates = np.array([float(_cosine(0.9)(k)) for k in range(STEPS + 1)])
    k = np.arange(1, STEPS + 2)
    np.testing.assert_allclose(
        trace.probes["effective_step"], d * rates * np.sqrt(1 - 0.99**k) / (1 - 0.8**k), rtol=1e-7, atol=1e-15
    )


def test_what_prodigy_shows_of_its_inside_is_in_the_units_of_the_paper():
    """Numerator and denominator are stored rescaled; shown so, they would contradict the paper and optax beside them."""
    ours, theirs = _run("prodigy"), _run("optax_prodigy")
    for name in ("D", "d_hat", "numerator", "denominator", "effective_step"):
        np.testing.assert_allclose(ours.probes[name], theirs.probes[name], rtol=1e-5, atol=1e-12, err_msg=name)
    assert math.isnan(ours.probes["d_hat"][0])
    quotient = ours.probes["numerator"][1:] / ours.probes["denominator"][1:]
    np.testing.assert_allclose(ours.probes["d_hat"][1:], quotient, rtol=1e-9)
    np.testing.assert_allclose(ours.probes["D"], np.fmax.accumulate(np.fmax(ours.probes["d_hat"], 1e-6)), rtol=1e-12)


# --- no compilation ------------------------------------------------------------------------------------------------


def _other_values(param: Param) -> list[Value]:
    """Values all over a knob's range, of every kind that it allows."""
    if param.kind == "choice":
        return list(param.choices)
    if param.kind == "bool":
        return [True, False]
    low, high = param.slider
    numbers: list[Value] = [param.normalise(x) for x in (high, (low + high) / 2) if param.fault(x, "") is None]
    if param.fault(0, "") is None:
        numbers.append(param.normalise(0))
    return [*numbers, None] if param.none_means else numbers


@every_optimizer
def test_turning_any_knob_compiles_nothing(optimizer):
    """A compilation takes a good part of a second: with one at every stop, a slider is no instrument."""
    _run(optimizer)
    experiments = [
        Experiment(steps=1),
        Experiment(steps=LENGTHS[0] - 1),
        Experiment(steps=STEPS, start=(0.5, 1e6)),
        Experiment(steps=STEPS, start=(0, 1)),
        Experiment(steps=STEPS, seed=7, tolerance=1),
        *(Experiment(steps=STEPS, settings={"b": value}) for value in (1, 50, 1e4)),
    ]
    contenders = [
        Contender(optimizer, {param.name: value})
        for param in OPTIMIZERS[optimizer].params
        for value in (param.default, *_other_values(param))
    ]
    with compilations() as compiled:
        for experiment in experiments:
            run_contender(experiment, Contender(optimizer))
        for contender in contenders:
            run_contender(Experiment(steps=STEPS), contender)
    assert not compiled
    assert len(contenders) > 3 * len(OPTIMIZERS[optimizer].params) - 1


def test_the_counter_counts():
    """Else the test above would hold whatever happens."""
    with compilations() as compiled:
        run_contender(Experiment(problem="matyas", steps=STEPS), Contender("rmsprop"))
    assert compiled


def test_none_and_a_choice_reach_the_compiled_program_as_numbers():
    by_name = {param.name: param for param in OPTIMIZERS["prodigy"].params}
    assert math.isnan(traced(by_name["beta3"], None))
    assert traced(by_name["schedule"], "linear") == 1
    assert traced(by_name["safeguard_warmup"], True) is True


@pytest.mark.parametrize("entries, size", [(1, 128), (128, 128), (129, 512), (20_001, 32_768), (32_769, 65_536)])
def test_lengths_are_rounded_up_to_a_few_sizes(entries, size):
    assert length(entries) == size


# --- precision -----------------------------------------------------------------------------------------------------


def test_the_importing_programs_own_precision_stays_as_it_was():
    """A library that switches JAX to float64 behind a person's back halves the speed of their training."""

    @jax.jit
    def own(x):
        return x * 2 + jnp.arange(2.0)

    before = (jax.config.read("jax_enable_x64"), own(jnp.ones(2)).dtype)
    run(Experiment(steps=5))
    landscape("rosenbrock", {"b": 100.0}, ((-1, 1), (-1, 1)), points=3)
    with compilations() as compiled:
        assert (jax.config.read("jax_enable_x64"), own(jnp.ones(2)).dtype) == before == (False, jnp.float32)
    assert not compiled


@pytest.mark.parametrize("optimizer", ["prodigy", "optax_prodigy", "sgd"])
def test_a_run_in_float32_is_computed_in_float32(optimizer):
    """A float64 in between would hide the very stagnation that a float32 run is chosen to show."""
    trace, exact = _run(optimizer, precision="float32"), _run(optimizer)
    for name in ("loss", "position", "gradient_norm", "update_norm", "distance_linf", "distance_l2"):
        assert getattr(trace, name).dtype == np.float32, name
        assert getattr(exact, name).dtype == np.float64, name
    if "D" in trace.probes:
        assert trace.probes["D"].dtype == np.float32
    assert not np.array_equal(trace.position, exact.position)


def test_the_float32_run_is_that_of_a_float32_loop():
    trace = _run("sgd", (("learning_rate", 5e-4),), precision="float32")
    loop = _loop(optax.sgd(5e-4, momentum=0.9), STEPS, "float32")
    np.testing.assert_allclose(trace.loss[:40], [entry["loss"] for entry in loop[:40]], rtol=1e-3)


# --- lengths -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("optimizer", ["prodigy", "sgd"])
def test_a_shorter_run_is_the_beginning_of_a_longer_one(optimizer):
    """More steps must continue the picture, not change it."""
    shorter, longer = _run(optimizer, steps=300), _run(optimizer, steps=400)
    assert shorter.loss.shape == (301,)
    assert longer.loss.shape == (401,)
    for name in ("loss", "position", "gradient_norm", "update_norm", "distance_linf", "distance_l2"):
        np.testing.assert_array_equal(getattr(shorter, name), getattr(longer, name)[:301], err_msg=name)
    for name, values in shorter.probes.items():
        np.testing.assert_array_equal(values, longer.probes[name][:301], err_msg=name)
    shortest = _run(optimizer)  # of another size, and so another compiled program
    np.testing.assert_allclose(shortest.loss, longer.loss[: STEPS + 1], rtol=1e-9)


def test_a_run_of_one_step_has_the_start_and_what_follows():
    trace = _run("sgd", steps=1)
    assert trace.loss.shape == (2,)
    assert trace.stopped_at == 1
    np.testing.assert_array_equal(trace.position[0], (-1.5, 2.0))
    assert trace.distance_l2[1] == pytest.approx(trace.update_norm[0])


# --- how a run ends ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [0.1, 0.05, 0.01])
def test_a_run_that_diverges_says_at_exactly_which_step(rate):
    trace = _run("sgd", (("learning_rate", rate),))
    loop = _loop(optax.sgd(rate, momentum=0.9), STEPS)
    losses, furthest = np.array([(entry["loss"], np.abs(entry["position"]).max()) for entry in loop]).T
    first = int(np.flatnonzero(~(np.isfinite(losses) & (furthest <= FAR)))[0])
    assert trace.status is Status.DIVERGED
    assert trace.stopped_at == first
    assert str(first) in trace.ending
    assert trace.loss.shape == (first,)
    np.testing.assert_allclose(trace.loss, losses[:first], rtol=1e-6)


@pytest.mark.parametrize("rate", [0.1, 0.05, 0.03, 0.01])
@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_all_that_is_kept_of_a_diverged_run_is_finite(rate, precision):
    """In float32 the square of a gradient overflows before the loss does; a curve must not end in infinity for that."""
    trace = _run("sgd", (("learning_rate", rate),), precision=precision)
    assert trace.status is Status.DIVERGED
    assert trace.loss.size > 1
    for name in ("loss", "position", "gradient_norm", "update_norm", "distance_linf", "distance_l2"):
        assert np.isfinite(getattr(trace, name)).all(), name
    assert np.isfinite(trace.probes["effective_step"]).all()


def test_a_tiny_gradient_has_a_tiny_norm_and_not_zero():
    """On a plain the gradient may be 1e-250: squared, it would vanish from the curve."""
    trace = run_contender(Experiment(problem="easom", start=(20.0, 20.0), steps=5), Contender("sgd"))
    assert 0 < trace.gradient_norm[0] < 1e-200


def test_a_start_where_the_loss_is_infinite_leaves_an_empty_trace():
    trace = run_contender(Experiment(problem="cross_in_tray", start=(1e6, 1e6), steps=5), Contender("sgd"))
    assert trace.stopped_at == 0
    assert trace.loss.size == trace.position.size == trace.probes["effective_step"].size == 0
    assert trace.steps_to(1.0) is None


def test_the_shipped_prodigy_stops_at_a_warm_up_from_zero_and_ours_goes_on():
    """The difference that a person who follows the recipe meets first."""
    warm = (("warmup", 0.1),)
    theirs, ours = _run("optax_prodigy", warm), _run("prodigy", warm)
    assert (theirs.status, theirs.stopped_at) == (Status.NOT_A_NUMBER, 1)
    assert "NaN" in theirs.ending
    assert theirs.loss.shape == (1,)
    assert np.isfinite(theirs.loss).all()
    assert (ours.status, ours.stopped_at) == (Status.FINISHED, STEPS)
    assert ours.loss[-1] < ours.loss[0]


def test_nobody_can_change_a_trace_that_others_look_at():
    trace = _run("prodigy")
    arrays = [trace.loss, trace.position, trace.gradient_norm, trace.update_norm, trace.distance_linf, trace.distance_l2]
    for values in (*arrays, *trace.probes.values()):
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 0
    with pytest.raises(TypeError):
        trace.probes["D"] = trace.loss  # type: ignore[index]


def test_a_race_has_one_trace_a_contender_in_their_order():
    traces = run(Experiment(steps=STEPS, contenders=(Contender("sgd"), Contender("prodigy"))))
    assert ["D" in trace.probes for trace in traces] == [False, True]
    np.testing.assert_array_equal(traces[1].loss, _run("prodigy").loss)
    assert run(Experiment(contenders=())) == []


def test_each_field_of_the_run_matters():
    """A field that is shown but not passed on is a lie on the page."""
    usual = _run("adam").loss
    changes: list[dict[str, Any]] = [{"settings": {"b": 7.0}}, {"start": (0.0, 0.5)}, {"precision": "float32"}]
    for fields in changes:
        other = run_contender(Experiment(steps=STEPS, **fields), Contender("adam"))
        assert not np.array_equal(other.loss, usual), fields
    assert {param.name for param in PARAMS} == {"steps", "seed", "precision", "tolerance"}


# --- the landscape -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "problem, settings", [("rosenbrock", {"b": 7.0}), ("rotated_quadratic", {"condition": 9.0, "angle": 20.0})]
)
def test_the_landscape_has_the_loss_at_every_point_and_x_runs_across(problem, settings):
    """Turned or mirrored, the landscape would lie beside the paths instead of under them."""
    ground = landscape(problem, settings, ((-2.0, 1.0), (0.5, 3.0)), points=7)
    assert (ground.x[0], ground.x[-1], ground.y[0], ground.y[-1]) == (-2.0, 1.0, 0.5, 3.0)
    assert ground.loss.shape == (7, 7)
    with jax.enable_x64(True):
        for i, y in enumerate(ground.y):
            for j, x in enumerate(ground.x):
                value = float(PROBLEMS[problem].fn(jnp.asarray([x, y]), settings))
                assert ground.loss[i, j] == pytest.approx(value, rel=1e-12, abs=1e-12)


def test_a_landscape_of_another_window_or_setting_compiles_nothing():
    landscape("booth", {}, ((-1, 1), (-1, 1)), points=9)
    landscape("rosenbrock", {"b": 100.0}, ((-1, 1), (-1, 1)), points=9)
    with compilations() as compiled:
        landscape("booth", {}, ((-3, 2), (-1.5, 7)), points=9)
        landscape("rosenbrock", {"b": 5.0}, ((-1, 1), (-1, 2)), points=9)
    assert not compiled
