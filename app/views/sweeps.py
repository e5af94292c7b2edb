"""What all pages of sweeps share.

A page is `head`, its choices, the Sweeps that follow from them, and `show` with what draws their SweepTraces:

    experiment = sweeps.head("Map", TELLS)               # None: nothing to run, and the page says why
    with sweeps.row():
        which = sweeps.choose("map/measure", "What", options, start)        # remembered, and in the link
        knob = sweeps.choose_knob("map/across", "Across", knobs, start)     # its Param
        with sweeps.details():                                              # a drawer of what is seldom turned
            count = sweeps.choose("map/count", ...)
            values = sweeps.values(f"map/{knob}", knobs[knob], count, now)
    sweeps.show([sweep], lambda found: draw(found[0]))   # progress, remaining time, Cancel, errors, and what there is so far
    sweeps.open_in_race(found.sweep.at(contender, index))
    sweeps.export(found, "map")
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from prodigy_core.axes import Sweep, knobs_of
from prodigy_core.experiment import Contender, Experiment, ExperimentError
from prodigy_core.param import Fault, Param, Value
from prodigy_core.sweeptrace import SweepTrace

from .. import cache, editor, state
from ..controls import plain, read, write
from ..jobs import WORKERS, Job
from . import status

PATIENCE = 0.25  # seconds for which a page waits for its sweeps before it says how far they are
LOOK = 0.1  # seconds between two looks, each of which another turn of a knob may break off
SOON = 1.2  # seconds after which it draws what there is of them
FIRST = 10.0  # seconds for which it keeps what is on the screen where there is nothing of them yet
EVERY = 0.5  # seconds between two drawings of what fills in
STATIC = 6  # values of a knob that compiles a program for each
CHART = {"displaylogo": False, "displayModeBar": False, "scrollZoom": False}
FIRST_KNOBS = ("estim_lr0", "reps_rel", "init_estim_sq_dist", "s_init", "alpha", "learning_rate")

Draw = Callable[[list[SweepTrace]], None]
T = TypeVar("T")


def head(title: str, tells: str, *, of_problem: bool = True) -> Experiment | None:
    """Draws the sidebar and the heading.

    Args:
      title: of the page.
      tells: what the page is for, in one line.
      of_problem: whether it is about the experiment's problem.
      of_problem: whether it is about the problem of the experiment, which the heading then names.

    Returns:
      The experiment; None where there is nothing to run yet, and the page says why.
    """
    experiment = editor.edit(state.experiment())
    state.put(experiment)
    state.look()
    st.markdown(f"##### {title}: {experiment.entry.title}" if of_problem else f"##### {title}")
    st.caption(tells)
    status.faults()
    if not experiment.contenders:
        st.info(
            "Nobody is in the race. Add a contender in the sidebar: Prodigy and Adam are a good start.", icon=":material/flag:"
        )
        return None
    if experiment.needs_upload and cache.upload(experiment.data) is None:
        st.info(status.missing(experiment), icon=":material/upload_file:")
        return None
    return experiment


def made(experiment: Experiment, *given: Any) -> Sweep | None:
    """`Sweep(experiment, ...)`; None where there can be no such sweep, and the page says why."""
    try:
        return Sweep(experiment, *given)
    except ExperimentError as error:
        st.error(status.trouble(error), icon=":material/error:")
        return None


@dataclass(frozen=True)
class Shown:
    """Sweeps on a page.

    Attributes:
      wanted: the sweeps.
      draw: draws what there is of them.
      watcher: who asks for them.
      keeps: seconds for which they are worked at though nobody looks.
      parts: whether to draw while there is nothing yet of some of them, or of all.
    """

    wanted: tuple[Sweep, ...]
    draw: Draw
    watcher: str
    keeps: float
    parts: bool

    def jobs(self, patience: float) -> list[Job[SweepTrace]]:
        """The sweeps as the server has them, begun where they are new, after so many seconds or when they are done."""
        return cache.sweeps(self.wanted, self.watcher, patience, self.keeps)


def show(wanted: Sequence[Sweep], draw: Draw, *, watcher: str = "", keeps: float = 0.0, parts: bool = False) -> None:
    """Draws sweeps: at once where they are soon there, else as they fill in, with their progress and a way to stop them.

    The arguments are those of `Shown`; without a watcher it is the session.
    """
    shown = Shown(tuple(wanted), draw, watcher or state.session(), keeps, parts)
    if state.cancelled(shown.wanted):
        with st.container():
            _shown(shown, cache.cancel_sweeps(shown.wanted, shown.watcher))
        return
    jobs = _begun(shown)
    if all(job.done for job in jobs):
        with st.container():  # as deep as a fragment, which is one
            _shown(shown, jobs)
    else:
        st.fragment(_going, run_every=EVERY)(shown)


def mode() -> Literal["light", "dark"]:
    """How the page looks."""
    return "dark" if st.context.theme.type == "dark" else "light"


# --- choices -------------------------------------------------------------------------------------------------------


@contextmanager
def row() -> Iterator[None]:
    """Where a page's choices stand side by side. At its end they are in the link, whatever comes of them."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        yield
    state.put_view()


