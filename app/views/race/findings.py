"""Findings about a race in words, each with remedies: knobs that one click turns."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from prodigy_core.diagnosis import Finding, diagnose
from prodigy_core.experiment import PARAMS, Experiment
from prodigy_core.trace import Trace

from ... import state
from ...sidebar.controls import escaped
from ...theme import Style

# Widgets that a remedy may move, beside the contender's own.
SCOPES = ("start", "settings", *(param.name for param in PARAMS))


def show(experiment: Experiment, traces: Sequence[Trace], styles: Sequence[Style]) -> None:
    """Draw the findings about a race that is over; nothing if there are none."""
    findings = diagnose(experiment, traces)
    if findings:
        st.subheader("What to look at")
    for number, finding in enumerate(findings):
        style = styles[finding.contender]
        with st.container(border=True, gap="small"):
            st.markdown(f':color[━━]{{foreground="{style.colour}"}} **{escaped(style.label)}** {escaped(finding.text)}')
            if finding.remedies:
                with st.container(horizontal=True, gap="small"):
                    for i, remedy in enumerate(finding.remedies):
                        key = state.key("remedy", number, i)
                        st.button(escaped(remedy.label), key=key, on_click=_take, args=(finding, remedy.experiment))


def _take(finding: Finding, experiment: Experiment) -> None:
    identity = state.identities()[finding.contender]
    state.replace(experiment, state.key(identity, ""), *(state.key(scope) for scope in SCOPES))
