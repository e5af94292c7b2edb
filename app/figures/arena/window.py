"""The part of the plane that the landscape shows."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool

from prodigy_core.experiment import Experiment
from prodigy_core.landscape.grid import Window
from prodigy_core.trace import Trace


def window(experiment: Experiment) -> Window:
    """What the landscape shows: the problem's domain, wide enough for the start. It does not move with the paths.

    Only of a function of the plane.
    """
    problem = experiment.definition
    assert problem.domain is not None
    return tuple(  # type: ignore[return-value]
        (min(low, at - 0.05 * (high - low)), max(high, at + 0.05 * (high - low)))
        for (low, high), at in zip(problem.domain, experiment.start or problem.start, strict=True)
    )


def within(trace: Trace, window: Window, widths: float) -> Bool[np.ndarray, " entries"]:
    """Which entries of a run lie in the window, or this many of its widths around it."""
    low, high = np.asarray(window).T
    return np.asarray((np.abs(trace.position - (low + high) / 2) <= (0.5 + widths) * (high - low)).all(axis=1))
