"""Costs, profiles, ranks and results, compared with cases computed by hand and plain loops."""

from __future__ import annotations

import csv
import io
import math

import numpy as np
import pytest

from prodigy_core.experiment import Contender, Experiment, ExperimentError
from prodigy_core.problems import PROBLEMS
from prodigy_core.scoreboard import (
    SUITABLE,
    SUITES,
    ProblemResult,
    columns,
    costs,
    problem_result,
    profile,
    ranks,
    ratios,
    results,
    sweeps,
    to_csv,
)
from prodigy_core.sweep.runner import run

INF = np.inf
PAIR = (Contender("prodigy"), Contender("adam"))


def result_of(cases: list[list[list[float]]], problem: str = "sphere", tuning: tuple[float, ...] = (0.0, 0.0)) -> ProblemResult:
    losses = np.array(cases)
    broke_off = np.isnan(losses[:, :, -1])
    entries = 10.0 * np.arange(losses.shape[2])
    final = np.where(broke_off, np.inf, losses[:, :, -1])
    return ProblemResult(Experiment(problem, steps=int(entries[-1])), entries, losses, final, broke_off, np.array(tuning))


# --- costs ---------------------------------------------------------------------------------------------------------


def test_a_case_is_solved_at_the_first_entry_that_is_low_enough():
    problem = result_of([[[100, 50, 0.1, 0], [100, 9, 20, 10]]])
    assert costs(problem, 0.1).tolist() == [[20, 10]]
    assert costs(problem, 1e-3).tolist() == [[20, INF]]
    assert costs(problem, 1e-4).tolist() == [[30, INF]]


def test_the_possible_decrease_ends_at_the_known_minimum():
    assert PROBLEMS["goldstein_price"].minimum == 3
    assert costs(result_of([[[103, 13.5, 12.5, 3]] * 2], "goldstein_price"), 0.1).tolist() == [[20, 20]]


def test_where_no_minimum_is_known_the_best_of_all_stands_for_it():
    assert PROBLEMS["mlp"].minimum is None
    problem = result_of([[[10, 6, 4, 4], [10, 8, 3, 2]], [[10, 10, 10, 10], [10, 10, 10, 9]]], "mlp")
    assert costs(problem, 0.25).tolist() == [[20, 20], [INF, 30]]  # to 2 + 0.25 * 8 = 4, and to 9 + 0.25 * 1


def test_a_run_that_broke_off_has_solved_what_it_had():
    problem = result_of([[[100, 0.05, math.nan, math.nan], [100, math.nan, math.nan, math.nan]]])
    assert costs(problem, 1e-3).tolist() == [[10, INF]]


def test_who_begins_at_the_minimum_has_nothing_to_do():
    assert costs(result_of([[[0, 0], [0, 5]]]), 1e-3).tolist() == [[0, 0]]


def test_nobody_solves_what_has_no_finite_loss():
    nothing = [math.inf, math.nan]
    assert costs(result_of([[nothing, nothing]]), 1e-3).tolist() == [[INF, INF]]
    assert costs(result_of([[nothing, nothing]], "mlp"), 1e-3).tolist() == [[INF, INF]]


def test_tuning_counts_where_it_is_asked_for():
    problem = result_of([[[100, 50, 0, 0], [100, 0, 0, 0]], [[100, 50, 0, 0], [100, 100, 100, 100]]], tuning=(0.0, 750.0))
    assert costs(problem, 0.1).tolist() == [[20, 10], [20, INF]]
    assert costs(problem, 0.1, tuning=True).tolist() == [[20, 760], [20, INF]]


# --- profiles ------------------------------------------------------------------------------------------------------


def test_ratios_are_to_the_best_of_each_case():
    needed = np.array([[10, 20], [30, INF], [INF, INF], [7, 7], [0, 5]])
    assert ratios(needed).tolist() == [[1, 2], [1, INF], [INF, INF], [1, 1], [1, 5]]


def random_costs() -> np.ndarray:
    generator = np.random.default_rng(0)
    needed = generator.integers(1, 30, (40, 3)).astype(float)
    needed[generator.random((40, 3)) < 0.2] = INF
    needed[3] = INF
    needed[4] = 7
    return needed


def test_a_profile_is_what_a_plain_loop_counts():
    needed = random_costs()
    alphas = np.geomspace(1, 50, 9)
    shares = profile(needed, alphas)
    for solver in range(3):
        for k, alpha in enumerate(alphas):
            count = sum(needed[p, solver] <= alpha * needed[p].min() and math.isfinite(needed[p, solver]) for p in range(40))
            assert shares[solver, k] == count / 40
    assert (np.diff(shares, axis=1) >= 0).all()


def test_one_contender_is_the_best_of_what_it_solves():
    assert profile(np.array([[3.0], [INF]]), np.array([1.0, 10.0])).tolist() == [[0.5, 0.5]]


