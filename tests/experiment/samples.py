"""Experiments of every kind, and helpers that read a text as one."""

from __future__ import annotations

import json
import math
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from prodigy_core.experiment import MAX_CONTENDERS, PARAMS, VERSION, Contender, Experiment, ExperimentError
from prodigy_core.optimizers import OPTIMIZERS
from prodigy_core.param import Param
from prodigy_core.problems import PROBLEMS, find
from prodigy_core.problems.formula.problem import OWN

FORMULAS = ("(x - 1)**2 + abs(y)", "sin(x1) + x2^2 + exp(x3)", "x**4", " max(x, y) + 2*π", "(1 - x)**2 + 100*(y - x**2)**2")
DIGESTS = ("", "0123456789abcdef" * 2)

fuzz = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _values(param: Param) -> st.SearchStrategy[Any]:
    """Return a strategy of all values that a hyperparameter allows."""
    if param.kind == "choice":
        return st.sampled_from(param.choices)
    if param.kind == "bool":
        return st.booleans()
    if param.kind == "int":
        return st.integers(math.ceil(param.low), math.floor(param.high))
    numbers = st.floats(param.low, param.high, exclude_min=param.above_low, exclude_max=param.below_high)
    if param.whole:
        numbers = st.integers(math.ceil(param.low), math.floor(param.high)).map(float)
    return st.none() | numbers if param.none_means else numbers


def _some_values(params: tuple[Param, ...]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={param.name: _values(param) for param in params})


@cache  # Hypothesis validates each strategy once, which takes longer than drawing from it
def any_contender() -> st.SearchStrategy[Contender]:
    return st.one_of(
        [st.builds(Contender, st.just(optimizer.name), _some_values(optimizer.params)) for optimizer in OPTIMIZERS.values()]
    )


@cache
def any_experiment() -> st.SearchStrategy[Experiment]:
    @cache
    def of(problem: str) -> st.SearchStrategy[Experiment]:
        return st.sampled_from(FORMULAS if problem == OWN else ("",)).flatmap(lambda formula: written(problem, formula))

    @cache
    def written(problem: str, formula: str) -> st.SearchStrategy[Experiment]:
        definition = find(problem, formula)
        return st.builds(
            Experiment,
            problem=st.just(problem),
            formula=st.just(formula),
            data=st.sampled_from(DIGESTS),
            settings=_some_values(definition.settings),
            start=st.none() | st.tuples(*(_values(param) for param in definition.start_params)),
            contenders=st.lists(any_contender(), max_size=MAX_CONTENDERS).map(tuple),
            **{param.name: _values(param) for param in PARAMS},
        )

    return st.sampled_from(sorted(PROBLEMS)).flatmap(of)


def faults_of(text: str) -> dict[str, Any]:
    """Return the faults of a text by field."""
    with pytest.raises(ExperimentError) as error:
        Experiment.from_json(text)
    return {fault.field: fault for fault in error.value.faults}


def experiment_or_message(text: str) -> Experiment | str:
    """Return the experiment or the message of its error; any other exception fails the test."""
    try:
        return Experiment.from_json(text)
    except ExperimentError as error:
        return str(error)


def json_of(**fields: Any) -> str:
    return json.dumps({"version": VERSION, **fields})
