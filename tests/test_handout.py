"""A teacher's link: what it hides and locks, and that nothing in it can break the page."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from app.handout import MAX_CHARACTERS, PARTS, USUAL, Handout, parsed
from prodigy_core.experiment import Experiment
from tests.views.race.pages import html, knobs, open_page, scene, shown, unfolded, values

FULL = Handout(frozenset({"table", "beta3"}), frozenset({"estim_lr0", "steps"}), 7, True)


def class_page(handout: Handout, experiment: Experiment | None = None) -> AppTest:
    """The race as a class opens it."""

    def page() -> None:
        from app.views.race import page as race

        race.page()

    at = AppTest.from_function(page, default_timeout=60)
    at.query_params["experiment"] = (experiment or Experiment(steps=100)).to_json(full=False)
    at.query_params["class"] = handout.to_json()
    return unfolded(at.run())


@pytest.mark.parametrize("handout", [USUAL, FULL, Handout(seed=0), Handout(projector=True)])
def test_it_comes_back_from_its_text(handout):
    assert parsed(handout.to_json()) == handout


@pytest.mark.parametrize(
    "text",
    [
        None, "", "no", "[]", "7", '{"hide":7}', '{"hide":[7,null,{}]}', '{"seed":-1}', '{"seed":1e3}', '{"seed":"1"}',
        '{"seed":true}', '{"seed":99999999999}', '{"projector":"yes"}', "[" * 1000, '{"hide":["' + "a" * MAX_CHARACTERS + '"]}',
    ],
)  # fmt: skip
def test_whatever_else_an_address_holds_means_nothing(text):
    assert parsed(text) == USUAL


def test_a_usual_one_leaves_no_trace_in_the_address():
    assert USUAL.to_json() == ""
    assert "class" not in open_page().query_params


def test_what_is_hidden_is_not_there_and_what_is_locked_cannot_be_turned():
    at = class_page(FULL)
    assert "beta3" not in knobs(at, "0/prodigy")
    assert at.text_input(key="widget/0/prodigy/estim_lr0/exact").disabled
    assert at.text_input(key="widget/steps/exact").disabled
    assert not at.text_input(key="widget/1/adam/learning_rate/exact").disabled
    assert "<table" not in html(at)
    (said,) = values(at.query_params["class"])
    assert parsed(said) == FULL, "it stays in the address"


def test_the_seed_is_the_same_for_all():
    noisy = Experiment(steps=100, noise="gaussian", seed=3)
    assert shown(class_page(Handout(seed=7), noisy)).seed == 7
    assert shown(class_page(Handout(), noisy)).seed == 3


def test_a_locked_knob_does_not_stand_in_the_figure_either():
    assert [knob["name"] for knob in scene(class_page(Handout()))["knobs"]["shown"]] == ["estim_lr0", "learning_rate"]
    locked = scene(class_page(Handout(locked=frozenset({"estim_lr0"}))))
    assert [knob["name"] for knob in locked["knobs"]["shown"]] == ["learning_rate"]
    assert "knobs" not in scene(class_page(Handout(hidden=frozenset({"figure"}))))


@pytest.mark.parametrize("part", list(PARTS))
def test_every_part_can_be_hidden_and_the_race_still_stands(part):
    at = class_page(Handout(hidden=frozenset({part})))
    assert scene(at)
    everything = class_page(Handout())
    if part not in ("pages", "reveal"):  # the router's own, and the lessons'
        before = (
            len(everything.sidebar),
            html(everything),
            scene(everything),
            len(everything.button),
            len(everything.selectbox),
        )
        assert (len(at.sidebar), html(at), scene(at), len(at.button), len(at.selectbox)) != before
