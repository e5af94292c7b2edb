"""The page: its table says what the numbers do, its choices change what is run, and it runs on while others are looked at."""

from __future__ import annotations

import json
import threading
from dataclasses import replace

import numpy as np
import pytest

from app import cache, jobs
from app.views import scoreboard, sweeps
from prodigy_core.experiment import Contender
from prodigy_core.problems import PROBLEMS
from prodigy_core.scoreboard import costs, problem_result, ranks, results
from prodigy_core.scoreboard import sweeps as suite_of
from prodigy_core.sweep.runner import follow, run
from prodigy_core.sweep.spec import Sweep
from tests.jobs.runs import eventually
from tests.views.race.pages import be_patient, checked, click, values
from tests.views.scoreboard.pages import PAIR, STEPS, SUITE, charts, open_page, table, written

TUNED = Contender("tuned_adam", {"search_size": 3})


def boards(contenders, problems=SUITE, **given):
    made = suite_of(contenders, problems, STEPS, **{"starts": 2, **given})
    return [problem_result(run(s.experiment, s.axes, s.seeds, entries=s.entries)) for s in made]


def row(at, problem):
    found = written(at)
    (place,) = np.flatnonzero(found.iloc[:, 0] == PROBLEMS[problem].title)
    return found.iloc[place].tolist()


def told(at):
    return " ".join(caption.value for caption in at.caption)


# --- what is shown -------------------------------------------------------------------------------------------------


def test_the_table_has_the_medians_and_who_is_first():
    at = open_page(*PAIR)
    assert table(at).shape == (2, 6)
    for board in boards(PAIR):
        _, first, *cells = row(at, board.experiment.problem)
        found = results(board, 1e-3)
        assert first == (", ".join(n for n, r in zip(("Prodigy", "Adam"), found, strict=True) if r.first) or "nobody")
        for result, (steps, final) in zip(found, (cells[:2], cells[2:]), strict=True):
            assert steps.startswith(f"{result.steps:,.0f}" if np.isfinite(result.steps) else "–")
            assert steps.endswith(f"({result.solved} of 4)") == (result.solved < 4)
            assert final == f"{result.final:.3g}"


def test_the_table_is_sorted_by_numbers_not_by_words():
    found = table(open_page(*PAIR))
    needed = [np.median(costs(board, 1e-3), axis=0) for board in boards(PAIR)]
    np.testing.assert_array_equal(found.iloc[:, [2, 4]].to_numpy(float), needed)


def test_the_figures_are_of_all_cases():
    at = open_page(*PAIR)
    assert set(charts(at)) == {"Performance profile", "Ranks"}
    words = "".join(element.proto.alt for element in at.get("plotly_chart"))
    assert "over 8 cases" in words
    mean = ranks([costs(board, 1e-3) for board in boards(PAIR)])[0]
    for label, rank in zip(("Prodigy", "Adam"), mean, strict=True):
        assert f"{label} {rank:.2f}" in words


def test_tau_and_tuning_change_the_costs_but_not_the_runs(monkeypatch):
    at = open_page(PAIR[1], TUNED)
    started: list[Sweep] = []

    def counted(sweep, *given):
        started.append(sweep)
        return follow(sweep, *given)

    monkeypatch.setattr(cache, "follow_sweep", counted)
    (cases,) = {len(board.losses) for board in boards((PAIR[1], TUNED))}
    checked(at.selectbox(key="widget/sweeps/board/tau").set_value(0.1).run())
    checked(at.toggle(key="widget/sweeps/board/tuning").set_value(True).run())
    assert not started
    for board in boards((PAIR[1], TUNED)):
        found = results(board, 0.1, tuning=True)
        assert found[1].solved == cases
        assert found[1].steps > 3 * STEPS
        assert row(at, board.experiment.problem)[4] == f"{found[1].steps:,.0f}"
    assert "tuning counted" in json.dumps(charts(at)["Performance profile"])


def test_who_broke_off_is_marked():
    at = open_page(PAIR[0], Contender("sgd", {"learning_rate": 10.0}), view={"board/problems/Plane": ["rosenbrock"]})
    assert row(at, "rosenbrock")[-1] == "broke off (4 of 4)"
    assert row(at, "rosenbrock")[-2] == "– (0 of 4)"


def test_what_has_no_effect_here_is_not_asked():
    """The sidebar's problem, start and steps would be turned in vain: the suite has its own."""
    at = open_page(*PAIR)
    shown = {str(widget.key) for kind in (at.selectbox, at.slider, at.text_input, at.button_group) for widget in kind}
    assert any(button.key == "widget/add" for button in at.button), "contenders are chosen there"
    assert not {key for key in shown if key.startswith(("widget/problem", "widget/family", "widget/start", "widget/steps"))}
    assert not [expander for expander in at.expander if "seed" in expander.label]


# --- what is asked -------------------------------------------------------------------------------------------------


def test_a_choice_of_problems_starts_and_steps_is_run_and_stands_in_the_link():
    at = open_page(*PAIR)
    checked(at.multiselect(key="widget/sweeps/board/problems/Plane").set_value(["matyas"]).run())
    checked(at.selectbox(key="widget/sweeps/board/starts").set_value(3).run())
    assert written(at).iloc[:, 0].tolist() == [PROBLEMS["matyas"].title]
    assert "1 problem, of 9 cases each" in told(at)
    view = json.loads(values(at.query_params["view"])[0])
    assert view["board/problems/Plane"] == ["matyas"]
    assert "board/starts" not in view, "three is usual"


