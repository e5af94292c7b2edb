"""Words that every page has on its work and on faults."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from prodigy_core.experiment import Experiment, ExperimentError
from prodigy_core.sweep.cluster import ClusterError

from .. import state
from ..sidebar.controls import escaped

MAX_FAULTS = 10  # faults of a link that are shown
NOBODY = "Nobody is in the race. Add a contender in the sidebar: Prodigy and Adam are a good start."


def place(name: str) -> DeltaGenerator:
    """Return a strip above the page, where the style sheet puts it: what comes and goes in it moves nothing below."""
    return st.container(key=f"status-{name}")


def duration(seconds: float) -> str:
    """Return a time in seconds, or in minutes from 90 seconds on."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def missing(experiment: Experiment) -> str:
    """Return what to do about an upload that is not there."""
    if experiment.data:
        return "This experiment learns from an uploaded file that is not on this server: upload it again in the sidebar."
    return "Upload a CSV or svmlight file in the sidebar, and choose what is to be predicted."


def trouble(error: Exception | None) -> str:
    """Return why a job could not run, in Markdown."""
    if isinstance(error, ClusterError):
        return escaped(str(error))
    if isinstance(error, ExperimentError):
        return "\n\n".join(escaped(str(fault)) for fault in error.faults)
    return f"A run broke off with an error of the program itself ({escaped(type(error).__name__)}). The server's log says more."


def faults() -> None:
    """Draw the faults of the link, until the experiment changes."""
    if faults := state.faults():
        lines = "\n".join(f"- {escaped(str(fault))}" for fault in faults[:MAX_FAULTS])
        if len(faults) > MAX_FAULTS:
            lines += f"\n- and {len(faults) - MAX_FAULTS:,} more."
        st.warning(
            f"The link does not describe an experiment, so the usual one is shown.\n\n{lines}", icon=":material/link_off:"
        )
