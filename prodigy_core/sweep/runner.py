"""Sweep -> SweepTrace, block by block: whoever takes no further report of `follow` has cancelled the sweep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import numpy as np

from prodigy_core.data.datasets import Dataset
from prodigy_core.experiment import Experiment
from prodigy_core.progress import Progress
from prodigy_core.sweep.block import BlockResult
from prodigy_core.sweep.executors import choose
from prodigy_core.sweep.plan import Plan, make_plan
from prodigy_core.sweep.result import Store, SweepTrace
from prodigy_core.sweep.spec import Axis, Sweep

SweepProgress = Progress[SweepTrace]  # its result has `Status.RUNNING` of each run that is still to come


class Executor(Protocol):
    """The place where the blocks of a sweep are computed.

    Attributes:
      accelerator: whether blocks are to be cut for an accelerator (see `plan.make_plan`).
    """

    @property
    def accelerator(self) -> bool: ...

    def compute(self, plan: Plan, upload: Dataset | None) -> Iterator[tuple[int, float | BlockResult]]:
        """Yield the blocks of a plan by number as they are done: the result, or before that the fraction that is done.

        A block may come twice, and then counts once. Closing the iterator stops the blocks that are still to be done.
        """
        ...


def run(
    experiment: Experiment,
    axes: Iterable[Axis] = (),
    seeds: Sequence[int] = (0,),
    *,
    entries: int = 0,
    upload: Dataset | None = None,
    executor: Executor | None = None,
) -> SweepTrace:
    """Run every contender over its axes, with every seed. Divergence is a status of a run, not an exception.

    Args:
      experiment: the experiment, whose values hold unless an axis says otherwise.
      axes: axes of the contenders' hyperparameters, or of the experiment's.
      seeds: in place of the experiment's own.
      entries: about how many entries of each run's trace are kept; 0 for its metrics alone.
      upload: the data that the experiment calls its upload; needed if it does.
      executor: where the blocks are computed; None for `executors.choose()`: this process, or the cluster of PRODIGY_LAB_DASK.

    Raises:
      ExperimentError: the sweep is not valid, a run or all together would be larger than the limits allow, or the upload is
        missing or does not suit.
      ClusterError: the cluster does not answer, or went away.
    """
    *_, last = follow(Sweep(experiment, tuple(axes), tuple(seeds), entries), upload, executor)
    return last.result


def follow(sweep: Sweep, upload: Dataset | None = None, executor: Executor | None = None) -> Iterator[SweepProgress]:
    """`run`, block by block. The last report has all runs. Raises as `run` does, before the first."""
    executor = executor or choose()
    plan = make_plan(sweep, upload, accelerator=executor.accelerator)
    works = [plan.work(number) for number in range(len(plan.blocks))]
    store, fractions = Store(plan), np.zeros(len(works))
    for number, news in executor.compute(plan, upload):
        if isinstance(news, BlockResult):
            store.put(plan.blocks[number], news)
            fractions[number] = 1
        else:
            fractions[number] = max(fractions[number], news)
        yield SweepProgress(float(fractions @ works / sum(works)), store.nbytes, store.trace)
