"""What the page tells the arena, and what it makes of what comes back from there."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.figures.arena import knobs
from app.handout import USUAL, Handout
from app.state import SESSION, Session
from app.views.race import stage
from prodigy_core.engine.runner import run
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.landscape.plane import follow_plane
from tests.views.race.pages import STEPS, checked, scene, shown, usual_page, values

ADAM = (Contender("adam", {"learning_rate": 0.1}),)
BEALE = Experiment(problem="beale", contenders=ADAM)


def _hear() -> None:
    import streamlit as st

    from app.views.race import stage

    st.session_state[stage.ARENA] = st.session_state["event"]
    stage._take()


def say(value: Any, handout: Handout = USUAL) -> Experiment:
    """What becomes of an experiment when the arena sends this."""
    at = AppTest.from_function(_hear)
    at.session_state[SESSION] = session = Session(experiment=BEALE, identities=[0], handout=handout)
    at.session_state["event"] = value
    checked(at.run())
    assert session.experiment is not None
    return session.experiment


@pytest.mark.parametrize("at", [(0.25, -1.5), (0, 0)])
def test_a_click_on_the_landscape_is_a_start(at):
    assert say({"event": "start", "at": list(at), "nth": 1}) == replace(BEALE, start=at)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "start",
        7,
        [],
        {},
        {"event": "start"},
        {"event": "start", "at": [1]},
        {"event": "start", "at": [1, 2, 3]},
        {"event": "start", "at": ["a", "b"]},
        {"event": "start", "at": [float("nan"), 0]},
        {"event": "start", "at": [1e300, 0]},
        {"event": "start", "at": [10**400, 0]},
        {"event": "start", "at": {"x": 1}},
        {"event": "beneath"},
        {"event": "beneath", "kind": ["pca"]},
        {"event": "beneath", "kind": "__import__('os')"},
        {"event": {"a": 1}, "at": [0, 0]},
        {"event": "knob"},
        {"event": "knob", "contender": 0, "knob": "learning_rate", "index": 3},
        {"event": "knob", "contender": 0, "knob": "learning_rate", "index": -1, "rest": True},
        {"event": "knob", "contender": 0, "knob": "learning_rate", "index": 10**6, "rest": True},
        {"event": "knob", "contender": 0, "knob": "no", "index": 3, "rest": True},
        {"event": "knob", "contender": 1, "knob": "learning_rate", "index": 3, "rest": True},
        {"event": "knob", "contender": -2, "knob": "learning_rate", "index": 3, "rest": True},
        {"event": "knob", "contender": [0], "knob": {"a": 1}, "index": "3", "rest": True},
        {"event": "pin", "slot": 7, "contender": 0, "knob": "beta1"},
        {"event": "pin", "slot": 0, "contender": 0, "knob": ["beta1"]},
        {"event": "view", "view": 7},
        {"event": "view", "view": {"a": "b" * 10_000}},
    ],
)
def test_whatever_else_comes_changes_nothing(value):
    """It comes from a browser, where anybody may write it."""
    assert say(value) == BEALE


def test_a_turn_of_a_knob_in_the_figure_is_a_new_experiment():
    (rate,) = knobs.knobs(BEALE, [(0, "learning_rate")]).shown
    index = rate.texts.index("0.5")
    turned = say({"event": "knob", "contender": 0, "knob": "learning_rate", "index": index, "rest": False, "nth": 1})
    assert turned == replace(BEALE, contenders=(Contender("adam", {"learning_rate": 0.5}),))
    (steps,) = knobs.knobs(BEALE, [(knobs.PROBLEM, "steps")]).shown
    longer = {"event": "knob", "contender": knobs.PROBLEM, "knob": "steps", "index": steps.texts.index("1000"), "rest": True}
    assert say(longer) == replace(BEALE, steps=1000)


def test_what_a_teacher_locked_cannot_be_turned_from_a_browser_either():
    turn = {"event": "knob", "contender": 0, "knob": "learning_rate", "index": 3, "rest": True, "nth": 1}
    assert say(turn) != BEALE
    assert say(turn, Handout(locked=frozenset({"learning_rate"}))) == BEALE
    assert say(turn, Handout(hidden=frozenset({"figure"}))) == BEALE


def test_the_view_of_the_arena_and_the_knobs_in_it_stand_in_the_link():
    at = usual_page(contenders=ADAM)
    session = at.session_state[SESSION]
    session.kept["arena"] = {"tab": "inside", "step": 40}
    session.kept["knobs"] = [[0, "beta1"]]
    checked(at.run())
    (written,) = values(at.query_params["view"])
    assert json.loads(written) == {"arena": {"tab": "inside", "step": 40}, "knobs": [[0, "beta1"]]}
    assert [knob["name"] for knob in scene(at)["knobs"]["shown"]] == ["beta1"]


@pytest.mark.parametrize(
    "written", ["7", "[[0]]", '[["0", "beta1"]]', '[[0, "no"]]', '[[99, "beta1"]]', '[[-7, "beta1"]]', '{"a": 1}']
)
def test_a_link_with_knobs_that_do_not_exist_shows_the_usual_ones(written):
    at = usual_page(contenders=ADAM)
    at.session_state[SESSION].kept["knobs"] = json.loads(written)
    checked(at.run())
    assert [knob["name"] for knob in scene(at)["knobs"]["shown"]] == ["learning_rate"]


def test_a_function_of_many_variables_has_the_plane_through_its_paths_at_once():
    at = usual_page(problem="quadratic_nd", settings={"dimension": 7, "start_spread": 0.5}, contenders=ADAM)
    found = scene(at)
    assert found["beneath"]["chosen"] == "pca"
    experiment = shown(at)
    *_, last = follow_plane(experiment, run(experiment), "pca")
    assert last.result is not None
    assert f"{100 * last.result.held:.1f} %" in found["map"]["note"]
    assert f"{last.result.shadow_loss[0][-1]:.3g}" in found["map"]["note"]
    assert found["map"]["grid"]["columns"] == last.result.landscape.x.size


def test_a_model_has_a_plane_when_it_is_asked_for():
    experiment = Experiment(problem="logistic_regression", contenders=ADAM, steps=20)
    at = usual_page(problem="logistic_regression", contenders=ADAM, steps=20)
    assert scene(at)["map"]["grid"] is None
    assert scene(at)["beneath"]["chosen"] == "none"
    for kind, label in (("pca", "principal direction 1 ("), ("random", "random direction 1")):
        at.session_state[SESSION].kept["ground/model"] = kind
        checked(at.run())
        assert scene(at)["beneath"]["chosen"] == kind
        assert scene(at)["map"]["x"]["label"].startswith(label)
        assert [panel["id"] for panel in scene(at)["inside"]][-1] == "shadow"
    assert shown(at) == experiment, "what one looks at is no part of what is run"


def test_a_function_of_the_plane_has_no_such_choice():
    assert scene(usual_page(contenders=ADAM))["beneath"] is None


@pytest.mark.parametrize("data, figures", [("moons", 1), ("wine", 0)])
def test_what_a_model_of_two_features_has_learned_is_drawn_below(data, figures):
    at = usual_page(problem="logistic_regression", settings={"data": data}, contenders=ADAM, steps=20)
    assert len(at.get("plotly_chart")) == figures


def test_the_digits_that_a_model_misreads_are_drawn_below():
    at = usual_page(problem="logistic_regression", settings={"data": "digits"}, contenders=ADAM, steps=STEPS // 5)
    assert len(at.get("plotly_chart")) == 1


def test_an_event_that_the_browser_says_again_is_no_news():
    """After a step back in the history it comes once more, and would undo the step."""
    start = {"event": "start", "at": [0.25, -1.5], "nth": 7}

    def hear_twice() -> None:
        import streamlit as st

        from app.views.race import stage
        from prodigy_core.experiment import Experiment

        stage._take()
        st.session_state["session"].experiment = Experiment(problem="beale")
        del st.session_state[stage.ARENA]
        st.session_state[stage.ARENA] = st.session_state["event"]
        stage._take()

    at = AppTest.from_function(hear_twice)
    at.session_state[SESSION] = session = Session(experiment=BEALE, identities=[0])
    at.session_state["event"] = at.session_state[stage.ARENA] = start
    checked(at.run())
    assert session.experiment == Experiment(problem="beale")
