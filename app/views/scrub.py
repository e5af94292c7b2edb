"""The page of one knob dragged through its axis: all of its runs are computed at once, and the browser swaps them."""

from __future__ import annotations

from prodigy_core.experiment import Experiment
from prodigy_core.sweep.result import SweepTrace
from prodigy_core.sweep.spec import Axis

from .. import cache, state, theme
from ..arena import arena
from ..figures.arena.scrub import scrub
from ..figures.arena.window import window
from . import sweep_widgets, sweeps

TELLS = "All runs of the knob are here at once: drag it, and path, loss and D follow without asking the server."
# Values of the axis: as many as are computed soon.
COUNTS = {"plane": 65, "formula": 65, "space": 33, "model": 17}
ENTRIES = 300  # entries of each run's trace: about as many as a panel has pixels across
ARENA = state.lasting_key("scrub", "arena")


def page() -> None:
    """Draw the page."""
    experiment = sweeps.head("Scrub a knob", TELLS)
    if experiment is None:
        return
    with sweep_widgets.row():
        places = range(len(experiment.contenders))
        place = sweep_widgets.choose("scrub/contender", "Contender", places, 0, lambda i: experiment.labels[i])
        contender = experiment.contenders[place]
        params = {name: p for name, p in sweep_widgets.knobs_that_apply(experiment, place).items() if not p.static}
        first = sweep_widgets.first_knob(contender, tuple(params.values()))
        knob = sweep_widgets.choose(
            f"scrub/knob/{contender.optimizer}", "Knob", list(params), first, lambda name: params[name].label
        )
    values = sweep_widgets.axis_values(params[knob], contender.knobs[knob], COUNTS[experiment.definition.family])
    sweep = sweeps.valid_sweep(experiment, (Axis(knob, values, place),), (experiment.seed,), ENTRIES)
    if sweep is not None:
        sweeps.show([sweep], lambda traces: _draw(experiment, place, traces[0]))


def _draw(experiment: Experiment, place: int, trace: SweepTrace) -> None:
    if not trace.ended:  # an axis that fills in would jump under the hand
        return
    landscape = cache.ground(experiment, window(experiment)) if experiment.definition.domain else None
    scene = scrub(trace, place, theme.styles(experiment.contenders, experiment.labels), landscape)
    clicked = _clicked(trace, place, arena(scene, key=ARENA, on_change=lambda: None))
    if clicked is not None:
        sweeps.open_in_race(clicked)
    sweeps.export(trace, "scrub")
    sweeps.rounding(trace.sweep)


def _clicked(trace: SweepTrace, place: int, event: object) -> Experiment | None:
    """The experiment whose race a person wants to see. A browser may send anything."""
    try:
        if event["event"] != "variant":  # type: ignore[index]
            return None
        index = int(event["index"])  # type: ignore[index]
        return trace.sweep.at(place, (index,)) if index >= 0 else None
    except (TypeError, KeyError, ValueError, IndexError, OverflowError):
        return None
