"""Requirements on every function of the plane: it is the function of its name and has the minima that it claims.

A wrong sign in a formula, a minimum written down with a wrong digit, a forgotten second minimum or a gradient that is
NaN at a kink would each tell a user something false about an optimizer.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any, NamedTuple

import jax
import numpy as np
import pytest
from jaxtyping import Float
from scipy.optimize import minimize  # type: ignore[import-untyped, unused-ignore]

from prodigy_core.problems import PROBLEMS, Problem
from prodigy_core.problems.problem import Point
from tests.problems.chunks import in_chunks
from tests.problems.known_values import KNOWN_VALUES

PLANE = {name: problem for name, problem in PROBLEMS.items() if problem.family == "plane"}

GRID = 201  # points of the survey along each axis
CHUNK = 128  # points evaluated at once
POLISHED = 25  # local searches from the grid's best hollows
EPS = float(np.finfo(np.float64).eps)
# No formula adds terms above 1e3 near a minimiser or at a known point (Schwefel's 838 is the largest), and none rounds
# more than 64 times on the way; in a gradient the terms stay below 1e4 (Goldstein-Price, two factors of about 100).
VALUE_ROUNDING = 64 * EPS * 1e3
SLOPE_ROUNDING = 64 * EPS * 1e4


class Case(NamedTuple):
    """A problem at one choice of its settings."""

    problem: Problem
    settings: dict[str, float]


def _cases() -> list[Any]:
    """Return every problem at its defaults and, one setting after the other, at both ends of each slider."""
    cases = []
    for problem in PLANE.values():
        defaults: dict[str, float] = {param.name: param.default for param in problem.settings}  # type: ignore[misc]
        cases.append(pytest.param(Case(problem, defaults), id=problem.name))
        for param in problem.settings:
            for end in param.slider:
                case = Case(problem, {**defaults, param.name: end})
                cases.append(pytest.param(case, id=f"{problem.name}-{param.name}={end:g}"))
    return cases


every_plane = pytest.mark.parametrize("problem", [pytest.param(p, id=name) for name, p in PLANE.items()])
every_case = pytest.mark.parametrize("case", _cases())
bounded_case = pytest.mark.parametrize("case", [case for case in _cases() if case.values[0].problem.minimum is not None])
unbounded_case = pytest.mark.parametrize("case", [case for case in _cases() if case.values[0].problem.minimum is None])


@cache
def _compiled(name: str) -> Any:
    """Return the compiled function (points, settings) -> losses and gradients."""
    fn = PLANE[name].fn
    assert fn is not None
    return jax.jit(jax.vmap(jax.value_and_grad(fn), in_axes=(0, None)))


def _evaluate(case: Case, points: Any, dtype: Any = np.float64) -> tuple[Any, Any]:
    """Return the losses and gradients at one point of shape (2,) or at many of shape (n, 2), as JAX computes them."""
    settings = {name: np.asarray(value, dtype) for name, value in case.settings.items()}
    return in_chunks(_compiled(case.problem.name), np.asarray(points, dtype), settings, CHUNK)


def _surveyed(case: Case, dtype: Any = np.float64) -> tuple[Any, Any]:
    """Return the losses and gradients at all points of the survey."""
    return _evaluated(case.problem.name, tuple(case.settings.items()), dtype)


@cache
def _evaluated(name: str, settings: tuple[tuple[str, float], ...], dtype: Any) -> tuple[Any, Any]:
    return _evaluate(Case(PLANE[name], dict(settings)), _survey(PLANE[name]), dtype)


def _domain(problem: Problem) -> tuple[Point, Point]:
    assert problem.domain is not None
    return problem.domain


def _grid(problem: Problem) -> Float[np.ndarray, "n 2"]:
    """Return GRID x GRID points of the domain."""
    x, y = np.meshgrid(*(np.linspace(low, high, GRID) for low, high in _domain(problem)))
    return np.stack([x.ravel(), y.ravel()], axis=-1)


def _survey(problem: Problem) -> Float[np.ndarray, "n 2"]:
    """Return the grid and the points where a kink or a root may break: axes, diagonals, the minimisers, the start."""
    line, zero = np.linspace(-10, 10, 161), np.zeros(161)
    lines = [np.stack(pair, axis=-1) for pair in ((line, zero), (zero, line), (line, line), (line, -line))]
    low, high = np.array(_domain(problem)).T
    return np.concatenate([_grid(problem), np.clip(np.concatenate(lines), low, high), *_marked(problem)])


def _marked(problem: Problem) -> list[Float[np.ndarray, "1 2"]]:
    return [np.array([point]) for point in (problem.start, *problem.minimisers)]


def _written_to(coordinate: float) -> float:
    """Return the largest error of a written coordinate: 0 if nine decimals are exact, else that of ten significant digits."""
    return 0.0 if round(coordinate, 9) == coordinate else 5e-10 * abs(coordinate)


def _tolerances(case: Case, minimiser: tuple[float, float]) -> tuple[float, float]:
    """Return the tolerances of the value and of the gradient at a written minimiser.

    With e the error of the coordinates and L the largest curvature they are L e^2 / 2 and L e, plus the formula's rounding.
    """
    error = math.hypot(*(_written_to(c) for c in minimiser))
    step = 1e-5 * max(1.0, *map(abs, minimiser))
    sides = np.concatenate([np.array(minimiser) + step * np.eye(2), np.array(minimiser) - step * np.eye(2)])
    slopes = _evaluate(case, sides)[1]
    curvature = float(np.linalg.norm(slopes[:2] - slopes[2:], ord=2)) / (2 * step)
    return curvature * error**2 / 2 + VALUE_ROUNDING, curvature * error + SLOPE_ROUNDING


def _polished(case: Case) -> Float[np.ndarray, "n 3"]:
    """Return (x, y, loss) at the end of a local search, inside the domain, from each of the grid's best hollows."""
    loss = _surveyed(case)[0][: GRID**2].reshape(GRID, GRID)
    padded = np.pad(loss, 1, constant_values=np.inf)
    around = [padded[1 + i : 1 + i + GRID, 1 + j : 1 + j + GRID] for i in (-1, 0, 1) for j in (-1, 0, 1)]
    hollows = np.flatnonzero(loss <= np.min(around, axis=0))
    best = hollows[np.argsort(loss.ravel()[hollows], kind="stable")][:POLISHED]
    ends = []
    for start in _grid(case.problem)[best]:
        end = minimize(
            lambda point: _evaluate(case, point),
            start,
            jac=True,
            bounds=_domain(case.problem),
            method="L-BFGS-B",
            options={"ftol": 0.0, "gtol": 1e-12, "maxiter": 300},
        )
        ends.append([*end.x, end.fun])
    return np.array(ends)


