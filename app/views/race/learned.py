"""What the models have learned, below the race: figures that stand still."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from prodigy_core.experiment import Experiment
from prodigy_core.trace import Trace

from ... import cache, state
from ...figures.learned import learned
from ...theme import Look

CHART = {"displaylogo": False, "displayModeBar": False, "scrollZoom": False}


def show(experiment: Experiment, traces: Sequence[Trace], looks: Sequence[Look]) -> None:
    """Draws the figures there are of a race that is over; nothing for a problem that has none."""
    if experiment.entry.learning is None:
        return
    mode = "dark" if st.context.theme.type == "dark" else "light"
    for name, figure, words in learned(*cache.predictions(experiment, traces), looks, mode):
        st.plotly_chart(figure, key=state.key("learned", name), config=CHART, alt=words)
