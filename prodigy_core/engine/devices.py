"""Which devices of this process compute what: the processor's cores, or an accelerator where it is faster.

An accelerator takes some microseconds to start each operation, however small, and a step of a run has a hundred of them: a
function of the plane runs thirty times as fast on the processor. Many runs side by side, or a large model, are worth it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import jax

# The work, in the units of `limits`, that must be done side by side in each step for an accelerator to be the faster one: on
# an H200 a step takes 0.1 to 0.8 ms, which is what a core does of such work in that time (docs/benchmarks.md).
WORTH = 1_000_000


def of(work: float) -> tuple[jax.Device, ...]:
    """The devices for a loop whose steps do so much work side by side: all of a kind, one at least."""
    return (accelerators() if work >= WORTH else ()) or processors()


def accelerators() -> tuple[jax.Device, ...]:
    """Those of this process that are not its processor; none on most machines."""
    return tuple(device for device in jax.local_devices() if accelerates(device))


def accelerates(device: jax.Device) -> bool:
    return str(device.platform) != "cpu"


def processors() -> tuple[jax.Device, ...]:
    """The cores, as `xla.prepare` has JAX see them; the accelerators where a person told JAX to leave the processor out."""
    try:
        return tuple(jax.local_devices(backend="cpu"))
    except RuntimeError:
        return tuple(jax.local_devices())


@contextmanager
def on(device: jax.Device) -> Iterator[None]:
    """Computes there, in 64 bits where somebody asks for them; the importing program keeps its own settings.

    A product of float32 matrices is one of float32: left to itself, a GPU rounds the factors to 10 bits (TF32).
    """
    exact = jax.default_matmul_precision("highest") if accelerates(device) else nullcontext()
    with jax.enable_x64(True), jax.default_device(device), exact:
        yield
