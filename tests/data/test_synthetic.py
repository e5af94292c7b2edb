"""The synthetic data sets of two features: they have the shapes of their names and are equal on every machine."""

from __future__ import annotations

import numpy as np
import pytest

from prodigy_core.data import synthetic
from prodigy_core.data.datasets import NAMES, SYNTHETIC, load
from prodigy_core.problems.models import MODELS

GENERATORS = {"moons": synthetic.moons, "spirals": synthetic.spirals}
every_synthetic = pytest.mark.parametrize("name", SYNTHETIC)


def test_they_are_offered_where_classes_are_learnt_from_a_table():
    assert set(SYNTHETIC) == set(GENERATORS) <= set(NAMES)
    offered = {
        model.name
        for model in MODELS
        for param in model.settings
        if param.name == "data" and set(SYNTHETIC) <= set(param.choices)
    }
    assert offered == {"logistic_regression", "mlp"}


@every_synthetic
def test_two_classes_of_as_many_points_are_split_and_standardised_like_any_other(name):
    ours = load(name)
    assert ours.kind == "classification"
    assert ours.features == ("x", "y")
    assert len(ours.classes) == 2
    assert ours.train_inputs.shape == (400, 2)
    assert ours.validation_inputs.shape == (100, 2)
    np.testing.assert_array_equal(np.bincount(ours.train_targets), [200, 200])
    np.testing.assert_array_equal(np.bincount(ours.validation_targets), [50, 50])
    np.testing.assert_allclose(ours.train_inputs.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(ours.train_inputs.std(axis=0), 1, rtol=1e-12)
    assert ours.image is None


@every_synthetic
def test_the_last_digits_of_a_sine_do_not_change_it(name):
    """They differ from processor to processor; a link must open the same data everywhere."""
    points, labels = GENERATORS[name]()
    again, _ = GENERATORS[name]()
    np.testing.assert_array_equal(points, again)
    np.testing.assert_array_equal(points, np.round(points, 4))
    nudged = points[:, 0] * (1 + 1e-13)
    np.testing.assert_array_equal(np.round(nudged, 4), points[:, 0])
    np.testing.assert_array_equal(np.unique(labels), [0, 1])


def test_the_moons_are_half_circles_that_reach_into_each_other():
    points, labels = synthetic.moons()
    upper, lower = points[labels == 0], points[labels == 1]
    for moon, centre, up in ((upper, (0, 0), 1), (lower, (1, 0.5), -1)):
        away = moon - centre
        assert np.hypot(*away.T).mean() == pytest.approx(1, abs=0.03)
        assert np.hypot(*away.T).std() == pytest.approx(synthetic.MOON_NOISE, rel=0.15)
        assert np.mean(up * away[:, 1] > -0.3) > 0.98
    assert lower[:, 1].max() > upper[:, 1].min()
    assert upper[:, 0].max() > lower[:, 0].min()


def test_an_arm_of_the_spirals_winds_around_the_middle_and_the_other_is_opposite():
    points, labels = synthetic.spirals()
    assert np.hypot(*points.T).max() < 1.2
    for arm in range(2):
        x, y = points[labels == arm].T
        radius, angle = np.hypot(x, y), np.arctan2(y, x)
        expected = 2 * np.pi * synthetic.TURNS * radius + np.pi * arm
        off = np.angle(np.exp(1j * (angle - expected)))
        assert abs(off.mean()) < 0.1
        assert np.abs(off[radius > 0.5]).max() < np.pi / 2, "nearer to its own arm than to the other"
    assert np.ptp(np.hypot(*points.T)) * synthetic.TURNS > 1, "it goes once around"
