"""Invalid fields of an experiment, and the names under which their faults are reported."""

from __future__ import annotations

import json
from typing import Any

import pytest

from prodigy_core.experiment import FIELDS, VERSION, Experiment
from tests.experiment.samples import faults_of, json_of


def test_all_faults_are_reported_at_once_each_with_field_value_allowed_and_nearest():
    """One message at a time makes a person mend a file ten times."""
    faults = faults_of(
        json_of(
            problem="rosenbrok",
            steps=0,
            presision="float32",
            precision="flaot64",
            tolerance="small",
            seed=1.5,
            contenders=[
                {"optimizer": "adamm"},
                {"optimizer": "adam", "knobs": {"beta1": 1.0, "bata2": 0.9, "schedule": "cosin"}, "color": "red"},
                7,
            ],
        )
    )
    assert {field: (fault.value, fault.nearest) for field, fault in faults.items()} == {
        "presision": ("float32", "precision"),
        "problem": ("rosenbrok", "rosenbrock"),
        "contenders[0].optimizer": ("adamm", "adam"),
        "contenders[1].color": ("red", ""),
        "contenders[1].knobs.bata2": (0.9, "beta2"),
        "contenders[1].knobs.beta1": (1.0, ""),
        "contenders[1].knobs.schedule": ("cosin", "cosine"),
        "contenders[2]": (7, ""),
        "steps": (0, ""),
        "seed": (1.5, ""),
        "precision": ("flaot64", "float64"),
        "tolerance": ("small", ""),
    }
    assert faults["contenders[1].knobs.beta1"].allowed == "a number from 0 to below 1"
    assert "known:" in faults["presision"].allowed


def test_faults_of_settings_and_start_are_named_too():
    faults = faults_of(json_of(problem="rosenbrock", settings={"b": 0, "a": 1}, start=[1e7, "left"]))
    assert set(faults) == {"settings.a", "settings.b", "start.x", "start.y"}
    assert set(faults_of(json_of(problem="booth", settings={"b": 100}))) == {"settings.b"}


@pytest.mark.parametrize("version", [0, VERSION + 1, -1, "1", None, True, [1], 1.5])
def test_another_version_is_refused_before_anything_else(version):
    """Its fields may mean something else: reading on would run another experiment than the one that was saved."""
    assert list(faults_of(json.dumps({"version": version, "steps": 0, "nonsense": 1}))) == ["version"]


def test_a_missing_version_is_refused():
    assert f"1 to {VERSION}" in faults_of("{}")["version"].allowed


@pytest.mark.parametrize("wrong", [None, True, 0.5, -1, "text", [], [1], {}, {"a": 1}], ids=repr)
@pytest.mark.parametrize("field", FIELDS)
def test_a_field_of_the_wrong_type_is_refused_under_its_name(field, wrong):
    allowed: dict[str, list[Any]] = {
        "settings": [{}],
        "start": [None],
        "contenders": [[]],
        "tolerance": [0.5],
        "noise_size": [0.5],
    }
    fine = allowed.get(field, [])
    if any(wrong is value or (wrong == value and type(wrong) is type(value)) for value in fine):
        assert isinstance(Experiment.from_json(json_of(**{field: wrong})), Experiment)
    else:
        assert all(name.startswith(field) for name in faults_of(json_of(**{field: wrong})))


@pytest.mark.parametrize("knobs", [None, 1, "beta1", [], [["beta1", 0.5]], {"beta1": {}}, {"beta1": [0.5]}], ids=repr)
def test_knobs_of_the_wrong_type_are_refused_under_their_contender(knobs):
    assert all("contenders[0].knobs" in name for name in faults_of(json_of(contenders=[{"optimizer": "adam", "knobs": knobs}])))


@pytest.mark.parametrize("start", [[1.0], [1.0, 2.0, 3.0], [[1.0, 2.0]], {"x": 1, "y": 2}, "12", [None, 0.0], [True, 0.0]])
def test_a_start_of_another_shape_is_refused(start):
    assert faults_of(json_of(start=start))


def test_a_misspelt_name_can_be_shown_whatever_it_is_made_of():
    """A lone surrogate cannot be sent to a browser, and a line break would tear the message apart."""
    names: tuple[str, ...] = ("\ud800", "a\nb", "\u202egnp", "x" * 10_000, "")
    for name in names:
        (fault,) = faults_of(json_of(**{name: 1})).values()
        assert str(fault).isprintable()
        assert str(fault).encode()
        assert len(str(fault)) < 300
