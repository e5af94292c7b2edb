"""Planes on the board, beside the runs."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest

from app import cache, jobs
from app.jobs import Board
from prodigy_core.engine.runner import run
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.landscape.plane import Plane
from prodigy_core.progress import Progress, nothing_yet
from prodigy_core.trace import Trace
from tests.jobs.runs import LONG, Run, ask, busy, eventually

MADE = cast(Plane, SimpleNamespace(nbytes=100))


def steps(chunks: int = 2, holds: int = 1000) -> Iterator[Progress[Plane | None]]:
    for chunk in range(1, chunks):
        yield Progress(chunk / chunks, holds, nothing_yet)
    yield Progress(1.0, MADE.nbytes, lambda: MADE)


def bowl(**fields: Any) -> Experiment:
    return Experiment(problem="quadratic_nd", contenders=(Contender("adam"),), steps=20, **fields)


@pytest.fixture
def own_board(board: Board, monkeypatch) -> Board:
    monkeypatch.setattr(cache, "_board", lambda: board)
    return board


# --- on the board --------------------------------------------------------------------------------------------------


def test_a_plane_is_a_job_like_a_run(board, log):
    (job,) = board.ask("me", [("plane", steps)], LONG)
    assert (job.done, job.fraction, job.error) == (True, 1, None)
    assert job.result is MADE
    assert job.nbytes == 100
    (other,) = ask(board, "me", Run("a", log))
    assert isinstance(other.result, Trace)


def test_a_plane_says_how_far_it_is(board, log):
    plug = busy(board, log)
    (job,) = board.ask("me", [("plane", lambda: steps(4))], 0)
    plan = Run("then", log, 2, held=1)
    ask(board, "another", plan, patience=0)  # comes first and holds the worker, the plane has one turn after it
    plug.go.set()
    plan.go.set()
    eventually(lambda: job.done)
    assert job.seconds >= 0
    assert job.fraction == 1


def test_a_done_plane_lets_go_of_the_traces_it_came_from(board):
    """Fifty students' planes would else keep their runs in memory, which nothing counts."""
    (job,) = board.ask("me", [("plane", steps)], LONG)
    assert job.start is None
    assert job.steps is None


def test_what_an_unfinished_plane_holds_counts(board, log, monkeypatch):
    def stops():
        yield Progress(0.5, 5_000, nothing_yet)
        board.cancel("me")
        yield Progress(0.6, 5_000, nothing_yet)

    (job,) = board.ask("me", [("plane", stops)], 0)
    eventually(lambda: job.fraction == 0.6 and not job.active)
    assert job.nbytes == 5_000
    monkeypatch.setattr(jobs, "MOST_BYTES", 4_000)
    ask(board, "another", Run("a", log))
    (again,) = board.ask("me", [("plane", steps)], LONG)
    assert again is not job


def test_a_plane_that_was_never_begun_is_forgotten_when_nobody_waits_for_it(board, log):
    """It holds the traces, and has nothing to lose."""
    plug = busy(board, log)
    (job,) = board.ask("me", [("plane", steps)], 0)
    board.cancel("me")
    plug.go.set()
    eventually(lambda: not job.active)
    ask(board, "another", Run("a", log))
    (again,) = board.ask("me", [("plane", steps)], LONG)
    assert again is not job
    assert again.done


# --- as the page asks for them -------------------------------------------------------------------------------------


def test_asking_for_runs_does_not_drop_the_plane_nor_the_other_way_round(own_board, log):
    """A page asks for both at every rerun."""
    experiment = bowl()
    plug = busy(own_board, log)
    (first,) = cache.runs(experiment, "me", 0)
    plane = cache.plane(experiment, "pca", [None], "me", 0)
    cache.runs(experiment, "me", 0)
    assert plane.watchers
    assert first.watchers
    cache.cancel(experiment, "me")
    assert not plane.watchers
    cache.plane(experiment, "pca", [None], "me", 0)
    cache.drop_plane("me")
    assert not plane.watchers
    plug.go.set()


def test_a_plane_is_made_once_for_everyone_and_anew_for_what_went_on(own_board):
    experiment = bowl()
    (trace,) = run(experiment)
    job = cache.plane(experiment, "pca", [trace], "me", LONG)
    assert job.error is None
    assert job.result is not None
    assert len(job.result.paths) == 1
    (again,) = run(experiment)
    assert cache.plane(bowl(tolerance=1e-3), "pca", [again], "another", LONG) is job
    assert cache.plane(experiment, "random", [trace], "me", LONG) is not job
    assert cache.plane(bowl(seed=1), "pca", [trace], "me", LONG) is not job
    part = Trace(**{**vars(trace), "stopped_at": 8})
    assert cache.plane(experiment, "pca", [part], "me", LONG) is not job
    assert cache.plane(experiment, "pca", [None], "me", LONG) is not job
