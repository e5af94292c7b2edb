"""How much one run may ask for; every number can be set by an environment variable."""

from __future__ import annotations

import os

from prodigy_core.param import Fault


class LimitError(RuntimeError):
    """An environment variable that sets a limit holds no whole number of at least 1."""


def limit(name: str, default: int) -> int:
    """A limit: what the environment variable `name` says where it is set, else `default`.

    All are read once, at the import of this module, so that a server with a misspelt one does not start.

    Raises:
      LimitError: the variable is set, and not to a whole number of at least 1.
    """
    text = os.environ.get(name)
    if text is None:
        return default
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise LimitError(f"{name} is {text[:60]!r}; it must be a whole number of at least 1, or unset for {default:,}.")
    return value


def cores() -> int:
    """How many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


# Of a run. Its work is steps x parameters x batch x how often an example uses a parameter x tries of a search: about a
# minute for every 1e11 on one core.
MAX_STEPS = limit("PRODIGY_LAB_MAX_STEPS", 100_000)
MAX_WORK = limit("PRODIGY_LAB_MAX_WORK", 1_000_000_000_000)

# Of a sweep: runs in all, and their work together.
MAX_RUNS = limit("PRODIGY_LAB_MAX_RUNS", 100_000)
MAX_SWEEP_WORK = limit("PRODIGY_LAB_MAX_SWEEP_WORK", 10_000_000_000_000)

# As how many devices JAX sees the processor, one for each core: the runs of a sweep are shared among them.
DEVICES = limit("PRODIGY_LAB_DEVICES", min(cores(), 16))

# Of what a run leaves behind: a longer one keeps every so manieth entry, a larger one fewer whole positions.
ENTRIES = limit("PRODIGY_LAB_TRACE_ENTRIES", 20_000)
SNAPSHOT_BYTES = limit("PRODIGY_LAB_SNAPSHOT_BYTES", 4_000_000)

# Of an upload.
MAX_BYTES = limit("PRODIGY_LAB_MAX_UPLOAD_BYTES", 5_000_000)
MAX_ROWS = limit("PRODIGY_LAB_MAX_ROWS", 20_000)
MAX_COLUMNS = limit("PRODIGY_LAB_MAX_COLUMNS", 500)
MAX_CELLS = limit("PRODIGY_LAB_MAX_CELLS", 2_500_000)  # a few bytes of sparse rows could else stand for gigabytes
MAX_CLASSES = limit("PRODIGY_LAB_MAX_CLASSES", 100)

CHUNK_WORK = 200_000_000  # of one chunk: some tenths of a second, after which progress shows and a cancel is heard
OVERHEAD = 5_000  # the work that a step costs even where it has next to nothing to do


def fault(steps: int, parameters: int, batch: int, work: float) -> Fault | None:
    """What is wrong with the size of a run; None where it is within `MAX_WORK`.

    Args:
      steps, parameters, batch: of the run; a batch of 0 where there are no examples.
      work: of one step.
    """
    if steps * work <= MAX_WORK:
        return None
    of = f" with {parameters:,} parameters" + (f" and batches of {batch:,}" if batch else "")
    fits = int(MAX_WORK / work)
    better = f"at most {fits:,}{of}" if fits else f"fewer{of}: not even one step fits"
    return Fault("steps", steps, f"{better}; a smaller model or batch allows more (PRODIGY_LAB_MAX_WORK is {MAX_WORK:.3g})")
