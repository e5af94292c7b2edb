"""A scheduler with one worker, and a clock for it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from app import jobs
from app.jobs import Scheduler


@pytest.fixture
def log() -> list[str]:
    return []


@pytest.fixture
def scheduler() -> Scheduler:
    """One worker, so that the order is certain."""
    return Scheduler(workers=1)


@pytest.fixture
def clock(monkeypatch) -> SimpleNamespace:
    """The time that the scheduler sees."""
    now = SimpleNamespace(seconds=1000.0)
    monkeypatch.setattr(jobs, "time", SimpleNamespace(monotonic=lambda: now.seconds))
    return now
