"""A claim -> its runs and whether it holds. Many runs are one program where a sweep keeps the measure; none is run twice."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from prodigy_core import engine, sweep
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.scoreboard import start_axes
from prodigy_core.sweep.result import Grid
from prodigy_core.sweep.spec import Axis, Owner
from prodigy_core.trace import Trace

from .claims import Claim, Reading, Reduction
from .measures import Measure, Race
from .records import Shown, Study

Values = Float[np.ndarray, "problems contenders varied starts seeds"]


class Runs:
    """The runs that were made so far, each once: traces of single runs, and grids of many."""

    def __init__(self) -> None:
        self._traces: dict[tuple[Experiment, Contender], Trace] = {}
        self._grids: dict[tuple[Experiment, tuple[Axis, ...], tuple[int, ...]], Grid] = {}

    def trace(self, experiment: Experiment, contender: Contender) -> Trace:
        """Return the trace of one contender of an experiment."""
        key = (replace(experiment, contenders=()), contender)
        if key not in self._traces:
            self._traces[key] = engine.run_contender(experiment, contender)
        return self._traces[key]

    def race(self, experiment: Experiment) -> Race:
        """Return the race of all contenders of an experiment."""
        return Race(experiment, [self.trace(experiment, contender) for contender in experiment.contenders])

    def grid(self, experiment: Experiment, axes: tuple[Axis, ...], seeds: tuple[int, ...]) -> Grid:
        """Return the runs of an experiment's one contender over axes and seeds."""
        key = (experiment, axes, seeds)
        if key not in self._grids:
            self._grids[key] = sweep.run(experiment, axes, seeds).grids[0]
        return self._grids[key]


@dataclass(frozen=True, eq=False)
class Outcome:
    """A claim that was tried.

    Attributes:
      claim: the claim.
      values: the numbers that were compared: of each problem and contender those of all runs, or what `reduce` made of them.
      holds: whether it holds.
    """

    claim: Claim
    values: Values
    holds: bool

    @property
    def sentence(self) -> str:
        """What was measured, beside what was claimed."""
        claim = self.claim
        measure = None if claim.other else claim.of.entry
        where = np.isfinite(self.values)
        ends = f"{self.values[where].min():.6g} to {self.values[where].max():.6g}" if where.any() else "no finite number"
        infinite = f", {(~where).sum()} of {self.values.size} not finite" if not where.all() else ""
        fits = claim.range.fits(self.values)
        quantity = claim.of.measure + (" divided" if claim.divided_by else " less another" if claim.minus else "")
        wanted = claim.range.sentence(measure)
        inner = claim.count or claim.share
        how = f" in {inner.sentence()} {'runs' if claim.count else 'as a share of the runs'} of each row" if inner else ""
        rows = ", ".join(f"{int(row.sum())}/{row.size}" for row in fits.reshape(-1, math.prod(fits.shape[2:])))
        return f"{claim.says} [{quantity}: {ends}{infinite}; wanted {wanted}{how}; fit {rows}]"


def check(study: Study, claim: Claim, runs: Runs | None = None, shift: int = 0) -> Outcome:
    """Try a claim of a study.

    Args:
      study: the lesson or case.
      claim: one of its claims.
      runs: the runs that were made so far, which this adds to; None for none.
      shift: added to every seed, those of the lines of starts among them: for runs that did not choose the claim's numbers.
    """
    runs = Runs() if runs is None else runs
    values = _reduced(_values(study, claim, claim.of, runs, shift), claim.reduce)
    if claim.other is not None:
        other = _reduced(_values(study, claim, claim.other, runs, shift), claim.reduce)
        with np.errstate(divide="ignore", invalid="ignore"):
            values = values / other if claim.divided_by else values - other
    return Outcome(claim, values, bool(_holds(claim, values)))


def _holds(claim: Claim, values: Values) -> bool:
    fits = claim.range.fits(values)
    if claim.count is None and claim.share is None:
        return bool(fits.all())
    rows = fits.reshape(-1, math.prod(fits.shape[2:]))
    counts = all(claim.count.holds(float(row.sum())) for row in rows) if claim.count else True
    shares = all(claim.share.holds(float(row.mean())) for row in rows) if claim.share else True
    return counts and shares


REDUCE: Mapping[Reduction, Callable[[Values], Float[np.ndarray, "problems contenders"]]] = {
    "median": lambda runs: np.median(runs, axis=(2, 3, 4)),
    "mean": lambda runs: np.mean(runs, axis=(2, 3, 4)),
    "smallest": lambda runs: np.min(runs, axis=(2, 3, 4)),
    "largest": lambda runs: np.max(runs, axis=(2, 3, 4)),
    "spread": lambda runs: np.max(runs, axis=(2, 3, 4)) / np.min(runs, axis=(2, 3, 4)),
}


