"""Flat vectors and pytrees of parameters: a number that lands in the wrong leaf draws the plane of another model."""

from __future__ import annotations

import numpy as np
import pytest

from prodigy_core.tree import flatten, unflatten

PARAMS = {"weight": np.arange(6, dtype=np.float32).reshape(2, 3), "bias": np.array([7.0, 8.0]), "scale": np.array(9.0)}


def test_a_vector_holds_the_leaves_in_the_order_of_jax():
    assert flatten(PARAMS).tolist() == [7, 8, 9, 0, 1, 2, 3, 4, 5]  # by name: bias, scale, weight
    assert flatten(PARAMS).dtype == np.float64


def test_a_vector_comes_back_as_the_parameters_that_it_was():
    again = unflatten(flatten(PARAMS), PARAMS)
    assert list(again) == sorted(PARAMS)
    for name, leaf in PARAMS.items():
        np.testing.assert_array_equal(again[name], leaf)
        assert np.shape(again[name]) == leaf.shape


@pytest.mark.parametrize("leading", [(), (4,), (2, 3)])
def test_many_vectors_become_one_tree_with_the_leading_axes_on_every_leaf(leading):
    vectors = np.random.default_rng(0).normal(size=(*leading, 9)).astype(np.float32)
    tree = unflatten(vectors, PARAMS)
    assert tree["weight"].shape == (*leading, 2, 3)
    assert tree["scale"].shape == leading
    assert tree["weight"].dtype == np.float32
    index = (0,) * len(leading)
    np.testing.assert_array_equal(tree["weight"][index], vectors[index][3:].reshape(2, 3))


def test_a_vector_of_another_length_is_refused():
    with pytest.raises(ValueError, match="reshape"):
        unflatten(np.zeros(10), PARAMS)


def test_a_single_array_is_a_tree_too():
    assert unflatten(np.zeros((5, 2)), np.zeros(2)).shape == (5, 2)
