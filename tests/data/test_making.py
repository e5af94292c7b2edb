"""From a table to a data set: the split, the standardisation and the digest."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler

from prodigy_core.data.datasets import build_dataset, split


def _dataset(inputs=None, targets=None, **given):
    rng = np.random.default_rng(3)
    inputs = rng.normal(size=(50, 3)) if inputs is None else inputs
    targets = np.arange(len(inputs)) % 2 if targets is None else targets
    usual = {"name": "mine", "title": "Mine", "kind": "classification", "features": tuple("abc")[: inputs.shape[1]]}
    usual["classes"] = ("no", "yes") if given.get("kind", "classification") == "classification" else ()
    return build_dataset(inputs=inputs, targets=targets, **(usual | given))


@given(counts=st.lists(st.integers(1, 40), min_size=1, max_size=12), shuffle=st.randoms(use_true_random=False))
@settings(deadline=None)
def test_each_class_is_learnt_and_judged(counts, shuffle):
    """A class without a validation example cannot be judged; one without a training example cannot be learnt."""
    labels = [label for label, count in enumerate(counts) for _ in range(count)]
    shuffle.shuffle(labels)
    targets = np.array(labels)
    train, validation = split(targets, "classification")
    assert sorted([*train, *validation]) == list(range(len(targets)))
    for label, count in enumerate(counts):
        judged = np.sum(targets[validation] == label)
        assert judged == (0 if count == 1 else max(1, round(count / 5)))


@given(examples=st.integers(2, 300))
def test_a_fifth_of_the_numbers_is_for_validation(examples):
    train, validation = split(np.zeros(examples), "regression")
    assert sorted([*train, *validation]) == list(range(examples))
    assert len(validation) == max(1, round(examples / 5))


@pytest.mark.parametrize("kind", ["classification", "regression"])
def test_both_parts_are_shuffled_and_always_in_the_same_way(kind):
    """In the order of a sorted file the first batches would hold one class only."""
    targets = np.repeat([0, 1], 100)
    first, second = split(targets, kind), split(targets, kind)
    for part, again in zip(first, second, strict=True):
        np.testing.assert_array_equal(part, again)
        assert 0.25 < np.mean(targets[part][: len(part) // 2]) < 0.75
        assert np.any(np.diff(part) < 0)


def test_standardised_values_are_those_of_scikit_learn_whatever_the_unit():
    rng = np.random.default_rng(5)
    inputs = rng.normal(size=(200, 3)) * [1.0, 1e-3, 1e6] + [0.0, 5.0, -1e7]
    targets = rng.normal(size=200) * 30 + 100
    dataset = _dataset(inputs, targets, kind="regression")
    train, validation = split(targets, "regression")
    scaler = StandardScaler().fit(inputs[train])
    np.testing.assert_allclose(dataset.train_inputs, scaler.transform(inputs[train]), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(dataset.validation_inputs, scaler.transform(inputs[validation]), rtol=1e-9, atol=1e-9)
    scaler = StandardScaler().fit(targets[train][:, None])
    np.testing.assert_allclose(dataset.train_targets, scaler.transform(targets[train][:, None])[:, 0], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(dataset.validation_targets, scaler.transform(targets[validation][:, None])[:, 0], atol=1e-9)


@pytest.mark.parametrize("unit, offset", [(1e-200, 0.0), (1e90, 0.0), (5e-324, 0.0), (1.0, 1e12)])
def test_a_unit_of_any_size_is_scaled_to_one(unit, offset):
    """Squares of such numbers are 0 or infinite, and a large offset eats the digits of a sum."""
    levels = np.arange(50.0) % 5
    dataset = _dataset(np.column_stack([levels, levels * unit + offset]))
    np.testing.assert_allclose(dataset.train_inputs[:, 1], dataset.train_inputs[:, 0], rtol=1e-9)
    assert dataset.train_inputs.std(axis=0) == pytest.approx([1, 1])


def test_a_column_that_is_constant_where_one_learns_is_zero_in_both_parts():
    """0.1 summed and divided is not 0.1: the rounding error would be scaled up to a column of noise."""
    inputs = np.column_stack([np.full(50, 0.1), np.arange(50.0), np.full(50, 7.0)])
    _, validation = split(np.arange(50) % 2, "classification")
    inputs[validation[0], 2] = 1e9
    dataset = _dataset(inputs)
    assert not dataset.train_inputs[:, [0, 2]].any()
    assert not dataset.validation_inputs[:, [0, 2]].any()
    assert dataset.train_inputs[:, 1].any()


def test_equal_content_has_equal_digest_whatever_its_name():
    assert _dataset().digest == _dataset(name="copy (1).csv", title="Copy").digest
    assert len(_dataset().digest) == 32
    assert int(_dataset().digest, 16) > 0
    zeros = np.zeros((50, 1))
    assert _dataset(zeros).digest == _dataset(-zeros).digest
    columns = np.asfortranarray(np.random.default_rng(3).normal(size=(50, 3)))
    assert _dataset(columns).digest == _dataset().digest


def test_everything_that_a_run_depends_on_changes_the_digest():
    """A link must not open a data set that only resembles the one it was made for."""
    rng = np.random.default_rng(3)
    inputs = rng.normal(size=(50, 3))
    train, validation = split(np.arange(50) % 2, "classification")
    changed = []
    for row in (train[0], validation[0]):
        other = inputs.copy()
        other[row, 1] = np.nextafter(other[row, 1], np.inf)
        changed.append(_dataset(other))
    datasets = [
        _dataset(),
        *changed,
        _dataset(2 * inputs),  # the same after standardising, but another unit
        _dataset(targets=(np.arange(50) + 1) % 2),
        _dataset(kind="regression"),
        _dataset(features=("a", "b", "z")),
        _dataset(classes=("no", "maybe")),
        _dataset(image=(1, 3)),
        _dataset(features=("a", "b"), inputs=inputs[:, :2]),
    ]
    assert len({dataset.digest for dataset in datasets}) == len(datasets)


def test_a_data_set_leaves_the_table_it_came_from_alone():
    inputs, targets = np.ones((10, 1)), np.arange(10) % 2
    dataset = _dataset(inputs, targets)
    inputs[0] = targets[0] = 5
    assert not dataset.train_inputs.flags.writeable
    assert dataset.train_targets.max() == 1
