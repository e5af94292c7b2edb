"""Noise on the gradient: the same for everybody who runs at the same step, and of the size that was asked for."""

from __future__ import annotations

from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from prodigy_core.engine.runner import run_contender
from prodigy_core.experiment import Contender
from prodigy_core.noise import perturb
from tests.engine.runs import BOWL, LOGISTIC, STEPS, experiment, ran

STILL = (("learning_rate", 0.0),)  # it stays where it is: what changes from step to step is noise alone


def _still(optimizer: str, **fields: Any) -> np.ndarray:
    """The norm of the gradient as it was met at each step of a run that never moves."""
    return ran(optimizer, STILL, **{"start": (1.0, 1.0), "noise_size": 3.0, **fields}).gradient_norm


HEAVY = {"noise": "heavy tails", "start": ()}


@pytest.mark.parametrize(
    "noisy", [{"noise": "gaussian"}, {**BOWL, **HEAVY}, {**LOGISTIC, **HEAVY}], ids=["plane", "bowl", "model"]
)
def test_every_contender_meets_the_same_noise_at_the_same_step(noisy):
    """Else the one with the better luck wins the race."""
    one, other = _still("sgd", **noisy), _still("adam", **noisy)
    np.testing.assert_array_equal(one, other)
    assert np.unique(one).size == STEPS + 1, "and other noise at every step"
    assert not np.array_equal(one, _still("sgd", **noisy, seed=1))


def test_longer_runs_meet_the_same_noise():
    np.testing.assert_array_equal(_still("sgd", noise="gaussian"), _still("sgd", noise="gaussian", steps=300)[: STEPS + 1])


def test_noise_of_twice_the_size_is_the_same_noise_doubled():
    """So the slider shows what the size does, and not another draw."""
    one, two = (_still("sgd", noise="gaussian", noise_size=size) for size in (3.0, 6.0))
    np.testing.assert_allclose(two, 2 * one)  # at (1, 1) the gradient itself is 0
    np.testing.assert_array_equal(_still("sgd", noise="gaussian", noise_size=0.0), np.zeros(STEPS + 1))


@pytest.mark.parametrize("at", [0, 1, 57, STEPS])
def test_one_bad_batch_touches_exactly_one_step(at):
    norms = _still("sgd", noise="one bad batch", noise_at=at)
    np.testing.assert_array_equal(np.flatnonzero(norms), [at])
    assert not _still("sgd", noise="one bad batch", noise_at=STEPS + 1).any()
    np.testing.assert_array_equal(norms[at], _still("sgd", noise="gaussian")[at])


def test_a_bad_batch_leaves_all_before_it_as_it_was():
    calm = ran("adam", noise="one bad batch", noise_at=STEPS + 1)
    bad = ran("adam", noise="one bad batch", noise_at=40, noise_size=1e5)
    np.testing.assert_array_equal(bad.loss[:41], calm.loss[:41])
    assert bad.gradient_norm[40] > 100 * calm.gradient_norm[40]
    assert bad.position[41].tolist() != calm.position[41].tolist()


def test_the_loss_that_is_recorded_is_the_true_one():
    """Noise is what the optimizer meets; a curve with the noise in it would show the noise."""
    trace = ran("adam", (("learning_rate", 0.05),), noise="gaussian", noise_size=30.0)
    x, y = trace.position.T
    np.testing.assert_allclose(trace.loss, (1 - x) ** 2 + 100 * (y - x**2) ** 2)
    gradient = np.hypot(-2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2))
    assert np.median(np.abs(trace.gradient_norm - gradient)) > 5


DTYPES = (np.float64, np.float32, jnp.bfloat16, jnp.float16)


@jax.jit
def _sampled(size: float, seed: int, base: float) -> dict[str, Any]:
    """A gradient of two leaves, the same number everywhere, with noise of every kind in every precision."""
    sample: dict[str, Any] = {}
    for dtype in DTYPES:
        tree = {"w": jnp.full((200, 500), base, dtype), "b": jnp.full((500,), base, dtype)}
        sample |= {f"{kind}, {np.dtype(dtype)}": perturb(tree, kind, size, 0, seed, 0) for kind in ("gaussian", "heavy tails")}
    return sample


@cache
def _sample(kind: str, dtype: Any, size: float, seed: int = 0, base: float = 0.0) -> dict[str, np.ndarray]:
    with jax.enable_x64(True):
        return jax.device_get(_sampled(size, seed, base)[f"{kind}, {np.dtype(dtype)}"])  # type: ignore[no-any-return]


@pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: np.dtype(dtype).name)
@pytest.mark.parametrize("kind, law", [("gaussian", stats.norm), ("heavy tails", stats.t(2))])
def test_the_noise_has_the_distribution_that_is_asked_for(kind, law, dtype):
    """Quantiles, since the variance of the heavy tails is infinite; in 16 bits too, where few numbers could be drawn."""
    sample = _sample(kind, dtype, size=2.0)
    levels = np.array([0.001, 0.01, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 0.99, 0.999])
    values = sample["w"].astype(np.float64).ravel()
    assert sample["w"].dtype == sample["b"].dtype == dtype
    assert np.isfinite(values).all()
    spread = np.sqrt(levels * (1 - levels) / values.size) / law.pdf(law.ppf(levels))  # of a quantile of so many draws
    rounding = 0.01 * np.abs(law.ppf(levels)) * (np.dtype(dtype).itemsize == 2)
    assert (np.abs(np.quantile(values, levels) / 2 - law.ppf(levels)) < 4 * spread + rounding).all()


def test_every_leaf_has_its_own_noise_and_keeps_its_gradient():
    sample = _sample("gaussian", np.float32, size=0.5, base=7.0)
    assert sample["w"].mean() == pytest.approx(7, abs=0.01)
    assert sample["w"].std() == pytest.approx(0.5, rel=0.02)
    assert not np.isin(sample["b"], sample["w"][0]).all()
    assert not np.array_equal(sample["w"][0], sample["b"])
    assert np.unique(sample["w"]).size > 0.9 * sample["w"].size / 2
    other = _sample("gaussian", np.float32, size=0.5, base=7.0, seed=1)
    assert not np.array_equal(sample["w"], other["w"])


def test_noise_of_nothing_is_the_gradient_itself():
    tree = {"w": jnp.ones(3)}
    assert perturb(tree, "none", 5.0, 0, 0, 0) is tree


@pytest.mark.parametrize(
    "kind, precision, fields",
    [("gaussian", "bfloat16", {}), ("one bad batch", "float32", {}), ("heavy tails", "bfloat16", LOGISTIC)],
    ids=["bfloat16", "float32", "model in bfloat16"],
)
def test_noise_works_in_every_precision_and_for_a_model(kind, precision, fields):
    noisy = {**fields, "noise": kind, "noise_at": 3, "precision": precision}
    trace = run_contender(experiment(**noisy), Contender("sgd", dict(STILL)))
    assert trace.stopped_at == STEPS
    assert np.isfinite(trace.loss).all()
    assert trace.gradient_norm.dtype == np.float32
    calm = run_contender(experiment(**noisy | {"noise_size": 0.0}), Contender("sgd", dict(STILL)))
    assert trace.gradient_norm[3] != calm.gradient_norm[3]
