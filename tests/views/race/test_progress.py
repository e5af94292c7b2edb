"""Runs that take their time: how far they are, Cancel and Run on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest
from streamlit.testing.v1.element_tree import Progress as Progressbar

from app import cache, jobs
from app.views.race import page as race
from prodigy_core.engine.runner import run_contender
from prodigy_core.experiment import Contender, Experiment, ExperimentError
from prodigy_core.param import Fault
from prodigy_core.progress import Progress
from prodigy_core.trace import Status, Trace
from tests.jobs.runs import Run, eventually
from tests.views.race.pages import as_read, charts, checked, click, open_page, shown, table, type_in

FULL = 10  # steps of a run in five chunks
EXPERIMENT = Experiment(steps=FULL, contenders=(Contender("adam", {"learning_rate": 0.125}),))


@pytest.fixture
def slow(monkeypatch) -> Iterator[Run]:
    """Runs in five chunks whose third waits; the page does not."""
    board = jobs.Board(workers=1)
    whole = run_contender(EXPERIMENT, EXPERIMENT.contenders[0])
    made = Run("run", [], 5, held=3)

    def follow(experiment, contender, data):
        if contender.optimizer == "lion":
            raise ExperimentError([Fault("steps", FULL, "fewer")])
        for progress in made():
            yield Progress(progress.fraction, progress.nbytes, partial(_part, whole, progress))

    monkeypatch.setattr(cache, "_board", lambda: board)
    monkeypatch.setattr(cache, "follow", follow)
    monkeypatch.setattr(race, "PATIENCE", 0.0)
    yield made
    made.go.set()


def _part(whole: Trace, progress: Progress[Trace | None]) -> Trace:
    """What there is after this fraction of the steps."""
    steps = round(progress.fraction * FULL)
    names = ("steps", "loss", "position", "gradient_norm", "update_norm", "distance_linf", "distance_l2")
    cut = {name: getattr(whole, name)[: steps + 1] for name in names}
    probes = {name: values[: steps + 1] for name, values in whole.probes.items()}
    status = Status.FINISHED if steps == FULL else Status.RUNNING
    return replace(whole, **cut, probes=probes, status=status, stopped_at=steps)


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
    monkeypatch.setattr(race, "FIRST", 2 * race.LOOK)  # the chunk never comes: no longer than to look for it again
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
    race.PATIENCE = 60
    click(at, "go-on")
    assert slow.log == ["run 1", "run 2", "run 3", "run 4", "run 5"]
    assert slow.starts == 1
    assert table(at)["Adam"]["How it ended"] == f"Ran all {FULL} steps."
    assert not said_to_be_cancelled(at)
    assert buttons(at) == set()


def _at_rest(monkeypatch) -> None:
    """Waits until the worker has put the run aside; and from now on it is quicker than the page."""
    board = cache._board()
    (job,) = board._jobs.values()
    eventually(lambda: not job.active)
    cancel = board.cancel

    def late(*given):
        eventually(lambda: not board._queue)
        return cancel(*given)

    monkeypatch.setattr(board, "cancel", late)


def test_one_who_cancels_leaves_the_run_to_another_who_watches(slow):
    mine, hers = progressing(slow), open_page(EXPERIMENT.to_json(full=False))
    click(mine, "cancel")
    slow.go.set()
    eventually(lambda: slow.log[-1] == "run 5")
    race.PATIENCE = 60
    checked(hers.run())
    assert table(hers)["Adam"]["How it ended"] == f"Ran all {FULL} steps."
    checked(mine.run())
    assert table(mine)["Adam"]["How it ended"] == f"Ran all {FULL} steps.", "and has it then"
    assert buttons(mine) == set()


def test_a_cancelled_run_does_not_hold_up_another_experiment(slow):
    at = click(progressing(slow), "cancel")
    slow.go.set()
    slow.held = 0
    race.PATIENCE = 60
    type_in(at, "0/adam/learning_rate", "0.25")
    assert not said_to_be_cancelled(at)
    assert table(at)["Adam"]["How it ended"] == f"Ran all {FULL} steps."


def test_an_error_of_the_program_is_told_without_its_inside_and_the_rest_stays(slow, caplog):
    slow.held, slow.fails, slow.name = 0, 2, "secret"
    race.PATIENCE = 60
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
    eventually(lambda: any(job.error for job in cache._board()._jobs.values()))
    for _ in range(2):
        checked(at.run())
        assert [as_read(error.value) for error in at.error] == [f"steps is {FULL}; it must be fewer."]
        assert len(at.get("progress")) == 1
    slow.go.set()
    eventually(lambda: all(job.done for job in cache._board()._jobs.values()))
    checked(at.run())
    assert not at.get("progress")
    assert len(at.error) == 1
    assert set(table(at)) == {"Adam"}
