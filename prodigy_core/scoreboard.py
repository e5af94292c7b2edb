"""Contenders over a suite of problems: who needs how many steps, as performance profiles and ranks.

A case is a problem from one start, or with one seed. A contender has solved it once its loss has fallen by all but a part
`tau` of what there was to fall: f <= f_best + tau (f_start - f_best), where f_best is the known minimum, else the least loss
that any contender reached (Moré & Wild 2009, Benchmarking derivative-free optimization algorithms). The cost is the number
of steps until then; where the tuning counts, a search has first paid for all the runs that it tried.

    suite = sweeps((Contender("prodigy"), Contender("tuned_adam")), SUITES["Plane"], steps=1000)
    boards = [board_of(sweep.run(s.experiment, s.axes, s.seeds, entries=s.entries)) for s in suite]
    profile(np.concatenate([costs(board, 1e-3, tuning=True) for board in boards]), np.geomspace(1, 100, 50))
    ranks([costs(board, 1e-3) for board in boards])
    print(to_csv(boards, 1e-3))
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from prodigy_core.engine.prepare import prepare
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.problems import PROBLEMS, Problem
from prodigy_core.problems.formula.problem import OWN
from prodigy_core.sweep.result import SweepTrace
from prodigy_core.sweep.spec import START, Axis, Sweep
from prodigy_core.table import csv_text

SUITES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Plane": (
            "rosenbrock", "beale", "goldstein_price", "dixon_price", "sphere", "ill_conditioned_quadratic",
            "rotated_quadratic", "booth", "absolute_sum", "himmelblau", "ackley", "griewank",
        ),
        "Many variables": ("quadratic_nd", "spring_chain", "unequal_layers", "rosenbrock_nd", "ackley_nd", "levy_nd"),
        "Small models": ("logistic_regression", "linear_regression", "mlp", "matrix_factorisation"),
    }
)  # fmt: skip
# What may stand in a suite: where losses have a least one, known or not, and nobody must bring a formula.
SUITABLE = tuple(name for name, p in PROBLEMS.items() if name != OWN and (p.learning or p.minimum is not None))
STARTS, SEEDS = 3, 3  # along each side of a function's domain; of everything else
ENTRIES = 250  # of each run's trace: steps are counted no finer
RESAMPLES = 2_000
BOOTSTRAP_SEED = 0
SPREAD = 0.5  # of the starts in many variables, where the problem itself has none


@dataclass(frozen=True, eq=False)
class Board:
    """What came of one problem.

    Attributes:
      experiment: of the first case, with the contenders.
      entries: after how many steps the losses stand, (entries,).
      losses: (cases, contenders, entries), NaN from where a run broke off; of a model that learns in batches the mean over the
        entries of the last epoch, since a batch alone may be an easy one.
      final: the loss after the last step, of a model over all its training examples, (cases, contenders); inf of a run that
        broke off.
      broke_off: (cases, contenders).
      tuning: steps that a contender's search took before each run, (contenders,).
    """

    experiment: Experiment
    entries: Float[np.ndarray, " entries"]
    losses: Float[np.ndarray, "cases contenders entries"]
    final: Float[np.ndarray, "cases contenders"]
    broke_off: Bool[np.ndarray, "cases contenders"]
    tuning: Float[np.ndarray, " contenders"]


@dataclass(frozen=True)
class Result:
    """What came of one contender on one problem.

    Attributes:
      final: the median of its final losses; inf where the run in the middle broke off.
      steps: the median of its costs; inf where it solved fewer than half of the cases.
      solved, broke_off: in how many of the cases.
      first: whether no other has a lower median of costs, or the same and solved more; nobody is who solved none.
    """

    final: float
    steps: float
    solved: int
    broke_off: int
    first: bool


# --- what is run ---------------------------------------------------------------------------------------------------


def sweeps(
    contenders: Sequence[Contender],
    problems: Sequence[str],
    steps: int,
    *,
    starts: int = STARTS,
    seeds: int = SEEDS,
    seed: int = 0,
) -> tuple[Sweep, ...]:
    """One sweep for each problem, in its usual settings.

    Args:
      contenders: with their knobs.
      problems: names among `SUITABLE`.
      steps: of every run.
      starts: of a function of the plane, `starts` x `starts`: the crossings of so many lines along each side of its domain. The
        seed draws them, one in each of so many strips alike, so that no symmetry of a function makes two cases the same one.
      seeds: how many, of what is random: starts around the usual one in many variables, a model's first values and batches.
      seed: the first of them.

    Raises:
      ExperimentError: a problem is not known, or the runs would be more than the limits allow.
    """
    return tuple(_sweep(Experiment(name, contenders=tuple(contenders), steps=steps), starts, seeds, seed) for name in problems)


def _sweep(experiment: Experiment, starts: int, seeds: int, seed: int) -> Sweep:
    problem = experiment.definition
    entries = min(ENTRIES, experiment.steps + 1)
    if problem.domain is not None:
        return Sweep(experiment, _lines(problem, starts, seed), (seed,), entries)
    if "start_spread" in experiment.settings:
        experiment = replace(experiment, settings={"start_spread": SPREAD})
    return Sweep(experiment, (), tuple(range(seed, seed + seeds)), entries)


def _lines(problem: Problem, starts: int, seed: int) -> tuple[Axis, ...]:
    """The two coordinates of the starts. A sweep crosses its axes: pairs drawn freely would take a sweep each."""
    assert problem.domain is not None
    places = (np.arange(starts) + np.random.default_rng(seed).random((2, starts))) / starts
    return tuple(
        Axis(f"{START}{param.name}", tuple(round(float(low + (high - low) * place), 6) for place in along))
        for param, (low, high), along in zip(problem.start_params, problem.domain, places, strict=True)
    )


# --- what came of it -----------------------------------------------------------------------------------------------


def board_of(found: SweepTrace) -> Board:
    """The results of one sweep of `sweeps`, all of whose runs are done."""
    sweep, grids = found.sweep, found.grids
    experiment = sweep.at(0, (0,) * len(sweep.shape_of(0)))
    entries = grids[0].steps.astype(float)
    losses = np.stack([grid.traces["loss"].reshape(-1, entries.size) for grid in grids], axis=1)
    if entries.size > 1:
        losses = _trailing(losses, round(_epoch(experiment) / (entries[1] - entries[0])))
    tries = [float(np.nanmax(grid.metrics["tries"])) if "tries" in grid.metrics else 0.0 for grid in grids]
    return Board(
        experiment=experiment,
        entries=entries,
        losses=losses,
        final=np.stack([grid.metrics["final_loss"].ravel() for grid in grids], axis=1),
        broke_off=np.stack([grid.broke_off.ravel() for grid in grids], axis=1),
        tuning=experiment.steps * np.asarray(tries),
    )


def costs(board: Board, tau: float, *, tuning: bool = False) -> Float[np.ndarray, "cases contenders"]:
    """Steps until a case was solved; inf where it never was.

    Args:
      board: of one problem.
      tau: the part of what there was to fall that may be left, in (0, 1).
      tuning: whether the steps of a search count too.
    """
    losses = np.where(np.isfinite(board.losses), board.losses, np.inf)
    known = board.experiment.definition.minimum
    best = np.full(len(losses), known) if known is not None else losses.min(axis=(1, 2))
    start = losses[:, :, 0].min(axis=1)
    target = np.full(len(losses), -np.inf)  # of a case that begins where there is no finite loss: nobody solves it
    fine = np.isfinite(start)
    target[fine] = best[fine] + tau * (start[fine] - best[fine])
    solved = losses <= target[:, None, None]
    first = board.entries[solved.argmax(axis=2)]
    needed = np.where(solved.any(axis=2), first, np.inf)
    return needed + board.tuning if tuning else needed


def ratios(needed: Float[np.ndarray, "cases contenders"]) -> Float[np.ndarray, "cases contenders"]:
    """Each cost as a multiple of the case's best; inf where a case was not solved, 1 where nothing was to be done."""
    best = needed.min(axis=1, keepdims=True)
    found = np.full(needed.shape, np.inf)
    np.divide(np.maximum(needed, 1), np.maximum(best, 1), out=found, where=np.isfinite(needed))
    return found


