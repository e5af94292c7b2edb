"""Runs that fail, watchers that vanish, and how much is remembered."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from app import jobs
from app.jobs import Job
from tests.jobs.runs import LONG, Run, ask, busy, eventually


def done(job: Job[Any]) -> bool:
    return job.done


def rests(job: Job[Any]) -> bool:
    return not job.active


# --- errors --------------------------------------------------------------------------------------------------------


def test_an_error_is_kept_with_what_ran_before_and_the_worker_goes_on(scheduler, log):
    bad, good = Run("bad", log, 3, fails=2), Run("good", log)
    broken, other = ask(scheduler, "me", bad, good)
    assert broken.done
    assert str(broken.error) == "bad broke"
    assert broken.result is not None
    assert broken.result.stopped_at == 1
    assert (other.done, other.error) == (True, None)
    assert log == ["bad 1", "good 1", "bad 2"]


def test_an_error_before_the_first_chunk_is_kept_too(scheduler):
    def no_start():
        raise ValueError("too large")

    (job,) = scheduler.ask("me", [("bad", no_start)], LONG)
    assert str(job.error) == "too large"
    assert (job.result, job.fraction, job.seconds_left) == (None, 0, None)


def test_an_error_is_tried_again_for_who_comes_anew(scheduler, log):
    """What was missing may be there now."""
    bad = Run("bad", log, 1, fails=1)
    ask(scheduler, "me", bad)
    bad.fails = 0
    (job,) = ask(scheduler, "another", bad)
    assert job.error is None
    assert job.result is not None
    assert bad.starts == 2


def test_who_looks_on_while_another_run_goes_on_keeps_seeing_the_error(scheduler, log):
    """Tried again at every look, it would never be shown, and the page would never come to its end."""
    bad, long = Run("bad", log, 1, fails=1), Run("long", log, 3, held=3)
    broken, _ = ask(scheduler, "me", bad, long, patience=0)
    eventually(lambda: broken.done)
    for _ in range(3):
        again, _ = ask(scheduler, "me", bad, long, patience=0)
        assert again is broken
    long.go.set()
    assert all(job.done for job in ask(scheduler, "me", bad, long))
    assert bad.starts == 1
    scheduler.cancel("me")
    ask(scheduler, "me", bad)
    assert bad.starts == 2


# --- watchers ------------------------------------------------------------------------------------------------------


def test_a_run_stops_when_its_watcher_has_vanished(scheduler, log, clock):
    """Who closes the browser says no goodbye."""
    run = busy(scheduler, log, chunks=4)
    (job,) = ask(scheduler, "somebody", run, patience=0)
    clock.seconds += jobs.FORGOTTEN + 1
    run.go.set()
    eventually(lambda: not job.active)
    assert log == ["busy 1"]
    assert not job.done
    assert all(map(done, ask(scheduler, "somebody", run)))
    assert log == ["busy 1", "busy 2", "busy 3", "busy 4"]


def test_a_word_in_time_keeps_a_run_going(scheduler, log, clock):
    run = busy(scheduler, log, chunks=2)
    for _ in range(5):
        clock.seconds += jobs.FORGOTTEN - 1
        ask(scheduler, "somebody", run, patience=0)
    run.go.set()
    assert all(map(done, ask(scheduler, "somebody", run)))


def test_what_is_kept_goes_on_while_nobody_asks_but_not_for_ever(scheduler, log, clock):
    """A page that a person will come back to."""
    run = Run("kept", log, 4)

    def tick(chunk):
        clock.seconds += 100 if chunk == 1 else jobs.FORGOTTEN + 1

    run.then = tick
    (job,) = scheduler.ask("me/page", [("kept", run)], 0, keep=100.0)
    eventually(lambda: not job.active)
    assert not job.done
    assert log == ["kept 1", "kept 2"]


def test_what_is_kept_stops_when_it_is_cancelled_or_something_else_is_wanted(scheduler, log):
    for stop in (partial(scheduler.cancel, "me/page"), partial(ask, scheduler, "me/page", Run("other", log), patience=0)):
        run = Run(f"kept {len(log)}", log, 3, held=1)
        (job,) = scheduler.ask("me/page", [(run.name, run)], 0, keep=100.0)
        assert run.reached.wait(LONG)
        stop()
        run.go.set()
        eventually(partial(rests, job))
        assert not job.done
        assert f"{run.name} 2" not in log


def test_another_page_of_the_same_person_does_not_stop_what_is_kept(scheduler, log):
    run = Run("kept", log, 3, held=1)
    scheduler.ask("me/page", [("kept", run)], 0, keep=100.0)
    assert run.reached.wait(LONG)
    ask(scheduler, "me", Run("race", log), patience=0)
    ask(scheduler, "me", Run("another race", log), patience=0)
    run.go.set()
    (job,) = scheduler.ask("me/page", [("kept", run)], LONG, keep=100.0)
    assert job.done


def test_the_time_that_is_left_follows_from_the_time_that_it_took(scheduler, log, clock):
    run = Run("long", log, 4, held=2)

    def tick(chunk):
        clock.seconds += 2

    run.then = tick
    (job,) = ask(scheduler, "me", run, patience=0)
    assert run.reached.wait(LONG)
    eventually(lambda: job.fraction == 0.25)
    assert job.seconds == 2
    assert job.seconds_left == pytest.approx(6)
    run.go.set()
    ask(scheduler, "me", run)
    assert (job.seconds, job.seconds_left) == (8, 0)


def test_time_in_the_queue_is_no_time_of_work(scheduler, log, clock):
    plug, run = busy(scheduler, log), Run("waits", log)
    (job,) = ask(scheduler, "me", run, patience=0)
    assert job.seconds_left is None
    clock.seconds += 10
    plug.go.set()
    ask(scheduler, "me", run)
    assert job.seconds == 0


# --- what is remembered --------------------------------------------------------------------------------------------


def test_only_so_many_runs_are_remembered_those_asked_for_last(scheduler, log, monkeypatch):
    monkeypatch.setattr(jobs, "MOST_JOBS", 3)
    runs = {name: Run(name, log) for name in "abcde"}
    for name in "abcd":
        ask(scheduler, "me", runs[name])
    ask(scheduler, "me", runs["b"])  # a was forgotten; b was asked for again
    ask(scheduler, "me", runs["e"])  # so c is the next to go
    for name in "bde":
        ask(scheduler, "me", runs[name])
    assert {name: runs[name].starts for name in "bde"} == dict.fromkeys("bde", 1)
    ask(scheduler, "me", runs["a"])
    ask(scheduler, "me", runs["c"])
    assert {name: runs[name].starts for name in "ac"} == dict.fromkeys("ac", 2)


def test_what_somebody_watches_is_never_forgotten(scheduler, log, monkeypatch):
    monkeypatch.setattr(jobs, "MOST_JOBS", 2)
    runs = [Run(str(i), log) for i in range(6)]
    first = [ask(scheduler, f"watcher {i}", run)[0] for i, run in enumerate(runs)]
    again = [ask(scheduler, f"watcher {i}", run)[0] for i, run in enumerate(runs)]
    assert all(job is other for job, other in zip(first, again, strict=True))
    many = ask(scheduler, "me", *runs)
    assert many == first


def test_who_has_vanished_holds_nothing(scheduler, log, monkeypatch, clock):
    """A class that closes its browsers would else leave all that it looked at last on the server."""
    monkeypatch.setattr(jobs, "MOST_JOBS", 2)
    runs = [Run(str(i), log) for i in range(4)]
    for i, run in enumerate(runs):
        ask(scheduler, f"watcher {i}", run)
        clock.seconds += jobs.FORGOTTEN + 1
    ask(scheduler, "me", *runs[2:])
    assert [run.starts for run in runs] == [1] * 4
    ask(scheduler, "me", *runs[:2])
    assert [run.starts for run in runs] == [2, 2, 1, 1]


def test_large_runs_are_forgotten_sooner(scheduler, log, monkeypatch):
    large = Run("large", log, entries=1000)
    (job,) = ask(scheduler, "me", large)
    assert job.result is not None
    monkeypatch.setattr(jobs, "MOST_BYTES", job.result.nbytes + 2_000)
    small = [Run(f"small {i}", log) for i in range(5)]
    for run in small:
        ask(scheduler, "me", run)
    ask(scheduler, "me", large)
    assert large.starts == 1, "all of it fits"
    monkeypatch.setattr(jobs, "MOST_BYTES", job.result.nbytes - 1)
    ask(scheduler, "me", small[4])
    ask(scheduler, "me", large)
    assert large.starts == 2
    assert [run.starts for run in small].count(1) >= 4, "the small ones did not have to go"


def test_a_done_run_keeps_nothing_but_its_trace(scheduler, log):
    (job,) = ask(scheduler, "me", Run("a", log))
    assert job.steps is None
