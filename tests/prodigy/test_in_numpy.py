"""The algorithm in NumPy that the README shows: a reader who trusts, copies or teaches it must have Prodigy in hand."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from docs import prodigy_in_numpy
from docs.pages import IN_NUMPY
from prodigy_core.prodigy import prodigy
from tests.prodigy import reference
from tests.prodigy.runs import run
from tests.reference import recorded

FORCE = np.array([1.0, -2.0, 0.5, 3.0, -0.7])
STEPS = 500


def gradient(x: Any) -> Any:
    """The gradient of a loss that falls for ever, ever flatter: around a minimum an adaptive step would magnify rounding."""
    return -FORCE * (np if isinstance(x, np.ndarray) else jnp).exp(-abs(x))


def test_it_has_about_twenty_lines():
    """More than that nobody reads on a front page."""
    assert len(IN_NUMPY.read_text(encoding="utf-8").splitlines()) <= 22


@pytest.mark.parametrize(
    "ours, theirs",
    [
        ({}, {}),
        ({"beta1": 0.0, "beta2": 0.99}, {"betas": (0.0, 0.99)}),
        ({"d0": 1e-4, "eps": 1e-3}, {"estim_lr0": 1e-4, "eps": 1e-3}),
    ],
)
def test_it_is_the_loop_that_all_settings_are_tested_against(ours, theirs):
    """To the last bits: two texts of one algorithm must not drift apart."""
    x, d = zip(*prodigy_in_numpy.prodigy(gradient, np.zeros(5), STEPS, **ours), strict=True)
    known = reference.prodigy(gradient, np.zeros(5), STEPS, **theirs)
    np.testing.assert_allclose(x, known.x, rtol=1e-13)
    np.testing.assert_allclose(d, known.d, rtol=1e-13)


@pytest.mark.usefixtures("x64")
def test_it_is_our_optimizer():
    x, d = zip(*prodigy_in_numpy.prodigy(gradient, np.zeros(5), STEPS), strict=True)
    ours = jax.device_get(run(prodigy(), gradient, np.zeros(5), STEPS))
    np.testing.assert_allclose(ours.x, x, rtol=0, atol=1e-12 * np.max(np.abs(x)))
    np.testing.assert_allclose(ours.d, d, rtol=1e-12)


@pytest.mark.parametrize("setting", ["T02_bias_correction", "O01_default"])
@pytest.mark.usefixtures("x64")
def test_it_follows_the_recorded_runs_of_the_authors_package_and_of_optax(setting):
    value_and_grad = jax.jit(jax.value_and_grad(lambda x: recorded.loss("rosenbrock")({"x": x})))
    losses = []

    def recording(x: np.ndarray) -> np.ndarray:
        value, slope = value_and_grad(x)
        losses.append(float(value))
        return np.asarray(slope)

    start = recorded.start("rosenbrock")["x"]
    d = [d for _, d in prodigy_in_numpy.prodigy(recording, start, recorded.STEPS)]
    known = {field: recorded.golden()[f"rosenbrock/{setting}/{field}"] for field in ("loss", "d")}
    np.testing.assert_allclose(d, known["d"], rtol=1e-6)
    np.testing.assert_allclose(losses, known["loss"], rtol=2e-3, atol=1e-6 * known["loss"][0])
