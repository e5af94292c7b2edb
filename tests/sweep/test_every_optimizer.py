"""Every optimizer of the catalogue under vmap is the optimizer that races."""

from __future__ import annotations

import pytest

from prodigy_core.experiment import Contender
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.sweep.spec import knobs_of
from tests.sweep.runs import CLOSE, alone, assert_same, axis, swept

# These compute some of their numbers in float32, whatever the precision: what rounds there shows.
SINGLE = {"mechanic_adam": 1e-3, "momo": 1e-6, "momo_adam": 1e-5}


@pytest.mark.parametrize("optimizer", list(OPTIMIZERS))
def test_it_runs_as_in_a_race(optimizer):
    experiment = alone(contender=Contender(optimizer))
    names = knobs_of(experiment, 0)
    knob = "learning_rate" if "learning_rate" in names else "beta1"
    values = names[knob].spread(3)
    assert len(values) == 3
    assert_same(swept(experiment, axis(knob, *values)), within=SINGLE.get(optimizer, CLOSE))


def test_one_that_is_judged_elsewhere_than_it_steps_from_does_so_in_many_dimensions_too():
    experiment = alone("rosenbrock_nd", Contender("schedule_free_adamw"), settings={"dimension": 6})
    assert_same(swept(experiment, axis("learning_rate", 1e-3, 0.03), entries=5))


@pytest.mark.parametrize("optimizer", ["dog", "momo"])
def test_the_step_that_a_gradient_decided_is_that_of_a_race_for_a_model_too(optimizer):
    """A model is evaluated after its last step, when no gradient follows: what the step left must still be there."""
    experiment = alone("logistic_regression", Contender(optimizer), steps=12, precision="float32")
    assert_same(swept(experiment, axis("learning_rate", 0.5, 1.0)), within=1e-3)
