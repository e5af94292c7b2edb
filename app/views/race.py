"""The race: any contenders on one landscape, their losses, their D, their steps."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import plotly.graph_objects as go
import streamlit as st

from prodigy_core.experiment import Experiment
from prodigy_core.problems import PROBLEMS
from prodigy_core.trace import Trace

from .. import cache, editor, state, theme
from ..controls import plain
from ..figures import curves
from ..figures.paths import paths
from ..figures.window import window
from ..theme import Look

CHART = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"], "scrollZoom": False}
MOST_FAULTS = 10  # of a link, shown


def page() -> None:
    """Draws the page."""
    experiment = editor.edit(state.experiment())
    state.put(experiment)
    _faults()
    problem = PROBLEMS[experiment.problem]
    st.markdown(f"##### {problem.title} &ensp; ${problem.formula}$")
    st.caption(f"{problem.teaches} — {problem.source}")
    if not experiment.contenders:
        st.info(
            "Nobody is in the race. Add a contender in the sidebar: Prodigy and Adam are a good start.", icon=":material/flag:"
        )
        return
    traces = cache.traces(experiment)
    looks = theme.looks(experiment.contenders, experiment.labels)
    _legend(looks)
    mode = "dark" if st.context.theme.type == "dark" else "light"
    ground = cache.ground(experiment, window(experiment))
    upper, lower = st.columns(2), st.columns(2)
    _chart(upper[0], paths(experiment, ground, traces, looks, mode), "paths", _path_words(experiment, traces, looks))
    _chart(upper[1], curves.distance(experiment, traces, looks), "distance", "The estimate D and the distance from the start.")
    _chart(lower[0], curves.loss(experiment, traces, looks), "loss", _loss_words(traces, looks))
    _chart(lower[1], curves.effective_step(traces, looks), "step", "The effective step size of each contender.")
    st.html(table(experiment, traces, looks))


def _chart(place: st.delta_generator.DeltaGenerator, figure: go.Figure, key: str, words: str) -> None:
    place.plotly_chart(figure, key=key, config=CHART, alt=words)


def _faults() -> None:
    if faults := state.faults():
        lines = "\n".join(f"- {plain(str(fault))}" for fault in faults[:MOST_FAULTS])
        if len(faults) > MOST_FAULTS:
            lines += f"\n- and {len(faults) - MOST_FAULTS:,} more."
        st.warning(
            f"The link does not describe an experiment, so the usual one is shown.\n\n{lines}", icon=":material/link_off:"
        )


def _legend(looks: Sequence[Look]) -> None:
    entries = "".join(f"<span>{look.swatch}{escape(look.label)}</span>" for look in looks)
    st.html(f'<div class="lab-legend">{entries}<span>★ minimiser</span><span>○ start</span></div>')


def _path_words(experiment: Experiment, traces: Sequence[Trace], looks: Sequence[Look]) -> str:
    ends = ", ".join(
        f"{look.label} at ({trace.position[-1][0]:.3g}, {trace.position[-1][1]:.3g})"
        for trace, look in zip(traces, looks, strict=True)
        if trace.loss.size
    )
    return f"Paths over the landscape of {PROBLEMS[experiment.problem].title}, ending with {ends}."


def _loss_words(traces: Sequence[Trace], looks: Sequence[Look]) -> str:
    ends = ", ".join(f"{look.label} {trace.loss[-1]:.3g}" for trace, look in zip(traces, looks, strict=True) if trace.loss.size)
    return f"The loss over the steps. At the end: {ends}."


def table(experiment: Experiment, traces: Sequence[Trace], looks: Sequence[Look]) -> str:
    """The results as an HTML table."""
    minimum = PROBLEMS[experiment.problem].minimum
    head = ("Contender", "Final loss", f"Steps to {experiment.tolerance:g}", "Final D", "L∞ distance", "How it ended")
    rows = []
    for trace, look in zip(traces, looks, strict=True):
        reached = None if minimum is None else trace.steps_to(minimum + experiment.tolerance)
        d = trace.probes.get("D")
        cells = (
            f"{look.swatch}{escape(look.label)}",
            f"{trace.loss[-1]:.4g}" if trace.loss.size else "–",
            "–" if reached is None else f"{reached:,}",
            "–" if d is None or not d.size else f"{d[-1]:.4g}",
            f"{trace.distance_linf[-1]:.4g}" if trace.loss.size else "–",
            escape(trace.ending),
        )
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    header = "".join(f'<th scope="col">{escape(word)}</th>' for word in head)
    return (
        '<div class="lab-scroll" tabindex="0" role="region" aria-label="Results"><table class="lab-table">'
        f"<thead><tr>{header}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )
