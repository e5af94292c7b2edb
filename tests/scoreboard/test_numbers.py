"""Costs, profiles and ranks, against cases worked out by hand and a plain loop."""

from __future__ import annotations

import math

import numpy as np
import pytest

from prodigy_core.experiment import Contender, Experiment
from prodigy_core.problems import PROBLEMS
from prodigy_core.scoreboard import SUITES, Board, board_of, costs, profile, ranks, ratios, sweeps
from prodigy_core.sweep import run

INF = np.inf
PAIR = (Contender("prodigy"), Contender("adam"))


def board(losses: list[list[list[float]]], problem: str = "sphere", tuning: tuple[float, ...] = (0.0, 0.0)) -> Board:
    found = np.array(losses)
    entries = 10.0 * np.arange(found.shape[2])
    return Board(Experiment(problem), int(entries[-1]), entries, found, np.array(tuning))


# --- costs ---------------------------------------------------------------------------------------------------------


def test_a_case_is_solved_at_the_first_entry_that_is_low_enough():
    made = board([[[100, 50, 0.1, 0], [100, 9, 20, 10]]])
    assert costs(made, 0.1).tolist() == [[20, 10]]
    assert costs(made, 1e-3).tolist() == [[20, INF]]
    assert costs(made, 1e-4).tolist() == [[30, INF]]


def test_where_no_minimum_is_known_the_best_of_all_stands_for_it():
    assert PROBLEMS["mlp"].minimum is None
    made = board([[[10, 6, 4, 4], [10, 8, 3, 2]], [[10, 10, 10, 10], [10, 10, 10, 9]]], "mlp")
    assert costs(made, 0.25).tolist() == [[20, 20], [INF, 30]]  # to 2 + 0.25 * 8 = 4, and to 9 + 0.25 * 1


def test_a_run_that_broke_off_has_solved_what_it_had():
    made = board([[[100, 0.05, math.nan, math.nan], [100, math.nan, math.nan, math.nan]]])
    assert costs(made, 1e-3).tolist() == [[10, INF]]


def test_tuning_counts_where_it_is_asked_for():
    made = board([[[100, 50, 0, 0], [100, 0, 0, 0]]], tuning=(0.0, 750.0))
    assert costs(made, 0.1).tolist() == [[20, 10]]
    assert costs(made, 0.1, tuning=True).tolist() == [[20, 760]]


# --- profiles ------------------------------------------------------------------------------------------------------


def test_ratios_are_to_the_best_of_each_case():
    needed = np.array([[10, 20], [30, INF], [INF, INF], [7, 7], [0, 5]])
    assert ratios(needed).tolist() == [[1, 2], [1, INF], [INF, INF], [1, 1], [1, 5]]


def test_a_profile_is_what_a_plain_loop_counts():
    generator = np.random.default_rng(0)
    needed = generator.integers(1, 200, (40, 3)).astype(float)
    needed[generator.random((40, 3)) < 0.2] = INF
    alphas = np.geomspace(1, 50, 9)
    found = profile(needed, alphas)
    for solver in range(3):
        for k, alpha in enumerate(alphas):
            count = sum(needed[p, solver] <= alpha * needed[p].min() and math.isfinite(needed[p, solver]) for p in range(40))
            assert found[solver, k] == count / 40
    assert (np.diff(found, axis=1) >= 0).all()


def test_one_contender_is_the_best_of_what_it_solves():
    assert profile(np.array([[3.0], [INF]]), np.array([1.0, 10.0])).tolist() == [[0.5, 0.5]]


# --- ranks ---------------------------------------------------------------------------------------------------------


def test_equal_costs_share_their_ranks():
    mean, low, high = ranks([np.array([[1.0, 2.0, 2.0]]), np.array([[INF, INF, 1.0]]), np.array([[5.0, 5.0, 5.0]])])
    np.testing.assert_allclose(mean, [(1 + 2.5 + 2) / 3, (2.5 + 2.5 + 2) / 3, (2.5 + 1 + 2) / 3])
    assert (low <= mean).all()
    assert (mean <= high).all()


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


# --- suites --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suite", list(SUITES))
def test_a_suite_is_a_sweep_for_each_problem(suite):
    made = sweeps(PAIR, SUITES[suite], 100)
    assert [sweep.experiment.problem for sweep in made] == list(SUITES[suite])
    for sweep in made:
        assert sweep.experiment.contenders == PAIR
        cases = math.prod(sweep.shape_of(0)) * len(sweep.seeds)
        assert cases >= 3, "one start says little"
        assert sweep.experiment.random or len(sweep.seeds) == 1


def test_a_board_has_what_its_sweep_found():
    (sweep,) = sweeps((Contender("adam"), Contender("tuned_adam", {"search_size": 3})), ("sphere",), 20)
    found = run(sweep.experiment, sweep.axes, sweep.seeds, entries=sweep.entries)
    made = board_of(found)
    assert made.losses.shape == (9, 2, 21)
    assert made.tuning.tolist() == [0, 60]
    np.testing.assert_array_equal(made.losses[5, 1], found.grids[1].traces["loss"][1, 2, 0])
    assert (costs(made, 1e-3)[:, 1] <= 20).any()
