"""The arena in a fragment of its own: a knob that is turned in the figure draws it alone.

The page follows when the hand lets go.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from prodigy_core.experiment import Contender, Experiment, ExperimentError
from prodigy_core.landscape.plane import Plane
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.param import Value
from prodigy_core.trace import Trace

from ... import cache, state, theme
from ...arena import arena, fits
from ...figures.arena import knobs
from ...figures.arena.records import Knobs
from ...figures.arena.scene import scene
from ...figures.arena.window import window
from ...jobs import Job
from ...theme import Style
from . import ground

PATIENCE = 0.3  # seconds that the runs of a turn in the figure get, before the whole page shows how far they are
ARENA = state.lasting_key("arena")
VIEW = "arena"  # the choice of this page that is the arena's view: tab, step, zoom and so on
KNOBS = "knobs"  # the choice of this page that says which hyperparameters stand in the figure
MOST = 2  # hyperparameters that stand in the figure

Pin = tuple[int, str]  # the place of a contender and the name of its hyperparameter


@dataclass(frozen=True)
class Act:
    """What the arena shows.

    Attributes:
      experiment: the race, with the contenders whose runs have begun.
      turned: the experiment of the session at that time, with all contenders.
      traces, styles: of these contenders.
      plane: the plane through their paths, if there is one yet.
      opening: the step from which a first visit plays once.
      fixed: the hyperparameters that stand in the figure and cannot be changed for others; None for those that a person chose.
    """

    experiment: Experiment
    turned: Experiment
    traces: Sequence[Trace]
    styles: Sequence[Style]
    plane: Job[Plane] | None = None
    opening: int | None = None
    fixed: Sequence[Pin] | None = None


def show(act: Act) -> None:
    """Draw the arena, in a place that is kept for it."""
    with st.container(key="stage"):
        st.fragment(_show)(act)


def _show(act: Act) -> None:
    """Draw the arena; of the experiment as a hand in it has turned it since, if its runs are there soon."""
    if state.take_rest():
        st.rerun()
    now = state.current()
    if now != act.turned:
        jobs = cache.runs(now, state.watcher(), PATIENCE)
        traces = [job.result for job in jobs if job.done and job.error is None and job.result is not None]
        later = ground.later(now, jobs, PATIENCE) if len(traces) == len(jobs) else None
        if len(traces) < len(jobs) or (later and not later.job.done):
            st.rerun()
        act = Act(
            now, now, traces, theme.styles(now.contenders, now.labels), later.job if later else None, fixed=act.fixed
        )  # fmt: skip
    _draw(act)
    keep_choices(now, act.fixed)
    state.put_choices()


def _draw(act: Act) -> None:
    experiment = act.experiment
    landscape = cache.ground(experiment, window(experiment)) if experiment.definition.domain else None
    drawn = scene(
        experiment,
        act.traces,
        act.styles,
        landscape,
        plane=act.plane.result if act.plane else None,
        ground=ground.choice(experiment),
        knobs=_knobs(experiment, act.fixed) if experiment == act.turned else None,
    )
    arena(drawn, key=ARENA, on_change=_take, view=_view(), opening=act.opening)


# --- what stands in the figure -------------------------------------------------------------------------------------


def pins(experiment: Experiment) -> list[Pin]:
    """Return the hyperparameters that stand in the figure: those that a person chose, else the usual ones."""
    chosen = [pin for pin in _pairs(state.kept(KNOBS, ())) if _turns(experiment, pin)]
    return chosen[:MOST] or usual_pins(experiment)


def usual_pins(experiment: Experiment) -> list[Pin]:
    """Return the first hyperparameter of each of the first contenders."""
    first = [(place, OPTIMIZERS[c.optimizer].axes[0]) for place, c in enumerate(experiment.contenders)]
    return [pin for pin in first if _turns(experiment, pin)][:MOST]


def _pairs(value: object) -> list[Pin]:
    """Return the pins in a value that may have come from a link."""
    if not isinstance(value, list | tuple):
        return []
    pairs = [pair for pair in value if isinstance(pair, list | tuple) and len(pair) == 2]
    return [(place, name) for place, name in pairs if type(place) is int and isinstance(name, str)]


def _turns(experiment: Experiment, pin: Pin) -> bool:
    """Return whether there is such a hyperparameter or setting, and a hand may turn it."""
    try:
        knobs.find(experiment, *pin)
    except LookupError:
        return False
    handout = state.handout()
    return not (handout.hides("figure") or handout.hides(pin[1]) or handout.locks(pin[1]))


def _knobs(experiment: Experiment, fixed: Sequence[Pin] | None) -> Knobs | None:
    """Return the knobs in the figure; None where there are none, or a teacher's link hides them."""
    shown = pins(experiment) if fixed is None else [pin for pin in fixed if _turns(experiment, pin)]
    return knobs.knobs(experiment, shown, offered=fixed is None) if shown else None


