"""Every claim of every lesson and case: no text may teach what the program does not show."""

from __future__ import annotations

import re

import pytest

from app.lessons import Lesson, Study, check, clinic, lessons, seen
from app.lessons.telling import NOT_YET

STUDIES: dict[str, Study] = {name: languages["en"] for name, languages in {**lessons(), **clinic()}.items()}
CLAIMS = [(name, i) for name, study in STUDIES.items() for i in range(len(study.claims))]
LATEX = re.compile(r"\$\$.*?\$\$", re.DOTALL)
MOST_WORDS = 250


def _readable(place: object) -> str:
    assert isinstance(place, tuple)
    name, i = place
    return f"{name}: {STUDIES[name].claims[i].says}"[:100]


@pytest.mark.parametrize("place", CLAIMS, ids=_readable)
def test_claim(place, runs):
    name, i = place
    study = STUDIES[name]
    outcome = check(study, study.claims[i], runs)
    assert outcome.holds, outcome.sentence


@pytest.mark.parametrize("name", STUDIES)
def test_every_quoted_number_is_there(name, runs):
    """A reader would find three dots in the place of a number."""
    study = STUDIES[name]
    numbers = seen(study, {each.name: runs.race(each.experiment) for each in study.shown})
    assert not [name for name, text in numbers.items() if text in (NOT_YET, "∞")]


def test_lessons_and_cases_have_names_of_their_own():
    assert not lessons().keys() & clinic().keys()


@pytest.mark.parametrize("name", STUDIES)
def test_texts_are_short(name):
    """A lesson takes five minutes at most, the thinking included."""
    study = STUDIES[name]
    words = sum(len(LATEX.sub("", text).split()) for text in study.sections.values())
    assert (120 if isinstance(study, Lesson) else 30) <= words <= MOST_WORDS


def test_orders_of_lessons_differ():
    """Two at one place would stand in the order of their names, which is no course."""
    orders = [languages["en"].order for languages in lessons().values()]
    assert len(set(orders)) == len(orders)
