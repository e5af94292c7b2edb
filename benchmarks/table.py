"""Measurements as lines of one Markdown table: ours, a peer, the ratio, and whether the bar is met."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

HEAD = ("row", "ours", "peer", "ratio", "bar", "met")
UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


@dataclass(frozen=True)
class Bar:
    """A promise about speed.

    Attributes:
      kind: "faster": ours takes at most 1 / limit of the peer's time; "within": at most limit times the peer's time;
        "under": at most so many seconds, whatever others do; "compiled": at most so many compilations.
      limit: above 0, or 0 compilations.
    """

    kind: Literal["faster", "within", "under", "compiled"]
    limit: float

    def __str__(self) -> str:
        texts = {
            "faster": f"at least {self.limit:g}x faster",
            "within": f"at most {self.limit:g}x its time",
            "under": f"under {seconds(self.limit)}",
            "compiled": "nothing compiled",
        }
        return texts[self.kind]

    def met(self, ours: float, theirs: float | None) -> bool | None:
        """Return whether it is met; None where there is nothing to compare with."""
        if self.kind in ("under", "compiled"):
            return ours <= self.limit
        if theirs is None:
            return None
        return theirs >= self.limit * ours if self.kind == "faster" else ours <= self.limit * theirs


@dataclass(frozen=True)
class Line:
    """One comparison.

    Attributes:
      row: its name on the command line.
      what: the measured part of ours, where a row has several.
      peer: the other program; "" for a bar that needs none.
      unit: the piece of work that the times are for: "step", "run".
      ours, theirs: seconds (or compilations), the best of several; None where nothing was measured, and `note` says why.
      bar: the promise; None for a comparison that only informs.
    """

    row: str
    what: str = ""
    peer: str = ""
    unit: str = ""
    ours: float | None = None
    theirs: float | None = None
    bar: Bar | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        return self.bar.met(self.ours, self.theirs) if self.bar and self.ours is not None else None

    def cells(self) -> tuple[str, ...]:
        count = self.bar is not None and self.bar.kind == "compiled"
        mine = "" if self.ours is None else f"{self.ours:.0f} compiled" if count else f"{seconds(self.ours)} per {self.unit}"
        theirs = "" if self.theirs is None else seconds(self.theirs)
        ours = f"{self.what}: {mine}".strip(": ") if mine or self.what else ""
        peer = f"{self.peer}: {theirs or self.note}".strip(": ") if self.peer else self.note
        met = {True: "yes", False: "**no**", None: ""}[self.met]
        return self.row, ours, peer, ratio(self), str(self.bar or ""), met


def seconds(value: float) -> str:
    """Return a time with three digits, in the unit that suits it."""
    size, name = next((pair for pair in UNITS if value >= 0.9995 * pair[0]), UNITS[-1])
    return f"{value / size:.3g} {name}"


def ratio(line: Line) -> str:
    """Return how the two compare, in the bar's words; without a bar so that the number is above 1."""
    if not line.ours or not line.theirs:
        return ""
    slower = line.ours / line.theirs
    within = line.bar.kind == "within" if line.bar else slower > 1
    return f"{slower:.3g}x its time" if within else f"{_digits(1 / slower)}x faster"


def _digits(value: float) -> str:
    """Return three digits, never as a power of ten."""
    return f"{value:.3g}" if value < 1000 else f"{float(f'{value:.3g}'):.0f}"


def markdown(lines: Iterable[Line]) -> str:
    """Return the table, with its columns aligned so that it can be read in a terminal too."""
    rows = [HEAD, *(line.cells() for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    rule = tuple("-" * width for width in widths)
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in (rows[0], rule, *rows[1:])
    )
