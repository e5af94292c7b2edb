"""The figures say what the numbers do."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest

from app.figures.sweeps.profiles import profiles, ranking
from app.theme import styles
from prodigy_core.experiment import Contender
from prodigy_core.scoreboard import profile, ranks

PAIR = (Contender("prodigy"), Contender("adam"))
LOOKS = styles(PAIR, ("Prodigy", "Adam"))
INF = np.inf
NEEDED = np.array([[10.0, 20.0], [INF, 30.0], [5.0, 80.0], [INF, INF]])


def level(trace: go.Scatter, at: float) -> float:
    """How high a curve of steps stands."""
    return float(trace.y[np.flatnonzero(np.asarray(trace.x) <= at)[-1]])


def test_the_profile_is_drawn_as_it_was_counted():
    made, words = profiles(NEEDED, LOOKS, tuning=False)
    for i, trace in enumerate(made.data):
        assert trace.line.shape == "hv"
        for alpha in (1, 1.5, 1.999, 2, 2.001, 15.999, 16, 17):
            assert level(trace, alpha) == pytest.approx(profile(NEEDED, np.array([alpha]))[i, 0]), alpha
        assert (trace.line.color, trace.line.dash) == (LOOKS[i].colour, LOOKS[i].dash)
    assert words == (
        "Performance profile over 4 cases. Prodigy is the best in 50% of the cases and solves 50%; "
        "Adam is the best in 25% of the cases and solves 75%."
    )


def test_the_whole_profile_is_within_its_axis_and_the_axis_is_labelled():
    for needed in (NEEDED, np.full((3, 2), INF), np.array([[1.0, 40_000.0]]), np.array([[5.0, 5.0]])):
        made, _ = profiles(needed, LOOKS, tuning=False)
        low, high = made.layout.xaxis.range
        assert low < 0
        assert max(made.data[0].x) <= 10**high * (1 + 1e-6)
        assert 2 <= len(made.layout.xaxis.tickvals) <= 8
        assert "1" in made.layout.xaxis.ticktext
        go.Figure(made.to_dict())  # Plotly's own check of every property


def test_a_profile_says_whether_the_tuning_is_counted():
    made, words = profiles(NEEDED, LOOKS, tuning=True)
    assert "tuning counted" in made.layout.xaxis.title.text
    assert "with the tuning counted" in words
    assert "tuning" not in profiles(NEEDED, LOOKS, tuning=False)[0].layout.xaxis.title.text


def test_ranks_are_drawn_best_above_with_their_intervals():
    found = ranks([np.array([[1.0, 2.0]]), np.array([[1.0, 3.0]]), np.array([[9.0, 3.0]])])
    made, words = ranking(found, LOOKS)
    assert list(made.layout.yaxis.ticktext) == ["Adam", "Prodigy"]
    best = made.data[1]
    assert best.x[0] == pytest.approx(found[0, 0])
    assert best.x[0] + best.error_x.array[0] == pytest.approx(found[2, 0])
    assert best.x[0] - best.error_x.arrayminus[0] == pytest.approx(found[1, 0])
    assert words.startswith("Mean ranks with 95 % bootstrap intervals: Prodigy 1.33")
    go.Figure(made.to_dict())
