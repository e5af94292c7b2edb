"""Contenders over a suite of problems: who needs how many steps, as performance profiles and ranks.

A case is a problem from one start, or with one seed. A contender has solved it once a part `tau` of the possible decrease is
left: f <= f_best + tau (f_start - f_best), where f_best is the known minimum, else the least loss that any contender reached
(Moré & Wild 2009, Benchmarking derivative-free optimization algorithms). The cost is the number of steps until then; where
the tuning counts, all runs that a search tried are added to it.

    suite = sweeps((Contender("prodigy"), Contender("tuned_adam")), SUITES["Plane"], steps=1000)
    solved = [problem_result(sweep.run(s.experiment, s.axes, s.seeds, entries=s.entries)) for s in suite]
    profile(np.concatenate([costs(problem, 1e-3, tuning=True) for problem in solved]), np.geomspace(1, 100, 50))
    ranks([costs(problem, 1e-3) for problem in solved])
    print(to_csv(solved, 1e-3))
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
# Names of the problems that may be in a suite: their losses are bounded below, and they need no formula.
SUITABLE = tuple(name for name, p in PROBLEMS.items() if name != OWN and (p.learning or p.minimum is not None))
STARTS = 3  # starts along each side of a function's domain in the plane
SEEDS = 3  # seeds of every other problem
ENTRIES = 250  # entries of each run's trace, which is the resolution of the steps
RESAMPLES = 2_000  # bootstrap samples
BOOTSTRAP_SEED = 0
SPREAD = 0.5  # half-width of the starts in many variables around the usual one


@dataclass(frozen=True, eq=False)
class ProblemResult:
    """The runs of all contenders on one problem.

    Attributes:
      experiment: the experiment of the first case, with the contenders.
      entries: the steps of the losses, (entries,).
      losses: (cases, contenders, entries), NaN from the entry at which a run broke off; for a model that learns in batches
        the mean over the last epoch, since a single batch may be an easy one.
      final: the loss after the last step, for a model over all its training examples, (cases, contenders); inf for a run that
        broke off.
      broke_off: whether a run broke off, (cases, contenders).
      tuning: the steps of a contender's search before each run, (contenders,).
    """

    experiment: Experiment
    entries: Float[np.ndarray, " entries"]
    losses: Float[np.ndarray, "cases contenders entries"]
    final: Float[np.ndarray, "cases contenders"]
    broke_off: Bool[np.ndarray, "cases contenders"]
    tuning: Float[np.ndarray, " contenders"]


@dataclass(frozen=True)
class ContenderResult:
    """The outcome of one contender on one problem.

    Attributes:
      final: the median of its final losses; inf if that of the median run is.
      steps: the median of its costs; inf if it solved fewer than half of the cases.
      solved, broke_off: the number of cases that it solved, and of those in which its run broke off.
      first: whether it solved a case, and no other has a lower median cost, or the same one and more solved cases.
    """

    final: float
    steps: float
    solved: int
    broke_off: int
    first: bool


# --- the suite -----------------------------------------------------------------------------------------------------


def sweeps(
    contenders: Sequence[Contender],
    problems: Sequence[str],
    steps: int,
    *,
    starts: int = STARTS,
    seeds: int = SEEDS,
    seed: int = 0,
) -> tuple[Sweep, ...]:
    """Return one sweep for each problem, with its usual settings.

    Args:
      contenders: the contenders with their hyperparameters.
      problems: names among `SUITABLE`.
      steps: the steps of every run.
      starts: a function of the plane has `starts` x `starts` starts, the crossings of so many lines along each side of its
        domain. The seed draws one line in each of as many equal strips, so that no symmetry makes two cases equal.
      seeds: the number of seeds of all other problems: for starts around the usual one, or a model's start and batches.
      seed: the first seed.

    Raises:
      ExperimentError: a problem is unknown, or the runs exceed the limits.
    """
    return tuple(_sweep(Experiment(name, contenders=tuple(contenders), steps=steps), starts, seeds, seed) for name in problems)


def _sweep(experiment: Experiment, starts: int, seeds: int, seed: int) -> Sweep:
    problem = experiment.definition
    entries = min(ENTRIES, experiment.steps + 1)
    if problem.domain is not None:
        return Sweep(experiment, start_axes(problem, starts, seed), (seed,), entries)
    if "start_spread" in experiment.settings:
        experiment = replace(experiment, settings={"start_spread": SPREAD})
    return Sweep(experiment, (), tuple(range(seed, seed + seeds)), entries)


def start_axes(problem: Problem, starts: int, seed: int) -> tuple[Axis, ...]:
    """Return the axes of the coordinates of `starts` x `starts` starts over the domain of a function of the plane.

    The seed draws one line in each of as many equal strips along each side. A sweep crosses its axes: pairs drawn freely would
    take a sweep each.
    """
    assert problem.domain is not None
    places = (np.arange(starts) + np.random.default_rng(seed).random((2, starts))) / starts
    return tuple(
        Axis(f"{START}{param.name}", tuple(round(float(low + (high - low) * place), 6) for place in coordinates))
        for param, (low, high), coordinates in zip(problem.start_params, problem.domain, places, strict=True)
    )


# --- the numbers ---------------------------------------------------------------------------------------------------


def problem_result(trace: SweepTrace) -> ProblemResult:
    """Return the result of a sweep of `sweeps` that has ended."""
    sweep, grids = trace.sweep, trace.grids
    experiment = sweep.at(0, (0,) * len(sweep.shape_of(0)))
    entries = grids[0].steps.astype(float)
    losses = np.stack([grid.traces["loss"].reshape(-1, entries.size) for grid in grids], axis=1)
    if entries.size > 1:
        losses = _trailing(losses, round(_epoch(experiment) / (entries[1] - entries[0])))
    tries = [float(np.nanmax(grid.metrics["tries"])) if "tries" in grid.metrics else 0.0 for grid in grids]
    return ProblemResult(
        experiment=experiment,
        entries=entries,
        losses=losses,
        final=np.stack([grid.metrics["final_loss"].ravel() for grid in grids], axis=1),
        broke_off=np.stack([grid.broke_off.ravel() for grid in grids], axis=1),
        tuning=experiment.steps * np.asarray(tries),
    )


def costs(problem: ProblemResult, tau: float, *, tuning: bool = False) -> Float[np.ndarray, "cases contenders"]:
    """Return the steps until each case was solved, (cases, contenders); inf if it never was.

    Args:
      problem: the runs on one problem.
      tau: the part of the possible decrease that may be left, in (0, 1).
      tuning: whether the steps of a search count too.
    """
    losses = np.where(np.isfinite(problem.losses), problem.losses, np.inf)
    minimum = problem.experiment.definition.minimum
    best = np.full(len(losses), minimum) if minimum is not None else losses.min(axis=(1, 2))
    start = losses[:, :, 0].min(axis=1)
    target = np.full(len(losses), -np.inf)  # unreachable: the target of a case without a finite loss at its start
    fine = np.isfinite(start)
    target[fine] = best[fine] + tau * (start[fine] - best[fine])
    solved = losses <= target[:, None, None]
    first = problem.entries[solved.argmax(axis=2)]
    needed = np.where(solved.any(axis=2), first, np.inf)
    return needed + problem.tuning if tuning else needed


def ratios(needed: Float[np.ndarray, "cases contenders"]) -> Float[np.ndarray, "cases contenders"]:
    """Return each cost as a multiple of the case's lowest; inf if the case was not solved. A cost of 0 counts as 1."""
    best = needed.min(axis=1, keepdims=True)
    multiples = np.full(needed.shape, np.inf)
    np.divide(np.maximum(needed, 1), np.maximum(best, 1), out=multiples, where=np.isfinite(needed))
    return multiples


