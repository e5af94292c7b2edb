"""No test of the page depends on how fast the machine is."""

from __future__ import annotations

import pytest

from app import jobs
from app.views import sweeps
from prodigy_core import scoreboard


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """The page waits for its sweeps, of which there are two small ones."""
    monkeypatch.setattr(sweeps, "PATIENCE", 120.0)
    monkeypatch.setattr(jobs, "FORGOTTEN", 1e9)
    monkeypatch.setattr(scoreboard, "SUITES", {"Plane": ("sphere", "booth")})
    monkeypatch.setattr("app.views.scoreboard.SUITES", {"Plane": ("sphere", "booth")})
    monkeypatch.setattr("app.views.scoreboard.STEPS", (30, 1000))
