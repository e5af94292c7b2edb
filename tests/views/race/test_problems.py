"""The problem, its settings and its start."""

from __future__ import annotations

import pytest

from prodigy_core.experiment import Contender, Experiment
from prodigy_core.problems import PROBLEMS
from tests.views.race.pages import CHARTS, STEPS, charts, checked, click, now, shown, usual_page


def test_another_problem_begins_at_its_own_start_with_its_own_settings_and_keeps_the_contenders():
    contenders = (Contender("adam", {"learning_rate": 0.1}),)
    at = usual_page(problem="rosenbrock", settings={"b": 5.0}, start=(0.0, 1.0), contenders=contenders)
    checked(at.selectbox(key="widget/problem").select("rotated_quadratic").run())
    found = shown(at)
    assert found == Experiment(problem="rotated_quadratic", contenders=contenders)
    assert at.text_input(key=now(at, "widget/settings/angle/exact")).value
    assert not [box for box in at.text_input if "widget/settings/b" in str(box.key)]
    checked(at.selectbox(key="widget/problem").select("rosenbrock").run())
    assert shown(at) == Experiment("rosenbrock", contenders=contenders)
    assert at.text_input(key=now(at, "widget/settings/b/exact")).value == "100"


def test_usual_start_puts_the_start_back_and_nothing_else():
    at = click(usual_page(problem="rosenbrock", start=(0.25, 0.5), tolerance=1e-3), "usual")
    assert shown(at) == Experiment("rosenbrock", steps=STEPS, tolerance=1e-3)
    assert at.text_input(key=now(at, "widget/start/x/exact")).value == "-1.5"


@pytest.mark.parametrize("problem", ["himmelblau", "monkey_saddle"])
def test_problems_without_a_usual_picture_open(problem):
    """Himmelblau's has four minimisers and a start with a gradient in one direction; the saddle has no minimum."""
    at = usual_page(problem=problem, contenders=(Contender("adam"),))
    assert charts(at) == CHARTS
    assert PROBLEMS[problem].title in at.title[0].value
