"""Requirements on every problem of the catalogue, of whatever family: it is described in words and in a formula."""

from __future__ import annotations

import re

import numpy as np
import pytest

from prodigy_core.problems import PROBLEMS, Problem, _by_name

# All but a person's own formula, which has no source.
DOCUMENTED = {name: problem for name, problem in PROBLEMS.items() if problem.family != "formula"}

every_problem = pytest.mark.parametrize("problem", [pytest.param(p, id=name) for name, p in DOCUMENTED.items()])


@every_problem
def test_entry_is_documented(problem: Problem) -> None:
    assert PROBLEMS[problem.name] is problem
    assert re.fullmatch(r"[a-z][a-z0-9_]*", problem.name)
    assert problem.title
    assert re.fullmatch(r"[A-Z].*[^.]\.", problem.teaches)
    assert re.search(r"\b(19|20)\d\d\b", problem.source)
    for param in problem.settings:
        assert param.help.endswith(".")


@every_problem
def test_formula_can_be_typeset(problem: Problem) -> None:
    assert problem.formula
    assert "$" not in problem.formula
    depth = np.cumsum([{"{": 1, "}": -1}.get(mark, 0) for mark in problem.formula])
    assert depth.min() >= 0
    assert depth[-1] == 0
    assert len(re.findall(r"\\left\b", problem.formula)) == len(re.findall(r"\\right\b", problem.formula))


def test_catalogue_starts_with_rosenbrock_and_cannot_be_changed() -> None:
    assert next(iter(PROBLEMS)) == "rosenbrock"
    assert PROBLEMS["rosenbrock"].start == (-1.5, 2.0)
    with pytest.raises(TypeError):
        PROBLEMS["mine"] = PROBLEMS["sphere"]  # type: ignore[index]


def test_titles_tell_problems_apart() -> None:
    assert len({problem.title for problem in PROBLEMS.values()}) == len(PROBLEMS)


def test_two_problems_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two problems are called 'sphere'"):
        _by_name([*PROBLEMS.values(), PROBLEMS["sphere"]])
