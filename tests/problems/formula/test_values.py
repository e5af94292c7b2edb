"""The values and slopes of a formula are those of its text, in the precision of the point."""

from __future__ import annotations

import math
import pickle
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prodigy_core.problems.formula.compile import parse
from prodigy_core.problems.formula.tokens import FUNCTIONS
from tests.compilations import compilations
from tests.problems.formula.samples import ANY, SMOOTH, python_value

COORDINATE = st.floats(-2, 2, allow_subnormal=False)


def _value(text: str, *point: float) -> float:
    with jax.enable_x64(True):
        value = parse(text)(jnp.asarray(point, jnp.float64))
        assert value.dtype == jnp.float64
        assert value.shape == ()
        return float(value)


def _slope(text: str, *point: float) -> list[float]:
    with jax.enable_x64(True):
        return [float(slope) for slope in jax.grad(parse(text))(jnp.asarray(point, jnp.float64))]


@given(text=ANY, x=COORDINATE, y=COORDINATE)
@settings(max_examples=150, deadline=None)
def test_the_value_is_what_python_computes(text, x, y):
    expected = python_value(text, np.float64(x), np.float64(y))
    assert _value(text, x, y) == pytest.approx(expected, rel=1e-11, abs=1e-11)


@given(text=SMOOTH, x=COORDINATE, y=COORDINATE)
@settings(max_examples=100, deadline=None)
def test_the_gradient_is_the_derivative_of_the_text(text, x, y):
    """Against the complex step, which has no rounding error: f'(x) = Im f(x + ih) / h (Squire & Trapp, 1998)."""
    step = 1e-30
    expected = [python_value(text, x + step * 1j, y).imag / step, np.imag(python_value(text, x, y + step * 1j)) / step]
    assert _slope(text, x, y) == pytest.approx(expected, rel=1e-9, abs=1e-9)