def test_where_nobody_solves_anything_all_stay_at_nothing():
    assert profile(np.full((3, 2), INF), np.array([1.0, 1e9])).tolist() == [[0, 0], [0, 0]]


# --- ranks ---------------------------------------------------------------------------------------------------------


def plain_rank(costs_of_case: np.ndarray, i: int) -> float:
    """The mean of the places that contenders with this cost take in the order."""
    order = sorted(costs_of_case.tolist())
    places = [place for place, cost in enumerate(order, 1) if cost == costs_of_case[i]]
    return sum(places) / len(places)


def test_equal_costs_share_their_ranks():
    mean, low, high = ranks([np.array([[1.0, 2.0, 2.0]]), np.array([[INF, INF, 1.0]]), np.array([[5.0, 5.0, 5.0]])])
    np.testing.assert_allclose(mean, [(1 + 2.5 + 2) / 3, (2.5 + 2.5 + 2) / 3, (2.5 + 1 + 2) / 3])
    assert (low <= mean).all()
    assert (mean <= high).all()


def test_ranks_are_what_a_plain_loop_finds():
    needed = random_costs()
    problems = [needed[:9], needed[9:12], needed[12:]]
    wanted = [np.mean([np.mean([plain_rank(case, i) for case in cases]) for cases in problems]) for i in range(3)]
    np.testing.assert_allclose(ranks(problems)[0], wanted)


def test_the_interval_is_that_of_a_plain_bootstrap_over_problems():
    generator = np.random.default_rng(3)
    needed = [generator.random((4, 2)) for _ in range(12)]
    each = np.array([[1 + np.mean(cases[:, i] > cases[:, 1 - i]) for i in range(2)] for cases in needed])
    mean, low, high = ranks(needed)
    np.testing.assert_allclose(mean, each.mean(axis=0))
    draws = np.array([each[np.random.default_rng(seed).integers(0, 12, 12)].mean(axis=0) for seed in range(4000)])
    np.testing.assert_allclose([low, high], np.quantile(draws, [0.025, 0.975], axis=0), atol=0.04)


def test_one_problem_has_no_spread():
    mean, low, high = ranks([np.array([[1.0, 2.0]])])
    assert mean.tolist() == low.tolist() == high.tolist() == [1, 2]


# --- results -------------------------------------------------------------------------------------------------------


def test_a_result_has_the_medians_and_who_broke_off():
    nan = math.nan
    problem = result_of([[[100, 0, 0], [100, 100, 40]], [[100, 0, 2], [100, nan, nan]], [[100, 100, 4], [100, nan, nan]]])
    ours, theirs = results(problem, 0.1)
    assert (ours.final, ours.steps, ours.solved, ours.broke_off, ours.first) == (2, 10, 3, 0, True)
    assert (theirs.final, theirs.steps, theirs.solved, theirs.broke_off, theirs.first) == (INF, INF, 0, 2, False)


def test_who_is_first_may_be_several_or_nobody():
    def first(*cases: list[list[float]], **given: bool) -> list[bool]:
        return [result.first for result in results(result_of(list(cases), tuning=(0.0, 30.0)), 0.1, **given)]

    quick, slow, never = [100.0, 0.0, 0.0], [100.0, 100.0, 0.0], [100.0, 100.0, 100.0]
    assert first([quick, slow]) == [True, False]
    assert first([quick, quick]) == [True, True]
    assert first([quick, quick], tuning=True) == [True, False]
    assert first([quick, slow], [slow, quick]) == [True, True]
    assert first([never, never]) == [False, False]
    assert first([never, never], [never, slow]) == [False, True]


def test_the_csv_has_a_row_for_each_problem_and_contender():
    problems = [result_of([[[100, 50, 0], [100, 100, 100]]]), result_of([[[10, 5, 0], [10, 0, 0]]], "booth", (0.0, 25.0))]
    rows = list(csv.DictReader(io.StringIO(to_csv(problems, 0.1, tuning=True))))
    assert [(row["problem"], row["contender"]) for row in rows] == [
        (problem, contender) for problem in ("sphere", "booth") for contender in ("Prodigy", "Adam")
    ]
    assert [row["median_steps"] for row in rows] == ["20.0", "inf", "20.0", "35.0"]
    assert [row["first"] for row in rows] == ["True", "False", "True", "False"]
    assert [row["median_final_loss"] for row in rows] == ["0.0", "100.0", "0.0", "0.0"]
    assert [row["tuning_steps"] for row in rows] == ["0", "0", "0", "25"]
    assert list(columns(problems, 0.1)) == list(rows[0])


