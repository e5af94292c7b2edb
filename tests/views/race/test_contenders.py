"""Contenders that come, change and go."""

from __future__ import annotations

import pytest

from prodigy_core.experiment import MAX_CONTENDERS, Contender
from prodigy_core.optimizers import OPTIMIZERS
from tests.views.race.pages import (
    CHARTS,
    USUAL,
    add,
    charts,
    checked,
    click,
    html,
    now,
    optimizers,
    shown,
    type_in,
    usual_page,
)


def test_reset_puts_one_contender_back_and_leaves_the_others():
    changed = (Contender("prodigy", {"estim_lr0": 0.5, "beta3": 0.9}), Contender("adam", {"learning_rate": 0.1}))
    at = click(usual_page(contenders=changed), "reset/0")
    assert shown(at).contenders == (Contender("prodigy"), changed[1])
    assert at.text_input(key=now(at, "widget/0/prodigy/estim_lr0/exact")).value == "1e-06"
    assert at.text_input(key="widget/1/adam/learning_rate/exact").value == "0.1"


def test_removing_a_contender_leaves_the_others_as_they_are():
    three = (Contender("prodigy"), Contender("adam", {"learning_rate": 0.1}), Contender("adam", {"learning_rate": 0.2}))
    at = click(usual_page(contenders=three), "remove/1")
    assert shown(at).contenders == (three[0], three[2])
    assert at.text_input(key="widget/2/adam/learning_rate/exact").value == "0.2"


def test_a_contender_that_comes_back_stands_at_its_defaults():
    """What was typed for the one that left must not cling to the one that comes."""
    at = type_in(usual_page(), "1/adam/learning_rate", "0.123")
    at = add(click(at, "remove/1"), "adam")
    assert shown(at).contenders == USUAL
    assert at.text_input(key="widget/1/adam/learning_rate/exact").value == "0.001"


def test_the_same_optimizer_races_itself_and_is_labelled_by_what_differs():
    at = add(usual_page(), "adam")
    type_in(at, "2/adam/learning_rate", "0.2")
    assert [contender.knobs["learning_rate"] for contender in shown(at).contenders] == [1.0, 0.001, 0.2]
    assert "Adam · learning_rate 0.2" in html(at)


def test_six_contenders_are_the_most():
    at = usual_page(contenders=(Contender("prodigy"),) * (MAX_CONTENDERS - 1))
    assert not at.button(key="widget/add").disabled
    add(at, "adam")
    assert len(optimizers(at)) == MAX_CONTENDERS
    assert at.button(key="widget/add").disabled
    assert "6" in at.button(key="widget/add").help
    click(at, "remove/0")
    assert not at.button(key="widget/add").disabled


def test_an_empty_race_says_what_to_do_and_can_be_filled_again():
    at = click(click(usual_page(), "remove/0"), "remove/1")
    assert shown(at).contenders == ()
    assert charts(at) == 0
    assert "Add a contender" in at.info[0].value
    checked(at.run())
    assert shown(at).contenders == ()
    add(at, "prodigy")
    assert optimizers(at) == ["prodigy"]
    assert charts(at) == CHARTS


@pytest.mark.parametrize("optimizer", list(OPTIMIZERS))
def test_every_optimizer_of_the_catalogue_can_be_added(optimizer):
    at = add(usual_page(contenders=()), optimizer)
    assert optimizers(at) == [optimizer]
    assert OPTIMIZERS[optimizer].title in html(at)
