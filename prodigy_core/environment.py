"""The environment variables, each declared once, with its default, its unit and a sentence of help.

docs/configuration.md is written from these (`make docs`). They are read once, as the modules that need them are imported.
"""

from __future__ import annotations

import os
from dataclasses import dataclass


class EnvironmentVariableError(RuntimeError):
    """Environment variables whose values are not allowed; the message has a line for each."""


@dataclass(frozen=True)
class Variable:
    """One environment variable.

    Attributes:
      name: as it stands in the environment.
      default: the value where the variable is not set; a whole number of at least 1, or a text.
      unit: what a number counts; empty for a text.
      help: what it sets, as a sentence.
      default_means: the default in words, where the value alone does not say it.
    """

    name: str
    default: int | str
    unit: str
    help: str
    default_means: str = ""

    @property
    def fault(self) -> str:
        """Name, value and what is allowed, where the value in the environment is none of it; else empty."""
        text = os.environ.get(self.name)
        if text is None or isinstance(self.default, str):
            return ""
        try:
            allowed = int(text) >= 1
        except ValueError:
            allowed = False
        if allowed:
            return ""
        return (
            f"{self.name} is {text[:60]!r}; it must be a whole number of at least 1, or unset for {self.default:,} {self.unit}."
        )

    def number(self) -> int:
        """Return the number that the environment says, or the default.

        Raises:
          EnvironmentVariableError: the variable is set, and not to a whole number of at least 1.
        """
        if self.fault:
            raise EnvironmentVariableError(self.fault)
        return int(os.environ.get(self.name, self.default))

    def text(self) -> str:
        """Return the text that the environment says, or the default; an empty text counts as not set."""
        return os.environ.get(self.name) or str(self.default)


def cores() -> int:
    """Return the number of processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def check() -> None:
    """Check all variables, so that a server with a wrong one does not start.

    Raises:
      EnvironmentVariableError: with a line for each variable whose value is not allowed.
    """
    if faults := [variable.fault for variable in VARIABLES if variable.fault]:
        raise EnvironmentVariableError("\n".join(faults))


# A run. Its work is steps x parameters x batch x how often an example uses a parameter x tries of a search: about a minute for
# every 1e11 on one core.
MAX_STEPS = Variable("PRODIGY_LAB_MAX_STEPS", 100_000, "steps", "The longest run.")
MAX_WORK = Variable(
    "PRODIGY_LAB_MAX_WORK",
    1_000_000_000_000,
    "steps × parameters × examples",
    "The most work of one run. One core does about 1e11 of it in a minute.",
)
TRACE_ENTRIES = Variable(
    "PRODIGY_LAB_TRACE_ENTRIES", 20_000, "entries", "Entries of a trace; a longer run keeps every n-th step."
)
SNAPSHOT_BYTES = Variable(
    "PRODIGY_LAB_SNAPSHOT_BYTES", 4_000_000, "bytes", "Whole positions that a run keeps; a larger model keeps fewer of them."
)

# A sweep: its runs and their work together.
MAX_RUNS = Variable("PRODIGY_LAB_MAX_RUNS", 100_000, "runs", "Runs of one sweep. On a cluster every worker reads its own.")
MAX_SWEEP_WORK = Variable(
    "PRODIGY_LAB_MAX_SWEEP_WORK",
    10_000_000_000_000,
    "steps × parameters × examples",
    "The most work of all runs of one sweep. On a cluster every worker reads its own.",
)
DASK = Variable(
    "PRODIGY_LAB_DASK",
    "",
    "",
    "The Dask scheduler whose workers compute sweeps, as tcp://HOST:PORT or tls://HOST:PORT (docs/cluster.md).",
    default_means="this machine computes",
)

# An upload.
MAX_UPLOAD_BYTES = Variable(
    "PRODIGY_LAB_MAX_UPLOAD_BYTES",
    5_000_000,
    "bytes",
    "The largest file. Streamlit has a limit of its own, `server.maxUploadSize`, of 10 MB here: raise both.",
)
MAX_ROWS = Variable("PRODIGY_LAB_MAX_ROWS", 20_000, "rows", "Rows of an uploaded table.")
MAX_COLUMNS = Variable("PRODIGY_LAB_MAX_COLUMNS", 500, "columns", "Columns of an uploaded table.")
MAX_CELLS = Variable(
    "PRODIGY_LAB_MAX_CELLS",
    2_500_000,
    "cells",
    "Rows × columns of an uploaded table: a few bytes of svmlight may stand for many.",
)
MAX_CLASSES = Variable("PRODIGY_LAB_MAX_CLASSES", 100, "classes", "Classes of an uploaded target.")

# The process.
DEVICES = Variable(
    "PRODIGY_LAB_DEVICES",
    min(cores(), 16),
    "devices",
    "As how many devices JAX sees the processor; the runs of a sweep are shared among them.",
    default_means="one for each core, at most 16",
)
CACHE = Variable(
    "PRODIGY_LAB_CACHE",
    "",
    "",
    "The folder where the app keeps compiled programs from one start to the next.",
    default_means="`~/.cache/prodigy-lab`",
)

VARIABLES: tuple[Variable, ...] = tuple(value for value in vars().copy().values() if isinstance(value, Variable))
check()
