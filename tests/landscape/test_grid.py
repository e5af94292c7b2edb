"""The landscape under the paths of a function of the plane."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from prodigy_core.landscape.grid import landscape
from prodigy_core.problems import PROBLEMS
from prodigy_core.problems.formula.grammar import EXAMPLE
from tests.compilations import compilations


@pytest.mark.parametrize(
    "problem, settings", [("rosenbrock", {"b": 7.0}), ("rotated_quadratic", {"condition": 9.0, "angle": 20.0})]
)
def test_the_landscape_has_the_loss_at_every_point_and_x_runs_across(problem, settings):
    """Turned or mirrored, the landscape would lie beside the paths instead of under them."""
    ground = landscape(problem, settings, ((-2.0, 1.0), (0.5, 3.0)), points=7)
    assert (ground.x[0], ground.x[-1], ground.y[0], ground.y[-1]) == (-2.0, 1.0, 0.5, 3.0)
    assert ground.loss.shape == (7, 7)
    function = PROBLEMS[problem].fn
    assert function is not None
    with jax.enable_x64(True):
        for i, y in enumerate(ground.y):
            for j, x in enumerate(ground.x):
                value = float(function(jnp.asarray([x, y]), settings))
                assert ground.loss[i, j] == pytest.approx(value, rel=1e-12, abs=1e-12)


def test_a_landscape_of_another_window_or_setting_compiles_nothing():
    landscape("booth", {}, ((-1, 1), (-1, 1)), points=9)
    landscape("rosenbrock", {"b": 100.0}, ((-1, 1), (-1, 1)), points=9)
    with compilations() as compiled:
        landscape("booth", {}, ((-3, 2), (-1.5, 7)), points=9)
        landscape("rosenbrock", {"b": 5.0}, ((-1, 1), (-1, 2)), points=9)
    assert not compiled


def test_the_landscape_of_a_formula_is_that_of_its_text():
    """Otherwise the hills of one formula would lie under the path of another."""
    window = ((-2.0, 1.0), (0.5, 3.0))
    ground = landscape("formula", {}, window, formula="x**2 - 3*y", points=5)
    np.testing.assert_allclose(ground.loss, ground.x[None, :] ** 2 - 3 * ground.y[:, None])
    other = landscape("formula", {}, window, formula="x*y", points=5)
    np.testing.assert_allclose(other.loss, ground.x[None, :] * ground.y[:, None])
    example, known = landscape("formula", {}, window, points=5), landscape("rosenbrock", {"b": 100.0}, window, points=5)
    assert EXAMPLE == "(1 - x)**2 + 100*(y - x**2)**2"
    np.testing.assert_allclose(example.loss, known.loss)


def test_a_formula_that_has_no_value_somewhere_leaves_a_hole_there():
    ground = landscape("formula", {}, ((-1.0, 1.0), (0.0, 1.0)), formula="log(x) + y", points=5)
    assert not np.isfinite(ground.loss[:, :2]).any()
    assert np.isfinite(ground.loss[:, 3:]).all()
