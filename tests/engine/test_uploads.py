"""A person's own data: they are those of the experiment, or it is not run."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from prodigy_core.data.datasets import Dataset
from prodigy_core.data.upload import dataset_from_table, read_table
from prodigy_core.engine.runner import follow, run, run_contender
from prodigy_core.experiment import Contender, Experiment, ExperimentError


@cache
def _uploaded(kind: str, seed: int = 0) -> Dataset:
    rows = np.random.default_rng(seed).normal(size=(60, 2))
    target = rows.sum(axis=1) if kind == "regression" else rows[:, 0] > 0
    lines = [f"{a:.4f},{b:.4f},{float(y):.4f}" for (a, b), y in zip(rows, target, strict=True)]
    return dataset_from_table(read_table("mine.csv", "\n".join(["a,b,y", *lines]).encode()), "y", kind)  # type: ignore[arg-type]


def _experiment(problem: str, data: str, **fields) -> Experiment:
    given = {"data": "upload", "batch": "16"} | ({"width": 4} if problem == "mlp" else {})
    return Experiment(problem=problem, settings=given, data=data, steps=100, contenders=(Contender("prodigy"),), **fields)


def _fault(experiment: Experiment, upload: Dataset | None) -> str:
    for attempt in (lambda: run(experiment, upload), lambda: next(follow(experiment, experiment.contenders[0], upload))):
        with pytest.raises(ExperimentError) as raised:
            attempt()
        (fault,) = raised.value.faults
        assert fault.field == "data"
    return str(raised.value)


@pytest.mark.parametrize("problem, kind", [("logistic_regression", "classification"), ("linear_regression", "regression")])
def test_a_model_learns_from_what_was_uploaded(problem, kind):
    data = _uploaded(kind)
    (trace,) = run(_experiment(problem, data.digest), data)
    assert trace.metrics["train_loss"][-1] < 0.5 * trace.metrics["train_loss"][0]
    again = run_contender(_experiment(problem, data.digest), Contender("prodigy"), data)
    np.testing.assert_array_equal(again.loss, trace.loss)
    other = _uploaded(kind, seed=1)
    (elsewhere,) = run(_experiment(problem, other.digest), other)
    assert not np.array_equal(elsewhere.loss, trace.loss)


def test_a_network_learns_numbers_too():
    data = _uploaded("regression")
    (trace,) = run(_experiment("mlp", data.digest), data)
    assert "validation_r2" in trace.metrics
    assert trace.metrics["train_loss"][-1] < trace.metrics["train_loss"][0]


def test_a_link_to_somebodys_data_asks_for_the_file():
    """Run on something else, its numbers would be believed."""
    data = _uploaded("classification")
    message = _fault(_experiment("mlp", data.digest), None)
    assert "upload it again" in message
    assert data.digest in message
    assert "upload it again" in _fault(_experiment("mlp", data.digest), _uploaded("classification", seed=1))
    assert "nothing" in _fault(_experiment("mlp", ""), None)


@pytest.mark.parametrize("problem, kind", [("logistic_regression", "regression"), ("linear_regression", "classification")])
def test_data_that_a_model_cannot_learn_from_are_a_fault(problem, kind):
    """A traceback would tell a person nothing about what to choose instead."""
    data = _uploaded(kind)
    message = _fault(_experiment(problem, data.digest), data)
    assert "mine.csv" in message
    assert "Choose another model" in message


def test_an_upload_beside_an_experiment_that_needs_none_changes_nothing():
    experiment = Experiment(steps=20, contenders=(Contender("adam"),))
    (with_one,), (without,) = run(experiment, _uploaded("regression")), run(experiment)
    np.testing.assert_array_equal(with_one.loss, without.loss)
