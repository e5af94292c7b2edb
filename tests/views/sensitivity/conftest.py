"""No test of the page depends on how fast the machine is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app import jobs
from app.views import sweeps


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """The page waits for its sweeps; a test of their progress sets this back."""
    monkeypatch.setattr(sweeps, "PATIENCE", replace(sweeps.PATIENCE, begin=60.0))
    monkeypatch.setattr(jobs, "FORGOTTEN", 1e9)
