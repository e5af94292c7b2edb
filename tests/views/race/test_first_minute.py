"""The first minute of a new visitor: three clicks, each told by the visitor's own runs."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app.views.race import first_minute
from prodigy_core.engine.runner import run
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.optimizers import OPTIMIZERS
from tests.views.race.pages import checked, click, open_page, shown, type_in, values
from tests.views.race.test_guide import said


def view(at: AppTest) -> dict[str, object]:
    """What the address bar says beside the experiment."""
    if "view" not in at.query_params:
        return {}
    (text,) = values(at.query_params["view"])
    return dict(json.loads(text))


def headings(at: AppTest) -> list[str]:
    return [title.value for title in at.title]


def main_button(at: AppTest, number: int) -> str:
    return str(at.button(key=f"widget/minute/{number}").label).replace("\\", "")


def test_a_new_visitor_is_asked_a_question_and_told_how_to_read_the_picture():
    at = open_page()
    assert headings(at) == ["How big should a step be? Adam must be told. Prodigy finds out."]
    (sentence,) = [text.value for text in at.caption if "ring" in text.value]
    assert "star" in sentence
    for name in ("prodigy", "adam"):
        entry = OPTIMIZERS[name]
        assert f':color[━━]{{foreground="{entry.colour}"}} **{entry.title}**' in sentence


def test_the_minute_from_its_first_click_to_its_last():
    """What it says are facts of the runs, computed here once more."""
    at = open_page()
    start = Experiment()
    prodigy, adam = run(start)
    assert f"**Adam** has gone {adam.distance_linf[-1]:.2g} of about 3" in said(at)
    assert "**Prodigy** arrives at step 187" in said(at)
    estimate = float(f"{prodigy.probes['D'][-1]:.3g}")
    assert main_button(at, 0) == f"Give Adam Prodigy's D, {estimate:g}"
    click(at, "minute/0")

    told = Contender("adam", {"learning_rate": estimate})
    assert shown(at).contenders == (Contender("prodigy"), told)
    assert view(at) == {"minute": 1}
    arrival = run(replace(start, contenders=(told,)))[0].steps_to(1e-6)
    assert arrival is not None
    assert f"**Adam** arrives at step {arrival}, sooner than Prodigy at 187" in said(at)
    d = prodigy.probes["D"]
    assert f"found it in {int(np.argmax(d >= 0.9 * d[-1]))} steps" in said(at)
    assert main_button(at, 1) == "Start its guess 100,000 times larger"
    click(at, "minute/1")

    larger = Contender("prodigy", {"estim_lr0": 0.1})
    assert shown(at).contenders == (larger, told)
    again = run(replace(start, contenders=(larger,)))[0]
    assert f"**Prodigy** arrives at step {again.steps_to(1e-6)}" in said(at)
    assert f"its D ends at {again.probes['D'][-1]:.3g}" in said(at)
    assert main_button(at, 2) == "All values of both, side by side"


def test_the_last_step_leads_to_the_lessons():
    at = AppTest.from_function(_page, default_timeout=60)
    at.query_params["experiment"] = Experiment().to_json(full=False)
    at.query_params["view"] = '{"minute":3}'
    checked(at.run())
    assert [button.label for button in at.button if "minute" in str(button.key)] == ["To the lessons", "Close"]


def test_it_can_be_skipped_and_does_not_come_back():
    at = click(open_page(), "minute/skip")
    assert headings(at)[0].startswith("Himmelblau")
    assert view(at) == {}
    assert not [button for button in at.button if "minute" in str(button.key)]
    (link,) = values(at.query_params["experiment"])
    assert not [button for button in open_page(link).button if "minute" in str(button.key)]


def test_the_link_brings_a_person_back_to_the_same_step():
    at = click(open_page(), "minute/0")
    (link,) = values(at.query_params["experiment"])
    again = AppTest.from_function(_page, default_timeout=60)
    again.query_params["experiment"] = link
    again.query_params["view"] = json.dumps(view(at))
    checked(again.run())
    assert main_button(again, 1) == main_button(at, 1)


def _page() -> None:
    from app.views.race import page as race

    race.page()


@pytest.mark.parametrize("step", ["9", "-1", '"1; drop"', "[0]", "true"])
def test_a_step_that_does_not_exist_is_none(step):
    at = AppTest.from_function(_page, default_timeout=60)
    at.query_params["experiment"] = Experiment().to_json(full=False)
    at.query_params["view"] = f'{{"minute":{step}}}'
    assert headings(checked(at.run()))[0].startswith("Himmelblau")


def test_a_race_that_it_does_not_speak_of_gets_its_findings_instead():
    at = type_in(open_page(), "1/adam/learning_rate", "1e-5")
    assert main_button(at, 0).startswith("Give Adam"), "it still is one Prodigy beside one Adam"
    at = click(at, "remove/0")
    assert not [button for button in at.button if re.fullmatch(r"widget/minute/\d", str(button.key))]


@pytest.mark.parametrize("number", range(first_minute.STEPS))
def test_every_step_is_short_enough_to_be_read_in_the_card(number):
    contenders = (Contender("prodigy"), Contender("adam", {"learning_rate": 1.47}))
    experiment = Experiment() if number == 0 else replace(Experiment(), contenders=contenders)
    step = first_minute.step(number, experiment, run(experiment))
    assert step is not None
    assert len(step.text) <= 260
