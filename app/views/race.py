"""The race: any contenders on one problem, their losses, their D, their steps."""

from __future__ import annotations

import time
from collections.abc import Sequence
from html import escape

import plotly.graph_objects as go
import streamlit as st

from prodigy_core.experiment import Experiment, ExperimentError
from prodigy_core.trace import Trace

from .. import cache, editor, state, theme
from ..controls import plain
from ..figures import curves
from ..figures.paths import paths, projection
from ..figures.window import window
from ..jobs import WORKERS, Job
from ..theme import Look
from . import findings
from .results import table

CHART = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"], "scrollZoom": False}
MOST_FAULTS = 10  # of a link, shown
PATIENCE = 0.4  # seconds for which a page waits for its runs before it shows their progress
FIRST = 10.0  # seconds for which it then keeps the figures of before on the screen, until there are new ones
LOOK = 0.2  # seconds between two looks at runs that have just begun
EVERY = 1.0  # seconds between two looks at runs that go on


def page() -> None:
    """Draws the page."""
    experiment = editor.edit(state.experiment())
    state.put(experiment)
    _faults()
    problem = experiment.entry
    st.markdown(f"##### {problem.title} &ensp; ${problem.formula}$")
    st.caption(f"{problem.teaches} — {problem.source}")
    if not experiment.contenders:
        st.info(
            "Nobody is in the race. Add a contender in the sidebar: Prodigy and Adam are a good start.", icon=":material/flag:"
        )
        return
    if experiment.needs_upload and cache.upload(experiment.data) is None:
        st.info(_missing(experiment), icon=":material/upload_file:")
        return
    if state.cancelled(experiment):
        runs = cache.cancel(experiment, state.session())
        if not all(run.done for run in runs):
            _cancelled()
        _results(experiment, runs)
        return
    runs = _begun(experiment)
    if all(run.done for run in runs):
        _results(experiment, runs)
    else:
        st.fragment(_running, run_every=EVERY)(experiment)


def _begun(experiment: Experiment) -> list[Job]:
    """The runs, each with its first chunk where that does not take too long; until then the last figures stay on the page."""
    place = st.empty()
    runs = cache.runs(experiment, state.session(), PATIENCE)
    until = time.monotonic() + FIRST
    while any(run.trace is None and not run.done for run in runs) and time.monotonic() < until:
        place.progress(_fraction(runs), text=_pace(experiment, runs))  # where another turn of a knob breaks in
        runs = cache.runs(experiment, state.session(), LOOK)
    place.empty()
    return runs


def _running(experiment: Experiment) -> None:
    """Runs that go on: how far they are, and what there is of them. Draws itself anew until they are done."""
    runs = cache.runs(experiment, state.session(), 0.0)
    if all(run.done for run in runs):
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(_fraction(runs), text=_pace(experiment, runs))
        if st.button("Cancel", key=state.key("cancel"), icon=":material/stop_circle:"):
            state.cancel(experiment)
            st.rerun()
    _results(experiment, runs)


def _fraction(runs: Sequence[Job]) -> float:
    return sum(run.fraction for run in runs) / len(runs)


def _pace(experiment: Experiment, runs: Sequence[Job]) -> str:
    """How far the runs are, how long they took and will take."""
    going = [(label, run) for label, run in zip(experiment.labels, runs, strict=True) if not run.done]
    if compiling := [label for label, run in going if not run.fraction]:
        return f"Compiling {plain(', '.join(compiling))}"
    left = [run.left or 0.0 for _, run in going]
    remaining = max(sum(left) / WORKERS, *left, 0.0)
    spent = max(run.seconds for run in runs)
    return f"{100 * _fraction(runs):.0f} %: {_duration(spent)} so far, about {_duration(remaining)} to go"


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def _cancelled() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.warning("Cancelled. What ran until then is below.", icon=":material/stop_circle:")
        if st.button("Run on", key=state.key("go-on"), icon=":material/play_arrow:"):
            state.go_on()
            st.rerun()


