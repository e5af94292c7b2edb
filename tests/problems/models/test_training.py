"""Prodigy with its default hyperparameters trains every model at its defaults, as the page promises before anybody changes one.

The bounds leave room below what three seeds reach, since the last steps of a run at a constant step size are noisy; only of the
transformer some seeds end lower than the one that is run.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import optax
import pytest
from sklearn.linear_model import LinearRegression

from tests.problems.models.training import BY_NAME, Trained, model_of, train


def _usual(name: str, **changes: Any) -> Trained:
    model = model_of(name, **changes)
    trained = train(model, int(str(BY_NAME[name].usual["steps"])))
    assert np.isfinite(trained.losses).all()
    return trained


@pytest.mark.parametrize(
    "name, data, bound",
    [
        ("logistic_regression", "breast_cancer", 0.95),
        ("logistic_regression", "wine", 0.95),
        ("mlp", "digits", 0.95),
        ("mlp", "breast_cancer", 0.93),
        ("mlp", "wine", 0.95),
        ("mlp", "moons", 0.95),
        ("mlp", "spirals", 0.95),
    ],
)
def test_tables_are_classified(name, data, bound):
    trained = _usual(name, data=data)
    assert trained.validation["accuracy"] > bound
    assert trained.train["accuracy"] > 0.96
    assert trained.losses[-20:].mean() < trained.losses[0] / 4


@pytest.mark.parametrize("data, bound", [("moons", 0.9), ("spirals", 0.75)])
def test_classes_that_no_line_separates_are_not_learnt_by_a_linear_model(data, bound):
    """Otherwise the two data sets would not show what a hidden layer is for."""
    assert _usual("logistic_regression", data=data).validation["accuracy"] < bound


def test_digits_are_read_by_the_convolutional_network():
    assert _usual("cnn").validation["accuracy"] > 0.95


def test_linear_regression_is_as_good_as_least_squares():
    trained, model = _usual("linear_regression"), model_of("linear_regression")
    best = LinearRegression().fit(model.train["inputs"], model.train["targets"])
    for judged, part in ((trained.train, model.train), (trained.validation, model.validation)):
        assert judged["r2"] == pytest.approx(best.score(part["inputs"], part["targets"]), abs=0.04)


def test_sums_never_seen_are_right():
    trained = _usual("transformer")
    assert trained.train["accuracy"] > 0.97
    assert trained.validation["accuracy"] > 0.9  # to guess gives 1 in 31


def test_digits_pass_through_a_code_of_eight_numbers_better_than_a_linear_one():
    model, trained = model_of("autoencoder"), _usual("autoencoder")
    mean = model.train["inputs"].mean(axis=0)
    axes = np.linalg.svd(model.train["inputs"] - mean, full_matrices=False)[2][:8]
    centred = model.validation["inputs"] - mean
    linear = 1 - np.sum((centred - centred @ axes.T @ axes) ** 2) / np.sum(centred**2)
    assert trained.validation["explained_variance"] > linear + 0.03


def test_the_equation_is_solved():
    assert _usual("pinn").validation["relative_error"] < 0.1


def test_entries_never_seen_are_recovered():
    assert _usual("matrix_factorisation").validation["relative_error"] < 0.02


def test_wrong_labels_and_a_penalty_are_felt():
    """The two settings that act in the loss and not in the network."""
    noisy = _usual("logistic_regression", label_noise=0.4)
    assert noisy.train["accuracy"] < 0.85
    small, large = (_usual("logistic_regression", l2=l2).params.weight for l2 in (0.0, 0.1))
    assert np.linalg.norm(large) < np.linalg.norm(small) / 2


def test_adam_trains_the_same_models():
    for name in ("mlp", "cnn"):
        assert train(model_of(name), 300, optax.adam(3e-3)).validation["accuracy"] > 0.93
