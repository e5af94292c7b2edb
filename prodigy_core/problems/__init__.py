"""The catalogue of problems by name, in the order in which a course would take them.

Two sources stand in many entries: Jamil & Yang (2013) is the survey arXiv 1308.4008, Surjanovic & Bingham (2013) the
Virtual Library of Simulation Experiments, https://www.sfu.ca/~ssurjano/optimization.html.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from prodigy_core.problems.formula.grammar import EXAMPLE
from prodigy_core.problems.formula.problem import OWN, formula_problem
from prodigy_core.problems.models import MODELS
from prodigy_core.problems.plane.basins import BASINS
from prodigy_core.problems.plane.convex import CONVEX
from prodigy_core.problems.plane.flat import FLAT
from prodigy_core.problems.plane.multimodal import MULTIMODAL
from prodigy_core.problems.plane.valleys import VALLEYS
from prodigy_core.problems.problem import Problem
from prodigy_core.problems.space import SPACE

__all__ = ["PROBLEMS", "Problem", "find"]


def _by_name(problems: Iterable[Problem]) -> Mapping[str, Problem]:
    """Return the problems by name; raise ValueError if two share a name, since the second would hide the first."""
    catalogue: dict[str, Problem] = {}
    for problem in problems:
        if problem.name in catalogue:
            raise ValueError(f"two problems are called {problem.name!r}: {catalogue[problem.name].title}, {problem.title}")
        catalogue[problem.name] = problem
    return MappingProxyType(catalogue)


PROBLEMS: Mapping[str, Problem] = _by_name(
    [*VALLEYS, *CONVEX, *BASINS, *MULTIMODAL, *FLAT, *SPACE, *MODELS, formula_problem(EXAMPLE)]
)


def find(name: str, formula: str = "") -> Problem:
    """Return the problem of this name; for the name `OWN`, the problem of the formula.

    Raises:
      KeyError: no problem has the name.
      FormulaError: the text is no formula.
    """
    return formula_problem(formula) if name == OWN and formula else PROBLEMS[name]
