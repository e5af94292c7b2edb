"""Runs that take their time: how far they are, Cancel and Run on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest
from streamlit.testing.v1.element_tree import Progress as Progressbar

from app import cache, jobs
from app.views.race import page as race
from prodigy_core.engine.runner import run_contender
from prodigy_core.experiment import Contender, Experiment, ExperimentError
from prodigy_core.landscape.plane import follow_plane
from prodigy_core.param import Fault
from prodigy_core.progress import Progress, nothing_yet
from prodigy_core.trace import Status, Trace
from tests.jobs.runs import Run, eventually
from tests.traces import cut
from tests.views.race.pages import as_read, be_patient, charts, checked, click, open_page, scene, shown, table, type_in

FULL = 10  # steps of a run in five chunks
EXPERIMENT = Experiment(steps=FULL, contenders=(Contender("adam", {"learning_rate": 0.125}),))


@pytest.fixture
def slow(monkeypatch) -> Iterator[Run]:
    """Runs in five chunks whose third waits; the page does not."""
    scheduler = jobs.Scheduler(workers=1)
    whole = run_contender(EXPERIMENT, EXPERIMENT.contenders[0])
    made = Run("run", [], 5, held=3)

    def follow(experiment, contender, data):
        if contender.optimizer == "lion":
            raise ExperimentError([Fault("steps", FULL, "fewer")])
        for progress in made():
            yield Progress(progress.fraction, progress.nbytes, partial(_part, whole, progress))

    monkeypatch.setattr(cache, "_scheduler", lambda: scheduler)
    monkeypatch.setattr(cache, "follow", follow)
    monkeypatch.setattr(race, "PATIENCE", replace(race.PATIENCE, begin=0.0))
    yield made
    made.go.set()


def _part(whole: Trace, progress: Progress[Trace | None]) -> Trace:
    """What there is after this fraction of the steps."""
    steps = round(progress.fraction * FULL)
    status = Status.FINISHED if steps == FULL else Status.RUNNING
    return cut(whole, steps + 1, status=status, stopped_at=steps)


def progressing(made: Run):
    """The page while the third of five chunks is at work."""
    at = open_page(EXPERIMENT.to_json(full=False))
    assert made.reached.wait(60)
    eventually(lambda: made.log[-1] == "run 3")
    return checked(at.run())


def buttons(at) -> set[str]:
    return {str(button.key).removeprefix("widget/") for button in at.button} & {"cancel", "go-on"}


def said_to_be_cancelled(at) -> bool:
    return any("Cancelled" in text.value for text in at.markdown)


def test_a_long_run_shows_how_far_it_is_and_what_there_is_of_it(slow):
    at = progressing(slow)
    (bar,) = at.get("progress")
    assert isinstance(bar, Progressbar)
    assert bar.value == 40
    said = as_read(bar.text)
    assert said.startswith("40 %")
    assert "to go" in said
    assert charts(at) == 4
    assert table(at)["Adam"]["How it ended"] == "At step 4."
    assert buttons(at) == {"cancel"}


def test_a_run_that_has_no_chunk_yet_says_what_it_does(slow, monkeypatch):
    monkeypatch.setattr(race, "PATIENCE", replace(race.PATIENCE, first=0.4))  # the chunk never comes
    slow.held = 1
    at = open_page(EXPERIMENT.to_json(full=False))
    assert slow.reached.wait(60)
    checked(at.run())
    (bar,) = at.get("progress")
    assert isinstance(bar, Progressbar)
    assert bar.value == 0
    assert "Adam" in bar.text
    assert charts(at) == 0, "there is nothing to draw"
    assert buttons(at) == {"cancel"}


def test_a_run_comes_to_its_end_by_itself(slow):
    at = progressing(slow)
    slow.go.set()
    eventually(lambda: slow.log[-1] == "run 5")
    (job,) = cache.runs(EXPERIMENT, "another", 60)
    assert job.done
    checked(at.run())
    assert not at.get("progress")
    assert table(at)["Adam"]["How it ended"] == f"Ran all {FULL} steps."
    assert buttons(at) == set()


def test_cancel_leaves_what_ran_and_run_on_finishes_it(slow, monkeypatch):
    at = click(progressing(slow), "cancel")
    assert not at.get("progress")
    assert said_to_be_cancelled(at)
    assert table(at)["Adam"]["How it ended"] == "Cancelled after 4 steps."
    assert charts(at) == 4
    assert buttons(at) == {"go-on"}
    slow.go.set()
    _at_rest(monkeypatch)
    for _ in range(3):
        checked(at.run())
    assert slow.log == ["run 1", "run 2", "run 3"], "it rests however often the page is drawn"
    assert table(at)["Adam"]["How it ended"] == "Cancelled after 6 steps."
    be_patient(race)
    click(at, "go-on")
    assert slow.log == ["run 1", "run 2", "run 3", "run 4", "run 5"]
    assert slow.starts == 1
    assert table(at)["Adam"]["How it ended"] == f"Ran all {FULL} steps."
    assert not said_to_be_cancelled(at)
    assert buttons(at) == set()


def _at_rest(monkeypatch) -> None:
    """Waits until the worker has put the run aside; and from now on it is quicker than the page."""
    scheduler = cache._scheduler()
    (job,) = scheduler._jobs.values()
    eventually(lambda: not job.active)
    cancel = scheduler.cancel

    def late(*given):
        eventually(lambda: not scheduler._queue)
        return cancel(*given)

    monkeypatch.setattr(scheduler, "cancel", late)


def test_one_who_cancels_leaves_the_run_to_another_who_watches(slow):
    mine, hers = progressing(slow), open_page(EXPERIMENT.to_json(full=False))
    click(mine, "cancel")
    slow.go.set()
    eventually(lambda: slow.log[-1] == "run 5")
    be_patient(race)
    checked(hers.run())
    assert table(hers)["Adam"]["How it ended"] == f"Ran all {FULL} steps."
    checked(mine.run())
    assert table(mine)["Adam"]["How it ended"] == f"Ran all {FULL} steps.", "and has it then"
    assert buttons(mine) == set()


def test_a_cancelled_run_does_not_hold_up_another_experiment(slow):
    at = click(progressing(slow), "cancel")
    slow.go.set()
    slow.held = 0
    be_patient(race)
    type_in(at, "0/adam/learning_rate", "0.25")
    assert not said_to_be_cancelled(at)
    assert table(at)["Adam"]["How it ended"] == f"Ran all {FULL} steps."


def test_an_error_of_the_program_is_told_without_its_inside_and_the_rest_stays(slow, caplog):
    slow.held, slow.fails, slow.name = 0, 2, "secret"
    be_patient(race)
    at = open_page(EXPERIMENT.to_json(full=False))
    (error,) = at.error
    assert "RuntimeError" in error.value
    assert "secret" not in error.value
    assert "secret broke" in caplog.text, "where the page says that more is told"
    assert charts(at) == 4, "what ran before is shown"
    assert shown(at) == EXPERIMENT
    slow.fails = 0
    caplog.clear()
    another = open_page(EXPERIMENT.to_json(full=False))
    assert not another.error
    assert slow.starts == 2


def test_a_run_that_cannot_be_is_told_while_another_goes_on_and_does_not_hold_it_up(slow):
    """Tried again at every look, it would keep the page from ever coming to its end."""
    both = replace(EXPERIMENT, contenders=(*EXPERIMENT.contenders, Contender("lion")))
    at = open_page(both.to_json(full=False))
    assert slow.reached.wait(60)
    eventually(lambda: any(job.error for job in cache._scheduler()._jobs.values()))
    for _ in range(2):
        checked(at.run())
        assert [as_read(error.value) for error in at.error] == [f"steps is {FULL}; it must be fewer."]
        assert len(at.get("progress")) == 1
    slow.go.set()
    eventually(lambda: all(job.done for job in cache._scheduler()._jobs.values()))
    checked(at.run())
    assert not at.get("progress")
    assert len(at.error) == 1
    assert set(table(at)) == {"Adam"}


# --- the plane that comes after the runs ---------------------------------------------------------------------------


@pytest.fixture
def slow_plane(monkeypatch) -> Iterator[threading.Event]:
    """A plane whose second half waits for this event."""
    go = threading.Event()

    def follow(*given):
        yield Progress(0.5, 0, nothing_yet)
        assert go.wait(60)
        yield from follow_plane(*given)

    monkeypatch.setattr(cache, "follow_plane", follow)
    be_patient(race)
    yield go
    go.set()


PLANE = Experiment(problem="quadratic_nd", steps=20, contenders=(Contender("adam", {"learning_rate": 0.125}),))


def plane_progressing(monkeypatch):
    """The page while the runs are done and the plane is at work."""
    assert all(job.done for job in cache.runs(PLANE, "another", 60))
    monkeypatch.setattr(race, "PATIENCE", replace(race.PATIENCE, begin=0.0))
    at = open_page(PLANE.to_json(full=False))
    eventually(lambda: any(job.fraction == 0.5 for job in cache._scheduler()._jobs.values()))
    return checked(at.run())


def test_the_race_is_drawn_while_its_plane_is_at_work_and_the_plane_follows(slow_plane, monkeypatch):
    monkeypatch.setattr(cache, "_scheduler", partial(lambda scheduler: scheduler, jobs.Scheduler(workers=1)))
    at = plane_progressing(monkeypatch)
    (bar,) = at.get("progress")
    assert bar.text == "The loss on the plane: 50 %"
    assert {str(button.key) for button in at.button} & {"widget/cancel", "widget/cancel-plane"} == {"widget/cancel-plane"}
    assert table(at)["Adam"]["How it ended"] == "Ran all 20 steps."
    assert scene(at)["map"]["grid"] is None
    slow_plane.set()
    be_patient(race)
    checked(at.run())
    assert not at.get("progress")
    assert scene(at)["map"]["grid"] is not None


def test_a_plane_that_is_cancelled_leaves_the_race_without_one(slow_plane, monkeypatch):
    monkeypatch.setattr(cache, "_scheduler", partial(lambda scheduler: scheduler, jobs.Scheduler(workers=1)))
    at = click(plane_progressing(monkeypatch), "cancel-plane")
    assert not at.get("progress")
    assert scene(at)["beneath"]["chosen"] == "none"
    assert not said_to_be_cancelled(at)
