"""Traits by which the rest of the program tells optimizers apart, so that no list of their names stands anywhere else."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Literal, get_args

import numpy as np
from jaxtyping import Float

from prodigy_core.optimizers.hyperparameters import number
from prodigy_core.param import Value

Dash = Literal["solid", "dash", "dashdot", "longdash", "longdashdot", "dots"]
DASHES: tuple[Dash, ...] = get_args(Dash)


class Rate(Enum):
    """The meaning of an optimizer's learning rate."""

    FACTOR = "a factor on a step size that the optimizer finds by itself; near 1"
    CEILING = "the longest step; the loss decides how much of it is taken"
    BOUND = "set by hand; a step moves no coordinate by much more than it"
    PLAIN = "set by hand; a step is in proportion to it and may be far longer"

    @property
    def by_hand(self) -> bool:
        """Whether a person must tune it to the problem."""
        return self in (Rate.BOUND, Rate.PLAIN)


class Story(StrEnum):
    """The explanation of a step: which formulas Step by step shows, and by which rule it says why D rose or did not.

    The browser has the words for each value.
    """

    PRODIGY = "prodigy"  # a Prodigy: D is estimated from <g, x0 - x>
    ESTIMATE = "estimate"  # D rises to an estimate d_hat
    HANDED = "handed"  # D rises to an estimate d_hat until Adam takes the steps, and stands still then
    FARTHEST = "farthest"  # D is the largest distance from the start so far
    BETS = "bets"  # D is what bets have won
    ADAM = "set"  # Adam: there is no D, the learning rate is set by hand
    NONE = "none"  # neither formulas nor a D


@dataclass(frozen=True)
class Estimate:
    """D, an estimate of the distance to a solution or a factor on Adam's step, shown as the probe "D".

    Attributes:
      starts_at: the hyperparameter that D starts at.
      scaled_by: the hyperparameter that is a factor on every estimate; "" for none.
      lower_bound: whether D is computed from the gradients as a lower bound of the distance, so that D far above the
        distance is a fault.
    """

    starts_at: str
    scaled_by: str = ""
    lower_bound: bool = False


@dataclass(frozen=True, kw_only=True)
class Search(ABC):
    """A hyperparameter that is not set but found, by whole runs before the run.

    Attributes:
      knob: the hyperparameter.
      untuned: the name of the entry that does the same with the hyperparameter set by hand.
    """

    knob: str
    untuned: str

    @property
    @abstractmethod
    def origin(self) -> str:
        """Where its value comes from, in words that follow the hyperparameter's name and a comma."""

    @abstractmethod
    def tries(self, hyperparameters: Mapping[str, Value]) -> int:
        """Return the number of runs before the run."""


@dataclass(frozen=True, kw_only=True)
class GridSearch(Search):
    """The value of the run with the lowest final loss among runs over a logarithmic grid.

    Attributes:
      low, high, size: the names of the hyperparameters that say the ends of the grid and its number of values.
    """

    low: str
    high: str
    size: str

    @property
    def origin(self) -> str:
        return "the best of a search"

    def tries(self, hyperparameters: Mapping[str, Value]) -> int:
        return self.grid(hyperparameters).size

    def grid(self, hyperparameters: Mapping[str, Value]) -> Float[np.ndarray, " tries"]:
        """Return the values that are tried, ascending."""
        low, high, size = (number(hyperparameters, name) for name in (self.low, self.high, self.size))
        return np.geomspace(min(low, high), max(low, high), int(size))


@dataclass(frozen=True, kw_only=True)
class Scout(Search):
    """The last D of a run of another optimizer, at its defaults, from the same start with the same seed; times a factor.

    Attributes:
      scout: the name of the other optimizer's entry; it has a D.
      factor: the name of the hyperparameter that D is multiplied by.
    """

    scout: str
    factor: str

    @property
    def origin(self) -> str:
        return "D of a run before"

    def tries(self, hyperparameters: Mapping[str, Value]) -> int:
        return 1