def details(label: str = "Range") -> DeltaGenerator:
    """A drawer at the end of a row, for what is seldom turned."""
    return st.popover(label, icon=":material/tune:", width="content")


def choose(name: str, label: str, options: Sequence[T], start: T, words: Callable[[T], str] = str, **given: Any) -> T:
    """A choice that is remembered while a person looks at other pages, and stands in the link.

    Args:
      name: its own among those of all pages: the page's, a slash, and so on.
      label: above it, Markdown.
      options: what there is: text or numbers.
      start: where it stands at first, and where what was chosen is there no more.
      words: how an option is written.
      given: for the selectbox.
    """
    key = state.key("sweeps", name)

    def known(value: object) -> bool:
        return any(value == option and type(value) is type(option) for option in options)

    chosen = state.value_of(key, lambda: state.kept(name, start))
    state.set_value(key, chosen if known(chosen) else start)  # said at every run: a drawer draws it only when it is opened
    found: T = st.selectbox(label, list(options), format_func=words, key=key, **given)
    state.keep(name, found, start)
    return found


def choose_knob(name: str, label: str, knobs: Mapping[str, Param], start: str) -> str:
    """A choice among knobs; returns its name."""
    return choose(name, label, list(knobs), start, lambda knob: _titled(knob, knobs[knob]), help=_helps(name, knobs, start))


def values(name: str, param: Param, count: int, now: Value = None) -> tuple[Value, ...]:
    """The values of an axis, between two ends that a person may move.

    Args:
      name: the page's, a slash, and one of its own for every knob.
      param: the knob.
      count: how many; fewer where each compiles a program of its own, all of a choice or a switch.
      now: a value that is to be among them; None for none.
    """
    return _among(param.spread(min(count, STATIC) if param.static else count, *_ends(name, param)), now)


def axis_values(param: Param, now: Value, count: int) -> tuple[Value, ...]:
    """Values of a knob over its whole slider, and among them where it stands."""
    return _among(param.spread(min(count, STATIC) if param.static else count), now)


def knobs_that_apply(experiment: Experiment, place: int) -> dict[str, Param]:
    """A contender's knobs that do something as the others stand, by name."""
    contender = experiment.contenders[place]
    return {name: param for name, param in knobs_of(experiment, place).items() if param.applies(contender.knobs)}


def first_knob(contender: Contender, params: Sequence[Param]) -> str:
    """The knob that one asks about first: what the estimate begins with where there is one, else the learning rate."""
    names = [param.name for param in params]
    return next((name for name in FIRST_KNOBS if name in names), names[0])


def seeds_of(experiment: Experiment, name: str) -> tuple[int, ...]:
    """The seeds of a sweep, a choice where they change anything."""
    if not experiment.random:
        return (experiment.seed,)
    count = choose(name, "Seeds", (1, 2, 4, 8, 16), 4)
    return tuple(range(experiment.seed, experiment.seed + count))


def _among(found: tuple[Value, ...], now: Value) -> tuple[Value, ...]:
    """Values with another one among them, where that is a number between their ends."""
    numbers = [value for value in (*found, now) if isinstance(value, int | float) and not isinstance(value, bool)]
    if now is None or now in found or len(numbers) <= len(found) or not min(numbers[:-1]) <= numbers[-1] <= max(numbers[:-1]):
        return found
    return tuple(sorted(numbers))


def _titled(knob: str, param: Param) -> str:
    return f"{param.label} (problem)" if knob.startswith("settings.") else param.label


def _helps(name: str, knobs: Mapping[str, Param], start: str) -> str:
    """What the knob that is chosen means."""
    chosen = state.left(state.key("sweeps", name), start)
    return knobs[chosen if chosen in knobs else start].help


