"""The race: any contenders on one problem, in the arena, with their results."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import streamlit as st

from prodigy_core.experiment import Experiment
from prodigy_core.trace import Trace

from ... import cache, state, theme
from ...sidebar import editor
from .. import status, waiting
from . import first_minute, ground, guide, learned, stage
from .results import table
from .runs import Begun, wait

PATIENCE = waiting.Patience(begin=0.4, look=0.2, soon=0.0, first=10.0, every=1.0)
MOVED = 0.01  # fraction of the longest way from which on one sees a path


def page() -> None:
    """Draw the page. What comes and goes has a place of its own, so that the arena below keeps its place and its view."""
    state.take_rest()  # this is the whole page: nothing has to follow any more
    experiment = editor.edit(state.experiment())
    state.begin_choices()
    guide.keep_minute(experiment)
    stage.keep_choices(experiment)
    ground.keep_choice(experiment)
    state.put_with_choices(experiment)
    _head(experiment)
    messages = st.container()
    with messages:
        status.faults()
    if not experiment.contenders:
        messages.info(status.NOBODY, icon=":material/flag:")
    elif experiment.needs_upload and cache.upload(experiment.data) is None:
        messages.info(status.missing(experiment), icon=":material/upload_file:")
    else:
        waiting.show(wait(experiment, PATIENCE, partial(_draw, experiment)))


def _head(experiment: Experiment) -> None:
    """The heading, and a sentence: for who is new what the picture shows, else what the problem teaches."""
    problem = experiment.definition
    if guide.minute() is None:
        st.title(f"{problem.title} &ensp; ${problem.formula}$", anchor=False)
        st.caption(problem.teaches, help=problem.source)
        return
    st.title(first_minute.QUESTION, anchor=False)
    st.caption(first_minute.picture(experiment, _styles(experiment)))


def _styles(experiment: Experiment) -> Sequence[theme.Style]:
    return theme.styles(experiment.contenders, experiment.labels)


def _draw(experiment: Experiment, begun: Begun) -> None:
    """What to look at, the arena and the table, of the contenders whose runs have begun."""
    handout = state.handout()
    if not handout.hides("guide"):
        guide.show(begun.experiment, begun.traces, begun.styles, over=begun.over)
    opening = _first_motion(begun.traces) if begun.over and state.arrived_without_link() else None
    stage.show(stage.Act(begun.experiment, experiment, begun.traces, begun.styles, begun.plane, opening))
    if not handout.hides("table"):
        st.html(table(experiment, begun.traces, begun.styles))
    if begun.over:
        learned.show(experiment, begun.traces, begun.styles)


def _first_motion(traces: Sequence[Trace]) -> int:
    """The first step at which a path can be seen: before it, playing shows nothing."""
    begun = [trace for trace in traces if trace.loss.size]
    far = MOVED * max((float(trace.distance_linf.max()) for trace in begun), default=0.0)
    return min((int(trace.steps[np.argmax(trace.distance_linf > far)]) for trace in begun), default=0)
