"""The two directions of a plane."""

from __future__ import annotations

import numpy as np
import pytest

from prodigy_core.landscape import directions

SPARE = np.random.default_rng(9).normal(size=(2, 40))


@pytest.mark.parametrize("count", [2, 3, 8, 9, 60])
def test_the_principal_directions_are_those_of_a_full_decomposition(count):
    """Others would show the paths smaller than they are, and the loss where no run went."""
    points = np.random.default_rng(count).normal(size=(count, 40)) * np.geomspace(5, 0.1, 40)
    points -= points.mean(axis=0)
    pair, fractions = directions.principal(points, SPARE)
    _, values, vectors = np.linalg.svd(points)
    wanted = (values**2 / np.sum(values**2))[:2]
    np.testing.assert_allclose(fractions, np.where(wanted > 1e-12, wanted, 0), rtol=1e-9)
    np.testing.assert_allclose(pair @ pair.T, np.eye(2), atol=1e-12)
    for i in range(min(2, count - 1)):
        assert abs(pair[i] @ vectors[i]) == pytest.approx(1, abs=1e-9)


def test_for_points_on_a_line_the_second_direction_is_any_other():
    line = np.linspace(-1, 1, 7)[:, None] * SPARE[0]
    pair, fractions = directions.principal(line, SPARE)
    np.testing.assert_allclose(fractions, (1, 0), atol=1e-12)
    np.testing.assert_allclose(pair @ pair.T, np.eye(2), atol=1e-9)


def test_where_no_run_moved_there_are_still_two_directions():
    pair, fractions = directions.principal(np.zeros((1, 40)), SPARE)
    np.testing.assert_allclose(pair @ pair.T, np.eye(2), atol=1e-12)
    assert not fractions.any()


def test_each_filter_of_a_random_direction_is_as_long_as_that_of_the_centre():
    """Otherwise a network looks flat or sharp by the scale of its weights alone, which its loss may not depend on."""
    shapes = [(3, 2, 3, 3), (3, 1, 1), (4, 5), (4,), ()]
    sizes = [int(np.prod(shape)) for shape in shapes]
    centre = np.random.default_rng(1).normal(size=sum(sizes)) * np.geomspace(0.01, 100, sum(sizes))
    pair = directions.random(centre, shapes, 0.0, np.random.default_rng(2))
    cuts = np.cumsum(sizes)[:-1]
    for direction in pair:
        for part, like, shape in zip(np.split(direction, cuts), np.split(centre, cuts), shapes, strict=True):
            if len(shape) < 2:
                assert not part.any(), "biases do not move"
                continue
            lengths, wanted = (np.linalg.norm(values.reshape(shape[0], -1), axis=1) for values in (part, like))
            np.testing.assert_allclose(lengths, wanted, rtol=1e-12)
    assert abs(np.corrcoef(pair)[0, 1]) < 0.9, "two different ones"


def test_a_vector_alone_is_one_filter_and_a_centre_of_zeros_has_directions_too():
    generator = np.random.default_rng(3)
    pair = directions.random(np.full(9, 2.0), [(9,)], 0.0, generator)
    np.testing.assert_allclose(np.linalg.norm(pair, axis=1), 6)
    pair = directions.random(np.full(9, 2.0), [(9,)], 50.0, generator)
    np.testing.assert_allclose(np.linalg.norm(pair, axis=1), 50)
    for shapes in ([(9,)], [(3, 3)]):
        assert np.linalg.matrix_rank(directions.random(np.zeros(9), shapes, 0.0, generator)) == 2
