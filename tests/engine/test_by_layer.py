"""Prodigy with a D for each layer, beside a Prodigy for each of them."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from prodigy_core import prodigy
from prodigy_core.engine.runner import run_contender
from prodigy_core.experiment import Contender
from prodigy_core.problems import PROBLEMS
from prodigy_core.sweep.runner import run as sweep
from prodigy_core.sweep.spec import Axis
from tests.engine.runs import NETWORK, STEPS, experiment, ran

HERE: dict[str, Any] = {"problem": "rosenbrock", "start": (-1.5, 2.0), "precision": "float64"}
LAYERS: dict[str, Any] = {"problem": "unequal_layers", "settings": (("start_spread", 0.3),)}


def _value(x: Any) -> Any:
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


def test_on_the_plane_each_coordinate_has_a_prodigy_of_its_own():
    """Two optimizers, each of which is told one number of the gradient and of the point."""
    trace, optimizer = ran("prodigy_by_layer", (("estim_lr0", 1e-3),), **HERE), prodigy(estim_lr0=1e-3)
    gradient, update = jax.jit(jax.grad(_value)), jax.jit(optimizer.update)
    with jax.enable_x64(True):
        x: Any = np.array((-1.5, 2.0))
        states = [optimizer.init(jnp.asarray(x[i])) for i in range(2)]
        for k in range(STEPS + 1):
            np.testing.assert_allclose(trace.position[k], x, rtol=1e-8, atol=1e-10)
            Ds = [float(state.estim_lr) for state in states]
            assert trace.probes["D"][k] == pytest.approx(max(Ds), rel=1e-9)
            assert trace.probes["D_smallest"][k] == pytest.approx(min(Ds), rel=1e-9)
            g, steps = gradient(x), []
            for i in range(2):
                step, states[i] = update(g[i], states[i], jnp.asarray(x[i]))
                steps.append(float(step))
            x = x + np.array(steps)
    assert trace.probes["D"][-1] > 1.2 * trace.probes["D_smallest"][-1]


def test_the_largest_d_is_what_it_was_or_the_largest_estimate():
    """The page says so of every step."""
    trace = ran("prodigy_by_layer", **HERE)
    D, d_hat = trace.probes["D"], trace.probes["d_hat"]
    assert np.isnan(d_hat[0])
    np.testing.assert_allclose(D[1:], np.maximum(D[:-1], d_hat[1:]), rtol=1e-12)
    assert (np.diff(trace.probes["D_smallest"]) >= 0).all()


def test_a_function_of_one_layer_has_one_d():
    fields: dict[str, Any] = {"problem": "spring_chain", "settings": (("dimension", 10),), "precision": "float64"}
    own, usual = ran("prodigy_by_layer", **fields), ran("prodigy", **fields)
    np.testing.assert_allclose(own.probes["D"], usual.probes["D"], rtol=1e-9)
    np.testing.assert_array_equal(own.probes["D"], own.probes["D_smallest"])


def test_the_arrays_of_a_model_are_its_layers():
    trace, usual = ran("prodigy_by_layer", **NETWORK), ran("prodigy", **NETWORK)
    assert trace.probes["D"][-1] > 1.5 * trace.probes["D_smallest"][-1]
    assert np.abs(trace.loss - usual.loss).max() > 1e-6


@pytest.mark.parametrize("n", [2, 5, 100])
def test_two_unequal_layers_are_two_halves(n):
    x = np.arange(float(n))
    first, second = PROBLEMS["unequal_layers"].split(x)  # type: ignore[arg-type]
    scaled = [float(jax.grad(lambda x: PROBLEMS["unequal_layers"].objective(x, None, {"ratio": 2.0}))(jnp.ones(n))[i])
              for i in range(n)]  # fmt: skip
    assert len(set(np.round(scaled[: len(first)], 6))) == len(set(np.round(scaled[len(first) :], 6))) == 1
    assert scaled[0] != scaled[-1]
    np.testing.assert_array_equal(np.concatenate([first, second]), x)


@pytest.mark.parametrize("way", [0.03, 3.0])
def test_a_d_each_mends_unequal_distances_and_not_unequal_slopes(way):
    """D is a length: it tells layers apart that have unequal ways to go, and not walls of unequal slope equally far away."""
    fields: dict[str, Any] = {"problem": "formula", "formula": "sqrt(1+x^2)+sqrt(1+(100*y)^2)-2", "start": (3.0, way)}
    one, each = (ran(name, **fields, steps=500) for name in ("prodigy", "prodigy_by_layer"))
    if way == 3.0:
        assert min(one.loss[-1], each.loss[-1]) > 10
        assert each.probes["D_smallest"][-1] > 0.8 * each.probes["D"][-1]
    else:
        assert one.loss[-1] > 1e-3
        assert each.loss[-1] < 1e-9
        assert each.probes["D"][-1] > 100 * each.probes["D_smallest"][-1]


@pytest.mark.parametrize("seed", range(3))
def test_two_unequal_layers_at_one_distance_want_a_falling_learning_rate_and_no_d_each(seed):
    one, each = (ran(name, **LAYERS, seed=seed, steps=1000) for name in ("prodigy", "prodigy_by_layer"))
    assert min(one.loss[-1], each.loss[-1]) > 100
    assert ran("prodigy_by_layer", (("schedule", "linear"),), **LAYERS, seed=seed, steps=1000).loss[-1] < 0.01


@pytest.mark.parametrize("fields", [HERE, {**LAYERS, "steps": 30}], ids=["plane", "layers"])
def test_a_sweep_is_the_race(fields):
    """It cuts the point into the same layers; only the last digits may be rounded otherwise."""
    whole = experiment(**{**fields, "precision": "float64", "contenders": (Contender("prodigy_by_layer"),)})
    (grid,) = sweep(whole, (Axis("estim_lr0", (1e-4, 1e-3), 0),), (0,)).grids
    for place, first in enumerate((1e-4, 1e-3)):
        trace = run_contender(whole, Contender("prodigy_by_layer", {"estim_lr0": first}))
        np.testing.assert_allclose(grid.metrics["D"][place, 0], trace.probes["D"][-1], rtol=1e-12)
        np.testing.assert_allclose(grid.metrics["final_loss"][place, 0], trace.loss[-1], rtol=1e-11)