def profile(
    needed: Float[np.ndarray, "cases contenders"], alphas: Float[np.ndarray, " alphas"]
) -> Float[np.ndarray, "contenders alphas"]:
    """Return the share of all cases that each contender solved within alpha times the lowest cost (Dolan & Moré 2002)."""
    return np.asarray((ratios(needed)[:, :, None] <= alphas).mean(axis=0))


def ranks(needed: Sequence[Float[np.ndarray, "cases contenders"]]) -> Float[np.ndarray, "3 contenders"]:
    """Return the mean rank of each contender over problems, and the ends of its 95 % bootstrap interval.

    A problem's rank is the mean over its cases; equal costs share the mean of their ranks, unsolved ones the last. The
    bootstrap draws problems, since cases of one problem are alike.
    """
    per_problem = np.stack([_ranked(cases).mean(axis=0) for cases in needed])
    samples = np.random.default_rng(BOOTSTRAP_SEED).integers(0, len(per_problem), (RESAMPLES, len(per_problem)))
    low, high = np.quantile(per_problem[samples].mean(axis=1), [0.025, 0.975], axis=0)
    return np.stack([per_problem.mean(axis=0), low, high])


def results(problem: ProblemResult, tau: float, *, tuning: bool = False) -> tuple[ContenderResult, ...]:
    """Return the outcome of each contender on one problem; the arguments are those of `costs`."""
    needed = costs(problem, tau, tuning=tuning)
    solved = np.isfinite(needed).sum(axis=0)
    final, steps = np.median(problem.final, axis=0), np.median(needed, axis=0)
    order = list(zip(steps.tolist(), (-solved).tolist(), strict=True))
    return tuple(
        ContenderResult(
            final=float(final[i]),
            steps=float(steps[i]),
            solved=int(solved[i]),
            broke_off=int(problem.broke_off[:, i].sum()),
            first=bool(solved[i]) and order[i] == min(order),
        )
        for i in range(len(order))
    )


