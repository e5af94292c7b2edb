"""One run: prepared on the host, computed by a jitted loop in chunks, recorded as a Trace."""

from prodigy_core.engine.runner import follow, run, run_contender
from prodigy_core.progress import Progress

__all__ = ["Progress", "follow", "run", "run_contender"]
