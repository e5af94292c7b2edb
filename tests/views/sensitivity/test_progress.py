"""Sweeps that take their time: how far they are, what there is of them, Cancel and Run on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app import cache, jobs
from app.views import sweeps
from app.views.waiting import Patience
from prodigy_core.experiment import ExperimentError
from prodigy_core.param import Fault
from prodigy_core.progress import Progress
from prodigy_core.sweep.plan import make_plan
from prodigy_core.sweep.result import Store, SweepTrace
from prodigy_core.sweep.runner import follow
from prodigy_core.sweep.spec import Sweep
from tests.jobs.runs import Run, eventually
from tests.views.race.pages import be_patient, checked, click, type_in
from tests.views.sensitivity.pages import errors, figure, open_page, text_of

CHUNKS = 4


class Slow:
    """What makes sweeps come in four parts, of which the third waits."""

    def __init__(self) -> None:
        self.run = Run("sweep", [], CHUNKS, held=3)
        self.fails: Exception | None = None
        self.nothing = False  # is there of it before it is whole

    def follow(self, sweep: Sweep, *given: object) -> Iterator[Progress[SweepTrace]]:
        *_, whole = follow(sweep)
        empty = Store(make_plan(sweep)).trace()
        for progress in self.run():
            if self.fails:
                raise self.fails
            yield Progress(progress.fraction, 0, lambda: empty if self.nothing else whole.result)


@pytest.fixture
def slow(monkeypatch) -> Iterator[Slow]:
    """The page does not wait; what it shows of a part is the whole, which no test here looks into."""
    made, scheduler = Slow(), jobs.Scheduler(workers=1)
    monkeypatch.setattr(cache, "_scheduler", lambda: scheduler)
    monkeypatch.setattr(cache, "follow_sweep", made.follow)
    monkeypatch.setattr(sweeps, "PATIENCE", Patience(begin=0, look=0, soon=0, first=0, every=1))
    yield made
    made.run.go.set()


def progressing(made: Slow, page: str):
    """The page while the third of four parts is at work."""
    at = open_page(page)
    assert made.run.reached.wait(60)
    eventually(lambda: made.run.log[-1] == "sweep 3")
    return checked(at.run())


def buttons(at) -> set[str]:
    return {str(button.key).removeprefix("widget/") for button in at.button} & {"cancel", "go-on"}


@pytest.mark.parametrize("page", ["sensitivity", "map"])
def test_a_sweep_shows_how_far_it_is_and_what_there_is_of_it(slow, page):
    at = progressing(slow, page)
    (bar,) = at.get("progress")
    assert bar.value == 50
    assert bar.text.startswith("50 % of ")
    assert bar.text.endswith(" s to go")
    assert figure(at)
    assert buttons(at) == {"cancel"}


def test_it_comes_to_its_end_by_itself(slow):
    at = progressing(slow, "map")
    slow.run.go.set()
    eventually(lambda: slow.run.log[-1] == "sweep 4")
    be_patient(sweeps)
    checked(at.run())
    assert not at.get("progress")
    assert buttons(at) == set()


def test_cancel_leaves_what_there_is_and_run_on_finishes_it(slow):
    at = click(progressing(slow, "map"), "cancel")
    assert "Cancelled." in text_of(at)
    assert figure(at)
    assert buttons(at) == {"go-on"}
    slow.run.go.set()
    scheduler = cache._scheduler()
    (job,) = scheduler._jobs.values()
    eventually(lambda: not job.active)
    checked(at.run())
    assert slow.run.log[-1] == "sweep 3", "it rests however often the page is drawn"
    be_patient(sweeps)
    click(at, "go-on")
    assert slow.run.log == [f"sweep {i}" for i in range(1, CHUNKS + 1)]
    assert "Cancelled" not in text_of(at)
    assert buttons(at) == set()


def test_a_sweep_that_is_cancelled_before_a_run_is_done_says_so(slow):
    slow.nothing = True
    at = click(progressing(slow, "map"), "cancel")
    assert "Cancelled: no runs." in text_of(at)
    assert buttons(at) == {"go-on"}


def test_a_cancelled_sweep_does_not_hold_up_another(slow):
    at = click(progressing(slow, "map"), "cancel")
    slow.run.go.set()
    slow.run.held = 0
    be_patient(sweeps)
    at.session_state["widget/shape/function"] = True
    type_in(checked(at.run()), "steps", "50")
    assert "Cancelled" not in text_of(at)
    assert figure(at)
    assert buttons(at) == set()


def test_why_a_sweep_cannot_run_is_said(slow):
    slow.fails = ExperimentError([Fault("steps", 10, "fewer")])
    be_patient(sweeps)
    at = open_page("map")
    assert "steps is 10; it must be fewer." in errors(at)
    assert not figure(at)


def test_an_error_of_the_program_is_told_without_its_inside(slow, caplog):
    slow.fails = RuntimeError("secret")
    be_patient(sweeps)
    at = open_page("map")
    assert "RuntimeError" in errors(at)
    assert "secret" not in errors(at)
    assert "secret" in caplog.text