def test_an_empty_suite_says_what_to_do_and_stands_in_the_link():
    at = open_page(*PAIR)
    checked(at.multiselect(key="widget/sweeps/board/problems/Plane").set_value([]).run())
    assert "choose at least one problem" in at.info[0].value
    assert json.loads(values(at.query_params["view"])[0])["board/problems/Plane"] == []
    assert open_page(*PAIR, view={"board/problems/Plane": []}).info


@pytest.mark.parametrize("nonsense", ["x", 3, {"a": 1}, ["formula", "monkey_saddle", "nothing", 3, None, "booth", "booth"]])
def test_nonsense_in_a_link_is_no_choice(nonsense, monkeypatch):
    monkeypatch.setattr(scoreboard, "SUITES", {"Plane": ("sphere",)})
    at = open_page(*PAIR, view={"board/problems/Plane": nonsense, "board/tuning": "yes", "board/steps/Plane": 100})
    wanted = "booth" if isinstance(nonsense, list) else "sphere"
    assert written(at).iloc[:, 0].tolist() == [PROBLEMS[wanted].title]


def test_one_contender_is_told_to_bring_another():
    at = open_page(PAIR[0])
    assert "add a second contender" in at.info[0].value
    assert not at.get("plotly_chart")


def test_nobody_is_told_so():
    assert "Nobody is in the race" in open_page().info[0].value


def test_tuned_adam_is_one_click_away():
    at = click(open_page(PAIR[0]), "board/tuned")
    assert "Tuned Adam" in [head for head, _ in table(at).columns]
    assert not [button for button in at.button if button.key == "widget/board/tuned"]
    assert not at.toggle(key="widget/sweeps/board/tuning").disabled


# --- the work ------------------------------------------------------------------------------------------------------


@pytest.fixture
def slow(monkeypatch):
    """A scheduler in which the second problem of the suite waits to be let go."""
    made, go = jobs.Scheduler(workers=2), threading.Event()

    def held(sweep, *given):
        if sweep.experiment.problem == SUITE[1]:
            assert go.wait(60)
        yield from follow(sweep, *given)

    monkeypatch.setattr(cache, "_scheduler", lambda: made)
    monkeypatch.setattr(cache, "follow_sweep", held)
    monkeypatch.setattr(sweeps, "PATIENCE", replace(sweeps.PATIENCE, begin=0.0, soon=0.0, look=0.0))
    yield made, go
    go.set()


def both():
    """The page of the scoreboard, and one that asks for nothing."""
    import streamlit as st

    from app.views import scoreboard

    if not st.session_state.get("elsewhere"):
        scoreboard.page()


def first_done(at, made):
    job = next(job for key, job in made._jobs.items() if SUITE[0] in key)
    eventually(lambda: job.done)
    return checked(at.run())


def test_the_board_fills_problem_by_problem(slow):
    made, go = slow
    at = first_done(open_page(*PAIR), made)
    assert row(at, SUITE[0])[1]
    assert set(row(at, SUITE[1])[1:]) == {""}
    assert "1 of 2 problems so far" in told(at)
    (bar,) = at.get("progress")
    assert bar.text.startswith("50 % of 16 runs, about ")
    assert "over 4 cases" in "".join(element.proto.alt for element in at.get("plotly_chart"))
    go.set()
    eventually(lambda: all(job.done for job in made._jobs.values()))
    checked(at.run())
    assert row(at, SUITE[1])[1]
    assert not at.get("progress")


def test_cancel_keeps_what_is_done_and_run_on_finishes_it(slow):
    made, go = slow
    at = click(first_done(open_page(*PAIR), made), "cancel")
    assert row(at, SUITE[0])[1]
    assert "1 of 2 problems so far" in told(at)
    go.set()
    eventually(lambda: not any(job.active for job in made._jobs.values()))
    assert sum(job.done for job in made._jobs.values()) == 1
    be_patient(sweeps)
    click(at, "go-on")
    assert row(at, SUITE[1])[1]


def test_it_runs_on_while_another_page_is_looked_at_and_is_there_afterwards(slow, monkeypatch):
    monkeypatch.setattr(jobs, "FORGOTTEN", 0.0)  # who is silent is gone at once
    made, go = slow
    at = open_page(*PAIR, page=both)
    at.session_state["elsewhere"] = True
    checked(at.run())
    asked = list(made._jobs.values())
    assert len(asked) == 2
    go.set()
    eventually(lambda: all(job.done for job in asked))
    at.session_state["elsewhere"] = False
    checked(at.run())
    assert row(at, SUITE[0])[1]
    assert row(at, SUITE[1])[1]
    assert not at.get("progress")


# --- a click -------------------------------------------------------------------------------------------------------


NO_ROWS = (None, {}, {"selection": 3}, *({"selection": {"cells": cells}} for cells in ([], [["x"]], [[7, "a"]], [[-1, "a"]])))


@pytest.mark.parametrize("event", NO_ROWS)
def test_what_is_no_row_opens_nothing(event):
    assert scoreboard._clicked(SUITE, event) == ""


def test_a_row_is_that_of_its_problem():
    assert scoreboard._clicked(SUITE, {"selection": {"cells": [(1, "Problem")]}}) == SUITE[1]
