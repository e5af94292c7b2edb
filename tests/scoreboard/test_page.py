"""The page: its figures and its table say what the numbers do."""

from __future__ import annotations

import re
from html import escape

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app.figures.profiles import profiles, ranking
from app.theme import looks
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.scoreboard import board_of, costs, profile, ranks
from prodigy_core.scoreboard import sweeps as suite_of
from prodigy_core.sweep import run

PAIR = (Contender("prodigy"), Contender("adam", {"learning_rate": 0.1}))
INF = np.inf


def _page() -> None:
    from app.views import scoreboard

    scoreboard.page()


def open_page(*contenders: Contender) -> AppTest:
    at = AppTest.from_function(_page, default_timeout=200)
    at.query_params["experiment"] = Experiment(contenders=contenders).to_json(full=False)
    at.session_state["kept/board/steps"] = 30
    at.run()
    assert not at.exception, [element.message for element in at.exception]
    return at


def html(at: AppTest) -> str:
    return "".join(element.proto.body for element in at.get("html"))


def test_the_table_has_the_medians_and_the_shares():
    text = html(open_page(*PAIR))
    for sweep in suite_of(PAIR, ("sphere", "booth"), 30):
        board = board_of(run(sweep.experiment, sweep.axes, sweep.seeds, entries=sweep.entries))
        needed = costs(board, 1e-3)
        (row,) = re.findall(rf"<tr><td>{re.escape(escape(board.experiment.entry.title))}</td>.*?</tr>", text)
        for i in range(2):
            assert f"<td>{np.median(board.losses[:, i, -1]):.3g}</td>" in row
            assert f"({np.isfinite(needed[:, i]).mean():.0%})" in row


def test_one_contender_is_told_to_bring_another():
    at = open_page(PAIR[0])
    assert "add a second contender" in at.info[0].value
    assert not at.get("plotly_chart")


def test_nobody_is_told_so():
    assert "Nobody is in the race" in open_page().info[0].value


def test_tuned_adam_is_one_click_away():
    at = open_page(PAIR[0])
    next(button for button in at.button if "tuned" in button.label).click()
    at.run()
    assert not at.exception
    assert "Tuned Adam" in html(at)


# --- figures -------------------------------------------------------------------------------------------------------


def test_the_profile_is_drawn_as_it_was_counted():
    needed = np.array([[10.0, 20.0], [INF, 30.0], [5.0, 80.0]])
    made, words = profiles(needed, looks(PAIR, ("Prodigy", "Adam")))
    for i, trace in enumerate(made.data):
        np.testing.assert_allclose(trace.y, profile(needed, np.asarray(trace.x, float))[i], atol=0.34)
        assert trace.y[-1] == pytest.approx([2 / 3, 1][i], abs=1e-6)
    assert "Prodigy is the first in 67% of the cases and solves 67%" in words
    assert made.data[0].line.color != made.data[1].line.color


def test_ranks_are_drawn_best_above_with_their_intervals():
    found = ranks([np.array([[1.0, 2.0]]), np.array([[1.0, 3.0]]), np.array([[9.0, 3.0]])])
    made, words = ranking(found, looks(PAIR, ("Prodigy", "Adam")))
    assert list(made.layout.yaxis.ticktext) == ["Adam", "Prodigy"]
    best = made.data[1]
    assert best.x[0] == pytest.approx(found[0, 0])
    assert best.x[0] + best.error_x.array[0] == pytest.approx(found[2, 0])
    assert best.x[0] - best.error_x.arrayminus[0] == pytest.approx(found[1, 0])
    assert words.startswith("Mean ranks with 95 % bootstrap intervals: Prodigy 1.33")
