"""Many runs: the specification of a sweep, its plan, its blocks and its results, here or on a cluster."""

from prodigy_core.sweep.runner import SweepProgress, follow, run
from prodigy_core.sweep.spec import race_may_differ

__all__ = ["SweepProgress", "follow", "race_may_differ", "run"]