def profile(
    needed: Float[np.ndarray, "cases contenders"], alphas: Float[np.ndarray, " alphas"]
) -> Float[np.ndarray, "contenders alphas"]:
    """The share of all cases that a contender solved within alpha times the best one's cost (Dolan & Moré 2002)."""
    return np.asarray((ratios(needed)[:, :, None] <= alphas).mean(axis=0))


def ranks(needed: Sequence[Float[np.ndarray, "cases contenders"]]) -> Float[np.ndarray, "3 contenders"]:
    """The mean rank of each contender over problems, and the ends of its 95 % bootstrap interval.

    A problem's rank is the mean over its cases; equal costs share the mean of their ranks, unsolved ones the last. The
    bootstrap draws problems, since cases of one problem are alike.
    """
    each = np.stack([_ranked(cases).mean(axis=0) for cases in needed])
    drawn = np.random.default_rng(BOOTSTRAP_SEED).integers(0, len(each), (RESAMPLES, len(each)))
    low, high = np.quantile(each[drawn].mean(axis=1), [0.025, 0.975], axis=0)
    return np.stack([each.mean(axis=0), low, high])


def results(board: Board, tau: float, *, tuning: bool = False) -> tuple[Result, ...]:
    """What came of each contender on one problem; the arguments are those of `costs`."""
    needed = costs(board, tau, tuning=tuning)
    solved = np.isfinite(needed).sum(axis=0)
    final, steps = np.median(board.final, axis=0), np.median(needed, axis=0)
    order = list(zip(steps.tolist(), (-solved).tolist(), strict=True))
    return tuple(
        Result(
            final=float(final[i]),
            steps=float(steps[i]),
            solved=int(solved[i]),
            broke_off=int(board.broke_off[:, i].sum()),
            first=bool(solved[i]) and order[i] == min(order),
        )
        for i in range(len(order))
    )


