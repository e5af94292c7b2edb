"""The part of the plane that the landscape shows."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool

from prodigy_core.experiment import Experiment
from prodigy_core.landscape.grid import Window
from prodigy_core.trace import Trace


def window(experiment: Experiment) -> Window:
    """The part of the plane that the landscape shows: the problem's domain, wide enough for the start.

    It does not move with the paths. Only a function of the plane has one.
    """
    problem = experiment.definition
    assert problem.domain is not None
    return tuple(  # type: ignore[return-value]
        (min(low, start - 0.05 * (high - low)), max(high, start + 0.05 * (high - low)))
        for (low, high), start in zip(problem.domain, experiment.start or problem.start, strict=True)
    )


def within(trace: Trace, window: Window) -> Bool[np.ndarray, " entries"]:
    """Whether each entry of a run lies in the window."""
    low, high = np.asarray(window).T
    return np.asarray((np.abs(trace.position - (low + high) / 2) <= 0.5 * (high - low)).all(axis=1))
