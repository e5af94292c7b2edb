"""Sweeps made by hand, whole or in part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from prodigy_core.experiment import Experiment
from prodigy_core.sweep.result import Grid, SweepTrace
from prodigy_core.sweep.spec import Axis, Sweep
from prodigy_core.trace import DIVERGED, FINISHED, RUNNING


def made(experiment: Experiment, axes: Sequence[Axis], losses: Sequence[np.ndarray], **metrics: np.ndarray) -> SweepTrace:
    """A sweep that ended at these losses, an array over the axes and the seeds for each contender.

    inf is a run that diverged at step 7, NaN one that is still to come. Other metrics are the first contender's.
    """
    seeds = tuple(range(losses[0].shape[-1]))
    sweep = Sweep(experiment, tuple(axes), seeds)
    grids = []
    for contender, loss in enumerate(losses):
        assert loss.shape == (*sweep.shape_of(contender), len(seeds))
        status = np.where(np.isnan(loss), RUNNING, np.where(np.isinf(loss), DIVERGED, FINISHED)).astype(np.int8)
        more: Mapping[str, np.ndarray] = metrics if contender == 0 else {}
        stopped = np.where(status == DIVERGED, 7, experiment.steps)
        own = sweep.axes_of(contender)
        grids.append(Grid(own, seeds, {"final_loss": loss, **more}, status, stopped, np.zeros(0, int), {}))
    return SweepTrace(sweep, tuple(grids))
