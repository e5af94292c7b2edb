"""The peers that ours is compared with: packages of the extra `bench`, and C for the compiler of this machine."""

from __future__ import annotations

import ctypes
import functools
import os
import shlex
import subprocess
import tempfile
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parent
FAST = ("-O3", "-march=native", "-fopenmp", "-fPIC")


class Disagreement(RuntimeError):
    """A peer computes other numbers than ours, so that its time would compare nothing."""


def agree(who: str, what: str, ours: object, theirs: object, *, within: float) -> None:
    """Raise Disagreement where numbers differ by more than `within`, relative to ours."""
    expected, actual = np.ravel(np.asarray(ours)), np.ravel(np.asarray(theirs))
    off = ~np.isclose(actual, expected, rtol=within, atol=0)
    if off.any():
        raise Disagreement(f"{who} has another {what}: {actual[off][0]:.9g} for {expected[off][0]:.9g}")


def absent(*packages: str) -> str:
    """Return how to install the packages that are missing; "" where none is."""
    missing = [name for name in packages if find_spec(name) is None]
    return f"not installed: pip install '.[bench]' ({', '.join(missing)})" if missing else ""


@functools.cache
def no_compiler() -> str:
    """Return what to do if C with OpenMP cannot be compiled here; "" where it can."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "probe.c"
        source.write_text("#include <omp.h>\nint threads(void) { return omp_get_max_threads(); }\n", encoding="utf-8")
        try:
            _compile(source, Path(folder) / "probe.so")
        except (OSError, subprocess.CalledProcessError):
            return f"not compiled: {' '.join(_compiler())} cannot compile C with OpenMP (set CC)"
    return ""


def compiled(source: str, *flags: str) -> ctypes.CDLL:
    """Return a C file of this folder, compiled for this machine and loaded. Only where `no_compiler` returns ""."""
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "peer.so"
        _compile(FOLDER / source, library, *flags)
        return ctypes.CDLL(str(library))  # stays loaded when the file is gone


def _compile(source: Path, library: Path, *flags: str) -> None:
    # The linker gets no flags: with -ffast-math some compilers make a library that sets the smallest numbers to 0 for the whole
    # process.
    with tempfile.TemporaryDirectory() as folder:
        compiled_file = str(Path(folder) / "peer.o")
        for command in (
            [*_compiler(), *FAST, *flags, "-c", str(source), "-o", compiled_file],
            [*_compiler(), "-shared", "-fopenmp", compiled_file, "-o", str(library), "-lm"],
        ):
            subprocess.run(command, check=True, capture_output=True)


def _compiler() -> list[str]:
    return shlex.split(os.environ.get("CC", "cc"))


def declare(function: object, arguments: Iterable[object]) -> None:
    """Tell ctypes the arguments of a C function without a result."""
    function.argtypes = list(arguments)  # type: ignore[attr-defined]
    function.restype = None  # type: ignore[attr-defined]


def array(dtype: object) -> object:
    """Return the type of a C argument that points at a NumPy array."""
    return np.ctypeslib.ndpointer(dtype, flags="C_CONTIGUOUS")  # type: ignore[call-overload]
