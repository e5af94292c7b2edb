"""Figures of what the models have learned, below the race."""

from __future__ import annotations

from collections.abc import Sequence

from prodigy_core.experiment import Experiment
from prodigy_core.trace import Trace

from ... import cache
from ...figures.learned import learned
from ...theme import Style
from .. import charts


def show(experiment: Experiment, traces: Sequence[Trace], styles: Sequence[Style]) -> None:
    """Draw the figures of a race that is over; nothing for a problem that has none."""
    if experiment.definition.learning is None:
        return
    for name, figure, words in learned(*cache.predictions(experiment, traces), styles, charts.mode()):
        charts.show(figure, words, "learned", name)
