"""Turning a knob compiles nothing."""

from __future__ import annotations

import math

import pytest

from prodigy_core.engine import LENGTHS, run_contender, traced
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.param import Param, Value
from tests.compilations import compilations
from tests.engine.runs import STEPS, ran

every_optimizer = pytest.mark.parametrize("optimizer", list(OPTIMIZERS))


def _other_values(param: Param) -> list[Value]:
    """Values all over a knob's range, of every kind that it allows."""
    if param.kind == "choice":
        return list(param.choices)
    if param.kind == "bool":
        return [True, False]
    low, high = param.slider
    numbers: list[Value] = [param.normalise(x) for x in (high, (low + high) / 2) if param.fault(x, "") is None]
    if param.fault(0, "") is None:
        numbers.append(param.normalise(0))
    return [*numbers, None] if param.none_means else numbers


@every_optimizer
def test_turning_any_knob_compiles_nothing(optimizer):
    """A compilation takes a good part of a second: with one at every stop, a slider is no instrument."""
    ran(optimizer)
    experiments = [
        Experiment(steps=1),
        Experiment(steps=LENGTHS[0] - 1),
        Experiment(steps=STEPS, start=(0.5, 1e6)),
        Experiment(steps=STEPS, start=(0, 1)),
        Experiment(steps=STEPS, seed=7, tolerance=1),
        *(Experiment(steps=STEPS, settings={"b": value}) for value in (1, 50, 1e4)),
    ]
    contenders = [
        Contender(optimizer, {param.name: value})
        for param in OPTIMIZERS[optimizer].params
        for value in (param.default, *_other_values(param))
    ]
    with compilations() as compiled:
        for experiment in experiments:
            run_contender(experiment, Contender(optimizer))
        for contender in contenders:
            run_contender(Experiment(steps=STEPS), contender)
    assert not compiled
    assert len(contenders) > 3 * len(OPTIMIZERS[optimizer].params) - 1


def test_the_counter_counts():
    """Else the test above would hold whatever happens."""
    with compilations() as compiled:
        run_contender(Experiment(problem="matyas", steps=STEPS), Contender("rmsprop"))
    assert compiled


def test_none_and_a_choice_reach_the_compiled_program_as_numbers():
    by_name = {param.name: param for param in OPTIMIZERS["prodigy"].params}
    assert math.isnan(traced(by_name["beta3"], None))
    assert traced(by_name["schedule"], "linear") == 1
    assert traced(by_name["safeguard_warmup"], True) is True
