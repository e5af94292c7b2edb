"""The one description of a run. Widgets, links, files and sweeps all become an `Experiment`.

It is checked once, here; the code below trusts it. All faults are reported together, each with its field, its value and
the allowed values. The JSON is versioned: a default or a field changes its meaning only with the version, and
texts of every earlier version are read as what they were.

A problem's own hyperparameters are called its settings, since that is their name in the JSON; those of an optimizer are
called knobs there.
"""

from prodigy_core.experiment.contender import Contender, ExperimentError
from prodigy_core.experiment.experiment import MAX_CHARACTERS, Experiment
from prodigy_core.experiment.params import FIELDS, MAX_CONTENDERS, PARAMS, PRECISION, SEED, STEPS, TOLERANCE
from prodigy_core.experiment.versions import VERSION

__all__ = [
    "FIELDS",
    "MAX_CHARACTERS",
    "MAX_CONTENDERS",
    "PARAMS",
    "PRECISION",
    "SEED",
    "STEPS",
    "TOLERANCE",
    "VERSION",
    "Contender",
    "Experiment",
    "ExperimentError",
]
