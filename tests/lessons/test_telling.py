"""The numbers that texts quote."""

from __future__ import annotations

import pytest

from app.lessons import Lesson, Race, seen, told
from app.lessons.reading import read_lesson
from app.lessons.telling import FORMS, NOT_YET, placeholders

from .samples import GERMAN, LESSON


def _lesson(quoted: str, language: str = "en") -> Lesson:
    return read_lesson("small", LESSON.replace('d = { measure = "D" }', f"d = {quoted}"), {"de": GERMAN})[language]


@pytest.mark.parametrize(
    "quoted, text",
    [
        ('{ measure = "D" }', "1.52"),
        ('{ measure = "D_of_distance", format = "percent" }', "51 %"),
        ('{ measure = "steps_to", format = "steps" }', "126"),
        ('{ measure = "steps_to", contender = 1, format = "steps" }', "more than 200"),
        ('{ measure = "D", divided_by = { at = 0 } , format = "whole" }', "1,517,629"),
        ('{ measure = "D", minus = { at = 0 }, format = "short" }', "1.5"),
        ('{ measure = "D", at = 0 }', "1e-6"),
        ('{ measure = "D", contender = 1 }', NOT_YET),
    ],
)
def test_numbers_are_those_of_the_traces(quoted, text, runs):
    lesson = _lesson(quoted)
    races = {each.name: runs.race(each.experiment) for each in lesson.shown}
    assert seen(lesson, races) == {"d": text}
    assert f"D ended at {text}, in LaTeX $\\frac{{a}}{{b}}$." == told(lesson, "What was seen", seen(lesson, races))


def test_numbers_follow_the_race_that_was_run(runs):
    """A knob was turned: the text speaks of what stands beside it."""
    lesson = _lesson('{ measure = "D", at = 0 }')
    (shown,) = lesson.shown
    from prodigy_core.sweep.spec import Axis

    turned = Axis("estim_lr0", (1e-3,), 0).placed_in(shown.experiment, 1e-3)
    assert seen(lesson, {"bowl": runs.race(turned)}) == {"d": "0.00100"}


def test_what_was_not_run_is_not_told():
    lesson = _lesson('{ measure = "D" }')
    (shown,) = lesson.shown
    assert seen(lesson, {}) == seen(lesson, {"bowl": Race(shown.experiment, [])}) == {"d": NOT_YET}


def test_a_translation_has_words_of_its_own(runs):
    lesson = _lesson('{ measure = "steps_to", contender = 1, format = "steps" }', "de")
    races = {each.name: runs.race(each.experiment) for each in lesson.shown}
    assert told(lesson, "What was seen", seen(lesson, races)) == "D war am Ende mehr als 200."


def test_braces_of_latex_and_code_are_no_names():
    text = "{a} $x^{b}$ and $$\\frac{c}{d}$$ `{e}` {f}"
    assert placeholders(text) == ("a", "f")


@pytest.mark.parametrize(
    "form, value, text",
    [
        ("number", 1.5176, "1.52"), ("number", 12345.0, "12,300"), ("number", 0.0304, "0.0304"), ("number", 1e-6, "1e-6"),
        ("number", 2.345e-10, "2.35e-10"), ("number", 0.0, "0"), ("number", -3.0, "-3.00"), ("number", 99.96, "100"),
        ("number", 3.2e7, "3.2e7"), ("short", 3.6123, "3.6"), ("short", 0.12, "0.12"), ("whole", 1234.4, "1,234"),
        ("percent", 0.514, "51 %"),
    ],
)  # fmt: skip
def test_formats(form, value, text):
    assert FORMS[form](value) == text
