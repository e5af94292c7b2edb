"""Functions of many variables, to watch an optimizer as the dimension grows from 2 to 10,000.

Their minimiser has the same value in every coordinate, and all are shifted so that the loss there is 0. So the distance
from the start to the solution is known in every norm, to compare an estimate with.
"""

from __future__ import annotations

from prodigy_core.problems.problem import Problem
from prodigy_core.problems.space.bowls import BOWLS
from prodigy_core.problems.space.hills import HILLS

__all__ = ["SPACE"]

SPACE: list[Problem] = [*BOWLS, *HILLS]
