"""What holds for all tests."""

from __future__ import annotations

import os

# Most of the suite's time goes into compiling small programs once each, and most of that into making fast code of them: here
# they need not be fast. XLA's older code generator, which the engine asks for too, takes half as long. Set before anything
# imports JAX.
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_use_fusion_emitters=false --xla_backend_optimization_level=0")

# NumPy's linear algebra is small here: more threads than one wait for each other, ten times as long as they work.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# What is compared with recorded numbers is computed where they were: on the processor, on a machine with a GPU too.
os.environ.setdefault("JAX_PLATFORMS", "cpu")

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from prodigy_core.engine import batch, loop, xla

xla.prepare()  # as the page does: what is tested is what runs


@pytest.fixture(scope="session", autouse=True)
def packages_are_read_once() -> Iterator[None]:
    """Streamlit looks for components in all installed packages whenever a page is opened without a server."""
    from streamlit.components.v2 import manifest_scanner

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(scope="module")
def optimised() -> Iterator[None]:
    """The engine's programs as they are compiled outside of tests: where they run for long, or the last bit is at stake."""
    before = xla.options

    def optimised(platform: str, *, learns: bool) -> dict[str, Any]:
        return {**(before(platform, learns=learns) or {}), "xla_backend_optimization_level": 3}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(xla, "options", optimised)
        for function in (loop.compiled, batch.compiled):
            function.cache_clear()
        yield
    for function in (loop.compiled, batch.compiled):
        function.cache_clear()
