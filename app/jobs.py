"""What the server is at, runs, planes and sweeps: shared by all who ask, in small pieces, so that nobody waits for another.

A few worker threads take the jobs in turn, one chunk each: a short run is done at once beside a long one. A job that
nobody watches any more stops where it is, and goes on from there when somebody asks for it again.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from prodigy_core.experiment import ExperimentError
from prodigy_core.progress import Progress

LOG = logging.getLogger(__name__)
WORKERS = min(4, os.cpu_count() or 1)
MOST_JOBS = 256  # that are remembered, done or not
MOST_BYTES = 400_000_000  # of what they found, all together
FORGOTTEN = 20.0  # seconds after which somebody who no longer asks has left

T = TypeVar("T")
Start = Callable[[], Iterator[Progress[T | None]]]


@dataclass(eq=False)
class Job(Generic[T]):
    """One contender's run, the plane under the runs of all, or a sweep.

    Attributes:
      fraction: of its work that is done, in [0, 1].
      progress: the last word from it.
      error: why it could not run, if it could not.
      done: whether nothing more will come.
      seconds: how long it has been worked at.
      nbytes: the memory that its result takes, in bytes.
      watchers: who wants it, each with the time of the last word from them, or the later one until which it goes on without.
    """

    start: Start[T] | None  # None once it is done: a plane's holds the traces
    fraction: float = 0.0
    progress: Progress[T | None] | None = None
    error: Exception | None = None
    done: bool = False
    seconds: float = 0.0
    nbytes: int = 0
    steps: Iterator[Progress[T | None]] | None = None
    active: bool = False  # waits for a worker, or has one
    watchers: dict[str, float] = field(default_factory=dict)

    @property
    def result(self) -> T | None:
        """What there is of it: None before a run's first chunk, and before a plane's end."""
        return self.progress.result if self.progress else None

    @property
    def watched(self) -> bool:
        """Whether somebody still wants it."""
        return any(time.monotonic() - seen < FORGOTTEN for seen in self.watchers.values())

    @property
    def left(self) -> float | None:
        """About how many seconds of work are left; None before one can tell."""
        return self.seconds * (1 - self.fraction) / self.fraction if self.fraction > 0.01 else None


class Board:
    """All jobs, and the threads that work at them."""

    def __init__(self, workers: int = WORKERS) -> None:
        self._jobs: OrderedDict[str, Job[Any]] = OrderedDict()
        self._queue: deque[Job[Any]] = deque()
        self._suites: dict[str, list[Job[Any]]] = {}  # of watchers who wait for their jobs one after another
        self._workers = workers
        self._changed = threading.Condition()
        for i in range(workers):
            threading.Thread(target=self._work, name=f"runs-{i}", daemon=True).start()

    def ask(self, watcher: str, wanted: Sequence[tuple[str, Start[T]]], patience: float, keeps: float = 0.0) -> list[Job[T]]:
        """The jobs of these keys, begun where they are new; what this watcher wanted before is dropped.

        Args:
          watcher: who asks: a session, or a part of its page that asks on its own.
          wanted: (key, what starts the job); equal keys are the same job.
          patience: seconds to wait for all of them to be done.
          keeps: seconds beyond `FORGOTTEN` for which they are worked at though this watcher asks no more, unless it cancels.
            They then come one after another, as many at a time as there are workers, so that some are done soon, and other
            people's work does not wait for all of them.
        """
        now = time.monotonic() + keeps
        with self._changed:
            before = [job for job in self._jobs.values() if job.watchers.pop(watcher, None) is not None]
            jobs = []
            for key, start in wanted:
                known = self._jobs.get(key)
                if known and known.error and known not in before:  # asked anew: what was missing may be there now
                    del self._jobs[key]
                job = cast(Job[T], self._jobs.setdefault(key, Job(start)))  # a key says what kind of job it is
                self._jobs.move_to_end(key)
                job.watchers[watcher] = now
                jobs.append(job)
            self._suites.pop(watcher, None)
            if keeps:
                self._suites[watcher] = jobs
            for job in reversed(self._turn(watcher) if keeps else jobs):
                self._resume(job)
            self._bound()
            self._changed.notify_all()
            self._changed.wait_for(lambda: all(job.done for job in jobs), timeout=patience)
        return jobs

    def cancel(self, watcher: str, wanted: Sequence[tuple[str, Start[T]]] = ()) -> list[Job[T]]:
        """This watcher wants nothing more: what nobody else watches stops after its chunk.

        Returns:
          The jobs of these keys as they are; none is begun.
        """
        with self._changed:
            self._suites.pop(watcher, None)
            for job in self._jobs.values():
                job.watchers.pop(watcher, None)
            return [cast(Job[T], self._jobs.get(key) or Job(start)) for key, start in wanted]

    def _turn(self, watcher: str) -> list[Job[Any]]:
        """Whose turn it is of the jobs that come one after another."""
        return [job for job in self._suites.get(watcher, ()) if not job.done][: self._workers]

    def _go_on(self, job: Job[Any]) -> None:
        """Lets others take the turn of a job that is done, or that nobody watches any more."""
        for watcher in job.watchers:
            if not job.watched or not self._turn(watcher):
                self._suites.pop(watcher, None)
            for other in self._turn(watcher):
                if not other.active:
                    other.active = True
                    self._queue.append(other)

    def _resume(self, job: Job[Any]) -> None:
        if not job.done and not job.active:
            job.active = True
            self._queue.appendleft(job)  # new ones first: most are done in one chunk

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._queue)
                job = self._queue.popleft()
                if not job.watched:
                    job.active = False
                    self._go_on(job)
                    continue
            before = time.monotonic()
            progress, error, done = None, None, False
            try:
                if job.steps is None:
                    assert job.start is not None  # else it would be done
                    job.steps = job.start()
                progress = next(job.steps)
                done = progress.ended
            except StopIteration:
                done = True
            except Exception as failure:  # shown to whoever asked: a worker must outlive it
                error, done = failure, True
                if not isinstance(failure, ExperimentError):  # what a person did is for that person alone
                    LOG.exception("A run broke off")
            with self._changed:
                job.seconds += time.monotonic() - before
                if progress is not None:
                    job.fraction, job.progress = progress.fraction, progress
                    job.nbytes = progress.nbytes  # once, not at every look: there may be hundreds of jobs
                job.error, job.done = error, done
                if done:
                    job.active, job.steps, job.start = False, None, None
                    self._go_on(job)
                else:
                    self._queue.append(job)
                self._changed.notify_all()

    def _bound(self) -> None:
        """Forgets the jobs that were asked for longest ago, where there are too many or they are too large.

        What nobody watches and was never begun goes at once: it has nothing to lose, and may hold the traces for a plane.
        Who closed the browser holds nothing here: what such people looked at last would else add up for ever.
        """
        for key, job in list(self._jobs.items()):
            if not job.watchers and not job.active and not job.done and job.steps is None:
                del self._jobs[key]
        total = sum(job.nbytes for job in self._jobs.values())
        for key, job in list(self._jobs.items()):
            if len(self._jobs) <= MOST_JOBS and total <= MOST_BYTES:
                return
            if not job.watched:
                total -= job.nbytes
                del self._jobs[key]
