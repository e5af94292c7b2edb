"""Experiments of every kind, and what comes of reading a text as one."""

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
    """Every value that a knob allows."""
    if param.kind == "choice":
        return st.sampled_from(param.choices)
    if param.kind == "bool":
        return st.booleans()
    if param.kind == "int":
        return st.integers(math.ceil(param.low), math.floor(param.high))
    numbers = st.floats(param.low, param.high, exclude_min=param.above_low, exclude_max=param.below_high)
    return st.none() | numbers if param.none_means else numbers


def _knobs(params: tuple[Param, ...]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={param.name: _values(param) for param in params})


@cache  # Hypothesis looks at a strategy once, which takes longer than to draw from it
def any_contender() -> st.SearchStrategy[Contender]:
    return st.one_of([st.builds(Contender, st.just(entry.name), _knobs(entry.params)) for entry in OPTIMIZERS.values()])


@cache
def any_experiment() -> st.SearchStrategy[Experiment]:
    @cache
    def of(problem: str) -> st.SearchStrategy[Experiment]:
        return st.sampled_from(FORMULAS if problem == OWN else ("",)).flatmap(lambda formula: written(problem, formula))

    @cache
    def written(problem: str, formula: str) -> st.SearchStrategy[Experiment]:
        entry = find(problem, formula)
        return st.builds(
            Experiment,
            problem=st.just(problem),
            formula=st.just(formula),
            data=st.sampled_from(DIGESTS),
            settings=_knobs(entry.settings),
            start=st.none() | st.tuples(*(_values(param) for param in entry.start_params)),
            contenders=st.lists(any_contender(), max_size=MAX_CONTENDERS).map(tuple),
            **{param.name: _values(param) for param in PARAMS},
        )

    return st.sampled_from(sorted(PROBLEMS)).flatmap(of)


def faults_of(text: str) -> dict[str, Any]:
    """The faults of a text by field."""
    with pytest.raises(ExperimentError) as found:
        Experiment.from_json(text)
    return {fault.field: fault for fault in found.value.faults}


def read(text: str) -> Experiment | str:
    """The experiment, or what is wrong; whatever else is raised goes on to the test."""
    try:
        return Experiment.from_json(text)
    except ExperimentError as error:
        return str(error)


def json_of(**fields: Any) -> str:
    return json.dumps({"version": VERSION, **fields})
