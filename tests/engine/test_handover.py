"""Prodigy that hands over to Adam, beside a plain loop of two optimizers one after the other."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import numpy as np
import optax
import pytest

from prodigy_core import prodigy
from prodigy_core.engine.runner import run_contender
from prodigy_core.experiment import Contender
from prodigy_core.sweep.runner import run as sweep
from prodigy_core.sweep.spec import Axis
from tests.engine.runs import LOGISTIC, NETWORK, STEPS, arrays, experiment, ran

KNOBS: tuple[tuple[str, Any], ...] = (
    ("hand_over_at", 25),
    ("factor", 0.5),
    ("estim_lr0", 1e-3),
    ("beta1", 0.8),
    ("beta2", 0.99),
    ("schedule", "linear"),
)
HERE: dict[str, Any] = {"problem": "rosenbrock", "start": (-1.5, 2.0), "precision": "float64"}


def _value(x: Any) -> Any:
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


def _rate(D: float, done: float, steps: int, j: Any) -> Any:
    return 0.5 * D * (1 - done - j.astype(float) / steps)


def _by_hand(steps: int, hand_over_at: int) -> tuple[np.ndarray, np.ndarray]:
    """The places and the D of a run whose optimizer a person replaces after some steps."""
    first = prodigy(lambda k: 1 - k.astype(float) / steps, betas=(0.8, 0.99), estim_lr0=1e-3)
    gradient = jax.jit(jax.grad(_value))
    with jax.enable_x64(True):
        x: Any = np.array((-1.5, 2.0))
        state, places, Ds = first.init(x), [], []
        update, optimizer, after = jax.jit(first.update), None, None
        for k in range(steps + 1):
            if k == hand_over_at:
                optimizer = optax.adam(partial(_rate, float(state.estim_lr), hand_over_at / steps, steps), b1=0.8, b2=0.99)
                after, then = optimizer.init(x), jax.jit(optimizer.update)
            places.append(np.asarray(x))
            Ds.append(float(state.estim_lr))
            if optimizer is None:
                updates, state = update(gradient(x), state, x)
            else:
                updates, after = then(gradient(x), after, x)
            x = x + updates
    return np.array(places), np.array(Ds)


def test_it_is_prodigy_and_then_another_optimizer():
    trace, (places, Ds) = ran("prodigy_then_adam", KNOBS, **HERE), _by_hand(STEPS, 25)
    np.testing.assert_allclose(trace.position, places, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(trace.probes["D"], Ds, rtol=1e-9)
    assert np.abs(np.diff(places[25:], axis=0)).max() > 1e-3


def test_until_the_hand_over_it_is_prodigy_and_then_its_d_stands_still():
    trace = ran("prodigy_then_adam", (("hand_over_at", 20),), **HERE)
    pure = ran("prodigy", **HERE)
    for name in ("D", "d_hat", "effective_step"):
        np.testing.assert_allclose(trace.probes[name][:20], pure.probes[name][:20], rtol=1e-12, err_msg=name)
    np.testing.assert_allclose(trace.position[:21], pure.position[:21], rtol=1e-12)
    D, k = trace.probes["D"], np.arange(20, STEPS + 1)
    assert (D[20:] == D[20]).all()
    assert D[20] == pytest.approx(pure.probes["D"][20], rel=1e-12)
    assert pure.probes["D"][-1] > D[-1]
    assert trace.probes["d_hat"][20] == pytest.approx(pure.probes["d_hat"][20], rel=1e-12), "the last estimate, which D took"
    assert (trace.probes["d_hat"][20:] == trace.probes["d_hat"][20]).all()
    adam = D[20] * np.sqrt(1 - 0.999 ** (k - 19)) / (1 - 0.9 ** (k - 19))
    np.testing.assert_allclose(trace.probes["effective_step"][20:], adam, rtol=1e-6)


def test_with_the_moments_of_prodigy_it_would_be_a_stopped_d():
    """Adam from scratch forgets; that is all in which the two differ."""
    handed, stopped = (ran(name, knobs, **HERE) for name, knobs in
                       (("prodigy_then_adam", (("hand_over_at", 20),)), ("prodigy", (("stop_d_at", 20.0),))))  # fmt: skip
    np.testing.assert_allclose(handed.position[:21], stopped.position[:21], rtol=1e-12)
    np.testing.assert_allclose(handed.probes["D"], stopped.probes["D"], rtol=1e-12)
    assert np.abs(handed.position[21:] - stopped.position[21:]).max() > 1e-3


def test_a_hand_over_after_the_end_is_none():
    late, pure = ran("prodigy_then_adam", (("hand_over_at", STEPS + 5),), **HERE), ran("prodigy", **HERE)
    np.testing.assert_allclose(late.position, pure.position, rtol=1e-6)


def test_of_a_model_the_moments_begin_anew_too():
    trace, pure = ran("prodigy_then_adam", (("hand_over_at", 30),), **NETWORK), ran("prodigy", **NETWORK)
    np.testing.assert_allclose(trace.loss[:31], pure.loss[:31], rtol=1e-5)
    assert (trace.probes["D"][30:] == trace.probes["D"][30]).all()
    assert np.abs(trace.loss[31:] - pure.loss[31:]).max() > 1e-6


@pytest.mark.parametrize("fields", [HERE, LOGISTIC], ids=["plane", "model"])
def test_runs_side_by_side_hand_over_at_steps_of_their_own(fields):
    whole = experiment(**{**fields, "precision": "float64", "contenders": (Contender("prodigy_then_adam"),), "steps": 60})
    (grid,) = sweep(whole, (Axis("hand_over_at", (10, 40, 200), 0),), (0,)).grids
    for place, at in enumerate((10, 40, 200)):
        trace = run_contender(whole, Contender("prodigy_then_adam", {"hand_over_at": at}))
        np.testing.assert_allclose(grid.metrics["final_loss"][place, 0], trace.final_loss, rtol=1e-7)
        np.testing.assert_allclose(grid.metrics["D"][place, 0], trace.probes["D"][-1], rtol=1e-9)
    assert len(np.unique(grid.metrics["final_loss"])) == 3


def test_handing_over_arrives():
    """D after 60 steps is all that Adam needs: at its own default it would hardly have moved."""
    for problem, start in (("booth", (-8.0, -5.0)), ("himmelblau", (0.0, 0.0)), ("rotated_quadratic", (-4.0, 1.0))):
        fields: dict[str, Any] = {"problem": problem, "start": start, "steps": 300}
        assert ran("prodigy_then_adam", (("hand_over_at", 60),), **fields).loss.min() < 1e-3
        assert ran("adam", **fields).loss.min() > 1
    assert len(arrays(ran("prodigy_then_adam", **HERE))) > 10
