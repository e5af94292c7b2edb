"""The data sets of scikit-learn, compared with what scikit-learn itself loads from its files."""

from __future__ import annotations

import dataclasses
import importlib.util
import time
from importlib.machinery import ModuleSpec

import numpy as np
import pytest
from sklearn import datasets as sklearn_datasets
from sklearn.preprocessing import StandardScaler

from prodigy_core.data.datasets import BUNDLED, NAMES, TargetKind, load, split

DIGESTS = {
    "digits": "43b53fddbe2206811c56a96fc66639d1",
    "breast_cancer": "b04705f0554f1d3466f9afc7f878c7b4",
    "iris": "539fb1f8a0312de815e36fe77fc500e3",
    "wine": "eab12f894fd137d021c92f1ff7b9258e",
    "diabetes": "9c1dbd570dded2f914c1f5a30309511a",
    "moons": "e46fcf7c60a72d64d4a8d77cded31871",
    "spirals": "32ee400f35601bb3d38a2d9abe0f44fa",
}
every_name = pytest.mark.parametrize("name", NAMES)
every_bundled = pytest.mark.parametrize("name", BUNDLED)


def _original(name):
    given = {"scaled": False} if name == "diabetes" else {}
    return getattr(sklearn_datasets, f"load_{name}")(**given)


@every_bundled
def test_the_values_are_those_of_scikit_learn_standardised_by_the_training_part(name):
    """A column shifted by one, or a deviation of all rows, would pass unseen in every picture."""
    ours, original = load(name), _original(name)
    kind: TargetKind = "regression" if name == "diabetes" else "classification"
    train, validation = split(original.target, kind)
    if name == "digits":
        mean, deviation = original.data[train].mean(), original.data[train].std()
        expected = [(original.data[rows] - mean) / deviation for rows in (train, validation)]
    else:
        scaler = StandardScaler().fit(original.data[train])
        expected = [scaler.transform(original.data[rows]) for rows in (train, validation)]
    np.testing.assert_allclose(ours.train_inputs, expected[0], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(ours.validation_inputs, expected[1], rtol=1e-9, atol=1e-9)
    targets = [original.target[train], original.target[validation]]
    if kind == "regression":
        scaler = StandardScaler().fit(targets[0][:, None])
        targets = [scaler.transform(part[:, None])[:, 0] for part in targets]
    np.testing.assert_allclose(ours.train_targets, targets[0], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(ours.validation_targets, targets[1], rtol=1e-9, atol=1e-9)
    assert ours.kind == kind


@every_bundled
def test_the_names_are_those_of_scikit_learn(name):
    ours, original = load(name), _original(name)
    assert ours.features == tuple(original.feature_names)
    assert ours.classes == tuple(str(label) for label in getattr(original, "target_names", ()))
    assert ours.name == name
    assert ours.title[0].isupper()


@every_bundled
def test_the_arrays_have_the_types_and_shapes_that_a_program_is_compiled_for(name):
    ours = load(name)
    examples = len(_original(name).target)
    assert ours.train_inputs.shape == (len(ours.train_targets), len(ours.features))
    assert ours.validation_inputs.shape == (len(ours.validation_targets), len(ours.features))
    assert len(ours.train_targets) + len(ours.validation_targets) == examples
    assert len(ours.validation_targets) / examples == pytest.approx(0.2, abs=0.01)
    assert ours.train_inputs.dtype == ours.validation_inputs.dtype == np.float64
    expected = np.float64 if name == "diabetes" else np.int32
    assert ours.train_targets.dtype == ours.validation_targets.dtype == expected


def test_a_digit_is_still_a_picture():
    """Standardised pixel by pixel, the border would be amplified and ink would not mean ink."""
    ours = load("digits")
    assert ours.image == (8, 8)
    original = _original("digits")
    train, _ = split(original.target, "classification")
    levels = np.unique(ours.train_inputs)
    assert len(levels) == 17  # each grey of 0 to 16 is one number wherever it stands
    np.testing.assert_array_equal(np.searchsorted(levels, ours.train_inputs[0]).reshape(8, 8), original.images[train[0]])
    assert ours.train_inputs.mean() == pytest.approx(0, abs=1e-12)
    assert ours.train_inputs.std() == pytest.approx(1)
    assert all(load(name).image is None for name in NAMES if name != "digits")


@every_name
def test_each_data_set_is_the_same_on_every_machine(name):
    """Otherwise a link to a run would show another picture elsewhere."""
    assert load(name).digest == DIGESTS[name]


@every_name
def test_nobody_can_change_what_all_sessions_share(name):
    ours = load(name)
    assert load(name) is ours
    for array in (ours.train_inputs, ours.train_targets, ours.validation_inputs, ours.validation_targets):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        ours.name = "mine"  # type: ignore[misc]


def test_the_largest_is_read_in_a_moment():
    times = []
    for _ in range(5):
        before = time.perf_counter()
        load.__wrapped__("digits")
        times.append(time.perf_counter() - before)
    assert min(times) < 0.15


def test_a_misspelt_name_finds_its_neighbour():
    with pytest.raises(ValueError, match=r"'digts'; it must be one of digits, .*spirals\. Did you mean 'digits'\?"):
        load("digts")


def test_without_scikit_learn_one_reads_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(RuntimeError, match="Install scikit-learn"):
        load.__wrapped__("iris")


@pytest.mark.parametrize(
    "content, words",
    [(None, "cannot be read"), ("150,4,a,b,c\nx,y\n", "cannot be read"), ("150,4,a,b,c\n1,2,3,4,0\n", "not the file we know")],
)
def test_a_file_that_is_missing_or_of_another_layout_is_named(monkeypatch, tmp_path, content, words):
    """A release of scikit-learn that moves its files must not give a data set of other numbers."""
    spec = ModuleSpec("sklearn", None, is_package=True)
    assert spec.submodule_search_locations is not None
    spec.submodule_search_locations.append(str(tmp_path))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    if content is not None:
        (tmp_path / "datasets" / "data").mkdir(parents=True)
        (tmp_path / "datasets" / "data" / "iris.csv").write_text(content)
    with pytest.raises(RuntimeError, match=rf"iris\.csv.*{words}.*Install release 1\.9"):
        load.__wrapped__("iris")