def columns(boards: Sequence[Board], tau: float, *, tuning: bool = False) -> dict[str, list[Any]]:
    """One row a problem and contender, by column; the arguments are those of `costs`."""
    found: dict[str, list[Any]] = {}
    for board in boards:
        labels = board.experiment.labels
        for label, spent, result in zip(labels, board.tuning, results(board, tau, tuning=tuning), strict=True):
            row = {
                "problem": board.experiment.problem,
                "contender": label,
                "cases": len(board.losses),
                "solved": result.solved,
                "median_steps": result.steps,
                "first": result.first,
                "median_final_loss": result.final,
                "broke_off": result.broke_off,
                "tuning_steps": int(spent),
            }
            for name, value in row.items():
                found.setdefault(name, []).append(value)
    return found


def to_csv(boards: Sequence[Board], tau: float, *, tuning: bool = False) -> str:
    """`columns` as text, numbers with all their digits; steps that were never enough, and a loss that broke off, are inf."""
    return csv_text(columns(boards, tau, tuning=tuning))


def _ranked(needed: Float[np.ndarray, "cases contenders"]) -> Float[np.ndarray, "cases contenders"]:
    less = (needed[:, None, :] < needed[:, :, None]).sum(axis=2)
    same = (needed[:, None, :] == needed[:, :, None]).sum(axis=2)
    return np.asarray(less + (same + 1) / 2)


@lru_cache(maxsize=64)
def _epoch(experiment: Experiment) -> int:
    """How many steps go once through all examples; 0 where every step sees all there is."""
    task = prepare(experiment, experiment.contenders[0], None)
    return task.batches.examples // task.batches.size if task.batches.size < task.batches.examples else 0


def _trailing(losses: Float[np.ndarray, "*runs entries"], window: int) -> Float[np.ndarray, "*runs entries"]:
    """The mean of each entry and those before it, so many in all; of the first ones those that there are."""
    if window < 2:
        return losses
    window = min(window, losses.shape[-1])
    begun = np.cumsum(losses[..., : window - 1], axis=-1) / np.arange(1, window)
    return np.concatenate([begun, np.lib.stride_tricks.sliding_window_view(losses, window, axis=-1).mean(axis=-1)], axis=-1)
