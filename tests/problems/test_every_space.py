"""Requirements on every function of many variables: it is the function of its name in any dimension up to 10,000.

A sum that forgets its last term, an index that is off by one or a gradient that is NaN in float32 would not be seen in
two dimensions, nor in any picture.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import minimize  # type: ignore[import-untyped, unused-ignore]

from prodigy_core.problems import PROBLEMS, Problem
from prodigy_core.problems.space import SPACE
from prodigy_core.prodigy import prodigy
from tests.problems.spaces import SPACES, START, run, space, variants

LARGEST = 10_000
FLAT_LOSS = 1e-10  # loss below which a search has arrived

every_space = pytest.mark.parametrize("problem", [pytest.param(p, id=p.name) for p in SPACE])
every_variant = pytest.mark.parametrize(
    "name, changes",
    [
        pytest.param(p.name, changes, id="-".join([p.name, *(f"{k}={v}" for k, v in changes.items())]))
        for p in SPACE
        for changes in variants(p)
    ],
)


def _spectrum(n: int, kind: Any, condition: float) -> list[float]:
    return {
        "geometric": [condition ** (i / (n - 1)) for i in range(n)],
        "linear": [1 + (condition - 1) * i / (n - 1) for i in range(n)],
        "clusters": [1.0 if i < n // 2 else condition for i in range(n)],
        "outlier": [1.0] * (n - 1) + [condition],
    }[kind]


def _cosines(x: list[float]) -> list[float]:
    """Return the cosine transform of x under signs: minus where the index has an odd number of pairs 11 in binary."""
    n = len(x)
    signs = [(-1) ** sum(i >> shift & 3 == 3 for shift in range(20)) for i in range(n)]
    return [
        math.sqrt((2 if k else 1) / n) * sum(signs[i] * x[i] * math.cos(math.pi * k * (2 * i + 1) / (2 * n)) for i in range(n))
        for k in range(n)
    ]


def _quadratic(x: list[float], s: Any) -> float:
    u = _cosines(x) if s["rotated"] else x
    curvatures = _spectrum(len(x), s["spectrum"], s["condition"])
    return sum(curvature * c**2 for curvature, c in zip(curvatures, u, strict=True)) / 2


def _chain(x: list[float], s: Any) -> float:
    total = (x[0] - 1) ** 2
    for i in range(len(x) - 1):
        total += (x[i + 1] - x[i]) ** 2
    return total / 2


def _layers(x: list[float], s: Any) -> float:
    scales = [1.0 if i + 1 <= len(x) / 2 else s["ratio"] for i in range(len(x))]
    return sum(math.sqrt(1 + (scale * c) ** 2) - 1 for scale, c in zip(scales, x, strict=True))


def _rosenbrock(x: list[float], s: Any) -> float:
    return sum(((1 - a) ** 2 + s["b"] * (b - a**2) ** 2 for a, b in itertools.pairwise(x)), start=0.0)


def _ackley(x: list[float], s: Any) -> float:
    n = len(x)
    distance = math.sqrt(sum(c**2 for c in x) / n)
    return -20 * math.exp(-0.2 * distance) - math.exp(sum(math.cos(2 * math.pi * c) for c in x) / n) + 20 + math.e


def _griewank(x: list[float], s: Any) -> float:
    product = math.prod(math.cos(c / math.sqrt(i)) for i, c in enumerate(x, start=1))
    return 1 + sum(c**2 for c in x) / 4000 - product


def _levy(x: list[float], s: Any) -> float:
    w = [1 + (c - 1) / 4 for c in x]
    total = math.sin(math.pi * w[0]) ** 2
    for c in w[:-1]:
        total += (c - 1) ** 2 * (1 + 10 * math.sin(math.pi * c + 1) ** 2)
    return total + (w[-1] - 1) ** 2 * (1 + math.sin(2 * math.pi * w[-1]) ** 2)


# The literature's formulas a second time, in loops, independent of the catalogue.
WRITTEN_OUT: dict[str, Callable[[list[float], Any], float]] = {
    "sum_of_squares_at_3": lambda x, s: sum((c - 3) ** 2 for c in x),
    "quadratic_nd": _quadratic,
    "spring_chain": _chain,
    "unequal_layers": _layers,
    "absolute_sum_nd": lambda x, s: sum(abs(c) for c in x),
    "max_norm_nd": lambda x, s: max(abs(c) for c in x),
    "rosenbrock_nd": _rosenbrock,
    "rastrigin_nd": lambda x, s: 10 * len(x) + sum(c**2 - 10 * math.cos(2 * math.pi * c) for c in x),
    "ackley_nd": _ackley,
    "styblinski_tang_nd": lambda x, s: sum((c**4 - 16 * c**2 + 5 * c) / 2 + 39.16616570377142 for c in x),
    "griewank_nd": _griewank,
    "levy_nd": _levy,
}

# (name, settings) in two dimensions, the same function of the plane with its settings, and a constant added to it.
TWINS: list[tuple[str, dict[str, Any], str, dict[str, float], float]] = [
    ("sum_of_squares_at_3", {}, "shifted_sphere", {}, 0.0),
    ("quadratic_nd", {"condition": 7.0}, "ill_conditioned_quadratic", {"condition": 7.0}, 0.0),
    ("quadratic_nd", {"condition": 7.0, "rotated": True}, "rotated_quadratic", {"condition": 7.0, "angle": 45.0}, 0.0),
    ("absolute_sum_nd", {}, "absolute_sum", {}, 0.0),
    ("max_norm_nd", {}, "max_norm", {}, 0.0),
    ("rosenbrock_nd", {"b": 13.0}, "rosenbrock", {"b": 13.0}, 0.0),
    ("rastrigin_nd", {}, "rastrigin", {}, 0.0),
    ("ackley_nd", {}, "ackley", {}, 0.0),
    ("styblinski_tang_nd", {}, "styblinski_tang", {}, 2 * 39.16616570377142),
    ("griewank_nd", {}, "griewank", {}, 0.0),
    ("levy_nd", {}, "levy", {}, 0.0),
]


def test_the_tables_cover_the_family() -> None:
    assert set(WRITTEN_OUT) == set(SPACES)
    planes = {name for name, problem in PROBLEMS.items() if problem.family == "plane"}
    assert {name for name in SPACES if name.removesuffix("_nd") in planes} <= {twin[0] for twin in TWINS}


@every_variant
@pytest.mark.parametrize("dimension", [2, 5])
def test_the_loss_is_the_formula_written_out(name: str, changes: dict[str, Any], dimension: int) -> None:
    instance = space(name, dimension=dimension, **changes)
    points = np.random.default_rng(dimension).uniform(-5, 5, (20, dimension))
    expected = [WRITTEN_OUT[name](list(map(float, point)), instance.settings) for point in points]
    np.testing.assert_allclose(instance.evaluate(points)[0], expected, rtol=1e-12)


@pytest.mark.parametrize("name, changes, plane, settings, shift", TWINS)
def test_two_dimensions_are_the_plane(
    name: str, changes: dict[str, Any], plane: str, settings: dict[str, float], shift: float
) -> None:
    points = np.random.default_rng(0).uniform(-5, 5, (50, 2))
    fn = PROBLEMS[plane].fn
    assert fn is not None
    with jax.enable_x64(True):
        twin = np.asarray(jax.jit(jax.vmap(lambda point: fn(point, settings)))(points))
    np.testing.assert_allclose(space(name, dimension=2, **changes).evaluate(points)[0], twin + shift, rtol=1e-11)


@pytest.mark.parametrize("dtype, dimension", [(np.float32, 2), (np.float64, 5), (np.float32, LARGEST), (np.float64, LARGEST)])
@every_variant
def test_the_solution_has_no_loss_and_no_slope(name: str, changes: dict[str, Any], dimension: int, dtype: Any) -> None:
    """Exactly 0: no terms of a formula cancel there, so that a small loss is not rounding."""
    instance = space(name, dimension=dimension, **changes)
    loss, gradient = instance.evaluate(instance.solution(), dtype)
    assert instance.problem.minimum == 0
    assert loss == 0
    assert not gradient.any()


@pytest.mark.parametrize("dtype, dimension", [(np.float32, 2), (np.float64, 5), (np.float32, LARGEST), (jnp.bfloat16, LARGEST)])
@every_variant
def test_the_start_leads_somewhere_in_the_dtype_asked_for(
    name: str, changes: dict[str, Any], dimension: int, dtype: Any
) -> None:
    for spread in (0.0, 1.0):
        instance = space(name, dimension=dimension, start_spread=spread, **changes)
        loss, gradient = instance.evaluate(instance.start(), dtype)
        assert loss.dtype == gradient.dtype == dtype
        assert np.isfinite(loss)
        assert np.isfinite(gradient.astype(np.float64)).all()
        assert loss > 0
        # An Adam step divides by the root of the squares, which must stay inside float32.
        assert 1e-8 < np.abs(gradient.astype(np.float64)).max() < 1e18


@every_variant
def test_float32_agrees_with_float64_in_the_largest_dimension(name: str, changes: dict[str, Any]) -> None:
    instance = space(name, dimension=LARGEST, start_spread=1.0, **changes)
    for point in (instance.start(), instance.solution() + 0.01 * np.random.default_rng(0).uniform(-1, 1, LARGEST)):
        atol = 1e-4 if name == "griewank_nd" else 0  # 1 - product is the one that cancels
        np.testing.assert_allclose(instance.evaluate(point, np.float32)[0], instance.evaluate(point)[0], rtol=1e-3, atol=atol)


@every_space
@pytest.mark.parametrize("dimension", [2, 5])
def test_nothing_is_lower_and_no_minimiser_is_missing(problem: Problem, dimension: int) -> None:
    instance = space(problem.name, dimension=dimension)
    points = np.random.default_rng(1).uniform(-10, 10, (5000, dimension))
    loss = instance.evaluate(points)[0]
    assert loss.min() >= 0
    for start in (*points[np.argsort(loss)[:2]], instance.solution() + 0.05):
        end = minimize(
            instance.evaluate, start, jac=True, method="L-BFGS-B", options={"ftol": 0.0, "gtol": 1e-12, "maxfun": 100}
        )
        assert end.fun >= 0
        if end.fun < FLAT_LOSS:
            np.testing.assert_allclose(end.x, instance.solution(), atol=1e-4)


@every_space
def test_prodigy_lowers_the_loss_untouched(problem: Problem) -> None:
    instance = space(problem.name)
    with jax.enable_x64(True):
        losses = run(instance.function, instance.start(), prodigy(), 500).loss
    first = WRITTEN_OUT[problem.name](list(map(float, instance.start())), instance.settings)
    assert np.isfinite(losses).all()
    assert losses.min() < 0.8 * first


@every_space
def test_all_have_the_same_settings_of_the_start(problem: Problem) -> None:
    settings = {param.name: param for param in problem.settings}
    dimension, at, spread = (settings[name] for name in START)
    assert (dimension.kind, dimension.static, dimension.scale) == ("int", True, "log")
    assert (dimension.low, dimension.high, dimension.default) == (2, LARGEST, 100)
    assert (at.kind, at.static, at.low, at.high) == ("float", False, -1e6, 1e6)
    assert (spread.kind, spread.static, spread.low, spread.default) == ("float", False, 0.0, 0.0)
    assert problem.family == "space"
    assert problem.start == ()
    assert problem.domain is None
    assert problem.solution is not None
    assert at.slider[0] <= problem.solution <= at.slider[1]
    assert isinstance(at.default, float)
    assert at.default != problem.solution


@pytest.mark.parametrize("rotated", [False, True])
@pytest.mark.parametrize("spectrum", ["geometric", "linear", "clusters", "outlier"])
def test_the_curvatures_of_the_quadratic_are_those_chosen(spectrum: str, rotated: bool) -> None:
    instance = space("quadratic_nd", dimension=33, spectrum=spectrum, rotated=rotated)
    hessian = instance.evaluate(np.eye(33))[1]  # the gradient at a unit vector is a column
    np.testing.assert_allclose(np.linalg.eigvalsh(hessian), _spectrum(33, spectrum, 100.0), rtol=1e-11)
    diagonal = np.diag(hessian)
    if rotated:  # the axes are no eigenvectors: a step size per coordinate can correct little
        assert diagonal.max() < 10 * diagonal.min()
    else:
        np.testing.assert_array_equal(hessian, np.diag(diagonal))


def test_a_start_of_equal_coordinates_has_a_part_along_nearly_every_eigenvector() -> None:
    """Otherwise the rotated quadratic would be one-dimensional for everyone who leaves the spread of the start at 0."""
    instance = space("quadratic_nd", spectrum="linear", rotated=True)
    hessian = instance.evaluate(np.eye(100))[1]
    parts = np.abs(np.linalg.eigh(hessian).eigenvectors.T @ instance.start())
    assert np.mean(parts > 0.1) > 0.8
    assert parts.max() < 3  # of a length of 10
