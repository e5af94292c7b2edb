"""Contenders over a suite of problems: who needs how many steps, as performance profiles and ranks.

A case is a problem from one start, or with one seed. A contender has solved it once its loss has fallen by all but a part
`tau` of what there was to fall: f <= f_best + tau (f_start - f_best), where f_best is the known minimum, else the least loss
that any contender reached (Moré & Wild 2009, Benchmarking derivative-free optimization algorithms). The cost is the number
of steps until then.

    suite = sweeps((Contender("prodigy"), Contender("tuned_adam")), SUITES["Plane"], steps=1000)
    found = [board_of(sweep.run(s.experiment, s.axes, s.seeds, entries=s.entries)) for s in suite]
    profile(np.concatenate([costs(each, 1e-3, tuning=True) for each in found]), np.geomspace(1, 100, 50))
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from jaxtyping import Float

from prodigy_core.axes import Axis, Sweep
from prodigy_core.experiment import Contender, Experiment
from prodigy_core.problems import PROBLEMS, Problem
from prodigy_core.sweeptrace import SweepTrace

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
SIDE = 3  # starts along each side of a function's domain
INSIDE = 0.1  # of the domain's width: how far the outer starts are from its edge
SEEDS = {"space": 5, "model": 3}
ENTRIES = 250  # of each run's trace: steps are counted no finer
RESAMPLES = 2_000
BOOTSTRAP_SEED = 0
SPREAD = 0.5  # of the starts in many variables, where the problem itself has none


@dataclass(frozen=True, eq=False)
class Board:
    """What came of one problem.

    Attributes:
      experiment: with its contenders.
      steps: how many the runs had.
      entries: after how many steps the losses stand, (entries,).
      losses: (cases, contenders, entries), NaN from where a run broke off.
      tuning: steps that a contender's search took before each run, (contenders,).
    """

    experiment: Experiment
    steps: int
    entries: Float[np.ndarray, " entries"]
    losses: Float[np.ndarray, "cases contenders entries"]
    tuning: Float[np.ndarray, " contenders"]


def sweeps(contenders: Sequence[Contender], problems: Sequence[str], steps: int, seed: int = 0) -> tuple[Sweep, ...]:
    """One sweep for each problem, in its usual settings: from a grid of starts, or with several seeds."""
    return tuple(_sweep(PROBLEMS[name], tuple(contenders), steps, seed) for name in problems)


def board_of(found: SweepTrace) -> Board:
    """The results of one sweep of `sweeps`."""
    losses = [grid.traces["loss"].reshape(-1, grid.steps.size) for grid in found.grids]
    steps = found.sweep.experiment.steps
    tuning = [steps * float(np.nanmax(grid.metrics["tries"])) if "tries" in grid.metrics else 0.0 for grid in found.grids]
    entries = found.grids[0].steps.astype(float)
    return Board(found.sweep.experiment, steps, entries, np.stack(losses, axis=1), np.asarray(tuning))


def costs(board: Board, tau: float, *, tuning: bool = False) -> Float[np.ndarray, "cases contenders"]:
    """Steps until a case was solved; inf where it never was.

    Args:
      board: of one problem.
      tau: the part of what there was to fall that may be left, in (0, 1).
      tuning: whether the steps of a search count too.
    """
    losses = np.where(np.isfinite(board.losses), board.losses, np.inf)
    known = board.experiment.entry.minimum
    best = np.full(len(losses), known) if known is not None else losses.min(axis=(1, 2))
    start = losses[:, :, 0].min(axis=1)
    target = best + tau * (start - best)
    solved = losses <= target[:, None, None]
    first = board.entries[solved.argmax(axis=2)]
    needed = np.where(solved.any(axis=2), first, np.inf)
    return needed + board.tuning if tuning else needed


def ratios(needed: Float[np.ndarray, "cases contenders"]) -> Float[np.ndarray, "cases contenders"]:
    """Each cost as a multiple of the case's best; inf where a case was not solved, 1 where nothing was to be done."""
    best = needed.min(axis=1, keepdims=True)
    found = np.full(needed.shape, np.inf)
    fine = np.isfinite(needed)
    np.divide(np.maximum(needed, 1), np.maximum(best, 1), out=found, where=fine)
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


def _ranked(needed: Float[np.ndarray, "cases contenders"]) -> Float[np.ndarray, "cases contenders"]:
    less = (needed[:, None, :] < needed[:, :, None]).sum(axis=2)
    same = (needed[:, None, :] == needed[:, :, None]).sum(axis=2)
    return np.asarray(less + (same + 1) / 2)


def _sweep(problem: Problem, contenders: tuple[Contender, ...], steps: int, seed: int) -> Sweep:
    settings: dict[str, float] = {}
    if problem.domain is None and any(param.name == "start_spread" for param in problem.settings):
        settings["start_spread"] = SPREAD
    experiment = Experiment(problem.name, contenders=contenders, steps=steps, settings=settings, seed=seed)
    axes: tuple[Axis, ...] = ()
    if problem.domain is not None:
        sides = [np.linspace(low + INSIDE * (high - low), high - INSIDE * (high - low), SIDE) for low, high in problem.domain]
        axes = tuple(
            Axis(f"start.{name}", tuple(round(float(x), 6) for x in side)) for name, side in zip("xy", sides, strict=True)
        )
    seeds = tuple(range(seed, seed + SEEDS.get(problem.family, 1)))
    return Sweep(experiment, axes, seeds, min(ENTRIES, steps + 1))
