"""The curves and sentences of a sensitivity hold what the sweep does."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from app.figures.sweeps.measures import MEASURES
from app.figures.sweeps.sensitivity import said, sensitivity
from app.theme import styles
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.sweep.spec import Axis
from tests.views.sensitivity.sweeps import made

PAIR = Experiment("sphere", contenders=(Contender("prodigy"), Contender("adam")), tolerance=1e-6)
LOOKS = styles(PAIR.contenders, PAIR.labels)
LOSS = MEASURES["final_loss"]
ESTIMATES, RATES = (1e-8, 1e-6, 1e-4, 1e-2), (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
AXES = (Axis("estim_lr0", ESTIMATES, 0), Axis("learning_rate", RATES, 1))


def column(*losses: float) -> np.ndarray:
    return np.array(losses)[:, None]


def drawn(found, measure=LOSS, who=LOOKS) -> go.Figure:
    """The figure; Plotly checks it here, and not in the app."""
    figure, _ = sensitivity(found, measure, who)
    go.Figure(figure.to_dict())
    return figure


def line(figure: go.Figure, name: str) -> go.Scatter:
    (found,) = [trace for trace in figure.data if trace.name == name and trace.mode == "lines+markers"]
    return found


def marked(figure: go.Figure, symbol: str) -> list[tuple[Any, Any]]:
    traces = [trace for trace in figure.data if trace.mode == "markers" and trace.marker.symbol == symbol]
    return [(pytest.approx(float(x), rel=1e-6), float(y)) for trace in traces for x, y in zip(trace.x, trace.y, strict=True)]


U = made(PAIR, AXES, [column(2e-4, 1e-4, 3e-4, 2e-4), column(10.0, 1.0, 1e-3, 2e-3, np.inf)])


def test_each_curve_is_over_its_own_knob_and_says_which_on_one_axis_of_decades():
    figure = drawn(U)
    prodigy, adam = line(figure, "Prodigy: estim_lr0"), line(figure, "Adam: learning_rate")
    assert prodigy.x == pytest.approx(ESTIMATES, rel=1e-6)
    assert prodigy.y == pytest.approx([2e-4, 1e-4, 3e-4, 2e-4], rel=1e-6)
    assert adam.x == pytest.approx(RATES, rel=1e-6)
    assert adam.y[:4] == pytest.approx([10.0, 1.0, 1e-3, 2e-3], rel=1e-6)
    assert np.isnan(adam.y[4]), "a run that broke off is no point of the curve"
    assert prodigy.xaxis == adam.xaxis == "x"
    assert figure.layout.xaxis.title.text == "estim_lr0 or learning_rate"
    assert figure.layout.xaxis.type == figure.layout.yaxis.type == "log"
    assert prodigy.line.color == LOOKS[0].colour


def test_where_the_knob_stands_the_best_and_what_broke_off_are_marked():
    figure = drawn(U)
    assert marked(figure, "diamond") == [(1e-6, pytest.approx(1e-4, rel=1e-6)), (1e-3, pytest.approx(1.0))]
    assert marked(figure, "star") == [(1e-6, pytest.approx(1e-4, rel=1e-6)), (1e-2, pytest.approx(1e-3, rel=1e-6))]
    ((x, y),) = marked(figure, "x-thin")
    assert x == 1.0
    assert y > 10.0, "above all that did not break off"
    assert np.log10(y) < figure.layout.yaxis.range[1], "and in the picture"
    assert "broke off" in figure.layout.annotations[0].text


def test_points_carry_their_place_and_tell_of_their_run():
    adam = line(drawn(U), "Adam: learning_rate")
    assert [list(pair) for pair in adam.customdata] == [[1, i] for i in range(5)]
    assert adam.text[2] == "<b>learning_rate 0.01</b><br>Final loss 0.001<br>ran all 500 steps"
    assert adam.text[4] == "<b>learning_rate 1</b><br>Final loss broke off<br>diverged at step 7"


def test_a_knob_of_another_kind_has_a_panel_of_its_own_beside_the_same_results():
    axes = (AXES[0], Axis("beta1", (0.0, 0.9, 0.99), 1))
    figure = drawn(made(PAIR, axes, [column(1.0, 1.0, 1.0, 1.0), column(1.0, 2.0, 3.0)]))
    adam = line(figure, "Adam: beta1")
    assert (adam.xaxis, adam.yaxis) == ("x2", None)
    assert adam.x == pytest.approx([1.0, 0.1, 0.01], rel=1e-6), "the distance to 1, drawn so that 1 is on the right"
    assert figure.layout.xaxis2.autorange == "reversed"
    assert "0.99" in figure.layout.xaxis2.ticktext
    assert figure.layout.xaxis2.domain[0] > figure.layout.xaxis.domain[1]


def test_a_switch_and_a_choice_stand_by_their_words():
    axes = (Axis("safeguard_warmup", (False, True), 0), Axis("schedule", ("constant", "cosine"), 1))
    figure = drawn(made(PAIR, axes, [column(1.0, 2.0), column(3.0, 4.0)]))
    assert list(figure.layout.xaxis.ticktext) == ["false", "true"]


def test_the_band_holds_the_middle_half_of_the_seeds():
    losses = np.array([[1.0, 2, 3, 4, 5], [10, 20, 30, 40, 50], [1, 1, 1, 1, 1], [2, 2, 2, np.inf, np.inf]])
    alone = Experiment("sphere", contenders=(Contender("prodigy"),))
    figure = drawn(made(alone, AXES[:1], [losses]), who=LOOKS[:1])
    (band,) = [trace for trace in figure.data if trace.fill == "toself"]
    assert band.y[4:] == pytest.approx([2, 1, 20, 2]), "a quarter"
    assert band.y[:3] == pytest.approx([4, 40, 1]), "three quarters"
    assert band.y[3] > 40, "up to the edge where so many broke off"
    assert line(figure, "Prodigy: estim_lr0").y == pytest.approx([3, 30, 1, 2])


def test_runs_still_to_come_leave_a_gap_and_nothing_is_said_of_them():
    found = made(PAIR, AXES, [column(1e-4, np.nan, 1e-4, 1e-4), column(1.0, 1.0, 1.0, 1.0, 1.0)])
    assert np.isnan(line(drawn(found), "Prodigy: estim_lr0").y[1])
    (only,) = said(found, LOSS, LOOKS)
    assert only.startswith("Adam")


def test_nothing_there_yet_is_drawn_too():
    found = made(PAIR, AXES, [column(*[np.nan] * 4), column(*[np.nan] * 5)])
    assert not marked(drawn(found), "star")
    assert said(found, LOSS, LOOKS) == []


def test_a_flat_curve_and_a_valley_are_told_with_their_numbers():
    prodigy, adam = said(U, LOSS, LOOKS)
    assert prodigy == "Prodigy: final loss between 0.0001 and 0.0003 for every estim_lr0 from 1e-08 to 0.01."
    assert adam == (
        "Adam: 2 of 5 values of learning_rate do well, from 0.01 to 0.1, one power of ten: final loss at most 10 times "
        "its best, 0.001. 1 of 5 broke off."
    )


def test_losses_that_reach_the_tolerance_are_all_as_good():
    """1e-16 is not ten times better than 1e-15 to anybody."""
    found = made(PAIR, AXES, [column(1e-16, 1e-9, 1e-12, 1e-7), column(1.0, 1e-9, 1e-16, 1e-8, 1.0)])
    prodigy, adam = said(found, LOSS, LOOKS)
    assert prodigy == "Prodigy: final loss within 1e-06 of the minimum for every estim_lr0 from 1e-08 to 0.01."
    assert adam == (
        "Adam: 3 of 5 values of learning_rate do well, from 0.001 to 0.1, 2 powers of ten: final loss within 1e-06 of "
        "the minimum."
    )


def test_a_line_stands_at_the_tolerance_where_the_results_are_on_both_sides_of_it():
    both = drawn(made(PAIR, AXES, [column(1e-16, 1e-9, 1e-12, 1e-7), column(1.0, 1e-9, 1e-16, 1e-8, 1.0)]))
    assert [(shape.y0, shape.y1) for shape in both.layout.shapes] == [(PAIR.tolerance, PAIR.tolerance)]
    assert [(words.text, words.y) for words in both.layout.annotations] == [
        ("tolerance", pytest.approx(np.log10(PAIR.tolerance)))
    ]
    above = drawn(made(PAIR, AXES, [column(1.0, 2.0, 1.0, 1.0), column(1.0, 1.0, 1.0, 1.0, 1.0)]))
    assert not above.layout.shapes


def test_good_values_here_and_there_are_not_called_a_range():
    found = made(PAIR, AXES, [column(1e-3, 1.0, 1e-3, 1.0), column(*[np.inf] * 5)])
    prodigy, adam = said(found, LOSS, LOOKS)
    assert prodigy == (
        "Prodigy: 2 of 4 values of estim_lr0 do well: final loss at most 10 times its best, 0.001. "
        "Half of all results lie between 0.001 and 1."
    )
    assert adam == "Adam: broke off for every learning_rate from 0.0001 to 1."


def test_one_good_value_is_named():
    found = made(PAIR, AXES, [column(1.0, 1e-3, 1.0, 1.0), column(1.0, 1.0, 1.0, 1.0, 1.0)])
    assert said(found, LOSS, LOOKS)[0] == (
        "Prodigy: 1 of 4 values of estim_lr0 does well, 1e-06: final loss at most 10 times its best, 0.001. "
        "Half of all results lie between 0.75 and 1."
    )


def test_a_loss_without_a_known_minimum_is_good_up_to_twice_the_best():
    model = Experiment("logistic_regression", contenders=PAIR.contenders)
    found = made(model, AXES, [column(0.05, 0.06, 0.05, 0.3), column(0.05, 0.05, 0.05, 0.05, 0.05)])
    assert "3 of 4 values of estim_lr0 do well, from 1e-08 to 0.0001, 4 powers of ten: final" in said(found, LOSS, LOOKS)[0]


def test_the_loss_is_counted_from_the_minimum():
    problem = Experiment("goldstein_price", contenders=PAIR.contenders[:1])
    found = made(problem, AXES[:1], [column(3.5, 4.0, 3.0, 13.0)])
    figure = drawn(found, who=LOOKS[:1])
    assert line(figure, "Prodigy: estim_lr0").y == pytest.approx([0.5, 1.0, 1e-17, 10.0])
    assert figure.layout.yaxis.title.text == "Final loss above the minimum"


def test_of_values_that_are_as_good_the_nearest_to_where_the_knob_stands_is_the_best():
    found = made(PAIR, AXES, [column(1e-17, 1e-17, 1e-17, 1e-17), column(1.0, 1.0, 1.0, 1.0, 1.0)])
    assert marked(drawn(found), "star")[0][0] == 1e-6


def test_the_final_d_has_no_best_and_only_those_who_have_one_a_curve():
    found = made(PAIR, AXES, [column(1.0, 1.0, 1.0, 1.0), column(1.0, 1.0, 1.0, 1.0, 1.0)], D=column(0.5, 0.6, 0.7, 0.5))
    figure = drawn(found, MEASURES["D"])
    assert line(figure, "Prodigy: estim_lr0").y == pytest.approx([0.5, 0.6, 0.7, 0.5])
    assert not marked(figure, "star")
    assert said(found, MEASURES["D"], LOOKS) == ["Prodigy: Final D between 0.5 and 0.7 for every estim_lr0 from 1e-08 to 0.01."]
