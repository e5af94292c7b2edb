"""How a run ends that does not go well."""

from __future__ import annotations

from typing import Any

import numpy as np
import optax
import pytest

from prodigy_core import limits
from prodigy_core.engine.runner import follow, run_contender
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.trace import FAR, Status
from tests.engine.runs import BOWL, LOGISTIC, STEPS, assert_same, experiment, plain_loop, ran
from tests.traces import RECORDED


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
    for name in RECORDED:
        assert np.isfinite(getattr(trace, name)).all(), name
    assert np.isfinite(trace.probes["effective_step"]).all()


STEEP: dict[str, Any] = {"problem": "formula", "formula": "exp(x) * exp(y)"}


def test_a_tiny_gradient_has_a_tiny_norm_and_not_zero():
    """On a plain the gradient may be 1e-250: squared, it would vanish from the curve."""
    trace = run_contender(Experiment(**STEEP, start=(-300.0, -270.0), steps=5), Contender("sgd"))
    assert 0 < trace.gradient_norm[0] < 1e-200


def test_a_start_where_the_loss_is_infinite_leaves_an_empty_trace():
    trace = run_contender(Experiment(**STEEP, start=(1e3, 0.0), steps=5), Contender("sgd"))
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


@pytest.mark.parametrize("fields", [{**BOWL, "noise": "none"}, LOGISTIC], ids=["bowl", "model"])
def test_of_many_variables_too_all_that_is_kept_is_before_the_break(fields):
    """An evaluation at the break would put an infinite loss into the table."""
    trace = ran("sgd", (("learning_rate", 100.0),), **fields)
    assert trace.status in (Status.DIVERGED, Status.NOT_A_NUMBER)
    assert 0 < trace.stopped_at < STEPS
    np.testing.assert_array_equal(trace.steps, np.arange(trace.stopped_at))
    np.testing.assert_array_equal(trace.evaluated, trace.steps)
    np.testing.assert_array_equal(trace.snapshot_steps, trace.steps)
    for name in ("loss", "position", "distance_linf", "distance_l2", "snapshots"):
        assert np.isfinite(getattr(trace, name)).all(), name
        assert getattr(trace, name).shape[0] == trace.stopped_at, name
    for name, values in trace.metrics.items():
        assert values.shape == (trace.stopped_at,), name
    assert np.isfinite(trace.final_loss)


def test_a_break_between_two_evaluations_keeps_those_before_it():
    trace = ran("sgd", (("learning_rate", 0.3),), **{**BOWL, "noise": "none"}, steps=300)
    assert trace.status is Status.DIVERGED
    np.testing.assert_array_equal(trace.evaluated, np.arange(0, trace.stopped_at, 3))
    assert trace.stopped_at % 3, "it lies between two"


def test_a_parameter_that_is_nan_says_so_of_a_model_too():
    trace = ran("optax_prodigy", (("warmup", 0.1),), **LOGISTIC)
    assert (trace.status, trace.stopped_at) == (Status.NOT_A_NUMBER, 1)
    assert trace.evaluated.tolist() == [0]
    assert np.isfinite(trace.final_loss)


@pytest.mark.parametrize("fields", [{}, {**BOWL, "noise": "none"}, LOGISTIC], ids=["plane", "bowl", "model"])
def test_after_the_chunk_in_which_it_broke_nothing_more_is_computed(fields, monkeypatch):
    """A hundred thousand steps of NaN would keep a person waiting for what is known."""
    knobs = (("learning_rate", 100.0),)
    whole = ran("sgd", knobs, **fields)
    monkeypatch.setattr(limits, "CHUNK_WORK", 2 * limits.OVERHEAD)
    *parts, last = follow(experiment(**fields), Contender("sgd", dict(knobs)))
    assert len(parts) == whole.stopped_at // 2
    assert last.fraction < 1
    assert all(part.result is not None and part.result.status is Status.RUNNING for part in parts)
    assert last.result is not None
    assert_same(last.result, whole)
