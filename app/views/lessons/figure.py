"""The figure of a lesson or a case: the arena with an experiment of it, which a hand may turn."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from prodigy_core.experiment import Experiment

from ... import state
from ...lessons import Shown, Study
from .. import waiting
from ..race import stage
from ..race.runs import Begun, wait
from . import progress
from .progress import Progress
from .words import Words

PATIENCE = waiting.Patience(begin=0.4, look=0.2, soon=0.0, first=10.0, every=1.0)
STAGE = "stage"  # the key of the arena's place, whose height the style sheet keeps


def experiment_of(here: Progress, study: Study) -> Experiment:
    """Return the experiment in the figure: the session's, where it is the lesson's with something turned; else the lesson's."""
    shown, now = study.shown[here.shown], state.current()
    bare = state.arrived_without_link() and not state.kept(progress.OWN, False)
    if bare or not _akin(now, shown.experiment):
        progress.take(shown, keep_view=bare)
    state.put_kept(progress.OWN, True)
    return state.current()


def keep_choices(experiment: Experiment, shown: Shown) -> None:
    """Say what the link says of the figure."""
    stage.keep_choices(experiment, pins(experiment, shown))


def pins(experiment: Experiment, shown: Shown) -> list[stage.Pin]:
    """Return the hyperparameters that stand in the figure: those that the lesson names, else the usual ones."""
    named = [(turn.contender, turn.knob) for turn in shown.turns]
    return named or stage.usual_pins(experiment)


def bar(here: Progress, study: Study, words: Words, titles: Sequence[str], experiment: Experiment, who: str = "") -> None:
    """Draw what stands above the figure: the choice of an experiment, and a way back to the lesson's own.

    There is always something in it, so that the figure below keeps its place.

    Args:
      here: where the person is.
      study: the lesson or the case.
      words: the page's.
      titles: of the experiments that are shown.
      experiment: the one in the figure.
      who: who is who in it, in Markdown.
    """
    with st.container(key="figure-bar", horizontal=True, gap="small", vertical_alignment="center"):
        if len(titles) > 1:
            _switch(here, study, titles)
        if who or len(titles) == 1:
            st.caption(who or titles[0], width="content")
        if experiment != study.shown[here.shown].experiment:
            st.caption(words.turned, width="content")
            st.button(
                words.as_in_lesson,
                key=state.key("as-in-lesson"),
                icon=":material/undo:",
                type="tertiary",
                on_click=progress.take,
                args=(study.shown[here.shown],),
                kwargs={"keep_view": True},
            )


def _switch(here: Progress, study: Study, titles: Sequence[str]) -> None:
    key = state.lasting_key("shown", study.name)
    state.set_value(key, here.shown)  # back and forward move it too

    def change() -> None:
        place = state.value_or(key, here.shown)
        if type(place) is int:
            progress.show(here, place, study)

    st.segmented_control(
        "Experiment", range(len(titles)), key=key, format_func=titles.__getitem__, label_visibility="collapsed", required=True,
        on_change=change,
    )  # fmt: skip


def placeholder(words: Words) -> None:
    """Draw a quiet place that is as high as the figure.

    It lies as deep as the figure in `waiting.show`: else it would stand above it for a moment, and push it down.
    """
    st.container()
    with st.container():
        st.container()
        with st.container(key=STAGE, horizontal_alignment="center", vertical_alignment="center"):
            st.html(f'<div class="lab-first"><strong>{words.first}</strong><br>{words.first_tells}</div>')


def show(experiment: Experiment, shown: Shown, plays: bool) -> None:
    """Draw the figure, and how far its runs are.

    Args:
      experiment: the race.
      shown: the lesson's experiment that it is, or was before a hand turned it.
      plays: whether it plays once when it comes, if the lesson says so.
    """
    opening = shown.opening if plays else None
    waiting.show(wait(experiment, PATIENCE, partial(_draw, experiment, pins(experiment, shown), opening)))


def _draw(experiment: Experiment, fixed: Sequence[stage.Pin], opening: int | None, begun: Begun) -> None:
    first = opening if begun.over else None
    stage.show(stage.Act(begun.experiment, experiment, begun.traces, begun.styles, begun.plane, first, fixed))


def _akin(one: Experiment, other: Experiment) -> bool:
    """Return whether two experiments differ in values only: in what can be turned."""

    def kind(experiment: Experiment) -> tuple[object, ...]:
        optimizers = tuple(contender.optimizer for contender in experiment.contenders)
        return experiment.problem, experiment.formula, experiment.data, optimizers

    return kind(one) == kind(other)
