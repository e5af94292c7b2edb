"""How far a piece of work is that comes in chunks: a run, a plane, a sweep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True)
class Progress(Generic[T_co]):
    """One report of a piece of work.

    Attributes:
      fraction: part of the work that is done, in [0, 1].
      nbytes: memory that the work holds so far, in bytes.
      make: builds the result so far; called at the first look at `result`.
      stopped: whether the work ended early, as a run that diverged does.
    """

    fraction: float
    nbytes: int
    make: Callable[[], T_co] = field(repr=False)
    stopped: bool = False

    @cached_property
    def result(self) -> T_co:
        return self.make()

    @property
    def ended(self) -> bool:
        """Whether no further report will come."""
        return self.fraction >= 1 or self.stopped


def nothing_yet() -> None:
    """The `make` of work that has no result before its end."""
