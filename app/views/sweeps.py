"""The frame of all pages of sweeps.

A page is `head`, its choices, the Sweeps that follow from them, and `show` with what draws their SweepTraces:

    experiment = sweeps.head("Map", TELLS)               # None: nothing to run, and the page says why
    with sweep_widgets.row():
        which = sweep_widgets.choose("map/measure", "What", options, start)       # remembered, and in the link
        knob = sweep_widgets.choose_knob("map/across", "Across", knobs, start)    # its name
        with sweep_widgets.details():                                             # a drawer of what is seldom turned
            count = sweep_widgets.choose("map/count", ...)
            values = sweep_widgets.values(f"map/{knob}", knobs[knob], count, now)
    sweep = sweeps.valid_sweep(experiment, axes, seeds)  # None: there is no such sweep, and the page says why
    sweeps.show([sweep], lambda traces: draw(traces[0]))  # progress, time left, Cancel, errors, and the result so far
    sweeps.open_in_race(trace.sweep.at(contender, index))
    sweeps.export(trace, "map")
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from prodigy_core.experiment import Experiment, ExperimentError
from prodigy_core.sweep.exports import FORMATS
from prodigy_core.sweep.result import SweepTrace
from prodigy_core.sweep.spec import Axis, Sweep, race_may_differ

from .. import cache, state
from ..jobs import WORKERS, Job
from ..sidebar import editor
from . import status, waiting

PATIENCE = waiting.Patience(begin=0.25, look=0.1, soon=0.95, first=9.75, every=0.5)
ROUNDING = (
    "In a precision coarser than float64 a race can end at another number than its point here, since the two round differently."
)


def head(title: str, tells: str, *, of_problem: bool = True, usual: Experiment | None = None) -> Experiment | None:
    """Draw the sidebar and the heading.

    Args:
      title: of the page.
      tells: what the page is for, in one line.
      of_problem: whether the page is about the problem of the experiment, which the heading then names and the sidebar has.
      usual: the experiment of a session that begins on this page with an address without one; None for the app's own.

    Returns:
      The experiment; None if there is nothing to run yet, and the page says why.
    """
    experiment = editor.edit(state.experiment(usual), of_problem=of_problem)
    state.put(experiment)
    state.begin_choices()
    st.title(f"{title}: {experiment.definition.title}" if of_problem else title, anchor=False)
    st.caption(tells)
    status.faults()
    if not experiment.contenders:
        st.info(status.NOBODY, icon=":material/flag:")
        return None
    if of_problem and experiment.needs_upload and cache.upload(experiment.data) is None:
        st.info(status.missing(experiment), icon=":material/upload_file:")
        return None
    return experiment


def valid_sweep(experiment: Experiment, axes: tuple[Axis, ...], seeds: tuple[int, ...], entries: int = 0) -> Sweep | None:
    """Return the Sweep of these arguments; None if it has faults, and the page says which."""
    try:
        return Sweep(experiment, axes, seeds, entries)
    except ExperimentError as error:
        st.error(status.trouble(error), icon=":material/error:")
        return None


def show(
    wanted: Sequence[Sweep],
    draw: Callable[[list[SweepTrace]], None],
    *,
    watcher: str = "",
    keep: float = 0.0,
    parts: bool = False,
) -> None:
    """Draw sweeps: at once if they are done soon, else as they fill in, with their progress and a way to stop them.

    Args:
      wanted: the sweeps.
      draw: draws what there is of them.
      watcher: who asks for them; the session if empty.
      keep: seconds for which they go on though nobody looks.
      parts: whether to draw while there is nothing yet of some of them, or of all.
    """
    sweeps, asks = tuple(wanted), watcher or state.watcher()

    def draw_results(jobs: Sequence[Job[SweepTrace]], _: waiting.Later | None) -> None:
        traces = _results(jobs)
        if parts or (traces and len(traces) == len(jobs)):
            draw(traces)

    waiting.show(
        waiting.Wait(
            work=sweeps,
            ask=lambda patience: cache.sweeps(sweeps, asks, patience, keep),
            stop=lambda: cache.cancel_sweeps(sweeps, asks),
            pace=lambda jobs: _pace(sweeps, jobs),
            draw=draw_results,
            patience=PATIENCE,
            parts=parts,
            stopped=_stopped,
        )
    )


def rounding(sweep: Sweep) -> None:
    """Draw a caption if the race of a point may end at another number than the point."""
    if race_may_differ(sweep):
        st.caption(ROUNDING)


def open_in_race(experiment: Experiment) -> None:
    """Leave the page for the race of this experiment."""
    state.replace(experiment, state.WIDGET)
    state.visit("Race")


def export(trace: SweepTrace, name: str) -> None:
    """Draw buttons that hand out the sweep; a file is made when it is asked for."""
    with st.popover("Export", icon=":material/download:", width="content"):
        for kind in FORMATS:
            st.download_button(
                f"Runs as {kind.name}", partial(kind.write, trace), f"{name}{kind.ending}", kind.media_type,
                key=state.key("export", name, kind.ending[1:]), on_click="ignore",
            )  # fmt: skip
        st.download_button(
            "Only the sweep, for prodigy-lab sweep", trace.sweep.to_json, f"{name}-sweep.json",
            key=state.key("export", name, "sweep"), on_click="ignore",
        )  # fmt: skip


def _results(jobs: Sequence[Job[SweepTrace]]) -> list[SweepTrace]:
    return [job.result for job in jobs if job.result is not None]


def _pace(sweeps: Sequence[Sweep], jobs: Sequence[Job[SweepTrace]]) -> tuple[float, str]:
    """How far the sweeps are, and how long they will take."""
    runs = sum(sweep.runs for sweep in sweeps)
    fraction = sum(sweep.runs * job.fraction for sweep, job in zip(sweeps, jobs, strict=True)) / runs
    if not fraction:
        return fraction, f"Compiling {runs:,} runs"
    left = sum(job.seconds for job in jobs) * (1 - fraction) / fraction / min(WORKERS, len(jobs))
    return fraction, f"{100 * fraction:.0f} % of {runs:,} runs, about {status.duration(left)} to go"


def _stopped(jobs: Sequence[Job[SweepTrace]]) -> str:
    """Words that stand beside their button on a phone too."""
    begun = any(grid.there.any() for trace in _results(jobs) for grid in trace.grids)
    return "Cancelled." if begun else "Cancelled: no runs."