def _results(experiment: Experiment, runs: Sequence[Job]) -> None:
    """Legend, figures and table of what there is."""
    for text in dict.fromkeys(_trouble(run.error) for run in runs if run.error):
        st.error(text, icon=":material/error:")
    everyone = theme.looks(experiment.contenders, experiment.labels)
    there = [(run.trace, look) for run, look in zip(runs, everyone, strict=True) if run.trace is not None]
    looks = [look for _, look in there]
    traces = [trace.cancelled() if state.cancelled(experiment) else trace for trace, _ in there]
    problem = experiment.entry
    _legend(everyone, bool(problem.minimisers) or problem.solution is not None, problem.learning is None)
    if not traces:
        return
    mode = "dark" if st.context.theme.type == "dark" else "light"
    figures: list[tuple[str, go.Figure, str]] = []
    if problem.domain is not None:
        ground = cache.ground(experiment, window(experiment))
        figures.append(("paths", paths(experiment, ground, traces, looks, mode), _path_words(experiment, traces, looks)))
    elif problem.learning is None:
        figures.append(("paths", projection(experiment, traces, looks, mode), "Each path along two directions."))
    else:
        if (score := curves.score(traces, looks)) is not None:
            figures.append(("score", score, _score_words(traces, looks)))
        figures.append(("learning", curves.learning(traces, looks), "The loss on training and validation examples."))
    words = "The estimate D and the distance from the start."
    figures.append(("distance", curves.distance(experiment, traces, looks), words))
    if problem.learning is None:
        figures.append(("loss", curves.loss(experiment, traces, looks), _loss_words(traces, looks)))
    figures.append(("step", curves.effective_step(traces, looks), "The effective step size of each contender."))
    if problem.learning is not None:
        figures.append(("gradient", curves.gradient(traces, looks), "The norm of the gradient of each contender's batches."))
        figures.append(("paths", projection(experiment, traces, looks, mode), "Each path along two directions."))
    for first in range(0, len(figures), 2):
        for place, (name, figure, alt) in zip(st.columns(2), figures[first : first + 2], strict=False):
            place.plotly_chart(figure, key=name, config=CHART, alt=alt)
    st.html(table(experiment, traces, looks))
    if all(run.done for run in runs) and len(traces) == len(runs):
        findings.show(experiment, traces, looks)


def _missing(experiment: Experiment) -> str:
    if experiment.data:
        return "This experiment learns from an uploaded file that is not on this server: upload it again in the sidebar."
    return "Upload a CSV or svmlight file in the sidebar, and choose what is to be predicted."


def _trouble(error: Exception | None) -> str:
    if isinstance(error, ExperimentError):
        return "\n\n".join(plain(str(fault)) for fault in error.faults)
    return f"A run broke off with an error of the program itself ({plain(type(error).__name__)}). The server's log says more."


def _faults() -> None:
    if faults := state.faults():
        lines = "\n".join(f"- {plain(str(fault))}" for fault in faults[:MOST_FAULTS])
        if len(faults) > MOST_FAULTS:
            lines += f"\n- and {len(faults) - MOST_FAULTS:,} more."
        st.warning(
            f"The link does not describe an experiment, so the usual one is shown.\n\n{lines}", icon=":material/link_off:"
        )


def _legend(looks: Sequence[Look], minimiser: bool, start: bool) -> None:
    entries = "".join(f"<span>{look.swatch}{escape(look.label)}</span>" for look in looks)
    signs = "<span>★ minimiser</span>" * minimiser + "<span>○ start</span>" * start
    st.html(f'<div class="lab-legend">{entries}{signs}</div>')


def _path_words(experiment: Experiment, traces: Sequence[Trace], looks: Sequence[Look]) -> str:
    ends = ", ".join(
        f"{look.label} at ({trace.position[-1][0]:.3g}, {trace.position[-1][1]:.3g})"
        for trace, look in zip(traces, looks, strict=True)
        if trace.loss.size
    )
    return f"Paths over the landscape of {experiment.entry.title}, ending with {ends}."


def _loss_words(traces: Sequence[Trace], looks: Sequence[Look]) -> str:
    ends = ", ".join(f"{look.label} {trace.loss[-1]:.3g}" for trace, look in zip(traces, looks, strict=True) if trace.loss.size)
    return f"The loss over the steps. At the end: {ends}."


def _score_words(traces: Sequence[Trace], looks: Sequence[Look]) -> str:
    name = next(found for trace in traces if (found := curves.score_name(trace)))
    ends = ", ".join(
        f"{look.label} {values[-1]:.3g}"
        for trace, look in zip(traces, looks, strict=True)
        if (values := trace.metrics.get(f"validation_{name}")) is not None and values.size
    )
    return f"The {name} over the steps. On the validation examples at the end: {ends}."
