"""What a problem is: something to minimise, with all that is known of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from jaxtyping import Array, Float

from prodigy_core.param import Param

Point = tuple[float, float]
Settings = Mapping[str, Float[Array, ""]]


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A function of two variables.

    Attributes:
      name: how an experiment calls it, lower case with underscores.
      title: how a person calls it.
      formula: LaTeX, without dollar signs; settings by their usual symbol.
      teaches: one sentence: what an optimizer meets here.
      source: where the function comes from, author and year.
      fn: (x of shape (2,), the settings as scalars) -> the loss, a scalar. Traceable, differentiable almost
        everywhere with a finite gradient, in the dtype of x.
      domain: ((x low, x high), (y low, y high)): what the landscape shows; usual bounds of the literature.
      start: the usual start.
      minimisers: every known global minimiser, to at least six digits; none where the function has no minimum.
      minimum: the value there; None where the function is not bounded below.
      settings: the problem's own knobs.
      levels: how contour levels are spread above the lowest value: "log" for narrow valleys, "linear" for mild ones.
    """

    name: str
    title: str
    formula: str
    teaches: str
    source: str
    fn: Callable[[Float[Array, "2"], Settings], Float[Array, ""]]
    domain: tuple[Point, Point]
    start: Point
    minimisers: tuple[Point, ...]
    minimum: float | None
    settings: tuple[Param, ...] = ()
    levels: Literal["log", "linear"] = "log"

    @property
    def start_params(self) -> tuple[Param, Param]:
        """The start as two knobs: sliders over the domain, exact numbers anywhere a float64 square is harmless."""
        return (self._start_param("x", 0, "first"), self._start_param("y", 1, "second"))

    def _start_param(self, name: str, axis: int, which: str) -> Param:
        return Param(
            name=name,
            label=f"start {name}",
            default=float(self.start[axis]),
            low=-1e6,
            high=1e6,
            span=self.domain[axis],
            help=f"Where every run starts, {which} coordinate.",
        )
