"""How much a result depends on a knob: each contender over its own, and a click opens the run."""

from __future__ import annotations

from typing import Any

import streamlit as st

from prodigy_core.experiment import Experiment
from prodigy_core.sweep.result import SweepTrace
from prodigy_core.sweep.spec import Axis

from .. import state, theme
from ..figures.sweeps.measures import Measure, measures
from ..figures.sweeps.sensitivity import said, sensitivity
from ..sidebar.controls import plain
from . import sweep_widgets, sweeps

TELLS = (
    "The race again for every value of a knob: how well must one choose it? Hover over a point for its run, click to see it."
)
COUNTS = {"plane": 65, "formula": 65, "space": 33, "model": 17}  # values of an axis at first: what is there soon
KINDS = (5, 9, 17, 33, 65, 129)


def page() -> None:
    experiment = sweeps.head("Sensitivity", TELLS)
    if experiment is None:
        return
    places = range(len(experiment.contenders))
    with sweep_widgets.row():
        known = measures(experiment)
        what = sweep_widgets.choose("sensitivity/measure", "What", list(known), "final_loss", lambda name: known[name].title)
        measure = known[what]
        chosen = [_knob(experiment, place) for place in places]
        seeds = sweep_widgets.seeds_of(experiment, "sensitivity/seeds")
        with sweep_widgets.details():
            count = sweep_widgets.choose(
                "sensitivity/count", "Values of each knob", KINDS, COUNTS[experiment.definition.family]
            )
            axes = tuple(_axis(experiment, place, knob, count) for place, knob in zip(places, chosen, strict=True))
    sweep = sweeps.made(experiment, axes, seeds)
    if sweep is not None:
        sweeps.show([sweep], lambda found: _draw(found[0], measure))


def _name(experiment: Experiment, place: int) -> str:
    """Of the choice of a contender's knob. Another optimizer in its place has other knobs."""
    return f"sensitivity/{place}/{experiment.contenders[place].optimizer}"


def _knob(experiment: Experiment, place: int) -> str:
    known = sweep_widgets.knobs_that_apply(experiment, place)
    first = sweep_widgets.first_knob(experiment.contenders[place], list(known.values()))
    return sweep_widgets.choose_knob(_name(experiment, place), experiment.labels[place], known, first)


def _axis(experiment: Experiment, place: int, knob: str, count: int) -> Axis:
    """The axis of a knob, and on it where the knob stands."""
    param = sweep_widgets.knobs_that_apply(experiment, place)[knob]
    now = experiment.contenders[place].knobs[knob]
    return Axis(knob, sweep_widgets.values(f"{_name(experiment, place)}/{knob}", param, count, now), place)


def _draw(found: SweepTrace, measure: Measure) -> None:
    experiment = found.sweep.experiment
    styles = theme.styles(experiment.contenders, experiment.labels)
    made, words = sensitivity(found, measure, styles)
    event = st.plotly_chart(
        made, key=state.key("sensitivity", "chart"), config=sweeps.CHART, alt=words, on_select="rerun", selection_mode="points"
    )
    if (chosen := _chosen(found, event)) is not None:
        sweeps.open_in_race(chosen)
    if sentences := said(found, measure, styles):
        st.markdown("  \n".join(map(plain, sentences)))
    several = " The band holds the middle half of the seeds, the line their median." if len(found.sweep.seeds) > 1 else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"◆ where the knob stands, ★ the best value.{several}", width="stretch")
        sweeps.export(found, "sensitivity")


def _chosen(found: SweepTrace, event: Any) -> Experiment | None:
    """The experiment of the point that was clicked at. What a browser sends may be anything."""
    try:
        place, value = (int(part) for part in event["selection"]["points"][0]["customdata"])
        return found.sweep.at(place, (value,)) if 0 <= place < len(found.grids) and value >= 0 else None
    except (TypeError, KeyError, ValueError, IndexError, OverflowError):
        return None
