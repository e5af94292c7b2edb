"""The options of XLA for our loops: some for the whole process, before XLA starts, and some for each program."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from functools import lru_cache
from typing import Any

import jax
from jaxlib.version import __version__ as JAXLIB

from prodigy_core import limits
from prodigy_core.engine import devices

# XLA on the CPU runs a loop as one piece of code if a pass through it touches few bytes; a larger one is interpreted
# operation by operation, which costs a function of the plane ten times its work. XLA's own limit is 1 KiB, and a step of
# Prodigy in the plane touches about as many. At 1 MiB the functions of a thousand variables are in too; networks gain nothing.
OPTION = "xla_backend_extra_options"
SMALL = "xla_cpu_small_while_loop_byte_threshold"
BYTES = 1 << 20
FLAG = f"--{OPTION}={SMALL}={BYTES}"
DEVICES = "xla_force_host_platform_device_count"  # the older option for the number of devices, which excludes the newer one
KNOWN = (0, 10, 2), (0, 12, 0)  # jaxlib's versions that know the options, from the first to before the second
PATIENCE = 60.0  # seconds that another version has to start with the options


def prepare(cores: int | None = None) -> None:
    """Set the options that XLA reads as it starts: the compilation of loops, and one device for each core. Call it before
    anything is computed.

    Options that a person set stay: the same option, or a file of options in their place. So does the environment if XLA has
    started. A version of jaxlib that is not `KNOWN` is tried in a process of its own, since XLA ends a process on an option
    that it does not know; if it does, a warning says so, and loops are slower.

    Args:
      cores: the number of devices that JAX sees the processor as; None for one a core.
    """
    flags = os.environ.get("XLA_FLAGS", "").strip()
    started = _started()
    if not started and DEVICES not in flags and jax.config.jax_num_cpu_devices < 1:  # type: ignore[attr-defined]
        jax.config.update("jax_num_cpu_devices", cores or limits.DEVICES)
    if started or OPTION in flags or (flags and not flags.startswith("-")):
        return
    with_flag = f"{flags} {FLAG}".strip()
    if KNOWN[0] <= _jaxlib() < KNOWN[1] or _starts_with(with_flag):
        os.environ["XLA_FLAGS"] = with_flag
    else:
        warnings.warn(
            f"jaxlib {JAXLIB} does not start with {FLAG}: loops of small functions run up to ten times as long. "
            "Install a version of jaxlib from 0.10.2 to before 0.12, or the newest prodigy-lab.",
            RuntimeWarning,
            stacklevel=2,
        )


def _started() -> bool:
    """Whether XLA has started: JAX then takes no other number of devices, which is the public way to ask."""
    before = jax.config.jax_num_cpu_devices  # type: ignore[attr-defined]
    try:
        jax.config.update("jax_num_cpu_devices", before + 1)
    except RuntimeError:
        return True
    jax.config.update("jax_num_cpu_devices", before)
    return False


def _jaxlib() -> tuple[int, ...]:
    """The version of jaxlib; a part that is no number, and all after it, left out."""
    parts = JAXLIB.split(".")[:3]
    return tuple(int(part) for part in parts) if all(part.isdecimal() for part in parts) else ()


@lru_cache(maxsize=4)
def _starts_with(flags: str) -> bool:
    """Whether XLA starts with these options, in a process of its own and on the processor."""
    environment = {**os.environ, "XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"}
    try:
        done = subprocess.run(
            [sys.executable, "-c", "import jax; jax.jit(lambda x: x)(0.0)"],
            env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


@lru_cache(maxsize=4)
def options(platform: str, *, learns: bool) -> dict[str, Any] | None:
    """Return the options of a compilation: for functions on the CPU XLA's older code generator, which takes half the time, and
    whose code runs no slower. It writes small matrix products out, and so needs up to ten times as long for a network.

    None for a network, for another platform, and if this version of XLA does not know the option.
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
