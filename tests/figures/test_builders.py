"""What every figure must show: the numbers of the traces, each contender in its one colour.

A builder added to `app/figures` is found and tested by its signature.
"""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest

from app.figures import curves
from app.figures.paths import paths
from app.figures.window import window
from app.theme import BACKGROUNDS
from prodigy_core.landscape import landscape
from prodigy_core.trace import Status
from tests.figures.runs import (
    BUILDERS,
    SIX,
    build,
    drawn_runs,
    every_builder,
    every_problem,
    lines,
    looks_of,
    real_race,
    trace_of,
)


def test_the_builders_are_found():
    of_functions = {"curves.loss", "curves.distance", "curves.effective_step", "paths.paths", "paths.projection"}
    assert of_functions | {"curves.learning", "curves.score", "curves.gradient"} <= set(BUILDERS)


@every_problem
@every_builder
def test_it_draws_every_problem_in_plain_numbers(builder, problem):
    """On a logarithmic axis a zero or a negative number is drawn at a place that means nothing."""
    experiment, traces = drawn_runs(problem)
    figure = build(builder, experiment, traces)
    go.Figure(figure.to_dict())  # raises where Plotly knows no such property or value; the builders skip its check
    assert figure.layout.title.text
    for line in lines(figure):
        assert len(line.x) == len(line.y) > 0
        for values, axis in ((line.x, figure.layout.xaxis), (line.y, figure.layout.yaxis)):
            shown = np.asarray(values, float)
            if axis.type == "log":
                assert (shown[~np.isnan(shown)] > 0).all()
            assert np.isfinite(shown).any()


@every_builder
@pytest.mark.parametrize("mode", list(BACKGROUNDS))
def test_a_contender_has_its_one_colour_and_dash_in_it(builder, mode):
    """A person follows a colour from figure to figure."""
    experiment, traces = drawn_runs("rosenbrock", SIX)
    figure, drawn = build(builder, experiment, traces, mode), looks_of(experiment)
    for look in drawn:
        found = [line for line in lines(figure) if line.name == look.label or line.name.startswith(f"{look.label}, ")]
        assert found, look.label
        assert {line.line.color for line in found} == {look.colour}
        assert look.dash in {line.line.dash for line in found} or (builder is curves.distance and len(found) == 1)
    assert {line.line.color for line in lines(figure)} == {look.colour for look in drawn}


@every_builder
def test_runs_that_broke_off_at_once_or_later_are_drawn_too(builder):
    """Divergence is what a person came to see: it must never be an error page."""
    for problem in ("rosenbrock", "goldstein_price", "monkey_saddle", "mccormick"):
        experiment, (whole, _) = drawn_runs(problem)
        for entries in (0, 1, 2):
            cut = trace_of(whole.position[:entries], whole.loss[:entries], Status.DIVERGED)
            nan = trace_of(whole.position[:entries], whole.loss[:entries], Status.NOT_A_NUMBER, with_d=False)
            for traces in ([cut, whole], [whole, nan], [cut, nan], [cut, cut]):
                figure = build(builder, experiment, traces)
                assert len({line.line.color for line in lines(figure)}) == 2
                assert figure.to_json()


@every_builder
def test_a_path_that_left_the_range_of_float32_is_drawn_without_a_warning(builder):
    experiment, (whole, _) = drawn_runs("rosenbrock")
    far = whole.position.copy()
    far[-3:] = [[1e5, 1e4], [-1e12, 1e11], [1e60, -1e51]]
    loss = whole.loss.copy()
    loss[-3:] = [1e22, 1e50, 1e240]
    figure = build(builder, experiment, [trace_of(far, loss, Status.DIVERGED), whole])
    assert lines(figure)


@every_builder
def test_a_real_race_is_drawn_from_its_start_to_its_end(builder):
    experiment, traces = real_race()
    figure = build(builder, experiment, traces)
    if figure is None:
        assert builder is curves.score, "a function has no score"
        return
    drawn = lines(figure)
    assert len(drawn) >= len(traces) or builder is curves.learning
    for line in drawn:
        assert len(line.x) == 101


def test_the_figures_of_the_usual_experiment_are_small_enough_for_a_slow_line():
    experiment, traces = real_race()
    ground = landscape(experiment.problem, experiment.settings, window(experiment))
    args = (experiment, traces, looks_of(experiment))
    drawn = [paths(experiment, ground, *args[1:]), curves.loss(*args), curves.distance(*args), curves.effective_step(*args[1:])]
    assert sum(len(figure.to_json()) for figure in drawn) < 400_000
