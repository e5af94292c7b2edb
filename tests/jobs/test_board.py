"""Who gets what of the runs that the server is at, and in which order."""

from __future__ import annotations

import pytest

from app.jobs import Board
from prodigy_core.progress import Progress
from prodigy_core.trace import Status
from tests.jobs.runs import LONG, Run, ask, busy, eventually, trace_of


def test_a_run_is_worked_at_to_its_end_and_says_how_far_it_is(board, log):
    run = Run("long", log, 4, held=3)
    (job,) = ask(board, "me", run, patience=0)
    assert run.reached.wait(LONG)
    eventually(lambda: job.fraction == 0.5)
    assert not job.done
    assert job.result is not None
    assert job.result.stopped_at == 2
    run.go.set()
    (again,) = ask(board, "me", run)
    assert again is job
    assert (job.done, job.fraction, job.result.stopped_at, job.error) == (True, 1, 4, None)
    assert log == ["long 1", "long 2", "long 3", "long 4"]


def test_fifty_who_ask_for_the_same_run_get_one(board, log):
    run = Run("same", log, 2)
    jobs = {id(job) for i in range(50) for job in ask(board, f"student {i}", run, patience=0)}
    ask(board, "teacher", run)
    assert len(jobs) == 1
    assert run.starts == 1
    assert log == ["same 1", "same 2"]


def test_two_contenders_alike_are_one_run_too(board, log):
    first, second = ask(board, "me", Run("same", log), Run("same", log))
    assert first is second
    assert log == ["same 1"]


def test_a_short_run_is_done_beside_a_long_one(board, log):
    long = busy(board, log, chunks=5)
    short = Run("short", log)
    ask(board, "another", short, patience=0)
    long.go.set()
    ask(board, "another", short)
    ask(board, "somebody", long)
    assert log == ["busy 1", "short 1", "busy 2", "busy 3", "busy 4", "busy 5"]


def test_long_runs_take_turns(board, log):
    plug = busy(board, log)
    a, b = Run("a", log, 3), Run("b", log, 3)
    ask(board, "me", a, b, patience=0)
    plug.go.set()
    ask(board, "me", a, b)
    assert log == ["busy 1", "a 1", "b 1", "a 2", "b 2", "a 3", "b 3"]


def test_new_runs_come_first_and_in_the_order_in_which_they_were_asked_for(board, log):
    plug = busy(board, log)
    a, b, c, d = (Run(name, log) for name in "abcd")
    ask(board, "me", a, b, patience=0)
    ask(board, "another", c, d, patience=0)
    plug.go.set()
    ask(board, "me", a, b)
    ask(board, "another", c, d)
    assert log == ["busy 1", "c 1", "d 1", "a 1", "b 1"]


def test_what_is_kept_comes_one_after_another_and_takes_turns_with_others(board, log):
    """A suite that began with all its problems would have none of them for long, and take all turns but one."""
    plug = busy(board, log)
    suite = [Run(name, log, 2) for name in "abc"]
    ask(board, "me", race := Run("race", log, 4), patience=0)
    wanted = [(run.name, run) for run in suite]
    board.ask("me/suite", wanted, 0, keeps=100.0)
    plug.go.set()
    board.ask("me/suite", wanted, LONG, keeps=100.0)
    ask(board, "me", race)
    assert log == ["busy 1", "a 1", "race 1", "a 2", "race 2", "b 1", "race 3", "b 2", "race 4", "c 1", "c 2"]


def test_asking_again_for_a_run_that_goes_on_does_not_run_it_twice(log):
    """Two workers in one run would break it."""
    board = Board(workers=3)
    run = Run("long", log, 3, held=1)
    for _ in range(20):
        ask(board, "me", run, patience=0)
    assert run.reached.wait(LONG)
    for _ in range(20):
        ask(board, "me", run, patience=0)
    run.go.set()
    (job,) = ask(board, "me", run)
    assert job.error is None
    assert log == ["long 1", "long 2", "long 3"]


def test_a_run_that_nobody_watches_stops_after_its_chunk_and_goes_on_from_there(board, log):
    run = busy(board, log, chunks=3)
    (job,) = ask(board, "somebody", run, patience=0)
    board.cancel("somebody")
    run.go.set()
    eventually(lambda: not job.active)
    assert log == ["busy 1"]
    assert job.fraction == pytest.approx(1 / 3)
    assert not job.done
    assert job.result is not None, "what ran stays"
    (again,) = ask(board, "another", run)
    assert again is job
    assert run.starts == 1, "it does not begin anew"
    assert log == ["busy 1", "busy 2", "busy 3"]


def test_who_asks_for_something_else_no_longer_watches_what_was_before(board, log):
    """A drag of a slider would else leave a long run behind at every stop."""
    old = busy(board, log, chunks=3)
    (job,) = ask(board, "somebody", old, patience=0)
    ask(board, "somebody", Run("new", log), patience=0)
    old.go.set()
    eventually(lambda: not job.active)
    assert "busy 2" not in log
    assert not job.done


def test_one_who_cancels_does_not_stop_what_another_watches(board, log):
    run = busy(board, log, chunks=3)
    ask(board, "another", run, patience=0)
    board.cancel("somebody")
    run.go.set()
    (job,) = ask(board, "another", run)
    assert job.done
    assert log == ["busy 1", "busy 2", "busy 3"]


def test_an_end_before_the_last_step_is_an_end(board, log):
    """A run that diverged goes no further, however many steps were asked for."""

    def diverges():
        yield Progress(0.1, 0, lambda: trace_of(1, 10, Status.DIVERGED), stopped=True)
        raise AssertionError("nobody asks for more")

    (job,) = board.ask("me", [("broken", diverges)], LONG)
    assert (job.done, job.error, job.fraction) == (True, None, 0.1)
    (job,) = board.ask("me", [("empty", lambda: iter(()))], LONG)
    assert (job.done, job.error, job.result) == (True, None, None)


def test_patience_ends(board, log):
    run = busy(board, log)
    (job,) = ask(board, "somebody", run, patience=0.01)
    assert not job.done
    run.go.set()


def test_a_search_before_a_run_counts_as_progress_without_a_trace(board, log):
    run = Run("tuned", log, 4, search=2, held=3)
    (job,) = ask(board, "me", run, patience=0)
    assert run.reached.wait(LONG)
    eventually(lambda: job.fraction == 0.5)
    assert job.result is None
    run.go.set()
    ask(board, "me", run)
    assert job.result is not None
