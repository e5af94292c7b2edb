"""The checker: what it measures, and that it can fail."""

from __future__ import annotations

import math

import numpy as np
import pytest

from app.lessons import MEASURES, Lesson, Race, check
from app.lessons import __main__ as command
from app.lessons.checking import REDUCE, Runs
from app.lessons.claims import Range
from app.lessons.measures import Detail
from app.lessons.reading import read_lesson
from prodigy_core import engine
from prodigy_core.experiment import Contender, Experiment

from .samples import LESSON

BOOTH = Experiment("booth", contenders=(Contender("prodigy"), Contender("adam")), steps=300)


def _lesson(claim: str) -> Lesson:
    old = 'measure = "D"\nbetween = [1.4, 1.6]'
    assert old in LESSON
    return read_lesson("small", LESSON.replace(old, claim), {})["en"]


def _outcome(claim: str, runs: Runs, shift: int = 0):
    lesson = _lesson(claim)
    return check(lesson, lesson.claims[0], runs, shift)


# A claim that holds, and the same with a range that is wrong.
CLAIMS = [
    ('measure = "D"', "between = [1.4, 1.6]", "at_most = 1.4"),
    ('measure = "D_of_distance"', "between = [0.45, 0.55]", "above = 0.55"),
    ('measure = "arrives"', "equals = true", "equals = false"),
    ('measure = "arrives"\ncontender = 1', "equals = false", "equals = true"),
    ('measure = "status"', 'equals = "finished"', 'equals = "diverged"'),
    ('measure = "finding"\nnamed = "too_slow"\ncontender = 1', "equals = true", "equals = false"),
    ('measure = "hyperparameter"\nnamed = "estim_lr0"', "equals = 1e-6", "equals = 1e-5"),
    ('measure = "coordinate"\ncoordinate = 1', "between = [2.9, 3.1]", "below = 2.9"),
    ('measure = "D"\nat = 0.1', "below = 0.1", "at_least = 0.1"),
    ('measure = "steps_to_part_of_D"\npart = 0.5', "between = [25, 40]", "above = 40"),
    ('measure = "falls_of_D"', "equals = 0", "above = 0"),
    ('measure = "loss_left"\ncontender = 1', "between = [0.5, 0.99]", "at_least = 1"),
    ('measure = "loss"\ndivided_by = { contender = 1 }', "at_most = 1e-3", "at_least = 1e-3"),
    ('measure = "D"\nminus = { at = 10 }', "at_least = 1", "at_most = 1"),
    ('measure = "arrives"\nstarts = 3', "equals = true", "equals = false"),
    ('measure = "arrives"\nstarts = 3', "equals = true\nshare = { at_least = 1 }", "equals = true\nshare = { at_most = 0.9 }"),
    ('measure = "arrives"\nstarts = 3', "equals = true\ncount = { at_least = 9 }", "equals = true\ncount = { below = 9 }"),
    ('measure = "D"\nstarts = 3\nreduce = "spread"', "above = 1.5", "below = 1.5"),
    ('measure = "D"\nvary = [{ knob = "estim_lr0", values = [1e-8, 1e-4] }]', "between = [1.3, 1.7]", "above = 1.7"),
    (
        'measure = "arrives"\ncontender = 1\nproblems = ["booth", "beale"]\n'
        'given = { knob = "learning_rate", contender = 0 }',
        "equals = true",
        "equals = false",
    ),
    ('measure = "arrives"\ncontenders = [0, 1]', "equals = true\nshare = { at_least = 0 }", "equals = true"),
]  # fmt: skip


@pytest.mark.parametrize("claim, right, wrong", CLAIMS, ids=[claim.replace("\n", ", ")[:70] for claim, *_ in CLAIMS])
def test_a_claim_holds_and_with_a_wrong_range_fails(claim, right, wrong, runs):
    """A checker that cannot fail would let every lesson pass."""
    assert _outcome(f"{claim}\n{right}", runs).holds
    assert not _outcome(f"{claim}\n{wrong}", runs).holds


def test_the_failure_says_what_was_measured(runs):
    sentence = _outcome('measure = "D"\nat_most = 1.4', runs).sentence
    assert "D is about 1.5" in sentence
    assert "wanted at most 1.4" in sentence
    assert "1.5" in sentence.partition("wanted")[0]


def test_nan_is_in_no_range():
    assert not Range().holds(math.nan)
    assert Range(high=3, below_high=True).holds(2.9)
    assert not Range(high=3, below_high=True).holds(3)
    assert not Range(low=3, above_low=True).holds(3)


def test_a_measure_that_a_run_has_not_fails(runs):
    """Adam has no D."""
    assert not _outcome('measure = "D"\ncontender = 1\nat_least = -1e300', runs).holds


@pytest.mark.parametrize("name", [name for name, measure in MEASURES.items() if measure.column])
def test_a_sweep_and_a_trace_measure_the_same(name, runs):
    """A claim over one run and one over many would else speak of two things."""
    detail = Detail(named="validation_accuracy") if name == "metric" else Detail()
    experiment = Experiment("logistic_regression", contenders=(Contender("prodigy"),), steps=40) if name == "metric" else BOOTH
    alone = Experiment(experiment.problem, contenders=experiment.contenders[:1], steps=experiment.steps)
    measure = MEASURES[name]
    by_sweep = measure.finish(float(runs.grid(alone, (), (0,)).metrics[measure.column_of(detail)].ravel()[0]), alone)
    by_trace = measure.value(Race(alone, engine.run(alone)), 0, detail)
    np.testing.assert_allclose(by_sweep, by_trace, rtol=1e-9, atol=1e-12)


def test_runs_are_made_once(runs, monkeypatch):
    """All claims together must stay within a minute."""
    claim = 'measure = "arrives"\nstarts = 3\nequals = true'
    _outcome(claim, runs)
    monkeypatch.setattr("prodigy_core.sweep.run", None)
    monkeypatch.setattr("prodigy_core.engine.run_contender", None)
    assert _outcome(claim, runs).holds


def test_seeds_and_starts_can_be_others(runs):
    """A claim is tried on seeds that did not choose its numbers."""
    first, second = (_outcome('measure = "D"\nstarts = 2\nat_least = 0', runs, shift).values for shift in (0, 300))
    assert first.shape == second.shape == (1, 1, 1, 4, 1)
    assert not (first == second).any()


@pytest.mark.parametrize("holds", [True, False])
def test_the_command_prints_what_was_measured(holds, monkeypatch, capsys):
    """Who writes a lesson sees the numbers before the text says them."""
    lesson = _lesson(f'measure = "D"\nat_{"most" if holds else "least"} = 1.6')
    monkeypatch.setattr(command, "lessons", lambda: {"small": {"en": lesson}})
    assert command.main(["small", "--texts"]) == int(not holds)
    printed = capsys.readouterr().out
    assert f"{'holds' if holds else 'FAILS'} small: D is about 1.5" in printed
    assert "D ended at 1.52" in printed


@pytest.mark.parametrize(
    "reduction, numbers",
    [("median", [3, 30]), ("mean", [3.5, 35]), ("smallest", [1, 10]), ("largest", [8, 80]), ("spread", [8, 8])],
)
def test_a_reduction_makes_one_number_of_the_runs_of_each_problem(reduction, numbers):
    runs = np.array([[1.0, 2, 4], [8, 2, 4]])  # two values of a hyperparameter, three seeds
    values = np.stack([runs, 10 * runs])[:, None, :, None, :]
    assert REDUCE[reduction](values).ravel().tolist() == numbers
