"""A person's own formula, such as (1 - x)**2 + 100*(y - x**2)**2: its values and its LaTeX.

`tokens` and `grammar` turn the text into a tree; here every operation gets its meaning on numbers, on traced arrays and
in LaTeX. No part of the text is ever run as code.

A part without variables is computed during parsing, in float64, so that a division by zero or an overflow is reported with
its place in the text. A new function is an entry in `tokens.FUNCTIONS` and one in `OPERATIONS`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from prodigy_core.problems.formula.grammar import Node, parse_text
from prodigy_core.problems.formula.tokens import FormulaError
from prodigy_core.problems.kinks import absolute, root

__all__ = ["Formula", "FormulaError", "parse"]

EXPONENT = 100  # the largest constant exponent: x**100 already spans all of float64 between 0.001 and 1000


def _square_root(number: Float[Array, ""]) -> Float[Array, ""]:
    """The square root; NaN below 0, where `root` alone would return 0, and for NaN."""
    return jnp.where(number >= 0, root(number), jnp.nan)


def _power(base: Float[Array, ""] | float, exponent: Float[Array, ""] | float) -> Float[Array, ""]:
    """Return base ** exponent; for a positive constant exponent the slope at base 0 is 0 or exact, never infinite or NaN."""
    if not isinstance(exponent, float):
        return jnp.power(base, exponent)
    if exponent.is_integer():
        return jnp.power(base, int(exponent))  # repeated multiplication: exact slopes at 0 and below
    if exponent < 0:
        return jnp.power(base, exponent)
    at_zero = base == 0
    # The inner `where` keeps the infinite slope out of the unused branch, where 0 * inf would make it NaN.
    return jnp.where(at_zero, 0, jnp.power(jnp.where(at_zero, 1, base), exponent))


class Operation(NamedTuple):
    """The meaning of a symbol: on float64 numbers, on arrays of which at least one is traced, and its name in LaTeX."""

    numbers: Callable[..., float]
    arrays: Callable[..., Any]
    latex: str = ""


OPERATIONS: Mapping[str, Operation] = {
    "+": Operation(np.add, jnp.add),
    "-": Operation(np.subtract, jnp.subtract),
    "*": Operation(np.multiply, jnp.multiply),
    "/": Operation(np.divide, jnp.divide),
    "**": Operation(np.power, _power),
    "negate": Operation(np.negative, jnp.negative),
    "sin": Operation(np.sin, jnp.sin, r"\sin"),
    "cos": Operation(np.cos, jnp.cos, r"\cos"),
    "tan": Operation(np.tan, jnp.tan, r"\tan"),
    "asin": Operation(np.arcsin, jnp.arcsin, r"\arcsin"),
    "acos": Operation(np.arccos, jnp.arccos, r"\arccos"),
    "atan": Operation(np.arctan, jnp.arctan, r"\arctan"),
    "sinh": Operation(np.sinh, jnp.sinh, r"\sinh"),
    "cosh": Operation(np.cosh, jnp.cosh, r"\cosh"),
    "tanh": Operation(np.tanh, jnp.tanh, r"\tanh"),
    "exp": Operation(np.exp, jnp.exp, r"\exp"),
    "log": Operation(np.log, jnp.log, r"\ln"),  # the natural one, as in every programming language
    "ln": Operation(np.log, jnp.log, r"\ln"),
    "log2": Operation(np.log2, jnp.log2, r"\log_{2}"),
    "log10": Operation(np.log10, jnp.log10, r"\log_{10}"),
    "sqrt": Operation(np.sqrt, _square_root),
    "abs": Operation(np.abs, absolute),
    "max": Operation(max, lambda *arrays: reduce(jnp.maximum, arrays), r"\max"),
    "min": Operation(min, lambda *arrays: reduce(jnp.minimum, arrays), r"\min"),
}


@dataclass(frozen=True)
class Formula:
    """A function of two to ten variables, built by `parse`. Formulas of the same canonical text are equal.

    It is hashable, so that it can be a static argument of `jax.jit`, and it can be pickled.

    Attributes:
      text: canonical, in Python's spelling; parsed again, it gives the same formula.
      variables: ("x", "y"), or ("x1", ..., "xn") with n from 2 to 10.
      latex: the formula typeset, without dollar signs.
      tree: the root of its nodes.
    """

    text: str
    variables: tuple[str, ...] = field(compare=False)
    latex: str = field(compare=False)
    tree: Node = field(compare=False, repr=False)

    def __call__(self, point: Float[Array, " dim"]) -> Float[Array, ""]:
        """Return the value at a point with one coordinate per variable, in its dtype. Traceable and differentiable.

        The value is NaN where the formula is undefined, such as at the logarithm of a negative number. The slope at the kink
        of abs, sqrt and fractional powers is 0.

        Raises:
          ValueError: the number of coordinates is not that of the variables.
        """
        coordinates = dict(zip(self.variables, point, strict=True))
        with np.errstate(over="ignore"):  # a number beyond float32 is infinite there, and the run shows it
            value: Float[Array, ""] = _value(self.tree, coordinates)
        return value


def parse(text: str) -> Formula:
    """Return the formula of a text.

    Raises:
      FormulaError: the text is no formula, or one beyond the limits. No text raises anything else.
    """
    canonical, variables, tree = parse_text(text)
    folded = _fold(tree, text)
    if not variables:
        raise FormulaError(text, "a constant has nothing to minimise; use x and y, or x1, x2, ...", 0, len(text))
    return Formula(canonical, variables, _latex(tree)[0], folded)


def _fold(node: Node, text: str) -> Node:
    """Return the node with the values of all parts that have no variable.

    Raises:
      FormulaError: such a part has no finite value, a divisor is 0, or an exponent is too large.
    """
    if not node.arguments:
        return node
    arguments = tuple(_fold(argument, text) for argument in node.arguments)
    last = arguments[-1]
    if node.symbol == "/" and last.number == 0:
        raise FormulaError(text, "this divisor is 0; nothing can be divided by it", last.start, last.end)
    if node.symbol == "**" and last.number is not None and abs(last.number) > EXPONENT:
        message = f"the exponent is {last.number:g}; it must be from -{EXPONENT} to {EXPONENT}"
        raise FormulaError(text, message, last.start, last.end)
    numbers = [argument.number for argument in arguments if argument.number is not None]
    if len(numbers) < len(arguments):
        return replace(node, arguments=arguments)
    with np.errstate(all="ignore"):
        number = float(OPERATIONS[node.symbol].numbers(*numbers))
    if not math.isfinite(number):
        value = "is no real number" if math.isnan(number) else f"is {number:g}"
        raise FormulaError(text, f"the value of this part {value}; it must be finite", node.start, node.end)
    return replace(node, arguments=arguments, number=number)


def _value(node: Node, coordinates: Mapping[str, Float[Array, ""]]) -> Any:
    """Return the value of a part: an array, or a Python float without variables, which takes the dtype of its neighbour."""
    if node.number is not None:
        return node.number
    if not node.arguments:
        return coordinates[node.symbol]
    return OPERATIONS[node.symbol].arrays(*[_value(argument, coordinates) for argument in node.arguments])


# How tightly a typeset part binds; a looser one needs brackets in a place for a tighter one.
SUM, NEGATIVE, PRODUCT, POWER, ATOM = range(5)


def _latex(node: Node) -> tuple[str, int]:
    """Return the LaTeX of a part, and how tightly it binds."""
    parts = [_latex(argument) for argument in node.arguments]
    match node.symbol, parts:
        case symbol, []:
            return _latex_leaf(symbol)
        case "+" | "-" as sign, [left, right]:
            return f"{left[0]} {sign} {_bracketed(right, PRODUCT)}", SUM
        case "negate", [only]:
            return f"-{_bracketed(only, PRODUCT)}", NEGATIVE
        case "*", [left, right]:
            first, second = _bracketed(left, NEGATIVE), _bracketed(right, POWER)
            # A thin space before a digit or a fraction would read as one number: 2 3, 1 1/2.
            times = r" \cdot " if second.startswith((*"0123456789.", r"\frac")) else r"\,"
            return first + times + second, PRODUCT
        case "/", [over, under]:
            return rf"\frac{{{over[0]}}}{{{under[0]}}}", POWER
        case "**", [base, exponent]:
            return f"{_bracketed(base, ATOM)}^{{{exponent[0]}}}", POWER
        case "sqrt", [only]:
            return rf"\sqrt{{{only[0]}}}", ATOM
        case "abs", [only]:
            return rf"\left|{only[0]}\right|", ATOM
    return OPERATIONS[node.symbol].latex + _in_brackets(", ".join(latex for latex, _ in parts)), POWER


def _latex_leaf(symbol: str) -> tuple[str, int]:
    if symbol == "pi":
        return r"\pi", ATOM
    if symbol[0] == "x" and symbol[1:]:
        return f"x_{{{symbol[1:]}}}", ATOM
    mantissa, _, exponent = symbol.partition("e") if symbol != "e" else (symbol, "", "")
    return (rf"{mantissa} \cdot 10^{{{int(exponent)}}}", PRODUCT) if exponent else (mantissa, ATOM)


def _bracketed(part: tuple[str, int], loosest: int) -> str:
    latex, tightness = part
    return latex if tightness >= loosest else _in_brackets(latex)


def _in_brackets(latex: str) -> str:
    """Return the LaTeX in round brackets, tall ones around a fraction, a root or tall brackets."""
    return rf"\left({latex}\right)" if r"\frac" in latex or r"\left" in latex or r"\sqrt" in latex else f"({latex})"