def columns(problems: Sequence[ProblemResult], tau: float, *, tuning: bool = False) -> dict[str, list[Any]]:
    """Return a table by column, a row for each problem and contender; the arguments are those of `costs`."""
    table: dict[str, list[Any]] = {}
    for problem in problems:
        labels = problem.experiment.labels
        for label, tuning_steps, result in zip(labels, problem.tuning, results(problem, tau, tuning=tuning), strict=True):
            row = {
                "problem": problem.experiment.problem,
                "contender": label,
                "cases": len(problem.losses),
                "solved": result.solved,
                "median_steps": result.steps,
                "first": result.first,
                "median_final_loss": result.final,
                "broke_off": result.broke_off,
                "tuning_steps": int(tuning_steps),
            }
            for name, value in row.items():
                table.setdefault(name, []).append(value)
    return table


def to_csv(problems: Sequence[ProblemResult], tau: float, *, tuning: bool = False) -> str:
    """Return `columns` as CSV, numbers with all their digits; the steps of unsolved and the losses of broken cases are inf."""
    return csv_text(columns(problems, tau, tuning=tuning))


def _ranked(needed: Float[np.ndarray, "cases contenders"]) -> Float[np.ndarray, "cases contenders"]:
    less = (needed[:, None, :] < needed[:, :, None]).sum(axis=2)
    same = (needed[:, None, :] == needed[:, :, None]).sum(axis=2)
    return np.asarray(less + (same + 1) / 2)


@lru_cache(maxsize=64)
def _epoch(experiment: Experiment) -> int:
    """Return the steps of one epoch; 0 if every step uses all examples."""
    prepared = prepare(experiment, experiment.contenders[0], None)
    batches = prepared.batches
    return batches.examples // batches.size if batches.size < batches.examples else 0


def _trailing(losses: Float[np.ndarray, "*runs entries"], window: int) -> Float[np.ndarray, "*runs entries"]:
    """Return the mean of each entry and those before it, `window` in all; for the first entries of all so far."""
    if window < 2:
        return losses
    window = min(window, losses.shape[-1])
    begun = np.cumsum(losses[..., : window - 1], axis=-1) / np.arange(1, window)
    return np.concatenate([begun, np.lib.stride_tricks.sliding_window_view(losses, window, axis=-1).mean(axis=-1)], axis=-1)
