"""The knobs of the race page, and the number beside each."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from app.sidebar import controls
from prodigy_core.experiment import PARAMS, Contender, Experiment
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.param import Param
from prodigy_core.problems import PROBLEMS
from tests.views.race.pages import (
    CHARTS,
    STEPS,
    USUAL,
    as_read,
    charts,
    checked,
    click,
    group,
    html,
    shown,
    type_in,
    usual_page,
)


def test_turning_a_slider_changes_the_experiment_in_the_link_and_the_number_beside_it():
    at = usual_page()
    checked(at.select_slider(key="widget/1/adam/learning_rate/slider").set_value(0.1).run())
    assert shown(at) == Experiment(steps=STEPS, contenders=(USUAL[0], Contender("adam", {"learning_rate": 0.1})))
    assert at.text_input(key="widget/1/adam/learning_rate/exact").value == "0.1"


def test_every_kind_of_knob_reaches_the_link():
    at = usual_page(problem="rosenbrock")
    group(at, "0/prodigy", "Knobs")
    checked(at.toggle(key="widget/0/prodigy/safeguard_warmup").set_value(True).run())
    group(at, "0/prodigy", "Schedule")
    at.slider(key="widget/0/prodigy/warmup/slider").set_value(0.1)
    at.selectbox(key="widget/0/prodigy/schedule").select("cosine")
    at.select_slider(key="widget/settings/b/slider").set_value(10.0)
    at.select_slider(key="widget/steps/slider").set_value(80)
    at.selectbox(key="widget/precision").select("float32")
    at.slider(key="widget/start/x/slider").set_value(0.5)
    at.select_slider(key="widget/tolerance/slider").set_value(1e-3)
    checked(at.run())
    found = shown(at)
    assert found.contenders[0].changed == {"warmup": 0.1, "schedule": "cosine", "safeguard_warmup": True}
    assert (found.settings["b"], found.steps, found.precision, found.tolerance) == (10.0, 80, "float32", 1e-3)
    assert found.start == (0.5, 2.0)
    assert "Ran all 80 steps." in html(at)


@pytest.mark.parametrize("hides", ["widget/open/0"])
@pytest.mark.parametrize(
    "knob, turn, value",
    [
        ("estim_lr0", lambda at: at.text_input(key="widget/0/prodigy/estim_lr0/exact").set_value("0.01"), 0.01),
        ("estim_lr0", lambda at: at.text_input(key="widget/0/prodigy/estim_lr0/exact").set_value("wrong"), 1e-6),
        ("estim_lr0", lambda at: at.select_slider(key="widget/0/prodigy/estim_lr0/slider").set_value(0.1), 0.1),
        ("safeguard_warmup", lambda at: at.toggle(key="widget/0/prodigy/safeguard_warmup").set_value(True), True),
        ("beta3", lambda at: at.toggle(key="widget/0/prodigy/beta3/none").set_value(False), 0.9995),
    ],
)
def test_a_turn_is_kept_that_arrives_together_with_what_hides_its_knob(knob, turn, value, hides):
    """Who leaves a field by closing its drawer does both in one breath: what was typed would be lost."""
    at = usual_page()
    turn(at)
    at.session_state[hides] = False
    checked(at.run())
    assert shown(at).contenders[0].knobs[knob] == value
    at.session_state[hides] = True
    checked(at.run())
    at.session_state["widget/others/0"] = True
    checked(at.run())
    assert shown(at).contenders[0].knobs[knob] == value
    type_in(at, "0/prodigy/estim_lr0", "0.25")
    group(at, "0/prodigy", "Schedule")
    assert shown(at).contenders[0].knobs["estim_lr0"] == 0.25
    click(at, "reset/0")
    assert shown(at).contenders[0] == Contender("prodigy"), "nothing of it comes back"


def test_a_turn_of_the_run_is_kept_that_arrives_together_with_the_closing_of_its_drawer():
    at = usual_page()
    at.selectbox(key="widget/precision").select("float32")
    at.session_state["widget/more"] = False
    assert shown(checked(at.run())).precision == "float32"


def test_beta3_is_a_switch_between_its_formula_and_a_number():
    at = usual_page()
    assert not [box for box in at.text_input if box.key == "widget/0/prodigy/beta3/exact"]
    checked(at.toggle(key="widget/0/prodigy/beta3/none").set_value(False).run())
    assert shown(at).contenders[0].knobs["beta3"] == 0.9995
    type_in(at, "0/prodigy/beta3", "0.5")
    assert shown(at).contenders[0].knobs["beta3"] == 0.5
    checked(at.toggle(key="widget/0/prodigy/beta3/none").set_value(True).run())
    assert shown(at).contenders[0].knobs["beta3"] is None


@pytest.fixture(scope="module")
def opened() -> AppTest:
    """A page for many words that are typed into one field."""
    return usual_page()


@pytest.mark.parametrize(
    "text, value, stop",
    [
        ("1e-4", 1e-4, 1e-4),
        (" 0.3 ", 0.3, 0.315),
        ("0", 0.0, 0.0),
        ("123", 123.0, 10.0),
        ("1e-7", 1e-7, 1e-5),
        ("0.0012345678", 0.0012345678, 0.00125),
    ],
)
def test_an_exact_number_is_used_as_typed_and_the_slider_goes_to_its_nearest_stop(opened, text, value, stop):
    type_in(opened, "1/adam/learning_rate", "0.05")
    at = type_in(opened, "1/adam/learning_rate", text)
    assert shown(at).contenders[1].knobs["learning_rate"] == value
    assert at.select_slider(key="widget/1/adam/learning_rate/slider").value == stop
    checked(at.run())
    assert shown(at).contenders[1].knobs["learning_rate"] == value, "the slider took it back"


@pytest.mark.parametrize("text", ["abc", "-1", "", "nan", "inf", "1e400", "1e7", "1,5", "<b>1</b>", "**1** $x$", "9" * 5_000])
def test_a_wrong_number_is_answered_with_what_is_allowed_and_the_last_good_one_stays(opened, text):
    at = type_in(opened, "1/adam/learning_rate", "0.05")
    type_in(at, "1/adam/learning_rate", text)
    (error,) = at.error
    said = as_read(error.value)
    assert said.startswith(f"learning_rate is {repr(text)[:50]}")
    assert "a number from 0 to 1e+06" in said
    assert "0.05" in said
    assert len(said) < 200
    assert shown(at).contenders[1].knobs["learning_rate"] == 0.05
    assert charts(at) == CHARTS
    type_in(at, "1/adam/learning_rate", "0.06")
    assert not at.error
    assert shown(at).contenders[1].knobs["learning_rate"] == 0.06


@pytest.mark.parametrize("text", ["0", "1.5", "100001", "ten"])
def test_a_wrong_number_of_steps_is_answered_too(opened, text):
    at = type_in(opened, "steps", text)
    (error,) = at.error
    assert as_read(error.value).startswith(f"steps is {text!r}")
    assert "a whole number from 1 to 100,000" in error.value
    assert shown(at).steps == STEPS
    type_in(at, "steps", str(STEPS))
    assert not at.error


def test_a_number_outside_the_slider_but_allowed_survives_a_rerun():
    at = type_in(type_in(usual_page(problem="rosenbrock"), "steps", "3"), "start/x", "7.25")
    checked(at.run())
    assert shown(at).steps == 3
    assert shown(at).start == (7.25, 2.0)


def _sliders() -> list[Param]:
    """Every hyperparameter and setting whose slider has no stops."""
    params = [*PARAMS]
    for optimizer in OPTIMIZERS.values():
        params += optimizer.params
    for problem in PROBLEMS.values():
        params += [*problem.settings, *problem.start_params]
    return [param for param in params if param.kind == "float" and not param.stops]


def test_a_slider_moves_in_about_200_round_steps():
    """A step of 0.0497 would show numbers that nobody wants, one of a tenth of the slider would skip those that one wants."""
    widths = {high - low for low, high in (param.slider for param in _sliders())}
    assert widths
    for width in widths:
        step = controls._step(width)
        assert f"{step:e}"[:8] in {"1.000000", "2.000000", "5.000000"}
        assert 60 < width / step < 203
