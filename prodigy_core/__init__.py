"""Prodigy, and a laboratory to see it work: the optimizer, experiments with it, and the engine that runs them."""

from prodigy_core.data.datasets import Dataset
from prodigy_core.diagnosis import Finding, Remedy, diagnose
from prodigy_core.engine import Progress, follow, run
from prodigy_core.experiment import Contender, Experiment, ExperimentError
from prodigy_core.optimizers import OPTIMIZERS, Optimizer
from prodigy_core.param import Fault, Param
from prodigy_core.problems import PROBLEMS, Problem
from prodigy_core.prodigy import ProdigyState, prodigy
from prodigy_core.sweep.result import Grid, SweepTrace
from prodigy_core.sweep.spec import Axis, Sweep
from prodigy_core.trace import Status, Trace, Tuning

# The optimizer bears the name of its module and hides it: `import prodigy_core.prodigy as p` gives the function too.

__all__ = [
    "OPTIMIZERS",
    "PROBLEMS",
    "Axis",
    "Contender",
    "Dataset",
    "Experiment",
    "ExperimentError",
    "Fault",
    "Finding",
    "Grid",
    "Optimizer",
    "Param",
    "Problem",
    "ProdigyState",
    "Progress",
    "Remedy",
    "Status",
    "Sweep",
    "SweepTrace",
    "Trace",
    "Tuning",
    "diagnose",
    "follow",
    "prodigy",
    "run",
]
