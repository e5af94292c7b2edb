"""Runs that take their time: the texts can be read meanwhile, and their numbers come when they are there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from app import cache, jobs
from app.views.lessons import figure, texts
from prodigy_core.engine.runner import follow
from tests.views.lessons.test_page import headings, labels, opened, said
from tests.views.race.pages import click, scene


@pytest.fixture
def held(monkeypatch) -> Iterator[threading.Event]:
    """Runs that begin when this is set; the page does not wait for them."""
    begin, scheduler = threading.Event(), jobs.Scheduler(workers=1)

    def late(*args):
        begin.wait(60)
        yield from follow(*args)

    monkeypatch.setattr(cache, "_scheduler", lambda: scheduler)
    monkeypatch.setattr(cache, "follow", late)
    monkeypatch.setattr(figure, "PATIENCE", replace(figure.PATIENCE, begin=0.0, first=0.0))
    monkeypatch.setattr(texts, "PATIENCE", 0.0)
    yield begin
    begin.set()


def test_the_texts_are_there_before_the_numbers(held, monkeypatch):
    """A model that compiles for ten seconds would leave an empty page."""
    at = click(opened({"lesson": "first"}), "choice/first/1")
    assert headings(at)[-1] == "## What was seen"
    assert "It ended at …, and farther away at …." in said(at)
    assert "The numbers are being computed: 0 %" in said(at)
    assert "Why?" in labels(at), "who has read it need not wait"
    assert not scene(at)
    assert "Cancel" in labels(at)
    held.set()
    monkeypatch.setattr(figure, "PATIENCE", replace(figure.PATIENCE, begin=60.0))
    monkeypatch.setattr(texts, "PATIENCE", 60.0)
    at.run()
    assert "…" not in said(at)
    assert "being computed" not in said(at)
    assert scene(at)


def test_what_will_be_shown_is_computed_while_the_person_thinks(held):
    opened({"lesson": "first"})
    assert cache._scheduler()._queue or cache._scheduler()._jobs
