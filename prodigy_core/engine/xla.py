"""How XLA compiles our loops: once for the process, before it starts, and with each program."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import jax
from jax._src import xla_bridge  # there is no public way to ask whether XLA has started

from prodigy_core import limits
from prodigy_core.engine import devices

# XLA on the CPU runs a loop as one piece of code where a pass through it touches few bytes; a larger one is interpreted
# operation by operation, which costs a function of the plane ten times its work. XLA's own limit is 1 KiB, and a step of
# Prodigy in the plane touches some. At 1 MiB the functions of a thousand variables are in too; networks gain nothing.
OPTION = "xla_backend_extra_options"
SMALL = "xla_cpu_small_while_loop_byte_threshold"
BYTES = 1 << 20
DEVICES = "xla_force_host_platform_device_count"  # the older way to say it, which excludes the newer one
KNOWN = (0, 10, 2), (0, 12, 0)  # jaxlib from here to before there: XLA ends the process on an option that it does not know


def prepare(cores: int | None = None) -> None:
    """Sets what XLA reads as it starts: how it compiles loops, and that each core is a device. To be called before
    anything is computed.

    What a person set stays: the same option, or a file of options in the place of options. So does the environment where
    it is too late, or this jaxlib may not know the option.

    Args:
      cores: as how many devices JAX sees the processor; None for one a core.
    """
    flags = os.environ.get("XLA_FLAGS", "").strip()
    if not _started() and DEVICES not in flags and jax.config.jax_num_cpu_devices < 1:  # type: ignore[attr-defined]
        jax.config.update("jax_num_cpu_devices", cores or limits.DEVICES)
    if OPTION in flags or (flags and not flags.startswith("-")):
        return
    if not _started() and KNOWN[0] <= _jaxlib() < KNOWN[1]:
        os.environ["XLA_FLAGS"] = f"{flags} --{OPTION}={SMALL}={BYTES}".strip()


def _started() -> bool:
    return xla_bridge.backends_are_initialized()


def _jaxlib() -> tuple[int, ...]:
    """The version of jaxlib; () where it cannot be told."""
    try:
        found = re.match(r"(\d+)\.(\d+)\.(\d+)", version("jaxlib"))
    except PackageNotFoundError:
        return ()
    return tuple(int(part) for part in found.groups()) if found else ()


@lru_cache(maxsize=4)
def options(platform: str, *, learns: bool) -> dict[str, Any] | None:
    """The options of a compilation: for functions on the CPU XLA's older code generator, which takes half the time, and whose
    code runs no slower. It writes small matrix products out, and so needs up to ten times as long for a network.

    None for a network, for another platform, and where this version of XLA does not know the option.
    """
    options = {"xla_cpu_use_fusion_emitters": False}
    if platform != "cpu" or learns:
        return None
    try:
        with devices.on(devices.processors()[0]):
            jax.jit(lambda x: x, compiler_options=options).lower(0.0).compile()
    except jax.errors.JaxRuntimeError:
        return None
    return options
