"""The cells of a map hold what the sweep does."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from app.figures.sweeps.heat import LOST, SCALE, heat, said
from app.figures.sweeps.measures import MEASURES
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.sweep.spec import Axis
from tests.views.sensitivity.sweeps import made

ALONE = Experiment("sphere", contenders=(Contender("adam", {"learning_rate": 0.01, "beta1": 0.9}),))
DOWN, ACROSS = Axis("beta1", (0.0, 0.9), 0), Axis("learning_rate", (1e-3, 1e-2, 1e-1), 0)
LOSS = MEASURES["final_loss"]
LOSSES = np.array([[1e-2, 1e-4, 1.0], [1e-1, np.nan, np.inf]])[..., None]


def drawn(found, measure=LOSS, mode="light") -> go.Figure:
    """The figure; Plotly checks it here, and not in the app."""
    figure, _ = heat(found, measure, mode)
    go.Figure(figure.to_dict())
    return figure


def traces(figure: go.Figure, name: str) -> list[Any]:
    return [trace for trace in figure.data if trace.name == name]


def place(figure: go.Figure, name: str) -> tuple[float, float]:
    (mark,) = traces(figure, name)
    return mark.x[0], mark.y[0]


def test_cells_are_the_logarithms_of_the_losses_blank_where_runs_are_still_to_come():
    (cells,) = traces(drawn(made(ALONE, (DOWN, ACROSS), [LOSSES])), "Final loss")
    assert cells.z[0] == pytest.approx([-2, -4, 0])
    assert cells.z[1][0] == pytest.approx(-1)
    assert np.isnan(cells.z[1][1:]).all()
    assert (cells.zmin, cells.zmax) == (-4, 0)
    assert cells.colorscale[0][1] == SCALE[-1], "the bright end for the least loss"


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_what_broke_off_is_grey_on_no_scale(mode):
    (lost,) = traces(drawn(made(ALONE, (DOWN, ACROSS), [LOSSES]), mode=mode), "broke off")
    assert np.argwhere(lost.z == 1).tolist() == [[1, 2]]
    assert np.isnan(lost.z).sum() == 5, "not what is still to come"
    assert {colour for _, colour in lost.colorscale} == {LOST[mode]}
    red, green, blue = (int(LOST[mode][i : i + 2], 16) for i in (1, 3, 5))
    assert max(red, green, blue) - min(red, green, blue) < 30


def test_where_the_knobs_stand_and_the_best_are_marked():
    figure = drawn(made(ALONE, (DOWN, ACROSS), [LOSSES]))
    assert place(figure, "where the knobs stand") == (1, 1)
    assert place(figure, "the best cell") == (1, 0)


def test_where_the_knobs_stand_may_lie_between_cells_or_outside():
    between = (Axis("beta1", (0.0, 0.99), 0), Axis("learning_rate", (1e-3, 1e-1), 0))
    x, y = place(drawn(made(ALONE, between, [np.ones((2, 2, 1))])), "where the knobs stand")
    assert x == pytest.approx(0.5), "half the way between 0.001 and 0.1 as they are spread"
    assert y == pytest.approx(0.5)
    outside = (DOWN, Axis("learning_rate", (0.1, 1.0), 0))
    assert not traces(drawn(made(ALONE, outside, [np.ones((2, 2, 1))])), "where the knobs stand")


def test_every_cell_can_be_touched_and_tells_its_knobs_and_its_result():
    """A click on a heat map is never heard; and thousands of points that are drawn make a page slow."""
    touch, *_ = drawn(made(ALONE, (DOWN, ACROSS), [LOSSES])).data
    assert touch.marker.opacity == 0
    assert touch.marker.maxdisplayed == 1
    cells = dict(zip(zip(touch.x.tolist(), touch.y.tolist(), strict=True), touch.text, strict=True))
    assert cells[2, 1] == "learning_rate 0.1<br>beta1 0.9<br><b>broke off"
    assert cells[1, 1] == "learning_rate 0.01<br>beta1 0.9<br><b>not yet there"
    assert cells[1, 0] == "learning_rate 0.01<br>beta1 0<br><b>0.0001"


def test_a_third_knob_has_a_map_for_each_of_its_values_on_one_scale():
    third = Axis("schedule", ("constant", "linear", "cosine"), 0)
    losses = np.arange(1.0, 19).reshape(2, 3, 3, 1)
    figure = drawn(made(ALONE, (DOWN, ACROSS, third), [losses]))
    maps = traces(figure, "Final loss")
    for k, cells in enumerate(maps):
        assert cells.z == pytest.approx(np.log10(losses[:, :, k, 0]))
        assert (cells.zmin, cells.zmax) == pytest.approx((0, np.log10(18)))
    assert [trace.name for trace in figure.data[:3]] == ["cells 0", "cells 1", "cells 2"], "a click says which by its place"
    assert [trace.xaxis for trace in maps] == ["x", "x2", "x3"]
    assert [note.text for note in figure.layout.annotations] == [f"<b>schedule {value}</b>" for value in third.values]
    (mark,) = traces(figure, "where the knobs stand")
    assert mark.xaxis == "x", "the schedule is constant"
    assert sum(bool(trace.showscale) for trace in maps) == 1


def test_a_few_explosions_leave_the_colours_to_the_others():
    losses = np.linspace(1.0, 10, 100).reshape(10, 10, 1).copy()
    losses[9, 9] = 1e30
    axes = (Axis("beta1", tuple(np.linspace(0, 0.9, 10)), 0), Axis("learning_rate", tuple(np.geomspace(1e-3, 1, 10)), 0))
    (cells,) = traces(drawn(made(ALONE, axes, [losses])), "Final loss")
    assert 0.9 < cells.zmax < 1
    assert cells.colorbar.ticktext[-1].endswith(" or more")
    assert cells.z[9, 9] == pytest.approx(30), "the cell itself says what it is"


def test_the_median_over_the_seeds_is_shown():
    losses = np.array([[[1.0, 100.0, 10.0], [1.0, np.inf, np.inf]]])
    figure = drawn(made(ALONE, (Axis("beta1", (0.9,), 0), Axis("learning_rate", (1e-2, 1e-1), 0)), [losses]))
    (cells,) = traces(figure, "Final loss")
    assert cells.z[0][0] == pytest.approx(1)
    assert traces(figure, "broke off")[0].z[0][1] == 1, "two of three did"


def test_an_accuracy_is_best_where_it_is_most_and_d_nowhere():
    model = Experiment("logistic_regression", contenders=(Contender("prodigy"),))
    axes = (Axis("beta1", (0.0, 0.9), 0), Axis("estim_lr0", (1e-6, 1e-3), 0))
    numbers = np.array([[0.9, 0.95], [0.8, 0.85]])[..., None]
    found = made(model, axes, [np.ones((2, 2, 1))], validation_accuracy=numbers, D=numbers)
    figure = drawn(found, MEASURES["validation_accuracy"])
    assert place(figure, "the best cell") == (1, 0)
    (cells,) = traces(figure, "Validation accuracy")
    assert cells.colorscale[-1][1] == SCALE[-1], "the bright end for the most"
    assert cells.z == pytest.approx(numbers[..., 0])
    assert not traces(drawn(found, MEASURES["D"]), "the best cell")
    assert said(found, MEASURES["D"]) == ["The 4 cells lie between 0.8 and 0.95."]


def test_what_is_said_is_what_the_cells_hold_once_all_are_there():
    assert said(made(ALONE, (DOWN, ACROSS), [LOSSES]), LOSS) == []
    whole = np.where(np.isnan(LOSSES), 1e-4, LOSSES)
    assert said(made(ALONE, (DOWN, ACROSS), [whole]), LOSS) == [
        "The best of 6 cells is 0.0001, in 2 of them, such as beta1 0.9 and learning_rate 0.01.",
        "1 of 6 broke off.",
    ]


def test_a_map_of_which_nothing_is_there_yet_is_blank():
    figure = drawn(made(ALONE, (DOWN, ACROSS), [np.full((2, 3, 1), np.nan)]))
    assert np.isnan(traces(figure, "Final loss")[0].z).all()
    assert not traces(figure, "the best cell")


@pytest.mark.parametrize(
    ("knob", "values", "words"),
    [
        ("start.x", tuple(np.linspace(-5, 5, 64)), ["-4", "-2", "0", "2", "4"]),
        ("steps", (10, 100, 1000), ["10", "100", "1000"]),
        ("precision", ("float64", "float32"), ["float64", "float32"]),
    ],
)
def test_knobs_of_the_experiment_have_round_numbers_or_words_along_them(knob, values, words):
    figure = drawn(made(ALONE, (DOWN, Axis(knob, values)), [np.ones((2, len(values), 1))]))
    assert list(figure.layout.xaxis.ticktext) == words
    (mark,) = traces(figure, "where the knobs stand")
    assert 0 <= mark.x[0] <= len(values) - 1
