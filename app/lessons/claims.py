"""Claims: sentences about runs in a form that can be checked, and readings: the numbers they compare."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float

from prodigy_core.sweep.spec import Axis

from .measures import AT_THE_END, MEASURES, STATUS_NAMES, Detail, Measure

Reduction = Literal["each", "median", "mean", "smallest", "largest", "spread"]
REDUCTIONS: tuple[Reduction, ...] = ("each", "median", "mean", "smallest", "largest", "spread")


@dataclass(frozen=True, kw_only=True)
class Given:
    """A hyperparameter that is set to the D of another run: "Adam at Prodigy's D".

    Attributes:
      knob: the hyperparameter of the measured contender.
      contender: the contender of the same experiment whose last D it gets, with the same problem, start and seed.
      times: the factor on that D.
    """

    knob: str
    contender: int
    times: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A measure of contenders of an experiment.

    Attributes:
      experiment: the name of the experiment in its file.
      contenders: places of the contenders; of several each is a value of its own.
      measure: a name in `MEASURES`.
      detail: what the measure asks for beside it.
      given: a hyperparameter that another run's D decides; None where there is none.
    """

    experiment: str
    contenders: tuple[int, ...]
    measure: str
    detail: Detail = AT_THE_END
    given: Given | None = None

    @property
    def entry(self) -> Measure:
        """The measure's entry."""
        return MEASURES[self.measure]


@dataclass(frozen=True, kw_only=True)
class Range:
    """Allowed numbers, from low to high; `above_low` and `below_high` exclude the end itself."""

    low: float = -math.inf
    high: float = math.inf
    above_low: bool = False
    below_high: bool = False

    def fits(self, values: Float[np.ndarray, "..."]) -> Bool[np.ndarray, "..."]:
        """Return whether each number is in the range; NaN never is."""
        with np.errstate(invalid="ignore"):
            above = values > self.low if self.above_low else values >= self.low
            below = values < self.high if self.below_high else values <= self.high
        return np.asarray(above & below)

    def holds(self, value: float) -> bool:
        """Return whether a number is in the range; NaN never is."""
        return bool(self.fits(np.asarray(value)))

    def sentence(self, measure: Measure | None = None) -> str:
        """Return the range in words; with a measure, its values in the measure's own."""

        def text(value: float) -> str:
            if measure and measure.kind == "status":
                return STATUS_NAMES[int(value)]
            return ("no", "yes")[int(value)] if measure and measure.kind == "yes or no" else f"{value:g}"

        if self.low == self.high:
            return text(self.low)
        low = f"{'above' if self.above_low else 'at least'} {text(self.low)}" if self.low > -math.inf else ""
        high = f"{'below' if self.below_high else 'at most'} {text(self.high)}" if self.high < math.inf else ""
        return " and ".join(filter(None, (low, high)))


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A sentence about runs, and how it is checked.

    The runs are all combinations of problems, contenders, values of `vary`, starts and seeds. `reduce` makes one number of the
    runs of each problem and contender, before it is compared with the other reading.

    Attributes:
      says: the sentence.
      of: the number it speaks of.
      divided_by, minus: the number of which it is a multiple, or a difference; at most one of them.
      problems: problems in place of the experiment's own, each from its usual start; () for its own.
      starts: lines along each side of the plane's domain, whose crossings are the starts, 6 for 36; or points; () for its own.
      seeds: the seeds; () for the experiment's own.
      vary: hyperparameters of the contender, or of the whole experiment, with the values they take.
      reduce: "each" for every run by itself; "spread" is the largest over the smallest.
      range: the numbers that each run, or what `reduce` makes of them, must be in.
      count: how many of the runs must be in `range`; None for all.
      share: the same as a part of the runs, in [0, 1].
    """

    says: str
    of: Reading
    divided_by: Reading | None = None
    minus: Reading | None = None
    problems: tuple[str, ...] = ()
    starts: int | tuple[tuple[float, ...], ...] = ()
    seeds: tuple[int, ...] = ()
    vary: tuple[Axis, ...] = ()
    reduce: Reduction = "each"
    range: Range
    count: Range | None = None
    share: Range | None = None

    @property
    def other(self) -> Reading | None:
        """The reading it compares with, if any."""
        return self.divided_by or self.minus
