"""Turning a knob compiles nothing."""

from __future__ import annotations

import math
from typing import Any

import pytest

from prodigy_core.engine.loop import traced
from prodigy_core.engine.prepare import LENGTHS
from prodigy_core.engine.runner import run_contender
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.param import Param, Value
from tests.compilations import compilations
from tests.engine.runs import BOWL, NETWORK, STEPS, TUNED, experiment, ran

TURNED = {"settings": {"condition": 7.0, "start_at": 0.5, "start_spread": 0.0, "rotated": True, "spectrum": "clusters"}}

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
        Experiment("rosenbrock", steps=1),
        Experiment("rosenbrock", steps=LENGTHS[0] - 1),
        Experiment("rosenbrock", steps=STEPS, start=(0.5, 1e6)),
        Experiment("rosenbrock", steps=STEPS, start=(0, 1)),
        Experiment("rosenbrock", steps=STEPS, seed=7, tolerance=1),
        *(Experiment("rosenbrock", steps=STEPS, settings={"b": value}) for value in (1, 50, 1e4)),
    ]
    turned = [param for param in OPTIMIZERS[optimizer].params if not param.static]
    contenders = [
        Contender(optimizer, {param.name: value}) for param in turned for value in (param.default, *_other_values(param))
    ]
    with compilations() as compiled:
        for experiment in experiments:
            run_contender(experiment, Contender(optimizer))
        for contender in contenders:
            run_contender(Experiment("rosenbrock", steps=STEPS), contender)
    assert not compiled
    assert len(contenders) > 3 * len(turned) - 1


@pytest.mark.parametrize(
    "optimizer, knobs, fields, turned",
    [
        pytest.param(
            "adam", (), {"noise": "one bad batch"}, {"noise_size": 3.0, "noise_at": 9, "start": (1, 3)}, id="bad batch"
        ),
        pytest.param("adam", (), BOWL, TURNED, id="bowl"),
        pytest.param("tuned_adam", TUNED, {"noise": "gaussian"}, {"start": (1, 3), "settings": {"b": 7.0}}, id="search"),
        pytest.param("adam", (), NETWORK, {"settings": {"label_noise": 0.2, "init_scale": 3.0, "l2": 0.5}}, id="network"),
    ],
)
def test_no_number_of_an_experiment_compiles_anything(optimizer, knobs, fields, turned):
    """From 100 steps to 127 there is one program; noise, start, seed and the traced settings come in as numbers."""
    ran(optimizer, knobs, **fields)
    usual = dict(fields.get("settings", ()))
    static = {param.name for param in experiment(**fields).definition.settings if param.static}
    assert not static & set(turned.get("settings", {}))
    changes: list[dict[str, Any]] = [{"steps": steps} for steps in (100, 101, 113, 127)]
    changes += [{"seed": 7}, {"seed": 2**31 - 1}, {"tolerance": 1}, {"noise_size": 0}]
    for name, value in turned.items():
        changes += [{"settings": {one: what}} for one, what in value.items()] if name == "settings" else [{name: value}]
    with compilations() as compiled:
        for change in changes:
            settings = usual | change.pop("settings", {})
            run_contender(experiment(**{**fields, **change, "settings": settings}), Contender(optimizer, dict(knobs)))
    assert not compiled


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
