"""Links to the race page, from friends and from others."""

from __future__ import annotations

import itertools
import json
from functools import partial

import pytest
from streamlit.runtime.scriptrunner import RerunData
from streamlit.testing.v1 import local_script_runner

from prodigy_core.experiment import Contender, Experiment
from tests.views.race.pages import (
    CHARTS,
    STEPS,
    charts,
    checked,
    click,
    group,
    html,
    now,
    open_page,
    optimizers,
    shown,
    type_in,
    unfolded,
    usual_page,
    values,
)


def test_a_link_shows_another_person_the_same_experiment():
    experiment = Experiment(
        problem="rosenbrock",
        settings={"b": 30.0},
        start=(0.3, -0.7),
        contenders=(
            Contender("prodigy", {"estim_lr0": 3e-5, "beta3": 0.77, "schedule": "linear"}),
            Contender("adam", {"learning_rate": 0.0123}),
        ),
        steps=77,
        seed=5,
        precision="float64",
        tolerance=2e-4,
    )
    at = open_page(experiment.to_json())
    assert not at.warning
    assert shown(at) == experiment
    assert at.text_input(key="widget/0/prodigy/estim_lr0/exact").value == "3e-05"
    assert "Ran all 77 steps." in html(at)
    again = open_page(values(at.query_params["experiment"])[0])
    assert shown(again) == experiment
    assert html(again) == html(at)


def test_a_link_opened_in_a_running_session_replaces_what_was_there():
    at = type_in(usual_page(), "1/adam/learning_rate", "0.5")
    other = Experiment(steps=STEPS, contenders=(Contender("prodigy"), Contender("adam", {"learning_rate": 0.25})))
    at.query_params["experiment"] = other.to_json(full=False)
    unfolded(checked(at.run()))
    assert shown(at) == other
    assert at.text_input(key=now(at, "widget/1/adam/learning_rate/exact")).value == "0.25"


def test_what_a_widget_said_before_a_link_was_opened_is_no_word_on_the_new_experiment():
    """The browser says it once more with the message that opens the link; a run of 300 steps would have the 63 of before."""
    at = type_in(usual_page(), "steps", "63")
    other = Experiment("booth", steps=300)
    at.query_params["experiment"] = other.to_json(full=False)
    checked(at.run())
    at.session_state["widget/steps/exact"] = "63"
    assert shown(checked(at.run())) == other


def test_a_message_that_left_before_the_last_link_arrived_undoes_nothing():
    """A hand is faster than the way to the server and back: one would turn a knob, open a drawer, and the knob be back."""
    at = usual_page()
    before = at.query_params["experiment"]
    type_in(at, "0/prodigy/estim_lr0", "0.01")
    after = shown(at)
    for _ in range(2):
        at.query_params["experiment"] = before
        group(at, "0/prodigy", "Schedule")
        assert shown(at) == after
    at.query_params["experiment"] = before
    click(at, "remove/0")
    assert optimizers(at) == ["adam"]
    at.query_params["experiment"] = before
    checked(at.run())
    assert optimizers(at) == ["adam"]


def test_the_back_button_undoes_and_the_forward_button_does_it_again(monkeypatch):
    at = usual_page()
    links = [at.query_params["experiment"]]
    for text in ("0.01", "0.1"):
        type_in(at, "0/prodigy/estim_lr0", text)
        links.append(at.query_params["experiment"])
    for place, text in ((1, "0.01"), (0, "1e-06"), (1, "0.01"), (2, "0.1")):
        with monkeypatch.context() as patched:
            patched.setattr(local_script_runner, "RerunData", partial(RerunData, is_history_navigation=True))
            at.query_params["experiment"] = links[place]
            checked(at.run())
        assert at.text_input(key=now(at, "widget/0/prodigy/estim_lr0/exact")).value == text
        assert at.query_params["experiment"] == links[place]
        assert shown(checked(at.run())) == Experiment.from_json(links[place]), "and stays"


@pytest.mark.parametrize(
    "link",
    [
        pytest.param("", id="empty"),
        pytest.param("nonsense", id="no JSON"),
        pytest.param("[]", id="no object"),
        pytest.param('{"version": 99}', id="another version"),
        pytest.param("{}", id="no version"),
        pytest.param('{"version":1,"problem":"<script>alert(1)</script>"}', id="script"),
        pytest.param('{"version":1,"<img src=x onerror=alert(1)>":1}', id="tag as a name"),
        pytest.param('{"version":1,"# big":1,"[click](https://example.com)":"**bold** `code` $x$ :red[x]"}', id="markdown"),
        pytest.param('{"version":1,"a\\n\\n# big\\n\\n- b":1}', id="markdown over several lines"),
        pytest.param('{"version":1,"\\ud800":"\\ud800"}', id="half a character"),
        pytest.param('{"version":1,"\\u202e\\u0000":"\\u0000"}', id="control characters"),
        pytest.param('{"version":1,"steps":NaN}', id="NaN"),
        pytest.param('{"version":1,"steps":' + "9" * 5_000 + "}", id="a number of 5,000 digits"),
        pytest.param("x" * 100_000, id="100 kB"),
        pytest.param("[" * 40_000, id="deep"),
        pytest.param(json.dumps({"version": 1, **{f"k{i}": 0 for i in range(4_000)}}), id="4,000 faults"),
        pytest.param(json.dumps({"version": 1, "contenders": [{"optimizer": "adam"}] * 7}), id="seven contenders"),
    ],
)
def test_a_broken_or_hostile_link_is_a_warning_over_the_usual_experiment(link):
    at = open_page(link)
    (warning,) = at.warning
    assert "The link does not describe an experiment" in warning.value
    assert shown(at) == Experiment()
    assert charts(at) == CHARTS
    head, _, body = warning.value.partition("\n\n")
    assert "usual one" in head
    assert len(warning.value) < 5_000
    lines = body.split("\n")
    assert len(lines) <= 11
    for line in lines:
        assert line.startswith("- "), "the message was torn apart"
        unescaped = [letter for before, letter in itertools.pairwise(line[1:]) if before != "\\" and letter in "<>[`*#$:"]
        assert not unescaped, line


def test_the_warning_goes_when_the_experiment_changes():
    at = open_page("nonsense")
    checked(at.run())
    assert at.warning, "it stays until it was read"
    type_in(at, "steps", "90")
    assert not at.warning


def test_a_link_never_changes_another_persons_session():
    mine = type_in(usual_page(), "1/adam/learning_rate", "0.5")
    open_page('{"version":1,"problem":"nonsense"}')
    checked(mine.run())
    assert shown(mine).contenders[1].knobs["learning_rate"] == 0.5
