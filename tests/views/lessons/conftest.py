"""No test of the page depends on how fast the machine is, nor on which lessons there are beside two of its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app import jobs, lessons
from app.lessons import shelf
from app.lessons.reading import read_complaint, read_lesson
from app.views.lessons import figure, texts
from tests.views.lessons import samples


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """The page waits for its runs; a test of their progress sets this back."""
    monkeypatch.setattr(figure, "PATIENCE", replace(figure.PATIENCE, begin=60.0))
    monkeypatch.setattr(texts, "PATIENCE", 60.0)
    monkeypatch.setattr(jobs, "FORGOTTEN", 1e9)


@pytest.fixture(autouse=True)
def shelves(monkeypatch) -> None:
    """Two lessons and two cases, the first lesson in two languages."""
    course = {
        "first": read_lesson("first", samples.FIRST, {"de": samples.GERMAN}),
        "second": read_lesson("second", samples.SECOND, {}),
    }
    cases = {name: read_complaint(name, text, {}) for name, text in samples.CASES.items()}
    for module in (lessons, shelf):
        monkeypatch.setattr(module, "lessons", lambda: course)
        monkeypatch.setattr(module, "clinic", lambda: cases)