def _turned(experiment: Experiment, pin: Pin, value: Value) -> Experiment:
    """Return the experiment with another value of a hyperparameter, a setting or a field of the run."""
    place, name = pin
    if place == knobs.PROBLEM:
        if name in experiment.settings:
            return replace(experiment, settings={**experiment.settings, name: value})
        return replace(experiment, **{name: value})  # type: ignore[arg-type]
    contenders = list(experiment.contenders)
    before = contenders[place]
    contenders[place] = Contender(before.optimizer, {**before.knobs, name: value})
    return replace(experiment, contenders=tuple(contenders))


def keep_choices(experiment: Experiment, fixed: Sequence[Pin] | None = None) -> None:
    """Say what the link says of the arena beside the experiment."""
    state.keep(VIEW, _view(), {})
    if fixed is not None:
        return
    usual = [list(pin) for pin in usual_pins(experiment)]
    now = [list(pin) for pin in pins(experiment)]
    state.keep(KNOBS, [] if now == usual else now, [])


def _view() -> dict[str, Any]:
    """Return the arena's view as it was last told or stood in the link; the arena itself checks what is in it."""
    view = state.kept(VIEW, {})
    return dict(view) if fits(view) else {}


# --- what comes back from the arena --------------------------------------------------------------------------------


def _take() -> None:
    """Take what a person did in the arena. A browser may send anything."""
    event = state.value_of(ARENA, lambda: None)
    if not state.is_news(event):
        return
    try:
        HANDLERS[event["event"]](event)
    except (TypeError, KeyError, LookupError, ValueError, OverflowError, ExperimentError):
        return


def _take_start(event: Any) -> None:
    """A click on the landscape: the race starts there."""
    x, y = (float(part) for part in event["at"])
    state.replace(replace(state.experiment(), start=(x, y)), state.key("start"))  # the experiment checks it
    state.let_go()


def _take_ground(event: Any) -> None:
    """The ground under the paths of many parameters."""
    ground.choose(event["kind"])
    state.let_go()


def _take_knob(event: Any) -> None:
    """A turn of a hyperparameter in the figure."""
    experiment, pin, rested = state.experiment(), (event["contender"], event["knob"]), event["rest"] is True
    value = knobs.value_at(experiment, *pin, event["index"])
    if not _turns(experiment, pin):
        return
    place, name = pin
    of_problem = place == knobs.PROBLEM
    widgets = [("settings", name), (name,)] if of_problem else [(state.identities()[place], "")]
    state.replace(_turned(experiment, pin, value), *(state.key(*parts) for parts in widgets))
    if rested:
        state.let_go()


def _take_pin(event: Any) -> None:
    """Another hyperparameter for a place in the figure."""
    experiment = state.experiment()
    pin, slot = (event["contender"], event["knob"]), event["slot"]
    now = pins(experiment)
    if _pairs([pin]) and _turns(experiment, pin) and type(slot) is int and 0 <= slot < len(now):
        now[slot] = pin
        state.put_kept(KNOBS, [list(each) for each in now])


def _take_view(event: Any) -> None:
    """The view, for the link."""
    view = event["view"]
    if fits(view):
        state.put_kept(VIEW, view)


HANDLERS: dict[str, Callable[[Any], None]] = {
    "start": _take_start,
    "beneath": _take_ground,
    "knob": _take_knob,
    "pin": _take_pin,
    "view": _take_view,
}
