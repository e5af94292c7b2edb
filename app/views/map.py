"""Two knobs as a map, and a third one as small maps beside each other; a click opens the run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from prodigy_core.experiment import Experiment
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.param import Param, Value
from prodigy_core.sweep.result import SweepTrace
from prodigy_core.sweep.spec import Axis, knobs_of

from .. import state
from ..figures.sweeps import ticks
from ..figures.sweeps.heat import LOST, MOST, heat, said
from ..figures.sweeps.measures import Measure, measures
from ..sidebar.controls import plain
from . import sweep_widgets, sweeps

TELLS = "A run for every pair of values of two knobs, or of starts. Hover over a cell for its run, click to see its race."
SIDES = {"plane": 64, "formula": 64, "space": 32, "model": 16}  # cells along each side at first: what is there soon
KINDS = (8, 16, 32, 64, 128)
NONE = "none"

Knobs = dict[str, tuple[Param, int | None]]


def page() -> None:
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
        measure, axes, seeds = _asked(alone)
    sweep = sweeps.made(alone, axes, seeds)
    if sweep is not None:
        sweeps.show([sweep], lambda found: _draw(experiment, place, found[0], measure))


def _asked(alone: Experiment) -> tuple[Measure, tuple[Axis, ...], tuple[int, ...]]:
    """What a person wants to see of a contender: the measure, the axes and the seeds."""
    name = alone.contenders[0].optimizer
    own = sweep_widgets.knobs_that_apply(alone, 0)
    knobs: Knobs = {knob: (param, 0) for knob, param in own.items()}
    knobs |= {knob: (param, None) for knob, param in knobs_of(alone, None).items() if param.applies(_fields(alone))}
    first = sweep_widgets.first_knob(alone.contenders[0], list(own.values()))
    across = sweep_widgets.choose_knob(f"map/across/{name}", "Across", _params(knobs), first)
    rest = {knob: found for knob, found in knobs.items() if knob != across}
    second = next((knob for knob in (first, OPTIMIZERS[name].axes[1]) if knob in rest), next(iter(rest)))
    down = sweep_widgets.choose_knob(f"map/down/{name}", "Down", _params(rest), second)
    rest.pop(down)
    third = sweep_widgets.choose(
        f"map/maps/{name}", "A map for each", [NONE, *rest], NONE, lambda k: k if k == NONE else rest[k][0].label
    )
    known = measures(alone)
    measure = known[sweep_widgets.choose("map/measure", "What", list(known), "final_loss", lambda found: known[found].title)]
    with sweep_widgets.details():
        family = alone.definition.family
        side = sweep_widgets.choose(f"map/side/{family}", "Cells", KINDS, SIDES[family], lambda count: f"{count} x {count}")
        seeds = sweep_widgets.seeds_of(alone, "map/seeds")
        values = {knob: sweep_widgets.values(f"map/{name}/{knob}", knobs[knob][0], side) for knob in (across, down)}
    axes = [Axis(knob, values[knob], knobs[knob][1]) for knob in (down, across)]
    if third != NONE:
        axes.append(Axis(third, _few(alone, third, *knobs[third]), knobs[third][1]))
    return measure, tuple(axes), seeds


def _params(knobs: Knobs) -> dict[str, Param]:
    return {knob: param for knob, (param, _) in knobs.items()}


def _fields(experiment: Experiment) -> dict[str, Value]:
    """The knobs of the whole experiment, for those that matter only beside others."""
    return {**experiment.settings, "noise": experiment.noise, "noise_size": experiment.noise_size}


def _few(experiment: Experiment, knob: str, param: Param, whose: int | None) -> tuple[Value, ...]:
    """Some values of a third knob, and among them where it stands."""
    found = param.spread(MOST)[:MOST]
    now = experiment.contenders[0].knobs[knob] if whose is not None else None
    if not isinstance(now, int | float) or now in found:
        return found
    how, values = ticks.kind(param, found), [value for value in found if isinstance(value, int | float)]
    at = ticks.place(how, values, now)
    least = values[round(at) if at is not None else -1]  # the one that it stands for
    return tuple(sorted({now, *values} - ({least} if len(values) == MOST else set())))


def _draw(experiment: Experiment, place: int, found: SweepTrace, measure: Measure) -> None:
    mode = sweeps.mode()
    made, words = heat(found, measure, mode)
    event = st.plotly_chart(
        made, key=state.key("map", "chart"), config=sweeps.CHART, alt=words, on_select="rerun", selection_mode="points"
    )
    if (chosen := _chosen(experiment, place, found, event)) is not None:
        sweeps.open_in_race(chosen)
    if sentences := said(found, measure):
        st.markdown(plain(" ".join(sentences)))
    several = " A cell is the median over the seeds." if len(found.sweep.seeds) > 1 else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        grey = f':color[■]{{foreground="{LOST[mode]}"}} {measure.missing}'
        st.caption(f"○ where the knobs stand, ★ the best cell, {grey}.{several}", width="stretch")
        sweeps.export(found, "map")


def _chosen(experiment: Experiment, place: int, found: SweepTrace, event: Any) -> Experiment | None:
    """The experiment of the cell that was clicked at, with all contenders. What a browser sends may be anything."""
    try:
        point = event["selection"]["points"][0]
        third, across, down = (int(point[name]) for name in ("curve_number", "x", "y"))
        index = (down, across, third)[: len(found.sweep.axes)]
        if min(third, across, down) < 0 or (len(index) < 3 and third):
            return None
        run = found.sweep.at(0, index)
    except (TypeError, KeyError, ValueError, IndexError, OverflowError):
        return None
    contenders = list(experiment.contenders)
    contenders[place] = run.contenders[0]
    return replace(run, contenders=tuple(contenders))
