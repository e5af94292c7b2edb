"""The race: any contenders on one problem, in the arena, with their results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st

from prodigy_core.experiment import Experiment
from prodigy_core.trace import Trace

from ... import cache, state, theme
from ...jobs import WORKERS, Job
from ...sidebar import editor
from ...sidebar.controls import escaped
from .. import status, waiting
from . import first_minute, ground, guide, learned, stage
from .results import table

PATIENCE = waiting.Patience(begin=0.4, look=0.2, soon=0.0, first=10.0, every=1.0)
MOVED = 0.01  # fraction of the longest way from which on one sees a path


def page() -> None:
    """Draw the page. What comes and goes has a place of its own, so that the arena below keeps its place and its view."""
    state.take_rest()  # this is the whole page: nothing has to follow any more
    experiment = editor.edit(state.experiment())
    state.put(experiment)
    state.begin_choices()
    guide.keep_minute()
    stage.keep_choices(experiment)
    ground.keep_choice(experiment)
    _head(experiment)
    messages = st.container()
    with messages:
        status.faults()
    if not experiment.contenders:
        messages.info(status.NOBODY, icon=":material/flag:")
    elif experiment.needs_upload and cache.upload(experiment.data) is None:
        messages.info(status.missing(experiment), icon=":material/upload_file:")
    else:
        waiting.show(_wait(experiment))
    state.put_choices()


def _head(experiment: Experiment) -> None:
    """The heading, and a sentence: for who is new what the picture shows, else what the problem teaches."""
    problem = experiment.definition
    if guide.minute() is None or not first_minute.speaks_of(experiment):
        st.markdown(f"# {problem.title} &ensp; ${problem.formula}$")
        st.caption(problem.teaches, help=problem.source)
        return
    st.markdown(f"# {first_minute.QUESTION}")
    st.caption(first_minute.picture(experiment, _styles(experiment)))


def _styles(experiment: Experiment) -> Sequence[theme.Style]:
    return theme.styles(experiment.contenders, experiment.labels)


def _wait(experiment: Experiment) -> waiting.Wait[Trace]:
    watcher = state.watcher()
    return waiting.Wait(
        work=experiment,
        ask=lambda patience: cache.runs(experiment, watcher, patience),
        stop=lambda: cache.cancel(experiment, watcher),
        pace=partial(_pace, experiment),
        draw=partial(_draw, experiment),
        patience=PATIENCE,
        later=partial(ground.later, experiment),
    )


def _pace(experiment: Experiment, runs: Sequence[Job[Trace]]) -> tuple[float, str]:
    """How far the runs are, and how long they took and will take."""
    fraction = sum(run.fraction for run in runs) / len(runs)
    going = [(label, run) for label, run in zip(experiment.labels, runs, strict=True) if not run.done]
    if compiling := [label for label, run in going if not run.fraction]:
        return fraction, f"Compiling {escaped(', '.join(compiling))}"
    left = [run.seconds_left or 0.0 for _, run in going]
    remaining = max(sum(left) / WORKERS, *left, 0.0)
    spent = max(run.seconds for run in runs)
    words = f"{100 * fraction:.0f} %: {status.duration(spent)} so far, about {status.duration(remaining)} to go"
    return fraction, words


def _draw(experiment: Experiment, runs: Sequence[Job[Trace]], plane: waiting.Later | None) -> None:
    """What to look at, the arena and the table, of the contenders whose runs have begun."""
    cancelled = state.cancelled(experiment)
    places = [i for i, run in enumerate(runs) if run.result is not None]
    if not places:
        return
    traces = [trace.cancelled() if cancelled else trace for run in runs if (trace := run.result) is not None]
    all_styles = _styles(experiment)
    styles = [all_styles[i] for i in places]
    all_begun = len(places) == len(runs)
    begun = experiment if all_begun else replace(experiment, contenders=tuple(experiment.contenders[i] for i in places))
    over = all_begun and all(run.done for run in runs)
    handout = state.handout()
    if not handout.hides("guide"):
        guide.show(begun, traces, styles, over=over)
    opening = _first_motion(traces) if over and state.arrived_without_link() else None
    stage.show(stage.Act(begun, experiment, traces, styles, plane.job if plane else None, opening))
    if not handout.hides("table"):
        st.html(table(experiment, traces, styles))
    if over:
        learned.show(experiment, traces, styles)


def _first_motion(traces: Sequence[Trace]) -> int:
    """The first step at which a path can be seen: before it, playing shows nothing."""
    far = MOVED * max(float(trace.distance_linf.max()) for trace in traces)
    return min(int(trace.steps[np.argmax(trace.distance_linf > far)]) for trace in traces)
