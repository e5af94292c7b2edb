"""The wait for jobs, the same on every page: progress and time left, Cancel and Run on, errors, and the result so far.

A page describes its wait and shows it:

    waiting.show(Wait(work=experiment, ask=ask, stop=stop, pace=pace, draw=draw, patience=PATIENCE))

Until there is something to draw, the page keeps the figures of before. Then a fragment draws what there is, and draws
itself anew until the jobs are done.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from prodigy_core.experiment import Experiment

from .. import state
from ..jobs import Job
from . import status

T = TypeVar("T")


@dataclass(frozen=True)
class Patience:
    """Seconds that a page gives its jobs.

    Attributes:
      begin: until it shows progress; jobs that are done by then show none.
      look: between two looks at jobs that have just begun, each of which another turn of a knob may break off.
      soon: after `begin`, until it draws what there is of the jobs, once there is something of every job.
      first: after `begin`, until it draws in any case. Before, the figures of before stay on the screen.
      every: between two drawings of jobs that go on.
    """

    begin: float
    look: float
    soon: float
    first: float
    every: float


@dataclass(frozen=True)
class Later:
    """A job that begins when all others are done, beside what the page draws of them already.

    Attributes:
      job: the job.
      words: what it computes.
      key: the key of its Cancel button.
      cancel: called by that button.
    """

    job: Job[Any]
    words: str
    key: str
    cancel: Callable[[], None]


def _nothing_later(jobs: Sequence[Job[Any]], patience: float) -> Later | None:
    return None


@dataclass(frozen=True)
class Wait(Generic[T]):
    """Jobs that a page waits for.

    Attributes:
      work: what the jobs are for; if a person cancels it, that is remembered until the work is another.
      ask: returns the jobs, begun where they are new, after so many seconds, or when they are done.
      stop: stops the jobs that nobody else waits for, and returns them as they are.
      pace: returns the part of the work that is done, in [0, 1], and a line on how far it is and how long it will take.
      draw: draws what there is of the jobs, and of the later one if there is one.
      patience: the seconds that the jobs get.
      parts: whether `draw` is of use before there is something of every job.
      later: returns the job that begins when these are done, with the arguments (jobs, seconds to wait for it), or None.
      stopped: returns what to say beside Run on.
    """

    work: object
    ask: Callable[[float], Sequence[Job[T]]]
    stop: Callable[[], Sequence[Job[T]]]
    pace: Callable[[Sequence[Job[T]]], tuple[float, str]]
    draw: Callable[[Sequence[Job[T]], Later | None], None]
    patience: Patience
    parts: bool = False
    later: Callable[[Sequence[Job[T]], float], Later | None] = _nothing_later
    stopped: Callable[[Sequence[Job[T]]], str] = lambda jobs: "Cancelled."


def show(wait: Wait[T]) -> None:
    """Draw the jobs: at once if they are done soon, else as they come, with their progress and a way to stop them."""
    strip = st.container()  # here even when empty, so that what is below keeps its place
    if state.cancelled(wait.work):
        jobs, later = wait.stop(), None
    else:
        jobs = _first_look(wait, strip)
        later = _later(wait, jobs, wait.patience.begin)
        if not _done(jobs, later):
            st.fragment(_go_on, run_every=wait.patience.every)(wait, state.current())
            return
    with st.container():  # as deep as in the fragment, so that elements keep their identity
        _draw(wait, jobs, later)


def _first_look(wait: Wait[T], strip: DeltaGenerator) -> Sequence[Job[T]]:
    """The jobs once there is something to draw, or patience ends; the figures of before stay on the screen until then."""
    jobs = wait.ask(wait.patience.begin)
    since, bar = time.monotonic(), None
    while not _done(jobs):
        begun = wait.parts or all(job.result is not None or job.done for job in jobs)
        if time.monotonic() - since >= (wait.patience.soon if begun else wait.patience.first):
            break
        if bar is None:
            with strip:
                bar = status.place("wait").empty()
        fraction, text = wait.pace(jobs)
        bar.progress(fraction, text=text)  # Streamlit interrupts here when a person turns another knob
        jobs = wait.ask(wait.patience.look)
    if bar is not None:
        bar.empty()
    return jobs


def _go_on(wait: Wait[T], experiment: Experiment) -> None:
    """Draw jobs that go on; the whole page anew when they are done or cancelled, or when a click changed the experiment."""
    if state.cancelled(wait.work) or state.current() != experiment:
        st.rerun()
    jobs = wait.ask(0.0)
    later = _later(wait, jobs, 0.0)
    if _done(jobs, later):
        st.rerun()
    _draw(wait, jobs, later)


def _later(wait: Wait[T], jobs: Sequence[Job[T]], patience: float) -> Later | None:
    return wait.later(jobs, patience) if _done(jobs) else None


def _done(jobs: Sequence[Job[Any]], later: Later | None = None) -> bool:
    return all(job.done for job in jobs) and (later is None or later.job.done)


def _draw(wait: Wait[T], jobs: Sequence[Job[T]], later: Later | None) -> None:
    with st.container():
        if not _done(jobs, later):
            with status.place("going"), st.container(horizontal=True, vertical_alignment="center"):
                _controls(wait, jobs, later)
        every = (*jobs, later.job) if later else jobs
        for text in dict.fromkeys(status.trouble(job.error) for job in every if job.error):
            st.error(text, icon=":material/error:")
    wait.draw(jobs, later)


def _controls(wait: Wait[T], jobs: Sequence[Job[T]], later: Later | None) -> None:
    """How far the work is, and a way to stop it; or that it was stopped, and a way to go on."""
    if state.cancelled(wait.work):
        st.markdown(f":material/stop_circle: {wait.stopped(jobs)}", width="content")
        st.button("Run on", key=state.key("go-on"), icon=":material/play_arrow:", on_click=state.run_on)
    elif later:
        st.progress(later.job.fraction, text=f"{later.words}: {100 * later.job.fraction:.0f} %")
        st.button("Cancel", key=state.key(later.key), icon=":material/stop_circle:", on_click=later.cancel)
    else:
        fraction, text = wait.pace(jobs)
        st.progress(fraction, text=text)
        stop, icon = state.key("cancel"), ":material/stop_circle:"
        st.button("Cancel", key=stop, icon=icon, on_click=state.cancel, args=(wait.work,))