MEANINGS: dict[str, Any] = {
    "asin": math.asin,
    "acos": math.acos,
    "atan": math.atan,
    "abs": abs,
    "max": max,
    "min": min,
    "ln": math.log,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_the_one_it_is_named_after(name):
    """With variables, also its slope, and with constants, which are computed during parsing."""
    meaning = MEANINGS.get(name) or getattr(math, name)
    for x in (0.3, 0.9):
        if FUNCTIONS[name] == (1, 1):
            assert _value(f"{name}(x)", x, 0.0) == pytest.approx(meaning(x), rel=1e-14)
            assert _value(f"y + {name}({x})", x, 0.0) == pytest.approx(meaning(x), rel=1e-14)
            difference = (meaning(x + 1e-6) - meaning(x - 1e-6)) / 2e-6
            assert _slope(f"{name}(x)", x, 0.0) == pytest.approx([difference, 0.0], rel=1e-8)
        else:
            assert _value(f"{name}(x, y, 0.5)", x, 0.6) == meaning(x, 0.6, 0.5)
            assert _value(f"y + {name}(0.7, {x}, 0.5)", x, 0.0) == meaning(0.7, x, 0.5)


@pytest.mark.parametrize(
    "text, value",
    [
        ("-x**2", -9.0),
        ("(-x)**2", 9.0),
        ("2**-x", 0.125),
        ("x**2**3", 6561.0),
        ("(x**2)**3", 729.0),
        ("x - y - 1", 0.0),
        ("x - (y - 1)", 2.0),
        ("x/y/2", 0.75),
        ("x/y*2", 3.0),
        ("-x - -y", -1.0),
        ("2^x^y", 512.0),
        ("-x²", -9.0),
        ("2**y²", 16.0),
        ("x**2²", 81.0),
        ("6÷x·y", 4.0),
        ("+x", 3.0),
        ("x*-y", -6.0),
        ("max(x, y, 7)", 7.0),
        ("min(x, y, 7)", 2.0),
        ("0*x + 2*pi", 2 * math.pi),
        ("0*x + e", math.e),
        ("0*x + .5 + 5. + 1e-2 + 007", 12.51),
        ("0*x + sqrt(2)**2 - (1/3)*3", 1.0),
    ],
)
def test_precedence_is_that_of_python_and_mathematics(text, value):
    assert _value(text, 3.0, 2.0) == pytest.approx(value, rel=1e-15)


def test_numbered_variables_are_the_coordinates_in_their_order():
    assert _value("x1 + 10*x2 + 100*x3", 1.0, 2.0, 3.0) == 321.0
    assert _value("x10 - x2", *range(1, 11)) == 8.0
    assert _value("y", 1.0, 2.0) == 2.0


@pytest.mark.parametrize(
    "text, slope",
    [
        ("abs(x)", 0.0),
        ("sqrt(x)", 0.0),
        ("sqrt(x**2 + y**2)", 0.0),
        ("(x**2 + y**2)**0.5", 0.0),
        ("abs(x)**0.3", 0.0),
        ("x**0", 0.0),
        ("x**1", 1.0),
        ("x**2", 0.0),
        ("x**2.0 + x", 1.0),
        ("x**(3-1) + x", 1.0),
        ("x**3 + 2*x", 2.0),
        ("(x-x)**0 + x", 1.0),
        ("x**1.5", 0.0),
        ("x*sin(x)", 0.0),
    ],
)
def test_the_slope_is_finite_where_a_power_or_a_kink_has_its_zero(text, slope):
    """Many formulas have their minimum there: otherwise a run that reaches it would end with NaN."""
    assert _slope(text, 0.0, 0.0) == [slope, 0.0]


@pytest.mark.parametrize("exponent", [-100, -3, -1, 0, 1, 2, 3, 7, 100])
def test_a_whole_power_of_a_negative_number_has_its_value_and_slope(exponent):
    assert _value(f"x**{exponent}", -1.5, 0.0) == pytest.approx((-1.5) ** exponent, rel=1e-12)
    assert _slope(f"x**{exponent}", -1.5, 0.0) == pytest.approx([exponent * (-1.5) ** (exponent - 1), 0.0], rel=1e-12)


def test_other_powers_have_their_slopes_in_both_arguments():
    assert _slope("x**y", 2.0, 3.0) == pytest.approx([12.0, 8 * math.log(2)])
    assert _slope("x**0.3", 2.0, 3.0) == pytest.approx([0.3 * 2**-0.7, 0.0])
    assert _slope("x**-0.5", 4.0, 3.0) == pytest.approx([-0.5 * 4**-1.5, 0.0])
    assert _slope("2**x", 3.0, 0.0) == pytest.approx([8 * math.log(2), 0.0])


@pytest.mark.parametrize("text", ["(1-x)^2 + 100*(y-x^2)^2", "sin(3*x)*exp(-y^2) + tanh(x/y)"])
def test_first_and_second_derivatives_agree_with_differences_forwards_and_backwards(text):
    formula, point, step = parse(text), np.array([0.4, -1.3]), 1e-6
    both = jax.jacfwd, jax.jacrev

    def derivatives(point):
        return [first(formula)(point) for first in both], [second(first(formula))(point) for first in both for second in both]

    with jax.enable_x64(True):
        slopes, curvatures = jax.jit(derivatives)(point)
        around = np.concatenate([point + step * np.eye(2), point - step * np.eye(2)])
        values, tilts = jax.jit(jax.vmap(jax.value_and_grad(formula)))(around)
    values, tilts = np.asarray(values), np.asarray(tilts)
    for slope in slopes:
        np.testing.assert_allclose(slope, (values[:2] - values[2:]) / (2 * step), rtol=1e-7, atol=1e-7)
    for curvature in curvatures:
        np.testing.assert_allclose(curvature, (tilts[:2] - tilts[2:]) / (2 * step), rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("text", ["log(x)", "sqrt(x)", "x**0.5", "asin(x - 2)", "sqrt(log(x))", "max(sqrt(x), y)"])
def test_outside_its_domain_a_formula_is_not_a_number(text):
    """A wrong number would pass for a minimum; NaN is reported with the step where it came up."""
    assert math.isnan(_value(text, -1.0, 0.0))


@pytest.mark.parametrize("dtype", [jnp.float16, jnp.bfloat16, jnp.float32])
@pytest.mark.parametrize(
    "text",
    ["x", "x**2 + 0.1*y", "pi*x + e", "sqrt(x)*abs(y)", "max(x, 0.5)", "2**x + x**0.3 + x**y", "log2(x) + log10(y)", "x/3"],
)  # fmt: skip
def test_the_value_keeps_the_precision_of_the_point(text, dtype):
    """Otherwise a run in float32 would compute in float64 on one machine and compile again on another."""
    for wide in (False, True):
        with jax.enable_x64(wide):
            point = jnp.asarray([1.5, 2.0], dtype)
            assert jax.eval_shape(parse(text), point).dtype == dtype
            assert jax.eval_shape(jax.grad(parse(text)), point).dtype == dtype


@pytest.mark.parametrize("text", ["x*1e300", "x + 1e300", "max(x, 1e300)", "1e300**x", "x**2/1e300*1e300"])
def test_a_number_beyond_float32_is_infinite_there_and_warns_nobody(text):
    """Warnings are errors here: otherwise a server would fail, or fill its log."""
    value, slope = jax.value_and_grad(parse(text))(jnp.asarray([2.0, 1.0], jnp.float32))
    assert not math.isfinite(value)
    assert slope.dtype == jnp.float32
    assert math.isfinite(_value(text, 1.0, 1.0))


def test_a_formula_runs_compiled_and_over_many_points_at_once():
    formula = parse("(1-x)^2 + 100*(y-x^2)^2 + abs(x)")
    points = jnp.asarray([[1.0, 1.0], [0.0, 0.0], [-1.5, 2.0]])
    expected = [1.0, 1.0, 14.0]
    assert jax.vmap(formula)(points).tolist() == expected == jax.jit(jax.vmap(formula))(points).tolist()
    slopes = jax.jit(jax.vmap(jax.grad(formula)))(points)
    assert slopes.tolist() == [[1.0, 0.0], [-2.0, 0.0], [-156.0, -50.0]]


def test_a_formula_read_twice_compiles_once():
    """Streamlit reads the text again at every click."""
    run = jax.jit(lambda formula, point: formula(point), static_argnums=0)
    point = jnp.asarray([3.0, 2.0])
    assert run(parse("x + y*y"), point) == 7.0
    with compilations() as compiled:
        assert run(parse("x+y * y"), point) == 7.0
    assert not compiled
    assert run(parse("x - y*y"), point) == -1.0


def test_a_formula_survives_the_way_to_a_worker():
    formula = pickle.loads(pickle.dumps(parse("x1^2 + sin(x3)")))
    assert formula == parse("x1**2 + sin(x3)")
    assert formula(jnp.asarray([2.0, 1.0, 0.0])) == 4.0


def test_a_point_of_another_dimension_is_refused():
    """An array that is too long would otherwise lose its last coordinates in silence."""
    for point in ([1.0], [1.0, 2.0, 3.0]):
        with pytest.raises(ValueError, match="zip"):
            parse("x + y")(jnp.asarray(point))
