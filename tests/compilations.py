"""Counts what JAX compiles, as JAX itself reports it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import jax

EVENT = "/jax/core/compile/backend_compile_duration"


@contextmanager
def compilations() -> Iterator[list[str]]:
    """A list that grows by one at every compilation within the block."""
    found: list[str] = []

    def listen(event: str, duration_secs: float, **kwargs: str | int) -> None:
        if event == EVENT:
            found.append(event)

    jax.monitoring.register_event_duration_secs_listener(listen)
    try:
        yield found
    finally:
        jax.monitoring.unregister_event_duration_listener(listen)
