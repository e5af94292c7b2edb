"""The page of two knobs as a map, and a third one as small maps side by side; a click opens the race of a cell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from prodigy_core.experiment import Experiment
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.param import Param, Value
from prodigy_core.sweep.result import SweepTrace
from prodigy_core.sweep.spec import Axis, knobs_of

from ..figures.sweeps import ticks
from ..figures.sweeps.heat import LOST, MOST, heat, said
from ..figures.sweeps.measures import Measure, measures
from ..sidebar.controls import escaped
from . import charts, sweep_widgets, sweeps

TELLS = "A run for every pair of values of two knobs, or of starts. Hover over a cell for its run, click to see its race."
# Cells along each side at first: as many as are computed soon.
SIDES = {"plane": 64, "formula": 64, "space": 32, "model": 16}
SIDE_OPTIONS = (8, 16, 32, 64, 128)
NONE = "none"

Knobs = dict[str, tuple[Param, int | None]]  # by name, each with its contender, None for one of the whole experiment


def page() -> None:
    """Draw the page."""
    experiment = sweeps.head("Map", TELLS)
    if experiment is None:
        return
    labels = experiment.labels
    with sweep_widgets.row():
        place = 0
        if len(labels) > 1:
            places = list(range(len(labels)))
            place = sweep_widgets.choose("map/contender", "Contender", places, 0, lambda i: labels[i])
        alone = replace(experiment, contenders=(experiment.contenders[place],))
        measure, axes, seeds = _choices(alone)
    sweep = sweeps.valid_sweep(alone, axes, seeds)
    if sweep is not None:
        sweeps.show([sweep], lambda traces: _draw(experiment, place, traces[0], measure))


def _choices(alone: Experiment) -> tuple[Measure, tuple[Axis, ...], tuple[int, ...]]:
    """Draw the choices of one contender's map; return the measure, the axes and the seeds."""
    name = alone.contenders[0].optimizer
    own = sweep_widgets.knobs_that_apply(alone, 0)
    knobs: Knobs = {knob: (param, 0) for knob, param in own.items()}
    knobs |= {knob: (param, None) for knob, param in knobs_of(alone, None).items() if param.applies(_fields(alone))}
    first = sweep_widgets.first_knob(alone.contenders[0], list(own.values()))
    across = sweep_widgets.choose_knob(f"map/across/{name}", "Across", _params(knobs), first)
    rest = {knob: known for knob, known in knobs.items() if knob != across}
    second = next((knob for knob in (first, OPTIMIZERS[name].axes[1]) if knob in rest), next(iter(rest)))
    down = sweep_widgets.choose_knob(f"map/down/{name}", "Down", _params(rest), second)
    rest.pop(down)
    third = sweep_widgets.choose(
        f"map/maps/{name}", "A map for each", [NONE, *rest], NONE, lambda k: k if k == NONE else rest[k][0].label
    )
    options = measures(alone)
    measure = options[
        sweep_widgets.choose("map/measure", "What", list(options), "final_loss", lambda name: options[name].title)
    ]
    with sweep_widgets.details():
        family = alone.definition.family
        side = sweep_widgets.choose(f"map/side/{family}", "Cells", SIDE_OPTIONS, SIDES[family], lambda n: f"{n} x {n}")
        seeds = sweep_widgets.seeds_of(alone, "map/seeds")
        values = {knob: sweep_widgets.values(f"map/{name}/{knob}", knobs[knob][0], side) for knob in (across, down)}
    axes = [Axis(knob, values[knob], knobs[knob][1]) for knob in (down, across)]
    if third != NONE:
        axes.append(Axis(third, _few(alone, third, *knobs[third]), knobs[third][1]))
    return measure, tuple(axes), seeds


def _params(knobs: Knobs) -> dict[str, Param]:
    return {knob: param for knob, (param, _) in knobs.items()}


def _fields(experiment: Experiment) -> dict[str, Value]:
    """The values of the whole experiment's knobs, on which it depends whether others apply."""
    return {**experiment.settings, "noise": experiment.noise, "noise_size": experiment.noise_size}


def _few(experiment: Experiment, knob: str, param: Param, whose: int | None) -> tuple[Value, ...]:
    """Some values of a third knob, and among them its value now."""
    values = param.spread(MOST)[:MOST]
    now = experiment.contenders[0].knobs[knob] if whose is not None else None
    if not isinstance(now, int | float) or now in values:
        return values
    scale, numbers = ticks.kind(param, values), [value for value in values if isinstance(value, int | float)]
    place = ticks.place(scale, numbers, now)
    nearest = numbers[round(place) if place is not None else -1]
    return tuple(sorted({now, *numbers} - ({nearest} if len(numbers) == MOST else set())))


def _draw(experiment: Experiment, place: int, trace: SweepTrace, measure: Measure) -> None:
    mode = charts.mode()
    clicked = _clicked(experiment, place, trace, charts.clickable(*heat(trace, measure, mode), "map", "chart"))
    if clicked is not None:
        sweeps.open_in_race(clicked)
    if sentences := said(trace, measure):
        st.markdown(escaped(" ".join(sentences)))
    grey = f':color[■]{{foreground="{LOST[mode]}"}} {measure.missing}'
    seeds = " A cell is the median over the seeds." if len(trace.sweep.seeds) > 1 else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"○ where the knobs stand, ★ the best cell, {grey}.{seeds}", width="stretch")
        sweeps.export(trace, "map")
    sweeps.rounding(trace.sweep)


def _clicked(experiment: Experiment, place: int, trace: SweepTrace, event: Any) -> Experiment | None:
    """The experiment of the cell that was clicked at, with all contenders. A browser may send anything."""
    try:
        point = event["selection"]["points"][0]
        third, across, down = (int(point[name]) for name in ("curve_number", "x", "y"))
        index = (down, across, third)[: len(trace.sweep.axes)]
        if min(third, across, down) < 0 or (len(index) < 3 and third):
            return None
        alone = trace.sweep.at(0, index)
    except (TypeError, KeyError, ValueError, IndexError, OverflowError):
        return None
    contenders = list(experiment.contenders)
    contenders[place] = alone.contenders[0]
    return replace(alone, contenders=tuple(contenders))
