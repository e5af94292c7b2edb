"""Sweep -> SweepTrace, bit by bit: whoever takes no more of `follow` has cancelled the sweep."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np

from prodigy_core.data.datasets import Dataset
from prodigy_core.experiment import Experiment
from prodigy_core.sweep.block import Found
from prodigy_core.sweep.executors import choose
from prodigy_core.sweep.plan import Plan, make_plan
from prodigy_core.sweep.result import Store, SweepTrace
from prodigy_core.sweep.spec import Axis, Sweep


class Executor(Protocol):
    """Where the blocks of a sweep are computed.

    Attributes:
      accelerator: whether blocks are to be cut for one (see `blocks.plan`).
    """

    @property
    def accelerator(self) -> bool: ...

    def compute(self, plan: Plan, upload: Dataset | None) -> Iterator[tuple[int, float | Found]]:
        """The blocks of a plan, each by its place, as they are done: what was found, or before that the fraction that is done.

        A block may come twice, and then counts once. Closing the iterator stops what is still to be done.
        """
        ...


@dataclass(frozen=True)
class SweepProgress:
    """How far a sweep is.

    Attributes:
      fraction: of the work that is done, in [0, 1].
      nbytes: the memory that it takes, in bytes.
      result: what there is so far, with `Status.RUNNING` where a run is still to come.
    """

    fraction: float
    nbytes: int
    make: Callable[[], SweepTrace] = field(repr=False)

    @cached_property
    def result(self) -> SweepTrace:
        return self.make()

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.fraction >= 1


def run(
    experiment: Experiment,
    axes: Iterable[Axis] = (),
    seeds: Sequence[int] = (0,),
    *,
    entries: int = 0,
    upload: Dataset | None = None,
    executor: Executor | None = None,
) -> SweepTrace:
    """Runs every contender over its axes, with every seed. Divergence is a status of a run, not an exception.

    Args:
      experiment: what stands where no axis says something else.
      axes: of the contenders' knobs, or of the experiment's.
      seeds: in the place of the experiment's own.
      entries: about how many entries of each run are kept as its trace; 0 for its metrics alone.
      upload: the data that the experiment calls its upload; needed where it does.
      executor: where the blocks are computed; None for `executors.choose()`: this process, or the cluster of PRODIGY_LAB_DASK.

    Raises:
      ExperimentError: the sweep is not valid, a run or all together would be larger than the limits allow, or the upload is
        missing or does not suit.
      ClusterError: the cluster does not answer, or went away.
    """
    *_, last = follow(Sweep(experiment, tuple(axes), tuple(seeds), entries), upload, executor)
    return last.result


def follow(sweep: Sweep, upload: Dataset | None = None, executor: Executor | None = None) -> Iterator[SweepProgress]:
    """`run`, bit by bit. The last SweepProgress has all. Raises as `run` does, before the first."""
    where = executor or choose()
    made = make_plan(sweep, upload, accelerator=where.accelerator)
    works = [made.work(i) for i in range(len(made.blocks))]
    store, done = Store(made), np.zeros(len(works))
    for block, found in where.compute(made, upload):
        if isinstance(found, Found):
            store.put(made.blocks[block], found)
            done[block] = 1
        else:
            done[block] = max(done[block], found)
        yield SweepProgress(float(done @ works / sum(works)), store.nbytes, store.trace)