def _reduced(values: Values, reduction: Reduction) -> Values:
    return values if reduction == "each" else REDUCE[reduction](values)[:, :, None, None, None]


# --- the runs of a reading ----------------------------------------------------------------------------------------------


class _Block(NamedTuple):
    """Runs of one contender of one experiment: all combinations of axes, starts and seeds.

    Attributes:
      experiment: with all contenders.
      contender: the place of the one that is measured.
      axes: those of the claim that concern it.
      lines: the axes of the starts' coordinates, or none.
      seeds: the seeds.
    """

    experiment: Experiment
    contender: int
    axes: tuple[Axis, ...]
    lines: tuple[Axis, ...]
    seeds: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, int, int]:
        varied, starts = (math.prod(len(axis.values) for axis in axes) for axes in (self.axes, self.lines))
        return varied, starts, len(self.seeds)

    def cells(self) -> Iterator[Experiment]:
        """Yield the experiment of every run, in the order of a grid."""
        axes = (*self.axes, *self.lines)
        for values in itertools.product(*(axis.values for axis in axes)):
            experiment = self.experiment
            for axis, value in zip(axes, values, strict=True):
                experiment = axis.placed_in(experiment, value)
            for seed in self.seeds:
                yield replace(experiment, seed=seed)


def _values(study: Study, claim: Claim, reading: Reading, runs: Runs, shift: int) -> Values:
    """Return the measure of every run; an axis of a contender that is not measured has one place."""
    shown: Shown = study.experiments[reading.experiment]
    experiments = [replace(shown.experiment, problem=name, formula="", settings={}, start=None) for name in claim.problems] or [
        shown.experiment
    ]
    rows = [[_of_contender(claim, reading, each, place, runs, shift) for place in reading.contenders] for each in experiments]
    return np.asarray(rows, float)


def _of_contender(
    claim: Claim, reading: Reading, experiment: Experiment, place: int, runs: Runs, shift: int
) -> Float[np.ndarray, "varied starts seeds"]:
    seeds = tuple(seed + shift for seed in claim.seeds or (experiment.seed,))
    own = reading.experiment == claim.of.experiment and reading.contenders == claim.of.contenders
    axes = tuple(
        replace(axis, contender=place) if axis.owner is Owner.CONTENDER else axis
        for axis in claim.vary
        if axis.owner is not Owner.CONTENDER or own
    )
    if isinstance(claim.starts, int):
        lines = start_axes(experiment.definition, claim.starts, shift)
        blocks = [_Block(experiment, place, axes, lines, seeds)]
    else:
        starts = claim.starts or (experiment.start,)
        blocks = [_Block(replace(experiment, start=start), place, axes, (), seeds) for start in starts]
    return np.concatenate([_of_block(reading, block, runs) for block in blocks], axis=1)


def _of_block(reading: Reading, block: _Block, runs: Runs) -> Float[np.ndarray, "varied starts seeds"]:
    measure, column = reading.entry, reading.entry.column_of(reading.detail)
    learns = block.experiment.definition.learning is not None  # a model's runs side by side take longer than one by one
    if column and reading.given is None and math.prod(block.shape) > 1 and not learns:
        return _by_sweep(measure, column, block, runs)
    values = [_by_trace(reading, cell, block.contender, runs) for cell in block.cells()]
    return np.asarray(values, float).reshape(block.shape)


def _by_sweep(measure: Measure, column: str, block: _Block, runs: Runs) -> Float[np.ndarray, "varied starts seeds"]:
    alone = replace(block.experiment, contenders=(block.experiment.contenders[block.contender],))
    axes = tuple(replace(axis, contender=0) if axis.owner is Owner.CONTENDER else axis for axis in (*block.axes, *block.lines))
    grid = runs.grid(alone, axes, block.seeds)
    if column not in grid.metrics:
        return np.full(block.shape, np.nan)
    values = grid.metrics[column].ravel()
    finished = [measure.finish(float(value), cell) for value, cell in zip(values, block.cells(), strict=True)]
    return np.asarray(finished, float).reshape(block.shape)


def _by_trace(reading: Reading, experiment: Experiment, place: int, runs: Runs) -> float:
    measure = reading.entry
    if reading.given is not None:
        source = runs.trace(experiment, experiment.contenders[reading.given.contender])
        value = float(source.probes["D"][-1]) * reading.given.times
        experiment = Axis(reading.given.knob, (value,), place).placed_in(experiment, value)
    if not measure.alone:
        return measure.value(runs.race(experiment), place, reading.detail)
    contender = experiment.contenders[place]
    race = Race(replace(experiment, contenders=(contender,)), [runs.trace(experiment, contender)])
    return measure.value(race, 0, reading.detail)
