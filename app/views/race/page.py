"""The race: any contenders on one problem, in the arena, with what came of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from prodigy_core.experiment import Experiment, ExperimentError
from prodigy_core.landscape.plane import Plane
from prodigy_core.trace import Trace

from ... import cache, state, theme
from ...arena import arena
from ...figures.arena.scene import scene
from ...figures.arena.window import window
from ...jobs import WORKERS, Job
from ...sidebar import editor
from ...sidebar.controls import plain
from ...theme import Style
from .. import status
from . import findings, ground, learned
from .results import table

PATIENCE = 0.4  # seconds for which a page waits for its runs before it shows their progress
FIRST = 10.0  # seconds for which it then keeps the figures of before on the screen, until there are new ones
LOOK = 0.2  # seconds between two looks at runs that have just begun
EVERY = 1.0  # seconds between two looks at runs that go on
ARENA = state.key("arena")


def page() -> None:
    """Draws the page. What comes and goes has a place of its own, so that the arena below keeps its own and its view."""
    experiment = editor.edit(state.experiment())
    state.put(experiment)
    problem = experiment.definition
    st.markdown(f"##### {problem.title} &ensp; ${problem.formula}$")
    st.caption(problem.teaches, help=problem.source)
    messages = st.container()
    with messages:
        status.faults()
    if not experiment.contenders:
        messages.info(
            "Nobody is in the race. Add a contender in the sidebar: Prodigy and Adam are a good start.", icon=":material/flag:"
        )
    elif experiment.needs_upload and cache.upload(experiment.data) is None:
        messages.info(status.missing(experiment), icon=":material/upload_file:")
    elif state.cancelled(experiment):
        runs = cache.cancel(experiment, state.session())
        with st.container():
            _race(experiment, runs, None)
    else:
        runs = _begun(experiment, messages)
        plane = _plane(experiment, runs, PATIENCE)
        if all(run.done for run in runs) and (plane is None or plane.done):
            with st.container():  # as deep as a fragment, which is one
                _race(experiment, runs, plane)
        else:
            st.fragment(_going, run_every=EVERY)(experiment)


def _begun(experiment: Experiment, messages: DeltaGenerator) -> list[Job[Trace]]:
    """The runs, each with its first chunk where that does not take too long; until then the last figures stay on the page."""
    runs = cache.runs(experiment, state.session(), PATIENCE)
    until = time.monotonic() + FIRST
    place = None
    while any(run.result is None and not run.done for run in runs) and time.monotonic() < until:
        if place is None:
            with messages:
                place = status.place("wait").empty()
        place.progress(_fraction(runs), text=_pace(experiment, runs))  # where another turn of a knob breaks in
        runs = cache.runs(experiment, state.session(), LOOK)
    if place is not None:
        place.empty()
    return runs


def _going(experiment: Experiment) -> None:
    """Runs that go on, and the plane. Draws itself anew until they are done, or a person chose something else in the arena."""
    runs = cache.runs(experiment, state.session(), 0.0)
    plane = _plane(experiment, runs, 0.0)
    if (all(run.done for run in runs) and (plane is None or plane.done)) or state.experiment() != experiment:
        st.rerun()
    _race(experiment, runs, plane)


def _plane(experiment: Experiment, runs: Sequence[Job[Trace]], patience: float) -> Job[Plane] | None:
    """The plane beneath the paths, once they are all there."""
    traces = [run.result for run in runs if run.result is not None]
    return ground.job(experiment, traces, patience) if all(run.done for run in runs) else None


def _race(experiment: Experiment, runs: Sequence[Job[Trace]], plane: Job[Plane] | None) -> None:
    """How far the runs are, the arena, the table, and what to look at."""
    cancelled = state.cancelled(experiment)
    with st.container():
        if not all(run.done for run in runs):
            with status.place("going"):
                _stopped() if cancelled else _progress(experiment, runs)
        elif plane and not plane.done:
            with status.place("going"):
                ground.progress(plane)
        for text in dict.fromkeys(status.trouble(job.error) for job in (*runs, plane) if job and job.error):
            st.error(text, icon=":material/error:")
    there = [i for i, run in enumerate(runs) if run.result is not None]
    if not there:
        return
    everyone = theme.styles(experiment.contenders, experiment.labels)
    styles = [everyone[i] for i in there]
    found = [trace.cancelled() if cancelled else trace for run in runs if (trace := run.result) is not None]
    everybody = len(there) == len(runs)
    begun = experiment if everybody else replace(experiment, contenders=tuple(experiment.contenders[i] for i in there))
    _arena(begun, found, styles, plane)
    st.html(table(experiment, found, styles))
    if all(run.done for run in runs) and everybody:
        findings.show(experiment, found, styles)
        learned.show(experiment, found, styles)


def _arena(experiment: Experiment, traces: Sequence[Trace], styles: Sequence[Style], plane: Job[Plane] | None) -> None:
    landscape = cache.ground(experiment, window(experiment)) if experiment.definition.domain else None
    found = scene(
        experiment,
        traces,
        styles,
        landscape,
        plane=plane.result if plane else None,
        ground=ground.chosen(experiment),
    )
    arena(found, key=ARENA, on_change=_chosen)


def _chosen() -> None:
    """Takes the start that a person clicked at, or what is wanted beneath the paths. What a browser sends may be anything."""
    chosen = state.value_of(ARENA, lambda: None)
    try:
        if chosen["event"] == "beneath":
            ground.choose(chosen["kind"])
        if chosen["event"] != "start":
            return
        x, y = (float(part) for part in chosen["at"])
        changed = replace(state.experiment(), start=(x, y))  # which checks it
    except (TypeError, KeyError, ValueError, OverflowError, ExperimentError):
        return
    state.replace(changed, state.key("start"))


def _progress(experiment: Experiment, runs: Sequence[Job[Trace]]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(_fraction(runs), text=_pace(experiment, runs))
        if st.button("Cancel", key=state.key("cancel"), icon=":material/stop_circle:"):
            state.cancel(experiment)
            st.rerun()


def _stopped() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(":material/stop_circle: Cancelled.", width="content")
        if st.button("Run on", key=state.key("go-on"), icon=":material/play_arrow:"):
            state.go_on()
            st.rerun()


def _fraction(runs: Sequence[Job[Trace]]) -> float:
    return sum(run.fraction for run in runs) / len(runs)


def _pace(experiment: Experiment, runs: Sequence[Job[Trace]]) -> str:
    """How far the runs are, how long they took and will take."""
    going = [(label, run) for label, run in zip(experiment.labels, runs, strict=True) if not run.done]
    if compiling := [label for label, run in going if not run.fraction]:
        return f"Compiling {plain(', '.join(compiling))}"
    left = [run.left or 0.0 for _, run in going]
    remaining = max(sum(left) / WORKERS, *left, 0.0)
    spent = max(run.seconds for run in runs)
    return f"{100 * _fraction(runs):.0f} %: {status.duration(spent)} so far, about {status.duration(remaining)} to go"
