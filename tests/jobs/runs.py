"""Runs made by hand: their chunks wait until they are let go, and tell in which order they came."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from app.jobs import Job, Scheduler
from prodigy_core.progress import Progress, nothing_yet
from prodigy_core.trace import Status, Trace
from tests.traces import hand_made

LONG = 60.0  # seconds that nothing here takes: a wait for what never comes fails


def trace_of(step: int, of: int, status: Status | None = None, entries: int = 1) -> Trace:
    """A run of `of` steps that stands at this one."""
    usual = Status.FINISHED if step == of else Status.RUNNING
    return hand_made(entries, status=status or usual, stopped_at=step)


@dataclass
class Run:
    """What starts a run of some chunks.

    Attributes:
      name: in the log.
      log: "name 1" as its first chunk begins, "name 2" as its second does.
      chunks: how many.
      fails: the chunk that raises an error, if any.
      held: the chunk that waits until `go` is set, if any; `reached` is set as it does.
      search: the chunks that have no trace yet.
      starts: how often it was begun.
    """

    name: str
    log: list[str]
    chunks: int = 1
    fails: int = 0
    held: int = 0
    search: int = 0
    entries: int = 1
    then: Callable[[int], Any] = lambda chunk: None
    starts: int = 0
    go: threading.Event = field(default_factory=threading.Event)
    reached: threading.Event = field(default_factory=threading.Event)

    def __call__(self) -> Iterator[Progress[Trace | None]]:
        self.starts += 1
        return self._steps()

    def _steps(self) -> Iterator[Progress[Trace | None]]:
        for chunk in range(1, self.chunks + 1):
            self.log.append(f"{self.name} {chunk}")
            if chunk == self.held:
                self.reached.set()
                assert self.go.wait(LONG)
            self.then(chunk)
            if chunk == self.fails:
                raise RuntimeError(f"{self.name} broke")
            made = trace_of(chunk, self.chunks, entries=self.entries)
            if chunk <= self.search:
                yield Progress(chunk / self.chunks, 0, nothing_yet)
            else:
                yield Progress(chunk / self.chunks, made.nbytes, partial(_same, made))


def _same(trace: Trace) -> Trace:
    return trace


def eventually(what: Callable[[], bool]) -> None:
    """Waits until it is so."""
    deadline = time.monotonic() + LONG
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def ask(scheduler: Scheduler, watcher: str, *runs: Run, patience: float = LONG) -> list[Job[Trace]]:
    return scheduler.ask(watcher, [(run.name, run) for run in runs], patience)


def busy(scheduler: Scheduler, log: list[str], chunks: int = 1) -> Run:
    """A run that holds the only worker in its first chunk."""
    run = Run("busy", log, chunks, held=1)
    ask(scheduler, "somebody", run, patience=0)
    assert run.reached.wait(LONG)
    return run
