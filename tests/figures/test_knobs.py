"""The knobs in the figure: every place of a slider is an allowed value, and every value has its place."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from app.arena import VIEW_CHARACTERS, fits
from app.figures.arena.knobs import PROBLEM, find, knobs, value_at
from app.figures.arena.scene import scene
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.optimizers import OPTIMIZERS
from tests.figures.runs import drawn_runs, landscape_of, styles_of

every_optimizer = pytest.mark.parametrize("optimizer", OPTIMIZERS)


def knob_of(experiment: Experiment, name: str, contender: int = 0):
    (knob,) = knobs(experiment, [(contender, name)]).shown
    return knob


@every_optimizer
def test_every_place_of_every_knob_is_a_value_whose_place_it_is(optimizer):
    """Round trip: a hand at a place sends its index, the experiment takes the value, the scene that answers has the place."""
    experiment = Experiment(contenders=(Contender(optimizer),))
    for param in OPTIMIZERS[optimizer].params:
        texts = knob_of(experiment, param.name).texts
        values = [value_at(experiment, 0, param.name, index) for index in range(len(texts))]
        numbers = [value for value in values if isinstance(value, int | float)]
        assert numbers == sorted(set(numbers)), "ascending, none twice"
        if param.kind in ("float", "int"):
            assert len(numbers) >= 10
            low, high = param.slider
            assert numbers[-1] == pytest.approx(high), "from end to end"
            assert param.scale == "log1m" or numbers[0] in (0, low) or low <= numbers[0] <= 1.25 * low
        assert len(set(texts)) == len(texts), "no two read alike"
        for index, value in enumerate(values):
            assert param.fault(value, param.name) is None
            # Some values are not allowed beside each other: the place is asked of the knob alone.
            turned = replace_knob(experiment, param.name, value)
            if turned is None:
                continue
            knob = knob_of(turned, param.name)
            assert (knob.at, knob.text) == (index, texts[index])
            assert find(turned, 0, param.name)[1] == value


def replace_knob(experiment: Experiment, name: str, value) -> Experiment | None:
    contender = experiment.contenders[0]
    try:
        return replace(experiment, contenders=(replace(contender, knobs={**contender.knobs, name: value}),))
    except ValueError:
        return None


@every_optimizer
def test_a_default_is_where_its_mark_is(optimizer):
    experiment = Experiment(contenders=(Contender(optimizer),))
    for param in OPTIMIZERS[optimizer].params:
        knob = knob_of(experiment, param.name)
        assert knob.usual == knob.at
        assert knob.help == param.help


@pytest.mark.parametrize(
    ("knob", "value", "text", "nearest"),
    [
        ("estim_lr0", 3e-4, "0.0003", "0.000315"),
        ("estim_lr0", 99.0, "99", "10"),
        ("beta2", 0.9994, "0.9994", "0.99937"),
        ("warmup", 0.1234, "0.1234", "0.125"),
        ("weight_decay", 1e-9, "1e-09", "1e-06"),
        ("beta3", None, "sqrt(beta2)", "sqrt(beta2)"),
        ("clip", 123456.7, "123457", "1000"),
    ],
)
def test_a_value_between_two_places_is_said_exactly_and_stands_at_the_nearest(knob, value, text, nearest):
    turned = knob_of(Experiment(contenders=(Contender("prodigy", {knob: value}),)), knob)
    assert (turned.text, turned.texts[turned.at]) == (text, nearest)


def test_a_switch_is_off_and_on_and_a_choice_has_its_words():
    experiment = Experiment(contenders=(Contender("prodigy", {"safeguard_warmup": True, "schedule": "cosine"}),))
    switch, choice = knobs(experiment, [(0, "safeguard_warmup"), (0, "schedule")]).shown
    assert (switch.kind, list(switch.texts), switch.at, switch.text, switch.usual) == ("switch", ["off", "on"], 1, "on", 0)
    assert (choice.kind, choice.texts[choice.at], choice.text) == ("choice", "cosine", "cosine")
    assert value_at(experiment, 0, "safeguard_warmup", 1) is True


def test_none_is_the_first_text_in_its_meaning():
    knob = knob_of(Experiment(), "beta3")
    assert (knob.texts[0], knob.at) == ("sqrt(beta2)", 0)
    assert value_at(Experiment(), 0, "beta3", 0) is None


def test_settings_of_the_problem_and_of_the_run_are_knobs_too():
    experiment = Experiment(problem="quadratic_nd", settings={"dimension": 20}, noise="gaussian", noise_size=0.5)
    dimension, noise = knobs(experiment, [(PROBLEM, "dimension"), (PROBLEM, "noise_size")]).shown
    assert (dimension.text, noise.text) == ("20", "0.5")
    assert value_at(experiment, PROBLEM, "dimension", dimension.at) == 20


@pytest.mark.parametrize(
    ("contender", "name", "index"),
    [
        (2, "beta1", 0), (-2, "beta1", 0), (0, "beta9", 0), (0, "beta1", -1), (0, "beta1", 10_000), (0, "beta1", True),
        (0, "beta1", 1.0), (0, "beta1", "1"), (0, "beta1", None), (None, "beta1", 0), (False, "beta1", 0), (0, ["beta1"], 0),
        (0.0, "beta1", 0), ("0", "beta1", 0), (PROBLEM, "beta1", 0), (0, "dimension", 0),
    ],
)  # fmt: skip
def test_what_is_not_there_is_a_lookup_error_whatever_a_browser_sends(contender, name, index):
    with pytest.raises(LookupError):
        value_at(Experiment(), contender, name, index)


def test_others_are_offered_that_have_an_effect_and_compile_nothing():
    experiment = Experiment(
        contenders=(Contender("prodigy"), Contender("adam"), Contender("prodigy", {"schedule": "restarts"}))
    )
    offered = knobs(experiment, [(0, "estim_lr0")]).offered
    of_first = {offer.name for offer in offered if offer.contender == 0}
    assert {"estim_lr0", "beta3", "safeguard_warmup", "schedule"} <= of_first
    assert "cycles" not in of_first, "without restarts it has no effect"
    assert any(offer.name == "cycles" and offer.contender == 2 for offer in offered)
    assert not any(offer.name == "decay_mask" for offer in offered)
    adam = next(offer for offer in offered if offer.contender == 1 and offer.name == "beta1")
    assert adam.text == f"{experiment.labels[1]} · beta1"
    for offer in offered:
        assert knob_of(experiment, offer.name, offer.contender)
    assert knobs(experiment, [(0, "estim_lr0")], offered=False).offered == ()


def test_a_scene_carries_its_knobs_and_one_without_says_nothing_of_them():
    experiment, traces = drawn_runs("rosenbrock")
    shown = knobs(experiment, [(0, "estim_lr0")])
    ground = landscape_of(experiment)
    described = scene(experiment, traces, styles_of(experiment), ground, knobs=shown).described
    sent = json.loads(json.dumps(described))["knobs"]
    assert sent["shown"][0]["name"] == "estim_lr0"
    assert sent["shown"][0]["texts"][sent["shown"][0]["at"]] == "1e-06"
    assert len(json.dumps(sent)) < 6_000, "it travels with every turn"
    assert "knobs" not in scene(experiment, traces, styles_of(experiment), ground).described


def test_a_view_from_a_link_is_passed_on_where_it_is_a_short_object():
    assert fits({"tab": "inside", "zoom": [0, 1, 0, 1], "anything": {"else": None}})
    assert fits({})
    wrong: object
    for wrong in (None, [], "tab", 3, {"x": float("nan")}, {"x": object()}, {"x": "y" * VIEW_CHARACTERS}):
        assert not fits(wrong)
    deep: dict[str, Any] = {}
    for _ in range(100_000):
        deep = {"x": deep}
    assert not fits(deep)
