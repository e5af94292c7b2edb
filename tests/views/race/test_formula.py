"""One's own formula: typed, mistyped, linked to."""

from __future__ import annotations

import json

import pytest

from prodigy_core.experiment import Contender, Experiment
from tests.views.race.pages import (
    CHARTS,
    STEPS,
    as_read,
    chart_names,
    charts,
    checked,
    knobs,
    now,
    open_page,
    shown,
    table,
    usual_page,
)

ADAM = (Contender("adam", {"learning_rate": 0.1}),)
BOWL = "(x - 1)**2 + 3*y**2"


def formula_page(text=BOWL, **fields):
    return usual_page(problem="formula", formula=text, contenders=ADAM, **fields)


def enter(at, text):
    return checked(at.text_input(key="widget/formula").set_value(text).run())


def test_a_formula_that_is_typed_is_run_and_linked_to():
    at = enter(formula_page(), "x**4 + y**2 + 5")
    assert not at.error
    assert shown(at) == Experiment(problem="formula", formula="x**4 + y**2 + 5", contenders=ADAM, steps=STEPS)
    assert charts(at) == CHARTS
    assert float(table(at)["Adam"]["Final loss"]) == pytest.approx(5, abs=0.5)
    assert "x^{4}" in at.title[0].value, "typeset above the charts"


@pytest.mark.parametrize(
    "text, words, carets",
    [
        ("(x - 1)**2 + z", "z", "             ^"),
        ("x +* y", "character", "   ^"),
        ("x**2 + ", "", ""),
        ("sin(x", "", ""),
        ("__import__('os').system('x')", "", ""),
        ("<img src=x onerror=alert(1)> $x$ **b** `c`", "", ""),
        ("x" * 10_000, "", ""),
        ("(" * 5_000 + "x" + ")" * 5_000, "", ""),
    ],
)
def test_a_wrong_formula_is_pointed_at_and_the_last_good_one_stays(text, words, carets):
    at = formula_page()
    before = table(at)
    enter(at, text)
    (error,) = at.error
    message, _, block = error.value.partition("\n\n")
    said = as_read(message)
    assert said.startswith("At character")
    assert words in said
    assert len(said) < 400
    unescaped = message.replace("\\\\", "")
    for letter in "<>*`$_":
        assert unescaped.count(letter) == unescaped.count("\\" + letter), "shown as it was typed"
    opening, line, marks, closing = block.split("\n")
    assert opening == f"{closing}text"
    assert closing not in line, "a formula cannot end the block that shows it"
    assert set(marks) <= {" ", "^"}
    assert "^" in marks
    assert len(line) <= 70
    assert marks.startswith(carets) or not carets
    assert shown(at) == Experiment(problem="formula", formula=BOWL, contenders=ADAM, steps=STEPS)
    assert table(at) == before
    assert charts(at) == CHARTS
    assert at.text_input(key="widget/formula").value == text, "what was typed can be mended"
    enter(at, BOWL + " + 1")
    assert not at.error
    assert shown(at).formula == BOWL + " + 1"


def test_a_formula_that_was_cleared_is_asked_for():
    at = enter(formula_page(), "")
    assert len(at.error) == 1
    assert shown(at).formula == BOWL
    assert charts(at) == CHARTS


def test_another_number_of_variables_begins_at_another_start():
    """The old one would have too few coordinates."""
    at = formula_page(start=(0.5, 0.25))
    enter(at, "x1**2 + x2**2 + (x3 - 1)**4")
    assert not at.error
    assert shown(at).start == Experiment(problem="formula", formula="x1 + x2 + x3").start
    assert knobs(at, "start") == {"x1", "x2", "x3"}
    assert chart_names(at) == ["paths", "distance", "loss", "step"]
    enter(at, BOWL)
    assert shown(at).start == Experiment(problem="formula", formula=BOWL).start
    assert knobs(at, "start") == {"x", "y"}


def test_the_same_number_of_variables_keeps_the_start():
    at = enter(formula_page(start=(0.5, 0.25)), "x**2 + y**4")
    assert shown(at).start == (0.5, 0.25)
    assert at.text_input(key="widget/start/x/exact").value == "0.5"


@pytest.mark.parametrize("text", ["log(x) + y", "1/(x*x - x*x) + y", "0*x*y + 3", "sqrt(-1 - x*x) + y"])
def test_a_formula_that_is_undefined_or_flat_has_a_page_and_no_crash(text):
    at = enter(formula_page(), text)
    assert charts(at) == CHARTS or at.error
    assert set(table(at)) == {"Adam"}


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('x')",
        "x.__class__",
        "<script>alert(1)</script>",
        "x**y**" * 3_000 + "2",
        "9" * 400 + "*x",
        "",
        7,
    ],
    ids=["import", "attribute", "script", "long", "number", "empty", "no text"],
)
def test_a_hostile_formula_in_a_link_is_a_warning_or_harmless(text):
    at = open_page(json.dumps({"version": 1, "problem": "formula", "formula": text, "contenders": [{"optimizer": "adam"}]}))
    if text == "":
        assert shown(at).formula, "the example"
        return
    (warning,) = at.warning
    assert "does not describe an experiment" in warning.value
    assert "formula" in warning.value
    assert "<" not in warning.value.replace("\\<", "")
    assert len(warning.value) < 1_000
    assert shown(at) == Experiment()


def test_another_problem_forgets_the_formula_that_was_typed_wrong():
    at = enter(formula_page(), "x +")
    checked(at.selectbox(key="widget/family").set_value("plane").run())
    assert not at.error
    assert shown(at).formula == ""
    checked(at.selectbox(key="widget/family").set_value("formula").run())
    assert not at.error
    assert at.text_input(key=now(at, "widget/formula")).value == shown(at).formula
