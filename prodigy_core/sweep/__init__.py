"""Many runs: what a sweep runs, its plan, the batched loop, and its results, here or on a cluster."""

from prodigy_core.sweep.runner import SweepProgress, follow, run

__all__ = ["SweepProgress", "follow", "run"]
