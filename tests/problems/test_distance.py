"""The distance from the start to the nearest minimiser, the length that D estimates."""

from __future__ import annotations

import pytest

from prodigy_core.experiment import Experiment


@pytest.mark.parametrize(
    "problem, start, distance",
    [
        ("himmelblau", (3.0, 2.5), 0.5),
        ("himmelblau", (-3.8, -3.3), 0.020689),  # the nearest of four
        ("shifted_sphere", (0.0, 1.0), 3.0),
        ("monkey_saddle", (1.0, 1.0), None),
    ],
)
def test_the_distance_is_the_one_to_the_nearest_minimiser(problem, start, distance):
    experiment = Experiment(problem=problem, start=start)
    computed = experiment.definition.distance_to_minimiser(experiment.origin)
    assert computed == (distance if distance is None else pytest.approx(distance, abs=1e-5))


@pytest.mark.parametrize("problem, distance", [("quadratic_nd", 1.0), ("mlp", None)])
def test_many_variables_have_a_distance_and_models_have_none(problem, distance):
    experiment = Experiment(problem=problem, settings={"start_at": 1.0} if distance else {})
    assert experiment.definition.distance_to_minimiser(experiment.origin) == distance
