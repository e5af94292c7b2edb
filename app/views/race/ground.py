"""What lies beneath the paths of many parameters: a plane through them, which a person chooses and the server computes."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from prodigy_core.experiment import Experiment
from prodigy_core.landscape.plane import Plane, PlaneKind
from prodigy_core.trace import Trace

from ... import cache, state
from ...figures.arena.grounds import GROUNDS
from ...jobs import Job


def chosen(experiment: Experiment) -> str:
    """What a person wants beneath the paths, one of `GROUNDS`; "" on the plane, where it is the landscape."""
    if experiment.definition.domain is not None:
        return ""
    # A class of fifty that learns from images would else compute fifty planes at every turn of a knob.
    usual = "none" if experiment.definition.learning else "pca"
    return str(state.value_of(_key(experiment), lambda: usual))


def choose(wanted: object) -> None:
    """Takes a choice that came from a browser; what is none is no choice."""
    if isinstance(wanted, str) and wanted in GROUNDS:
        state.set_value(_key(state.experiment()), wanted)


def job(experiment: Experiment, traces: Sequence[Trace], patience: float) -> Job[Plane] | None:
    """The plane through these runs, begun where it is new; None where none is wanted, or there is nothing to lay it through."""
    kind: PlaneKind | None = {"pca": "pca", "random": "random"}.get(chosen(experiment))  # type: ignore[assignment]
    if kind is None or not any(len(trace.snapshots) for trace in traces):
        if experiment.definition.domain is None:
            cache.drop_plane(state.session())
        return None
    return cache.plane(experiment, kind, traces, state.session(), patience)


def progress(plane: Job[Plane]) -> None:
    """How far the plane is, and a way to do without it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(plane.fraction, text=f"The loss on the plane: {100 * plane.fraction:.0f} %")
        st.button("Cancel", key=state.key("cancel-plane"), icon=":material/stop_circle:", on_click=choose, args=("none",))


def _key(experiment: Experiment) -> str:
    return state.key("beneath", experiment.definition.family)
