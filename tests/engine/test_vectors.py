"""A step taken apart: the arrows at the head of a path, and the optimizer's own state behind them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.param import Value
from prodigy_core.trace import Trace
from tests.engine.runs import BOWL, LOGISTIC, STEPS, Pairs, ran

every_optimizer = pytest.mark.parametrize("name", list(OPTIMIZERS))

# All that decides a step: a rate that moves, a gradient that is cut short and a penalty that is added to it.
TOUCHED: dict[str, Value] = {
    "schedule": "linear",
    "warmup": 0.05,
    "warmup_from": 0.5,
    "clip": 50.0,
    "weight_decay": 0.1,
    "decay": "coupled",
}
PRODIGY: dict[str, Value] = {"estim_lr0": 1e-3, "beta1": 0.8, "beta2": 0.99, "eps": 1e-7}
START = np.array((-1.5, 2.0))


def _pairs(knobs: dict[str, Value]) -> Pairs:
    return tuple(knobs.items())


def _gradient(x: np.ndarray) -> np.ndarray:
    """Of Rosenbrock's valley, by hand."""
    return np.array((-2 * (1 - x[0]) - 400 * x[0] * (x[1] - x[0] ** 2), 200 * (x[1] - x[0] ** 2)))


def _assert_columns(trace: Trace, expected: dict[str, list[Any]]) -> None:
    for name, values in expected.items():
        recorded = trace.probes[name] if name in trace.probes else trace.vectors[name]
        np.testing.assert_allclose(recorded, values, rtol=1e-6, atol=1e-10 * np.abs(values).max(), err_msg=name)


def test_the_vectors_of_adam_are_those_of_a_plain_loop():
    trace = ran("adam", (("learning_rate", 0.1), ("beta1", 0.8), ("beta2", 0.95), ("eps", 1e-6)))
    x, m, v = START, np.zeros(2), np.zeros(2)
    expected: dict[str, list[Any]] = {"gradient": [], "m": [], "v": [], "update": []}
    for j in range(1, STEPS + 2):
        g = _gradient(x)
        before = m, v
        m, v = 0.8 * m + 0.2 * g, 0.95 * v + 0.05 * g**2
        update = -0.1 * (m / (1 - 0.8**j)) / (np.sqrt(v / (1 - 0.95**j)) + 1e-6)
        for name, value in zip(expected, (g, *before, update), strict=True):
            expected[name].append(value)
        x = x + update
    _assert_columns(trace, expected)


@pytest.mark.parametrize("touched", [False, True], ids=["plain", "clipped and decayed"])
@pytest.mark.parametrize("name", ["prodigy", "optax_prodigy"])
def test_the_vectors_of_prodigy_are_those_of_the_papers_listing(name, touched):
    """Ours keeps m, v and s in units of its own: shown so, a person who does the sums by hand would find them wrong."""
    trace = ran(name, _pairs({**PRODIGY, **(TOUCHED if touched else {})}))
    x, m, v, s, r, d, d0 = START, np.zeros(2), np.zeros(2), np.zeros(2), 0.0, 1e-3, 1e-3
    expected: dict[str, list[Any]] = {"gradient": [], "m": [], "v": [], "s": [], "numerator": [], "inner": [], "update": []}
    for k in range(STEPS + 1):
        # Over 100 steps: up from a half in the first five, then down to nothing.
        rate = (0.5 + 0.5 * k / 5 if k < 5 else (100 - k) / 95) if touched else 1.0
        raw = g = _gradient(x)
        if touched:
            g = g * min(1, 50 / np.linalg.norm(g)) + 0.1 * x
        before, inner = (m, v, s, r), g @ (START - x)
        q = rate * np.sqrt(1 - 0.99 ** (k + 1)) / (1 - 0.8 ** (k + 1))
        m, v = 0.8 * m + 0.2 * d * g, 0.99 * v + 0.01 * d**2 * g**2
        s, r = np.sqrt(0.99) * s + d**2 / d0 * q * g, np.sqrt(0.99) * r + d**2 / d0 * q * inner
        after = max(d, r / np.abs(s).sum())
        update = -d * q * m / (np.sqrt(v) + after * 1e-7)
        for column, value in zip(expected, (raw, *before, inner, update), strict=True):
            expected[column].append(value)
        x, d = x + update, after
    _assert_columns(trace, expected)
    assert d > 0.1
    clipped = np.linalg.norm(trace.vectors["gradient"], axis=1) > 50
    assert clipped.any()
    assert not clipped.all()


@pytest.mark.parametrize(
    "name, knobs, fields",
    [
        pytest.param("prodigy", {**PRODIGY, **TOUCHED}, {}, id="plane"),
        pytest.param("optax_prodigy", {**PRODIGY, **TOUCHED}, {}, id="plane, optax"),
        pytest.param("prodigy", {"warmup": 0.1}, {}, id="a first step of no length"),
        pytest.param("prodigy", {"safeguard_warmup": True}, {"precision": "float32"}, id="float32"),
        pytest.param("prodigy", {}, {"problem": "sphere", "start": (1.0, 1.0), "precision": "bfloat16"}, id="bfloat16"),
        pytest.param("optax_prodigy", {}, BOWL, id="bowl, optax"),
        pytest.param("prodigy", {"clip": 0.5}, LOGISTIC, id="model"),
    ],
)
def test_the_numerator_grows_by_the_inner_product_of_the_step(name, knobs, fields):
    """Entry k says what step k adds: one entry off, the numbers on the page would not add up."""
    trace = ran(name, _pairs(knobs), **fields)
    h = {**OPTIMIZERS[name].defaults, **knobs}
    d, numerator, inner = (trace.probes[key].astype(float) for key in ("D", "numerator", "inner"))
    q = trace.probes["effective_step"] / d
    kept = np.sqrt(h["beta2"]) * numerator
    added = d**2 / h["estim_lr0"] * q * inner
    rounding = 1e-12 if trace.loss.dtype == np.float64 else 2e-5  # a float32 of 0.999 is that far off in 1 - 0.999
    size = np.maximum(np.abs(kept), np.abs(added))[:-1]
    assert (np.abs(numerator[1:] - (kept + added)[:-1]) <= rounding * size).all()
    assert np.isfinite(inner).all()
    assert np.abs(added).max() > 1e-3 * np.abs(numerator).max() > 0


@every_optimizer
def test_every_optimizer_has_arrows_and_numbers_at_every_entry(name):
    trace = ran(name)
    assert trace.vectors.keys() >= {"gradient", "update"}
    assert trace.vectors.keys() <= {"gradient", "update", "m", "v", "s"}
    for key, values in trace.vectors.items():
        assert values.shape == (STEPS + 1, 2), key
        assert values.dtype == trace.loss.dtype, key
        assert np.isfinite(values).all(), key
        assert np.unique(values, axis=0).shape[0] > 3, key
    np.testing.assert_allclose(np.hypot(*trace.vectors["gradient"].T), trace.gradient_norm, rtol=1e-12)
    np.testing.assert_allclose(np.hypot(*trace.vectors["update"].T), trace.update_norm, rtol=1e-12, atol=1e-300)
    if OPTIMIZERS[name].evaluation_params is None:  # else the place that is shown is not the one that is stepped from
        taken = np.diff(trace.position, axis=0)
        np.testing.assert_allclose(taken, trace.vectors["update"][:-1], atol=1e-15 * np.abs(trace.position).max() * 4)


# How a first moment goes on: (what stays of it, what of the gradient is added); at the start it is 0 but where it is named.
MOMENTS: dict[str, tuple[str, bool, float]] = {
    **dict.fromkeys(("adam", "tuned_adam", "adam_at_d", "adamw", "nadam", "radam", "amsgrad", "lamb"), ("beta1", True, 0.0)),
    **dict.fromkeys(("adamax", "adabelief", "adan", "mechanic_adam", "momo_adam"), ("beta1", True, 0.0)),
    "yogi": ("beta1", True, 1e-6),
    "lion": ("beta2", True, 0.0),
    "sgd": ("momentum", False, 0.0),
}
SQUARES = {
    **dict.fromkeys(
        ("adam", "tuned_adam", "adam_at_d", "adamw", "nadam", "radam", "amsgrad", "mechanic_adam", "momo_adam", "lamb"), "beta2"
    ),
    "dadapt_adamw": "beta2",
    "schedule_free_adamw": "beta2",
    "rmsprop": "decay",
}


def test_the_moments_are_those_of_the_gradients_so_far():
    """Another array of the state under the name of m would be drawn as an arrow all the same."""
    for name, (knob, averaged, first) in MOMENTS.items():
        trace, decay = ran(name), OPTIMIZERS[name].defaults[knob]
        g, m = trace.vectors["gradient"], trace.vectors["m"]
        expected = decay * m[:-1] + (1 - decay if averaged else 1) * g[:-1]
        np.testing.assert_allclose(m[1:], expected, rtol=1e-9, atol=1e-12, err_msg=name)
        assert (m[0] == first).all(), name
    for name, knob in SQUARES.items():
        trace, decay = ran(name), OPTIMIZERS[name].defaults[knob]
        g, v = trace.vectors["gradient"], trace.vectors["v"]
        np.testing.assert_allclose(v[1:], decay * v[:-1] + (1 - decay) * g[:-1] ** 2, rtol=1e-9, atol=1e-12, err_msg=name)
        assert (v[0] == 0).all(), name


