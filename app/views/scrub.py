"""A knob dragged through its whole axis: all of its runs are computed at once, and the browser swaps them."""

from __future__ import annotations

import streamlit as st

from prodigy_core.experiment import Experiment, ExperimentError
from prodigy_core.sweep.result import SweepTrace
from prodigy_core.sweep.spec import Axis, Sweep, knobs_of

from .. import cache, state, theme
from ..arena import arena
from ..figures.arena.scrub import scrub
from ..figures.arena.window import window
from ..sidebar.controls import plain
from . import sweep_widgets, sweeps

TELLS = "All runs of the knob are here at once: drag it, and path, loss and D follow without asking the server."
COUNTS = {"plane": 65, "formula": 65, "space": 33, "model": 17}
ENTRIES = 300  # of each run's trace: as many as pixels across a panel, about
ARENA = state.key("scrub", "arena")


def page() -> None:
    experiment = sweeps.head("Scrub a knob", TELLS)
    if experiment is None:
        return
    with sweep_widgets.row():
        places = range(len(experiment.contenders))
        place = sweep_widgets.choose("scrub/contender", "Contender", places, 0, lambda i: experiment.labels[i])
        contender = experiment.contenders[place]
        params = {name: p for name, p in knobs_of(experiment, place).items() if p.applies(contender.knobs) and not p.static}
        first = sweep_widgets.first_knob(contender, tuple(params.values()))
        knob = sweep_widgets.choose(
            f"scrub/knob/{contender.optimizer}", "Knob", list(params), first, lambda name: params[name].label
        )
    values = sweep_widgets.axis_values(params[knob], contender.knobs[knob], COUNTS[experiment.definition.family])
    try:
        sweep = Sweep(experiment, (Axis(knob, values, place),), (experiment.seed,), ENTRIES)
    except ExperimentError as error:
        st.error("\n\n".join(plain(str(fault)) for fault in error.faults), icon=":material/error:")
        return
    sweeps.show([sweep], lambda found: _draw(experiment, place, found[0]))


def _draw(experiment: Experiment, place: int, found: SweepTrace) -> None:
    if not found.ended:  # a part would jump under the hand
        return
    landscape = cache.ground(experiment, window(experiment)) if experiment.definition.domain else None
    made = scrub(found, place, theme.styles(experiment.contenders, experiment.labels), landscape)
    chosen = _chosen(found, place, arena(made, key=ARENA, on_change=lambda: None))
    if chosen is not None:
        sweeps.open_in_race(chosen)
    sweeps.export(found, "scrub")


def _chosen(found: SweepTrace, place: int, value: object) -> Experiment | None:
    """The experiment whose race a person wants to see. What a browser sends may be anything."""
    try:
        if value["event"] != "variant":  # type: ignore[index]
            return None
        index = int(value["index"])  # type: ignore[index]
        return found.sweep.at(place, (index,)) if index >= 0 else None
    except (TypeError, KeyError, ValueError, IndexError, OverflowError):
        return None
