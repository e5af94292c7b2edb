"""The machine that was measured on."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from prodigy_core.environment import cores

PACKAGES = ("jax", "optax", "numpy", "torch", "prodigyopt", "numba")


def described() -> str:
    """Return the processor, its cores and the versions of all packages that take part, in one line."""
    versions = [f"{name} {number}" for name in PACKAGES if (number := _version(name))]
    parts = (f"{_processor()}, {cores()} cores", f"Python {platform.python_version()}", *versions)
    return ", ".join(parts)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    fields = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return fields[0] if fields else platform.machine()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