def _ends(name: str, param: Param) -> tuple[float | None, float | None]:
    """Two fields for the ends of an axis, in the order in which they stand; (None, None) for a knob of words."""
    if param.kind in ("bool", "choice"):
        return None, None
    usual = dict(zip(("from", "to"), param.slider, strict=True))
    found: dict[str, float] = dict(usual)
    with st.container(horizontal=True, gap="small"):
        for end, otherwise in usual.items():
            whole = f"{name}/{end}"
            key = state.key("sweeps", whole)
            chosen = state.left(key, state.kept(whole, write(otherwise)))
            state.set_value(key, chosen if isinstance(chosen, str) else write(otherwise))
            text = st.text_input(f"{param.label} {end}", key=key)
            state.keep(whole, text, write(otherwise))
            entered = read(param, text or "")
            if isinstance(entered, Fault):
                st.error(plain(str(entered)))
            else:
                found[end] = entered
    low, high = sorted(found.values())
    return low, high


# --- the work ------------------------------------------------------------------------------------------------------


def _begun(shown: Shown) -> list[Job[SweepTrace]]:
    """The sweeps, whole where that does not take long; what was drawn before stays until there is something of them."""
    begun = time.monotonic()
    jobs = shown.jobs(PATIENCE)
    place = None
    while not all(job.done for job in jobs):
        if time.monotonic() - begun > (SOON if shown.parts or all(job.result is not None for job in jobs) else FIRST):
            break
        if place is None:
            place = status.place("wait").empty()
        place.progress(_fraction(shown.wanted, jobs), text=_pace(shown.wanted, jobs))  # where another turn of a knob breaks in
        jobs = shown.jobs(LOOK)
    if place is not None:
        place.empty()
    return jobs


def _going(shown: Shown) -> None:
    """Sweeps that go on. Draws itself anew until they are done."""
    jobs = shown.jobs(0.0)
    if all(job.done for job in jobs):
        st.rerun()
    _shown(shown, jobs)


def _shown(shown: Shown, jobs: Sequence[Job[SweepTrace]]) -> None:
    wanted = shown.wanted
    with st.container():
        if not all(job.done for job in jobs):
            with status.place("going"), st.container(horizontal=True, vertical_alignment="center"):
                _stopped() if state.cancelled(wanted) else _progress(wanted, jobs)
        for text in dict.fromkeys(status.trouble(job.error) for job in jobs if job.error):
            st.error(text, icon=":material/error:")
    found = [job.result for job in jobs if job.result is not None]
    if shown.parts or (found and len(found) == len(jobs)):
        shown.draw(found)


def _progress(wanted: tuple[Sweep, ...], jobs: Sequence[Job[SweepTrace]]) -> None:
    st.progress(_fraction(wanted, jobs), text=_pace(wanted, jobs))
    if st.button("Cancel", key=state.key("cancel"), icon=":material/stop_circle:"):
        state.cancel(wanted)
        st.rerun()


def _stopped() -> None:
    st.markdown(":material/stop_circle: Cancelled. What ran until then is below.", width="content")
    if st.button("Run on", key=state.key("go-on"), icon=":material/play_arrow:"):
        state.go_on()
        st.rerun()


def _fraction(wanted: Sequence[Sweep], jobs: Sequence[Job[SweepTrace]]) -> float:
    return sum(sweep.runs * job.fraction for sweep, job in zip(wanted, jobs, strict=True)) / sum(sweep.runs for sweep in wanted)


def _pace(wanted: tuple[Sweep, ...], jobs: Sequence[Job[SweepTrace]]) -> str:
    """How far the sweeps are, and how long they will take."""
    runs, done = sum(sweep.runs for sweep in wanted), _fraction(wanted, jobs)
    if not done:
        return f"Compiling {runs:,} runs"
    left = sum(job.seconds for job in jobs) * (1 - done) / done / min(WORKERS, len(jobs))
    return f"{100 * done:.0f} % of {runs:,} runs, about {status.duration(left)} to go"


# --- out -----------------------------------------------------------------------------------------------------------


def open_in_race(experiment: Experiment) -> None:
    """Leaves the page for the race of this experiment."""
    state.replace(experiment, state.WIDGET)
    state.visit("Race")


def export(found: SweepTrace, name: str) -> None:
    """Buttons that hand out the sweep: nothing is made before it is asked for."""
    with st.popover("Export", icon=":material/download:", width="content"):
        kinds = (
            ("Runs as CSV", "csv", found.to_csv),
            ("Runs as Parquet", "parquet", found.to_parquet),
            ("Runs as JSON", "json", found.to_json),
        )
        for label, ending, make in kinds:
            st.download_button(label, make, f"{name}.{ending}", key=state.key("export", name, ending), on_click="ignore")
        st.download_button(
            "Only the sweep, for prodigy-lab sweep", found.sweep.to_json, f"{name}-sweep.json",
            key=state.key("export", name, "sweep"), on_click="ignore",
        )  # fmt: skip
