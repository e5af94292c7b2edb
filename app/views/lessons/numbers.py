"""The numbers that the texts quote: of the lesson's own experiments, whatever a hand has turned in the figure.

They are asked for under watchers of their own, so that the figure's runs and these do not drop each other; equal ones are
computed once.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from ... import cache, lessons, state
from ...lessons import Race, Study


@dataclass(frozen=True)
class Numbers:
    """What there is of the numbers.

    Attributes:
      texts: the numbers, written, by name; a sign of waiting for those that are not there yet.
      fraction: the part of the work that is done, in [0, 1].
      over: whether nothing more will come.
    """

    texts: Mapping[str, str]
    fraction: float
    over: bool


def numbers(study: Study, patience: float) -> Numbers:
    """Return the numbers of a study, its runs begun where they are new.

    Args:
      study: a lesson or a case.
      patience: seconds to wait for all of them.
    """
    until = time.monotonic() + patience
    jobs = {
        name: cache.runs(study.experiments[name].experiment, _watcher(study, name), max(0.0, until - time.monotonic()))
        for name in _needed(study)
    }
    races = {
        name: Race(study.experiments[name].experiment, [job.result for job in runs if job.result is not None])
        for name, runs in jobs.items()
        if all(job.done and job.result is not None for job in runs)
    }
    every = [job for runs in jobs.values() for job in runs]
    fraction = sum(1.0 if job.done else job.fraction for job in every) / max(len(every), 1)
    return Numbers(lessons.seen(study, races), fraction, all(job.done for job in every))


def _needed(study: Study) -> list[str]:
    """Return the names of the experiments that the numbers are of."""
    readings = [reading for each in study.seen for reading in (each.of, each.other) if reading is not None]
    return list(dict.fromkeys(reading.experiment for reading in readings))


def _watcher(study: Study, name: str) -> str:
    return f"{state.watcher()}/{study.name}/{name}"
