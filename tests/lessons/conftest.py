"""The runs that the tests of lessons share."""

from __future__ import annotations

import pytest

from app.lessons import Runs


@pytest.fixture(scope="session")
def runs() -> Runs:
    """Each run is made once, whichever claims ask for it."""
    return Runs()
