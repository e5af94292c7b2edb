"""A sweep in which each contender has one axis, as curves: what `sensitivity` draws, in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from prodigy_core.param import Value, value_text
from prodigy_core.sweep.result import Grid, SweepTrace
from prodigy_core.trace import STATUSES, Status

from ...theme import Style
from ..learned.headings import plain
from . import ticks
from .measures import Measure, best, middle, number, values


@dataclass(frozen=True)
class Curve:
    """A measure of one contender over its hyperparameter.

    Attributes:
      contender: its place in the sweep.
      style: how it is drawn.
      name: the hyperparameter.
      kind: how its values are spread, as `ticks.kind` says.
      values: along the axis.
      x: their positions on an axis of this kind; NaN where there is none.
      runs: the measure of every run; inf where it broke off, NaN where it is still to come.
      words: what stands beside the pointer at each value.
      default: the place of the experiment's own value; None where it is not among them.
      best: the place of the best result; None where there is none.
    """

    contender: int
    style: Style
    name: str
    kind: str
    values: tuple[Value, ...]
    x: Float[np.ndarray, " values"]
    runs: Float[np.ndarray, "values seeds"]
    results: Float[np.ndarray, " values"]  # medians over the seeds
    quartiles: tuple[Float[np.ndarray, " values"], Float[np.ndarray, " values"]]
    words: tuple[str, ...]
    default: int | None
    best: int | None


def curves_of(trace: SweepTrace, measure: Measure, styles: Sequence[Style]) -> list[Curve]:
    """A curve for each contender."""
    return [_curve(trace, measure, i, grid, style) for i, (grid, style) in enumerate(zip(trace.grids, styles, strict=True))]


def _curve(trace: SweepTrace, measure: Measure, contender: int, grid: Grid, style: Style) -> Curve:
    experiment, axis = trace.sweep.experiment, grid.axes[0]
    kind, runs = ticks.kind(axis.param_in(experiment), axis.values), values(measure, experiment, grid)
    results = middle(runs)
    default = ticks.index(axis.values, experiment.contenders[contender].knobs[axis.knob])
    winner = best(measure, results, [default])
    return Curve(
        contender=contender,
        style=style,
        name=axis.knob,
        kind=kind,
        values=axis.values,
        x=ticks.positions(kind, axis.values),
        runs=runs,
        results=results,
        quartiles=(middle(runs, 0.25), middle(runs, 0.75)),
        words=tuple(_words(grid, i, runs[i], measure) for i in range(len(axis.values))),
        default=default,
        best=winner[0] if winner else None,
    )


def _words(grid: Grid, i: int, runs: Float[np.ndarray, " seeds"], measure: Measure) -> str:
    """What stands beside the pointer at value i."""
    axis = grid.axes[0]
    lines = [
        f"<b>{plain(axis.knob)} {plain(value_text(axis.values[i]))}</b>",
        f"{measure.title} {measure.text(float(middle(runs)))}",
    ]
    if runs.size > 1:
        low, high = (measure.text(float(middle(runs, quantile))) for quantile in (0.25, 0.75))
        lines.append(f"middle half of {runs.size} seeds: {low} to {high}")
    if "D" in grid.metrics and measure.name != "D" and np.isfinite(grid.metrics["D"][i]).all():
        lines.append(f"D {number(float(np.median(grid.metrics['D'][i])))}")
    broken = int(grid.broke_off[i].sum())
    if broken and runs.size > 1:
        lines.append(f"{broken} of {runs.size} broke off")
    elif broken:
        event = "diverged" if STATUSES[grid.status[i, 0]] is Status.DIVERGED else "became NaN"
        lines.append(f"{event} at step {int(grid.stopped_at[i, 0]):,}")
    elif grid.there[i].all():
        lines.append(f"ran all {int(grid.stopped_at[i].max()):,} steps")
    return "<br>".join(lines)