# --- suites --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suite", list(SUITES))
def test_a_suite_is_a_sweep_for_each_problem(suite):
    suite_sweeps = sweeps(PAIR, SUITES[suite], 100)
    assert [sweep.experiment.problem for sweep in suite_sweeps] == list(SUITES[suite])
    assert set(SUITES[suite]) <= set(SUITABLE)
    for sweep in suite_sweeps:
        assert sweep.experiment.contenders == PAIR
        cases = math.prod(sweep.shape_of(0)) * len(sweep.seeds)
        assert cases >= 3, "one start says little"
        assert sweep.experiment.random or len(sweep.seeds) == 1


def test_every_suitable_problem_can_be_run():
    assert len(SUITABLE) > 50
    assert not {"formula", "monkey_saddle"} & set(SUITABLE)
    assert len(sweeps(PAIR, SUITABLE, 10)) == len(SUITABLE)


def test_starts_lie_in_the_domain_apart_and_come_from_the_seed():
    """On a grid about the middle four corners of a sphere would be one case four times, and its middle none."""
    (sweep,) = sweeps(PAIR, ("sphere",), 10, starts=4, seed=1)
    x, y = (np.array(axis.values) for axis in sweep.axes)
    domain = PROBLEMS["sphere"].domain
    assert domain is not None
    low, high = domain[0]
    for along in (x, y):
        assert np.floor(4 * (along - low) / (high - low)).tolist() == [0, 1, 2, 3], "one in each strip"
    distances = np.hypot.outer(x, y).ravel()
    assert np.diff(np.sort(distances)).min() > 1e-3
    assert sweeps(PAIR, ("sphere",), 10, starts=4, seed=1) == (sweep,)
    assert sweeps(PAIR, ("sphere",), 10, starts=4, seed=2)[0].axes != sweep.axes


def test_seeds_are_those_from_the_first_one_on():
    suite_sweeps = sweeps(PAIR, ("quadratic_nd", "mlp"), 10, seeds=4, seed=7)
    assert [sweep.seeds for sweep in suite_sweeps] == [(7, 8, 9, 10)] * 2


def test_a_problem_that_is_not_known_is_told_with_the_nearest():
    with pytest.raises(ExperimentError, match="'booth'"):
        sweeps(PAIR, ("boot",), 10)


# --- results of a sweep -----------------------------------------------------------------------------------------------


def test_the_result_of_a_sweep_has_its_losses():
    (sweep,) = sweeps((Contender("adam"), Contender("tuned_adam", {"search_size": 3})), ("sphere",), 20)
    trace = run(sweep.experiment, sweep.axes, sweep.seeds, entries=sweep.entries)
    problem = problem_result(trace)
    assert problem.losses.shape == (9, 2, 21)
    assert problem.tuning.tolist() == [0, 60]
    np.testing.assert_array_equal(problem.losses[5, 1], trace.grids[1].traces["loss"][1, 2, 0])
    assert problem.final[5, 1] == trace.grids[1].metrics["final_loss"][1, 2, 0]
    assert not problem.broke_off.any()
    assert problem.experiment == sweep.at(0, (0, 0)), "its race is one that was counted"


def test_a_search_costs_all_its_tries_and_then_the_run():
    (sweep,) = sweeps((Contender("adam"), Contender("tuned_adam", {"search_size": 3})), ("sphere",), 20)
    problem = problem_result(run(sweep.experiment, sweep.axes, sweep.seeds, entries=sweep.entries))
    free, counted = costs(problem, 0.5), costs(problem, 0.5, tuning=True)
    assert np.isfinite(free[:, 1]).any()
    assert (counted[:, 0] == free[:, 0]).all()
    assert (counted[:, 1] == 3 * 20 + free[:, 1]).all()


def test_a_scout_costs_a_run_of_its_own():
    (sweep,) = sweeps((Contender("adam"), Contender("adam_at_d")), ("sphere",), 20)
    assert problem_result(run(sweep.experiment, sweep.axes, sweep.seeds, entries=sweep.entries)).tuning.tolist() == [0, 20]


def test_losses_of_batches_are_means_over_an_epoch():
    """The least of some hundred batches is the luck of one batch, not how far a model has come."""
    (sweep,) = sweeps((Contender("adam"),), ("logistic_regression",), 30, seeds=2)
    trace = run(sweep.experiment, sweep.axes, sweep.seeds, entries=sweep.entries)
    problem = problem_result(trace)
    raw = trace.grids[0].traces["loss"]
    epoch = 455 // 64  # four fifths of the 569 patients
    for seed in range(2):
        for k in range(30):
            wanted = raw[seed, max(0, k + 1 - epoch) : k + 1].mean()
            assert problem.losses[seed, 0, k] == pytest.approx(wanted, rel=1e-6)
    np.testing.assert_array_equal(problem.final[:, 0], trace.grids[0].metrics["final_loss"])
