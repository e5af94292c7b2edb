"""A contender beside copies of itself with one knob changed."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from app.sidebar import newcomers
from prodigy_core.experiment import MAX_CONTENDERS, Contender
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.param import Fault
from tests.views.race.pages import USUAL, as_read, checked, shown, usual_page

PARAMS = [(name, param) for name, optimizer in OPTIMIZERS.items() for param in optimizer.params]


def comparison(at: AppTest) -> AppTest:
    at.session_state["widget/compare/0"] = True
    return checked(at.run())


def typed(at: AppTest, knob: str, text: str) -> AppTest:
    checked(at.selectbox(key="widget/compare/knob/0").select(knob).run())
    return checked(at.text_input(key=f"widget/compare/values/0/{knob}").set_value(text).run())


def add(at: AppTest) -> AppTest:
    return checked(at.button(key="widget/compare/add/0").click().run())


def test_three_values_are_three_contenders_with_nothing_else_changed():
    at = add(typed(comparison(usual_page()), "estim_lr0", "1e-8, 1e-4, 0.01"))
    assert shown(at).contenders == (*USUAL, *(Contender("prodigy", {"estim_lr0": value}) for value in (1e-8, 1e-4, 0.01)))


def test_values_are_proposed_so_that_two_clicks_make_a_comparison():
    at = add(comparison(usual_page()))
    assert len(shown(at).contenders) == len(USUAL) + newcomers.COPIES


@pytest.mark.parametrize(
    "text, word",
    [("1e-8, no", "estim_lr0 is 'no'"), ("-1", "estim_lr0"), (", ".join(f"1e-{k}" for k in range(1, 7)), "room for 4")],
)
def test_wrong_values_are_named_and_nobody_joins(text, word):
    at = typed(comparison(usual_page()), "estim_lr0", text)
    (error,) = at.error
    assert word in as_read(error.value)
    assert not [button for button in at.button if button.key == "widget/compare/add/0"]
    assert shown(at).contenders == USUAL


def test_a_full_race_says_so():
    at = comparison(usual_page(contenders=(Contender("prodigy"),) * MAX_CONTENDERS))
    assert str(MAX_CONTENDERS) in at.info[0].value


@pytest.mark.parametrize("name, param", PARAMS, ids=[f"{name}-{param.name}" for name, param in PARAMS])
def test_proposals_are_allowed_and_none_is_the_value_now(name, param):
    values = newcomers.proposals(param, param.default)
    assert values
    assert param.default not in values
    assert len(values) == len(set(values)) <= newcomers.COPIES
    for value in values:
        assert param.fault(value, "value") is None


@pytest.mark.parametrize("text, values", [("true", [True]), ("false, true, true", [False, True]), ("", [])])
def test_a_switch_is_read_by_its_words(text, values):
    (guard,) = [param for param in OPTIMIZERS["prodigy"].params if param.name == "safeguard_warmup"]
    assert newcomers.read_values(guard, text) == values


def test_none_can_be_written_where_it_is_a_value():
    (beta3,) = [param for param in OPTIMIZERS["prodigy"].params if param.name == "beta3"]
    assert newcomers.read_values(beta3, "none, 0.9") == [None, 0.9]
    assert isinstance(newcomers.read_values(beta3, "0.9, 2"), Fault)


@pytest.mark.parametrize("name", list(OPTIMIZERS))
def test_every_optimizer_stands_under_one_heading(name):
    assert newcomers.group_of(OPTIMIZERS[name]) in newcomers.GROUPS
