"""How a run ends that does not go well."""

from __future__ import annotations

import numpy as np
import optax
import pytest

from prodigy_core.engine import FAR, run_contender
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.trace import Status
from tests.engine.runs import STEPS, plain_loop, ran


@pytest.mark.parametrize("rate", [0.1, 0.05, 0.01])
def test_a_run_that_diverges_says_at_exactly_which_step(rate):
    trace = ran("sgd", (("learning_rate", rate),))
    loop = plain_loop(optax.sgd(rate, momentum=0.9), STEPS)
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
    trace = ran("sgd", (("learning_rate", rate),), precision=precision)
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
    theirs, ours = ran("optax_prodigy", warm), ran("prodigy", warm)
    assert (theirs.status, theirs.stopped_at) == (Status.NOT_A_NUMBER, 1)
    assert "NaN" in theirs.ending
    assert theirs.loss.shape == (1,)
    assert np.isfinite(theirs.loss).all()
    assert (ours.status, ours.stopped_at) == (Status.FINISHED, STEPS)
    assert ours.loss[-1] < ours.loss[0]
