"""The server's runs, planes and sweeps: jobs that all who ask share, done in chunks, so that nobody waits for another.

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
MOST_JOBS = 256  # jobs that are remembered, done or not
MOST_BYTES = 400_000_000  # bytes of the results of all jobs together
FORGOTTEN = 20.0  # seconds after which a watcher who no longer asks has left

T = TypeVar("T")
Start = Callable[[], Iterator[Progress[T | None]]]


@dataclass(eq=False)
class Job(Generic[T]):
    """One contender's run, the plane under the runs of all, or a sweep.

    Attributes:
      start: begins the work; None once it is done, since a plane's start holds the traces.
      fraction: the part of the work that is done, in [0, 1].
      progress: the progress after the last chunk.
      error: why it could not run, if it could not.
      done: whether nothing more will come.
      seconds: the time that its chunks have taken.
      nbytes: the memory that its result takes, in bytes.
      steps: the work, from its first chunk until it is done.
      active: whether it waits for a worker, or has one.
      watchers: the time at which each watcher last asked; for one who asked to keep it, later by that many seconds.
    """

    start: Start[T] | None
    fraction: float = 0.0
    progress: Progress[T | None] | None = None
    error: Exception | None = None
    done: bool = False
    seconds: float = 0.0
    nbytes: int = 0
    steps: Iterator[Progress[T | None]] | None = None
    active: bool = False
    watchers: dict[str, float] = field(default_factory=dict)

    @property
    def result(self) -> T | None:
        """The result so far: None before a run's first chunk, and before a plane's end."""
        return self.progress.result if self.progress else None

    @property
    def watched(self) -> bool:
        """Whether somebody has asked for it of late."""
        return any(time.monotonic() - seen < FORGOTTEN for seen in self.watchers.values())

    @property
    def seconds_left(self) -> float | None:
        """About how many seconds of work are left; None before a hundredth is done."""
        return self.seconds * (1 - self.fraction) / self.fraction if self.fraction > 0.01 else None


class Scheduler:
    """All jobs, and the threads that work at them."""

    def __init__(self, workers: int = WORKERS) -> None:
        self._jobs: OrderedDict[str, Job[Any]] = OrderedDict()
        self._queue: deque[Job[Any]] = deque()
        self._sequences: dict[str, list[Job[Any]]] = {}  # by watcher: jobs that come one after another
        self._workers = workers
        self._changed = threading.Condition()
        for i in range(workers):
            threading.Thread(target=self._work, name=f"runs-{i}", daemon=True).start()

    def ask(self, watcher: str, wanted: Sequence[tuple[str, Start[T]]], patience: float, keep: float = 0.0) -> list[Job[T]]:
        """Return the jobs of these keys, begun where they are new; the watcher's earlier jobs are dropped.

        Args:
          watcher: who asks: a session, or a part of its page that asks on its own.
          wanted: (key, start) of each job; equal keys are the same job.
          patience: seconds to wait for all of them to be done.
          keep: seconds beyond `FORGOTTEN` for which the jobs go on though this watcher asks no more, unless it cancels.
            With it the jobs come one after another, as many at a time as there are workers: some are done soon, and other
            people's work does not wait for all of them.
        """
        seen = time.monotonic() + keep
        with self._changed:
            before = [job for job in self._jobs.values() if job.watchers.pop(watcher, None) is not None]
            jobs = []
            for key, start in wanted:
                known = self._jobs.get(key)
                if known and known.error and known not in before:  # tried again: an upload that was missing may be there now
                    del self._jobs[key]
                job = cast(Job[T], self._jobs.setdefault(key, Job(start)))  # a key says what kind of job it is
                self._jobs.move_to_end(key)
                job.watchers[watcher] = seen
                jobs.append(job)
            self._sequences.pop(watcher, None)
            if keep:
                self._sequences[watcher] = jobs
            for job in reversed(self._next_of(watcher) if keep else jobs):
                self._put_first(job)
            self._forget_oldest()
            self._changed.notify_all()
            self._changed.wait_for(lambda: all(job.done for job in jobs), timeout=patience)
        return jobs

    def cancel(self, watcher: str, wanted: Sequence[tuple[str, Start[T]]] = ()) -> list[Job[T]]:
        """Drop all that this watcher wanted: a job that nobody else watches stops after its chunk.

        Returns:
          The jobs of these keys as they are; none is begun.
        """
        with self._changed:
            self._sequences.pop(watcher, None)
            for job in self._jobs.values():
                job.watchers.pop(watcher, None)
            return [cast(Job[T], self._jobs.get(key) or Job(start)) for key, start in wanted]

    def _next_of(self, watcher: str) -> list[Job[Any]]:
        """The jobs whose turn it is in a watcher's sequence, no more than there are workers."""
        return [job for job in self._sequences.get(watcher, ()) if not job.done][: self._workers]

    def _begin_next(self, job: Job[Any]) -> None:
        """Begin the jobs that come after this one, which is done, or watched by nobody."""
        for watcher in job.watchers:
            if not job.watched or not self._next_of(watcher):
                self._sequences.pop(watcher, None)
            for other in self._next_of(watcher):
                if not other.active:
                    other.active = True
                    self._queue.append(other)

    def _put_first(self, job: Job[Any]) -> None:
        """Put a job at the head of the queue: most new ones are done in one chunk."""
        if not job.done and not job.active:
            job.active = True
            self._queue.appendleft(job)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._queue)
                job = self._queue.popleft()
                if not job.watched:
                    job.active = False
                    self._begin_next(job)
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
            except Exception as failure:  # whoever asked is shown it: a worker must outlive it
                error, done = failure, True
                if not isinstance(failure, ExperimentError):  # a fault in a person's input is shown to that person alone
                    LOG.exception("A run broke off")
            with self._changed:
                job.seconds += time.monotonic() - before
                if progress is not None:
                    job.fraction, job.progress = progress.fraction, progress
                    job.nbytes = progress.nbytes  # kept: `_forget_oldest` adds it up over hundreds of jobs
                job.error, job.done = error, done
                if done:
                    job.active, job.steps, job.start = False, None, None
                    self._begin_next(job)
                else:
                    self._queue.append(job)
                self._changed.notify_all()

    def _forget_oldest(self) -> None:
        """Forget the jobs that were asked for longest ago, where there are too many or they are too large.

        A job that nobody watches and that was never begun goes at once: it has nothing to lose, and may hold the traces for a
        plane. A watcher who closed the browser holds no job: what such people looked at last would else add up for ever.
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
