"""What the models have learned, below the race: figures that stand still."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from prodigy_core.experiment import Experiment
from prodigy_core.trace import Trace

from ... import cache, state
from ...figures.learned import learned
from ...theme import Style

CHART = {"displaylogo": False, "displayModeBar": False, "scrollZoom": False}


def show(experiment: Experiment, traces: Sequence[Trace], styles: Sequence[Style]) -> None:
    """Draws the figures there are of a race that is over; nothing for a problem that has none."""
    if experiment.definition.learning is None:
        return
    mode = "dark" if st.context.theme.type == "dark" else "light"
    for name, figure, words in learned(*cache.predictions(experiment, traces), styles, mode):
        st.plotly_chart(figure, key=state.key("learned", name), config=CHART, alt=words)
