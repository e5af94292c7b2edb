"""The shelves of the catalogue: functions of the plane and of many variables, models, one's own formula."""

from __future__ import annotations

import pytest

from prodigy_core.experiment import Contender, Experiment
from prodigy_core.problems import PROBLEMS
from tests.views.race.pages import (
    STEPS,
    as_read,
    captions,
    chart_names,
    checked,
    family,
    html,
    knobs,
    now,
    open_page,
    shown,
    table,
    type_in,
    usual_page,
    values,
)

FUNCTION = ["paths", "distance", "loss", "step"]
MODEL = ["paths", "distance", "score", "learning", "step"]
CHARTS = {"plane": FUNCTION, "space": FUNCTION, "model": MODEL, "formula": FUNCTION}
HEADS = {
    "plane": {"Final loss", "Steps to 1e-06"},
    "space": {"Final loss", "Steps to 1e-06"},
    "model": {"Loss, train / val.", "Accuracy, train / val."},
    "formula": {"Final loss"},
}
COMMON = {"Final D", "L∞ distance", "How it ended"}
ADAM = (Contender("adam", {"learning_rate": 0.1}),)

EXAMPLES = {
    "plane": Experiment(problem="booth", settings={}, start=(1.5, -2.0), contenders=ADAM, steps=STEPS),
    "space": Experiment(
        problem="quadratic_nd", settings={"dimension": 7, "spectrum": "clusters", "start_spread": 0.5},
        contenders=ADAM, steps=STEPS, seed=3, noise="gaussian", noise_size=0.01,
    ),
    "model": Experiment(problem="logistic_regression", settings={"batch": "16", "l2": 0.01}, contenders=ADAM, steps=20, seed=4),
    "formula": Experiment(
        problem="formula", formula="x1**2 + abs(x2) + x3*x3", start=(1.0, 2.0, -3.0), contenders=ADAM, steps=STEPS
    ),
}  # fmt: skip


@pytest.mark.parametrize("chosen", list(CHARTS))
def test_every_family_can_be_chosen_and_shows_its_charts_and_its_table(chosen):
    before = "space" if chosen == "plane" else "plane"
    at = family(usual_page(problem=EXAMPLES[before].problem, contenders=ADAM), chosen)
    found = shown(at)
    first = next(problem for problem in PROBLEMS.values() if problem.family == chosen)
    assert found == Experiment(problem=first.name, contenders=ADAM), "what belongs to no problem stays: the contenders"
    assert chart_names(at) == CHARTS[chosen]
    rows = table(at)
    assert set(rows) == {"Adam"}
    assert set(rows["Adam"]) == HEADS[chosen] | COMMON
    assert f"Ran all {first.usual.get('steps', 500)} steps." in html(at)
    names = [problem.name for problem in PROBLEMS.values() if problem.family == chosen]
    boxes = [box for box in at.selectbox if box.key == "widget/problem"]
    if len(names) == 1:
        assert not boxes
    else:
        titles = [PROBLEMS[name].title.removesuffix(", n dimensions") for name in names]
        assert boxes[0].options == titles, "no problem of another family, and none left out"
        assert boxes[0].value == first.name


def test_the_problems_of_a_family_are_a_step_apart():
    """First the shelf, then what stands on it; and back again."""
    at = family(usual_page(contenders=ADAM), "space")
    checked(at.selectbox(key="widget/problem").select("levy_nd").run())
    assert shown(at).problem == "levy_nd"
    family(at, "plane")
    assert shown(at) == Experiment("rosenbrock", contenders=ADAM)
    assert at.selectbox(key="widget/problem").value == "rosenbrock"


def test_choosing_a_family_keeps_the_contenders_and_what_is_the_same_for_all():
    contenders = (Contender("adam", {"beta1": 0.5}), *ADAM)
    at = usual_page(contenders=contenders, seed=7, tolerance=1e-2, noise="gaussian", noise_size=0.5)
    family(at, "space")
    problem = shown(at).problem
    assert shown(at) == Experiment(
        problem=problem, contenders=contenders, seed=7, tolerance=1e-2, noise="gaussian", noise_size=0.5
    )
    assert at.text_input(key="widget/1/adam/learning_rate/exact").value == "0.1"
    assert set(table(at)) == {"Adam · learning_rate 0.001, beta1 0.5", "Adam · learning_rate 0.1, beta1 0.9"}


@pytest.mark.parametrize("experiment", EXAMPLES.values(), ids=list(EXAMPLES))
def test_the_link_of_each_family_opens_the_same_experiment_and_is_written_the_same(experiment):
    link = experiment.to_json(full=False)
    at = open_page(link)
    assert not at.warning
    assert not at.error
    assert shown(at) == experiment
    assert values(at.query_params["experiment"]) == [link]
    assert at.selectbox(key="widget/family").value == experiment.definition.family
    assert chart_names(at) == CHARTS[experiment.definition.family]
    another = open_page(experiment.to_json())
    assert shown(another) == experiment
    assert html(another) == html(at), "the same numbers for another person"


def test_a_link_to_another_family_takes_the_shelf_along():
    at = usual_page(contenders=ADAM)
    at.query_params["experiment"] = EXAMPLES["space"].to_json(full=False)
    checked(at.run())
    assert at.selectbox(key=now(at, "widget/family")).value == "space"
    assert at.selectbox(key=now(at, "widget/problem")).value == "quadratic_nd"
    assert shown(at) == EXAMPLES["space"]


# --- many variables ------------------------------------------------------------------------------------------------


def test_a_function_of_many_variables_has_no_slider_for_each_of_them():
    at = open_page(EXAMPLES["space"].to_json(full=False))
    assert not knobs(at, "start")
    assert not [button for button in at.button if button.key == "widget/usual"]
    assert {"dimension", "start_at", "start_spread", "condition"} <= knobs(at, "settings")
    type_in(at, "settings/start_at", "2.5")
    assert shown(at).settings["start_at"] == 2.5
    assert shown(at).start == ()


def test_its_size_is_a_setting_and_a_wrong_one_is_refused():
    at = open_page(EXAMPLES["space"].to_json(full=False))
    type_in(at, "settings/dimension", "1")
    (error,) = at.error
    assert "dimension" in as_read(error.value)
    assert "from 2 to 10,000" in as_read(error.value)
    assert shown(at).settings["dimension"] == 7
    type_in(at, "settings/dimension", "12")
    assert not at.error
    assert shown(at).settings["dimension"] == 12


def test_every_problem_says_what_it_teaches():
    for experiment in EXAMPLES.values():
        at = open_page(experiment.to_json(full=False))
        assert any(experiment.definition.teaches in text for text in captions(at))
        assert experiment.definition.title in at.title[0].value
