"""The page of how much a result depends on a knob: each contender over its own; a click opens the race of a point."""

from __future__ import annotations

from typing import Any

import streamlit as st

from prodigy_core.experiment import Experiment
from prodigy_core.sweep.result import SweepTrace
from prodigy_core.sweep.spec import Axis

from .. import theme
from ..figures.sweeps.measures import Measure, measures
from ..figures.sweeps.sensitivity import said, sensitivity
from ..sidebar.controls import escaped
from . import charts, sweep_widgets, sweeps
from .race import guide

TELLS = (
    "The race again for every value of a knob: how well must one choose it? Hover over a point for its run, click to see it."
)
# Values of an axis at first: as many as are computed soon.
COUNTS = {"plane": 65, "formula": 65, "space": 33, "model": 17}
# For who comes here by a bare address: Adam's valley is narrow on it, and Prodigy's plain wide.
OPENING = Experiment("rotated_quadratic", steps=300)
COUNT_OPTIONS = (5, 9, 17, 33, 65, 129)


def page() -> None:
    """Draw the page."""
    experiment = sweeps.head("Sensitivity", TELLS, usual=OPENING)
    if experiment is None:
        return
    guide.keep_minute(experiment)
    guide.show_all_values(experiment)
    places = range(len(experiment.contenders))
    with sweep_widgets.row():
        options = measures(experiment)
        name = sweep_widgets.choose("sensitivity/measure", "What", list(options), "final_loss", lambda it: options[it].title)
        measure = options[name]
        knobs = [_knob(experiment, place) for place in places]
        seeds = sweep_widgets.seeds_of(experiment, "sensitivity/seeds")
        with sweep_widgets.details():
            count = sweep_widgets.choose(
                "sensitivity/count", "Values of each knob", COUNT_OPTIONS, COUNTS[experiment.definition.family]
            )
            axes = tuple(_axis(experiment, place, knob, count) for place, knob in zip(places, knobs, strict=True))
    sweep = sweeps.valid_sweep(experiment, axes, seeds)
    if sweep is not None:
        sweeps.show([sweep], lambda traces: _draw(traces[0], measure))


def _name(experiment: Experiment, place: int) -> str:
    """The name of the choice of a contender's knob. Another optimizer in its place has other knobs."""
    return f"sensitivity/{place}/{experiment.contenders[place].optimizer}"


def _knob(experiment: Experiment, place: int) -> str:
    knobs = sweep_widgets.knobs_that_apply(experiment, place)
    first = sweep_widgets.first_knob(experiment.contenders[place], list(knobs.values()))
    return sweep_widgets.choose_knob(_name(experiment, place), experiment.labels[place], knobs, first)


def _axis(experiment: Experiment, place: int, knob: str, count: int) -> Axis:
    """The axis of a knob, with the knob's value now among its values."""
    param = sweep_widgets.knobs_that_apply(experiment, place)[knob]
    now = experiment.contenders[place].knobs[knob]
    return Axis(knob, sweep_widgets.values(f"{_name(experiment, place)}/{knob}", param, count, now), place)


def _draw(trace: SweepTrace, measure: Measure) -> None:
    experiment = trace.sweep.experiment
    styles = theme.styles(experiment.contenders, experiment.labels)
    clicked = _clicked(trace, charts.clickable(*sensitivity(trace, measure, styles), "sensitivity", "chart"))
    if clicked is not None:
        sweeps.open_in_race(clicked)
    if sentences := said(trace, measure, styles):
        st.markdown("  \n".join(map(escaped, sentences)))
    seeds = " The band holds the middle half of the seeds, the line their median." if len(trace.sweep.seeds) > 1 else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"◆ where the knob stands, ★ the best value.{seeds}", width="stretch")
        sweeps.export(trace, "sensitivity")
    sweeps.rounding(trace.sweep)


def _clicked(trace: SweepTrace, event: Any) -> Experiment | None:
    """The experiment of the point that was clicked at. A browser may send anything."""
    try:
        place, value = (int(part) for part in event["selection"]["points"][0]["customdata"])
        return trace.sweep.at(place, (value,)) if 0 <= place < len(trace.grids) and value >= 0 else None
    except (TypeError, KeyError, ValueError, IndexError, OverflowError):
        return None
