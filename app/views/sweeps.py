"""What all pages of sweeps share.

A page is `head`, its choices, the Sweeps that follow from them, and `show` with what draws their SweepTraces:

    experiment = sweeps.head("Map", TELLS)               # None: nothing to run, and the page says why
    with choices.row():
        which = choices.choose("map/measure", "What", options, start)        # remembered, and in the link
        knob = choices.choose_knob("map/across", "Across", knobs, start)     # its Param
        with choices.details():                                              # a drawer of what is seldom turned
            count = choices.choose("map/count", ...)
            values = choices.values(f"map/{knob}", knobs[knob], count, now)
    sweeps.show([sweep], lambda found: draw(found[0]))   # progress, remaining time, Cancel, errors, and what there is so far
    sweeps.open_in_race(found.sweep.at(contender, index))
    sweeps.export(found, "map")
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import streamlit as st

from prodigy_core.experiment import Experiment, ExperimentError
from prodigy_core.sweep.exports import FORMATS
from prodigy_core.sweep.result import SweepTrace
from prodigy_core.sweep.spec import Sweep

from .. import cache, state
from ..jobs import WORKERS, Job
from ..sidebar import editor
from . import status

PATIENCE = 0.25  # seconds for which a page waits for its sweeps before it says how far they are
LOOK = 0.1  # seconds between two looks, each of which another turn of a knob may break off
SOON = 1.2  # seconds after which it draws what there is of them
FIRST = 10.0  # seconds for which it keeps what is on the screen where there is nothing of them yet
EVERY = 0.5  # seconds between two drawings of what fills in
CHART = {"displaylogo": False, "displayModeBar": False, "scrollZoom": False}

Draw = Callable[[list[SweepTrace]], None]


def head(title: str, tells: str, *, of_problem: bool = True) -> Experiment | None:
    """Draws the sidebar and the heading.

    Args:
      title: of the page.
      tells: what the page is for, in one line.
      of_problem: whether it is about the experiment's problem.
      of_problem: whether it is about the problem of the experiment, which the heading then names.

    Returns:
      The experiment; None where there is nothing to run yet, and the page says why.
    """
    experiment = editor.edit(state.experiment())
    state.put(experiment)
    state.look()
    st.markdown(f"##### {title}: {experiment.definition.title}" if of_problem else f"##### {title}")
    st.caption(tells)
    status.faults()
    if not experiment.contenders:
        st.info(
            "Nobody is in the race. Add a contender in the sidebar: Prodigy and Adam are a good start.", icon=":material/flag:"
        )
        return None
    if experiment.needs_upload and cache.upload(experiment.data) is None:
        st.info(status.missing(experiment), icon=":material/upload_file:")
        return None
    return experiment


def made(experiment: Experiment, *given: Any) -> Sweep | None:
    """`Sweep(experiment, ...)`; None where there can be no such sweep, and the page says why."""
    try:
        return Sweep(experiment, *given)
    except ExperimentError as error:
        st.error(status.trouble(error), icon=":material/error:")
        return None


@dataclass(frozen=True)
class Shown:
    """Sweeps on a page.

    Attributes:
      wanted: the sweeps.
      draw: draws what there is of them.
      watcher: who asks for them.
      keeps: seconds for which they are worked at though nobody looks.
      parts: whether to draw while there is nothing yet of some of them, or of all.
    """

    wanted: tuple[Sweep, ...]
    draw: Draw
    watcher: str
    keeps: float
    parts: bool

    def jobs(self, patience: float) -> list[Job[SweepTrace]]:
        """The sweeps as the server has them, begun where they are new, after so many seconds or when they are done."""
        return cache.sweeps(self.wanted, self.watcher, patience, self.keeps)


def show(wanted: Sequence[Sweep], draw: Draw, *, watcher: str = "", keeps: float = 0.0, parts: bool = False) -> None:
    """Draws sweeps: at once where they are soon there, else as they fill in, with their progress and a way to stop them.

    The arguments are those of `Shown`; without a watcher it is the session.
    """
    shown = Shown(tuple(wanted), draw, watcher or state.session(), keeps, parts)
    if state.cancelled(shown.wanted):
        with st.container():
            _shown(shown, cache.cancel_sweeps(shown.wanted, shown.watcher))
        return
    jobs = _begun(shown)
    if all(job.done for job in jobs):
        with st.container():  # as deep as a fragment, which is one
            _shown(shown, jobs)
    else:
        st.fragment(_going, run_every=EVERY)(shown)


def mode() -> Literal["light", "dark"]:
    """How the page looks."""
    return "dark" if st.context.theme.type == "dark" else "light"


# --- the work ------------------------------------------------------------------------------------------------------


def _begun(shown: Shown) -> list[Job[SweepTrace]]:
    """The sweeps, whole where that does not take long; what was drawn before stays until there is something of them."""
    begun = time.monotonic()
    jobs = shown.jobs(PATIENCE)
    place = None
    while not all(job.done for job in jobs):
        if time.monotonic() - begun > (SOON if shown.parts or all(job.result is not None for job in jobs) else FIRST):
            break
        if place is None:
            place = status.place("wait").empty()
        place.progress(_fraction(shown.wanted, jobs), text=_pace(shown.wanted, jobs))  # where another turn of a knob breaks in
        jobs = shown.jobs(LOOK)
    if place is not None:
        place.empty()
    return jobs


def _going(shown: Shown) -> None:
    """Sweeps that go on. Draws itself anew until they are done."""
    jobs = shown.jobs(0.0)
    if all(job.done for job in jobs):
        st.rerun()
    _shown(shown, jobs)


def _shown(shown: Shown, jobs: Sequence[Job[SweepTrace]]) -> None:
    wanted = shown.wanted
    found = [job.result for job in jobs if job.result is not None]
    with st.container():
        if not all(job.done for job in jobs):
            with status.place("going"), st.container(horizontal=True, vertical_alignment="center"):
                _stopped(found) if state.cancelled(wanted) else _progress(wanted, jobs)
        for text in dict.fromkeys(status.trouble(job.error) for job in jobs if job.error):
            st.error(text, icon=":material/error:")
    if shown.parts or (found and len(found) == len(jobs)):
        shown.draw(found)


def _progress(wanted: tuple[Sweep, ...], jobs: Sequence[Job[SweepTrace]]) -> None:
    st.progress(_fraction(wanted, jobs), text=_pace(wanted, jobs))
    if st.button("Cancel", key=state.key("cancel"), icon=":material/stop_circle:"):
        state.cancel(wanted)
        st.rerun()


def _stopped(found: Sequence[SweepTrace]) -> None:
    some = any(grid.there.any() for trace in found for grid in trace.grids)
    what = "Cancelled." if some else "Cancelled: no runs."  # beside its button on a phone too
    st.markdown(f":material/stop_circle: {what}", width="content")
    if st.button("Run on", key=state.key("go-on"), icon=":material/play_arrow:"):
        state.go_on()
        st.rerun()


def _fraction(wanted: Sequence[Sweep], jobs: Sequence[Job[SweepTrace]]) -> float:
    return sum(sweep.runs * job.fraction for sweep, job in zip(wanted, jobs, strict=True)) / sum(sweep.runs for sweep in wanted)


def _pace(wanted: tuple[Sweep, ...], jobs: Sequence[Job[SweepTrace]]) -> str:
    """How far the sweeps are, and how long they will take."""
    runs, done = sum(sweep.runs for sweep in wanted), _fraction(wanted, jobs)
    if not done:
        return f"Compiling {runs:,} runs"
    left = sum(job.seconds for job in jobs) * (1 - done) / done / min(WORKERS, len(jobs))
    return f"{100 * done:.0f} % of {runs:,} runs, about {status.duration(left)} to go"


# --- out -----------------------------------------------------------------------------------------------------------


def open_in_race(experiment: Experiment) -> None:
    """Leaves the page for the race of this experiment."""
    state.replace(experiment, state.WIDGET)
    state.visit("Race")


def export(found: SweepTrace, name: str) -> None:
    """Buttons that hand out the sweep: nothing is made before it is asked for."""
    with st.popover("Export", icon=":material/download:", width="content"):
        for kind in FORMATS:
            st.download_button(
                f"Runs as {kind.name}", partial(kind.write, found), f"{name}{kind.ending}", kind.media_type,
                key=state.key("export", name, kind.ending[1:]), on_click="ignore",
            )  # fmt: skip
        st.download_button(
            "Only the sweep, for prodigy-lab sweep", found.sweep.to_json, f"{name}-sweep.json",
            key=state.key("export", name, "sweep"), on_click="ignore",
        )  # fmt: skip
