"""The race page as a person uses it: knobs, links, contenders that come and go. What it looks like is for a browser."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import jax
import pytest
from jax.experimental.compilation_cache import compilation_cache
from streamlit.testing.v1 import AppTest

import app
from prodigy_core.experiment import MAX_CONTENDERS, Contender, Experiment
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.problems import PROBLEMS

STEPS = 100  # few, and one compiled length for all
CHARTS = 4
DISK_CACHE = (  # what the router sets for its process, and so for the tests after it
    "jax_compilation_cache_dir",
    "jax_persistent_cache_min_compile_time_secs",
    "jax_persistent_cache_min_entry_size_bytes",
)
USUAL = (Contender("prodigy"), Contender("adam"))


def _page() -> None:
    from app.views import race

    race.page()


def _open(link: str | None = None) -> AppTest:
    """A new session that opens the page, with a link or without."""
    at = AppTest.from_function(_page, default_timeout=60)
    if link is not None:
        at.query_params["experiment"] = link
    return _unfolded(_checked(at.run()))


def _unfolded(at: AppTest) -> AppTest:
    """The same page with every drawer of the sidebar open: what is closed is not drawn."""
    for identity in at.session_state["identities"]:
        at.session_state[f"widget/open/{identity}"] = True
    at.session_state["widget/more"] = True
    return _checked(at.run())


def _usual(**fields: Any) -> AppTest:
    return _open(Experiment(**{"steps": STEPS, "contenders": USUAL, **fields}).to_json(full=False))


def _checked(at: AppTest) -> AppTest:
    assert not at.exception, [element.message for element in at.exception]
    return at


def _shown(at: AppTest) -> Experiment:
    """The experiment that the address bar describes."""
    (link,) = _values(at.query_params["experiment"])
    return Experiment.from_json(link)


def _values(found: Any) -> list[str]:
    return [found] if isinstance(found, str) else list(found)


def _charts(at: AppTest) -> int:
    return len(at.get("plotly_chart"))


def _html(at: AppTest) -> str:
    return "".join(element.proto.body for element in at.get("html"))


def _type(at: AppTest, knob: str, text: str) -> AppTest:
    return _checked(at.text_input(key=f"widget/{knob}/exact").set_value(text).run())


def _click(at: AppTest, button: str) -> AppTest:
    return _checked(at.button(key=f"widget/{button}").click().run())


def _add(at: AppTest, optimizer: str) -> AppTest:
    return _checked(at.selectbox(key="widget/add").select(optimizer).run())


def _optimizers(at: AppTest) -> list[str]:
    return [contender.optimizer for contender in _shown(at).contenders]


# --- the page ------------------------------------------------------------------------------------------------------


def test_the_page_opens_with_prodigy_beside_adam_and_says_so_in_its_link():
    at = _open()
    assert _shown(at) == Experiment()
    assert _charts(at) == CHARTS
    assert not at.warning
    assert not at.error
    page = _html(at)
    for word in ("Prodigy", "Adam", "Final loss", "Steps to 1e-06", "Ran all 500 steps."):
        assert word in page
    assert any("Rosenbrock" in element.value for element in at.markdown)


def test_the_router_runs_the_page(tmp_path, monkeypatch):
    """The way a visitor comes in; the rest of this file calls the page directly."""
    monkeypatch.setenv("PRODIGY_LAB_CACHE", str(tmp_path))
    before = {name: getattr(jax.config, name) for name in DISK_CACHE}
    try:
        at = AppTest.from_file(str(Path(app.__file__).parent / "main.py"), default_timeout=60)
        at.query_params["experiment"] = Experiment(steps=STEPS, contenders=USUAL).to_json(full=False)
        _checked(at.run())
        assert _charts(at) == CHARTS
        assert _shown(at).steps == STEPS
    finally:
        for name, value in before.items():
            jax.config.update(name, value)
        compilation_cache.reset_cache()


# --- knobs ---------------------------------------------------------------------------------------------------------


def test_turning_a_slider_changes_the_experiment_in_the_link_and_the_number_beside_it():
    at = _usual()
    _checked(at.select_slider(key="widget/1/adam/learning_rate/slider").set_value(0.1).run())
    assert _shown(at) == Experiment(steps=STEPS, contenders=(USUAL[0], Contender("adam", {"learning_rate": 0.1})))
    assert at.text_input(key="widget/1/adam/learning_rate/exact").value == "0.1"


def test_every_kind_of_knob_reaches_the_link():
    at = _usual()
    at.slider(key="widget/0/prodigy/warmup/slider").set_value(0.1)
    at.selectbox(key="widget/0/prodigy/schedule").select("cosine")
    at.toggle(key="widget/0/prodigy/safeguard_warmup").set_value(True)
    at.select_slider(key="widget/settings/b/slider").set_value(10.0)
    at.select_slider(key="widget/steps/slider").set_value(80)
    at.selectbox(key="widget/precision").select("float32")
    at.slider(key="widget/start/x/slider").set_value(0.5)
    at.select_slider(key="widget/tolerance/slider").set_value(1e-3)
    _checked(at.run())
    found = _shown(at)
    assert found.contenders[0].changed == {"warmup": 0.1, "schedule": "cosine", "safeguard_warmup": True}
    assert (found.settings["b"], found.steps, found.precision, found.tolerance) == (10.0, 80, "float32", 1e-3)
    assert found.start == (0.5, 2.0)
    assert "Ran all 80 steps." in _html(at)


def test_beta3_is_a_switch_between_its_formula_and_a_number():
    at = _usual()
    assert not [box for box in at.text_input if box.key == "widget/0/prodigy/beta3/exact"]
    _checked(at.toggle(key="widget/0/prodigy/beta3/none").set_value(False).run())
    assert _shown(at).contenders[0].knobs["beta3"] == 0.9995
    _type(at, "0/prodigy/beta3", "0.5")
    assert _shown(at).contenders[0].knobs["beta3"] == 0.5
    _checked(at.toggle(key="widget/0/prodigy/beta3/none").set_value(True).run())
    assert _shown(at).contenders[0].knobs["beta3"] is None


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
def test_an_exact_number_is_used_as_typed_and_the_slider_goes_to_its_nearest_stop(text, value, stop):
    at = _type(_usual(), "1/adam/learning_rate", text)
    assert _shown(at).contenders[1].knobs["learning_rate"] == value
    assert at.select_slider(key="widget/1/adam/learning_rate/slider").value == stop
    _checked(at.run())
    assert _shown(at).contenders[1].knobs["learning_rate"] == value, "the slider took it back"


@pytest.mark.parametrize("text", ["abc", "-1", "", "nan", "inf", "1e400", "1e7", "1,5", "<b>1</b>", "9" * 5_000])
def test_a_wrong_number_is_answered_with_what_is_allowed_and_the_last_good_one_stays(text):
    at = _type(_usual(), "1/adam/learning_rate", "0.05")
    _type(at, "1/adam/learning_rate", text)
    (error,) = at.error
    assert error.value.startswith("learning_rate is ")
    assert "a number from 0 to 1e+06" in error.value
    assert "0.05" in error.value
    assert len(error.value) < 200
    assert _shown(at).contenders[1].knobs["learning_rate"] == 0.05
    assert _charts(at) == CHARTS
    _type(at, "1/adam/learning_rate", "0.06")
    assert not at.error
    assert _shown(at).contenders[1].knobs["learning_rate"] == 0.06


@pytest.mark.parametrize("text", ["0", "1.5", "20001", "ten"])
def test_a_wrong_number_of_steps_is_answered_too(text):
    at = _type(_usual(), "steps", text)
    (error,) = at.error
    assert error.value.startswith("steps is ")
    assert "a whole number from 1 to 20,000" in error.value
    assert _shown(at).steps == STEPS


def test_a_number_outside_the_slider_but_allowed_survives_a_rerun():
    at = _type(_type(_usual(), "steps", "3"), "start/x", "7.25")
    _checked(at.run())
    assert _shown(at).steps == 3
    assert _shown(at).start == (7.25, 2.0)


# --- contenders ----------------------------------------------------------------------------------------------------


def test_reset_puts_one_contender_back_and_leaves_the_others():
    changed = (Contender("prodigy", {"beta1": 0.5, "beta3": 0.9}), Contender("adam", {"learning_rate": 0.1}))
    at = _click(_usual(contenders=changed), "reset/0")
    assert _shown(at).contenders == (Contender("prodigy"), changed[1])
    assert at.text_input(key="widget/0/prodigy/beta1/exact").value == "0.9"
    assert at.text_input(key="widget/1/adam/learning_rate/exact").value == "0.1"


def test_removing_a_contender_leaves_the_others_as_they_are():
    three = (Contender("prodigy"), Contender("adam", {"learning_rate": 0.1}), Contender("adam", {"learning_rate": 0.2}))
    at = _click(_usual(contenders=three), "remove/1")
    assert _shown(at).contenders == (three[0], three[2])
    assert at.text_input(key="widget/2/adam/learning_rate/exact").value == "0.2"


def test_a_contender_that_comes_back_stands_at_its_defaults():
    """What was typed for the one that left must not cling to the one that comes."""
    at = _type(_usual(), "1/adam/learning_rate", "0.123")
    at = _add(_click(at, "remove/1"), "adam")
    assert _shown(at).contenders == USUAL
    assert at.text_input(key="widget/1/adam/learning_rate/exact").value == "0.001"


def test_the_same_optimizer_races_itself_and_is_labelled_by_what_differs():
    at = _add(_usual(), "adam")
    _type(at, "2/adam/learning_rate", "0.2")
    assert [contender.knobs["learning_rate"] for contender in _shown(at).contenders] == [1.0, 0.001, 0.2]
    assert "Adam (learning_rate 0.2)" in _html(at)
    assert at.selectbox(key="widget/add").value is None, "ready for the next one"


def test_six_contenders_are_the_most():
    at = _usual(contenders=(Contender("prodigy"),) * (MAX_CONTENDERS - 1))
    assert not at.selectbox(key="widget/add").disabled
    _add(at, "adam")
    assert len(_optimizers(at)) == MAX_CONTENDERS
    assert at.selectbox(key="widget/add").disabled
    assert "6" in at.selectbox(key="widget/add").placeholder
    _click(at, "remove/0")
    assert not at.selectbox(key="widget/add").disabled


def test_an_empty_race_says_what_to_do_and_can_be_filled_again():
    at = _click(_click(_usual(), "remove/0"), "remove/1")
    assert _shown(at).contenders == ()
    assert _charts(at) == 0
    assert "Add a contender" in at.info[0].value
    _checked(at.run())
    assert _shown(at).contenders == ()
    _add(at, "prodigy")
    assert _optimizers(at) == ["prodigy"]
    assert _charts(at) == CHARTS


@pytest.mark.parametrize("optimizer", list(OPTIMIZERS))
def test_every_optimizer_of_the_catalogue_can_be_added(optimizer):
    at = _add(_usual(contenders=()), optimizer)
    assert _optimizers(at) == [optimizer]
    assert OPTIMIZERS[optimizer].title in _html(at)


# --- problems ------------------------------------------------------------------------------------------------------


def test_another_problem_begins_at_its_own_start_with_its_own_settings_and_keeps_the_contenders():
    contenders = (Contender("adam", {"learning_rate": 0.1}),)
    at = _usual(settings={"b": 5.0}, start=(0.0, 1.0), contenders=contenders)
    _checked(at.selectbox(key="widget/problem").select("rotated_quadratic").run())
    found = _shown(at)
    assert found == Experiment(problem="rotated_quadratic", steps=STEPS, contenders=contenders)
    assert at.text_input(key="widget/settings/angle/exact").value
    assert not [box for box in at.text_input if box.key == "widget/settings/b/exact"]
    _checked(at.selectbox(key="widget/problem").select("rosenbrock").run())
    assert _shown(at) == Experiment(steps=STEPS, contenders=contenders)
    assert at.text_input(key="widget/settings/b/exact").value == "100"


def test_usual_start_puts_the_start_back_and_nothing_else():
    at = _click(_usual(start=(0.25, 0.5), tolerance=1e-3), "usual")
    assert _shown(at) == Experiment(steps=STEPS, tolerance=1e-3)
    assert at.text_input(key="widget/start/x/exact").value == "-1.5"


# --- links ---------------------------------------------------------------------------------------------------------


def test_a_link_shows_another_person_the_same_experiment():
    experiment = Experiment(
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
    at = _open(experiment.to_json())
    assert not at.warning
    assert _shown(at) == experiment
    assert at.text_input(key="widget/0/prodigy/estim_lr0/exact").value == "3e-05"
    assert "Ran all 77 steps." in _html(at)
    again = _open(_values(at.query_params["experiment"])[0])
    assert _shown(again) == experiment
    assert _html(again) == _html(at)


def test_a_link_opened_in_a_running_session_replaces_what_was_there():
    at = _type(_usual(), "1/adam/learning_rate", "0.5")
    other = Experiment(steps=STEPS, contenders=(Contender("prodigy"), Contender("adam", {"learning_rate": 0.25})))
    at.query_params["experiment"] = other.to_json(full=False)
    _unfolded(_checked(at.run()))
    assert _shown(at) == other
    assert at.text_input(key="widget/1/adam/learning_rate/exact").value == "0.25"


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
    at = _open(link)
    (warning,) = at.warning
    assert "The link does not describe an experiment" in warning.value
    assert _shown(at) == Experiment()
    assert _charts(at) == CHARTS
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
    at = _open("nonsense")
    _checked(at.run())
    assert at.warning, "it stays until it was read"
    _type(at, "steps", "90")
    assert not at.warning


def test_a_link_never_changes_another_persons_session():
    mine = _type(_usual(), "1/adam/learning_rate", "0.5")
    _open('{"version":1,"problem":"nonsense"}')
    _checked(mine.run())
    assert _shown(mine).contenders[1].knobs["learning_rate"] == 0.5


# --- runs that end badly -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "experiment, words",
    [
        (Experiment(steps=STEPS, contenders=(Contender("sgd", {"learning_rate": 0.1}), USUAL[0])), "Diverged at step"),
        (Experiment(steps=STEPS, contenders=(Contender("optax_prodigy", {"warmup": 0.1}), USUAL[0])), "NaN"),
        (
            Experiment(problem="goldstein_price", start=(1e6, 1e6), precision="float32", steps=9, contenders=USUAL[1:]),
            "Diverged",
        ),
        (Experiment(problem="cross_in_tray", start=(1e6, 1e6), steps=9, contenders=USUAL[1:]), "Diverged at step 0"),
        (Experiment(problem="monkey_saddle", steps=STEPS, contenders=(Contender("sgd", {"learning_rate": 0.1}),)), "Diverged"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.problem,
)
def test_a_run_that_breaks_off_is_told_in_the_table_and_drawn(experiment, words):
    at = _open(experiment.to_json(full=False))
    assert _charts(at) == CHARTS
    assert words in _html(at)


@pytest.mark.parametrize("problem", ["himmelblau", "monkey_saddle"])
def test_problems_without_a_usual_picture_open(problem):
    """Himmelblau's has four minimisers and a start with a gradient in one direction; the saddle has no minimum."""
    at = _usual(problem=problem, contenders=(Contender("adam"),))
    assert _charts(at) == CHARTS
    assert any(PROBLEMS[problem].title in element.value for element in at.markdown)
