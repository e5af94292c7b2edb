"""The clinic as a whole: what every case must have for a person who comes with a complaint."""

from __future__ import annotations

import re

import pytest

from app.lessons import clinic

CASES = {name: languages["en"] for name, languages in clinic().items()}
LATEX = re.compile(r"\$\$.*?\$\$", re.DOTALL)
LINK = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+(/(issues|pull)/\d+)?")
KNOBS = ("use_bias_correction", "growth_rate", "stop_d_at", "slice_p", "safeguard_warmup", "estim_lr_coef", "clip", "beta3")


@pytest.mark.parametrize("name", CASES)
def test_it_links_to_where_people_asked(name):
    assert all(not asked.link or LINK.fullmatch(asked.link) for asked in CASES[name].asked)


@pytest.mark.parametrize("name", CASES)
def test_it_says_what_to_do_in_optax_too(name):
    """A recipe for PyTorch alone leaves half of the readers without one."""
    assert "optax" in CASES[name].sections["What to do"]


@pytest.mark.parametrize("name", CASES)
def test_it_is_read_in_a_minute(name):
    assert 60 <= sum(len(LATEX.sub("", text).split()) for text in CASES[name].sections.values()) <= 160


@pytest.mark.parametrize("name", CASES)
def test_what_fails_and_what_works_share_a_problem(name):
    """A setting that works elsewhere answers nothing."""
    case = CASES[name]
    if case.fails and case.works:
        assert case.fails != case.works
        problems = {case.experiments[place.experiment].experiment.problem for place in (case.fails, case.works)}
        assert len(problems) == 1


def test_each_has_a_place_of_its_own():
    orders = [case.order for case in CASES.values()]
    assert len(set(orders)) == len(orders)


@pytest.mark.parametrize("knob", KNOBS)
def test_a_case_turns_it(knob):
    """Each knob of Prodigy that people ask about stands in a case, off its default."""
    turned = [
        name
        for name, case in CASES.items()
        for shown in case.shown
        for contender in shown.experiment.contenders
        if knob in contender.changed
    ]
    assert turned
