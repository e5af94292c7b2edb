"""Parameters of 16 bits, as in large trainings: what is rounded away there, and what must not be."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from prodigy_core.engine.loop import begin
from prodigy_core.engine.prepare import prepare
from prodigy_core.experiment import Contender
from prodigy_core.trace import Status
from tests.engine.runs import NETWORK, STEPS, experiment, ran

HALVES = {"bfloat16": jnp.bfloat16, "float16": jnp.float16}
every_half = pytest.mark.parametrize("precision", list(HALVES))
NEAR = {"problem": "sphere", "start": (1.0, 1.0), "precision": "bfloat16"}


@every_half
@pytest.mark.parametrize("optimizer", ["prodigy", "optax_prodigy", "adam", "sgd"])
def test_parameters_of_16_bits_stay_so_at_every_step(optimizer, precision):
    """A float32 copy on the way would hide the very rounding that is to be seen."""
    trace = ran(optimizer, problem="sphere", start=(-1.5, 2.0), precision=precision)
    np.testing.assert_array_equal(trace.position, trace.position.astype(HALVES[precision]).astype(np.float32))
    assert trace.position.dtype == trace.loss.dtype == np.float32
    if optimizer in ("prodigy", "sgd"):  # Adam's steps of 0.001 are lost too, in bfloat16
        assert np.unique(trace.position[:, 0]).size > 5, "it moves"


def test_the_leaves_of_a_model_are_of_16_bits_too():
    precision = "bfloat16"
    prepared = prepare(experiment(**NETWORK, precision=precision), Contender("prodigy"), None)
    with jax.enable_x64(True):
        carry = jax.eval_shape(partial(begin, program=prepared.program), prepared.inputs)
    assert {leaf.dtype for leaf in jax.tree.leaves(carry.params)} == {jnp.dtype(HALVES[precision])}
    trace = ran("prodigy", **NETWORK, precision=precision)
    np.testing.assert_array_equal(trace.snapshots, trace.snapshots.astype(HALVES[precision]).astype(np.float32))
    assert trace.metrics["train_loss"].dtype == np.float32
    assert trace.metrics["train_loss"][-1] < trace.metrics["train_loss"][0]
    assert np.unique(trace.metrics["train_loss"]).size > STEPS // 2


def test_in_bfloat16_the_shipped_d_is_stuck_and_ours_is_not():
    """The question that people bring: D stays at its first value, since steps below 1/256 of a parameter are rounded away."""
    theirs, ours = ran("optax_prodigy", **NEAR), ran("prodigy", **NEAR)
    np.testing.assert_array_equal(theirs.probes["D"], theirs.probes["D"][0])
    assert theirs.probes["D"][0] == pytest.approx(1e-6, rel=0.01)
    np.testing.assert_array_equal(theirs.position, np.ones((STEPS + 1, 2)))
    assert (theirs.update_norm > 0).all(), "it steps, and the steps are lost"
    assert ours.probes["D"][-1] > 1e-3
    assert ours.loss[-1] < 0.1 * ours.loss[0]
    wide = ran("optax_prodigy", **{**NEAR, "precision": "float32"})
    assert wide.probes["D"][-1] > 1e-3, "in float32 it is not"


@pytest.mark.parametrize("start", [(300.0, -300.0), (20_000.0, 1.0)])
def test_a_loss_beyond_the_numbers_of_float16_is_a_number(start):
    """Float16 ends at 65,504: a square of 300 is beyond it, and would end the run before its first step."""
    trace = ran("adam", problem="sphere", start=start, precision="float16")
    assert trace.status is Status.FINISHED
    assert trace.loss[0] > 70_000
    assert np.isfinite(trace.loss).all()
    assert np.isfinite(trace.distance_l2).all()


def test_a_parameter_beyond_the_numbers_of_float16_ends_the_run():
    trace = ran("sgd", (("learning_rate", 1.0),), problem="quadratic_nd", precision="float16", settings=(("dimension", 10),))
    assert trace.status is Status.DIVERGED
    assert 0 < trace.stopped_at < STEPS
    assert np.isfinite(trace.loss).all()
