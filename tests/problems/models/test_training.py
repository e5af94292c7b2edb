"""Prodigy with its default knobs trains every model at its defaults, as the page promises before anybody turns a knob.

The bounds leave room below what three seeds reach, since the last steps of a run at a constant step size are noisy; only of the
transformer some seeds end lower than the one that is run.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import optax
import pytest
from sklearn.linear_model import LinearRegression

from tests.problems.models.training import ENTRIES, Trained, model, train


def _usual(name: str, **changes: Any) -> Trained:
    found = model(name, **changes)
    trained = train(found, int(str(ENTRIES[name].usual["steps"])))
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
def test_what_a_straight_line_cannot_part_is_not_learnt_by_one(data, bound):
    """Else the two data sets would not show what a hidden layer is for."""
    assert _usual("logistic_regression", data=data).validation["accuracy"] < bound


def test_digits_are_read_by_the_convolutional_network():
    assert _usual("cnn").validation["accuracy"] > 0.95


def test_linear_regression_is_as_good_as_least_squares():
    trained, found = _usual("linear_regression"), model("linear_regression")
    best = LinearRegression().fit(found.train["inputs"], found.train["targets"])
    for judged, part in ((trained.train, found.train), (trained.validation, found.validation)):
        assert judged["r2"] == pytest.approx(best.score(part["inputs"], part["targets"]), abs=0.04)


def test_sums_never_seen_are_right():
    trained = _usual("transformer")
    assert trained.train["accuracy"] > 0.97
    assert trained.validation["accuracy"] > 0.9  # to guess gives 1 in 31


def test_digits_pass_through_a_code_of_eight_numbers_better_than_a_linear_one():
    found, trained = model("autoencoder"), _usual("autoencoder")
    mean = found.train["inputs"].mean(axis=0)
    axes = np.linalg.svd(found.train["inputs"] - mean, full_matrices=False)[2][:8]
    centred = found.validation["inputs"] - mean
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
        assert train(model(name), 300, optax.adam(3e-3)).validation["accuracy"] > 0.93
