"""What the tests of the optimizer share."""

from collections.abc import Iterator

import jax
import pytest


@pytest.fixture
def x64() -> Iterator[None]:
    """float64 for one test; the process stays in float32."""
    with jax.enable_x64(True):
        yield
