"""The race: any contenders on one problem, in the arena, with their results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from prodigy_core.experiment import Experiment, ExperimentError
from prodigy_core.landscape.plane import Plane
from prodigy_core.trace import Trace

from ... import cache, state, theme
from ...arena import arena
from ...figures.arena.scene import scene
from ...figures.arena.window import window
from ...jobs import WORKERS, Job
from ...sidebar import editor
from ...sidebar.controls import escaped
from ...theme import Style
from .. import status, waiting
from . import findings, ground, learned
from .results import table

PATIENCE = waiting.Patience(begin=0.4, look=0.2, soon=0.0, first=10.0, every=1.0)
ARENA = state.key("arena")


def page() -> None:
    """Draw the page. What comes and goes has a place of its own, so that the arena below keeps its place and its view."""
    experiment = editor.edit(state.experiment())
    state.put(experiment)
    problem = experiment.definition
    st.markdown(f"##### {problem.title} &ensp; ${problem.formula}$")
    st.caption(problem.teaches, help=problem.source)
    messages = st.container()
    with messages:
        status.faults()
    if not experiment.contenders:
        messages.info(status.NOBODY, icon=":material/flag:")
    elif experiment.needs_upload and cache.upload(experiment.data) is None:
        messages.info(status.missing(experiment), icon=":material/upload_file:")
    else:
        waiting.show(_wait(experiment))


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
    """The arena, the table, and what to look at, of the contenders whose runs have begun."""
    cancelled = state.cancelled(experiment)
    places = [i for i, run in enumerate(runs) if run.result is not None]
    if not places:
        return
    traces = [trace.cancelled() if cancelled else trace for run in runs if (trace := run.result) is not None]
    all_styles = theme.styles(experiment.contenders, experiment.labels)
    styles = [all_styles[i] for i in places]
    all_begun = len(places) == len(runs)
    begun = experiment if all_begun else replace(experiment, contenders=tuple(experiment.contenders[i] for i in places))
    _arena(begun, traces, styles, plane.job if plane else None)
    st.html(table(experiment, traces, styles))
    if all_begun and all(run.done for run in runs):
        findings.show(experiment, traces, styles)
        learned.show(experiment, traces, styles)


def _arena(experiment: Experiment, traces: Sequence[Trace], styles: Sequence[Style], plane: Job[Plane] | None) -> None:
    landscape = cache.ground(experiment, window(experiment)) if experiment.definition.domain else None
    drawn = scene(
        experiment,
        traces,
        styles,
        landscape,
        plane=plane.result if plane else None,
        ground=ground.choice(experiment),
    )
    arena(drawn, key=ARENA, on_change=_take)


def _take() -> None:
    """Take what a person chose in the arena: a start, or the ground under the paths. A browser may send anything."""
    event = state.value_of(ARENA, lambda: None)
    try:
        if event["event"] == "beneath":
            ground.choose(event["kind"])
        if event["event"] != "start":
            return
        x, y = (float(part) for part in event["at"])
        changed = replace(state.experiment(), start=(x, y))  # which checks it
    except (TypeError, KeyError, ValueError, OverflowError, ExperimentError):
        return
    state.replace(changed, state.key("start"))
