"""An experiment written as JSON and read again is the same one, and nobody changes it."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prodigy_core.experiment import MAX_CHARACTERS, Contender, Experiment
from prodigy_core.problems import PROBLEMS
from tests.experiment.samples import any_experiment, fuzz, json_of


@given(any_experiment(), st.booleans())
@fuzz
def test_a_saved_or_shared_experiment_comes_back_as_it_was(experiment, full):
    """A link that opens a slightly different experiment makes every claim about it wrong."""
    text = experiment.to_json(full=full)
    again = Experiment.from_json(text)
    assert again == experiment
    assert hash(again) == hash(experiment)
    assert again.to_json(full=full) == text
    assert len(experiment.to_json()) < MAX_CHARACTERS / 5


@given(any_experiment())
@fuzz
def test_equal_experiments_have_one_text_however_they_were_written(experiment):
    """The text is the key of the caches: two texts for one experiment would run it twice."""
    data = json.loads(experiment.to_json())
    backwards = {key: data[key] for key in reversed(data)}
    backwards["contenders"] = [
        {"knobs": {name: c["knobs"][name] for name in reversed(c["knobs"])}, "optimizer": c["optimizer"]}
        for c in data["contenders"]
    ]
    assert Experiment.from_json(json.dumps(backwards, indent=3)).to_json() == experiment.to_json()


def test_one_and_one_point_zero_minus_zero_and_zero_are_the_same_experiment():
    a = Experiment(
        steps=100, tolerance=1, start=(0, -0.0), contenders=(Contender("adam", {"learning_rate": 1, "warmup": -0.0}),)
    )
    b = Experiment(steps=100.0, tolerance=1.0, start=(-0.0, 0.0), contenders=(Contender("adam", {"learning_rate": 1.0}),))  # type: ignore[arg-type]
    assert a == b
    assert hash(a) == hash(b)
    assert a.to_json() == b.to_json()


def test_a_link_to_the_usual_experiment_is_short_and_one_change_is_all_that_it_adds():
    usual = Experiment().to_json(full=False)
    assert len(usual) < 150
    data = json.loads(Experiment(contenders=(Contender("adam", {"beta1": 0.8}),), steps=77).to_json(full=False))
    assert data["contenders"] == [{"optimizer": "adam", "knobs": {"beta1": 0.8}}]
    assert data["steps"] == 77
    assert set(data) == {"version", "problem", "contenders", "steps"}


def test_fields_left_out_stand_at_their_defaults():
    assert Experiment.from_json(json_of()) == Experiment()
    assert Experiment.from_json(json_of(start=None)) == Experiment()
    assert Experiment.from_json(json_of(problem="booth")).start == PROBLEMS["booth"].start
    assert Experiment.from_json(json_of(problem="mlp", start=None)) == Experiment(problem="mlp")


def test_an_experiment_without_contenders_is_one_and_stays_one():
    """A person who removed every contender must be able to share and reload that."""
    empty = Experiment(contenders=())
    assert Experiment.from_json(empty.to_json(full=False)) == empty
    assert empty.labels == ()


def test_nobody_changes_an_experiment_that_others_look_at():
    experiment = Experiment("rosenbrock")
    with pytest.raises(dataclasses.FrozenInstanceError):
        experiment.steps = 3  # type: ignore[misc]
    with pytest.raises(TypeError):
        experiment.settings["b"] = 1.0  # type: ignore[index]
    with pytest.raises(TypeError):
        experiment.contenders[0].knobs["beta1"] = 0.5  # type: ignore[index]
    mine: dict[str, Any] = {"beta1": 0.5}
    contender = Contender("adam", mine)
    mine["beta1"] = 0.1
    assert contender.knobs["beta1"] == 0.5


def test_different_experiments_are_unequal():
    usual = Experiment()
    for other in (
        Experiment(problem="booth"),
        Experiment(start=(0.5, 0.0)),
        Experiment(contenders=(Contender("prodigy"),)),
        Experiment(contenders=(Contender("adam"), Contender("prodigy"))),
        Experiment(steps=301),
        Experiment(seed=1),
        Experiment(precision="float32"),
        Experiment(tolerance=1e-5),
        Experiment(problem="formula"),
        Experiment(data="0" * 32),
        Experiment(noise="gaussian"),
        Experiment(noise_size=2.0),
        Experiment(noise_at=7),
    ):
        assert other != usual
        assert other.to_json() != usual.to_json()
        assert other.to_json(full=False) != usual.to_json(full=False)
    assert Contender("adam") in {Contender("adam", {"beta1": 0.9}): 1}