def test_the_sums_of_the_others_follow_their_papers():
    momo = ran("momo").vectors
    np.testing.assert_allclose(momo["m"][1], momo["gradient"][0], rtol=1e-12)
    np.testing.assert_allclose(momo["m"][2:], 0.9 * momo["m"][1:-1] + 0.1 * momo["gradient"][1:-1], rtol=1e-9, atol=1e-12)
    trace = ran("dadapt_adamw")
    step, root = trace.probes["effective_step"][:-1, None] * trace.vectors["gradient"][:-1], np.sqrt(0.999)
    for name, decay in (("m", 0.9), ("s", root)):
        values = trace.vectors[name]
        np.testing.assert_allclose(values[1:], decay * values[:-1] + (1 - decay) * step, rtol=1e-9, atol=1e-15, err_msg=name)
    adan = ran("adan").vectors
    ahead = adan["gradient"] + 0.08 * np.diff(adan["gradient"], axis=0, prepend=adan["gradient"][:1])
    np.testing.assert_allclose(adan["v"][1:], 0.99 * adan["v"][:-1] + 0.01 * ahead[:-1] ** 2, rtol=1e-9, atol=1e-12)
    yogi = ran("yogi").vectors
    square = yogi["gradient"][:-1] ** 2
    signed = 0.001 * np.sign(yogi["v"][:-1] - square) * square
    np.testing.assert_allclose(yogi["v"][1:], yogi["v"][:-1] - signed, rtol=1e-9, atol=1e-12)
    novograd = ran("novograd").vectors
    norms = [novograd["gradient"][0] @ novograd["gradient"][0]]
    for g in novograd["gradient"][1:-1]:
        norms.append(0.25 * norms[-1] + 0.75 * g @ g)
    unit = novograd["gradient"][:-1] / np.sqrt(norms)[:, None]
    np.testing.assert_allclose(novograd["m"][1:], 0.9 * novograd["m"][:-1] + unit, rtol=1e-5, atol=1e-12)


@every_optimizer
def test_any_other_moment_sums_gradients_or_their_squares_with_constant_weights(name):
    """An array of the state that has nothing to do with the gradients would be drawn as an arrow all the same."""
    derived_above = {"prodigy", "optax_prodigy", "momo", "dadapt_adamw", "adan", "yogi", "novograd"}
    vectors = ran(name).vectors
    for moment, power in (("m", 1), ("v", 2)):
        if moment in vectors and name not in derived_above:
            before, added, after = (
                values.ravel() for values in (vectors[moment][:-1], vectors["gradient"][:-1] ** power, vectors[moment][1:])
            )
            weights, *_ = np.linalg.lstsq(np.stack([before, added], axis=1), after, rcond=None)
            np.testing.assert_allclose(np.stack([before, added], axis=1) @ weights, after, rtol=1e-6, atol=1e-9 * after.max())
    assert "s" not in vectors or name in derived_above


def test_the_gradient_is_the_one_the_optimizer_met_noise_and_all():
    trace = ran("adam", noise="one bad batch", noise_at=33)
    clean = np.array([_gradient(x) for x in trace.position])
    differs = np.abs(trace.vectors["gradient"] - clean).max(axis=1) > 1e-6
    assert np.flatnonzero(differs).tolist() == [33]


@pytest.mark.parametrize("fields", [BOWL, LOGISTIC], ids=["bowl", "model"])
def test_of_many_variables_no_vectors_are_kept(fields):
    """There a step has as many numbers as the model: a trace of them would be as large as the training."""
    assert ran("prodigy", **fields).vectors == {}


@pytest.mark.parametrize("precision", ["float32", "float64", "bfloat16"])
def test_what_is_kept_of_a_diverged_run_ends_with_it(precision):
    trace = ran("sgd", (("learning_rate", 0.1),), precision=precision)
    assert 1 < trace.loss.size < STEPS
    for name, values in trace.vectors.items():
        assert values.shape == (trace.loss.size, 2), name
        assert values.dtype == trace.loss.dtype, name
        assert np.isfinite(values[:-1]).all(), name
