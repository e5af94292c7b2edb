"""A model's examples: the right data, with noise where it is asked for and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from prodigy_core.data import datasets
from tests.problems.models.training import model_of

CLASSES = {"breast_cancer": 2, "iris": 3, "wine": 3, "digits": 10, "moons": 2, "spirals": 2}


def _upload(kind: datasets.TargetKind, name: str = "mine.csv") -> datasets.Dataset:
    rng = np.random.default_rng(0)
    targets = np.arange(40) % 4 if kind == "classification" else rng.normal(size=40)
    classes = tuple("abcd") if kind == "classification" else ()
    return datasets.build_dataset(
        name=name, title=name, kind=kind, features=("p", "q"), inputs=rng.normal(size=(40, 2)), targets=targets, classes=classes
    )


@pytest.mark.parametrize("data", CLASSES)
@pytest.mark.parametrize("name", ["logistic_regression", "mlp"])
def test_labels_are_those_of_the_data_set(name, data):
    model, expected = model_of(name, data=data), datasets.load(data)
    np.testing.assert_array_equal(model.train["inputs"], expected.train_inputs)
    np.testing.assert_array_equal(model.validation["inputs"], expected.validation_inputs)
    for part, targets in ((model.train, expected.train_targets), (model.validation, expected.validation_targets)):
        assert part["labels"].shape == (len(targets), CLASSES[data])
        np.testing.assert_array_equal(part["labels"].sum(axis=1), 1)
        np.testing.assert_array_equal(part["labels"].argmax(axis=1), targets)


@pytest.mark.parametrize("name", ["linear_regression", "mlp"])
def test_targets_are_those_of_the_data_set(name):
    model, expected = model_of(name, data="diabetes"), datasets.load("diabetes")
    np.testing.assert_array_equal(model.train["targets"], expected.train_targets)
    np.testing.assert_array_equal(model.validation["targets"], expected.validation_targets)


@pytest.mark.parametrize("name", ["logistic_regression", "linear_regression", "mlp"])
def test_uploaded_data_are_used(name):
    upload = _upload("regression" if name == "linear_regression" else "classification")
    model = model_of(name, upload=upload, data="upload")
    np.testing.assert_array_equal(model.train["inputs"], upload.train_inputs)
    if name != "linear_regression":
        assert model.train["labels"].shape[1] == 4


@pytest.mark.parametrize(
    "name, kind, wrong",
    [("logistic_regression", "classification", "regression"), ("linear_regression", "regression", "classification")],
)
def test_uploaded_data_of_the_other_kind_are_refused_in_words(name, kind, wrong):
    with pytest.raises(ValueError, match=r"mine\.csv") as caught:
        model_of(name, upload=_upload(wrong), data="upload")
    for word in (kind, wrong, name.replace("_", " ").capitalize()):
        assert word in str(caught.value)


def _labels(model):
    labels = model.train["labels"]
    return labels if labels.ndim == 1 else labels.argmax(axis=1)


@pytest.mark.parametrize("name", ["logistic_regression", "mlp", "cnn", "transformer"])
def test_label_noise_moves_the_fraction_asked_for_and_more_noise_adds_to_less(name):
    clean, some, more = (model_of(name, seed=3, label_noise=noise) for noise in (0.0, 0.1, 0.4))
    wrong_some, wrong_more = _labels(some) != _labels(clean), _labels(more) != _labels(clean)
    count = len(wrong_some)
    assert wrong_some.sum() == round(0.1 * count)
    assert wrong_more.sum() == round(0.4 * count)
    assert (wrong_more | ~wrong_some).all()
    assert (_labels(more)[wrong_some] == _labels(some)[wrong_some]).all()
    for key, array in more.validation.items():
        np.testing.assert_array_equal(array, clean.validation[key])
    assert (_labels(model_of(name, seed=4, label_noise=0.4)) != _labels(more)).any()


def test_a_wrong_label_may_be_any_other_class():
    clean, noisy = _labels(model_of("cnn")), _labels(model_of("cnn", label_noise=0.5))
    moves = (noisy - clean)[noisy != clean] % 10
    counts = np.bincount(moves, minlength=10)
    assert counts[0] == 0
    assert (np.abs(counts[1:] - len(moves) / 9) < 4 * np.sqrt(len(moves) / 9)).all()


@pytest.mark.parametrize("name", ["linear_regression", "mlp"])
def test_label_noise_on_numbers_has_the_deviation_asked_for(name):
    clean, noisy, other = (model_of(name, data="diabetes", label_noise=noise) for noise in (0.0, 0.4, 0.2))
    added = noisy.train["targets"] - clean.train["targets"]
    assert added.std() == pytest.approx(0.4, rel=0.15)
    np.testing.assert_allclose(added, 2 * (other.train["targets"] - clean.train["targets"]), atol=1e-12)
    np.testing.assert_array_equal(noisy.validation["targets"], clean.validation["targets"])


@pytest.mark.parametrize("modulus", ["7", "23"])
@pytest.mark.parametrize("fraction", [0.3, 0.8])
def test_sums_are_right_and_none_is_in_both_parts(modulus, fraction):
    model, p = model_of("transformer", modulus=modulus, train_fraction=fraction), int(modulus)
    assert len(model.train["labels"]) == round(fraction * p**2)
    pairs = np.concatenate([model.train["pairs"], model.validation["pairs"]])
    labels = np.concatenate([model.train["labels"], model.validation["labels"]])
    np.testing.assert_array_equal(labels, [(a + b) % p for a, b in pairs.tolist()])
    assert {tuple(pair) for pair in pairs.tolist()} == {(a, b) for a in range(p) for b in range(p)}
    np.testing.assert_array_equal(
        model.train["pairs"], model_of("transformer", 5, modulus=modulus, train_fraction=fraction).train["pairs"]
    )


def test_collocation_points_fill_the_interval_and_validation_lies_between_them():
    model = model_of("pinn", points=10)
    np.testing.assert_allclose(model.train["points"], np.arange(0.05, 1, 0.1))
    assert not np.isin(model.validation["points"].round(9), model.train["points"].round(9)).any()
    assert 0 < model.validation["points"].min() < model.train["points"].min()
    assert model.train["points"].max() < model.validation["points"].max() < 1


def test_entries_are_those_of_a_matrix_of_the_rank_asked_for():
    model = model_of("matrix_factorisation", size=12, rank=2, observed=0.25)
    assert len(model.train["value"]) == 36
    matrix = np.full((12, 12), np.nan)
    for part in (model.train, model.validation):
        matrix[part["row"], part["column"]] = part["value"]
    assert np.isfinite(matrix).all()  # every entry once, in one of the parts
    assert np.linalg.matrix_rank(matrix) == 2
    large = model_of("matrix_factorisation", size=64, rank=8)
    assert large.train["value"].std() == pytest.approx(1, abs=0.15)


def test_noise_is_on_the_observed_entries_alone():
    clean, noisy, other = (
        model_of("matrix_factorisation", seed, noise=noise) for seed, noise in ((0, 0.0), (0, 0.5), (1, 0.5))
    )
    assert (noisy.train["value"] - clean.train["value"]).std() == pytest.approx(0.5, rel=0.1)
    np.testing.assert_array_equal(noisy.validation["value"], clean.validation["value"])
    np.testing.assert_array_equal(noisy.train["row"], other.train["row"])
    assert (noisy.train["value"] != other.train["value"]).all()
