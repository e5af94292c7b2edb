"""On what it was measured."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("jax", "optax", "numpy", "torch", "prodigyopt", "numba")


def described() -> str:
    """The processor, its cores, and the versions of all that takes part, in one line."""
    versions = [f"{name} {found}" for name in PACKAGES if (found := _version(name))]
    parts = (f"{_processor()}, {_cores()} cores", f"Python {platform.python_version()}", *versions)
    return ", ".join(parts)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    fields = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return fields[0] if fields else platform.machine()


def _cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
