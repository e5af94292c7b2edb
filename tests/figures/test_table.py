"""The table under the figures: their colours, and what the traces say."""

from __future__ import annotations

import numpy as np

from app.views.race import table
from prodigy_core.experiment import Experiment
from prodigy_core.trace import Status
from tests.figures.runs import SIX, drawn_runs, looks_of, trace_of


def test_the_table_has_the_colours_of_the_figures():
    experiment, traces = drawn_runs("rosenbrock", SIX)
    drawn = looks_of(experiment)
    rows = table(experiment, traces, drawn).split("<tr>")[2:]
    assert len(rows) == len(SIX)
    for row, look in zip(rows, drawn, strict=True):
        assert look.colour in row
        assert look.label in row


def test_the_table_says_what_the_traces_say():
    experiment, (whole, _) = drawn_runs("booth")
    experiment = Experiment(problem="booth", contenders=experiment.contenders, tolerance=float(whole.loss[7]))
    broken = trace_of(whole.position[:0], whole.loss[:0], Status.DIVERGED, with_d=False)
    text = table(experiment, [whole, broken], looks_of(experiment))
    first, second = text.split("<tr>")[2:]
    cells = [cell.split("</td>")[0] for cell in first.split("<td>")[1:]]
    reached = int(np.flatnonzero(whole.loss <= whole.loss[7])[0])
    assert cells[1:5] == [f"{whole.loss[-1]:.4g}", str(reached), "2", f"{whole.distance_linf[-1]:.4g}"]
    assert cells[5] == "Ran all 11 steps."
    assert second.count("–") >= 4
    assert Status.DIVERGED.sentence(0) in second
