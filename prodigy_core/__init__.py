"""Prodigy, and a laboratory to see it work: the optimizer, experiments with it, and the engine that runs them."""

from prodigy_core.diagnosis import diagnose
from prodigy_core.engine.runner import follow, run
from prodigy_core.experiment import Contender, Experiment, ExperimentError
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.param import Param
from prodigy_core.problems import PROBLEMS
from prodigy_core.prodigy import prodigy
from prodigy_core.sweep.result import SweepTrace
from prodigy_core.sweep.spec import Axis, Sweep
from prodigy_core.trace import Status, Trace

__all__ = [
    "OPTIMIZERS",
    "PROBLEMS",
    "Axis",
    "Contender",
    "Experiment",
    "ExperimentError",
    "Param",
    "Status",
    "Sweep",
    "SweepTrace",
    "Trace",
    "diagnose",
    "follow",
    "prodigy",
    "run",
]
