"""The choice of devices in this process: the processor's cores, or an accelerator where it is faster.

An accelerator takes some microseconds to start each operation, however small, and a step of a run has a hundred of them: a
function of the plane runs thirty times as fast on the processor. Many runs side by side, or a large model, are worth it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import jax

# Work of a step, in the units of `limits`, from which on an accelerator is faster: on an H200 a step takes 0.1 to 0.8 ms, in
# which a core does as much work (docs/benchmarks.md).
WORTH = 1_000_000


def of(work: float) -> tuple[jax.Device, ...]:
    """Return the devices for a loop whose steps do this much work: all of one kind, at least one."""
    return (accelerators() if work >= WORTH else ()) or processors()


def accelerators() -> tuple[jax.Device, ...]:
    """Return the devices of this process that are not its processor; none on most machines."""
    return tuple(device for device in jax.local_devices() if accelerates(device))


def accelerates(device: jax.Device) -> bool:
    """Return whether a device is an accelerator."""
    return str(device.platform) != "cpu"


def processors() -> tuple[jax.Device, ...]:
    """Return the cores, as `xla.prepare` has JAX see them; the accelerators if a person told JAX to leave the processor out."""
    try:
        return tuple(jax.local_devices(backend="cpu"))
    except RuntimeError:
        return tuple(jax.local_devices())


@contextmanager
def on(device: jax.Device) -> Iterator[None]:
    """Compute on a device, in 64 bits where the numbers have them; the importing program keeps its own settings.

    Products of float32 matrices keep their precision: by default a GPU rounds the factors to 10 bits (TF32).
    """
    exact = jax.default_matmul_precision("highest") if accelerates(device) else nullcontext()
    with jax.enable_x64(True), jax.default_device(device), exact:
        yield
