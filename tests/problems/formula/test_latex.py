"""The LaTeX of a formula: it shows what is computed, and the browser's KaTeX can typeset it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings

from prodigy_core.problems.formula.compile import parse
from prodigy_core.problems.formula.tokens import FUNCTIONS
from tests.problems.formula.samples import ANY

# The supported functions of KaTeX that we use: https://katex.org/docs/supported.html
COMMANDS = {
    *(r"\sin", r"\cos", r"\tan", r"\arcsin", r"\arccos", r"\arctan", r"\sinh", r"\cosh", r"\tanh", r"\exp", r"\ln", r"\log"),
    *(r"\max", r"\min", r"\sqrt", r"\frac", r"\left", r"\right", r"\cdot", r"\pi", r"\,"),
}


@pytest.mark.parametrize(
    "text, latex",
    [
        ("(1-x)**2 + 100*(y-x**2)**2", r"(1 - x)^{2} + 100\,(y - x^{2})^{2}"),
        ("x/2*y", r"\frac{x}{2}\,y"),
        ("x/(2*y)", r"\frac{x}{2\,y}"),
        ("((x))", "x"),
        ("x*2", r"x \cdot 2"),
        ("x*.5", r"x \cdot .5"),
        ("2*(x/3)", r"2 \cdot \frac{x}{3}"),
        ("2*pi*x", r"2\,\pi\,x"),
        ("(x+1)*(y+1)", r"(x + 1)\,(y + 1)"),
        ("x*(y*x)", r"x\,(y\,x)"),
        ("x - (y - 1)", "x - (y - 1)"),
        ("x + (y + 1)", "x + (y + 1)"),
        ("x - -y", "x - (-y)"),
        ("-(x+y)", "-(x + y)"),
        ("-(-x)", "-(-x)"),
        ("-x*y", r"-x\,y"),
        ("-(x*y)", r"-x\,y"),
        ("+x", "x"),
        ("(-x)**2", "(-x)^{2}"),
        ("(x*y)**2", r"(x\,y)^{2}"),
        ("(x/y)**2", r"\left(\frac{x}{y}\right)^{2}"),
        ("sin(x)**2", r"(\sin(x))^{2}"),
        ("sqrt(x)**2", r"\sqrt{x}^{2}"),
        ("abs(abs(x)+y)", r"\left|\left|x\right| + y\right|"),
        ("exp(-x/y)", r"\exp\left(\frac{-x}{y}\right)"),
        ("log(x) + ln(x)", r"\ln(x) + \ln(x)"),
        ("log2(x) + log10(x)", r"\log_{2}(x) + \log_{10}(x)"),
        ("max(x, y, 1)", r"\max(x, y, 1)"),
        ("asin(x)", r"\arcsin(x)"),
        ("x1**2 + x10", "x_{1}^{2} + x_{10}"),
        ("e**x", "e^{x}"),
        ("1e-3*x", r"1 \cdot 10^{-3}\,x"),
        ("x*1.5e3", r"x\,(1.5 \cdot 10^{3})"),
        ("x**1e1", r"x^{1 \cdot 10^{1}}"),
        ("1e1**x", r"(1 \cdot 10^{1})^{x}"),
    ],
)
def test_a_formula_is_typeset_as_one_would_write_it(text, latex):
    assert parse(text).latex == latex


def _check(latex: str) -> None:
    depth = 0
    for brace in re.findall("[{}]", latex):
        depth += 1 if brace == "{" else -1
        assert depth >= 0, latex
    assert depth == 0, latex
    assert latex.count(r"\left") == latex.count(r"\right"), latex
    assert latex.count("(") == latex.count(")"), latex
    assert set(re.findall(r"\\(?:[a-z]+|.)", latex)) <= COMMANDS, latex
    assert "$" not in latex
    assert not re.search(r"\^\{[^{}]*\}\^|\*|\*\*", latex), latex  # KaTeX refuses two exponents in a row


@given(text=ANY)
@settings(max_examples=200, deadline=None)
def test_every_formula_is_well_formed_latex(text):
    _check(parse(text).latex)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_typeset_with_a_command_that_katex_knows(name):
    text = f"{name}(x, y)" if FUNCTIONS[name][0] == 2 else f"{name}(x)"
    latex = parse(text).latex
    _check(latex)
    assert "x" in latex
    assert latex.startswith("\\")
    assert parse(f"{text}**2").latex != latex + "^{2}" or name in ("sqrt", "abs")
