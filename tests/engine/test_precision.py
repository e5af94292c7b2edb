"""The precision that was asked for, and the importing program's own left alone."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from prodigy_core.engine.runner import run
from prodigy_core.experiment import Experiment
from prodigy_core.landscape.grid import landscape
from tests.compilations import compilations
from tests.engine.runs import STEPS, plain_loop, ran
from tests.traces import RECORDED


def test_the_importing_programs_own_precision_stays_as_it_was():
    """A library that switches JAX to float64 behind a person's back halves the speed of their training."""

    @jax.jit
    def own(x):
        return x * 2 + jnp.arange(2.0)

    before = (jax.config.read("jax_enable_x64"), own(jnp.ones(2)).dtype)
    run(Experiment("rosenbrock", steps=5))
    landscape("rosenbrock", {"b": 100.0}, ((-1, 1), (-1, 1)), points=3)
    with compilations() as compiled:
        assert (jax.config.read("jax_enable_x64"), own(jnp.ones(2)).dtype) == before == (False, jnp.float32)
    assert not compiled


@pytest.mark.parametrize("optimizer", ["prodigy", "optax_prodigy", "sgd"])
def test_a_run_in_float32_is_computed_in_float32(optimizer):
    """A float64 in between would hide the very stagnation that a float32 run is chosen to show."""
    trace, exact = ran(optimizer, precision="float32"), ran(optimizer)
    for name in RECORDED:
        assert getattr(trace, name).dtype == np.float32, name
        assert getattr(exact, name).dtype == np.float64, name
    if "D" in trace.probes:
        assert trace.probes["D"].dtype == np.float32
    assert not np.array_equal(trace.position, exact.position)


def test_the_float32_run_is_that_of_a_float32_loop():
    trace = ran("sgd", (("learning_rate", 5e-4),), precision="float32")
    loop = plain_loop(optax.sgd(5e-4, momentum=0.9), STEPS, "float32")
    np.testing.assert_allclose(trace.loss[:40], [entry["loss"] for entry in loop[:40]], rtol=1e-3)
