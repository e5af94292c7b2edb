"""All faults of an experiment's fields, reported together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from prodigy_core.experiment.contender import Contender, contender_faults, value_faults
from prodigy_core.experiment.params import MAX_CONTENDERS, PARAMS, PROBLEM
from prodigy_core.param import Fault, Param, nearest
from prodigy_core.problems import PROBLEMS, Problem, find
from prodigy_core.problems.formula.compile import FormulaError
from prodigy_core.problems.formula.problem import OWN

DIGEST = re.compile("[0-9a-f]{32}")


def field_faults(given: Mapping[str, Any]) -> list[Fault]:
    """Return the faults of all fields that are given."""
    faults, problem = _problem_faults(given)
    if problem is not None:
        faults += value_faults(problem.settings, given.get("settings", {}), "settings")
        faults += _start_faults(problem.start_params, given.get("start"))
    contenders = given.get("contenders", ())
    if not isinstance(contenders, list | tuple) or len(contenders) > MAX_CONTENDERS:
        value = f"{len(contenders)} contenders" if isinstance(contenders, list | tuple) else contenders
        faults.append(Fault("contenders", value, f"a list of at most {MAX_CONTENDERS}"))
    else:
        for i, contender in enumerate(contenders):
            if not isinstance(contender, Contender):  # a Contender checks itself
                faults += contender_faults(contender, f"contenders[{i}]")
    for param in PARAMS:
        if param.name in given and (fault := param.fault(given[param.name], param.name)):
            faults.append(fault)
    return faults


def _problem_faults(given: Mapping[str, Any]) -> tuple[list[Fault], Problem | None]:
    """Return the faults of the problem, its formula and its data, and the problem if it is known."""
    name, formula, data = given.get("problem", PROBLEM), given.get("formula", ""), given.get("data", "")
    faults = []
    if not (isinstance(data, str) and (not data or DIGEST.fullmatch(data))):
        faults.append(Fault("data", data, "the digest of an uploaded file, or empty"))
    problem = PROBLEMS.get(name) if isinstance(name, str) else None
    if problem is None:
        return [*faults, Fault("problem", name, "a problem of the catalogue", nearest(name, list(PROBLEMS)))], None
    if problem.name != OWN:
        if formula != "":
            faults.append(Fault("formula", formula, f"empty where the problem is not {OWN!r}"))
        return faults, problem
    if not isinstance(formula, str):
        return [*faults, Fault("formula", formula, "text")], None
    try:
        return faults, find(OWN, formula)
    except FormulaError as error:
        return [*faults, Fault("formula", formula, f"a formula: {error}")], None


def _start_faults(params: tuple[Param, ...], start: Any) -> list[Fault]:
    if start is None:
        return []
    if not isinstance(start, list | tuple) or len(start) != len(params):
        return [Fault("start", start, f"a list of {len(params)} numbers" if params else "empty: the problem's settings say it")]
    faults = (param.fault(value, f"start.{param.name}") for param, value in zip(params, start, strict=True))
    return [fault for fault in faults if fault]
