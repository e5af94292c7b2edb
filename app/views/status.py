"""What every page says of its work and of what is wrong."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from prodigy_core.experiment import Experiment, ExperimentError
from prodigy_core.sweep.cluster import ClusterError

from .. import state
from ..sidebar.controls import plain

MOST_FAULTS = 10  # of a link, shown


def place(name: str) -> DeltaGenerator:
    """A strip above the page that the style sheet holds: what comes and goes in it moves nothing below."""
    return st.container(key=f"status-{name}")


def duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def missing(experiment: Experiment) -> str:
    """What to do about an upload that is not there."""
    if experiment.data:
        return "This experiment learns from an uploaded file that is not on this server: upload it again in the sidebar."
    return "Upload a CSV or svmlight file in the sidebar, and choose what is to be predicted."


def trouble(error: Exception | None) -> str:
    """Why a job could not run, in Markdown."""
    if isinstance(error, ClusterError):
        return plain(str(error))
    if isinstance(error, ExperimentError):
        return "\n\n".join(plain(str(fault)) for fault in error.faults)
    return f"A run broke off with an error of the program itself ({plain(type(error).__name__)}). The server's log says more."


def faults() -> None:
    """What was wrong with the link, until the experiment changes."""
    if found := state.faults():
        lines = "\n".join(f"- {plain(str(fault))}" for fault in found[:MOST_FAULTS])
        if len(found) > MOST_FAULTS:
            lines += f"\n- and {len(found) - MOST_FAULTS:,} more."
        st.warning(
            f"The link does not describe an experiment, so the usual one is shown.\n\n{lines}", icon=":material/link_off:"
        )
