"""Models whose best parameters are known: the loss must have its minimum there."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import optax
import pytest
from scipy.optimize import minimize  # type: ignore[import-untyped, unused-ignore]
from scipy.special import softmax  # type: ignore[import-untyped, unused-ignore]
from sklearn.linear_model import LogisticRegression

from prodigy_core.problems.models import factorisation, physics, tabular
from prodigy_core.problems.models import losses as typed_losses
from tests.problems.models.training import loss_and_metrics, model_of, penalised

# Any, since NumPy arrays and plain functions stand here where the annotations name JAX arrays and networks.
losses: Any = typed_losses
Linear: Any = tabular.Linear
Factors: Any = factorisation.Factors
residual: Any = physics.residual


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


def _loss_and_gradient(model, params):
    """Return the loss of all training examples and its gradient."""
    return jax.device_get(
        jax.jit(jax.value_and_grad(lambda p, b: model.learning.loss(p, b, model.settings)))(params, model.train)
    )


def test_logistic_loss_and_gradient_are_those_of_the_textbook():
    model, rng = model_of("logistic_regression", data="iris"), np.random.default_rng(0)
    x, y = model.train["inputs"], model.train["labels"]
    weight, bias = rng.normal(size=(4, 3)), rng.normal(size=3)
    probabilities = softmax(x @ weight + bias, axis=1)
    loss, gradient = _loss_and_gradient(model, Linear(weight, bias))
    assert loss == pytest.approx(-np.mean(np.log(probabilities[y == 1])), rel=1e-12)
    np.testing.assert_allclose(gradient.weight, x.T @ (probabilities - y) / len(x), atol=1e-12)
    np.testing.assert_allclose(gradient.bias, (probabilities - y).mean(axis=0), atol=1e-12)
    _, metrics = loss_and_metrics(model, Linear(weight, bias), model.train)
    assert metrics["accuracy"] == pytest.approx(np.mean(probabilities.argmax(1) == y.argmax(1)))


def test_logistic_optimum_is_that_of_scikit_learn():
    model = model_of("logistic_regression", data="wine", l2=0.05)
    x, labels = model.train["inputs"], model.train["labels"].argmax(1)
    shape = model.params.weight.shape

    def unravel(flat):
        return Linear(flat[:-3].reshape(shape), flat[-3:])

    loss = jax.jit(jax.value_and_grad(lambda flat: penalised(model.learning, unravel(flat), model.train, model.settings)))
    best = minimize(loss, np.zeros(shape[0] * 3 + 3), jac=True, method="L-BFGS-B", options={"ftol": 0.0, "gtol": 1e-9})
    theirs = LogisticRegression(C=1 / (0.05 * len(x)), tol=1e-10, max_iter=10_000).fit(x, labels)
    np.testing.assert_allclose(unravel(best.x).weight, theirs.coef_.T, atol=1e-4)
    differences = best.x[-3:] - best.x[-3:].mean(), theirs.intercept_ - theirs.intercept_.mean()  # softmax leaves one free
    np.testing.assert_allclose(*differences, atol=1e-4)


def test_least_squares_solves_the_linear_regression():
    model = model_of("linear_regression")
    x = np.column_stack([model.train["inputs"], np.ones(len(model.train["targets"]))])
    solution, (squares,), *_ = np.linalg.lstsq(x, model.train["targets"], rcond=None)
    loss, gradient = _loss_and_gradient(model, Linear(solution[:-1, None], solution[-1:]))
    assert loss == pytest.approx(squares / len(x), rel=1e-12)
    assert max(np.abs(leaf).max() for leaf in jax.tree.leaves(gradient)) < 1e-12


@pytest.mark.parametrize("frequency", [1.0, 2.5])
def test_the_exact_solution_fulfils_the_equation_and_another_does_not(frequency):
    points = np.linspace(0.05, 0.95, 19)

    def solution(inputs, activate):
        return physics.exact(inputs, frequency)

    def other(inputs, activate):
        return inputs**2

    zero, residuals = jax.jit(lambda at: [residual(function, at, frequency, None) for function in (solution, other)])(points)
    np.testing.assert_allclose(zero, 0, atol=1e-12)
    expected = 2 / (frequency * np.pi) ** 2 + np.sin(frequency * np.pi * points)
    np.testing.assert_allclose(residuals, expected, atol=1e-12)


def test_pinn_loss_is_residual_and_weighted_boundary():
    """The second derivative by differences; the boundary by its weight."""
    model = model_of("pinn", frequency=1.5, boundary_weight=3.0, activation="tanh")
    points, h = model.train["points"][:8], 1e-4

    def u(x):
        for layer in model.params.layers[:-1]:
            x = np.tanh(np.reshape(x, (len(x), -1)) @ layer.weight.T + layer.bias)
        return (x @ model.params.layers[-1].weight.T + model.params.layers[-1].bias)[:, 0]

    curvature = (u(points + h) - 2 * u(points) + u(points - h)) / h**2
    force = np.sin(1.5 * np.pi * points)
    left, right = u(np.array([0.0, 1.0])) - (0, -1)
    expected = np.mean((curvature / (1.5 * np.pi) ** 2 + force) ** 2) + 3 * (left**2 + right**2) / 2
    loss, metrics = loss_and_metrics(model, model.params, {"points": points})
    assert loss == pytest.approx(expected, rel=1e-6)
    error = np.linalg.norm(u(points) - force) / np.linalg.norm(force)
    assert metrics["relative_error"] == pytest.approx(error, rel=1e-10)


def test_true_factors_have_no_loss_and_no_error():
    model = model_of("matrix_factorisation", size=16, rank=4, fitted_rank=4)
    factors = Factors(*factorisation.truth(16, 4))
    for part in (model.train, model.validation):
        loss, metrics = loss_and_metrics(model, factors, part)
        assert loss < 1e-28
        assert metrics["relative_error"] < 1e-14


def test_factors_err_as_their_product_does():
    model = model_of("matrix_factorisation", size=8, rank=2, fitted_rank=3)
    product = model.params.left @ model.params.right.T
    errors = product[model.train["row"], model.train["column"]] - model.train["value"]
    loss, metrics = loss_and_metrics(model, model.params, model.train)
    assert loss == pytest.approx(np.mean(errors**2), rel=1e-12)
    relative = np.linalg.norm(errors) / np.linalg.norm(model.train["value"])
    assert metrics["relative_error"] == pytest.approx(relative, rel=1e-12)


def test_no_seed_starts_at_the_true_factors():
    first = model_of("matrix_factorisation")
    loss = jax.jit(lambda params, batch: first.learning.loss(params, batch, first.settings))
    for seed in range(20):
        model = model_of("matrix_factorisation", seed)
        assert loss(model.params, model.train) > 0.5, seed


def test_targets_that_are_all_alike_give_no_nan():
    flat = np.ones((4,))
    squared, relative = jax.jit(lambda flat: (losses.r_squared(flat, flat), losses.relative_error(0 * flat, 0 * flat)))(flat)
    assert squared == 1
    assert np.isfinite(relative)


def test_equal_logits_name_the_first_class():
    """At a start of 0 all logits are equal; counting every tie as right would show an accuracy of 1."""
    labels, tied, sure = np.eye(3), np.zeros((3, 3)), np.eye(3) * 2.0

    def judge(tied, sure, labels):
        theirs = optax.safe_softmax_cross_entropy(sure, labels).mean()
        ours = [losses.cross_entropy(logits, labels) for logits in (tied, sure)]
        return losses.accuracy(tied, labels), *ours, theirs

    accuracy, unknown, ours, theirs = jax.jit(judge)(tied, sure, labels)
    assert accuracy == pytest.approx(1 / 3)
    assert unknown == pytest.approx(np.log(3))
    assert ours == pytest.approx(theirs)