def test_known_values_cover_the_catalogue() -> None:
    assert set(KNOWN_VALUES) == set(PLANE)


@every_plane
def test_formula_gives_the_known_values(problem: Problem) -> None:
    defaults: dict[str, Any] = {param.name: param.default for param in problem.settings}
    for known in KNOWN_VALUES[problem.name]:
        case = Case(problem, {**defaults, **known.settings})
        assert float(_evaluate(case, known.point)[0]) == pytest.approx(known.value, rel=64 * EPS, abs=VALUE_ROUNDING), known
    assert any(known.value != problem.minimum for known in KNOWN_VALUES[problem.name])


@bounded_case
def test_minimisers_have_the_minimum_and_no_slope(case: Case) -> None:
    assert case.problem.minimisers
    for minimiser in case.problem.minimisers:
        value_tolerance, slope_tolerance = _tolerances(case, minimiser)
        loss, gradient = _evaluate(case, minimiser)
        assert abs(loss - case.problem.minimum) <= value_tolerance, minimiser
        assert np.linalg.norm(gradient) <= slope_tolerance, minimiser


@bounded_case
def test_nothing_is_lower_and_no_minimiser_is_missing(case: Case) -> None:
    problem, ends = case.problem, _polished(case)
    assert problem.minimum is not None
    tolerance = max(_tolerances(case, minimiser)[0] for minimiser in problem.minimisers)
    lowest = min(_surveyed(case)[0].min(), ends[:, 2].min())
    assert lowest >= problem.minimum - tolerance

    # A search that ends within 1e-6 of the minimum lies within 0.03 of a minimiser even on the flat quartic, which is
    # just above 1 % of its window; two minimisers are nowhere closer than 13 %.
    width = np.ptp(np.array(_domain(problem)), axis=1)
    for x, y, _ in ends[ends[:, 2] <= problem.minimum + 1e-6]:
        away = np.abs(np.array(problem.minimisers) - (x, y)) / width
        assert away.max(axis=1).min() < 0.02, f"({x}, {y}) is a minimiser that is not listed"


@every_plane
def test_minimisers_are_distinct_and_inside(problem: Problem) -> None:
    low, high = np.array(_domain(problem)).T
    width = high - low
    assert (low < high).all()
    for i, minimiser in enumerate(problem.minimisers):
        assert (low <= minimiser).all()
        assert (minimiser <= high).all()
        for other in problem.minimisers[:i]:
            assert np.max(np.abs(np.subtract(minimiser, other)) / width) > 0.04


@every_case
def test_start_is_inside_and_leads_somewhere(case: Case) -> None:
    (left, right), (bottom, top) = _domain(case.problem)
    x, y = case.problem.start
    assert left <= x <= right
    assert bottom <= y <= top
    # Far below this the updates of a run are lost in the rounding of float32.
    assert np.linalg.norm(_evaluate(case, case.problem.start)[1]) > 1e-3


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@every_case
def test_losses_and_gradients_are_finite_in_the_dtype_asked_for(case: Case, dtype: Any) -> None:
    loss, gradient = _surveyed(case, dtype)
    assert loss.dtype == gradient.dtype == dtype
    assert np.isfinite(loss).all()
    assert np.isfinite(gradient).all()


@every_case
def test_landscape_can_be_drawn(case: Case) -> None:
    loss = _surveyed(case)[0][: GRID**2]
    assert loss.max() > loss.min()
    assert case.problem.levels == "linear" or case.problem.minimum is not None


@unbounded_case
def test_without_a_minimum_the_loss_falls_for_ever(case: Case) -> None:
    problem = case.problem
    lowest = _grid(problem)[np.argmin(_surveyed(case)[0][: GRID**2])]
    losses = _evaluate(case, np.outer((1, 10, 100, 1000), lowest))[0]
    assert problem.minimisers == ()
    assert (np.diff(losses) < 0).all()
