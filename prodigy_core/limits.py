"""How much a run, a sweep or an upload may ask for."""

from __future__ import annotations

from prodigy_core import environment
from prodigy_core.param import Fault

# What environment variables set; `environment` declares them and says what each of them is.
MAX_STEPS = environment.MAX_STEPS.number()
MAX_WORK = environment.MAX_WORK.number()
MAX_RUNS = environment.MAX_RUNS.number()
MAX_SWEEP_WORK = environment.MAX_SWEEP_WORK.number()
DEVICES = environment.DEVICES.number()
ENTRIES = environment.TRACE_ENTRIES.number()
SNAPSHOT_BYTES = environment.SNAPSHOT_BYTES.number()
MAX_BYTES = environment.MAX_UPLOAD_BYTES.number()
MAX_ROWS = environment.MAX_ROWS.number()
MAX_COLUMNS = environment.MAX_COLUMNS.number()
MAX_CELLS = environment.MAX_CELLS.number()
MAX_CLASSES = environment.MAX_CLASSES.number()

# Work, in the unit of MAX_WORK: steps x parameters x examples.
CHUNK_WORK = 200_000_000  # work of one chunk: some tenths of a second, after which progress shows and a cancel is heard
OVERHEAD = 5_000  # least work of a step: what it costs even where there is next to nothing to compute


def fault(steps: int, parameters: int, batch: int, work: float) -> Fault | None:
    """Return what is wrong with the size of a run, or None where it is within `MAX_WORK`.

    Args:
      steps: number of steps of the run.
      parameters: number of parameters.
      batch: examples of a step; 0 for a problem without examples.
      work: work of one step, in the unit of `MAX_WORK`.
    """
    if steps * work <= MAX_WORK:
        return None
    of = f" with {parameters:,} parameters" + (f" and batches of {batch:,}" if batch else "")
    fits = int(MAX_WORK / work)
    better = f"at most {fits:,}{of}" if fits else f"fewer{of}: not even one step fits"
    return Fault("steps", steps, f"{better}; a smaller model or batch allows more (PRODIGY_LAB_MAX_WORK is {MAX_WORK:.3g})")
