"""Texts that are formulas, their variables, and texts that are the same formula."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings

from prodigy_core.problems.formula.compile import Formula, FormulaError, parse
from prodigy_core.problems.formula.grammar import DEPTH, LENGTH, NODES
from prodigy_core.problems.formula.tokens import ARGUMENTS, FUNCTIONS
from tests.problems.formula.samples import ANY


@pytest.mark.parametrize(
    "typed, canonical",
    [
        ("(1-x)**2+100*(y-x**2)**2", "(1 - x)**2 + 100*(y - x**2)**2"),
        ("  x\t* y\n", "x*y"),
        ("x\n+ y\r\n- 1", "x + y - 1"),
        ("x\u00a0+\u2009y", "x + y"),  # blanks as copied from a page
        ("x ^ 2 ^ y", "x**2**y"),
        ("x² − 3·y³ × π ÷ 2", "x**2 - 3*y**3*pi/2"),
        ("x¹⁰", "x**10"),
        ("- x - - y", "-x - -y"),
        ("x*-y", "x*-y"),
        ("max( x,y , 1 )", "max(x, y, 1)"),
        ("1E-3*x + 2.5e+2", "1e-3*x + 2.5e+2"),
        (".5*x + 5.", ".5*x + 5."),
        ("007*x", "007*x"),
    ],
)
def test_texts_that_differ_in_blanks_and_signs_only_are_one_formula(typed, canonical):
    """Otherwise a link and its copy would be two experiments, with a compilation each."""
    formula = parse(typed)
    assert formula.text == canonical
    assert formula == parse(canonical)
    assert hash(formula) == hash(parse(canonical))


@given(text=ANY)
@settings(max_examples=200, deadline=None)
def test_the_canonical_text_is_a_fixed_point(text):
    formula = parse(text)
    again = parse(formula.text)
    assert again == formula
    assert again.text == formula.text
    assert (again.variables, again.latex) == (formula.variables, formula.latex)
    assert parse("".join(text.split())) == parse(f"\n {text} \t") == formula
    assert parse(text.replace("**", "^").replace("*", "·").replace("-", "−").replace("1e−1", "1e-1")) == formula


def test_other_formulas_are_not_equal():
    assert parse("x + y") != parse("y + x")
    assert len({parse("x+y"), parse("x + y"), parse("y + x")}) == 2


@pytest.mark.parametrize(
    "text, variables",
    [
        ("x + y", ("x", "y")),
        ("x", ("x", "y")),
        ("y", ("x", "y")),
        ("x1", ("x1", "x2")),
        ("x2", ("x1", "x2")),
        ("x3*x1", ("x1", "x2", "x3")),
        ("x10", tuple(f"x{i}" for i in range(1, 11))),
    ],
)
def test_a_formula_knows_its_variables(text, variables):
    """The number of sliders for the start, and whether there is a landscape, hang on them."""
    assert parse(text).variables == variables


def test_a_formula_cannot_be_changed_by_someone_else_in_the_same_server():
    with pytest.raises(dataclasses.FrozenInstanceError):
        parse("x").text = "y"  # type: ignore[misc]


def test_a_formula_shows_its_text_and_not_its_insides():
    assert repr(parse("x^2")) == "Formula(text='x**2', variables=('x', 'y'), latex='x^{2}')"


def _sum(terms: int) -> str:
    return "+".join("x" * terms)


@pytest.mark.parametrize(
    "longest, too_long, words",
    [
        ("x" + " " * (LENGTH - 1), "x" + " " * LENGTH, f"{LENGTH + 1} characters"),
        ("x*." + "1" * (LENGTH - 3), "x*." + "1" * (LENGTH - 2), f"at most {LENGTH}"),
        ("x" + "+x" * (DEPTH - 1), "x+" * 130 + "x", "spelt as"),
        ("max(" + ",".join("x" * ARGUMENTS) + ")", "max(" + ",".join("x" * (ARGUMENTS + 1)) + ")", f"2 to {ARGUMENTS} arg"),
        ("(" * DEPTH + "x" + ")" * DEPTH, "(" * (DEPTH + 1) + "x" + ")" * (DEPTH + 1), f"nested more than {DEPTH}"),
        (_sum(DEPTH), _sum(DEPTH + 1), f"more than {DEPTH} operations"),
        ("x" + "**x" * (DEPTH - 1), "x" + "**x" * DEPTH, f"more than {DEPTH} operations"),
        ("x**" + "-x**" * 49 + "x", "x**" + "-x**" * 50 + "x", f"more than {DEPTH} operations"),
    ],
    ids=["blanks", "digits", "spelling", "arguments", "brackets", "sum", "tower", "signs"],
)
def test_the_limits_are_met_exactly_and_the_message_names_them(longest, too_long, words):
    assert isinstance(parse(longest), Formula)
    with pytest.raises(FormulaError, match=words):
        parse(too_long)


def test_the_number_of_parts_is_limited_and_a_superscript_counts_as_it_is_spelt():
    """Otherwise a formula could be parsed, but not its canonical text."""
    bracket = "(" + "*".join("x" * 50) + ")"  # 99 parts
    fits = "*".join([bracket] * 3)  # and two signs between: 299
    assert parse(f"-{fits}").text == f"-{fits}"
    with pytest.raises(FormulaError, match=f"has 301 numbers, names and operators; at most {NODES} are allowed"):
        parse(f"{fits}²")


@pytest.mark.parametrize("text", ["2**-x**2", "x**-y", "-x**2", "x/y/2", "x - y - 1", "x**y**2", "(x**y)**2", "x*y/2*x"])
def test_the_order_of_operations_shows_in_the_typeset_formula(text):
    typeset = {
        "2**-x**2": "2^{-x^{2}}",
        "x**-y": "x^{-y}",
        "-x**2": "-x^{2}",
        "x/y/2": r"\frac{\frac{x}{y}}{2}",
        "x - y - 1": "x - y - 1",
        "x**y**2": "x^{y^{2}}",
        "(x**y)**2": "(x^{y})^{2}",
        "x*y/2*x": r"\frac{x\,y}{2}\,x",
    }
    assert parse(text).latex == typeset[text]


def test_every_function_takes_the_arguments_that_its_message_promises():
    for name, (fewest, most) in FUNCTIONS.items():
        for count in range(1, ARGUMENTS + 2):
            text = f"{name}({', '.join('x' * count)})"
            if fewest <= count <= most:
                assert parse(text).text == text
            else:
                with pytest.raises(FormulaError, match=rf"{name} takes .*found {count}"):
                    parse(text)
