"""A person's own formula as a problem."""

from __future__ import annotations

from functools import lru_cache

from prodigy_core.problems.formula.compile import parse
from prodigy_core.problems.problem import Problem

OWN = "formula"


@lru_cache(maxsize=256)
def formula_problem(text: str) -> Problem:
    """Return the problem of a formula.

    Raises:
      FormulaError: the text is no formula.
    """
    formula = parse(text)
    plane = len(formula.variables) == 2
    return Problem(
        name=OWN,
        title="Your own formula",
        formula=formula.latex,
        teaches="Whatever you wonder about: a saddle, a kink, a valley of your own.",
        source="typed in",
        family="formula",
        fn=lambda point, settings: formula(point),
        domain=((-5.0, 5.0), (-5.0, 5.0)) if plane else None,
        start=(-1.5, 2.0) if plane else (1.0,) * len(formula.variables),
    )
